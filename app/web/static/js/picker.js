// Choosing an intent from the whole list, by a few letters of its name.

import { listIntents } from "./api.js";
import { announce, byId, el } from "./dom.js";

const MOST = 8;
let close = () => {};

/** Opens under `anchor`; chosen(id) is called once. allowed(intent) keeps out those that make no sense. */
export async function openPicker(anchor, allowed, chosen, host = anchor.closest("section")) {
  close();
  const input = el("input", {
    type: "text",
    class: "field",
    placeholder: "意图的名字或拼音，如 换货",
    "aria-label": "找意图",
    autocomplete: "off",
  });
  const list = el("ul", { class: "options", role: "listbox", "aria-label": "意图" });
  const box = el("div", { class: "picker", role: "dialog", "aria-label": "选意图" }, input, list);
  host.append(box);
  close = () => {
    box.remove();
    document.removeEventListener("pointerdown", outside);
    close = () => {};
  };
  const outside = (event) => box.contains(event.target) || close();
  document.addEventListener("pointerdown", outside);
  const pick = (intent) => {
    close();
    byId("scripts").focus({ preventScroll: true });
    chosen(intent.id);
  };
  const options = optionList(list, pick);
  input.addEventListener("keydown", (event) => onKey(event, options, () => (close(), anchor.focus())));
  input.focus();
  try {
    const intents = (await listIntents()).filter((intent) => allowed(intent) && intent.id !== "other");
    const show = () => options.show(matching(intents, input.value));
    input.addEventListener("input", show);
    show();
    // the whole list in sight, however low the button stands
    box.scrollIntoView({ block: "nearest" });
  } catch {
    list.replaceChildren(el("li", { class: "empty" }, "列表暂时取不到，稍后再试"));
  }
}

function matching(intents, words) {
  const wanted = words.trim().toLowerCase();
  const fits = (intent) =>
    [intent.name, intent.pinyin, intent.initials].some((text) => text?.toLowerCase().includes(wanted));
  return intents.filter((intent) => !wanted || fits(intent)).slice(0, MOST);
}

function optionList(list, pick) {
  let shown = null;
  let at = 0;
  // Enter pressed before the list came
  let hurried = false;
  const mark = (index) => {
    at = index;
    [...list.children].forEach((node, each) => node.setAttribute("aria-selected", String(each === at)));
    if (shown[at]) announce(shown[at].name);
  };
  const choose = () => {
    hurried = shown === null;
    if (shown?.[at]) pick(shown[at]);
  };
  return {
    show(intents) {
      shown = intents;
      const rows = intents.map((intent) =>
        el("li", { role: "option", onclick: () => pick(intent) }, intent.name),
      );
      list.replaceChildren(...(rows.length ? rows : [el("li", { class: "empty" }, "没有这个意图")]));
      if (rows.length) mark(0);
      if (hurried) choose();
    },
    move: (step) => shown?.length && mark((at + step + shown.length) % shown.length),
    choose,
  };
}

function onKey(event, options, leave) {
  const acts = {
    ArrowDown: () => options.move(1),
    ArrowUp: () => options.move(-1),
    Enter: options.choose,
    Escape: leave,
  };
  if (event.isComposing || !acts[event.key]) return;
  event.preventDefault();
  event.stopPropagation();
  acts[event.key]();
}
