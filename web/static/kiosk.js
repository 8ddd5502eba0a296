// An unattended screen: it stays awake, and starts anew after it slept.

import { at } from "./base.js";

const TICK_MS = 5000;
const SLEPT_MS = 60000;

async function stayAwake() {
  if (document.hidden) return;
  try {
    await navigator.wakeLock?.request("screen");
  } catch {
    // Refused, as on low battery; the device's own settings decide then.
  }
}

// Only once the server answers: the browser's own error page would stay for ever.
async function startAnew() {
  try {
    if ((await fetch(at("/healthz"), { cache: "no-store" })).status < 500) location.reload();
  } catch {
    setTimeout(startAnew, TICK_MS);
  }
}

// What was shown before it slept may be another shopper's by now.
let ticked = Date.now();
setInterval(() => {
  const slept = Date.now() - ticked > SLEPT_MS;
  ticked = Date.now();
  if (slept) startAnew();
}, TICK_MS);

addEventListener("pageshow", (event) => {
  if (event.persisted) startAnew();
});
document.addEventListener("visibilitychange", stayAwake);
stayAwake();
