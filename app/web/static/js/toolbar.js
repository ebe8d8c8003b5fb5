// In WeCom's chat toolbar: words go into the chat through WeCom's own script, and the customer that is looked at there is opened
// here. Without the script, or when it refuses, words are copied as everywhere.

import { findOfCustomer, readPageSignature } from "./api.js";
import { openConversation } from "./find.js";
import { useClient } from "./reach.js";
import { vocabulary } from "./state.js";

const PATIENCE = 9000;
const METHODS = ["sendChatMessage", "getCurExternalContact", "getContext"];
const { client } = vocabulary;
let registered = false;

export function startToolbar() {
  if (!client) return;
  useClient(send);
  const script = document.querySelector("script[data-client]");
  if (window.ww) openCustomer();
  else script?.addEventListener("load", openCustomer, { once: true });
}

/** Whether WeCom's script is there; it learns who we are the first time. */
function isThere() {
  if (!window.ww) return false;
  if (!registered) {
    window.ww.register({
      corpId: client.corpId,
      agentId: client.agentId,
      jsApiList: METHODS,
      getConfigSignature: signature("config_signature"),
      getAgentConfigSignature: signature("agent_config_signature"),
    });
    registered = true;
  }
  return true;
}

const signature = (name) => async (url) => {
  const found = await readPageSignature(client.channel, url ?? location.href);
  return { timestamp: found.timestamp, nonceStr: found.nonce, signature: found[name] };
};

/** What WeCom answers to a call: its words, "ok" when it did it, "cancel" when the agent thought better of it. */
async function call(method, given) {
  const late = new Promise((resolve) => setTimeout(() => resolve({ errMsg: `${method}:late` }), PATIENCE));
  try {
    const told = await Promise.race([window.ww[method](given), late]);
    return { ...told, words: (told?.errMsg ?? `${method}:ok`).replace(`${method}:`, "") };
  } catch (error) {
    return { words: String(error?.errMsg ?? error?.message ?? error).replace(`${method}:`, "") };
  }
}

async function send(content) {
  if (!isThere()) return { done: false, why: "企业微信的发送功能没有加载出来" };
  const { words } = await call("sendChatMessage", { msgtype: "text", text: { content }, enterChat: true });
  if (words === "ok") return { done: true, why: "" };
  if (words.startsWith("cancel")) return { done: false, why: "" };
  return { done: false, why: words === "late" ? "企业微信没有回应" : "企业微信没有发成" };
}

async function openCustomer() {
  if (!isThere()) return;
  const { userId } = await call("getCurExternalContact", {});
  if (typeof userId !== "string" || !userId) return;
  try {
    const { conversation_id } = await findOfCustomer(client.channel, userId);
    await openConversation(conversation_id);
  } catch {
    // nobody has written yet: what is pasted starts a conversation
  }
}
