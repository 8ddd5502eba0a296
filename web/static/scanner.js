// A scanner types like a keyboard, only much faster, and ends with Enter or Tab.

// Radio scanners pause up to 100 ms between keys; a key pressed long before is not of the code.
const KEY_MS = 300;
const SHORTEST = 4;
// What GS1 codes part their fields with (FNC1); scanners press Ctrl+] for it.
const SEPARATOR = "\u001d";

/** Collects what is typed quickly; `key` returns the code when a scan has ended. */
class Scan {
  #typed = "";
  #at = 0;

  key(event) {
    const char = charOf(event);
    if (char === null) return null;
    const quick = event.timeStamp - this.#at < KEY_MS;
    this.#at = event.timeStamp;
    if (char) {
      this.#typed = quick ? this.#typed + char : char;
      return null;
    }
    if (!["Enter", "Tab"].includes(event.key) || !quick || this.#typed.length < SHORTEST) return null;
    const code = this.#typed;
    this.#typed = "";
    return code;
  }
}

// The character a key types, "" for one that types none, null for a shortcut.
function charOf(event) {
  if (event.ctrlKey && !event.altKey && event.key === "]") return SEPARATOR;
  const shortcut = event.ctrlKey || event.metaKey || event.altKey;
  if (shortcut && !event.getModifierState("AltGraph")) return null;
  return event.key.length === 1 ? event.key : "";
}

/** Give every code that is scanned anywhere on the page, outside its fields, to `onCode`. */
export function listen(onCode) {
  const scan = new Scan();
  document.addEventListener("keydown", (event) => {
    if (event.target.closest("input")) return;
    const code = scan.key(event);
    if (code === null) return;
    event.preventDefault();
    onCode(code);
  }, true);
}

/** Call `onEnd` when a scan into a field ends with Tab, which would leave it; Enter is the field's own. */
export function endScan(field, onEnd) {
  const scan = new Scan();
  field.addEventListener("keydown", (event) => {
    if (scan.key(event) === null || event.key !== "Tab") return;
    event.preventDefault();
    onEnd();
  });
}
