// What both sides said. Every turn is kept here first and stored by its own id, in order, as soon as the service takes it.

import { deleteTurn, postTurn, putRisk } from "./api.js";
import { isUntold, storeKnown } from "./known.js";
import { heardPromise } from "./promised.js";
import { allCustomers, answerLimit, emit, newId, save, vocabulary } from "./state.js";
import { setting } from "./store.js";
import { points } from "./text.js";
import { now } from "./times.js";
import { corrected, keepDue, spoken, turnById } from "./turns.js";

const RETRY_AFTER = [1000, 2000, 4000, 8000, 15000];

const running = new Map();
const answers = new Map();
let missing = false;
let failures = 0;
let waiting = 0;

function add(customer, turn) {
  const added = { message_id: newId(), turn_id: null, at: now().toISOString(), ...turn };
  customer.turns.push(added);
  return added;
}

/** The message in the box becomes a turn; the one it puts right is taken back. */
export function keepMessage(customer) {
  if (customer.messageId || !customer.text.trim()) return;
  if (points(customer.text).length > vocabulary.messageLimit) return;
  const before = corrected(customer);
  if (before) recall(customer, before);
  customer.messageId = add(customer, { role: "customer", text: customer.text }).message_id;
  customer.editedId = null;
  save();
}

/** A customer's turn that wasn't said here after all. The record keeps it, as taken back. */
export function recall(customer, turn) {
  turn.recalled = true;
  add(customer, {
    role: "customer",
    text: "",
    recall: true,
    attachments: [{ type: "recall", name: turn.message_id }],
  });
  save();
}

/** A turn of the customer that was never typed here; its words are the ones to answer now. */
export function addMessage(customer, text, more = {}) {
  const turn = add(customer, { role: "customer", text, ...more });
  Object.assign(customer, { text, messageId: turn.message_id, editedId: null });
  Object.assign(customer, { intents: null, stage: null, hues: [] });
  save();
  return turn;
}

/** Turns of a pasted excerpt, without those already here; the customer's last words are the ones to answer. How many were new. */
export function addTurns(customer, turns) {
  const held = (turn) =>
    customer.turns.some((one) => one.message_id === turn.message_id) ||
    spoken(customer).some((one) => one.role === turn.role && one.text === turn.text);
  const fresh = turns.filter((turn) => !turn.known && !held(turn));
  if (fresh.length) keepMessage(customer);
  const added = fresh.map(({ role, text, message_id, sent_at }) => add(customer, { role, text, message_id, sent_at }));
  const last = added.findLast((turn) => turn.role === "customer");
  if (last) {
    const chosen = { intents: null, stage: null, hues: [] };
    Object.assign(customer, { ...chosen, text: last.text, messageId: last.message_id, editedId: null });
  }
  save();
  return added.length;
}

export function addAgentTurn(customer, text, more) {
  const turn = add(customer, { role: "agent", text, due: customer.replyDue, ...more });
  customer.replyDue = null;
  return turn;
}

/** An agent's turn that wasn't sent after all. */
export function takeBack(customer, turn) {
  turn.undone = true;
  customer.turns = customer.turns.filter((one) => one.message_id !== turn.message_id);
  keepDue(customer, customer.replyDue ?? turn.due);
  if (turn.turn_id || turn.tried) customer.undone.push(turn);
  save();
  storeSoon(customer);
}

const unsaved = ({ turns }) => turns.filter((turn) => !turn.turn_id && !turn.refused);

/** How many turns of a customer still wait to be stored. */
export const unsavedCount = (customer) => (missing ? 0 : unsaved(customer).length);

/** A fact or value the agent knows (null: takes it back), stored with the conversation. kind: facts or slots. */
export function tell(customer, kind, name, value) {
  customer.untold[kind][name] = value;
  save();
  storeSoon(customer);
}

/** Another name or note for the conversation. */
export function relabel(customer, change) {
  Object.assign(customer, change, { relabelled: true });
  save();
  storeSoon(customer);
}

const isWaiting = (customer) =>
  unsaved(customer).length ||
  customer.undone.length ||
  Object.keys(customer.marks).length ||
  isUntold(customer);

/** Stores what waits, oldest first. Rejects with the error of the first that couldn't be stored. */
export function store(customer) {
  if (missing) return Promise.resolve();
  const before = running.get(customer.id) ?? Promise.resolve();
  const mine = before.catch(() => {}).then(() => storeAll(customer));
  running.set(customer.id, mine);
  return mine;
}

