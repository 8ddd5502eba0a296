// Calibrating one camera: the picture, the steps, and what each step is about.

import { h } from "./dom.js";
import { get, post } from "./live.js";
import { draw, grips, onTap } from "./overlay.js";
import { STEPS } from "./calibrate_steps.js";

const part = (id) => document.getElementById(id);
const name = document.body.dataset.camera;
const base = `/api/cameras/${encodeURIComponent(name)}`;
const PICTURE_MS = 400;
const LIVE_MS = 700;

let state = null;
let step = null;
let view = "plain";
let seen = false;

/** What steps may use. */
const desk = {
  get state() { return state; },
  get view() { return view; },
  tell(error) {
    part("problem").textContent = error ? error.message : "";
    part("problem").hidden = !error;
  },
  /** Send to a step's address, then show the new state; answers null where it was refused. */
  async send(address, data, button) {
    if (button) button.disabled = true;
    try {
      const answer = await post(`${base}/${address}`, data);
      desk.tell(null);
      state = await get(base);
      showSteps();
      return answer;
    } catch (error) {
      desk.tell(error);
      return null;
    } finally {
      if (button) button.disabled = false;
    }
  },
  /** Show the picture plain, straight or mended. */
  look(wanted) { view = wanted; },
  /** Open the step anew, as the state is now. */
  again() { open(step.name); },
};

function showSteps() {
  const done = Object.fromEntries(state.steps.map((one) => [one.name, one.done]));
  part("steps").replaceChildren(...STEPS.map((one) => h("button", {
    type: "button",
    "aria-current": one === step ? "step" : null,
    onclick: () => open(one.name),
  }, `${done[one.name] ? "✓ " : ""}${one.title}`)));
}

function open(wanted) {
  step = STEPS.find((one) => one.name === wanted) ?? STEPS[0];
  history.replaceState(null, "", `#${step.name}`);
  view = "plain";
  desk.tell(null);
  onTap(null);
  draw([]);
  grips([]);
  const told = state.steps.find((one) => one.name === step.name);
  part("panel").replaceChildren(
    h("h2", {}, step.title),
    ...(told ? [h("p", { class: `said${told.done ? " good" : ""}` }, told.said)] : []),
    ...step.panel(desk).filter(Boolean),
  );
  step.opened?.(desk);
  showSteps();
  part("steps").querySelector("[aria-current]").scrollIntoView({ block: "nearest", inline: "center" });
}

const wait = (ms) => new Promise((done) => setTimeout(done, ms));

async function showPicture() {
  const image = part("picture");
  for (;;) {
    while (!seen) await wait(PICTURE_MS);
    const next = new Image();
    next.src = `/calibrate/${encodeURIComponent(name)}/preview.jpg?view=${view}&t=${Date.now()}`;
    try {
      await next.decode();
      image.src = next.src;
      image.width = next.naturalWidth;
      image.height = next.naturalHeight;
    } catch {
      view = "plain";
    }
    await wait(document.hidden ? 5000 : PICTURE_MS);
  }
}

async function followLive() {
  for (;;) {
    const asked = step;
    try {
      const live = await get(`${base}/live?step=${asked.name}`);
      part("connection").hidden = true;
      seen = !live.problem;
      part("nothing").textContent = live.problem;
      part("nothing").hidden = !live.problem;
      if (!live.problem && asked === step) step.live?.(desk, live);
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
    desk.tell(error);
    await wait(3000);
    return start();
  }
  const undone = state.steps.find((one) => !one.done);
  open(location.hash.slice(1) || undone?.name || STEPS[0].name);
  showPicture();
  followLive();
}

window.addEventListener("hashchange", () => state && open(location.hash.slice(1)));
start();
