// The conversation becomes a case, filled in from what was said; a case still open is found again.

import { openCase } from "./api.js";
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
    const { number, created, url } = await openCase(customer.id);
    const link = el("a", { class: "link", href: url, target: "_blank", rel: "noopener" }, "打开登记表");
    toast(created ? `已登记 ${number}，能填的都填好了` : `这位顾客已经登记过：${number}`, { more: link });
  } catch (error) {
    toast(error.passing ? "暂时登记不了，请稍后再按一次" : error.message);
  } finally {
    busy = false;
  }
}
