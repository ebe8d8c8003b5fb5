// Messages that arrive by themselves: a tab per conversation, with what is unread and whether it is urgent.

import { readConversation, readWaiting } from "./api.js";
import { merge } from "./refresh.js";
import { allCustomers, current, emit, newCustomerFor, on, save, vocabulary } from "./state.js";
import { toast } from "./toast.js";
import { spoken } from "./turns.js";

const AGAIN = 5000;
const TITLE = document.title;
let source = null;

export function startLive() {
  if (!vocabulary.live) return;
  on("customers", look);
  begin();
}

/** What waits, then everything after it. */
async function begin() {
  source?.close();
  try {
    const { items, after } = await readWaiting();
    for (const item of items) {
      const customer = tabOf(item, true);
      if (customer !== current()) customer.unread = item.unread;
      mark(customer, item);
    }
    show();
    connect(after);
    look();
  } catch (error) {
    if (error.passing) setTimeout(begin, AGAIN);
  }
}

function connect(after) {
  source = new EventSource(`/api/v1/events?after=${after}`);
  source.addEventListener("message", (event) => arrived(JSON.parse(event.data)));
  source.addEventListener("recall", (event) => recalled(JSON.parse(event.data)));
  source.addEventListener("reply", (event) => replied(JSON.parse(event.data)));
  source.addEventListener("reset", begin);
  source.addEventListener("replaced", () => {
    source.close();
    addEventListener("focus", begin, { once: true });
  });
  // the browser comes back by itself after a lost connection, but not after a refusal
  source.addEventListener("error", () => source.readyState === EventSource.CLOSED && setTimeout(begin, AGAIN));
}

function tabOf(told, wanted) {
  const known = allCustomers().find((one) => one.id === told.conversation_id);
  if (known || !wanted) return known;
  return newCustomerFor(told.conversation_id, told.label);
}

function mark(customer, told) {
  customer.live = true;
  customer.last = told.last;
  customer.urgent = told.emotion >= 2 || told.risks?.length > 0;
  customer.replyDue = told.reply_due_at ?? null;
  customer.loaded = false;
}

function arrived(told) {
  const theirs = told.role === "customer";
  const customer = tabOf(told, theirs);
  if (!customer) return;
  if (!theirs) Object.assign(customer, { unread: 0, replyDue: null });
  else if (customer !== current()) customer.unread = (customer.unread ?? 0) + 1;
  if (theirs) mark(customer, told);
  else customer.loaded = false;
  show();
  look();
}

function recalled(told) {
  const customer = tabOf(told, false);
  if (!customer) return;
  customer.loaded = false;
  look();
}

/** Words that were sent from here, or from another panel, have arrived or never will. */
function replied(told) {
  const customer = tabOf(told, false);
  if (!customer) return;
  if (told.state === "failed") toast(`发给${told.label || "顾客"}的话没有发出去：${told.why}`);
  else if (customer === current()) toast("已发给顾客");
  customer.live = true;
  customer.loaded = false;
  look();
}

function show() {
  save();
  emit("risks");
  const unread = allCustomers().reduce((sum, one) => sum + (one.unread ?? 0), 0);
  document.title = unread ? `(${unread}) ${TITLE}` : TITLE;
}

/** The conversation that is looked at is read anew when there is something new in it. */
async function look() {
  const customer = current();
  if (!customer.live) return;
  if (customer.unread) {
    customer.unread = 0;
    show();
  }
  if (customer.loaded) return;
  customer.loaded = true;
  const before = customer.turns.length;
  try {
    const found = await readConversation(customer.id);
    // something was said here meanwhile: what came is older
    if (customer.turns.length !== before) customer.loaded = false;
    else merge(customer, found);
    if (!customer.loaded) return look();
    if (customer === current()) ask(customer);
  } catch (error) {
    customer.loaded = false;
    if (error.passing) setTimeout(look, AGAIN);
  }
}

/** The customer's last words are the ones to answer. */
function ask(customer) {
  const last = spoken(customer).findLast((turn) => turn.role === "customer" && turn.text);
  if (last?.message_id === customer.messageId) return;
  Object.assign(customer, { text: last?.text ?? "", messageId: last?.message_id ?? null, editedId: null });
  Object.assign(customer, { intents: null, stage: null, hues: [] });
  save();
  emit("customers");
}
