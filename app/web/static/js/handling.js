// What the shop's rules say about this case, what to do and what not to say, and until when.

import { drawClocks } from "./clocks.js";
import { el, icon } from "./dom.js";
import { sourceText } from "./text.js";
import { dueText } from "./times.js";

export function drawHandling(result) {
  const { rules = [], do: dos = [], dont = [], deadlines = [] } = result.guidance ?? {};
  const parts = [
    rules.map(rule),
    deadlines.length > 0 && block("时限", "deadlines", deadlines.map(deadline)),
    drawClocks(),
    dos.length > 0 &&
      block(
        "要做",
        "do",
        dos.map((text) => line("check", text)),
      ),
    dont.length > 0 &&
      block(
        "别做",
        "dont",
        dont.map((text) => line("close", text)),
      ),
  ]
    .flat()
    .filter(Boolean);
  return parts.length ? parts : [el("p", { class: "empty" }, "没有特别的处理规定，照常回复就好")];
}

function rule({ title, outcome, reason, source }) {
  const lines = Array.isArray(outcome) ? outcome : [outcome];
  const why = [reason, sourceText(source)].filter(Boolean).join(" ");
  return el(
    "section",
    { class: "rule" },
    title && el("h3", {}, title),
    el(
      "ul",
      {},
      lines.filter(Boolean).map((text) => el("li", {}, text)),
    ),
    why && el("p", { class: "why" }, why),
  );
}

const block = (title, kind, lines) =>
  el("section", { class: kind }, el("h3", {}, title), el("ul", {}, lines));

const line = (sign, text) => el("li", {}, icon(sign), el("span", {}, text));

function deadline({ text, due_at: due }) {
  return el("li", {}, icon("clock"), el("span", {}, text, due ? el("strong", {}, dueText(due)) : null));
}
