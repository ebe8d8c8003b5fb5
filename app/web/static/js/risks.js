// The risk banner: what to do first, until somebody has dealt with it or called it a false alarm.

import { keepMessage, storeSoon } from "./conversation.js";
import { button, byId, el, icon, swap } from "./dom.js";
import { current, emit, on, save } from "./state.js";
import { toast } from "./toast.js";

const opened = new Set();

export function startRisks() {
  for (const event of ["result", "customers", "risks"]) on(event, draw);
}

function draw() {
  const open = current().risks.filter((risk) => risk.state === "open");
  swap(byId("risks"), open.map(banner));
}

/** Until the evidence is in, extortion is only suspected. */
const nameOf = (risk) =>
  risk.id === "malicious_review" && !risk.name.startsWith("疑似") ? `疑似${risk.name}` : risk.name;

/** One line, so that the scripts stay in sight: the first thing to do as far as it fits; the rest and the marks are behind 「看怎么做」. */
function banner(risk) {
  const key = `${current().id}:${risk.id}`;
  const advice = (risk.advice ?? []).map((line) => el("li", {}, line));
  const acts = el("div", { class: "row" }, settle(risk, "handled", "已处理"), settle(risk, "false_alarm", "误报"));
  const details = el("div", { class: "risk-more", hidden: !opened.has(key) }, el("ul", {}, advice), acts);
  const more = button(
    {
      class: "link",
      key: `risk:${risk.id}`,
      label: `看怎么做：${nameOf(risk)}`,
      "aria-expanded": String(opened.has(key)),
      onclick: () => toggle(more, details, first, key),
    },
    words(opened.has(key)),
  );
  const first = el("span", { class: "risk-first", hidden: opened.has(key), "aria-hidden": "true" }, risk.advice?.[0] ?? "");
  return el(
    "section",
    { class: "risk", "aria-label": `风险：${nameOf(risk)}` },
    el("p", {}, icon("risk"), el("strong", {}, nameOf(risk)), first, more),
    details,
  );
}

const words = (open) => (open ? "收起" : "看怎么做");

function toggle(button, details, first, key) {
  details.hidden = !details.hidden;
  first.hidden = !details.hidden;
  button.textContent = words(!details.hidden);
  button.setAttribute("aria-expanded", String(!details.hidden));
  if (details.hidden) opened.delete(key);
  else opened.add(key);
}

function settle(risk, state, label) {
  const act = () => {
    const customer = current();
    setState(customer, risk, state);
    toast(`${nameOf(risk)}：记为${label}`, { undo: () => setState(customer, risk, "open") });
  };
  return button({ class: "button small", label: `${nameOf(risk)}${label}`, onclick: act }, label);
}

const MARKS = { open: null, handled: "dealt_with", false_alarm: "false_alarm" };

function setState(customer, risk, state) {
  risk.state = state;
  keepMessage(customer);
  customer.marks[risk.id] = MARKS[state];
  storeSoon(customer);
  save();
  emit("risks");
}
