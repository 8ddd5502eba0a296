// Keys on the page for a field, where a screen has no keyboard: digits first, letters behind a key.

import { h } from "./dom.js";
import { t } from "./texts.js";

const DIGITS = [..."123456789"];
const LETTERS = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];

/** The keys of a field within a form; its last one submits the form. */
export function keypad(field) {
  const type = (text) => {
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    field.focus();
  };
  const erase = () => {
    const [start, end] = [field.selectionStart, field.selectionEnd];
    field.setRangeText("", start === end ? Math.max(start - 1, 0) : start, end, "end");
    field.focus();
  };
  const clear = () => {
    field.value = "";
    field.focus();
  };
  // The field keeps the focus, so that a scan still goes into it.
  const key = (text, onclick, options = {}) => h("button", {
    type: "button", tabindex: "-1", ...options, class: `key ${options.class ?? ""}`, onclick,
    onpointerdown: (event) => event.preventDefault(),
  }, text);
  const char = (text) => key(text, () => type(text));
  const back = () => key("⌫", erase, { class: "quiet", "aria-label": t("Delete the last character") });
  const all = () => key(t("Clear"), clear, { class: "quiet" });
  const add = () => h("button", { class: "primary key add-key", type: "submit" }, t("Add"));
  const pad = h("div", { dir: "ltr", role: "group", "aria-label": t("Keypad") });
  const show = (name, keys) => () => {
    pad.className = `keypad ${name}`;
    pad.replaceChildren(...keys());
  };
  const digits = show("digits", () => [
    ...DIGITS.slice(0, 3).map(char), back(),
    ...DIGITS.slice(3, 6).map(char), all(),
    ...DIGITS.slice(6).map(char), char("-"),
    key("ABC", () => letters(), { class: "quiet", "aria-label": t("Letters") }), char("0"), add(),
  ]);
  const letters = show("letters", () => [
    ...LETTERS.map(char), char("-"), back(),
    key("123", () => digits(), { class: "quiet", "aria-label": t("Digits") }), all(), add(),
  ]);
  digits();
  return pad;
}
