// The staff page: rooms and open requests, live.

import { h, picture } from "./dom.js";
import { follow, post } from "./live.js";

const LATE_S = 120;
const ANSWERS = ["On my way", "Sorry, not in stock", "Two minutes, please"];
const part = (id) => document.getElementById(id);

async function change(request, data, button) {
  button.disabled = true;
  try {
    await post(`/api/requests/${request.id}`, data);
    part("problem").hidden = true;
  } catch (error) {
    button.disabled = false;
    part("problem").textContent = error.message;
    part("problem").hidden = false;
  }
}

function actions(request) {
  const button = (text, data, className = "") =>
    h("button", {
      type: "button", class: className,
      onclick: (event) => change(request, data, event.currentTarget),
    }, text);
  if (request.state === "open") return [button("I take it", { state: "taken" }, "primary")];
  const answers = request.state === "taken"
    ? ANSWERS.map((text) => button(text, { state: "answered", answer: text }))
    : [];
  return [...answers, button("Done", { state: "done" }, "primary")];
}

function requestCard(request) {
  const { article } = request;
  return h("article", { class: "card", "data-request": request.id },
    h("div", { class: "wish" },
      picture(article, ""),
      h("div", {},
        h("h3", {}, article.title),
        h("p", { class: "detail" }, [article.colour, article.sku].filter(Boolean).join(" · ")),
        request.size ? h("span", { class: "size" }, request.size) : null),
      h("div", { class: "where" },
        h("span", { class: "detail" }, "Room"), h("strong", {}, request.room),
        h("span", { class: "waiting", "data-since": request.opened_at }))),
    request.answer ? h("p", { class: "answer" }, `You answered: ${request.answer}`) : null,
    h("div", { class: "actions" }, actions(request)));
}

function roomCard(room) {
  const things = room.items.map((item) =>
    h("li", { title: item.title || item.category },
      item.picture ? picture(item, "") : `? ${item.category}`));
  return h("article", { class: "card" },
    h("div", { class: "room-head" },
      h("h3", {}, `Room ${room.room}`),
      room.occupied
        ? h("span", { class: "waiting", "data-since": room.since })
        : h("span", { class: "detail" }, "free")),
    things.length ? h("ul", { class: "thumbs" }, things) : null,
    room.occupied && !things.length ? h("p", { class: "detail" }, "nothing carried in") : null);
}

function tick() {
  for (const element of document.querySelectorAll("[data-since]")) {
    const seconds = Math.max(0, Math.floor(Date.now() / 1000 - Number(element.dataset.since)));
    const minutes = Math.floor(seconds / 60);
    element.textContent = `${minutes}:${String(seconds % 60).padStart(2, "0")}`;
    element.classList.toggle("late", seconds > LATE_S && element.closest("[data-request]") !== null);
  }
}

function show(state) {
  part("requests").replaceChildren(...(state.requests.length
    ? state.requests.map(requestCard)
    : [h("p", { class: "empty" }, "Nobody is waiting.")]));
  part("count").textContent = state.requests.length;
  part("count").hidden = !state.requests.length;
  part("rooms").replaceChildren(...state.rooms.map(roomCard));
  tick();
}

setInterval(tick, 1000);
follow("/api/staff/events", show, part("connection"));
