// The conversation above the message: the last two turns, all of them on request. What was said before counts.

import { analyse } from "./analyse.js";
import { keepMessage, recall, storeSoon, unsavedCount } from "./conversation.js";
import { button, byId, el, swap } from "./dom.js";
import { photoReceived } from "./message.js";
import { promisedLines } from "./promised.js";
import { current, moveToNewCustomer, on } from "./state.js";
import { saidText } from "./times.js";
import { spoken, turnById } from "./turns.js";

const SHOWN = 2;
const opened = new Set();

export function startHistory() {
  for (const event of ["result", "customers", "sent", "stored", "note", "replies"]) on(event, draw);
}

function draw() {
  const customer = current();
  const box = byId("history");
  const turns = spoken(customer);
  // the message itself stands in the box, until something was said after it
  if (turns.at(-1)?.message_id === customer.messageId) turns.pop();
  box.hidden = !customer.text.trim() && !turns.length && !customer.note;
  if (box.hidden) return swap(box);
  const all = opened.has(customer.id) && turns.length > SHOWN;
  const list = el("ol", { class: "said", tabindex: all ? "0" : null, "aria-label": "前面说的话" });
  list.append(...(all ? turns : turns.slice(-SHOWN)).map(line));
  if (!turns.length) list.append(el("li", { class: "none" }, "新对话"));
  box.classList.toggle("open", all);
  const at = byId("history").querySelector(".said")?.scrollTop;
  const note = customer.note && el("p", { class: "handover", title: customer.note }, el("strong", {}, "备注"), customer.note);
  swap(box, note || null, promisedLines(customer), list, el("div", { class: "said-tools" }, tools(customer, turns, all)));
  if (all) list.scrollTop = at || list.scrollHeight;
}

function line(turn) {
  const ours = turn.role === "agent";
  const who = ours ? turn.agent || "我" : "客";
  const spokenBy = ours ? turn.agent || "我" : "顾客";
  const when = saidText(turn.sent_at ?? turn.at);
  return el(
    "li",
    { class: ours ? "ours" : "theirs", title: `${spokenBy} ${when}\n${turn.text}` },
    el("span", { class: "who" }, el("span", { "aria-hidden": "true" }, who), el("span", { class: "sr" }, spokenBy)),
    el("span", { class: "words" }, turn.text || "[图片]"),
    el("time", {}, turn.sending ? "正在发" : when),
  );
}

function tools(customer, turns, all) {
  const photo = button(
    { class: "link", key: "photo", title: "顾客在聊天窗口发来了照片", onclick: photoReceived },
    "照片已收到",
  );
  const toggle = () => {
    if (all) opened.delete(customer.id);
    else opened.add(customer.id);
    draw();
  };
  const more = button(
    { class: "link", key: "all-said", "aria-expanded": String(all), onclick: toggle },
    all ? "收起" : `全部 ${turns.length} 句`,
  );
  const others = turns.some((turn) => turn.role === "customer" && turn.message_id !== customer.messageId) && customer.text;
  const other = button({ class: "link", key: "other-customer", onclick: split }, "是另一位顾客");
  const waiting = unsavedCount(customer);
  const note = el("span", { class: "unsaved", title: "连上以后自动存，不用重做" }, `${waiting} 句还没存`);
  return [
    el("span", {}, turns.length > SHOWN && more, photo),
    el("span", {}, waiting > 0 && customer.waited && note, others && other),
  ];
}

/** The message belongs to somebody else: it is taken back here and starts a conversation of its own. */
function split() {
  const customer = current();
  const turn = turnById(customer, customer.messageId);
  if (turn) recall(customer, turn);
  moveToNewCustomer();
  if (turn) keepMessage(current());
  storeSoon(customer);
  analyse();
}
