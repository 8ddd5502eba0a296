// The camera's picture on the calibration page: drawn once it is decoded, never half loaded, with
// the token that stands for it, and a word about what makes it slow.

import { at } from "./base.js";

const part = (id) => document.getElementById(id);
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const EVERY_MS = 400;
/** A picture slower than this is too slow to draw by. */
const SLOW_MS = 1000;
const MEASURED = 5;
/** Failures in a row after which the picture is covered. */
const FAILURES = 3;

const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];

/** Say what makes pictures slow, by the times measured: [{whole, server}] in milliseconds. */
export function blame(times) {
  if (times.length < MEASURED) return "";
  const [whole, server] = [median(times.map((t) => t.whole)), median(times.map((t) => t.server))];
  if (whole < SLOW_MS) return "";
  const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;
  return server > whole / 2
    ? `A picture takes ${seconds(whole)}, of which the shop’s computer needs ${seconds(server)}: it is too busy. Close other programs on it, or wait until fewer cameras are watched.`
    : `A picture takes ${seconds(whole)}, of which the shop’s computer needs ${seconds(server)}: the network between this device and it is slow. Move closer to the Wi-Fi.`;
}

const servedIn = (answer) => {
  const total = (answer.headers.get("Server-Timing") ?? "").match(/total;dur=([\d.]+)/);
  return total ? Number(total[1]) : 0;
};

/**
 * Follow a camera's picture.
 * @param {string} camera its name
 * @param {() => void} onPicture is called whenever `seen` or `token` may have changed
 */
export function follow(camera, onPicture) {
  const canvas = part("picture");
  const times = [];
  let failures = 0;
  let asked = 0;
  let trouble = "Waiting for the camera’s picture.";

  const cover = (text) => {
    part("nothing").textContent = text;
    part("nothing").hidden = !text;
    onPicture();
  };

  const picture = {
    view: "plain",
    token: "",
    seen: false,
    /** What the live state says is wrong; empty while there is a picture. */
    get problem() { return trouble; },
    set problem(text) {
      trouble = text;
      if (!text) return;
      picture.token = "";
      picture.seen = false;
      cover(text);
    },
    /** What is on the page is not what the camera's file says any more. */
    forget() {
      asked += 1;
      picture.token = "";
      onPicture();
    },
    async start() {
      for (;;) {
        if (trouble) times.length = 0;
        else await show();
        await wait(document.hidden ? 5000 : EVERY_MS);
      }
    },
  };

  function paint(bitmap) {
    [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
    part("stage").style.setProperty("--aspect", bitmap.width / bitmap.height);
    bitmap.close();
  }

  function note(whole, server) {
    times.push({ whole, server });
    if (times.length > MEASURED) times.shift();
    const said = blame(times);
    if (part("slow").textContent !== said) part("slow").textContent = said;
    part("slow").hidden = !said;
  }

  async function show() {
    const view = picture.view;
    const turn = (asked += 1);
    const started = performance.now();
    try {
      const answer = await fetch(at(`/calibrate/${encodeURIComponent(camera)}/preview.jpg?view=${view}`), { cache: "no-store" });
      if (!answer.ok) throw new Error("The picture cannot be shown just now.");
      const bitmap = await createImageBitmap(await answer.blob());
      note(performance.now() - started, servedIn(answer));
      // Saved meanwhile, or there is no picture any more: this one shows what was before.
      if (turn !== asked || trouble) return;
      paint(bitmap);
      failures = 0;
      picture.token = answer.headers.get("X-Masked-Picture") ?? "";
      picture.seen = true;
      cover("");
    } catch {
      failures += 1;
      picture.token = "";
      if (picture.view === view) picture.view = "plain";
      if (failures < FAILURES) return onPicture();
      picture.seen = false;
      cover(trouble || "The picture does not load. Is this device still in the shop’s network?");
    }
  }

  return picture;
}
