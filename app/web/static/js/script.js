// A script as the service sent it, with the values typed for its blanks.

import { points, segments } from "./text.js";

/** The parts of one bubble: {text, name, hit}; name set where a blank stands, hit where a search word does. */
export function bubbleParts(script, index) {
  const blanks = (script.blanks ?? []).filter((blank) => blank.bubble === index);
  const clear = (mark) => blanks.every((blank) => mark.end <= blank.start || mark.start >= blank.end);
  const spans = [...blanks, ...hits(script, index).filter(clear)];
  return segments(script.bubbles[index], spans).map(({ text, span }) => ({
    text,
    name: span?.name ?? null,
    hit: Boolean(span?.hit),
  }));
}

/** Search marks count from the beginning of the text, which is the bubbles joined by newlines. */
function hits(script, index) {
  const from = script.bubbles.slice(0, index).reduce((sum, bubble) => sum + points(bubble).length + 1, 0);
  const marks = (script.marks ?? []).filter((mark) => mark.field === "text");
  return marks.map((mark) => ({ start: mark.start - from, end: mark.end - from, hit: true }));
}

const valueOf = (values, name) => (values[name] ?? "").trim();

/** The text of a bubble, blanks filled where a value is known. */
export function bubbleText(script, index, values) {
  const parts = bubbleParts(script, index);
  return parts.map((part) => (part.name && valueOf(values, part.name)) || part.text).join("");
}

/** Names of the blanks that still wait for a value. */
export function missing(script, values) {
  const names = new Set((script.blanks ?? []).map((blank) => blank.name));
  return [...names].filter((name) => !valueOf(values, name));
}

export const lackText = (names) => `这条话术还缺${names.join("、")}，填上就能复制`;

const PLACE = /〔([^〕]+)〕/gu;

/** Placeholders left in a text edited by hand. */
export const placeholders = (text) => [...new Set(Array.from(text.matchAll(PLACE), (found) => found[1]))];

/** Selects the next placeholder of a text area from `start` on, so that typing takes its place; false when there is none. */
export function selectPlaceholder(area, start = 0) {
  const found = [...area.value.matchAll(PLACE)].find((one) => one.index >= start);
  if (!found) return false;
  area.focus();
  area.setSelectionRange(found.index, found.index + found[0].length);
  return true;
}
