// The variables in a bubble, as people read them.
import { el } from "../dom.js";

/** A bubble's text with its variables as pills. */
export function pills(text) {
  return text.split(/(\{\{[^{}]*\}\}|\{%[^%]*%\})/).filter(Boolean).map((part) => {
    const name = /^\{\{\s*([^|}\s]+)/.exec(part)?.[1];
    if (name) return el("span", { class: "pill" }, name);
    const test = /^\{%-?\s*(.*?)\s*-?%\}$/.exec(part)?.[1];
    if (!test) return part;
    const told = test.startsWith("if not") ? `没有${test.slice(6)}时` : test.startsWith("if") ? `${test.slice(2).trim()}时` : test.startsWith("else") ? "否则" : "到这里";
    return el("span", { class: "pill if" }, told);
  });
}
