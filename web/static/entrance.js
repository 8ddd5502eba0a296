// The screen at the entrance: which rooms are free, and how long the wait is.

import { h } from "./dom.js";
import { follow, serverTime } from "./live.js";
import { speak, spoken, t } from "./texts.js";

const part = (id) => document.getElementById(id);
const languages = JSON.parse(part("languages").textContent).map(([code]) => code);
const LANGUAGE_MS = 12000; // nobody can choose one here, so all take turns
const WAIT_MS = 10000;
let current = null;

function headline({ rooms }) {
  const free = rooms.filter((room) => room.free).length;
  if (!rooms.length) return t("Welcome.");
  if (!free) return t("All rooms are taken");
  return free === 1 ? t("One room is free") : t("{count} rooms are free", { count: free });
}

function waitText({ free_at: at, rooms }) {
  if (!rooms.length || rooms.some((room) => room.free)) return "";
  if (at === null) return t("Please wait a moment.");
  const minutes = Math.ceil((at - serverTime()) / 60);
  if (minutes <= 1) return t("One should be free any moment.");
  return t("The next one should be free in about {count} minutes.", { count: minutes });
}

function door(room) {
  return h("li", { class: room.free ? "door free" : "door" },
    h("strong", {}, room.room), h("span", {}, room.free ? t("free") : t("taken")));
}

function show() {
  if (!current) return;
  part("headline").textContent = headline(current);
  part("rooms").replaceChildren(...current.rooms.map(door));
  part("limit").textContent = t("Up to {count} items in a room, please.", { count: current.item_limit });
  part("limit").hidden = !current.item_limit;
  showWait();
}

function showWait() {
  const text = current ? waitText(current) : "";
  if (part("wait").textContent !== text) part("wait").textContent = text;
  part("wait").hidden = !text;
}

follow("/api/entrance/events", (state) => {
  current = state;
  show();
}, part("connection"));
setInterval(showWait, WAIT_MS);
if (languages.length > 1) {
  setInterval(() => {
    speak(languages[(languages.indexOf(spoken()) + 1) % languages.length]);
    show();
  }, LANGUAGE_MS);
}
