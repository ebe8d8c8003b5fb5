// Cards: a title that opens to its text.

import { readCard } from "./api.js";
import { el } from "./dom.js";
import { sourceText } from "./text.js";

const texts = new Map();
const opened = new Set();

export function drawCards(result) {
  const cards = result.guidance?.cards ?? [];
  if (!cards.length) return [el("p", { class: "empty" }, "这件事没有要看的知识卡")];
  return cards.map(cardRow);
}

function cardRow({ id, title }) {
  const text = el("div", { class: "card-text" });
  const details = el(
    "details",
    { class: "knowledge", open: opened.has(id) },
    el("summary", { data: { key: `card:${id}` } }, title),
    text,
  );
  details.addEventListener("toggle", () => {
    if (!details.open) return void opened.delete(id);
    opened.add(id);
    fill(id, text);
  });
  if (opened.has(id)) fill(id, text);
  return details;
}

async function fill(id, box) {
  if (!texts.has(id)) {
    try {
      texts.set(id, await readCard(id));
    } catch {
      return box.replaceChildren(el("p", { class: "empty" }, "这张卡片暂时打不开"));
    }
  }
  const card = texts.get(id);
  const lines = (card.text ?? "").split("\n").filter((line) => line.trim());
  const checked = card.checked ? `原文核对于 ${card.checked.split(" ")[0]}` : "未核对原文";
  const foot = [sourceText(card.source), checked];
  box.replaceChildren(
    ...lines.map((line) => el("p", {}, line)),
    el("p", { class: "why" }, foot.filter(Boolean).join("　")),
  );
}
