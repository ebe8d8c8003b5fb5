// The customers being served and what is known of each. Views listen for changes and draw the current one.

import { saveSessionValue, sessionValue } from "./store.js";

export const vocabulary = JSON.parse(document.body.dataset.vocabulary);

/** The value that says which product it is about. */
export const PRODUCT = "商品";

const changes = new EventTarget();
/** Events: result (new answer or its absence), message (other words in the box), sent (something copied, sent or taken back), replies (what may be or could not be sent), customers, status, settings. */
export const on = (name, listener) => changes.addEventListener(name, listener);
export const emit = (name) => changes.dispatchEvent(new Event(name));

/** crypto.randomUUID, also where the page isn't on https. */
export const newId = () =>
  crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint32Array(4))].map((n) => n.toString(16)).join("-");

function newCustomer() {
  return {
    id: newId(),
    name: "",
    // the order number, once one is known
    order: "",
    text: "",
    // what both sides said; messageId: the turn whose words are in the box, editedId: the one they were before typing
    turns: [],
    messageId: null,
    editedId: null,
    undone: [],
    marks: {},
    sent: [],
    copied: {},
    blanks: {},
    facts: {},
    ticked: {},
    // values noted for the conversation, and what is still to be told to the service
    slots: {},
    untold: { facts: {}, slots: {} },
    relabelled: false,
    note: "",
    // for which message the order was waited for
    orderAsked: null,
    risks: [],
    intents: null,
    stage: null,
    result: null,
    hues: [],
    // of a conversation that arrives by itself: how much of it was not looked at, and whether somebody should
    live: false,
    // how its newest message begins, until it is read
    last: "",
    unread: 0,
    urgent: false,
    // until when the customer should hear from us, as the service reckons it; null when nobody waits
    replyDue: null,
    // what the customer was promised and is owed: {id, what, text, due_at, approximate}
    promises: [],
    // the channel words can be sent through from here, and those that could not be sent
    replyThrough: null,
    unsent: [],
  };
}

const saved = sessionValue("customers", null);
const customers = saved?.length ? saved.map((one) => ({ ...newCustomer(), ...one })) : [newCustomer()];
let active = Math.min(sessionValue("active", 0), customers.length - 1);

/** A line under the message: {text, retry, reload} or null. */
export const status = { note: null, busy: false, reading: null };

/** How many scripts to ask for: those already sent aren't shown again, so that many more. */
export const answerLimit = (customer) => Math.min(20, 9 + customer.sent.length);

export const current = () => customers[active];
export const allCustomers = () => customers;

export function save() {
  // the answer can be asked for again, so it isn't kept
  saveSessionValue(
    "customers",
    customers.map((one) => ({ ...one, result: null, loaded: false })),
  );
  saveSessionValue("active", active);
}

function select(index) {
  active = index;
  save();
  emit("customers");
}

export const selectCustomer = (customer) => select(customers.indexOf(customer));

/** The next tab; one with something unread before the others, urgent ones first, then round those who wait, by their time. */
export function nextCustomer() {
  const others = customers.map((_, step) => (active + 1 + step) % customers.length);
  const first = (fits) => others.find((index) => fits(customers[index]));
  select(first((one) => one.unread && one.urgent) ?? first((one) => one.unread) ?? nextWaiting() ?? others[0]);
}

function nextWaiting() {
  const waiting = customers.filter((one) => one.replyDue).sort((one, other) => new Date(one.replyDue) - new Date(other.replyDue));
  const next = waiting[(waiting.indexOf(current()) + 1) % waiting.length];
  return !next || next === current() ? undefined : customers.indexOf(next);
}

export function addCustomer() {
  const blank = customers.findIndex((one) => !one.text && !one.turns.length);
  if (blank < 0) customers.push(newCustomer());
  select(blank < 0 ? customers.length - 1 : blank);
}

/** A tab for a conversation that arrived by itself; the one being looked at stays. */
export function newCustomerFor(id, name) {
  const customer = { ...newCustomer(), id, name: name ?? "" };
  customers.push(customer);
  return customer;
}

/** The message at hand belongs to somebody else: it moves to a tab of its own, the conversation stays behind. */
export function moveToNewCustomer() {
  const customer = current();
  const { text } = customer;
  const last = customer.turns.findLast((turn) => turn.role === "customer" && !turn.recalled && !turn.recall);
  Object.assign(customer, { text: last?.text ?? "", messageId: last?.message_id ?? null, editedId: null });
  customer.result = null;
  addCustomer();
  setMessage(text);
  emit("customers");
}

/** A conversation that was stored elsewhere, in a tab of its own. */
export function showCustomer(known) {
  const held = customers.find((one) => one.id === known.id);
  if (held) return selectCustomer(held);
  const blank = customers.findIndex((one) => !one.text && !one.turns.length);
  if (blank >= 0) customers.splice(blank, 1);
  customers.push({ ...newCustomer(), ...known });
  select(customers.length - 1);
}

export function removeCustomer(customer) {
  const index = customers.indexOf(customer);
  customers.splice(index, 1);
  if (!customers.length) customers.push(newCustomer());
  select(Math.min(active > index ? active - 1 : active, customers.length - 1));
}

/** A new message of the current customer: what was chosen by hand for the last one no longer holds. */
export function setMessage(text) {
  const customer = current();
  if (customer.text === text) return;
  const editedId = customer.messageId ?? customer.editedId;
  Object.assign(customer, { text, intents: null, stage: null, hues: [], messageId: null, editedId });
  save();
  emit("message");
}

/** The customer whose pasted excerpt is being read, or whose sides are being asked for; null when none is. */
export function setReading(customer) {
  status.reading = customer;
  emit("status");
}

export function setStatus(note, busy = false) {
  Object.assign(status, { note, busy });
  emit("status");
}
