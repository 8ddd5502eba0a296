// The page's language: texts by their English wording.

const element = document.getElementById("texts");
const catalogues = element ? JSON.parse(element.textContent) : {};
const initial = document.documentElement.lang;
const rightToLeft = (document.documentElement.dataset.rightToLeft ?? "").split(" ");
let language = initial;

/** The text with this English wording, in the page's language; {name} is replaced. */
export function t(id, values = {}) {
  const text = catalogues[language]?.[id] || id;
  // Names of articles keep their own direction within a sentence of the other.
  const isolate = (value) => document.documentElement.dir === "rtl" ? `\u2068${value}\u2069` : value;
  return text.replace(/\{(\w+)\}/g, (_, name) => isolate(values[name] ?? ""));
}

/** Mark a text that is translated where it is read; returns it as it is. */
export function N_(id) {
  return id;
}

/** The language the page speaks now. */
export function spoken() {
  return language;
}

/** Speak another language, or the one the page came in: fixed texts at once. */
export function speak(code = initial) {
  language = code;
  document.documentElement.lang = code;
  document.documentElement.dir = rightToLeft.includes(code) ? "rtl" : "ltr";
  for (const fixed of document.querySelectorAll("[data-t]")) fixed.textContent = t(fixed.dataset.t);
  for (const labelled of document.querySelectorAll("[data-t-label]")) {
    labelled.setAttribute("aria-label", t(labelled.dataset.tLabel));
  }
}
