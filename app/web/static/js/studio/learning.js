// The learning queue: one group at a time, an intent with one key, taken back with another.
import { button, byId, el, takesText } from "../dom.js";
import { call, undo } from "./api.js";
import { fail, showState, toast, when } from "./common.js";

const REASONS = { unsure: "拿不准", refused: "没认出来", corrected: "客服改过" };
const SHOWN = 5;
let groups = [];
let intents = [];
let waiting = 0;
let at = 0;
let busy = false;
let last = null;

async function refresh() {
  try {
    ({ groups, intents, waiting } = await call("/learning"));
  } catch (error) {
    byId("waiting").textContent = error.message;
    return;
  }
  byId("intents").replaceChildren(...intents.map((intent) => el("option", { value: intent.name })));
  at = Math.min(at, Math.max(0, groups.length - 1));
  draw();
  document.documentElement.dataset.ready = "";
}

function draw(focus = true) {
  byId("keys").hidden = !waiting;
  byId("waiting").textContent = waiting ? `${waiting} 句在等，相近的放在一组` : "没有等着学的话。系统拿不准的、没认出来的、客服改过意图的，会自己来到这里。";
  byId("lessons").replaceChildren(...groups.map(card));
  if (focus) byId("lessons").children[at]?.focus();
}

function card(group, index) {
  const counts = Object.entries(REASONS).map(([reason, name]) => [name, group.lessons.filter((one) => one.reason === reason).length]).filter(([, count]) => count);
  const words = el("input", { class: "input", value: group.text, "aria-label": "学的时候写成", maxlength: "200", hidden: true });
  const other = el("input", { class: "input lesson-other", list: "intents", placeholder: "别的意图", "aria-label": "别的意图" });
  const send = () => {
    const found = intents.find((intent) => intent.name === other.value.trim() || intent.id === other.value.trim());
    if (found) teach(index, found);
    else if (other.value.trim()) toast(`没有「${other.value.trim()}」这个意图，可以先在「编辑」里新建`);
  };
  other.addEventListener("keydown", (event) => event.key === "Enter" && !event.isComposing && send());
  other.addEventListener("change", () => intents.some((intent) => intent.name === other.value) && send());
  words.addEventListener("keydown", (event) => {
    if (event.key === "Escape" || (event.key === "Enter" && !event.isComposing)) byId("lessons").children[index]?.focus();
  });
  const node = el("li", { class: "lesson sheet", tabindex: "-1", "aria-label": `第 ${index + 1} 组，${group.lessons.length} 句：${group.text}` },
    el("div", { class: "lesson-head" },
      el("strong", {}, group.lessons.length > 1 ? `${group.lessons.length} 句` : "1 句"),
      counts.map(([name, count]) => el("span", { class: "tag" }, counts.length > 1 ? `${name} ${count}` : name)),
      el("span", { class: "hint" }, when(group.lessons[0].at))),
    el("ul", { class: "lesson-texts" }, [...new Set(group.lessons.map((one) => one.text))].slice(0, SHOWN).map((text) => el("li", {}, text)),
      group.lessons.length > SHOWN ? el("li", { class: "hint" }, `还有 ${group.lessons.length - SHOWN} 句`) : null),
    words,
    el("div", { class: "lesson-choices" },
      group.choices.map((choice, number) => button({ class: choice.said ? "button primary" : "button", onclick: () => teach(index, choice) },
        el("kbd", {}, String(number + 1)), ` ${choice.name}`, choice.said ? " · 客服说的" : "")),
      other,
      button({ class: "button quiet", onclick: () => edit(node) }, "改写"),
      button({ class: "button quiet", onclick: () => dismiss(index) }, "不学")));
  node.addEventListener("focusin", () => (at = index));
  return node;
}

function edit(node) {
  const words = node?.querySelector("input");
  if (!words) return;
  words.hidden = false;
  words.focus();
}

const ids = (group) => group.lessons.map((lesson) => lesson.id);

async function teach(index, intent) {
  const words = byId("lessons").children[index]?.querySelector("input");
  const text = words && !words.hidden ? words.value : "";
  await settle(index, () => call("/learning/teach", { body: { lessons: ids(groups[index]), intent: intent.id, text } }), (done) =>
    done.examples.length ? `「${intent.name}」多了 ${done.examples.length} 条样例，在草稿里` : `「${intent.name}」早就有这些样例了`);
}

const dismiss = (index) => settle(index, () => call("/learning/dismiss", { body: { lessons: ids(groups[index]) } }), () => "好，这一组不学");

async function settle(index, step, said) {
  if (busy || !groups[index]) return;
  busy = true;
  try {
    const done = await step();
    last = { lessons: ids(groups[index]), edit: done.edit ?? null };
    waiting -= groups[index].lessons.length;
    groups.splice(index, 1);
    at = Math.min(index, Math.max(0, groups.length - 1));
    if (!groups.length && waiting > 0) await refresh();
    else draw();
    toast(said(done), ["撤销", back]);
    if (done.edit) showState();
  } catch (error) {
    fail(error);
    if (error.status === 409 && error.message.includes("处理过")) await refresh();
  } finally {
    busy = false;
  }
}

async function back() {
  if (!last || busy) return;
  busy = true;
  const { lessons, edit: step } = last;
  try {
    if (step) await undo(step);
    await call("/learning/reopen", { body: { lessons } });
    last = null;
    toast("已撤销");
    await refresh();
    showState();
  } catch (error) {
    fail(error);
  } finally {
    busy = false;
  }
}

function move(step) {
  at = Math.max(0, Math.min(groups.length - 1, at + step));
  byId("lessons").children[at]?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || takesText(event.target)) return;
  const key = event.key.toLowerCase();
  const choice = groups[at]?.choices[Number(key) - 1];
  const node = byId("lessons").children[at];
  if (choice) teach(at, choice);
  else if (key === "x") dismiss(at);
  else if (key === "z") back();
  else if (key === "arrowdown" || key === "j") move(1);
  else if (key === "arrowup" || key === "k") move(-1);
  else if (key === "e") edit(node);
  else if (key === "i") node?.querySelector(".lesson-other")?.focus();
  else return;
  event.preventDefault();
});

refresh();
showState();
