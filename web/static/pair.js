// A screen that waits for staff to let it in.

import { at } from "./base.js";

const AGAIN_MS = 2500;
const sign = document.getElementById("connection");

async function look() {
  try {
    const answer = await fetch(at("/api/pairing"));
    if (!answer.ok) throw new Error(answer.statusText);
    const { paired, valid } = await answer.json();
    sign.hidden = true;
    if (paired) location.assign(document.body.dataset.address);
    else if (!valid) location.reload(); // for a new code
  } catch {
    sign.hidden = false;
  }
}

setInterval(look, AGAIN_MS);
