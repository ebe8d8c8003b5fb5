// Offsets from the service count Unicode code points; JavaScript strings count UTF-16 units.

export const points = (text) => Array.from(text);

/** Cut a text at spans {start, end}: a list of {text, span}, span null between them. Overlaps: the first one wins. */
export function segments(text, spans) {
  const chars = points(text);
  const parts = [];
  let at = 0;
  const ordered = spans
    .filter((span) => span.start >= 0 && span.end > span.start)
    .sort((a, b) => a.start - b.start);
  for (const span of ordered) {
    if (span.start < at || span.end > chars.length) continue;
    if (span.start > at) parts.push({ text: chars.slice(at, span.start).join(""), span: null });
    parts.push({ text: chars.slice(span.start, span.end).join(""), span });
    at = span.end;
  }
  if (at < chars.length) parts.push({ text: chars.slice(at).join(""), span: null });
  return parts;
}

/** Where something comes from, in words: the shop's documents are named by a number, laws by their name. */
export function sourceText(source) {
  const names = new Set((source ?? []).map((one) => (one === "practice" ? "经验做法" : /^\d{3}\./u.test(one) ? "店铺资料" : one)));
  return names.size ? `依据：${[...names].join("、")}` : "";
}

export const percent = (score) => `${Math.round(score * 100)}%`;

/** The beginning of a text on one line. */
export function head(text, length) {
  const chars = points(text.replace(/\s+/gu, " ").trim());
  return chars.length > length ? `${chars.slice(0, length).join("")}…` : chars.join("");
}
