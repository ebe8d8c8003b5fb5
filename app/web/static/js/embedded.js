// Inside a chat system's page, such as Chatwoot's dashboard app: the conversation that is looked at there is opened here.
// What the page tells is a hint, not a proof: it opens only what whoever is signed in may open.

import { readConversation } from "./api.js";
import { addTurns, storeSoon } from "./conversation.js";
import { storedCustomer } from "./find.js";
import { allCustomers, current, emit, selectCustomer, showCustomer, vocabulary } from "./state.js";
import { points } from "./text.js";
import { toast } from "./toast.js";

const ASK = "chatwoot-dashboard-app:fetch-info";
const ROLES = ["customer", "agent"];
const LAST = 20;
let newest = 0;

export function startEmbedded() {
  if (window.parent === window) return;
  const above = location.ancestorOrigins?.[0];
  const origins = vocabulary.frames.filter((origin) => !above || origin === above);
  if (!origins.length) return;
  addEventListener("message", (event) => {
    if (event.source === window.parent && origins.includes(event.origin)) hear(event);
  });
  for (const origin of origins) window.parent.postMessage(ASK, origin);
}

function hear({ data, origin }) {
  const told = parsed(data);
  const number = told?.event === "appContext" ? String(told.data?.conversation?.id ?? "") : "";
  if (/^[\w-]{1,50}$/u.test(number)) open(idOf(number, origin), told.data);
}

function parsed(data) {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}

/** As the webhook of the channel stores it; without a channel's name it is the page's own. */
function idOf(number, origin) {
  const channel = new URLSearchParams(location.search).get("channel");
  return points(`chatwoot:${channel || new URL(origin).host}:${number}`).slice(0, 200).join("");
}

async function open(id, { conversation, contact }) {
  const mine = ++newest;
  const held = allCustomers().find((one) => one.id === id);
  const name = text(contact?.name) || text(conversation.meta?.sender?.name);
  try {
    const known = held ?? (await stored(id)) ?? { id, name: points(name).slice(0, 60).join("") };
    if (mine !== newest) return;
    if (!held) showCustomer(known);
    else if (held !== current()) selectCustomer(held);
    take(current(), conversation.messages);
  } catch (error) {
    if (mine === newest) toast(error.passing ? "连不上话术助手，稍后再打开" : error.message);
  }
}

async function stored(id) {
  try {
    return storedCustomer(await readConversation(id));
  } catch (error) {
    if (error.status === 404) return null;
    throw error;
  }
}

/** The last messages of both sides, unless they arrive by themselves. */
function take(customer, messages) {
  if (customer.live || !Array.isArray(messages)) return;
  if (!addTurns(customer, messages.slice(-LAST).map(asTurn).filter(Boolean))) return;
  emit("customers");
  storeSoon(customer);
}

/** message_type: 0 came in, 1 went out; other numbers, and private notes, are nothing that was said. */
function asTurn(message) {
  const role = ROLES[message?.message_type];
  const words = points(text(message?.content)).slice(0, vocabulary.messageLimit).join("");
  if (!role || message.private || !message.id || !words.trim()) return null;
  const sent = new Date(message.created_at * 1000);
  const sent_at = Number.isNaN(sent.getTime()) ? null : sent.toISOString();
  return { role, text: words, message_id: String(message.id).slice(0, 200), sent_at };
}

const text = (value) => (typeof value === "string" ? value : "");
