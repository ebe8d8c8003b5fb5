// The stage bar: what is done, where this reply stands, what comes next.

import { analyse } from "./analyse.js";
import { button, byId, el, icon, swap } from "./dom.js";
import { dueLine } from "./due.js";
import { current, on, vocabulary } from "./state.js";

const STEPS = Object.keys(vocabulary.stages).filter((stage) => stage !== "answer");

export function startStages() {
  for (const event of ["result", "customers", "sent", "stored"]) on(event, draw);
}

/** One stage back (-1) or on (1). */
export function stepStage(step) {
  const now = current().result?.stage?.id;
  const next = STEPS[STEPS.indexOf(now) + step];
  if (STEPS.includes(now) && next) choose(next);
}

function choose(stage) {
  current().stage = stage;
  analyse();
}

/** Done by earlier replies of the conversation, as the service knows them and as copied here. */
function doneStages(result) {
  const { sent, turns } = current();
  const here = turns.filter((turn) => sent.includes(turn.script_id)).map((turn) => turn.stage);
  return new Set([...(result.stage.done ?? []), ...here]);
}

function draw() {
  const { result } = current();
  const bar = byId("stages");
  bar.hidden = !result?.stage;
  byId("stage-reason").hidden = !result?.stage;
  if (!result?.stage) return swap(bar);
  const now = result.stage.id;
  const shown = now === "answer" ? ["answer"] : STEPS;
  const done = doneStages(result);
  const steps = shown.map((stage) => step(stage, now, done.has(stage)));
  swap(bar, el("ol", { class: "steps" }, steps));
  swap(byId("stage-reason"), reason(result.stage));
}

function step(stage, now, done) {
  const name = vocabulary.stages[stage];
  const here = stage === now;
  const said = `${name}${done ? "，已做过" : ""}${here ? "，这条回复" : ""}`;
  const sign = el("span", { class: "sign", "aria-hidden": "true" }, done ? icon("check") : "");
  const props = {
    label: said,
    title: here ? "这条回复做到这一步" : `换到${name}`,
    key: `stage:${stage}`,
    onclick: () => choose(stage),
  };
  if (here) props["aria-current"] = "step";
  return el("li", { class: `${done ? "done" : ""}${here ? " here" : ""}` }, button(props, sign, name));
}

function reason(stage) {
  const chosen = current().stage || current().intents;
  const back = button({ class: "link", key: "auto", onclick: automatic }, "改回自动");
  return [
    el("span", { title: stage.reason ?? "" }, chosen ? "按您选的来" : (stage.reason ?? "")),
    chosen ? back : null,
    dueLine(),
  ];
}

function automatic() {
  Object.assign(current(), { stage: null, intents: null });
  analyse();
}
