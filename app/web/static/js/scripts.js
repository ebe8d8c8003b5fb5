// The scripts for this reply, best first, then those of the stages to come.

import { makeCard } from "./card.js";
import { byId, el, swap } from "./dom.js";
import { current, on, vocabulary } from "./state.js";

const KEYS = 9;
const LATER = "接下来 · ";
const RISK = "先回应风险";
let cards = [];

export function startScripts() {
  for (const event of ["result", "customers"]) on(event, draw);
  for (const event of ["sent", "message", "status", "replies"]) on(event, () => cards.forEach((card) => card.refresh()));
}

/** The card a number key stands for. */
export const cardAt = (number) => cards[number - 1];

export const firstBlank = () => byId("scripts").querySelector("input.blank");

function draw() {
  const customer = current();
  const box = byId("scripts");
  cards = [];
  if (!customer.result) return swap(box);
  const sections = groups(customer).map(([name, scripts, now]) =>
    section(name, scripts, now, customer.result),
  );
  swap(box, ...(sections.length ? sections : [emptyLine(customer.result)]));
}

/** [heading, scripts, whether for this reply]: risks first, this stage, the stages to come. */
function groups({ result, sent }) {
  // in a running matter words without an intent are answered like any others
  if (result.abstained && result.stage.id === "answer")
    return [["先问清是什么事", result.suggestions, true]].filter(([, scripts]) => scripts.length);
  const fresh = result.suggestions.filter((script) => !sent.includes(script.script_id));
  const named = new Map();
  const nameOf = namer(fresh, result);
  fresh.forEach((script, index) => {
    const name = nameOf(script, index);
    named.set(name, [...(named.get(name) ?? []), script]);
  });
  return [...named].map(([name, scripts]) => [name, scripts, !name.startsWith(LATER)]);
}

/** What stands before the last script of this stage is for this reply too, whatever its own stage. */
function namer(scripts, result) {
  const risks = new Set((result.risks ?? []).map((risk) => risk.id));
  const last = scripts.findLastIndex((script) => script.stage === result.stage.id);
  const stageName = (stage) => vocabulary.stages[stage] ?? stage;
  return (script, index) => {
    if (index > last && script.stage !== result.stage.id) return `${LATER}${stageName(script.stage)}`;
    return risks.has(script.intent) ? RISK : stageName(result.stage.id);
  };
}

function section(name, scripts, now, result) {
  // at the top the stage's name already stands in the stage bar
  const quiet = cards.length === 0 && name === vocabulary.stages[result.stage.id];
  const made = scripts.map((script) => {
    const number = cards.length + 1;
    const shown = { number: number <= KEYS ? number : null, label: labelOf(script, result), answers: result.text };
    const card = makeCard(script, shown);
    cards.push(card);
    return card.node;
  });
  const heading = el("h2", { class: quiet ? "sr" : "group" }, name, el("span", {}, `${scripts.length} 条`));
  return el("section", { class: now ? "now" : "later" }, heading, made);
}

/** The intent a script answers, by the name on its chip. */
function labelOf(script, result) {
  return (
    [...result.intents, ...(result.candidates ?? [])].find((intent) => intent.id === script.intent)?.name ??
    ""
  );
}

function emptyLine(result) {
  const allSent = result.suggestions.length
    ? "这里的话术都发过了，按 → 看下一阶段，按 / 搜别的"
    : "这里还没有写好的话术，按 / 搜别的";
  const text = result.abstained ? "点一下上面的按钮，就有话术" : allSent;
  return el("p", { class: "empty" }, text);
}
