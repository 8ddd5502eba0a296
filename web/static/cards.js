// What stands on a screen: garments, articles, outfits, requests.

import { collage, h, money, picture, thumbnail } from "./dom.js";
import { t } from "./texts.js";

const WORDS = {
  open: () => t("Requested – someone will be with you shortly"),
  taken: () => t("On its way to you"),
  done: () => t("Done"),
};
const REASONS = {
  out_of_stock: () => t("Sorry, out of stock"),
  not_found: () => t("Sorry, we couldn’t find it"),
  other: () => t("Sorry, we can’t bring it right now"),
};

/** Whether staff still have something to do for a request. */
export function isOpen(request) {
  return ["open", "taken", "answered"].includes(request.state);
}

/** Whether an article was asked for in a size and is still to come. */
export function asked(requests, sku, size) {
  return requests.some((r) => isOpen(r) && r.article?.sku === sku && r.size === size);
}

/** Whether staff said in this visit that there is no such article in this size. */
export function soldOut(requests, sku, size) {
  return requests.some((r) => r.state === "declined" && r.reason === "out_of_stock"
    && r.article?.sku === sku && r.size === size);
}

/** Why an outfit was suggested, in words. */
export function reason(why) {
  return t(why.text, { one: why.one ?? t(why.category), other: why.other });
}

function sizes(article, actions) {
  const named = article.sizes.filter((s) => s.size);
  const there = (s) => s.available && !actions.soldOut(article.sku, s.size);
  if (!named.length) {
    const done = actions.asked(article.sku, "");
    const some = article.sizes.some(there);
    return [
      h("button", { class: "primary", type: "button", disabled: done || !some, onclick: actions.ask(article.sku, "") },
        done ? t("Requested") : some ? t("Bring to my room") : t("Out of stock")),
    ];
  }
  return [
    h("p", { class: "label" }, t("Tap a size and we’ll bring it")),
    h("div", { class: "sizes" }, named.map((s) =>
      h("button", {
        class: actions.asked(article.sku, s.size) ? "size asked" : "size",
        type: "button",
        disabled: !there(s),
        "aria-label": there(s)
          ? t("Request size {size}", { size: s.size }) : t("Size {size}, out of stock", { size: s.size }),
        onclick: actions.ask(article.sku, s.size),
      }, s.size))),
  ];
}

function colours(article, actions) {
  if (article.colours.length < 2) return article.colour ? h("p", { class: "detail" }, article.colour) : null;
  return h("div", { class: "colours" }, article.colours.map((other) => {
    const here = other.sku === article.sku;
    return h("button", {
      class: "colour", type: "button", "aria-pressed": String(here), disabled: !other.available && !here,
      onclick: here ? null : actions.open({ ...article, ...other, price: article.price }),
    }, thumbnail(other), h("span", {}, other.colour));
  }));
}

// `variant` is the size that hangs in the room, where somebody scanned its tag.
function about(article, actions, heading = "h3", variant = null) {
  return [
    h("div", { class: "tile" }, picture(article)),
    h("div", { class: "about" },
      h(heading, {}, article.title),
      h("p", { class: "price" }, money((variant ?? article).price)),
      variant?.size ? h("p", { class: "detail" }, t("Size {size}", { size: variant.size })) : null,
      colours(article, actions)),
    h("div", { class: "wants" }, ...sizes(article, actions)),
  ];
}

/** An article with its colours and sizes. */
export function articleCard(article, actions) {
  return h("article", { class: "item" }, ...about(article, actions));
}

/** What a garment could be, as pictures to tap. */
export function pieceCards(item, actions) {
  return item.candidates.map((candidate) => h("button", {
    class: "choice", type: "button",
    "aria-label": t("It is {article}", { article: [candidate.title, candidate.colour].filter(Boolean).join(", ") }),
    onclick: actions.choose(item, candidate.sku),
  }, picture({ ...candidate, title: "" }, "22vw")));
}

// An uncertain category is not shown: a sweater may as well be a dress.
function unknown(item) {
  const some = item.candidates.length > 0;
  if (!item.category_certain) {
    return [
      h("h2", {}, t("A garment")),
      h("p", { class: "detail" }, some
        ? t("We’re not sure what this is. Is it one of these?") : t("We’re not sure what this is.")),
    ];
  }
  return [
    h("h2", { class: "kind" }, t(item.category)),
    h("p", { class: "detail" }, some
      ? t("We’re not sure which one this is. Is it one of these?") : t("We’re not sure which one this is.")),
  ];
}

