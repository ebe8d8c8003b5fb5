// The library's health: drawn by the server; here only what is clicked, and coming back when a fresh look is done.
import { byId, el } from "../dom.js";
import { call } from "./api.js";
import { fail, showState, toast, undoEdit } from "./common.js";

const page = byId("health");
const AGAIN = 2000;

async function waitForLook() {
  try {
    const looked = await call("/health");
    if (looked.fresh) return location.reload();
  } catch (error) {
    byId("looking").textContent = error.message;
  }
  setTimeout(waitForLook, AGAIN);
}

async function adopt(button) {
  button.disabled = true;
  const { adopt: script, proposal } = button.dataset;
  try {
    const done = await call("/health/adopt", { body: { script, proposal, days: Number(page.dataset.days) } });
    button.replaceWith(el("span", { class: "tag done" }, "已存进草稿"));
    toast("大家的改法已存进草稿，发布以后才生效", done.edit ? ["撤销", () => undoEdit(done.edit, () => location.reload())] : null);
    showState();
  } catch (error) {
    button.disabled = false;
    fail(error);
  }
}

function filterMap(tone) {
  const map = byId("coverage-map");
  for (const cell of map.querySelectorAll(".cell")) cell.hidden = !!tone && cell.dataset.tone !== tone;
  const only = byId("only-holes").checked;
  for (const row of map.rows) row.hidden = only && !row.querySelector(".cell.none:not([hidden])");
}

let tone = "";
page.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.adopt) adopt(button);
  if (button?.dataset.tone !== undefined) {
    tone = button.dataset.tone;
    for (const other of button.parentElement.children) other.setAttribute("aria-pressed", String(other === button));
    filterMap(tone);
  }
});
byId("only-holes")?.addEventListener("change", () => filterMap(tone));

/** A part that the address names is opened. */
function open() {
  const part = byId(location.hash.slice(1));
  if (!part?.matches("details")) return;
  part.open = true;
  part.scrollIntoView();
}

addEventListener("hashchange", open);
page.querySelector(".tiles").addEventListener("click", () => setTimeout(open));
open();
if (page.dataset.fresh === "no") setTimeout(waitForLook, AGAIN);
showState();
document.documentElement.dataset.ready = "";
