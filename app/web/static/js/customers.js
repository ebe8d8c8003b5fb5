// One tab per customer.

import { analyse } from "./analyse.js";
import { relabel } from "./conversation.js";
import { button, byId, el, icon, swap } from "./dom.js";
import { dueMark } from "./due.js";
import { openFind } from "./find.js";
import { nameOf } from "./names.js";
import {
  addCustomer,
  allCustomers,
  current,
  emit,
  on,
  removeCustomer,
  selectCustomer,
  setStatus,
  status,
} from "./state.js";

export function startCustomers() {
  for (const event of ["result", "customers", "risks", "sent", "stored"]) on(event, draw);
  on("customers", catchUp);
}

/** A message left before it was analysed is analysed now; what was wrong with another customer's is no longer told. */
function catchUp() {
  const { text, result } = current();
  if (text && result?.text !== text) analyse();
  else if (status.note && !status.note.retry) setStatus(null);
}

function draw() {
  const add = button(
    { class: "tool", title: "新顾客（N）", label: "新顾客", key: "add-customer", onclick: start },
    icon("plus"),
  );
  const list = el("div", { class: "tab-list" }, allCustomers().map(tab));
  swap(byId("customers"), list, everybody(), add);
  list.querySelector(".here").scrollIntoView({ block: "nearest", inline: "nearest" });
  byId("all-customers").hidden = list.scrollWidth <= list.clientWidth;
}

/** The way to those whose tabs are out of sight: how many they are, and whether somebody waits there. */
function everybody() {
  const all = allCustomers();
  const urgent = all.some((one) => one.unread && one.urgent);
  const words = `全部 ${all.length} 位顾客`;
  const mark = urgent ? "all-customers urgent" : "all-customers";
  return button({ id: "all-customers", class: mark, title: `${words}（O）`, label: words, key: "all-customers", onclick: openFind }, `${all.length} 位`);
}

function start() {
  addCustomer();
  byId("message").focus();
}

function tab(customer) {
  const here = customer === current();
  const risky = customer.risks.some((risk) => risk.state === "open");
  const props = {
    class: "tab-name",
    title: here ? "点一下改名字" : "换到这位顾客",
    key: `customer:${customer.id}`,
  };
  if (here) props["aria-current"] = "true";
  const name = button(
    props,
    nameOf(customer),
    risky ? icon("risk") : null,
    risky ? el("span", { class: "sr" }, "有风险") : null,
    unreadMark(customer),
    dueMark(customer),
  );
  const node = el("span", { class: here ? "tab here" : "tab" }, name, closeButton(customer));
  name.addEventListener("click", () => (here ? rename(customer, node) : selectCustomer(customer)));
  return node;
}

function unreadMark({ unread, urgent }) {
  if (!unread) return null;
  const words = `${unread} 条没看${urgent ? "，要紧" : ""}`;
  return el("span", { class: urgent ? "unread urgent" : "unread", title: words }, String(unread), el("span", { class: "sr" }, ` ${words}`));
}

function closeButton(customer) {
  if (allCustomers().length === 1 && !customer.text) return null;
  return button(
    {
      class: "tab-close",
      label: `关掉${nameOf(customer)}`,
      title: "关掉",
      key: `close:${customer.id}`,
      onclick: () => removeCustomer(customer),
    },
    icon("close"),
  );
}

function rename(customer, node) {
  const input = el("input", {
    type: "text",
    class: "rename",
    value: customer.name,
    placeholder: nameOf(customer),
    maxlength: "12",
    "aria-label": "顾客名字",
  });
  const finish = () => {
    const name = input.value.trim();
    if (name !== customer.name) relabel(customer, { name });
    emit("risks");
  };
  input.addEventListener("blur", finish, { once: true });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || !["Enter", "Escape"].includes(event.key)) return;
    event.stopPropagation();
    if (event.key === "Escape") input.value = customer.name;
    input.blur();
  });
  node.replaceChildren(input);
  input.select();
}
