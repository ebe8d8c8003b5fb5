// What to ask, how to handle it, and the cards to read: three tabs. A dock on a narrow panel, a column on a wide one.

import { drawFacts, openCount } from "./facts.js";
import { drawHandling } from "./handling.js";
import { drawCards } from "./cards.js";
import { drawGoods, missingCount } from "./goods.js";
import { button, byId, el, swap } from "./dom.js";
import { current, on } from "./state.js";

const TABS = [
  {
    id: "ask",
    label: "要问清",
    draw: (result) => [drawGoods(result), drawFacts(result)],
    count: (result) => openCount(result) + missingCount(result),
  },
  { id: "handle", label: "怎么处理", draw: drawHandling, count: () => 0 },
  { id: "cards", label: "知识卡", draw: drawCards, count: (result) => result.guidance?.cards?.length ?? 0 },
];
const wide = matchMedia("(min-width: 900px)");
let chosen = "ask";
let open = false;

export function startGuidance() {
  for (const event of ["result", "customers", "facts"]) on(event, draw);
  wide.addEventListener("change", draw);
}

function draw() {
  const { result } = current();
  const box = byId("guidance");
  box.hidden = !result;
  if (!result) return;
  const shown = wide.matches || open;
  const tabs = TABS.map((tab) => tabButton(tab, result, shown));
  const tab = TABS.find((one) => one.id === chosen);
  const pane = el(
    "div",
    { class: "pane", role: "tabpanel", "aria-label": tab.label, tabindex: "-1" },
    shown ? tab.draw(result) : [],
  );
  pane.hidden = !shown;
  swap(
    box,
    el("div", { class: "tabs", role: "tablist", "aria-label": "处理指引", onkeydown: onKey }, tabs),
    pane,
  );
}

function tabButton(tab, result, shown) {
  const here = shown && tab.id === chosen;
  const count = tab.count(result);
  const props = {
    role: "tab",
    "aria-selected": String(here),
    tabindex: tab.id === chosen ? "0" : "-1",
    key: `tab:${tab.id}`,
    onclick: () => choose(tab.id),
  };
  return button(props, tab.label, count ? el("span", { class: "count" }, String(count)) : null);
}

function choose(id) {
  open = !(open && chosen === id);
  chosen = id;
  draw();
}

function onKey(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  event.stopPropagation();
  const at = TABS.findIndex((tab) => tab.id === chosen);
  chosen = TABS[(at + step + TABS.length) % TABS.length].id;
  draw();
  byId("guidance").querySelector(`[data-key="tab:${chosen}"]`).focus();
}
