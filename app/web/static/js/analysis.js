// What was understood: intents as chips, the mood, or why nothing was found.

import { analyse } from "./analyse.js";
import { button, byId, el, icon, swap } from "./dom.js";
import { hueOf } from "./message.js";
import { openPicker } from "./picker.js";
import { current, on } from "./state.js";
import { percent } from "./text.js";
import { spoken } from "./turns.js";

const TRENDS = { rising: ["↗", "在上升"], falling: ["↘", "在缓和"], flat: ["", ""] };

export function startAnalysis() {
  for (const event of ["result", "customers"]) on(event, draw);
}

function draw() {
  const { result } = current();
  const box = byId("analysis");
  box.hidden = !result;
  if (!result) return swap(box);
  const chips = result.intents.map((intent, index) => chip(intent, index));
  const nothing = result.abstained || !chips.length;
  const lead = nothing ? el("p", {}, whyNothing(result)) : [chips, addButton(result)];
  swap(
    box,
    el("div", { class: "chips" }, lead, mood(result.emotion)),
    nothing ? likelyButtons(result) : null,
    isClimbing(result) ? el("p", { class: "climbing" }, "情绪在升，建议告诉主管") : null,
  );
}

function chip(intent, index) {
  const words = (intent.evidence ?? []).map((span) => `「${span.text}」`).join("");
  const act = index ? "点一下先回应它" : "先回应这件事";
  const tip = [`把握 ${percent(intent.score)}`, words && `依据 ${words}`, act].filter(Boolean).join("，");
  const name = button(
    {
      class: "chip-name",
      key: `chip:${intent.id}`,
      title: tip,
      label: `${intent.name}，${tip}`,
      "aria-pressed": String(index === 0),
      onclick: () => makePrimary(intent.id),
    },
    intent.name,
  );
  const drop = button(
    {
      class: "chip-drop",
      key: `drop:${intent.id}`,
      title: `不是${intent.name}`,
      label: `去掉${intent.name}`,
      onclick: () => remove(intent.id),
    },
    icon("close"),
  );
  return el("span", { class: `chip ${hueOf(intent.id)}${index ? "" : " primary"}` }, name, drop);
}

const ids = () => current().result.intents.map((intent) => intent.id);

function choose(list) {
  const customer = current();
  Object.assign(customer, { intents: list, stage: null });
  analyse();
}

const makePrimary = (id) => choose([id, ...ids().filter((other) => other !== id)]);
const remove = (id) => choose(ids().filter((other) => other !== id));
const add = (id) => choose([...ids().filter((other) => other !== id), id]);

function addButton(result) {
  const taken = new Set(result.intents.map((intent) => intent.id));
  const words = "再加一个意图";
  const open = (event) => openPicker(event.currentTarget, (intent) => !taken.has(intent.id), add);
  const props = { class: "chip-add", key: "chip-add", title: words, label: words, "aria-haspopup": "dialog" };
  return button({ ...props, onclick: open }, icon("plus"));
}

/** The temper climbs and is high: somebody else should know. */
const isClimbing = ({ alert, emotion }) =>
  Boolean(alert) || (emotion.trend === "rising" && emotion.level >= 2);

function mood(emotion) {
  const [arrow, words] = TRENDS[emotion.trend] ?? TRENDS.flat;
  const said = (emotion.evidence ?? []).map((span) => `「${span.text}」`).join("");
  const props = {
    class: `mood level-${emotion.level}`,
    title: said ? `依据 ${said}` : "顾客的情绪，只看语气",
  };
  return el(
    "span",
    props,
    el("span", { class: "sr" }, "情绪"),
    emotion.name,
    arrow && el("span", { "aria-hidden": "true" }, arrow),
    words && el("span", { class: "sr" }, words),
  );
}

const likely = (result) => (result.candidates ?? []).slice(0, 3);

/** The likeliest intents to choose from. */
function likelyButtons(result) {
  const only = (id) => choose([id]);
  const buttons = likely(result).map(({ id, name, score }) =>
    button(
      { class: "button", key: `pick:${id}`, title: `把握 ${percent(score)}`, onclick: () => only(id) },
      name,
    ),
  );
  const open = (event) => openPicker(event.currentTarget, () => true, only);
  const others = button({ class: "button quiet", "aria-haspopup": "dialog", onclick: open }, "别的");
  return el("div", { class: "row" }, buttons, others);
}

function whyNothing(result) {
  if (current().intents) return "意图都去掉了，顾客要的是什么，点一下";
  const [first, second] = likely(result).map((intent) => intent.name);
  if (result.reason === "ambiguous" && second)
    return `可能是「${first}」，也可能是「${second}」，点一下是哪个`;
  if (result.reason === "too_low" && first)
    return `听着像「${first}」，但把握不大，${second ? "点一下是哪个" : "是就点一下"}`;
  return goesOn(result) ? "这句没提新的事，接着前面的谈" : "没认出和店铺有关的问题";
}

/** Whether the shop has answered before and the matter is past being asked about. */
const goesOn = (result) =>
  ["apologise", "resolve", "follow_up"].includes(result.stage.id) &&
  spoken(current()).some((turn) => turn.role === "agent");
