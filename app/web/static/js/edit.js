// Changing a script before it is copied or sent: one text area per bubble, Ctrl+Enter copies, Ctrl+Shift+Enter sends where that
// can be done, Alt+Enter takes a better wording, Tab goes to what is still to be filled in, Esc leaves.

import { button, el } from "./dom.js";
import { guarded } from "./guard.js";
import { bubbleText, lackText, placeholders, selectPlaceholder } from "./script.js";
import { current } from "./state.js";

/**
 * The editing pane; send(index, text) copies one bubble and tells whether it did, deliver(index, text) sends it to the
 * customer (null where that can't be done), close() ends editing.
 */
export function editor(script, { close, send, deliver }) {
  const lack = el("p", { class: "lack", role: "alert" });
  const copyButton = button({ class: "button primary", onclick: () => takeFrom(focused, send) }, "复制");
  const sendButton = deliver && button({ class: "button", onclick: () => takeFrom(focused, deliver) }, "发给顾客");
  let busy = false;
  const areas = script.bubbles.map((_, index) => area(script, index));
  let focused = 0;
  const drafts = [];
  /** Copying is off while something in the text must not be sent; the reason stands there in words. */
  const showState = () => {
    const finding = drafts[focused]?.blocker();
    for (const one of [copyButton, sendButton].filter(Boolean)) {
      one.disabled = Boolean(finding);
      one.title = finding ? blockText(finding) : "";
    }
    if (finding) lack.textContent = blockText(finding);
    else if (lack.dataset.blocked) lack.textContent = "";
    lack.dataset.blocked = finding ? "true" : "";
  };
  areas.forEach((one) => drafts.push(guarded(one, showState)));
  const takeFrom = async (index, take) => {
    if (busy) return;
    busy = true;
    try {
      await checkAndTake(index, take);
    } finally {
      busy = false;
    }
  };
  const checkAndTake = async (index, take) => {
    const text = areas[index].value.trim();
    const lacking = placeholders(text);
    lack.textContent = lacking.length ? lackText(lacking) : text ? "" : "这一条是空的，写点什么再复制";
    if (lacking.length) selectPlaceholder(areas[index]);
    if (lack.textContent) return;
    await drafts[index].check();
    showState();
    if (drafts[index].blocker() || areas[index].value.trim() !== text) return;
    if (!(await take(index, text))) return;
    areas[index].classList.add("copied");
    const next = areas[index + 1];
    if (next) next.focus();
    else close();
  };
  /** Tab goes from value to value that is still to be filled in, then on as usual. */
  const toNextPlaceholder = (index) =>
    selectPlaceholder(areas[index], areas[index].selectionEnd) || areas.slice(index + 1).some((one) => selectPlaceholder(one));
  const onKey = (event, index) => {
    if (event.isComposing) return;
    if (event.key === "Escape") close();
    else if (event.key === "Tab" && !event.shiftKey && toNextPlaceholder(index));
    else if (event.key === "Enter" && event.altKey) drafts[index].accept();
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      takeFrom(index, event.shiftKey && deliver ? deliver : send);
    }
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  areas.forEach((one, index) => {
    one.addEventListener("keydown", (event) => onKey(event, index));
    one.addEventListener("focus", () => {
      focused = index;
      showState();
    });
  });
  const buttons = el(
    "div",
    { class: "row" },
    copyButton,
    sendButton,
    button({ class: "button", onclick: close }, "取消"),
    el("span", { class: "hint" }, deliver ? "Ctrl+Enter 复制，加 Shift 发送，Esc 取消" : "Ctrl+Enter 复制，Esc 取消"),
  );
  const fields = drafts.flatMap((draft) => [draft.node, draft.list]);
  return el("div", { class: "editor" }, fields, lack, buttons);
}

const blockText = (finding) => `「${finding.text}」不能这样发，改掉才能复制`;

function area(script, index) {
  const text = bubbleText(script, index, current().blanks);
  return el("textarea", {
    class: "bubble",
    "aria-label": `第 ${index + 1} 条`,
    rows: String(Math.ceil(text.length / 22)),
    value: text,
  });
}
