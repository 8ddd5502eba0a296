// The bar of every page for people who log in: logging out.

import { at } from "./base.js";
import { post } from "./live.js";

document.getElementById("logout")?.addEventListener("click", async () => {
  try {
    await post("/api/logout", {});
  } finally {
    location.assign(at("/login"));
  }
});
