// What could not be sent to the customer: why, and the words, to be sent again, copied, or left.

import { putReplyAway } from "./api.js";
import { copyText } from "./clipboard.js";
import { addAgentTurn, storeSoon } from "./conversation.js";
import { button, byId, el, swap } from "./dom.js";
import { canSend, sendWords } from "./reach.js";
import { current, emit, on, save } from "./state.js";
import { toast } from "./toast.js";
import { spoken } from "./turns.js";

export function startUnsent() {
  for (const event of ["customers", "replies"]) on(event, draw);
}

function draw() {
  const customer = current();
  swap(byId("unsent"), customer.unsent.map((one) => row(customer, one)));
}

function row(customer, one) {
  const key = (name) => ({ key: `${name}:${one.message_id}` });
  const again = canSend(customer) && button({ class: "button small", ...key("again"), onclick: () => sendAgain(customer, one) }, "再发一次");
  return el(
    "div",
    { class: "unsent-one", role: "alert" },
    el("p", {}, el("strong", {}, "没有发出去"), one.why),
    el("p", { class: "words" }, one.text),
    el(
      "div",
      { class: "row" },
      again,
      button({ class: "button small", ...key("copy"), onclick: () => copyInstead(customer, one) }, "复制"),
      button({ class: "link", ...key("leave"), onclick: () => putAway(customer, one) }, "不发了"),
    ),
  );
}

async function sendAgain(customer, one) {
  const sent = await sendWords(customer, one.text, one.script_id);
  if (!sent) return;
  addAgentTurn(customer, one.text, { ...sent, script_id: one.script_id });
  await putAway(customer, one);
}

/** Copied means sent by hand, as everywhere. */
async function copyInstead(customer, one) {
  if (!(await copyText(one.text))) return;
  addAgentTurn(customer, one.text, { script_id: one.script_id });
  storeSoon(customer);
  toast("已复制，去聊天窗口粘贴");
  await putAway(customer, one);
}

async function putAway(customer, one) {
  customer.unsent = customer.unsent.filter((other) => other !== one);
  save();
  emit("replies");
  emit("sent");
  try {
    await putReplyAway(customer.id, one.message_id);
  } catch {
    // it comes back with the next look, and can be put away then
  }
}

/** Takes over what the service knows of replies: what may be sent, is on its way, was not sent. */
export function takeReplies(customer, { reply_through = null, replies = [] }) {
  const before = JSON.stringify([customer.replyThrough, customer.unsent]);
  const waiting = new Set(replies.filter((one) => one.state === "waiting").map((one) => one.message_id));
  const failed = replies.filter((one) => one.state === "failed");
  let moved = false;
  for (const turn of spoken(customer)) {
    const sending = waiting.has(turn.message_id);
    moved ||= Boolean(turn.sending) !== sending;
    turn.sending = sending;
  }
  const scriptOf = ({ message_id }) =>
    customer.turns.find((turn) => turn.message_id === message_id)?.script_id ??
    customer.unsent.find((one) => one.message_id === message_id)?.script_id;
  customer.unsent = failed.map((one) => ({
    message_id: one.message_id,
    text: one.text,
    why: one.why,
    script_id: scriptOf(one),
  }));
  for (const { script_id } of customer.unsent) {
    // it can be sent once more
    customer.sent = customer.sent.filter((id) => id !== script_id);
    delete customer.copied[script_id];
  }
  customer.replyThrough = reply_through;
  if (reply_through) customer.live = true;
  return moved || before !== JSON.stringify([customer.replyThrough, customer.unsent]);
}
