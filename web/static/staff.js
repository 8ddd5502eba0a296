// The staff page: rooms, open requests and what did not come out, live.

import { at } from "./base.js";
import { correct } from "./correct.js";
import { h, thumbnail } from "./dom.js";
import { follow, get, post, serverTime } from "./live.js";
import { N_ } from "./texts.js";

// Shoppers read them in their own language.
const ANSWERS = [N_("On my way"), N_("Two minutes, please")];
// Why something is not brought; the screen says it in the shopper's language.
const REASONS = { out_of_stock: "Out of stock", not_found: "Cannot find it", other: "Another reason" };
// What was decided about a room's visits, and why, as the journal has it.
const DECISIONS = {
  "closed left": "Last visit ended: everybody came out",
  "closed next": "Last visit ended: next person went in",
  "closed cleared": "Last visit ended: staff clear the room",
  "closed quiet": "Last visit ended: nothing happened for a long time",
  "closed opened": "Last visit ended: door opened, and no camera saw who went",
  "interrupted left": "Visit interrupted: she left garments in the room and may come back",
  "closed free": "Last visit ended: its sensor reports the room as free",
  "hidden next": "Last visit hidden: somebody went in, and nobody was seen coming out",
  "resumed staff": "Visit goes on: who went in came out at once",
};
const EVIDENCE = {
  door_opened: "the door had been opened before",
  room_was_free: "the sensor had reported the room as free",
};
// Requests for which the reasons are shown.
const declining = new Set();
const part = (id) => document.getElementById(id);

let target = 120;
let known = null;
let shown = null;

async function send(address, data, button) {
  button.disabled = true;
  try {
    await post(address, data);
    part("problem").hidden = true;
  } catch (error) {
    button.disabled = false;
    part("problem").textContent = error.message;
    part("problem").hidden = false;
  }
}

function actions(request) {
  const change = (data) => (event) => send(`/api/requests/${request.id}`, data, event.currentTarget);
  const button = (text, data, className = "") =>
    h("button", { type: "button", class: className, onclick: change(data) }, text);
  if (declining.has(request.id)) return declineActions(request, button);
  const no = h("button", { type: "button", onclick: () => decline(request, true) }, "Not available");
  if (request.state === "open") return [button("I take it", { state: "taken" }, "primary"), no];
  const answers = request.state === "taken" ? [
    ...ANSWERS.map((text) => button(text, { state: "answered", answer: text })),
    own(request, "Your own words", "Answer in your own words", { state: "answered" }),
  ] : [];
  return [...answers, no, button("Done", { state: "done" }, "primary")];
}

function declineActions(request, button) {
  const reasons = request.article ? REASONS : { other: "Nobody can come" };
  return [
    h("p", { class: "detail" }, request.article
      ? "Why? The screen says sorry and shows what is in stock instead." : "The screen says sorry."),
    ...Object.entries(reasons).map(([reason, text]) => button(text, { state: "declined", reason })),
    own(request, "Or in your own words", "Reason in your own words", { state: "declined", reason: "other" }),
    h("button", { type: "button", onclick: () => decline(request, false) }, "Back"),
  ];
}

function own(request, placeholder, label, data) {
  return h("form", {
    class: "own",
    onsubmit: (event) => {
      event.preventDefault();
      const answer = event.target.answer.value.trim();
      if (answer) send(`/api/requests/${request.id}`, { ...data, answer }, event.submitter);
    },
  }, h("input", { name: "answer", maxlength: "120", placeholder, "aria-label": label }),
    h("button", { type: "submit" }, "Send"));
}

function decline(request, on) {
  declining[on ? "add" : "delete"](request.id);
  show(shown);
  document.querySelector(`[data-request="${request.id}"] .actions button`)?.focus();
}

