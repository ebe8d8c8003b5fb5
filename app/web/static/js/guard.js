// Before a text is copied: what must not be said in it, why, and what to say instead.

import { checkDraft } from "./api.js";
import { button, el } from "./dom.js";
import { current } from "./state.js";
import { setting } from "./store.js";
import { points, segments, sourceText } from "./text.js";

const PAUSE = 250;
const PATIENCE = 1500;
const CLEAR = { findings: [], blocked: false };
let missing = false;

/** Looks after one text area: {node, list, check(), accept()}; node is the area with its underlines. */
export function guarded(area, changed) {
  const marks = el("div", { class: "marks", "aria-hidden": "true" });
  const list = el("ul", { class: "findings", "aria-label": "发送前检查", "aria-live": "polite" });
  const node = el("div", { class: "guarded" }, marks, area);
  let seen = { text: null, ...CLEAR };
  let timer = 0;

  const draw = () => {
    const { findings } = seen.text === area.value ? seen : CLEAR;
    const parts = segments(area.value, findings).map(({ text, span }) =>
      span ? el("mark", { class: span.level }, text) : text,
    );
    marks.replaceChildren(...parts, "\n");
    const first = firstFix(findings);
    list.replaceChildren(...findings.map((finding) => row(finding, finding === first, () => apply(finding))));
    changed();
  };

  /** What the service says of the text as it stands; nothing when it can't be asked. */
  const check = async () => {
    clearTimeout(timer);
    const text = area.value;
    if (seen.text !== text) {
      const found = text.trim() ? await ask(text) : CLEAR;
      if (area.value !== text) return check();
      seen = { text, ...found };
      draw();
    }
    return seen;
  };

  const apply = (finding) => {
    const chars = points(area.value);
    const before = chars.slice(0, finding.replace_start).join("");
    const after = chars.slice(finding.replace_end).join("");
    area.value = before + finding.rewrite + after;
    const caret = (before + finding.rewrite).length;
    area.focus();
    area.setSelectionRange(caret, caret);
    draw();
    check();
  };

  area.addEventListener("input", () => {
    draw();
    clearTimeout(timer);
    timer = setTimeout(check, PAUSE);
  });
  area.addEventListener("scroll", () => (marks.scrollTop = area.scrollTop));
  draw();
  check();
  return {
    node,
    list,
    check,
    accept() {
      const finding = seen.text === area.value && firstFix(seen.findings);
      if (finding) apply(finding);
    },
    blocker: () =>
      (seen.text === area.value && seen.findings.find((finding) => finding.level === "block")) || null,
  };
}

/** What Alt+Enter changes: what stops the copy before what is only unwise. */
const firstFix = (findings) => {
  const fixes = findings.filter((finding) => finding.rewrite !== null);
  return fixes.find((finding) => finding.level === "block") ?? fixes[0];
};

function row(finding, isFirst, apply) {
  const source = sourceText(finding.source);
  const words = finding.rewrite === "" ? "删掉这几个字" : `改成「${finding.rewrite}」`;
  const keys = isFirst && el("kbd", {}, "Alt+Enter");
  const fix =
    finding.rewrite !== null && button({ class: "button small", onclick: apply }, words, keys || null);
  return el(
    "li",
    { class: finding.level },
    el("p", {}, el("strong", {}, `「${finding.text}」`), finding.reason, source && el("span", {}, source)),
    fix,
  );
}

async function ask(text) {
  if (missing) return CLEAR;
  const body = { text, shop: setting("shop", null), facts: current().facts };
  const late = new Promise((resolve) => setTimeout(() => resolve(CLEAR), PATIENCE));
  try {
    return await Promise.race([checkDraft(body), late]);
  } catch (error) {
    if (error.status === 404 || error.status === 405) missing = true;
    return CLEAR;
  }
}
