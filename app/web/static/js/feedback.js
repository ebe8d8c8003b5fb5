// What became of a script: copied, changed, or not fitting. It ranks scripts within their stage.

import { sendFeedback } from "./api.js";
import { button, el } from "./dom.js";
import { openPicker } from "./picker.js";
import { current } from "./state.js";
import { toast } from "./toast.js";

// longer than the way back is offered
const SETTLED = 8000;
let missing = false;

async function tell(body) {
  if (missing) return false;
  try {
    await sendFeedback(body);
    return true;
  } catch (error) {
    if (error.status === 405 || (error.status === 404 && error.message === "没有这个地址")) missing = true;
    return false;
  }
}

/** A copied script, once it can no longer be taken back. shown: the words before they were changed. */
export function copiedScript(customer, turn, shown) {
  if (isOwn(turn)) return;
  const kind = turn.text === shown ? "copied" : "edited";
  const send = () => {
    if (turn.undone) return;
    const body = { script_id: turn.script_id, kind, text: shown, sent_text: turn.text };
    tell(turn.turn_id ? { ...body, conversation_id: customer.id, turn_id: turn.turn_id } : body);
  };
  setTimeout(send, SETTLED);
}

/** Whether a script is an agent's own: nothing is learnt from those. */
const isOwn = ({ script_id }) => script_id.startsWith("own.");

/** 「不合适」 and 「应该是…」 for one script. */
export function rejectButtons(script) {
  if (isOwn(script)) return null;
  const row = el("span", { class: "reject" });
  const reject = async (intent) => {
    const body = { script_id: script.script_id, kind: "rejected", conversation_id: current().id };
    const done = await tell(intent ? { ...body, right_intent: intent } : body);
    if (done) row.replaceChildren(el("span", {}, "记下了，谢谢"));
    else toast("没有记上，稍后再试");
  };
  const no = button({ class: "link", label: `不合适：${script.title}`, onclick: () => reject(null) }, "不合适");
  const choose = () => openPicker(other, () => true, reject, row.parentElement);
  const other = button(
    { class: "link", label: `应该是别的：${script.title}`, "aria-haspopup": "dialog", onclick: choose },
    "应该是…",
  );
  row.append(no, other);
  return row;
}
