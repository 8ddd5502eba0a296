// The screen in a fitting room.

import { collage, h, money, picture } from "./dom.js";
import { follow, post } from "./live.js";

const room = document.body.dataset.room;
const base = `/api/rooms/${encodeURIComponent(room)}`;
const part = (id) => document.getElementById(id);
const sheet = part("sheet");

const WORDS = {
  open: "Asked – staff will be with you",
  taken: "On its way to you",
  done: "Done",
  cancelled: "Withdrawn",
};

let current = { items: [], outfits: [], similar: [], requests: [], visit: null };

async function send(address, data, button) {
  button.disabled = true;
  try {
    await post(address, data);
  } catch (error) {
    button.disabled = false;
    say(error.message);
  }
}

function say(message) {
  sheet.replaceChildren(
    h("div", { class: "sheet-head" }, h("h2", { id: "sheet-title" }, "Sorry"), closeButton()),
    h("p", {}, message),
  );
  if (!sheet.open) sheet.showModal();
}

function closeButton() {
  return h("button", { class: "ghost", type: "button", onclick: () => sheet.close() }, "Close");
}

function asked(sku, size) {
  return current.requests.some(
    (r) => r.article.sku === sku && r.size === size && r.state !== "done" && r.state !== "cancelled",
  );
}

function sizes(article) {
  const ask = (size) => (event) =>
    send(`${base}/requests`, { sku: article.sku, size }, event.currentTarget);
  const named = article.sizes.filter((s) => s.size);
  if (!named.length) {
    const done = asked(article.sku, "");
    return [
      h("button", { class: "primary", type: "button", disabled: done, onclick: ask("") },
        done ? "Asked" : "Bring me this"),
    ];
  }
  return [
    h("p", { class: "label" }, "Tap a size, we bring it"),
    h("div", { class: "sizes" }, named.map((s) =>
      h("button", {
        class: asked(article.sku, s.size) ? "size asked" : "size",
        type: "button",
        disabled: !s.available,
        "aria-label": s.available ? `Ask for size ${s.size}` : `Size ${s.size}, not in stock`,
        onclick: ask(s.size),
      }, s.size))),
  ];
}

function about(article) {
  const colours = article.colours.length > 1
    ? `${article.colour} · also in ${article.colours.filter((c) => c !== article.colour).join(", ")}`
    : article.colour;
  return [
    h("h3", {}, article.title),
    colours ? h("p", { class: "detail" }, colours) : null,
    h("p", { class: "price" }, money(article.price)),
    ...sizes(article),
  ];
}

function choices(item) {
  return h("div", { class: "choices" }, item.candidates.map((candidate) =>
    h("button", {
      class: "choice", type: "button", "aria-label": `It is ${candidate.title}, ${candidate.colour}`,
      onclick: (event) => send(`${base}/items/${item.id}`, { sku: candidate.sku }, event.currentTarget),
    }, picture(candidate, ""))));
}

function itemCard(item) {
  const mine = (value) => (event) =>
    send(`${base}/items/${item.id}`, { mine: value }, event.currentTarget);
  if (item.state === "not_mine") {
    return h("article", { class: "item disowned" },
      h("div", { class: "tile" }, item.article ? picture(item.article) : null),
      h("div", { class: "about" },
        h("h3", {}, "Not yours"),
        h("p", { class: "detail" }, item.candidates.length ? "Was it one of these?" : ""),
        choices(item),
        h("div", { class: "foot" },
          h("button", { class: "ghost", type: "button", onclick: mine(true) }, "It is mine after all"))));
  }
  const notMine = h("div", { class: "foot" },
    h("button", { class: "ghost", type: "button", onclick: mine(false) }, "Not mine"));
  if (!item.article) {
    return h("article", { class: "item" },
      h("div", { class: "tile unknown", "aria-hidden": "true" }, "?"),
      h("div", { class: "about" },
        h("h3", {}, `A ${item.category}`),
        h("p", { class: "detail" }, item.candidates.length
          ? "We could not tell which one. Is it one of these?"
          : "We could not tell which one."),
        choices(item), notMine));
  }
  return h("article", { class: "item" },
    h("div", { class: "tile" }, picture(item.article)),
    h("div", { class: "about" }, ...about(item.article), notMine));
}

