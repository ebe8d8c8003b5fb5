// Blanks: values the shop states or promises, typed where they stand in the text.

import { announce, el } from "./dom.js";
import { tell } from "./conversation.js";
import { current, emit, save, vocabulary } from "./state.js";
import { dateChoices, deadlineChoices } from "./times.js";

const CHOICES = { 时限: deadlineChoices, 日期: dateChoices };

// a blank that asks one or the other: 会不会, 有没有, 可不可以, 透不透; or names both: 毛重还是净重
const EITHER = /^(.)([不没])\1(.*)$/;

/** Values worth offering for a blank; none for most. */
export function choicesFor(name) {
  const [, word, not, rest] = EITHER.exec(name) ?? [];
  if (word) return [word + rest, not + word + rest];
  const either = name.split("还是");
  return either.length > 1 ? either : (CHOICES[name]?.() ?? []);
}

// what is said to a customer until it is kept; what answers one question answers no other
const LASTING = new Set(["时限", "日期", "金额", "优惠", "方案", "原因"]);

/** Forget what was filled in for a message that has been answered, when another one comes. */
export function forgetAnswers(customer) {
  for (const name of Object.keys(customer.blanks)) {
    if (!LASTING.has(name) && !vocabulary.slots?.includes(name)) delete customer.blanks[name];
  }
}

// what the scripts themselves say after a value: 「今天 18:00」前, 「20」元
const ENDINGS = { 时限: /(?:之|以)?前$/, 金额: /(?:元|块钱?)$/ };

/** A value without the word that the script goes on with. */
export const bare = (name, value) => (ENDINGS[name] ? value.trim().replace(ENDINGS[name], "").trim() : value);

/** A field for one blank. finish() runs on Enter, changed() after every change, entered(field) and left() with the focus. */
export function blankField(name, key, { finish, changed, entered, left }) {
  const field = el("input", {
    type: "text",
    class: "blank",
    value: current().blanks[name] ?? "",
    placeholder: name,
    "aria-label": `填写${name}`,
    autocomplete: "off",
    spellcheck: "false",
    data: { key, blank: name },
  });
  fit(field);
  field.addEventListener("input", () => (remember(field), changed()));
  field.addEventListener("keydown", (event) => onKey(event, field, { finish, changed }));
  field.addEventListener("focus", () => entered(field));
  field.addEventListener("change", () => note(name));
  field.addEventListener("blur", left);
  return field;
}

/** Put a chosen value into a field as if it were typed. */
export function setBlank(field, value) {
  field.value = value;
  remember(field);
}

/** What holds for the whole conversation (尺码, 订单号) is kept with it; what is promised belongs to one reply. */
function note(name) {
  const customer = current();
  const value = customer.blanks[name] ?? "";
  if (!vocabulary.slots?.includes(name) || (customer.slots[name] ?? "") === value) return;
  if (value) customer.slots[name] = value;
  else delete customer.slots[name];
  tell(customer, "slots", name, value || null);
  emit("facts");
}

/** As wide as what is in it; browsers with field-sizing do it themselves. */
function fit(field) {
  const text = field.value || field.placeholder;
  field.size = Math.max(
    4,
    Array.from(text).reduce((sum, char) => sum + (char > "\u00ff" ? 2 : 1), 0),
  );
  field.classList.toggle("filled", field.value.trim() !== "");
}

/** The same blank means the same promise in every script for this customer. */
function remember(field) {
  const name = field.dataset.blank;
  current().blanks[name] = bare(name, field.value);
  save();
  for (const other of document.querySelectorAll(`input.blank[data-blank="${CSS.escape(name)}"]`)) {
    if (other !== field) other.value = field.value;
    fit(other);
  }
}

function onKey(event, field, { finish, changed }) {
  if (event.isComposing) return;
  if (event.key === "Enter" && !event.altKey) {
    event.preventDefault();
    finish();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    stepChoice(event, field);
    changed();
  } else if (event.key === "Tab") {
    stepField(event, field);
  }
}

function stepChoice(event, field) {
  const choices = choicesFor(field.dataset.blank);
  if (!choices.length) return;
  event.preventDefault();
  const step = event.key === "ArrowDown" ? 1 : -1;
  const at = choices.indexOf(field.value);
  const next = at < 0 ? (step > 0 ? 0 : choices.length - 1) : (at + step + choices.length) % choices.length;
  setBlank(field, choices[next]);
  announce(choices[next]);
}

/** Tab walks from blank to blank; after the last one it goes on as usual. It doesn't stray from a script that is to be copied. */
function stepField(event, field) {
  const wanted = field.closest(".card.wanted");
  const fields = [...(wanted ?? document).querySelectorAll(wanted ? "input.blank" : "#scripts input.blank")];
  if (wanted && !event.shiftKey && field === fields.at(-1)) {
    event.preventDefault();
    return (fields.find((one) => !one.value.trim()) ?? wanted.querySelector(".badge") ?? field).focus();
  }
  const next = fields[fields.indexOf(field) + (event.shiftKey ? -1 : 1)];
  if (!next || !fields.includes(field)) return;
  event.preventDefault();
  next.focus();
  next.select();
}
