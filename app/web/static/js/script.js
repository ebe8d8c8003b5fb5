// A script as the service sent it, with the values typed for its blanks.

import { segments } from "./text.js";

/** The parts of one bubble: {text, name}, name set where a blank stands. */
export function bubbleParts(script, index) {
  const spans = (script.blanks ?? []).filter((blank) => blank.bubble === index);
  return segments(script.bubbles[index], spans).map((part) => ({ text: part.text, name: part.span?.name ?? null }));
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

/** Placeholders left in a text edited by hand. */
export const placeholders = (text) => [...new Set(Array.from(text.matchAll(/〔([^〕]+)〕/gu), (found) => found[1]))];
