// What is known of the case and what is still to be asked. One click sets a fact, the same click again clears it.

import { analyse } from "./analyse.js";
import { photoReceived } from "./message.js";
import { button, el, icon } from "./dom.js";
import { tell } from "./conversation.js";
import { current, emit, vocabulary } from "./state.js";

/** Set by hand, or else read from the conversation by the service. */
const valueOf = (fact) => current().facts[fact] ?? current().result?.facts?.[fact];

const isKnown = (fact) => valueOf(fact) !== undefined || current().ticked[fact] === true;

const asks = (result) => result.guidance?.ask ?? [];

/** How many questions are still open. */
export const openCount = (result) => asks(result).filter((ask) => !isKnown(ask.fact)).length;

let allShown = false;

export function drawFacts(result) {
  const asked = asks(result).map((ask) => row(ask.fact, ask.text));
  const named = new Set(asks(result).map((ask) => ask.fact));
  const others = Object.keys(vocabulary.facts).filter((fact) => !named.has(fact));
  const ticked = Object.keys(current().ticked).filter((fact) => current().ticked[fact] && !named.has(fact));
  const set = [...others.filter((fact) => current().facts[fact] !== undefined), ...ticked];
  const rest = others.filter((fact) => !set.includes(fact));
  const more = el(
    "details",
    { class: "more", open: allShown },
    el("summary", {}, "其他情况"),
    el(
      "ul",
      { class: "facts" },
      rest.map((fact) => row(fact, "")),
    ),
  );
  more.addEventListener("toggle", () => (allShown = more.open));
  const nothing =
    !asked.length && !set.length && !Object.keys(current().slots).length && el("p", { class: "empty" }, "没有要先问清的，情况清楚可以直接回");
  return [
    nothing,
    el(
      "ul",
      { class: "facts" },
      asked,
      set.map((fact) => row(fact, "")),
      Object.entries(current().slots).map(slotRow),
    ),
    more,
  ];
}

function row(fact, text) {
  const known = isKnown(fact);
  const words = el(
    "span",
    { class: "fact-text" },
    el("strong", {}, fact),
    text ? el("span", {}, text) : null,
  );
  const sign = el("span", { class: "tick", "aria-hidden": "true" }, known ? icon("check") : "");
  return el("li", { class: known ? "fact known" : "fact" }, sign, words, control(fact));
}

/** A value noted while filling a blank; it can be dropped. */
function slotRow([name, value]) {
  const drop = () => {
    delete current().slots[name];
    delete current().blanks[name];
    tell(current(), "slots", name, null);
    emit("facts");
    analyse();
  };
  const props = { class: "value", label: `去掉${name}`, key: `slot:${name}`, onclick: drop };
  const words = el("span", { class: "fact-text" }, el("strong", {}, name), el("span", {}, value));
  const sign = el("span", { class: "tick", "aria-hidden": "true" }, icon("check"));
  return el("li", { class: "fact known" }, sign, words, button(props, "去掉"));
}

function control(fact) {
  const values = vocabulary.facts[fact];
  if (!values) return tickButton(fact);
  return values.length ? choices(fact, values) : field(fact);
}

/** Something the customer sends and the panel never sees: a photo, a description. */
function tickButton(fact) {
  const on = current().ticked[fact] === true;
  const act = () => {
    if (fact === "照片" && !on) return photoReceived();
    current().ticked[fact] = !on;
    tell(current(), "facts", fact, on ? null : "是");
    emit("facts");
    analyse();
  };
  return button(
    { class: "value", "aria-pressed": String(on), label: `${fact}已收到`, key: `fact:${fact}`, onclick: act },
    "已收到",
  );
}

function choices(fact, values) {
  const now = valueOf(fact);
  const buttons = values.map((value) =>
    button(
      {
        class: "value",
        "aria-pressed": String(now === value),
        key: `fact:${fact}:${value}`,
        onclick: () => setFact(fact, now === value ? undefined : value),
      },
      value,
    ),
  );
  return el("span", { class: "values", role: "group", "aria-label": fact }, buttons);
}

function field(fact) {
  const isNumber = vocabulary.numberFacts.includes(fact);
  const input = el("input", {
    type: isNumber ? "number" : "date",
    class: "value",
    "aria-label": fact,
    value: valueOf(fact) ?? "",
    data: { key: `fact:${fact}` },
  });
  if (isNumber) Object.assign(input, { min: 0, max: 999 });
  input.addEventListener("change", () => {
    const value = isNumber ? input.valueAsNumber : input.value;
    setFact(fact, Number.isNaN(value) || value === "" ? undefined : value);
  });
  return el("span", { class: "values" }, input, isNumber ? "天" : null);
}

function setFact(fact, value) {
  const { facts } = current();
  if (value === undefined) delete facts[fact];
  else facts[fact] = value;
  tell(current(), "facts", fact, value ?? null);
  emit("facts");
  analyse();
}