function outfitCard(outfit) {
  const yours = (piece) => piece.carried ? h("span", { class: "yours" }, "with you") : null;
  return h("button", { class: "outfit", type: "button", "data-outfit": outfit.id, onclick: () => { react({ outfit: outfit.id, kind: "opened" }); openOutfit(outfit); } },
    collage(outfit.pieces, yours),
    h("p", { class: "why" }, outfit.why));
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

function similarCard(article) {
  return h("button", { class: "similar", type: "button", onclick: () => openArticle(article) },
    picture(article, ""), h("span", { class: "name" }, article.title),
    h("span", { class: "price" }, money(article.price)));
}

function openArticle(article) {
  openSheet(article.title, [h("article", { class: "item" },
    h("div", { class: "tile" }, picture(article)), h("div", { class: "about" }, ...about(article)))]);
}

function openOutfit(outfit) {
  const cards = outfit.pieces.map((piece) =>
    h("article", { class: "item" },
      h("div", { class: "tile" }, picture(piece)),
      h("div", { class: "about" }, ...about(piece))));
  const drop = () => {
    react({ outfit: outfit.id, kind: "dropped" });
    sheet.close();
  };
  openSheet(outfit.why, cards,
    h("button", { class: "ghost", type: "button", onclick: drop }, "Not for me"));
  sheet.dataset.outfit = outfit.id;
}

function openSheet(title, cards, more = null) {
  delete sheet.dataset.outfit;
  sheet.replaceChildren(
    h("div", { class: "sheet-head" }, h("h2", { id: "sheet-title" }, title),
      h("div", { class: "sheet-buttons" }, more, closeButton())),
    h("div", { class: "items" }, cards),
  );
  if (!sheet.open) sheet.showModal();
}

function requestRow(request) {
  const what = request.size ? `${request.article.title}, size ${request.size}` : request.article.title;
  const state = request.answer || WORDS[request.state] || request.state;
  return h("div", { class: `request ${request.state}` },
    picture(request.article, ""), h("p", {}, what), h("p", { class: "state" }, state));
}

function refreshSheet() {
  if (!sheet.open || !sheet.dataset.outfit) return;
  const same = current.outfits.find((outfit) => outfit.id === sheet.dataset.outfit);
  if (same) openOutfit(same);
  else sheet.close();
}

function show(state) {
  const cleared = current.visit !== state.visit;
  current = state;
  const busy = state.visit !== null;
  part("idle").hidden = busy;
  part("visit").hidden = !busy;
  if (cleared) {
    sheet.close();
    seen.clear();
    window.scrollTo(0, 0);
  }
  part("with-you").textContent = state.items.length ? "With you" : "Welcome";
  part("items").replaceChildren(...(state.items.length
    ? state.items.map(itemCard)
    : [h("p", { class: "detail" }, "We saw no garments come in. Scan a tag, or ask our staff.")]));
  part("leave").disabled = false;
  part("outfits").replaceChildren(...state.outfits.map(outfitCard));
  part("outfits-section").hidden = !state.outfits.length;
  watching.disconnect();
  part("outfits").querySelectorAll("[data-outfit]").forEach((card) => watching.observe(card));
  part("similar").replaceChildren(...state.similar.map(similarCard));
  part("similar-section").hidden = !state.similar.length;
  const requests = state.requests.filter((r) => r.state !== "cancelled").slice(-3);
  part("requests").replaceChildren(...requests.map(requestRow));
  part("requests").hidden = !requests.length;
  refreshSheet();
}

function askForTag() {
  const code = h("input", { id: "tag", type: "text", inputmode: "text", autocomplete: "off",
    autocapitalize: "characters", maxlength: "40" });
  const problem = h("p", { class: "warn", role: "alert" });
  const add = async (event) => {
    event.preventDefault();
    problem.textContent = await scan(code.value.trim());
    if (!problem.textContent) sheet.close();
  };
  openSheet("Add by tag", h("form", { class: "tag", onsubmit: add },
    h("label", { for: "tag" }, "Scan the tag anywhere on this page, or type its number"),
    code, h("button", { class: "primary", type: "submit" }, "Add"), problem));
  code.focus();
}

// Returns what went wrong, or nothing.
async function scan(code) {
  if (!code) return "The tag's number is missing.";
  try {
    await post(`${base}/scans`, { code });
    return "";
  } catch (error) {
    return error.message;
  }
}

// A scanner types like a keyboard, only much faster, and ends with Enter.
const KEY_MS = 60;
let typed = "";
let typedAt = 0;
document.addEventListener("keydown", async (event) => {
  if (event.target.closest("input") || event.ctrlKey || event.metaKey || event.altKey) return;
  const quick = event.timeStamp - typedAt < KEY_MS;
  typedAt = event.timeStamp;
  if (event.key.length === 1) {
    typed = quick ? typed + event.key : event.key;
  } else if (event.key === "Enter" && quick && typed.length >= 4) {
    event.preventDefault();
    const code = typed;
    typed = "";
    const problem = await scan(code);
    if (problem) say(problem);
  }
}, true);

part("leave").addEventListener("click", (event) => send(`${base}/leave`, {}, event.currentTarget));
document.querySelectorAll("[data-tag]").forEach((button) =>
  button.addEventListener("click", askForTag));

sheet.addEventListener("close", () => delete sheet.dataset.outfit);
sheet.addEventListener("click", (event) => {
  if (event.target === sheet) sheet.close();
});
follow(`${base}/events`, show, part("connection"));
