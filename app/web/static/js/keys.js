// Keys that work anywhere on the page. All of them are listed in the help.

import { byId, takesText } from "./dom.js";
import { register } from "./register.js";
import { cardAt, firstBlank } from "./scripts.js";
import { openFind } from "./find.js";
import { openSearch } from "./search.js";
import { stepStage } from "./stages.js";
import { addCustomer, nextCustomer } from "./state.js";
import { undoLast } from "./toast.js";

const PLAIN = {
  "/": openSearch,
  "、": openSearch,
  "?": () => byId("help").showModal(),
  "？": () => byId("help").showModal(),
  ArrowLeft: () => stepStage(-1),
  ArrowRight: () => stepStage(1),
  Escape: nextCustomer,
  n: addCustomer,
  m: () => byId("message").focus(),
  o: openFind,
  d: register,
  z: undoLast,
};

export function startKeys() {
  document.addEventListener("keydown", onKey);
  byId("help").addEventListener("click", (event) => event.target.id === "help" && byId("help").close());
}

function onKey(event) {
  const sends = event.ctrlKey && event.altKey;
  if (event.isComposing || (event.ctrlKey && !sends) || event.metaKey || document.querySelector("dialog[open]")) return;
  const digit = /^(?:Digit|Numpad)([1-9])$/u.exec(event.code)?.[1];
  const act = sends
    ? digit && sendAct(digit)
    : event.altKey
    ? altAct(event, digit)
    : takesText(event.target)
      ? textAct(event)
      : plainAct(event, digit);
  if (!act) return;
  event.preventDefault();
  act();
}

const altAct = (event, digit) => digit && cardAct(digit, event.shiftKey);

/** In a field only Esc means something: back to the scripts. */
function textAct(event) {
  return event.key === "Escape" && (() => byId("scripts").focus({ preventScroll: true }));
}

function plainAct(event, digit) {
  if (digit) return cardAct(digit, event.shiftKey);
  if (event.key === "Tab" && !event.shiftKey && atRest()) return blankAct();
  return PLAIN[event.key];
}

function cardAct(digit, edits) {
  const card = cardAt(Number(digit));
  return card && (() => (edits ? card.edit() : card.copyNext()));
}

function sendAct(digit) {
  const card = cardAt(Number(digit));
  return card && (() => card.sendAll());
}

/** Nothing in particular has the focus, so Tab may start with the blanks. */
const atRest = () => document.activeElement === document.body || document.activeElement === byId("scripts");

function blankAct() {
  const field = firstBlank();
  return field && (() => field.focus());
}
