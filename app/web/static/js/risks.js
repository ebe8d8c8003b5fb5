// The risk banner: what to do first, until somebody has dealt with it or called it a false alarm.

import { keepMessage, storeSoon } from "./conversation.js";
import { button, byId, el, icon, swap } from "./dom.js";
import { openTab } from "./guidance.js";
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

function banner(risk) {
  const [first, ...rest] = risk.advice ?? [];
  const key = `${current().id}:${risk.id}`;
  const details = el(
    "ul",
    { hidden: !opened.has(key) },
    rest.map((line) => el("li", {}, line)),
  );
  const more = button({ class: "link", key: `risk:${risk.id}` }, "看怎么做");
  if (rest.length) more.setAttribute("aria-expanded", String(opened.has(key)));
  more.addEventListener("click", () => (rest.length ? toggle(more, details, key) : openTab("handle")));
  const line = el("p", {}, el("strong", {}, nameOf(risk)), first && el("span", {}, first));
  const acts = el(
    "div",
    { class: "row" },
    more,
    el("span", { class: "gap" }),
    settle(risk, "handled", "已处理"),
    settle(risk, "false_alarm", "误报"),
  );
  return el(
    "section",
    { class: "risk", "aria-label": `风险：${nameOf(risk)}` },
    icon("risk"),
    el("div", {}, line, details, acts),
  );
}

function toggle(button, details, key) {
  details.hidden = !details.hidden;
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
