// The screen in a fitting room.

import { articleCard, asked, claimCard, isOpen, itemCard, outfitCard, pieceCards, requestRow, similarCard, soldOut } from "./cards.js";
import { h } from "./dom.js";
import { follow, post } from "./live.js";
import { keypad } from "./keypad.js";
import { lookAsOutfit, lookPoster, nameOf, outfitSheet, startChoice } from "./outfit.js";
import { endScan, listen } from "./scanner.js";
import { speak, spoken, t } from "./texts.js";

const room = document.body.dataset.room;
const base = `/api/rooms/${encodeURIComponent(room)}`;
const part = (id) => document.getElementById(id);
const sheet = part("sheet");
const requestsBar = part("requests");
const languages = new Map(JSON.parse(part("languages").textContent));
const LOOK_MS = 9000;
const FADE_MS = 1500;
const NOTHING = { items: [], waiting: [], outfits: [], similar: [], requests: [], looks: [], visit: null };

// Declined requests that she has read.
const dismissed = new Set();
let current = NOTHING;
// The outfit in the sheet, and the sizes chosen for its pieces.
let opened = null;
let suggesting = document.body.dataset.suggestions === "open";

// ---- talking to the server

async function send(address, data, button) {
  button.disabled = true;
  try {
    return await post(address, data);
  } catch {
    button.disabled = false;
    openSheet(t("Sorry"), h("p", {}, t("Something went wrong. Please try again or ask our staff.")));
    return null;
  }
}

// What becomes of suggestions only makes later ones better; the page works without it.
function react(data) {
  post(`${base}/outfits`, data).catch(() => {});
}

const seen = new Set();
const watching = new IntersectionObserver((entries) => {
  const shown = entries.filter((e) => e.isIntersecting).map((e) => e.target.dataset.outfit)
    .filter((id) => id && !seen.has(id));
  if (!shown.length) return;
  shown.forEach((id) => seen.add(id));
  react({ shown });
}, { threshold: 0.5 });

const actions = {
  ask: (sku, size) => (event) => send(`${base}/requests`, { sku, size }, event.currentTarget),
  asked: (sku, size) => asked(current.requests, sku, size),
  soldOut: (sku, size) => soldOut(current.requests, sku, size),
  dismiss: (request) => () => {
    dismissed.add(request.id);
    showRequests(current);
  },
  instead: (request, other) => async (event) => {
    const wanted = { sku: other.article.sku, size: other.size };
    if (await send(`${base}/requests`, wanted, event.currentTarget)) actions.dismiss(request)();
  },
  mine: (item, value) => (event) => send(`${base}/items/${item.id}`, { mine: value }, event.currentTarget),
  choose: (item, sku) => async (event) => {
    if (await send(`${base}/items/${item.id}`, { sku }, event.currentTarget)) sheet.close();
  },
  swap: (item) => () => openSheet(t("Which one is it?"), h("div", { class: "choices wide" }, pieceCards(item, actions))),
  open: (article) => () => openArticle(article),
  claim: (visit, mine) => (event) => send(`${base}/claims`, { visit, mine }, event.currentTarget),
  outfit: (outfit) => () => {
    react({ outfit: outfit.id, kind: "opened" });
    openOutfit(outfit, startChoice(outfit, current.requests));
  },
};

// ---- the sheet over the page

function closeButton() {
  return h("button", { class: "ghost", type: "button", onclick: () => sheet.close() }, t("Close"));
}

function openSheet(title, content, more = null) {
  opened = null;
  sheet.classList.remove("wide");
  sheet.replaceChildren(
    h("div", { class: "sheet-head" }, h("h2", { id: "sheet-title" }, title),
      h("div", { class: "sheet-buttons" }, more, closeButton())),
    h("div", { class: "sheet-body" }, content),
    requestsBar,
  );
  if (!sheet.open) sheet.showModal();
}

function openArticle(article) {
  openSheet(article.title, h("div", { class: "items" }, articleCard(article, actions)));
}

