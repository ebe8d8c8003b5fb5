// The scripts for this reply, best first, then those of the stages to come.

import { makeCard } from "./card.js";
import { byId, el, swap } from "./dom.js";
import { current, on, vocabulary } from "./state.js";

const KEYS = 9;
let cards = [];

export function startScripts() {
  for (const event of ["result", "customers"]) on(event, draw);
  on("sent", () => cards.forEach((card) => card.refresh()));
}

/** The card a number key stands for. */
export const cardAt = (number) => cards[number - 1];

export const firstBlank = () => byId("scripts").querySelector("input.blank");

function draw() {
  const customer = current();
  const box = byId("scripts");
  cards = [];
  if (!customer.result) return swap(box);
  const sections = groups(customer).map(([name, scripts, now]) => section(name, scripts, now, customer.result));
  swap(box, ...(sections.length ? sections : [emptyLine(customer.result)]));
}

/** What each group is for: [heading, scripts, whether for this reply]: what was chosen in the search, this stage, the stages to come. */
function groups({ pinned, result, sent }) {
  if (result.abstained) return [["先问清是什么事", result.suggestions, true]].filter(([, scripts]) => scripts.length);
  const fresh = result.suggestions.filter(({ script_id: id }) => !sent.includes(id) && id !== pinned?.script_id);
  const byStage = new Map();
  for (const script of fresh) byStage.set(script.stage, [...(byStage.get(script.stage) ?? []), script]);
  const staged = [...byStage].map(([stage, scripts]) => {
    const name = vocabulary.stages[stage] ?? stage;
    const now = stage === result.stage?.id;
    return [now ? name : `接下来 · ${name}`, scripts, now];
  });
  return pinned ? [["搜索选中", [pinned], true], ...staged] : staged;
}

function section(name, scripts, now, result) {
  const made = scripts.map((script) => {
    const number = cards.length + 1;
    const card = makeCard(script, { number: number <= KEYS ? number : null, label: labelOf(script, result) });
    cards.push(card);
    return card.node;
  });
  // this stage's name already stands in the stage bar just above
  const quiet = name === vocabulary.stages[result.stage?.id];
  const heading = el("h2", { class: quiet ? "sr" : "group" }, name, el("span", {}, `${scripts.length} 条`));
  return el("section", { class: now ? "now" : "later" }, heading, made);
}

/** The intent a script answers, by the name on its chip. */
function labelOf(script, result) {
  return [...result.intents, ...(result.candidates ?? [])].find((intent) => intent.id === script.intent)?.name ?? "";
}

function emptyLine(result) {
  const text = result.abstained ? "先点上面的按钮说说顾客要什么" : "这个阶段的话术都发过了，按 → 看下一阶段，按 / 搜别的";
  return el("p", { class: "empty" }, text);
}
