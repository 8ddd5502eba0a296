// The look book: staff keep, drop, change and write looks.

import { collage, h, money, picture } from "./dom.js";
import { get, post } from "./live.js";

const part = (id) => document.getElementById(id);
const editor = part("editor");
const EMPTY = {
  new: "No composed looks wait for you. The command “fittingroom outfits compose” makes some.",
  kept: "Nothing kept yet. Kept looks come first on the screens.",
  stylists: "No stylists’ looks were imported.",
  dropped: "Nothing dropped.",
};
let tab = "new";
let listed = [];

function showProblem(error) {
  part("problem").textContent = error ? error.message : "";
  part("problem").hidden = !error;
}

async function load(start = 0) {
  try {
    const wanted = tab;
    const page = await get(`/api/looks?tab=${wanted}&start=${start}`);
    if (wanted !== tab) return;
    listed = start ? [...listed, ...page.looks] : page.looks;
    part("total").textContent = page.total
      ? `${page.total} ${page.total === 1 ? "look" : "looks"}` : EMPTY[tab];
    part("looks").replaceChildren(...listed.map(card));
    part("more").hidden = listed.length >= page.total;
    showProblem(null);
  } catch (error) {
    showProblem(error);
  }
}

function choose(name) {
  tab = name;
  document.querySelectorAll("[data-tab]").forEach((button) =>
    button.setAttribute("aria-selected", String(button.dataset.tab === tab)));
  load();
}

async function judge(look, state, button) {
  button.disabled = true;
  try {
    await post(`/api/looks/${look.id}`, { state });
    await load();
  } catch (error) {
    button.disabled = false;
    showProblem(error);
  }
}

function card(look) {
  const gone = look.pieces.filter((p) => !p.sizes.some((s) => s.available));
  const act = (text, state, kind = "") => h("button", {
    type: "button", class: kind, onclick: (event) => judge(look, state, event.currentTarget),
  }, text);
  return h("article", { class: "card look", "data-look": look.id },
    collage(look.pieces, (p) => gone.includes(p) ? h("span", { class: "gone" }, "sold out") : null),
    look.title ? h("h2", {}, look.title) : null,
    gone.length ? h("p", { class: "warn" },
      `Out of stock: ${gone.map((p) => p.title).join(", ")}`) : null,
    h("div", { class: "actions" },
      look.state === "kept" ? act("Let go", "open") : act("Keep", "kept", "primary"),
      look.state === "dropped" ? act("Bring back", "open") : act("Drop", "dropped"),
      h("button", { type: "button", onclick: () => edit(look) }, "Change")));
}

function edit(look) {
  const pieces = [...look.pieces];
  const title = h("input", { id: "look-title", type: "text", maxlength: "80", value: look.title,
    autocomplete: "off" });
  const search = h("input", { id: "look-search", type: "search", autocomplete: "off",
    placeholder: "Words, SKU or scan" });
  const held = h("div", { class: "held" });
  const found = h("div", { class: "found" });
  const foundTitle = h("p", { class: "label" });
  const problem = h("p", { class: "warn", role: "alert" });
  const save = h("button", { type: "button", class: "primary", onclick: keep }, "Save and keep");
  let asked = 0;

  function draw() {
    held.replaceChildren(...pieces.map((p, n) =>
      h("figure", {}, picture(p, "9rem"),
        h("button", { type: "button", class: "remove", "aria-label": `Take out ${p.title}`,
          onclick: () => { pieces.splice(n, 1); draw(); offer(); } }, "×"))));
    save.disabled = pieces.length < 2;
  }

  async function offer() {
    const words = search.value.trim();
    const mine = ++asked;
    const query = words
      ? `q=${encodeURIComponent(words)}`
      : pieces.map((p) => `beside=${encodeURIComponent(p.sku)}`).join("&");
    foundTitle.textContent = words ? "Found" : pieces.length ? "Goes well with this" : "";
    if (!query) return found.replaceChildren();
    try {
      const { articles } = await get(`/api/articles?${query}`);
      if (mine !== asked) return;
      found.replaceChildren(...articles.filter((a) => !pieces.some((p) => p.sku === a.sku))
        .map((a) => h("button", { type: "button", class: "add", "aria-label": `Add ${a.title}`,
          onclick: () => { pieces.push(a); search.value = ""; draw(); offer(); } },
          picture(a, "9rem"), h("span", {}, a.title), h("span", { class: "detail" }, money(a.price)))));
      if (!articles.length) foundTitle.textContent = "Nothing found";
    } catch (error) {
      problem.textContent = error.message;
    }
  }

  async function keep() {
    save.disabled = true;
    const data = { skus: pieces.map((p) => p.sku), title: title.value };
    try {
      await post(look.id ? `/api/looks/${look.id}` : "/api/looks", data);
      editor.close();
      choose(look.id ? tab : "kept");
    } catch (error) {
      save.disabled = false;
      problem.textContent = error.message;
    }
  }

  let waiting;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(offer, 250);
  });
  editor.replaceChildren(
    h("div", { class: "editor-head" },
      h("h2", { id: "editor-title" }, look.id ? "Change look" : "New look"),
      h("button", { type: "button", onclick: () => editor.close() }, "Close")),
    held,
    h("label", { for: "look-search" }, "Add an article"), search, foundTitle, found,
    h("label", { for: "look-title" }, "Name (optional)"), title, problem, save);
  draw();
  offer();
  editor.showModal();
}

document.querySelectorAll("[data-tab]").forEach((button) =>
  button.addEventListener("click", () => choose(button.dataset.tab)));
part("more").addEventListener("click", () => load(listed.length));
part("write").addEventListener("click", () => edit({ id: 0, title: "", pieces: [] }));
choose("new");
