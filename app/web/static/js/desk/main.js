// The desk: asks every few seconds, counts down every second, and never moves what the pointer is on.

import { byId, el, takesText } from "../dom.js";
import { setNow } from "../times.js";
import { tick } from "../countdown.js";
import { drawAlerts, drawLines } from "./lines.js";
import { drawPromises, onChange } from "./promises.js";
import { readDesk } from "./service.js";

const EVERY = 4000;
const list = el("ol", { class: "desk-list" });
const empty = el("p", { class: "empty-state", hidden: true });
const chosen = { scope: "all", shop: "" };
let newest = 0;
let timer = 0;

async function refresh() {
  clearTimeout(timer);
  const mine = ++newest;
  try {
    const desk = await readDesk(chosen);
    if (mine !== newest) return;
    setNow(desk.now);
    drawPromises(byId("desk-promises"), desk.promises);
    drawAlerts(byId("desk-alerts"), desk.lines);
    drawLines(list, desk.lines, isHeld());
    show(desk.lines);
  } catch (error) {
    if (mine === newest) byId("desk-state").textContent = `${error.message || "连不上话术助手"}，正在重试`;
  } finally {
    if (mine === newest && !document.hidden) timer = setTimeout(refresh, EVERY);
  }
}

const isHeld = () => list.matches(":hover") || list.contains(document.activeElement);

function show(lines) {
  const waiting = lines.filter((line) => line.waiting_since).length;
  byId("desk-state").textContent = lines.length ? `${lines.length} 个会话，${waiting} 个在等回复` : "";
  empty.hidden = lines.length > 0;
  empty.textContent = chosen.scope === "mine" ? "您手上没有没结束的会话。" : "没有没结束的会话。顾客来话了会出现在这里。";
}

function choose(button) {
  for (const other of document.querySelectorAll("[data-scope]")) other.removeAttribute("aria-current");
  button.setAttribute("aria-current", "true");
  chosen.scope = button.dataset.scope;
  refresh();
}

/** j and k go through everything that opens a conversation, Enter opens it. */
function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || takesText(event.target)) return;
  const step = { j: 1, k: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const links = [...list.querySelectorAll("a")];
  const at = links.indexOf(document.activeElement);
  const next = links[at < 0 ? 0 : Math.min(Math.max(at + step, 0), links.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

byId("desk-lines").append(list, empty);
for (const button of document.querySelectorAll("[data-scope]")) button.addEventListener("click", () => choose(button));
byId("desk-shop")?.addEventListener("change", (event) => {
  chosen.shop = event.target.value;
  refresh();
});
list.addEventListener("mouseleave", () => refresh());
document.addEventListener("keydown", onKey);
document.addEventListener("visibilitychange", () => document.hidden || refresh());
onChange(refresh);
setInterval(() => tick(), 1000);
refresh();
