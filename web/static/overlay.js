// Drawing on the picture: areas, lines and points that fingers, mice and arrow keys move.
// All coordinates are shares of the picture, 0 to 1.

import { h } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";
const STEP = 0.005;

const stage = document.getElementById("stage");
const lines = document.getElementById("lines");
const handles = document.getElementById("handles");

const clamp = (n) => Math.min(1, Math.max(0, n));
const path = (points, closed) =>
  `M${points.map(([x, y]) => `${x} ${y}`).join("L")}${closed ? "Z" : ""}`;

function place(event) {
  const box = stage.getBoundingClientRect();
  return [clamp((event.clientX - box.left) / box.width), clamp((event.clientY - box.top) / box.height)];
}

/** Draw shapes: [{points, kind, closed}]. */
export function draw(shapes) {
  lines.replaceChildren(...shapes.map(({ points, kind, closed }) => {
    const line = document.createElementNS(SVG, "path");
    line.setAttribute("class", kind);
    line.setAttribute("d", path(points, closed));
    return line;
  }));
}

/** Mark points that are not moved. */
export function dots(points) {
  handles.replaceChildren(...points.map(([x, y]) => {
    const dot = h("span", { class: "dot" });
    dot.style.left = `${100 * x}%`;
    dot.style.top = `${100 * y}%`;
    return dot;
  }));
}

/**
 * Show points to move.
 * @param {Array<{at: number[], label: string, mark?: string}>} points
 * @param {(index: number, at: number[]) => void} onMove is called while one moves
 * @param {(index: number) => void} onEnd is called when one has been moved
 */
export function grips(points, onMove, onEnd) {
  handles.replaceChildren(...points.map((point, index) => grip(point, index, onMove, onEnd)));
}

function grip({ at, label, mark }, index, onMove, onEnd) {
  const button = h("button", { type: "button", class: "handle", "aria-label": label }, mark ? h("span", {}, mark) : null);
  let [x, y] = at;
  const show = () => {
    button.style.left = `${100 * x}%`;
    button.style.top = `${100 * y}%`;
  };
  const move = (nextX, nextY) => {
    [x, y] = [clamp(nextX), clamp(nextY)];
    show();
    onMove(index, [x, y]);
  };
  button.addEventListener("pointerdown", (event) => {
    button.setPointerCapture(event.pointerId);
    event.preventDefault();
    button.focus();
  });
  button.addEventListener("pointermove", (event) => {
    if (button.hasPointerCapture(event.pointerId)) move(...place(event));
  });
  button.addEventListener("pointerup", () => onEnd(index));
  button.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!way) return;
    event.preventDefault();
    move(x + way[0] * STEP, y + way[1] * STEP);
    onEnd(index);
  });
  show();
  return button;
}

/** Call with the place of every tap on the picture that is not on a handle; null for none. */
export function onTap(listener) {
  stage.onpointerdown = listener && ((event) => {
    if (event.target.closest(".handle")) return;
    listener(place(event));
  });
}
