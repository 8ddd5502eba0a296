// A dialog in which staff say which article a garment is.

import { h, money, thumbnail } from "./dom.js";
import { get, post } from "./live.js";
import { endScan } from "./scanner.js";

const SEARCH_MS = 250;

/** Open the dialog for a garment in a room. */
export function correct(dialog, room, item) {
  const problem = h("p", { class: "warn", role: "alert" });
  const title = h("p", { class: "label" });
  const found = h("div", { class: "found" });
  const search = h("input", { id: "correct-search", type: "search", autocomplete: "off",
    placeholder: "Words, SKU, GTIN or scan" });
  let asked = 0;

  const say = async (data) => {
    try {
      await post(`/api/rooms/${encodeURIComponent(room)}/items/${item.id}`, data);
      dialog.close();
    } catch (error) {
      problem.textContent = error.message;
    }
  };

  function offer(name, articles) {
    title.textContent = name;
    found.replaceChildren(...articles.map((article) => h("button", {
      type: "button", class: "add",
      // A tag says the size, a picture does not.
      onclick: () => say(article.variant ? { code: article.variant.sku } : { sku: article.sku }),
      "aria-label": `It is ${[article.title, article.colour, article.variant?.size].filter(Boolean).join(", ")}`,
    }, thumbnail(article), h("span", {}, article.title),
      h("span", { class: "detail" }, [article.colour, article.variant?.size, money((article.variant ?? article).price)].filter(Boolean).join(" · ")))));
  }

  async function look() {
    const words = search.value.trim();
    const mine = ++asked;
    if (!words) return offer(item.candidates.length ? "Perhaps" : "", item.candidates);
    try {
      const { articles } = await get(`/api/articles?q=${encodeURIComponent(words)}`);
      if (mine === asked) offer(articles.length ? "Found" : "Nothing found", articles);
    } catch (error) {
      problem.textContent = error.message;
    }
  }

  let waiting;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(look, SEARCH_MS);
  });
  // Enter or Tab behind a scan: its article is taken at once.
  const scanned = () => search.value.trim() && say({ code: search.value.trim() });
  endScan(search, scanned);
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") scanned();
  });
  const kind = item.category_certain === false ? "a garment that we are not sure about" : `a ${item.category} nobody knows`;
  const size = item.variant?.size && `size ${item.variant.size}`;
  const name = [item.title || kind, item.colour, size].filter(Boolean).join(", ");
  dialog.replaceChildren(
    h("div", { class: "editor-head" },
      h("h2", { id: "correct-title" }, `Room ${room}: which one is it?`),
      h("button", { type: "button", class: "ghost", onclick: () => dialog.close() }, "Close")),
    h("p", { class: "detail" }, `Now: ${name}`),
    title, found,
    h("label", { for: "correct-search" }, "Another article"), search,
    h("button", { type: "button", class: "ghost", onclick: () => say({ mine: false }) }, "None of the shop’s"),
    problem);
  look();
  dialog.showModal();
}
