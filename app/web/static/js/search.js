// Finding any script by text, pinyin or initials. Arrow keys and Enter; blanks are filled in place.

import { searchScripts, usedScripts } from "./api.js";
import { makeCard } from "./card.js";
import { announce, byId, el } from "./dom.js";
import { on } from "./state.js";
import { segments } from "./text.js";

const PAUSE = 150;
const HINT = "标题、内容、拼音、首字母都能搜，比如 qq 找起球，suoshui 找缩水";
const dialog = byId("search");
const input = dialog.querySelector("input");
const list = byId("found");
let cards = [];
let at = 0;
let waiting = 0;
let running = null;

export function startSearch() {
  input.addEventListener("input", (event) => {
    clearTimeout(waiting);
    if (!event.isComposing) waiting = setTimeout(find, PAUSE);
  });
  input.addEventListener("compositionend", find);
  dialog.addEventListener("keydown", onKey);
  dialog.addEventListener("close", forget);
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  byId("open-search").addEventListener("click", openSearch);
  on("sent", () => dialog.open && cards.forEach((card) => card.refresh()));
}

export function openSearch() {
  if (dialog.open) return;
  dialog.showModal();
  input.select();
  find();
}

function forget() {
  clearTimeout(waiting);
  running?.abort();
  show([], "");
}

const say = (text) => list.replaceChildren(el("p", { class: "empty" }, text));

async function find() {
  const words = input.value.trim();
  running?.abort();
  running = new AbortController();
  const { signal } = running;
  try {
    const answer = await (words ? searchScripts(words, signal) : usedScripts(signal));
    if (!signal.aborted) show(answer.items ?? [], words);
  } catch (error) {
    if (signal.aborted) return;
    if (words) say(error.passing ? "连不上话术助手，稍后再搜" : error.message);
    else show([], "");
  }
}

function show(items, words) {
  at = 0;
  cards = items.map((script) =>
    makeCard(script, {
      label: [script.script_id.startsWith("own.") ? script.reason : null, script.intent_name, script.tone].filter(Boolean).join(" · "),
      marked: marked(script),
      done,
    }),
  );
  const heading = words ? [] : [el("h3", { class: "found-part" }, "我常用的")];
  if (cards.length) list.replaceChildren(...heading, ...cards.map((card) => card.node));
  else say(words ? `没有搜到「${words}」，换个词或用首字母试试` : HINT);
  mark(0, false);
  if (words) announce(`搜到 ${items.length} 条`);
}

const done = () => dialog.close();

/** The title with what was hit marked; hits in the text are marked in the bubbles. */
function marked(script) {
  const spans = (script.marks ?? []).filter((span) => span.field === "title");
  return segments(script.title, spans).map((part) => (part.span ? el("mark", {}, part.text) : part.text));
}

function mark(index, tell = true) {
  at = Math.max(0, Math.min(index, cards.length - 1));
  cards.forEach((card, each) => card.node.classList.toggle("here", each === at));
  if (!tell || !cards[at]) return;
  cards[at].node.scrollIntoView({ block: "nearest" });
  announce(cards[at].script.title);
}

function onKey(event) {
  if (event.target !== input || event.isComposing) return;
  const acts = {
    ArrowDown: () => mark(at + 1),
    ArrowUp: () => mark(at - 1),
    Enter: () => cards[at]?.copyNext(),
  };
  if (!acts[event.key]) return;
  event.preventDefault();
  acts[event.key]();
}
