// Building pages from data.

import { at } from "./base.js";
import { t } from "./texts.js";

/**
 * Make an element: h("button", {class: "primary", onclick: f}, "Done").
 * Properties that are functions become listeners; null children are left out.
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child != null && child !== ""));
  return element;
}

/** Write a price the way the page's language does. */
export function money(price) {
  if (!price) return "";
  const style = { style: "currency", currency: price.currency };
  const text = new Intl.NumberFormat(document.documentElement.lang, style).format(price.amount);
  return price.from ? t("from {price}", { price: text }) : text;
}

// How many pieces stand in a row, for each number of pieces.
const ROWS = { 1: [1], 2: [2], 3: [2, 1], 4: [2, 2], 5: [2, 3], 6: [3, 3], 7: [3, 4], 8: [4, 4] };
const WIDTHS = { 1: "half", 2: "half", 3: "third", 4: "quarter" };

/** An outfit's pieces as a picture; `note` gives what lies over a piece, or null. */
export function collage(pieces, note = () => null) {
  const rows = ROWS[pieces.length] ?? Array(Math.ceil(pieces.length / 4)).fill(4);
  const widths = rows.flatMap((count) => Array(count).fill(WIDTHS[count]));
  return h("div", { class: "collage", "data-count": pieces.length }, pieces.map((piece, index) =>
    h("figure", { class: widths[index] }, picture(piece, "20vw"), note(piece))));
}

/** An article's picture; its title says what it shows. `width` is how wide it is shown, as in CSS. */
export function picture(article, width = "45vw") {
  if (!article.picture) return h("img", { class: "picture", alt: article.title });
  const [large, small] = [at(article.picture), at(article.thumbnail)];
  return h("img", { class: "picture", srcset: `${small} 360w, ${large} 1050w`, sizes: width, src: large,
    alt: article.title, draggable: "false" });
}

/** An article's picture in small, where words next to it name the article. */
export function thumbnail(article) {
  return h("span", { class: "tile" },
    h("img", { class: "picture", src: article.thumbnail && at(article.thumbnail), alt: "", draggable: "false" }));
}
