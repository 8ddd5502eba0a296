// Who is logged in and what happened: times as this browser writes them, logins to end.

import { post } from "./live.js";

const problem = document.getElementById("problem");
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const today = new Date().toDateString();

for (const element of document.querySelectorAll("[data-time]")) {
  const time = new Date(Number(element.dataset.time) * 1000);
  element.dateTime = time.toISOString();
  const when = time.toDateString() === today ? [] : [day.format(time)];
  element.textContent = [...when, clock.format(time)].join(", ");
}

for (const button of document.querySelectorAll("[data-login]")) {
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await post(`/api/logins/${button.dataset.login}/end`, { everywhere: "everywhere" in button.dataset });
      location.reload();
    } catch (error) {
      button.disabled = false;
      problem.textContent = error.message;
      problem.hidden = false;
    }
  });
}