function requested(request) {
  const { article } = request;
  if (!article) return [h("div", { class: "person", "aria-hidden": "true" }, "?"), h("h2", {}, "Wants somebody to come")];
  return [
    thumbnail(article),
    h("div", {},
      h("h2", {}, article.title),
      h("p", { class: "detail" }, [article.colour, request.variant?.sku ?? article.style].filter(Boolean).join(" · ")),
      request.size ? h("span", { class: "size" }, request.size) : null,
      request.shelf ? h("p", { class: "shelf" }, `Shelf ${request.shelf}`) : null),
  ];
}

function requestCard(request) {
  const said = [
    request.taken_by ? `${request.taken_by} has it.` : null,
    request.answer ? `Answered: ${request.answer}` : null,
  ].filter(Boolean).join(" ");
  return h("article", { class: "card", "data-request": request.id },
    h("div", { class: "requested" }, ...requested(request),
      h("div", { class: "where" },
        h("span", { class: "detail" }, "Room"), h("strong", {}, request.room),
        h("span", { class: "waiting", "data-due": request.opened_at }))),
    said ? h("p", { class: "answer" }, said) : null,
    request.unsure ? h("p", { class: "unsure" }, "She may have left: no screen shows her visit any more. Ask in the room first.") : null,
    h("div", { class: "actions" }, actions(request)));
}

function kind(article) {
  return article.category_certain === false ? "garment" : article.category;
}

function thing(article) {
  return article.picture ? thumbnail(article) : `? ${kind(article)}`;
}

function showCapacity({ rooms, free_at: at }) {
  const free = rooms.filter((room) => room.free).length;
  const wait = free || !at ? "" : `, the next in about ${Math.max(1, Math.ceil((at - serverTime()) / 60))} min`;
  part("capacity").textContent = `${free} of ${rooms.length} free${wait}`;
  part("capacity").hidden = !rooms.length;
}

function decision({ act, reason, evidence, from, probability, time }) {
  const sure = probability ? ` (${Math.floor(100 * probability)}%)` : "";
  const origins = { returned: `Probably the shopper from before, back with more${sure}`, moved: `Probably the shopper from room ${from}${sure}` };
  const text = origins[act] ?? DECISIONS[`${act} ${reason}`];
  const why = [text, EVIDENCE[evidence]].filter(Boolean).join("; ");
  return text ? h("p", { class: "detail" }, `${why}, ${daytime(time)}`) : null;
}

function roomCard(room) {
  const most = shown.capacity.item_limit;
  // What is not claimed yet is in no room in which it could be corrected.
  const things = room.items.map((item) => h("li", {}, room.room
    ? h("button", { type: "button", class: "thumb", "aria-label": `${item.title || kind(item)}: correct it`,
      onclick: () => correct(part("correct"), room.room, item) }, thing({ ...item, title: "" }))
    : h("span", { class: "thumb", role: "img", "aria-label": item.title || kind(item) }, thing({ ...item, title: "" }))));
  return h("article", { class: "card" },
    h("div", { class: "room-head" },
      h("h3", {}, room.room ? `Room ${room.room}` : "Not claimed yet"),
      room.occupied
        ? h("span", { class: "waiting", "data-since": room.since })
        : h("span", { class: "detail" }, room.cleared_until ? "being cleared" : "free")),
    things.length ? h("ul", { class: "thumbs" }, things) : null,
    most && things.length > most ? h("p", { class: "detail" }, `${things.length} items; ${most} are allowed`) : null,
    room.occupied && !things.length ? h("p", { class: "detail" }, "nothing carried in") : null,
    room.decided ? decision(room.decided) : null,
    room.room && !room.cleared_until ? h("button", { class: "ghost", type: "button", "aria-label": `I clear room ${room.room}`,
      onclick: (event) => clearRoom(room, event.currentTarget) }, "I clear this room") : null);
}

/** Staff go in: the visit shown is over, and what they carry is no shopper's. */
function clearRoom({ room, occupied }, button) {
  if (occupied && !confirm(`Has the shopper left room ${room}? Her visit ends.`)) return;
  send(`/api/rooms/${encodeURIComponent(room)}/clearing`, {}, button);
}

const DAYTIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const daytime = (seconds) => DAYTIME.format(new Date(seconds * 1000));

function check(items, button) {
  send("/api/left/check", { items: items.map((item) => item.id) }, button);
}

function leftCard({ room, items }) {
  const things = items.map((item) => {
    const size = item.article.variant?.size && `size ${item.article.variant.size}`;
    const name = [item.article.title || `a ${kind(item.article)}`, item.article.colour, size].filter(Boolean).join(", ");
    return h("li", { class: "row" },
      h("span", { class: "thumb" }, thing({ ...item.article, title: "" })),
      h("p", {}, name, h("br"),
        h("span", { class: "detail" }, `${daytime(item.opened_at)} – ${daytime(item.closed_at)}`, h("br"),
          h("span", { "data-ago": item.closed_at }))),
      items.length > 1 ? h("button", { class: "ghost", type: "button", "aria-label": `Checked for ${name}`,
        onclick: (event) => check([item], event.currentTarget) }, "Checked") : null);
  });
  return h("article", { class: "card", "data-left": room },
    h("div", { class: "room-head" },
      h("h3", {}, `Check room ${room}`),
      h("button", { class: "ghost", type: "button", "aria-label": `Room ${room} is checked`,
        onclick: (event) => check(items, event.currentTarget) }, "Room checked")),
    h("ul", { class: "left" }, things));
}

function showLeft(rooms, more) {
  const items = rooms.flatMap((room) => room.items);
  part("left").replaceChildren(...rooms.map(leftCard));
  part("left-section").hidden = !items.length;
  part("left-more").textContent = more ? `${more} more, of earlier visits, are not listed.` : "";
  part("left-all").hidden = rooms.length < 2;
  part("left-all").disabled = false;
  part("left-all").onclick = (event) => check(items, event.currentTarget);
}

const STATES = {
  black: "black picture", blurred: "blurred", broken: "its file is wrong",
  calibrating: "being calibrated", colour: "wrong colours", connecting: "not connected",
  covered: "covered", crashed: "keeps failing", disabled: "disabled", ended: "recording over",
  frozen: "frozen picture", hung: "its watcher hangs", moved: "moved", reshaped: "another shape",
  running: "running", slow: "too slow", stale: "no picture", starting: "starting",
  unchecked: "cannot be checked", unconfirmed: "not set up", unwatched: "not watched",
  waiting: "cannot start",
};
const CAMERAS_MS = 10000;

function cameraCard(camera) {
  const link = { class: "go", href: at(`/calibrate/${camera.camera}`), "aria-label": `Calibrate ${camera.camera}` };
  const calibrates = "calibrates" in document.body.dataset && camera.state !== "broken";
  return h("div", { class: "card row", "data-camera": camera.camera },
    h("p", {}, h("strong", {}, `${camera.camera}: ${STATES[camera.state] || camera.state}`),
      camera.since ? h("span", { class: "detail", "data-lasts": camera.since }) : null, h("br"),
      h("span", { class: "detail" }, camera.problem || "Check its cable and the network.")),
    calibrates ? h("a", link, "Calibrate") : null);
}

// Those in order are one line, until somebody wants to see more.
function camerasInOrder(cameras, open) {
  if (!cameras.length) return null;
  const count = cameras.length === 1 ? "1 camera in order" : `${cameras.length} cameras in order`;
  const figures = (camera) => [
    `${camera.camera}: ${STATES[camera.state] || camera.state}`,
    camera.fps === null ? null : `${camera.fps} pictures a second`,
    camera.frame_age === null ? null : `last picture ${duration(camera.frame_age)} ago`,
  ].filter(Boolean).join(" · ");
  return h("details", { class: "in-order", ...(open ? { open: "" } : {}) },
    h("summary", {}, count),
    h("ul", {}, cameras.map((camera) => h("li", { class: "detail" }, figures(camera)))));
}

