// Calibrating one camera: the picture, the steps, and what each step is about.

import { at } from "./base.js";
import { follow } from "./calibrate_picture.js";
import { STEPS } from "./calibrate_steps.js";
import { h } from "./dom.js";
import { isUnsaved } from "./drafts.js";
import { get, post } from "./live.js";
import { draw, grips, onTap } from "./overlay.js";

const part = (id) => document.getElementById(id);
const name = document.body.dataset.camera;
const base = `/api/cameras/${encodeURIComponent(name)}`;
const LIVE_MS = 700;
/** Identifies this page among those that follow the camera; `randomUUID` needs HTTPS. */
const page = crypto.getRandomValues(new Uint32Array(4)).join("-");

let state = null;
let step = null;
const picture = follow(name, () => step?.refresh?.(desk));

/** What steps may use. */
const desk = {
  get state() { return state; },
  get view() { return picture.view; },
  /** Stands for the picture on the page; empty while masks cannot be confirmed on it. */
  get shown() { return picture.token; },
  /** Whether there is a picture to draw on. */
  get seen() { return picture.seen; },
  showProblem(error) {
    part("problem").textContent = error ? error.message : "";
    part("problem").hidden = !error;
  },
  /** Send to a step's address, then show the new state; answers null where it was refused. */
  async send(address, data, button) {
    if (button) button.disabled = true;
    try {
      const answer = await post(`${base}/${address}`, data);
      desk.showProblem(null);
      picture.forget();
      state = await get(base);
      showSteps();
      return answer;
    } catch (error) {
      desk.showProblem(error);
      return null;
    } finally {
      if (button) button.disabled = false;
      step.refresh?.(desk);
    }
  },
  /** Show the picture plain, straight or corrected. */
  look(wanted) { picture.view = wanted; },
  /** Open the step anew, as the state is now. */
  again() { open(step.name); },
  /** Show again which steps are done and which hold something unsaved. */
  mark() { showSteps(); },
};

const needed = (one) => state.steps.find(({ name: other }) => other === one.name)?.needed ?? false;

function showSteps() {
  const done = Object.fromEntries(state.steps.map((one) => [one.name, one.done]));
  part("steps").replaceChildren(...STEPS.map((one) => h("button", {
    type: "button",
    "aria-current": one === step ? "step" : null,
    onclick: () => visit(one.name),
  },
  h("span", {}, `${done[one.name] ? "✓ " : ""}${one.title}`),
  isUnsaved(one.name) ? h("small", {}, "not saved") : needed(one) ? null : h("small", {}, "optional"))));
}

/** Go to a step; the browser's Back comes back from it. */
function visit(wanted) {
  if (wanted !== step.name) history.pushState(null, "", `#${wanted}`);
  open(wanted);
  scrollTo({ top: 0 });
  part("panel").querySelector("h2").focus({ preventScroll: true });
}

function next() {
  const one = STEPS[STEPS.indexOf(step) + 1];
  if (!one) return h("a", { class: "go", href: at("/calibrate") }, "Done: all cameras");
  return h("button", { type: "button", onclick: () => visit(one.name) }, `Next: ${one.title}`);
}

function open(wanted) {
  step = STEPS.find((one) => one.name === wanted) ?? STEPS[0];
  picture.view = "plain";
  desk.showProblem(null);
  onTap(null);
  draw([]);
  grips([]);
  const current = state.steps.find((one) => one.name === step.name);
  part("panel").replaceChildren(
    h("h2", { tabindex: -1 }, step.title, needed(step) ? null : h("span", { class: "optional" }, "optional")),
    ...(current ? [h("p", { class: `said${current.done ? " good" : ""}` }, current.said)] : []),
    ...(current?.warning ? [h("p", { class: "said bad" }, current.warning)] : []),
    ...step.panel(desk).filter(Boolean),
    h("div", { class: "next" }, next()),
  );
  step.opened?.(desk);
  step.refresh?.(desk);
  showSteps();
  part("steps").querySelector("[aria-current]").scrollIntoView({ block: "nearest", inline: "center" });
}

const wait = (ms) => new Promise((done) => setTimeout(done, ms));

async function followLive() {
  for (;;) {
    const requested = step;
    try {
      const live = await get(`${base}/live?step=${requested.name}&page=${page}`);
      part("connection").hidden = true;
      part("reshaped").hidden = !live.reshaped;
      picture.problem = live.problem;
      if (!live.problem && requested === step) step.live?.(desk, live);
    } catch {
      part("connection").hidden = false;
    }
    await wait(document.hidden ? 5000 : LIVE_MS);
  }
}

async function start() {
  try {
    state = await get(base);
  } catch (error) {
    desk.showProblem(error);
    await wait(3000);
    return start();
  }
  const undone = state.steps.find((one) => !one.done);
  open(location.hash.slice(1) || undone?.name || STEPS[0].name);
  history.replaceState(null, "", `#${step.name}`);
  picture.start();
  followLive();
}

part("start-again").addEventListener("click", async (event) => {
  if (await desk.send("shape", {}, event.currentTarget)) desk.again();
});
// Back to this page, and the next request opens the camera again.
window.addEventListener("pagehide", () => {
  const body = new Blob([JSON.stringify({ page })], { type: "application/json" });
  navigator.sendBeacon(at(`${base}/left`), body);
});
window.addEventListener("popstate", () => state && open(location.hash.slice(1)));
start();
