// What this customer was promised and is still owed, above the talk: until when, and settled with one click.

import { changePromise, listPromises } from "./api.js";
import { button, el } from "./dom.js";
import { current, emit, on, save } from "./state.js";
import { dueText, now } from "./times.js";
import { toast } from "./toast.js";

const SHOWN = 2;
const PROMISING = /^(?:held|promised|offered)/u;
// customer -> the number of the last look or change: an answer to an earlier look says what was before
const newest = new WeakMap();

function next(customer) {
  const number = (newest.get(customer) ?? 0) + 1;
  newest.set(customer, number);
  return number;
}

export function startPromised() {
  on("customers", () => look(current()));
  look(current());
}

/** Something was said that may promise, or keep, or take back what was promised. acts: what the service heard in it. */
export function heardPromise(customer, acts) {
  if (customer.promises.length || acts?.some((act) => PROMISING.test(act))) look(customer);
}

/** Reads anew what is owed in a stored conversation; without an answer what is known stays. */
export async function look(customer) {
  if (!customer.turns.some((turn) => turn.turn_id)) return;
  const number = next(customer);
  try {
    const { items } = await listPromises(customer.id);
    if (newest.get(customer) !== number) return;
    const before = JSON.stringify(customer.promises);
    customer.promises = items.map(({ id, what, text, due_at, approximate }) => ({ id, what, text, due_at, approximate }));
    if (JSON.stringify(customer.promises) === before) return;
    save();
    emit("note");
  } catch {
    // the next look will tell
  }
}

export function promisedLines({ promises }) {
  const more = promises.length - SHOWN;
  return [
    ...promises.slice(0, SHOWN).map(line),
    more > 0 && el("p", { class: "promised" }, el("a", { class: "link", href: "/desk" }, `还答应过 ${more} 件，在工作台上`)),
  ].filter(Boolean);
}

function line(promise) {
  const { id, what, text, due_at: due, approximate } = promise;
  const late = due && new Date(due) < now();
  const until = due ? `${approximate ? "约 " : ""}${dueText(due)}` : "没说时间";
  return el(
    "p",
    { class: late ? "promised late" : "promised", title: `说的是：${text}` },
    el("strong", {}, "答应过"),
    el("span", { class: "words" }, `${what} · ${until}`),
    button({ class: "link", key: `kept:${id}`, label: `${what}，办好了`, onclick: () => settle(promise) }, "办好了"),
  );
}

async function settle(promise) {
  const customer = current();
  try {
    await changePromise(promise.id, { outcome: "kept" });
    next(customer);
    customer.promises = customer.promises.filter((one) => one.id !== promise.id);
    save();
    emit("note");
    toast(`记下了：${promise.what}已兑现`, { undo: () => takeBack(customer, promise) });
  } catch (error) {
    toast(error.passing ? "连不上话术助手，稍后再记" : error.message);
  }
}

async function takeBack(customer, promise) {
  try {
    await changePromise(promise.id, { outcome: "undecided" });
    await look(customer);
  } catch {
    toast("没有撤销成，到工作台上改");
  }
}
