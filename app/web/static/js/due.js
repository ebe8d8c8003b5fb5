// How long customers may still wait for an answer: a word on a tab when time runs short, all of it beside the stage.

import { tick } from "./countdown.js";
import { el } from "./dom.js";
import { current } from "./state.js";

const SHORT = 5 * 60;
const NEAR = 30 * 60;

export function startDue() {
  setInterval(() => tick(), 1000);
}

/** For the tab of a customer, or a line about them; null when nobody waits. */
export function dueMark({ replyDue }) {
  if (!replyDue) return null;
  const mark = el("span", { class: "due", title: "还剩多久要回话", "aria-hidden": "true", data: { due: replyDue, within: SHORT, brief: "" } });
  return [ticked(mark), el("span", { class: "sr" }, "在等回话")];
}

/** For the customer looked at: 回复还剩 2 分钟. */
export function dueLine() {
  const { replyDue } = current();
  return replyDue ? ticked(el("span", { class: "reply-due", data: { due: replyDue, within: NEAR, lead: "回复" } })) : null;
}

/** Says the time from the first moment on, so that nothing grows a second later. */
function ticked(node) {
  const place = el("span", {}, node);
  tick(place);
  return node;
}
