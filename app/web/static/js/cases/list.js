// The list of cases: a new case without a conversation.

import { call, tell } from "./service.js";

const trouble = document.getElementById("trouble");

document.getElementById("new-case").addEventListener("click", async (event) => {
  const button = event.currentTarget;
  button.disabled = true;
  try {
    const opened = await call("POST", "/cases", { fields: {} });
    location.assign(opened.url);
  } catch (error) {
    tell(trouble, error.message);
    button.disabled = false;
  }
});
document.documentElement.dataset.ready = "true";
