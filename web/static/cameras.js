// The list of cameras: adding one.

import { post } from "./live.js";

const part = (id) => document.getElementById(id);

part("add").addEventListener("submit", async (event) => {
  event.preventDefault();
  const [name, source] = [part("name").value.trim(), part("source").value.trim()];
  try {
    await post("/api/cameras", { name, source });
    location.assign(`/calibrate/${encodeURIComponent(name)}`);
  } catch (error) {
    part("problem").textContent = error.message;
    part("problem").hidden = false;
  }
});
