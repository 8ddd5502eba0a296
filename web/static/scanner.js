// A scanner types like a keyboard, only much faster, and ends with Enter.

// Radio scanners pause up to 100 ms between keys; a key pressed long before is not of the code.
const KEY_MS = 300;
const SHORTEST = 4;

/** Give every code that is scanned anywhere on the page, outside its fields, to `onCode`. */
export function listen(onCode) {
  let typed = "";
  let at = 0;
  document.addEventListener("keydown", (event) => {
    if (event.target.closest("input") || event.ctrlKey || event.metaKey || event.altKey) return;
    const quick = event.timeStamp - at < KEY_MS;
    at = event.timeStamp;
    if (event.key.length === 1) {
      typed = quick ? typed + event.key : event.key;
    } else if (event.key === "Enter" && quick && typed.length >= SHORTEST) {
      event.preventDefault();
      const code = typed;
      typed = "";
      onCode(code);
    }
  }, true);
}
