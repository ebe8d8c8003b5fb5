// One quiet line over the header, where no script is, with a way back where there is one; gone when a new message comes. It is a live region: screen readers hear it.

import { button, byId, el } from "./dom.js";

const STAYS = 6000;
let timer = 0;
let way = null;

export function toast(text, { more = "", undo = null } = {}) {
  const box = byId("toast");
  way = undo;
  const back = undo && button({ class: "link", title: "撤销（Z）", onclick: undoLast }, "撤销");
  // above an open dialog, else over the header
  (document.querySelector("dialog[open]") ?? byId("toast-place")).append(box);
  box.replaceChildren(el("p", {}, text, more ? el("span", {}, more) : null), ...(back ? [back] : []));
  rest();
}

export function hideToast() {
  clearTimeout(timer);
  way = null;
  byId("toast").replaceChildren();
}

/** What the line on show offers to take back is taken back. */
export function undoLast() {
  const undo = way;
  if (!undo) return;
  hideToast();
  undo();
}

function rest() {
  clearTimeout(timer);
  timer = setTimeout(hideToast, STAYS);
}

/** It doesn't vanish under the pointer or the focus. */
export function watchToast() {
  const box = byId("toast");
  for (const event of ["pointerenter", "focusin"]) box.addEventListener(event, () => clearTimeout(timer));
  for (const event of ["pointerleave", "focusout"]) box.addEventListener(event, rest);
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.addEventListener("close", () => byId("toast-place").append(box));
  }
}
