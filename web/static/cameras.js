// The list of cameras: add, change, rename, disable and remove them.

import { at as pathOf } from "./base.js";
import { post, remove } from "./live.js";

const part = (id) => document.getElementById(id);
const at = (name, what = "") => `/api/cameras/${encodeURIComponent(name)}${what}`;
const calibration = (name) => pathOf(`/calibrate/${encodeURIComponent(name)}`);

/** Run `change` when a form is sent; what the server says against it stands in the form. */
function onSubmit(form, change) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const problem = form.querySelector(".problem-here");
    const buttons = form.querySelectorAll("button");
    problem.hidden = true;
    for (const button of buttons) button.disabled = true;
    try {
      await change(Object.fromEntries(new FormData(form)));
    } catch (error) {
      problem.textContent = error.message;
      problem.hidden = false;
    }
    for (const button of buttons) button.disabled = false;
  });
}

/** Leave out what was not filled in: it stays as it is known. */
const filled = (data) => Object.fromEntries(Object.entries(data).filter(([, value]) => value !== ""));

onSubmit(part("add"), async (data) => {
  const { name } = await post("/api/cameras", filled({ ...data, name: data.name.trim() }));
  location.assign(calibration(name));
});

/** Open a dialog of the page's template; closed, it is gone, and with it what was typed. */
function open(id) {
  const dialog = document.querySelector("template").content.getElementById(id).cloneNode(true);
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  for (const button of dialog.querySelectorAll("[data-close]")) {
    button.addEventListener("click", () => dialog.close());
  }
  dialog.showModal();
  return dialog;
}

/** Change a camera; its "Edit" button has what is known of it. */
function edit({ edit: name, source: known, credentials, enabled }) {
  const dialog = open("edit");
  const on = enabled !== undefined;
  part("edit-name").textContent = name;
  part("new-source").value = known;
  part("new-name").value = name;
  part("switch-button").textContent = on ? "Disable" : "Enable";
  dialog.querySelector("[data-on]").hidden = !on;
  for (const hint of dialog.querySelectorAll("[data-known]")) hint.hidden = credentials === undefined;

  onSubmit(part("address"), async ({ source, forget, ...typed }) => {
    const data = filled(typed);
    if (source.trim() !== known) data.source = source;
    if (forget) data.forget = true;
    if (!Object.keys(data).length) throw new Error("Nothing was changed.");
    const answer = await post(at(name, "/address"), data);
    if (answer.source !== known && on) location.assign(calibration(name));
    else location.reload();
  });
  onSubmit(part("rename"), async (data) => {
    await post(at(name, "/name"), { name: data.name.trim() });
    location.reload();
  });
  onSubmit(part("switch"), async () => {
    await post(at(name, "/enabled"), { enabled: !on });
    location.reload();
  });
  part("remove-button").addEventListener("click", () => {
    dialog.close();
    askToRemove(name);
  });
}

function askToRemove(name) {
  open("removal");
  part("removal-title").textContent = `Remove ${name}?`;
  onSubmit(part("remove"), async () => {
    await remove(at(name));
    location.reload();
  });
}

for (const button of document.querySelectorAll("[data-edit]")) {
  button.addEventListener("click", () => edit(button.dataset));
}
for (const button of document.querySelectorAll("[data-remove]")) {
  button.addEventListener("click", () => askToRemove(button.dataset.remove));
}
// The browser may fill the form in again when somebody comes back; not a password.
addEventListener("pageshow", () => {
  part("password").value = "";
});
