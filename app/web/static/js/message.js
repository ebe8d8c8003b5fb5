// The box with the customer's words. What led to an intent is marked behind the text, in the colour of its chip.

import { analyse, analyseSoon } from "./analyse.js";
import { addMessage, keepMessage } from "./conversation.js";
import { button, byId, el, swap } from "./dom.js";
import { current, on, setMessage, status } from "./state.js";
import { segments } from "./text.js";
import { hideToast } from "./toast.js";
import { spoken, turnById } from "./turns.js";

const area = byId("message");

export function startMessage() {
  on("result", () => (drawMarks(), showFirstMark()));
  on("customers", showMessage);
  on("status", drawStatus);
  area.addEventListener("input", onInput);
  area.value = current().text;
}

/** New words of the customer, stored and analysed at once. */
export function take(text) {
  const customer = current();
  const same = text === customer.text;
  keepMessage(customer);
  const before = turnById(customer, customer.messageId);
  setMessage(text);
  // the same words again are new only after an answer; longer ones with the last ones in them put those right
  if (same && spoken(customer).at(-1) !== before) customer.messageId = null;
  if (!same && before && !text.includes(before.text)) customer.editedId = null;
  keepMessage(customer);
  showMessage();
  settle();
}

/** What only the chat window can show, such as a photo: it is said with a word of its own. */
export function takeUnseen(text, type) {
  keepMessage(current());
  addMessage(current(), text, { attachments: [{ type }] });
  showMessage();
  settle();
}

function showMessage() {
  area.value = current().text;
  drawMarks();
}

/** Analyses at once, and the focus leaves the box so that number keys copy. */
export function settle() {
  hideToast();
  analyse();
  byId("work").scrollTop = 0;
  byId("scripts").focus({ preventScroll: true });
}

function onInput(event) {
  setMessage(area.value);
  drawMarks();
  if (event.isComposing) return;
  if (event.inputType === "insertFromPaste" || event.inputType === "insertFromDrop") {
    keepMessage(current());
    settle();
  } else {
    analyseSoon();
  }
}

area.addEventListener("compositionend", analyseSoon);

/** Pictures never reach the panel; that one came does. */
export function photoReceived() {
  current().ticked["照片"] = true;
  takeUnseen("[图片]", "image");
}

/** Evidence of every intent, emotion and risk; a span belongs to the first intent that claims it. */
function evidence(result) {
  const marks = result.intents.flatMap((intent) =>
    (intent.evidence ?? []).map((span) => ({ ...span, hue: hueOf(intent.id), name: intent.name })),
  );
  const mood = (result.emotion?.evidence ?? []).map((span) => ({
    ...span,
    hue: "tone",
    name: result.emotion.name,
  }));
  return [...marks, ...mood];
}

/** An intent keeps its colour while the agent reorders them; there are six colours. */
export function hueOf(id) {
  const { hues } = current();
  if (!hues.includes(id)) hues.push(id);
  return `hue-${(hues.indexOf(id) % 6) + 1}`;
}

function drawMarks() {
  const { text, result } = current();
  const spans = result?.text === text ? evidence(result) : [];
  const nodes = segments(text, spans).map((part) =>
    part.span
      ? el("mark", { class: part.span.hue, title: part.span.name }, part.text)
      : document.createTextNode(part.text),
  );
  // a last empty line would otherwise have no height
  byId("marks").replaceChildren(...nodes, "\n");
  byId("box").classList.toggle("empty", text === "");
}

/** In a long message what counts may lie below the edge of the box. */
function showFirstMark() {
  const first = byId("marks").querySelector("mark");
  if (document.activeElement !== area)
    byId("box").scrollTop = first ? first.offsetTop - first.offsetHeight * 1.5 : 0;
}

function drawStatus() {
  const { note, busy } = status;
  const { text, result } = current();
  const shell = byId("shell");
  shell.setAttribute("aria-busy", String(busy));
  shell.classList.toggle("stale", Boolean(note && result && result.text !== text));
  const line = byId("status");
  if (!note) return swap(line);
  const again = note.retry && button({ class: "link", onclick: analyse }, "现在就试");
  const reload = note.reload && button({ class: "link", onclick: () => location.reload() }, "刷新页面");
  swap(line, el("span", {}, note.text), again || null, reload || null);
}
