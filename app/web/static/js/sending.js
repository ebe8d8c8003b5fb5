// Copying counts as sending: the script is remembered and not offered again, unless it is taken back.

import { copyText } from "./clipboard.js";
import { announce } from "./dom.js";
import { bubbleText, missing } from "./script.js";
import { current, emit, save } from "./state.js";
import { toast } from "./toast.js";

const COPIED = "已复制，去聊天窗口粘贴";

/** Which bubbles of a script were copied: a list of true and false. */
export const progress = (script) => current().copied[script.script_id] ?? script.bubbles.map(() => false);

export const isSent = (script) => current().sent.includes(script.script_id);

/** The bubble the next press copies: the first one left, or the first again. */
export const nextBubble = (script) => Math.max(0, progress(script).indexOf(false));

/** Copies one bubble, or all (index null); returns the names of blanks that stop it. */
export async function copy(script, index, again = "") {
  const customer = current();
  const lacking = missing(script, customer.blanks);
  if (lacking.length) return lacking;
  const which = index === null ? script.bubbles.map((_, each) => each) : [index];
  await send(script, which, which.map((each) => bubbleText(script, each, customer.blanks)).join("\n"), again);
  return [];
}

/** Copies text that stands for these bubbles and remembers it as sent. */
export async function send(script, which, text, again = "") {
  const done = await copyText(text);
  const takeBack = remember(script, which, text);
  if (!done) return;
  const left = progress(script).filter((copied) => !copied).length;
  const more = left ? `还有 ${left} 条${again}` : "";
  toast(COPIED, { more, undo: takeBack });
}

function remember(script, which, text) {
  const customer = current();
  const id = script.script_id;
  const before = { copied: customer.copied[id], sent: [...customer.sent], turns: [...customer.turns] };
  const state = progress(script);
  const fresh = state.every(Boolean) ? state.map(() => false) : [...state];
  for (const each of which) fresh[each] = true;
  customer.copied[id] = fresh;
  if (fresh.every(Boolean) && !customer.sent.includes(id)) customer.sent.push(id);
  addTurns(customer, script, text);
  save();
  emit("sent");
  return () => {
    if (before.copied) customer.copied[id] = before.copied;
    else delete customer.copied[id];
    Object.assign(customer, { sent: before.sent, turns: before.turns });
    save();
    emit("sent");
    announce("已撤销，这条话术算作没有发");
  };
}

function addTurns(customer, { script_id: id, stage }, text) {
  const asked = customer.turns.findLast((turn) => turn.role === "customer");
  if (asked?.text !== customer.text && customer.text)
    customer.turns.push({ role: "customer", text: customer.text });
  customer.turns.push({ role: "agent", text, script_id: id, stage });
}
