// One tab per customer.

import { analyse } from "./analyse.js";
import { relabel } from "./conversation.js";
import { button, byId, el, icon, swap } from "./dom.js";
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
import { head, points } from "./text.js";

export function startCustomers() {
  for (const event of ["result", "customers", "risks"]) on(event, draw);
  on("customers", catchUp);
}

/** A message left before it was analysed is analysed now; what was wrong with another customer's is no longer told. */
function catchUp() {
  const { text, result } = current();
  if (text && result?.text !== text) analyse();
  else if (status.note && !status.note.retry) setStatus(null);
}

/** What the customer is called: by hand, by the order's last digits, or by the first words. */
function nameOf(customer) {
  const order = customer.result?.slots?.find((slot) => slot.name === "订单号")?.value;
  if (customer.name) return customer.name;
  if (order) return `…${points(order).slice(-4).join("")}`;
  return head(customer.text, 6) || "新顾客";
}

function draw() {
  const add = button(
    { class: "tool", title: "新顾客（N）", label: "新顾客", key: "add-customer", onclick: start },
    icon("plus"),
  );
  swap(byId("customers"), el("div", { class: "tab-list" }, allCustomers().map(tab)), add);
  byId("customers").querySelector(".here").scrollIntoView({ block: "nearest", inline: "nearest" });
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
