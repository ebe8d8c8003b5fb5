// Whether this message continues a conversation: what was said before counts, so it must be plain to see and to change.

import { analyse } from "./analyse.js";
import { button, byId, el, swap } from "./dom.js";
import { current, moveToNewCustomer, on } from "./state.js";

export function startContext() {
  for (const event of ["result", "customers", "sent"]) on(event, draw);
}

function draw() {
  const { text, turns } = current();
  const line = byId("context");
  const earlier = turns.filter((turn) => turn.role === "customer" && turn.text !== text).length;
  if (!earlier || !text) return swap(line);
  const sent = turns.filter((turn) => turn.role === "agent").length;
  const other = button({ class: "link", key: "other-customer", onclick: split }, "是另一位顾客");
  swap(line, el("span", {}, `接着前面的对话，已回过 ${sent} 条`), other);
}

function split() {
  moveToNewCustomer();
  analyse();
}
