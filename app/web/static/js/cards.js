// Cards: a title that opens to its text.

import { readCard } from "./api.js";
import { el } from "./dom.js";

const texts = new Map();
const opened = new Set();

export function drawCards(result) {
  const cards = result.guidance?.cards ?? [];
  if (!cards.length) return [el("p", { class: "empty" }, "这件事没有要看的知识卡")];
  return cards.map(cardRow);
}

function cardRow({ id, title }) {
  const text = el("div", { class: "card-text" });
  const details = el("details", { class: "knowledge", open: opened.has(id) }, el("summary", { data: { key: `card:${id}` } }, title), text);
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
  const foot = [card.source?.length ? `依据：${card.source.join("、")}` : "", card.checked ? `核对于 ${card.checked}` : "未核对原文"];
  box.replaceChildren(...lines.map((line) => el("p", {}, line)), el("p", { class: "why" }, foot.filter(Boolean).join("　")));
}