/** A garment that came in, known or not, hers or not. */
export function itemCard(item, actions) {
  const minor = (text, onclick) => h("button", { class: "minor", type: "button", onclick }, text);
  const choices = h("div", { class: "choices" }, pieceCards(item, actions));
  if (item.state === "not_mine") {
    return h("article", { class: "item disowned" },
      h("div", { class: "tile" }, item.article ? picture(item.article) : null),
      h("div", { class: "about" },
        h("h2", {}, t("Not yours")),
        item.candidates.length ? h("p", { class: "detail" }, t("Was it one of these?")) : null,
        choices),
      h("div", { class: "foot" }, minor(t("It’s mine after all"), actions.mine(item, true))));
  }
  const notMine = minor(t("Not mine"), actions.mine(item, false));
  if (!item.article) {
    return h("article", { class: "item" },
      item.candidates.length ? choices : h("div", { class: "tile unknown", "aria-hidden": "true" }, "?"),
      h("div", { class: "about" }, ...unknown(item)),
      h("div", { class: "foot" }, notMine));
  }
  const swap = item.candidates.length ? minor(t("Swap"), actions.swap(item)) : null;
  return h("article", { class: "item" },
    ...about(item.article, actions, "h2", item.variant),
    h("div", { class: "foot" }, notMine, swap));
}

/** An outfit as a collage that opens its articles. */
export function outfitCard(outfit, actions) {
  const yours = (piece) => piece.carried ? h("span", { class: "yours" }, t("in your room")) : null;
  return h("button", { class: "outfit", type: "button", "data-outfit": outfit.id, onclick: actions.outfit(outfit) },
    collage(outfit.pieces, yours),
    h("p", { class: "why" }, reason(outfit.why)));
}

/** An article like what she carries. */
export function similarCard(article, actions) {
  return h("button", { class: "similar", type: "button", onclick: actions.open(article) },
    thumbnail(article), h("span", { class: "name" }, article.title),
    h("span", { class: "price" }, money(article.price)));
}

/** What was asked for and how it stands; where staff declined, what to ask for instead. */
export function requestRow(request, actions) {
  const what = request.kind === "person" ? t("Help from our staff") : inSize(request.article, request.size);
  const declined = request.state === "declined";
  return h("div", { class: `request ${request.state}` },
    request.article ? thumbnail(request.article) : null,
    h("p", {}, what), h("p", { class: "state" }, standing(request)),
    declined ? h("button", { class: "ghost", type: "button", onclick: actions.dismiss(request) }, t("Close")) : null,
    declined && request.alternatives.length ? instead(request, actions) : null);
}

function inSize(article, size) {
  return size ? t("{article}, size {size}", { article: article.title, size }) : article.title;
}

function standing(request) {
  if (request.answer) return t(request.answer);
  if (request.state !== "declined") return WORDS[request.state]?.() ?? request.state;
  if (request.kind === "person") return t("Sorry, no one is available right now");
  return (REASONS[request.reason] ?? REASONS.other)();
}

function instead(request, actions) {
  const words = {
    size: ({ size }) => t("Size {size}", { size }),
    colour: ({ article }) => article.colour,
    similar: ({ article }) => article.title,
  };
  return h("div", { class: "instead" },
    h("p", { class: "label" }, t("In stock – tap one and we’ll bring it instead")),
    h("div", { class: "instead-choices" }, request.alternatives.map((other) => h("button", {
      class: "colour", type: "button", onclick: actions.instead(request, other),
      "aria-label": t("Request {article} instead", { article: inSize(
        { title: [other.article.title, other.article.colour].filter(Boolean).join(", ") }, other.size) }),
    }, thumbnail(other.article), h("span", {}, words[other.kind](other),
      other.kind !== "size" && other.size ? h("small", {}, t("Size {size}", { size: other.size })) : null)))));
}

/** Garments that went in and may be hers: yes or no. */
export function claimCard(waiting, claim) {
  const named = (thing) => thing.title || (thing.category_certain === false ? t("A garment") : t(thing.category));
  return h("div", { class: "claim" },
    h("h2", {}, t("Are these yours?")),
    h("ul", { class: "claim-things" }, waiting.garments.map((thing) => h("li", {},
      thing.picture ? thumbnail(thing) : h("span", { class: "unknown", "aria-hidden": "true" }, "?"),
      h("span", {}, named(thing))))),
    h("div", { class: "claim-answers" },
      h("button", { class: "primary", type: "button", onclick: claim(waiting.visit, true) }, t("Yes, they’re mine")),
      h("button", { class: "ghost", type: "button", onclick: claim(waiting.visit, false) }, t("No"))));
}
