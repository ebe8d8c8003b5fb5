// Something happened that starts a clock (paid, goods came back): noted here, counted down on the desk, stopped when done.

import { deleteClock, putClock, readClocks } from "./api.js";
import { button, el } from "./dom.js";
import { current, emit, vocabulary } from "./state.js";
import { dueText, localText, momentOf, now } from "./times.js";

// what is open and what was typed, while the panel is drawn anew around it
const shown = { open: false, of: null, clocks: [], problem: "" };

export function drawClocks() {
  const customer = current();
  if (!vocabulary.events.length || !customer.messageId) return null;
  if (shown.of !== customer.id) Object.assign(shown, { of: customer.id, clocks: [], problem: "" });
  const box = el("details", { class: "more clocks", open: shown.open }, el("summary", {}, "记一件事，开始计时"), shown.open ? [list(), form()] : null);
  box.addEventListener("toggle", () => {
    if (box.open === shown.open) return;
    shown.open = box.open;
    if (shown.open) run(() => readClocks(customer.id));
    emit("facts");
  });
  return box;
}

async function run(request) {
  const { of } = shown;
  try {
    const { items } = await request();
    if (shown.of === of) Object.assign(shown, { clocks: items, problem: "" });
  } catch (error) {
    if (shown.of === of) shown.problem = error.message || "没有记上，请再试一次";
  }
  emit("facts");
}

function list() {
  const byHand = shown.clocks.filter((clock) => vocabulary.events.some((one) => one.id === clock.id));
  const rows = byHand.map((clock) =>
    el(
      "li",
      { class: "fact known" },
      el("span", { class: "fact-text" }, el("strong", {}, clock.name), el("span", {}, `${dueText(clock.due_at)}，${clock.stops}就停`)),
      button({ class: "value", key: `clock:${clock.id}`, label: `${clock.name}办完了`, onclick: () => run(() => deleteClock(shown.of, clock.id)) }, "办完了"),
    ),
  );
  return [shown.problem && el("p", { class: "problem", role: "alert" }, shown.problem), rows.length > 0 && el("ul", { class: "facts" }, rows)];
}

function form() {
  const what = el(
    "select",
    { class: "value", "aria-label": "发生了什么", data: { key: "clock:what" } },
    vocabulary.events.map(({ id, event, name }) => el("option", { value: id }, `${event} → ${name}`)),
  );
  const at = el("input", { class: "value", type: "datetime-local", "aria-label": "什么时候", value: localText(now()), data: { key: "clock:at" } });
  const start = () => {
    const since = at.value ? momentOf(at.value) : now();
    run(() => putClock(shown.of, what.value, since.toISOString()));
  };
  return el("p", { class: "values" }, what, at, button({ class: "value", key: "clock:start", onclick: start }, "开始计时"));
}
