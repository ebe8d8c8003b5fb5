// Finding a conversation, a colleague's too: by name, order number or words; open it, end it, leave a note for whoever takes over.

import { findConversations, patchConversation, readConversation } from "./api.js";
import { relabel } from "./conversation.js";
import { announce, button, byId, el, icon } from "./dom.js";
import { dueMark } from "./due.js";
import { nameOf } from "./names.js";
import { asTurn, takeOver } from "./refresh.js";
import { allCustomers, current, emit, removeCustomer, selectCustomer, showCustomer } from "./state.js";
import { head } from "./text.js";
import { saidText } from "./times.js";
import { toast } from "./toast.js";
import { keepDue } from "./turns.js";
import { takeReplies } from "./unsent.js";

const PAUSE = 150;
const dialog = byId("find");
const input = dialog.querySelector("input");
const list = byId("conversations");
let waiting = 0;
let running = null;

export function startFinding() {
  input.addEventListener("input", (event) => {
    clearTimeout(waiting);
    if (!event.isComposing) waiting = setTimeout(find, PAUSE);
  });
  input.addEventListener("compositionend", find);
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => running?.abort());
  dialog.addEventListener("keydown", onKey);
  byId("open-find").addEventListener("click", openFind);
  byId("leave-note").addEventListener("click", leaveNote);
  byId("end-conversation").addEventListener("click", end);
}

export function openFind() {
  if (dialog.open) return;
  byId("menu").open = false;
  dialog.showModal();
  input.select();
  find();
}

const say = (text) => list.replaceChildren(el("p", { class: "empty" }, text));

async function find() {
  clearTimeout(waiting);
  running?.abort();
  running = new AbortController();
  const { signal } = running;
  const words = input.value.trim();
  try {
    const { items } = await findConversations(words, signal);
    if (signal.aborted) return;
    const open = words ? [] : openOnes();
    const others = items.filter((one) => !open.some((customer) => customer.id === one.id));
    if (!open.length && !others.length) return say(words ? `没有找到「${words}」` : "还没有存下的会话");
    list.replaceChildren(...[part("正在接待", open.map(openRow)), part(open.length ? "其他会话" : "", others.map(row))].flat());
    announce(`找到 ${open.length + others.length} 个会话`);
  } catch (error) {
    if (!signal.aborted) say(error.passing ? "连不上话术助手，稍后再找" : error.message);
  }
}

const part = (name, rows) => (rows.length ? [name && el("h3", { class: "found-part" }, name), el("ul", {}, rows)].filter(Boolean) : []);

const risky = (customer) => customer.risks.some((risk) => risk.state === "open");

/** Whose tabs are open, those who wait for somebody first. */
function openOnes() {
  const weight = (one) => (one.unread ? 2 : 0) + (one.unread && one.urgent ? 2 : 0) + (risky(one) ? 1 : 0);
  const held = allCustomers().filter((one) => one.text || one.last || one.turns.length);
  const time = (one) => (one.replyDue ? new Date(one.replyDue).getTime() : Infinity);
  const order = (one, other) => weight(other) - weight(one) || (time(one) === time(other) ? 0 : time(one) - time(other));
  return held.length > 1 ? held.sort(order) : [];
}

function openRow(customer) {
  const go = () => {
    dialog.close();
    selectCustomer(customer);
  };
  const more = [customer === current() && "正在看", customer.unread && `${customer.unread} 条没看`].filter(Boolean).join(" · ");
  return el(
    "li",
    {},
    button(
      { class: "conversation", data: { id: customer.id }, onclick: go },
      el("strong", {}, nameOf(customer), risky(customer) && icon("risk"), risky(customer) && el("span", { class: "sr" }, "有风险"), dueMark(customer)),
      el("span", { class: customer.unread && customer.urgent ? "more urgent" : "more" }, more),
      el("span", { class: "words" }, head((customer.unread && customer.last) || customer.text, 60)),
    ),
  );
}

function row({ id, label, last, agents, updated_at: at, closed, note }) {
  const said = last?.text || (last ? "[图片]" : "");
  const name = label || head(said, 12) || "还没说话的顾客";
  const words = last && name !== said ? `${last.role === "agent" ? "我们：" : ""}${said}` : "";
  const more = [agents.join("、"), saidText(at), closed && "已结束"].filter(Boolean).join(" · ");
  return el(
    "li",
    {},
    button(
      { class: "conversation", data: { id }, onclick: () => openConversation(id) },
      el("strong", {}, name),
      el("span", { class: "more" }, more),
      el("span", { class: "words" }, head(words, 60)),
      note && el("span", { class: "handover" }, `备注：${head(note, 60)}`),
    ),
  );
}

/** Opens a stored conversation in a tab; the customer's last words are the ones to answer, if nobody has. */
export async function openConversation(id) {
  try {
    const customer = storedCustomer(await readConversation(id));
    dialog.close();
    showCustomer(customer);
  } catch (error) {
    toast(error.passing ? "连不上话术助手，稍后再打开" : error.message);
  }
}

/** A stored conversation as a tab keeps it. */
export function storedCustomer(found) {
  const turns = found.turns.map(asTurn);
  const customer = { id: found.id, turns, facts: {}, ticked: {}, slots: {}, name: "", note: "" };
  const last = turns.filter((turn) => !turn.recalled && !turn.recall).at(-1);
  if (last?.role === "customer") Object.assign(customer, { text: last.text || "[图片]", messageId: last.message_id });
  customer.risks = found.risks.filter((risk) => risk.banner).map((risk) => ({ ...risk, state: risk.open ? "open" : "handled" }));
  takeOver(customer, found);
  keepDue(customer, found.reply_due_at);
  takeReplies(Object.assign(customer, { sent: [], copied: {}, unsent: [], replyThrough: null }), found);
  return customer;
}

function onKey(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const rows = [...list.querySelectorAll("button.conversation")];
  if (!rows.length || event.isComposing) return;
  if (event.key === "Enter" && event.target === input) {
    event.preventDefault();
    return rows[0].click();
  }
  if (!step) return;
  event.preventDefault();
  const at = rows.indexOf(document.activeElement);
  if (at + step < 0) input.focus();
  else rows[Math.min(rows.length - 1, at + step)].focus();
}

const noteDialog = byId("note");

function leaveNote() {
  byId("menu").open = false;
  const customer = current();
  const area = noteDialog.querySelector("textarea");
  area.value = customer.note;
  noteDialog.returnValue = "";
  noteDialog.showModal();
  const keep = () => {
    const note = area.value.trim();
    if (noteDialog.returnValue !== "keep" || note === customer.note) return;
    relabel(customer, { note });
    emit("note");
    if (!customer.turns.length) toast("记下了，这位顾客的第一句话存下时一起存");
  };
  noteDialog.addEventListener("close", keep, { once: true });
}

/** The conversation is over: its tab goes, a new message opens it again. */
async function end() {
  byId("menu").open = false;
  const customer = current();
  const stored = customer.turns.some((turn) => turn.turn_id);
  try {
    if (stored) await patchConversation(customer.id, { closed: true });
  } catch (error) {
    return toast(error.passing ? "连不上话术助手，稍后再结束" : error.message);
  }
  removeCustomer(customer);
  const undo = async () => {
    try {
      if (stored) await patchConversation(customer.id, { closed: false });
      showCustomer(customer);
    } catch {
      toast("没有撤销成，按 O 找到它再打开");
    }
  };
  toast("会话结束了", { undo });
}
