// An opened outfit: it stays whole, each piece takes one size, and all come with one tap.

import { asked, reason, soldOut } from "./cards.js";
import { collage, h, money, thumbnail } from "./dom.js";
import { t } from "./texts.js";

/** The sizes that are chosen for an outfit's pieces, by SKU: at first of what comes in one size only. */
export function startChoice(outfit, requests) {
  const chosen = new Map();
  for (const piece of outfit.pieces) {
    const only = piece.sizes.length === 1 && available(piece, requests)[0];
    if (only && !piece.carried && !isAsked(piece, requests)) chosen.set(piece.sku, only.size);
  }
  return chosen;
}

function available(piece, requests) {
  return piece.sizes.filter((s) => s.available && !soldOut(requests, piece.sku, s.size));
}

function isAsked(piece, requests) {
  return piece.sizes.some((s) => asked(requests, piece.sku, s.size));
}

function total(pieces) {
  const prices = pieces.map((piece) => piece.price);
  if (prices.some((price) => !price || price.currency !== prices[0].currency)) return null;
  return {
    amount: prices.reduce((sum, price) => sum + price.amount, 0),
    currency: prices[0].currency,
    from: prices.some((price) => price.from),
  };
}

function sizeChoice(piece, requests, chosen, changed) {
  const there = available(piece, requests);
  if (!there.length) return h("p", { class: "detail" }, t("Out of stock"));
  const choose = (size) => () => {
    if (chosen.get(piece.sku) === size) chosen.delete(piece.sku);
    else chosen.set(piece.sku, size);
    changed();
  };
  return h("div", { class: "sizes", role: "group", "aria-label": piece.title }, piece.sizes.map((s) => {
    const done = asked(requests, piece.sku, s.size);
    const open = there.includes(s) && !done;
    const named = s.size ? t("Size {size}", { size: s.size }) : t("One size");
    return h("button", {
      class: done ? "size asked" : "size", type: "button", disabled: !open,
      "aria-pressed": String(chosen.get(piece.sku) === s.size),
      "aria-label": open || done ? named : t("Size {size}, out of stock", { size: s.size }),
      onclick: choose(s.size),
    }, s.size || t("One size"));
  }));
}

function pieceRow(piece, requests, chosen, changed, actions) {
  const state = piece.carried ? t("in your room") : isAsked(piece, requests) ? t("Requested") : null;
  return h("li", { class: "piece" },
    h("button", { class: "piece-picture", type: "button", "aria-label": piece.title, onclick: actions.open(piece) },
      thumbnail(piece)),
    h("div", { class: "piece-words" },
      h("h3", {}, piece.title),
      h("p", { class: "price" }, money(piece.price)),
      state ? h("p", { class: "badge" }, state) : null),
    piece.carried ? null : sizeChoice(piece, requests, chosen, changed));
}

/** A look of the idle page, as an outfit. */
export function lookAsOutfit(look) {
  return { id: `look-${look.id}`, look: true, title: look.title || t("From our look book"), pieces: look.pieces };
}

/** What an outfit is called: its look's name, or why it was suggested. */
export function nameOf(outfit) {
  return outfit.title ?? reason(outfit.why);
}

/** A look of the idle page, to be tapped: its pieces with names and prices. */
export function lookPoster(look, open) {
  const words = (piece) => h("figcaption", {}, h("span", {}, piece.title), h("span", { class: "price" }, money(piece.price)));
  return h("button", { class: "poster", type: "button", onclick: open, "aria-label": lookAsOutfit(look).title },
    collage(look.pieces, words));
}

/**
 * The sheet of an outfit.
 * `chosen` is of `startChoice`; `changed` draws the sheet anew; `bring` asks staff for what is chosen.
 */
export function outfitSheet(outfit, requests, chosen, { changed, bring, drop, open }) {
  const missing = outfit.pieces.filter((piece) => !piece.carried && !isAsked(piece, requests)
    && available(piece, requests).length);
  const sum = total(outfit.pieces);
  const ready = missing.filter((piece) => chosen.has(piece.sku));
  const words = ready.length && ready.length === missing.length ? t("Bring all to my room") : t("Bring to my room");
  return h("div", { class: "outfit-sheet" },
    collage(outfit.pieces, (piece) => piece.carried ? h("span", { class: "yours" }, t("in your room")) : null),
    h("ul", { class: "pieces", "aria-label": nameOf(outfit) }, outfit.pieces.map((piece) =>
      pieceRow(piece, requests, chosen, changed, { open }))),
    h("div", { class: "outfit-foot" },
      sum ? h("p", { class: "total" }, h("span", { class: "detail" }, t("All together")), money(sum)) : null,
      outfit.look ? null : h("button", { class: "ghost", type: "button", onclick: drop }, t("Not for me")),
      missing.length ? h("button", {
        class: "primary", type: "button", disabled: !ready.length,
        onclick: (event) => bring(ready.map((piece) => ({ sku: piece.sku, size: chosen.get(piece.sku) })), event),
      }, ready.length ? words : t("Choose your sizes")) : null));
}
