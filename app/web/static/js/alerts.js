// For the lead: customers whose temper climbs. A button says how many; behind it the conversations to look at.

import { listAlerts, seeAlert } from "./api.js";
import { announce, button, byId, el } from "./dom.js";
import { openConversation } from "./find.js";
import { vocabulary } from "./state.js";
import { saidText } from "./times.js";

const EVERY = 20000;
const dialog = byId("alert-list");
let alerts = [];

export function startAlerts() {
  if (!vocabulary.lead) return;
  byId("alerts").addEventListener("click", () => (draw(), dialog.showModal()));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  addEventListener("focus", look);
  setInterval(() => document.visibilityState === "visible" && look(), EVERY);
  look();
}

async function look() {
  try {
    const found = (await listAlerts()).items;
    const fresh = found.filter((one) => alerts.every((known) => known.id !== one.id));
    alerts = found;
    if (fresh.length) announce(`${fresh.length} 位顾客情绪在升级`);
    draw();
  } catch {
    // the next look will tell
  }
}

function draw() {
  const open = byId("alerts");
  open.hidden = !alerts.length;
  open.querySelector("span").textContent = String(alerts.length);
  const rows = alerts.map((alert) =>
    el(
      "li",
      {},
      button(
        { class: "conversation", onclick: () => (dialog.close(), openConversation(alert.conversation_id)) },
        el("strong", {}, alert.label || `会话 ${alert.conversation_id.slice(0, 8)}`),
        el("span", { class: "more" }, [alert.name, saidText(alert.at)].join(" · ")),
      ),
      button({ class: "button small", label: `${alert.label || "这位顾客"}看过了`, onclick: () => see(alert) }, "看过了"),
    ),
  );
  byId("alert-rows").replaceChildren(...(rows.length ? rows : [el("li", { class: "empty" }, "都看过了")]));
}

async function see(alert) {
  try {
    await seeAlert(alert.id);
    alerts = alerts.filter((one) => one.id !== alert.id);
    draw();
  } catch {
    announce("没有记上，稍后再试");
  }
}
