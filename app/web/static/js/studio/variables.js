// What may be filled into a bubble, offered after {{ is typed or by the button.
import { button, byId, el } from "../dom.js";
import { words } from "./common.js";

let target = null;
let from = 0;

/** Offer the variables for a textarea at its caret. */
export function offerVariables(node, anchor = node) {
  target = node;
  from = node.selectionStart;
  show(anchor, "");
}

/** Offer them whenever {{ is typed into the textarea. */
offerVariables.watch = (node) => {
  node.addEventListener("input", () => {
    const before = node.value.slice(0, node.selectionStart);
    const open = /\{\{\s*([^{}]{0,6})$/.exec(before);
    if (!open) {
      if (target === node) hide();
      return;
    }
    target = node;
    from = open.index;
    show(node, open[1].trim());
  });
  node.addEventListener("keydown", (event) => {
    const list = byId("variables");
    if (list.hidden || target !== node) return;
    if (event.key === "Escape") {
      event.stopPropagation();
      hide();
    } else if (event.key === "ArrowDown" || (event.key === "Tab" && !event.shiftKey)) {
      event.preventDefault();
      list.querySelector("button")?.focus();
    } else if (event.key === "Enter") {
      event.preventDefault();
      list.querySelector("button")?.click();
    }
  });
  node.addEventListener("blur", () => setTimeout(() => {
    if (!byId("variables").contains(document.activeElement) && target === node) hide();
  }, 0));
};

function show(anchor, typed) {
  const list = byId("variables");
  const rank = (one) => (one.name.startsWith(typed) ? 0 : one.name.includes(typed) ? 1 : one.meaning.includes(typed) ? 2 : 3);
  const fitting = words.variables.filter((one) => rank(one) < 3).sort((one, other) => rank(one) - rank(other));
  list.replaceChildren(
    ...fitting.map((one) =>
      button(
        { role: "option", class: "variable", onclick: () => choose(one.name) },
        el("strong", {}, one.name),
        el("span", { class: "hint" }, one.default === null ? `${one.meaning}，发之前要填` : one.meaning),
      ),
    ),
  );
  list.hidden = !fitting.length;
  const box = anchor.getBoundingClientRect();
  list.style.setProperty("left", `${Math.min(box.left, innerWidth - 270) + scrollX}px`);
  list.style.setProperty("top", `${box.bottom + scrollY + 4}px`);
}

function choose(name) {
  const node = target;
  const end = Math.max(node.selectionStart, from);
  const after = node.value.slice(end).replace(/^\s*\}\}/, "");
  const filled = `{{ ${name} }}`;
  node.value = node.value.slice(0, from) + filled + after;
  hide();
  node.focus();
  node.setSelectionRange(from + filled.length, from + filled.length);
  node.dispatchEvent(new Event("input", { bubbles: true }));
}

function hide() {
  byId("variables").hidden = true;
  target = null;
}

byId("variables")?.addEventListener("keydown", (event) => {
  const all = [...byId("variables").querySelectorAll("button")];
  const at = all.indexOf(document.activeElement);
  if (event.key === "Escape") {
    const node = target;
    hide();
    node?.focus();
  } else if (event.key === "ArrowDown") all[Math.min(at + 1, all.length - 1)].focus();
  else if (event.key === "ArrowUp") at > 0 ? all[at - 1].focus() : target?.focus();
  else return;
  event.preventDefault();
});
