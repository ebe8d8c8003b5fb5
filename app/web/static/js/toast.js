// One quiet line at the bottom, with a way back where there is one.

import { announce, byId, el } from "./dom.js";

const STAYS = 6000;
let timer = 0;

export function toast(text, { more = "", undo = null } = {}) {
  const box = byId("toast");
  const button = undo && el("button", { type: "button", class: "link", onclick: () => (hide(), undo()) }, "撤销");
  box.replaceChildren(el("span", {}, text), ...(more ? [el("span", { class: "toast-more" }, more)] : []));
  if (button) box.append(button);
  box.hidden = false;
  announce(more ? `${text}。${more}` : text);
  rest();
}

function hide() {
  byId("toast").hidden = true;
}

function rest() {
  clearTimeout(timer);
  timer = setTimeout(hide, STAYS);
}

/** It doesn't vanish under the pointer or the focus. */
export function watchToast() {
  const box = byId("toast");
  for (const event of ["pointerenter", "focusin"]) box.addEventListener(event, () => clearTimeout(timer));
  for (const event of ["pointerleave", "focusout"]) box.addEventListener(event, rest);
}