function showCameras(cameras) {
  const open = part("cameras").querySelector("details")?.open;
  part("cameras").replaceChildren(...[
    ...cameras.filter((camera) => !camera.ok).map(cameraCard),
    camerasInOrder(cameras.filter((camera) => camera.ok), open),
  ].filter(Boolean));
  part("cameras-section").hidden = !cameras.length;
  tick();
}

// Figures change, and garments are listed a while after a visit, without an event in the shop.
async function followFigures() {
  try {
    const state = await get("/api/staff");
    showCameras(state.cameras);
    const listed = (of) => JSON.stringify(of?.left.map(({ items }) => items.map(({ id }) => id)));
    if (shown && listed(state) !== listed(shown)) {
      Object.assign(shown, { left: state.left, left_more: state.left_more });
      showLeft(shown.left, shown.left_more);
    }
  } catch {
    // The page says by itself that it has lost the server.
  }
}

function duration(seconds) {
  const units = [[86400, "days"], [3600, "h"], [60, "min"], [1, "s"]];
  const [size, unit] = units.find(([size]) => seconds >= 2 * size) || [1, "s"];
  return `${Math.floor(seconds / size)} ${unit}`;
}

function clock(seconds) {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}

function tick() {
  const now = serverTime();
  const over = shown?.rooms.filter((room) => room.cleared_until && room.cleared_until < now) ?? [];
  if (over.length) {
    for (const room of over) room.cleared_until = null;
    part("rooms").replaceChildren(...shown.rooms.map(roomCard));
  }
  for (const element of document.querySelectorAll("[data-since]")) {
    element.textContent = clock(Math.max(0, now - Number(element.dataset.since)));
  }
  for (const element of document.querySelectorAll("[data-ago]")) {
    const minutes = Math.floor(Math.max(0, now - Number(element.dataset.ago)) / 60);
    element.textContent = minutes < 1 ? "just now" : `${minutes} min ago`;
  }
  for (const element of document.querySelectorAll("[data-lasts]")) {
    element.textContent = ` for ${duration(Math.max(0, now - Number(element.dataset.lasts)))}`;
  }
  for (const element of document.querySelectorAll("[data-due]")) {
    const left = target - Math.max(0, now - Number(element.dataset.due));
    element.textContent = left >= 0 ? `${clock(left)} left` : `${clock(-left)} over`;
    element.classList.toggle("late", left < 0);
  }
}

// ---- sound: only after a tap, as browsers want it

let audio = null;

function beep() {
  if (!audio) return;
  const tone = new OscillatorNode(audio, { frequency: 880 });
  const volume = new GainNode(audio, { gain: 0.2 });
  tone.connect(volume).connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + 0.25);
}

part("sound").addEventListener("click", (event) => {
  audio = audio ? null : new AudioContext();
  event.currentTarget.textContent = audio ? "Sound on" : "Sound off";
  event.currentTarget.setAttribute("aria-pressed", String(audio !== null));
  beep();
});

// What somebody is typing must outlive a new state of the page.
function keepTyping(render) {
  const field = document.activeElement?.closest("[data-request] input");
  const place = field?.closest("[data-request]").dataset.request;
  const text = field?.value;
  render();
  const again = place && document.querySelector(`[data-request="${place}"] input`);
  if (again) [again.value] = [text, again.focus()];
}

function show(state) {
  target = state.target_s;
  shown = state;
  const ids = new Set(state.requests.map((request) => request.id));
  if (known && [...ids].some((id) => !known.has(id))) beep();
  known = ids;
  keepTyping(() => part("requests").replaceChildren(...(state.requests.length
    ? state.requests.map(requestCard)
    : [h("p", { class: "empty" }, "Nobody is waiting.")])));
  part("count").textContent = state.requests.length;
  part("count").hidden = !state.requests.length;
  showCameras(state.cameras);
  part("rooms").replaceChildren(...state.rooms.map(roomCard));
  showCapacity(state.capacity);
  showLeft(state.left, state.left_more);
  tick();
}

setInterval(tick, 1000);
setInterval(followFigures, CAMERAS_MS);
follow("/api/staff/events", show, part("connection"));
