// What a customer is called where they are chosen from.

import { head, points } from "./text.js";

/** By hand, by the order's last digits, or by the first words. */
export function nameOf(customer) {
  if (customer.name) return customer.name;
  if (customer.order) return `…${points(customer.order).slice(-4).join("")}`;
  return head(customer.text || customer.last, 6) || "新顾客";
}
