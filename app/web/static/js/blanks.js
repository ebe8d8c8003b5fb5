// Blanks: values the shop states or promises, typed where they stand in the text.

import { announce, el } from "./dom.js";
import { current, save } from "./state.js";
import { dateChoices, deadlineChoices } from "./times.js";

const CHOICES = { 时限: deadlineChoices, 日期: dateChoices };

/** A field for one blank. finish(field) runs on Enter, picked(field) after a choice, changed() after every change. */
export function blankField(name, key, { finish, picked, changed }) {
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
  const set = (value) => {
    field.value = value;
    remember(name, field);
    changed();
  };
  field.addEventListener("input", () => set(field.value));
  field.addEventListener("keydown", (event) => onKey(event, field, set, finish));
  field.addEventListener("focus", () => showChoices(field, set, picked));
  field.addEventListener("blur", (event) => hideChoices(field, event.relatedTarget));
  return field;
}

/** As wide as what is in it; browsers with field-sizing do it themselves. */
function fit(field) {
  const text = field.value || field.placeholder;
  field.size = Math.max(4, Array.from(text).reduce((sum, char) => sum + (char > "\u00ff" ? 2 : 1), 0));
  field.classList.toggle("filled", field.value.trim() !== "");
}

/** The same blank means the same promise everywhere for this customer. */
function remember(name, field) {
  current().blanks[name] = field.value;
  save();
  for (const other of document.querySelectorAll(`input.blank[data-blank="${CSS.escape(name)}"]`)) {
    if (other !== field) other.value = field.value;
    fit(other);
  }
}

function onKey(event, field, set, finish) {
  if (event.isComposing) return;
  if (event.key === "Enter" && !event.altKey) {
    event.preventDefault();
    finish(field);
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    stepChoice(event, field, set);
  } else if (event.key === "Tab") {
    stepField(event, field);
  }
}

function stepChoice(event, field, set) {
  const choices = CHOICES[field.dataset.blank]?.() ?? [];
  if (!choices.length) return;
  event.preventDefault();
  const step = event.key === "ArrowDown" ? 1 : -1;
  const at = choices.indexOf(field.value);
  const next = at < 0 ? (step > 0 ? 0 : choices.length - 1) : (at + step + choices.length) % choices.length;
  set(choices[next]);
  announce(choices[next]);
}

/** Tab walks from blank to blank; after the last one it goes on as usual. */
function stepField(event, field) {
  const fields = [...document.querySelectorAll("#scripts input.blank")];
  const next = fields[fields.indexOf(field) + (event.shiftKey ? -1 : 1)];
  if (!next || !fields.includes(field)) return;
  event.preventDefault();
  next.focus();
  next.select();
}

function showChoices(field, set, picked) {
  const choices = CHOICES[field.dataset.blank]?.() ?? [];
  const bubble = field.closest(".bubble");
  if (!choices.length || bubble.querySelector(".choices")) return;
  const pick = (event, value) => {
    event.stopPropagation();
    set(value);
    bubble.querySelector(".choices")?.remove();
    picked(field);
  };
  const buttons = choices.map((value) =>
    // pressing must not take the focus from the field, which would close the choices before the click
    el("button", { type: "button", tabindex: "-1", onpointerdown: keepFocus, onclick: (event) => pick(event, value) }, value),
  );
  bubble.append(el("span", { class: "choices" }, buttons));
}

const keepFocus = (event) => event.preventDefault();

function hideChoices(field, goingTo) {
  const bubble = field.closest(".bubble");
  const choices = bubble?.querySelector(".choices");
  if (choices && !choices.contains(goingTo)) choices.remove();
}
