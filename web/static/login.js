// Logging in.

import { post } from "./live.js";

const form = document.getElementById("login");

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    await post("/api/login", { name: form.name.value, secret: form.secret.value });
    location.assign(form.dataset.next);
  } catch (error) {
    button.disabled = false;
    document.getElementById("problem").textContent = error.message;
    form.secret.select();
  }
});
