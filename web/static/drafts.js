// What was drawn and not saved yet: it survives a change of step, a poll and a reload.

const camera = document.body.dataset.camera;
const key = (step) => `fittingroom:${camera}:${step}`;

/** The unsaved drawing of a step, or null. */
export function draft(step) {
  try {
    return JSON.parse(sessionStorage.getItem(key(step)));
  } catch {
    return null;
  }
}

/** Keep a step's drawing; the saved one, or null, is no draft and is forgotten. */
export function keepDraft(step, drawn, saved) {
  const same = drawn === null || JSON.stringify(drawn) === JSON.stringify(saved);
  try {
    if (same) sessionStorage.removeItem(key(step));
    else sessionStorage.setItem(key(step), JSON.stringify(drawn));
  } catch {
    // Storage is full or switched off: the drawing stays on the page alone.
  }
  unsaved[same ? "delete" : "add"](step);
}

const unsaved = new Set(["masks", "gate", "floor"].filter((step) => draft(step) !== null));

/** Whether a step, or any of them, holds something that is not saved. */
export const isUnsaved = (step) => (step ? unsaved.has(step) : unsaved.size > 0);

window.addEventListener("beforeunload", (event) => {
  if (!isUnsaved()) return;
  event.preventDefault();
  event.returnValue = "";
});
