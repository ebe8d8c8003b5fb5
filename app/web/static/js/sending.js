// Copying counts as sending, once it has happened: the script is remembered and not offered again, unless it is taken back.
// Where the chat system allows it, words are sent from here; then there is no way back.

import { copyText } from "./clipboard.js";
import { addAgentTurn, keepMessage, storeSoon, takeBack } from "./conversation.js";
import { announce } from "./dom.js";
import { copiedScript } from "./feedback.js";
import { sendWords } from "./reach.js";
import { bubbleText, missing } from "./script.js";
import { current, emit, save } from "./state.js";
import { toast } from "./toast.js";

const COPIED = "已复制，去聊天窗口粘贴";

/** Which bubbles of a script were copied: a list of true and false. */
export const progress = (script, customer = current()) =>
  customer.copied[script.script_id] ?? script.bubbles.map(() => false);

export const isSent = (script) => current().sent.includes(script.script_id);

/** The bubble the next press copies: the first one left, or the first again. */
export const nextBubble = (script) => Math.max(0, progress(script).indexOf(false));

/** Copies one bubble, or all (index null); returns the names of blanks that stop it. */
export async function copy(script, index, again = "") {
  const customer = current();
  const lacking = missing(script, customer.blanks);
  if (lacking.length) return lacking;
  const which = index === null ? script.bubbles.map((_, each) => each) : [index];
  const text = which.map((each) => bubbleText(script, each, customer.blanks)).join("\n");
  await send(script, which, text, again);
  return [];
}

/** Copies text that stands for these bubbles and remembers it as sent; false when it wasn't copied. */
export async function send(script, which, text, again = "") {
  const customer = current();
  const message = customer.text;
  if (!(await copyText(text))) return false;
  // another message came while the browser wrote: this is no answer to it, and the agent should look again
  if (customer.text !== message) {
    toast("顾客又说了新的话，刚复制的这条没有记成发过，看一眼再发");
    return false;
  }
  const takeBack = remember(customer, script, which, text);
  const left = progress(script, customer).filter((copied) => !copied).length;
  const more = left ? `还有 ${left} 条${again}` : "";
  toast(COPIED, { more, undo: takeBack });
  return true;
}

/** Sends these bubbles to the customer, one message each; returns the names of blanks that stop it. */
export async function deliver(script, which) {
  const customer = current();
  const lacking = missing(script, customer.blanks);
  if (lacking.length) return lacking;
  for (const each of which) {
    if (!(await deliverWords(script, each, bubbleText(script, each, customer.blanks), customer))) break;
  }
  return [];
}

/** Sends text that stands for one bubble; false when it wasn't sent. */
export async function deliverWords(script, index, text, customer = current()) {
  const sent = await sendWords(customer, text, script.script_id);
  if (!sent) return false;
  remember(customer, script, [index], text, sent);
  return true;
}

/** Kept with the customer it was copied for, whose tab need not be the one in front any more. */
function remember(customer, script, which, text, more = {}) {
  const id = script.script_id;
  const before = { copied: customer.copied[id], sent: [...customer.sent] };
  const state = progress(script, customer);
  const fresh = state.every(Boolean) ? state.map(() => false) : [...state];
  for (const each of which) fresh[each] = true;
  customer.copied[id] = fresh;
  if (fresh.every(Boolean) && !customer.sent.includes(id)) customer.sent.push(id);
  keepMessage(customer);
  const turn = addAgentTurn(customer, text, { script_id: id, stage: script.stage, ...more });
  if (!before.copied) copiedScript(customer, turn, which.map((each) => bubbleText(script, each, customer.blanks)).join("\n"));
  save();
  storeSoon(customer);
  emit("sent");
  return () => {
    if (before.copied) customer.copied[id] = before.copied;
    else delete customer.copied[id];
    customer.sent = before.sent;
    takeBack(customer, turn);
    emit("sent");
    announce("已撤销，这条话术算作没有发");
  };
}
