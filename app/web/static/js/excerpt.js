// A pasted piece of the chat with names and times: the turns of both sides, those already here left out.

import { analyse } from "./analyse.js";
import { readExcerpt } from "./api.js";
import { addTurns } from "./conversation.js";
import { button, byId, el, swap } from "./dom.js";
import { settle, take } from "./message.js";
import {
  addCustomer,
  allCustomers,
  current,
  emit,
  on,
  save,
  selectCustomer,
  setReading,
  status,
} from "./state.js";
import { saveSetting, setting } from "./store.js";
import { points } from "./text.js";
import { hideToast, toast } from "./toast.js";

const LIMIT = 60000;
const NAME_LENGTH = 12;
const TIME = /\d{1,2}[:：]\d{2}/u;
let missing = false;
let asking = null;
let newest = 0;

export function startExcerpts() {
  on("customers", () => (asking ?? status.reading) && status.reading !== current() && forget());
}

const looksLikeOne = (text) => text.trim().includes("\n") && TIME.test(text) && text.length <= LIMIT;

/** Takes what was pasted: an excerpt apart, anything else as one message of the customer. */
export async function receive(text) {
  forget();
  hideToast();
  if (missing || !looksLikeOne(text)) return take(text);
  const customer = current();
  const found = await read(customer, text, {});
  // read for another tab, or overtaken by a newer paste
  if (customer !== current() || found?.overtaken) return;
  if (!found?.is_excerpt) return take(text);
  if (found.needs_side.length) return ask(customer, text, found.needs_side);
  keep(found.turns);
}

/** The excerpt apart; null when the service can't tell. While it is read no script can be copied. */
async function read(customer, text, sides) {
  const body = { text, conversation_id: customer.id, shop: setting("shop", null), sides };
  const mine = ++newest;
  setReading(customer);
  try {
    const found = await readExcerpt({ ...body, shop_names: setting("shopNames", []) });
    return { ...found, overtaken: mine !== newest };
  } catch (error) {
    if (error.status === 404 || error.status === 405) missing = true;
    return mine === newest ? null : { overtaken: true };
  } finally {
    if (mine === newest) setReading(null);
  }
}

function ask(customer, text, names) {
  asking = { customer };
  setReading(customer);
  // the customer mostly speaks first, so Enter takes another
  const choices = [...names].reverse().map((name) =>
    button({ class: "button", onclick: () => choose(customer, text, names, name) }, name),
  );
  const whole = button({ class: "link", onclick: () => (forget(), take(text)) }, "都是顾客说的");
  swap(byId("sides"), el("div", { class: "row", role: "group", "aria-label": "谁是店铺" }, el("span", {}, "谁是店铺"), choices, whole));
  choices[0].focus();
}

function forget() {
  newest += 1;
  if (asking || status.reading) setReading(null);
  asking = null;
  swap(byId("sides"));
}

async function choose(customer, text, names, shop) {
  forget();
  saveSetting("shopNames", [...new Set([shop, ...setting("shopNames", [])])].slice(0, 50));
  const sides = Object.fromEntries(names.map((name) => [name, name === shop ? "agent" : "customer"]));
  const found = await read(customer, text, sides);
  if (customer !== current() || found?.overtaken) return;
  if (found?.is_excerpt) keep(found.turns.filter((turn) => turn.role));
  else take(text);
}

function keep(turns) {
  const label = points(turns.find((turn) => turn.role === "customer")?.name ?? "").slice(0, NAME_LENGTH).join("");
  showTab(label);
  const customer = current();
  const count = addTurns(customer, turns);
  if (!count) return toast("这段聊天已经都在对话里了");
  customer.name ||= label;
  save();
  emit("customers");
  settle();
  if (!customer.text) analyse();
  toast(`记下了 ${count} 句`);
}

/** The tab of the customer the excerpt is about; one known by another name isn't meant. */
function showTab(label) {
  if (!label || current().name === label) return;
  const known = allCustomers().find((customer) => customer.name === label);
  if (known) selectCustomer(known);
  else if (current().name) addCustomer();
}
