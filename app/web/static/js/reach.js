// Sending words to the customer instead of copying them: through the conversation's channel, or through the chat client around the page.

import { postReply } from "./api.js";
import { copyText } from "./clipboard.js";
import { keepMessage, store } from "./conversation.js";
import { current, newId } from "./state.js";
import { toast } from "./toast.js";

let client = null;

/** The chat client the page lies in. send(text) tells what came of it: {done, why}. */
export function useClient(send) {
  client = send;
}

export const canSend = (customer = current()) => Boolean(client || customer.replyThrough);

/** Sends one message; what it becomes as a turn, or null when it wasn't sent, which the agent is told. */
export async function sendWords(customer, text, script_id) {
  return client ? sendByClient(text) : sendByChannel(customer, text, script_id);
}

async function sendByClient(text) {
  const { done, why } = await client(text);
  if (done) {
    toast("已发给顾客");
    return {};
  }
  const copied = why && (await copyText(text));
  toast(why ? `${why}${copied ? "，已复制，粘贴了自己发" : ""}` : "没有发");
  return copied ? {} : null;
}

async function sendByChannel(customer, text, script_id) {
  const message_id = newId();
  keepMessage(customer);
  try {
    await store(customer);
    toast("正在发给顾客"); // before asking: that it was sent may be told before the answer comes
    const { turn_id, state } = await asked(customer, { text, message_id, script_id, facts: customer.facts });
    return { message_id, turn_id, sending: state === "waiting" };
  } catch (error) {
    toast(error.passing ? "连不上话术助手，这句可能没有发，稍后看看记录" : error.message);
    return null;
  }
}

/** The same number again when the answer was lost: it is sent once. */
async function asked(customer, body) {
  try {
    return await postReply(customer.id, body);
  } catch (error) {
    if (!error.passing) throw error;
    return postReply(customer.id, body);
  }
}
