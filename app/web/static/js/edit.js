// Changing a script before it is copied: one text area per bubble, Ctrl+Enter copies, Esc leaves.

import { button, el } from "./dom.js";
import { bubbleText, lackText, placeholders } from "./script.js";
import { current } from "./state.js";

/** The editing pane; send(index, text) copies one bubble, close() ends editing. */
export function editor(script, { close, send }) {
  const lack = el("p", { class: "lack", role: "alert" });
  const areas = script.bubbles.map((_, index) => area(script, index));
  const copyFrom = async (index) => {
    const text = areas[index].value.trim();
    const lacking = placeholders(text);
    lack.textContent = lacking.length ? lackText(lacking) : text ? "" : "这一条是空的，写点什么再复制";
    if (lack.textContent) return;
    await send(index, text);
    areas[index].classList.add("copied");
    const next = areas[index + 1];
    if (next) next.focus();
    else close();
  };
  const onKey = (event, index) => {
    if (event.isComposing) return;
    if (event.key === "Escape") close();
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) copyFrom(index);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  let focused = 0;
  areas.forEach((one, index) => {
    one.addEventListener("keydown", (event) => onKey(event, index));
    one.addEventListener("focus", () => (focused = index));
  });
  const buttons = el(
    "div",
    { class: "row" },
    button({ class: "button primary", onclick: () => copyFrom(focused) }, "复制"),
    button({ class: "button", onclick: close }, "取消"),
    el("span", { class: "hint" }, "Ctrl+Enter 复制，Esc 取消"),
  );
  return el("div", { class: "editor" }, areas, lack, buttons);
}

function area(script, index) {
  const text = bubbleText(script, index, current().blanks);
  return el("textarea", {
    class: "bubble",
    "aria-label": `第 ${index + 1} 条`,
    rows: String(Math.ceil(text.length / 22)),
    value: text,
  });
}