function openOutfit(outfit, chosen) {
  const scrolled = opened?.outfit === outfit.id ? sheet.querySelector(".sheet-body").scrollTop : 0;
  const focused = sheet.contains(document.activeElement) ? [...sheet.querySelectorAll("button")].indexOf(document.activeElement) : -1;
  const drop = () => {
    react({ outfit: outfit.id, kind: "dropped" });
    sheet.close();
  };
  const bring = async (wanted, event) => {
    const button = event.currentTarget;
    for (const piece of wanted) {
      if (!await send(`${base}/requests`, { ...piece, look: Boolean(outfit.look) }, button)) return;
      chosen.delete(piece.sku);
    }
  };
  openSheet(nameOf(outfit), outfitSheet(outfit, current.requests, chosen, {
    changed: () => openOutfit(outfit, chosen), bring, drop, open: actions.open,
  }));
  sheet.classList.add("wide");
  opened = { outfit: outfit.id, chosen };
  sheet.querySelector(".sheet-body").scrollTop = scrolled;
  if (focused >= 0) sheet.querySelectorAll("button")[focused]?.focus();
}

function refreshSheet() {
  if (!sheet.open || !opened) return;
  const all = [...current.outfits, ...current.looks.map(lookAsOutfit)];
  const same = all.find((outfit) => outfit.id === opened.outfit);
  if (same) openOutfit(same, opened.chosen);
  else sheet.close();
}

function askForTag() {
  // Screens have no keyboard: the page has its own, so the system's stays away.
  const code = h("input", { id: "tag", type: "text", inputmode: "none", autocomplete: "off", dir: "ltr",
    autocapitalize: "characters", spellcheck: "false", maxlength: "200" });
  const problem = h("p", { class: "warn", role: "alert" });
  const add = async (event) => {
    event.preventDefault();
    problem.textContent = await scan(code.value.trim());
    if (!problem.textContent) sheet.close();
    else code.select();
  };
  const form = h("form", { class: "tag", onsubmit: add },
    h("label", { for: "tag" }, t("Scan the tag or type in its number")),
    code, problem, keypad(code));
  endScan(code, () => form.requestSubmit());
  openSheet(t("Add an item"), form);
  code.focus();
}

function chooseLanguage() {
  const choose = (code) => () => {
    sessionStorage.setItem("language", code);
    speak(code);
    show(current);
    sheet.close();
  };
  openSheet(t("Language"), h("div", { class: "languages" }, [...languages].map(([code, name]) =>
    h("button", { class: "primary", type: "button", lang: code, "aria-pressed": String(code === spoken()),
      onclick: choose(code) }, name))));
}

async function takeAlong(event) {
  const made = await send(`${base}/list`, { language: spoken() }, event.currentTarget);
  part("take").disabled = false;
  if (!made) return;
  openSheet(t("Send list to my phone"), h("div", { class: "qr" },
    h("img", { src: made.qr, alt: made.address }),
    h("p", {}, t("Scan this code with your phone’s camera. The link works for seven days; it shows neither your room nor the time."))));
}

// ---- tags

// Returns what went wrong, or nothing.
async function scan(code) {
  if (!code) return t("Please type in the number on the tag.");
  try {
    await post(`${base}/scans`, { code });
    return "";
  } catch (error) {
    const refused = error.status >= 400 && error.status < 500 && error.status !== 429;
    if (!refused) return t("Something went wrong. Please try again or ask our staff.");
    const shown = code.length > 40 ? `${code.slice(0, 39)}…` : code;
    return t("We couldn’t find tag {code}. Please check the number or ask our staff.", { code: shown });
  }
}

// ---- the idle page

let looked = 0;

function showLook() {
  const { looks } = current;
  // A question comes first.
  part("look").hidden = !looks.length || current.waiting.length > 0;
  if (part("look").hidden) return;
  const look = looks[looked % looks.length];
  const stage = part("look-pieces");
  const poster = lookPoster(look, () => openOutfit(lookAsOutfit(look), startChoice(look, [])));
  if (stage.dataset.look === String(look.id)) {
    stage.replaceChildren(poster);
    return;
  }
  stage.dataset.look = look.id;
  stage.append(poster); // fades in over the one before
  setTimeout(() => stage.replaceChildren(...[...stage.children].slice(-1)), FADE_MS);
}

