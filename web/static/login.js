// Logging in.

import { post } from "./live.js";

const form = document.getElementById("login");

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const data = { name: form.name.value, secret: form.secret.value, next: form.dataset.next };
    location.assign((await post("/api/login", data)).next);
  } catch (error) {
    button.disabled = false;
    document.getElementById("problem").textContent = error.message;
    form.secret.select();
  }
});
