// The conversation becomes a case, filled in from what was said; a case still open is found again.

import { openCase, withdrawCase } from "./api.js";
import { keepMessage, store } from "./conversation.js";
import { byId, el } from "./dom.js";
import { current } from "./state.js";
import { toast } from "./toast.js";

let busy = false;

export function startRegister() {
  byId("register").addEventListener("click", register);
}

export async function register() {
  const customer = current();
  if (busy) return;
  if (!customer.text.trim() && !customer.turns.length) return toast("先粘贴顾客的话，再登记");
  busy = true;
  try {
    keepMessage(customer);
    await store(customer);
    const { id, number, created, url } = await openCase(customer.id);
    const more = el("a", { class: "link", href: url, target: "_blank", rel: "noopener" }, "打开登记表");
    if (created) toast(`已登记 ${number}，能填的都填好了`, { more, undo: () => withdraw(id, number) });
    else toast(`这位顾客已经登记过：${number}`, { more });
  } catch (error) {
    toast(error.passing ? "暂时登记不了，请稍后再按一次" : error.message);
  } finally {
    busy = false;
  }
}

/** It was a slip: the case is void, and its number waits for this customer. */
async function withdraw(id, number) {
  try {
    await withdrawCase(id);
    toast(`${number} 作废了；要登记再按 D，还用这个号`);
  } catch (error) {
    toast(error.passing ? `没有撤销成，到登记表里把 ${number} 作废` : error.message);
  }
}
