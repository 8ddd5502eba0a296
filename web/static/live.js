// Following a topic of the server: newest state in, "reconnecting" shown while it is gone.

import { at } from "./base.js";

let ahead = null; // seconds from this page's steady clock to the server's time

/** Return the server's time in seconds since the epoch; a tablet's clock may be wrong. */
export function serverTime() {
  return ahead === null ? Date.now() / 1000 : performance.now() / 1000 + ahead;
}

const QUIET_MS = 20000; // the server sends something at least every 8 seconds

/**
 * Follow an event stream for ever.
 * @param {string} address of the stream
 * @param {(state: object) => void} onState is given every new state
 * @param {HTMLElement} sign is shown while the connection is lost
 */
export function follow(address, onState, sign) {
  let source;
  let watchdog;

  const alive = () => {
    sign.hidden = true;
    clearTimeout(watchdog);
    watchdog = setTimeout(lost, QUIET_MS);
  };

  const lost = () => {
    sign.hidden = false;
    source.close();
    clearTimeout(watchdog);
    watchdog = setTimeout(connect, 1500 + Math.random() * 1000);
  };

  const connect = () => {
    source = new EventSource(at(address));
    const read = (event) => {
      alive();
      const data = JSON.parse(event.data);
      ahead = data.now - performance.now() / 1000;
      return data;
    };
    source.addEventListener("state", (event) => onState(read(event)));
    source.addEventListener("beat", read);
    source.onopen = alive;
    source.onerror = () => {
      sign.hidden = false;
      // The browser comes back by itself with Last-Event-ID, unless it was refused.
      if (source.readyState === EventSource.CLOSED) lost();
    };
  };

  connect();
}

async function send(method, address, data) {
  const answer = await fetch(at(address), {
    method,
    headers: data ? { "Content-Type": "application/json" } : {},
    body: data ? JSON.stringify(data) : undefined,
  });
  if (answer.status === 401 && document.body.classList.contains("staff")) location.reload();
  const body = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(body.error.message), { status: answer.status });
  return body;
}

/** Ask for JSON. */
export const get = (address) => send("GET", address);

/**
 * Send JSON.
 * @returns {Promise<object>} the answer
 * @throws {Error} with the server's message and `status`; without, the server cannot be reached
 */
export function post(address, data) {
  return send("POST", address, data);
}

/** Delete what is at an address; answers and throws as `post` does. */
export function remove(address) {
  return send("DELETE", address);
}