/** Like store, in the background: what fails is tried again later. */
export function storeSoon(customer) {
  store(customer).catch(() => {});
}

async function storeAll(customer) {
  try {
    for (let next = unsaved(customer)[0]; next && !missing; next = unsaved(customer)[0]) {
      await storeTurn(customer, next);
    }
    while (customer.undone.length && !missing) await storeUndo(customer);
    for (const [risk, mark] of Object.entries(customer.marks)) {
      if (missing) break;
      await attempt(() => putRisk(customer.id, risk, mark));
      if (customer.marks[risk] === mark) delete customer.marks[risk];
    }
    // nothing is told of a conversation that isn't stored: ticks alone make none
    if (customer.turns.some((turn) => turn.turn_id) && !missing) await storeKnown(customer, attempt);
    failures = 0;
    customer.waited = false;
  } catch (error) {
    customer.waited = true;
    if (error.passing) tryLater();
    throw error;
  } finally {
    save();
    emit("stored");
  }
}

/** Runs a request; one that can never succeed counts as done, null. */
async function attempt(request) {
  try {
    return await request();
  } catch (error) {
    if (error.passing || error.status === 401 || error.code === "csrf_failed") throw error;
    if (error.status === 405) missing = true;
    return null;
  }
}

async function storeTurn(customer, turn) {
  turn.tried = true;
  try {
    const answer = await postTurn(customer.id, bodyOf(customer, turn));
    turn.turn_id = answer.turn_id;
    if (turn.role === "customer") answers.set(turn.message_id, answer);
    else heardPromise(customer, answer.acts);
    keepDue(customer, answer.reply_due_at);
  } catch (error) {
    if (error.passing || error.status === 401 || error.code === "csrf_failed") throw error;
    // a service that has no such address keeps no conversations; anything else is wrong with this turn alone
    if (error.status === 404 || error.status === 405) missing = true;
    else turn.refused = true;
  }
}

function bodyOf(customer, turn) {
  const body = {
    role: turn.role,
    text: turn.text,
    message_id: turn.message_id,
    sent_at: turn.sent_at ?? turn.at,
    label: customer.name,
    shop: setting("shop", null),
    tone: setting("tone", null),
  };
  if (turn.attachments) body.attachments = turn.attachments;
  if (turn.script_id && turn.role === "agent") body.script_id = turn.script_id;
  if (turn.role === "customer") Object.assign(body, { facts: customer.facts, limit: answerLimit(customer) });
  return body;
}

async function storeUndo(customer) {
  const [turn] = customer.undone;
  // perhaps stored, its answer lost: storing it again tells its number
  if (!turn.turn_id) await storeTurn(customer, turn);
  if (turn.turn_id) await attempt(() => deleteTurn(customer.id, turn.turn_id));
  heardPromise(customer);
  customer.undone = customer.undone.filter((one) => one.message_id !== turn.message_id);
}

/** Nothing of this customer is on its way or waiting: the stored conversation is the newer one. */
export const isSettled = (customer) => !missing && !isWaiting(customer) && customer.turns.some((turn) => turn.turn_id);

/** The answer that came when a turn was stored, once. */
export function takeAnswer(messageId) {
  const answer = answers.get(messageId);
  answers.delete(messageId);
  return answer;
}

function tryLater() {
  clearTimeout(waiting);
  waiting = setTimeout(storeEverything, RETRY_AFTER[Math.min(failures++, RETRY_AFTER.length - 1)]);
}

export function storeEverything() {
  for (const customer of allCustomers()) if (isWaiting(customer)) storeSoon(customer);
}

/** What was said before the message in the box, for a request that names a stored conversation or tells it all. */
export function contextOf(customer, tellAll = false) {
  const here = turnById(customer, customer.messageId) ?? corrected(customer);
  const at = here ? customer.turns.indexOf(here) : customer.turns.length;
  const before = customer.turns.slice(0, at);
  const stored = before.every((turn) => turn.turn_id) && (here ? here.turn_id : before.length);
  if (stored && !missing && !tellAll)
    return { conversation_id: customer.id, turn_id: here?.turn_id ?? null, turns: [] };
  const told = before.filter((turn) => turn.text && !turn.recalled).map(({ role, text }) => ({ role, text }));
  return { conversation_id: null, turns: told.slice(-200) };
}
