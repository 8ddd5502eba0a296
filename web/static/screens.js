// Pairing screens and removing them.

import { post, remove } from "./live.js";

const problem = document.getElementById("problem");

async function attempt(change) {
  try {
    await change();
    location.reload();
  } catch (error) {
    problem.textContent = error.message;
    problem.hidden = false;
  }
}

document.getElementById("pair").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(() => post("/api/screens", { code: event.target.code.value }));
});
for (const button of document.querySelectorAll("[data-out]")) {
  button.addEventListener("click", () => attempt(() => remove(`/api/screens/${button.dataset.out}`)));
}