setInterval(() => {
  if (current.visit !== null || document.hidden || sheet.open) return;
  looked += 1;
  showLook();
}, LOOK_MS);

// ---- the page

function showSuggestions(state) {
  const some = state.outfits.length + state.similar.length > 0;
  part("suggest").hidden = !some;
  part("suggestions").hidden = !some || !suggesting;
  part("suggest").textContent = suggesting ? t("Hide suggestions") : t("What goes with this?");
  part("suggest").setAttribute("aria-expanded", String(suggesting));
  part("outfits").replaceChildren(...state.outfits.map((outfit) => outfitCard(outfit, actions)));
  part("outfits-section").hidden = !state.outfits.length;
  watching.disconnect();
  part("outfits").querySelectorAll("[data-outfit]").forEach((card) => watching.observe(card));
  part("similar").replaceChildren(...state.similar.map((article) => similarCard(article, actions)));
  part("similar-section").hidden = !state.similar.length;
}

// The next shopper must find nothing of this one.
function forget() {
  sheet.close();
  sheet.replaceChildren();
  seen.clear();
  dismissed.clear();
  sessionStorage.removeItem("language");
  suggesting = document.body.dataset.suggestions === "open";
  speak();
  window.scrollTo(0, 0);
}

function show(state) {
  const changed = current.visit !== state.visit;
  if (changed && current.visit !== null) forget();
  current = state;
  const busy = state.visit !== null;
  part("idle").hidden = busy;
  part("visit").hidden = !busy;
  part("actions").hidden = !busy;
  if (changed) sheet.close();
  const button = part("language");
  if (button) [button.textContent, button.lang] = [languages.get(spoken()), spoken()];
  part("waiting").hidden = !state.waiting.length;
  part("waiting").replaceChildren(...state.waiting.map((waiting) => claimCard(waiting, actions.claim)));
  if (!busy) showLook();
  part("with-you").textContent = state.items.length ? t("In your room") : t("Welcome.");
  part("items").dataset.count = Math.min(state.items.length, 4);
  part("items").replaceChildren(...(state.items.length
    ? state.items.map((item) => itemCard(item, actions))
    : [h("p", { class: "detail" }, t("No items detected yet. Scan a tag or ask our staff."))]));
  part("leave").disabled = false;
  part("call").disabled = state.requests.some((r) => r.kind === "person" && isOpen(r));
  showSuggestions(state);
  showRequests(state);
  refreshSheet();
}

function showRequests(state) {
  const requests = state.requests.filter((r) => r.state !== "cancelled" && !dismissed.has(r.id)).slice(-3);
  requestsBar.replaceChildren(...requests.map((request) => requestRow(request, actions)));
  requestsBar.hidden = !requests.length;
}

part("leave").addEventListener("click", (event) => send(`${base}/leave`, {}, event.currentTarget));
part("call").addEventListener("click", (event) => send(`${base}/requests`, {}, event.currentTarget));
part("take").addEventListener("click", takeAlong);
part("language")?.addEventListener("click", chooseLanguage);
part("suggest").addEventListener("click", () => {
  suggesting = !suggesting;
  showSuggestions(current);
});
document.querySelectorAll("[data-tag]").forEach((button) => button.addEventListener("click", askForTag));
sheet.addEventListener("close", () => {
  opened = null;
  document.body.append(requestsBar); // what staff answered shows above an open sheet, too
});
sheet.addEventListener("click", (event) => {
  if (event.target === sheet) sheet.close();
});
listen(async (code) => {
  const problem = await scan(code);
  if (problem) openSheet(t("Sorry"), h("p", {}, problem));
});
const chosen = sessionStorage.getItem("language");
if (languages.has(chosen)) speak(chosen);
follow(`${base}/events`, show, part("connection"));
