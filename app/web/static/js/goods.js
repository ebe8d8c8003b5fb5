// What the shop's own data say: which product it is about, which size fits and why, what evidence is still missing.

import { analyse } from "./analyse.js";
import { putEvidence, readEvidence } from "./api.js";
import { tell } from "./conversation.js";
import { button, el, icon } from "./dom.js";
import { PRODUCT, current, emit, on } from "./state.js";

const AGAIN_AFTER = 1800;
const SIGNS = { have: "check", look: "search" };
const asked = new WeakSet();

export function startGoods() {
  on("result", () => {
    const customer = current();
    const { result } = customer;
    if (!result || asked.has(result)) return;
    asked.add(result);
    if (result.order?.state === "pending" && customer.orderAsked !== customer.text) waitForOrder(customer, result);
    if (result.evidence && customer.messageId) fetchTicks(customer, result);
  });
}

/** The order is looked up in the background: one more look when it should be there. */
function waitForOrder(customer, result) {
  customer.orderAsked = customer.text;
  setTimeout(() => {
    if (customer === current() && customer.result === result) analyse({ again: true });
  }, AGAIN_AFTER);
}

/** What colleagues have ticked. */
async function fetchTicks(customer, result) {
  try {
    const { evidence } = await readEvidence(customer.id);
    if (!evidence || customer.result !== result || evidence.kit !== result.evidence.kit) return;
    result.evidence = evidence;
    if (customer === current()) emit("facts");
  } catch {
    // the words of the conversation have to do
  }
}

/** How many pieces of evidence are still to come. */
export const missingCount = (result) => result.evidence?.missing ?? 0;

export function drawGoods(result) {
  return [
    product(result.product),
    result.sizes?.map(size) ?? [],
    evidence(result.evidence),
    order(result.order),
  ].flat();
}

function product(found) {
  if (!found) return [];
  const { known, how, candidates } = found;
  if (!known) return [choice(candidates)];
  const facts = [known.fabric, known.care, known.notes].filter(Boolean);
  return [
    el(
      "section",
      { class: "goods", "aria-label": "商品" },
      el("h3", {}, known.name, el("span", { class: "why" }, `${known.code} · 按${how}认出`)),
      facts.map((text) => el("p", {}, text)),
    ),
  ];
}

const choice = (candidates) =>
  el(
    "section",
    { class: "goods", "aria-label": "商品" },
    el("h3", {}, "说的是哪一款"),
    el(
      "span",
      { class: "values" },
      candidates.map(({ code, name }) =>
        button({ class: "value", key: `goods:${code}`, onclick: () => choose(code) }, name),
      ),
    ),
  );

function choose(code) {
  const customer = current();
  customer.slots[PRODUCT] = code;
  tell(customer, "slots", PRODUCT, code);
  analyse();
}

function size({ who, size: name, options, reason, ask, verdict }) {
  const best = name ?? options.map((one) => `${one.wish} ${one.size}`).join("，");
  const lines = ask.map(({ text }) => el("li", {}, `还要问：${text}`));
  return el(
    "section",
    { class: "goods", "aria-label": `${who}的尺码` },
    el("h3", {}, `${who}的尺码：${best || verdict}`),
    el("p", {}, reason),
    lines.length > 0 && el("ul", {}, lines),
  );
}

function evidence(found) {
  if (!found) return [];
  const { title, items, missing, shrinkage, note, lacking, kit } = found;
  return [
    el(
      "section",
      { class: "goods", "aria-label": "证据" },
      el("h3", {}, `${title}的证据`, el("span", { class: "why" }, missing ? `还缺 ${missing} 样` : "齐了")),
      shrinkage.map(({ text }) => el("p", {}, el("strong", {}, text))),
      note && el("p", { class: "why" }, note),
      lacking && el("p", { class: "why" }, lacking),
      el(
        "ul",
        { class: "facts" },
        items.map((item) => piece(kit, item)),
      ),
    ),
  ];
}

function piece(kit, item) {
  const { id, text, why, status, value, by, photo } = item;
  const told = value || (status === "look" ? "图片来了，看看是不是这张" : by ? `${by}打的勾` : why);
  const sign = el("span", { class: "tick", "aria-hidden": "true" }, SIGNS[status] ? icon(SIGNS[status]) : "");
  const have = status === "have";
  const toggle = () => tick(`${kit}.${id}`, item, have ? false : true);
  const words = el("span", { class: "fact-text" }, el("strong", {}, text), told && el("span", {}, told));
  const press = (photo || by || !have) && current().messageId;
  const control = button(
    { class: "value", "aria-pressed": String(have), key: `evidence:${kit}.${id}`, label: `${text}：有了`, onclick: toggle },
    "有了",
  );
  return el("li", { class: have ? "fact known" : "fact" }, sign, words, press ? control : null);
}

/** Shown at once, taken back when it could not be stored. */
async function tick(key, item, there) {
  const { result, id } = current();
  const before = { status: item.status, by: item.by };
  const show = (change) => {
    Object.assign(item, change);
    result.evidence.missing = result.evidence.items.filter((one) => one.status === "missing").length;
    emit("facts");
  };
  show({ status: there ? "have" : "missing", by: there ? "您" : "" });
  try {
    await putEvidence(id, key, there);
    if (there && item.photo) analyse({ again: true });
  } catch {
    show(before);
  }
}

function order(found) {
  if (found?.state === "pending") return [el("p", { class: "why" }, "正在查订单，查到就更新")];
  if (found?.state === "failed") return [el("p", { class: "why" }, "订单系统没有答上来，先按对话里说的回")];
  return [];
}
