// Two agents in one conversation: what the other one said and marked is fetched while the page is looked at.

import { readConversation } from "./api.js";
import { isSettled } from "./conversation.js";
import { announce } from "./dom.js";
import { look } from "./promised.js";
import { current, emit, save, vocabulary } from "./state.js";
import { keepDue } from "./turns.js";
import { takeReplies } from "./unsent.js";

const EVERY = 20000;
const STATES = { dealt_with: "handled", false_alarm: "false_alarm" };
let busy = false;

export function startRefreshing() {
  addEventListener("focus", refresh);
  setInterval(() => document.visibilityState === "visible" && refresh(), EVERY);
}

async function refresh() {
  const customer = current();
  if (busy || !isSettled(customer)) return;
  busy = true;
  const before = customer.turns.length;
  try {
    const found = await readConversation(customer.id);
    // something was said here meanwhile: next time
    if (isSettled(customer) && customer.turns.length === before) merge(customer, found);
    // kept, moved or taken back elsewhere, without a word being said
    if (customer.promises.length) await look(customer);
  } catch {
    // the next look will tell
  } finally {
    busy = false;
  }
}

/** A stored turn as the panel keeps it. */
export function asTurn(turn) {
  const { role, text, message_id, turn_id, sent_at, stored_at, attachments, script_id, agent } = turn;
  const told = { role, text, message_id, turn_id, sent_at, at: stored_at, attachments, script_id, agent };
  const recall = attachments.some((part) => part.type === "recall");
  return { ...told, recall, recalled: turn.recalled && !recall };
}

/** Adds the turns of others, drops those taken back elsewhere, takes over how risks were marked. */
export function merge(customer, { turns, risks, given, label, note, reply_due_at: due, ...replying }) {
  if (takeReplies(customer, replying)) {
    save();
    emit("replies");
    emit("stored");
  }
  const here = new Map(customer.turns.map((turn) => [turn.message_id, turn]));
  const merged = turns.map((turn) => here.get(turn.message_id) ?? asTurn(turn));
  const fresh = merged.filter((turn) => !here.has(turn.message_id));
  const kept = new Set(merged.map((turn) => turn.message_id));
  const lost = customer.turns.filter((turn) => !kept.has(turn.message_id));
  const old = lost.filter((turn) => turn.refused);
  const unsaved = lost.filter((turn) => !turn.refused && !turn.turn_id);
  const dropped = lost.length - old.length - unsaved.length;
  const marked = mergeRisks(customer, risks);
  if (takeOver(customer, { given, label, note })) {
    save();
    emit("customers");
    emit("facts");
  }
  if (!fresh.length && !dropped && !marked) return;
  // turns older than the service tells stay where they were
  customer.turns = turns.length < 200 ? [...old, ...merged, ...unsaved] : [...customer.turns, ...fresh];
  keepDue(customer, due);
  save();
  if (fresh.length) look(customer);
  if (fresh.length) announce(`这段对话多了 ${fresh.length} 句`);
  emit("stored");
  emit("risks");
}

/** What others know of the conversation, its name and its note; whether anything is new. */
export function takeOver(customer, { given, label, note }) {
  const before = JSON.stringify([customer.facts, customer.ticked, customer.slots, customer.name, customer.note]);
  const values = (kind) => Object.entries(given?.[kind] ?? {}).map(([name, told]) => [name, told.value]);
  if (given) {
    const isFact = ([name]) => name in vocabulary.facts;
    const own = Object.entries(customer.ticked).filter(([name]) => name === "照片");
    customer.facts = Object.fromEntries(values("facts").filter(isFact));
    const ticked = values("facts").filter((one) => !isFact(one));
    customer.ticked = Object.fromEntries([...own, ...ticked.map(([name]) => [name, true])]);
    customer.slots = Object.fromEntries(values("slots"));
  }
  customer.name = label || customer.name;
  customer.note = note ?? customer.note;
  const now = JSON.stringify([customer.facts, customer.ticked, customer.slots, customer.name, customer.note]);
  return before !== now;
}

function mergeRisks(customer, risks) {
  let changed = false;
  for (const { id, open, mark } of risks) {
    const known = customer.risks.find((risk) => risk.id === id);
    if (!known || open || !mark || known.state !== "open") continue;
    known.state = STATES[mark];
    changed = true;
  }
  return changed;
}
