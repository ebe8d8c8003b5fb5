// What the studio's pages share: word lists, the toast, the state of the draft, times, lists of changes.
import { button, byId, el } from "../dom.js";
import { saidText } from "../times.js";
import { overview, undo } from "./api.js";

export const words = JSON.parse(byId("studio").dataset.words);

export const label = (key) => words.labels[key] ?? key;

let hiding = 0;

/** Say something at the bottom of the page. action: [label, what it does]. */
export function toast(text, action) {
  const place = byId("toast");
  place.replaceChildren(
    el("span", {}, text),
    ...(action ? [button({ class: "button quiet", onclick: () => { place.hidden = true; action[1](); } }, action[0])] : []),
  );
  place.hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(() => (place.hidden = true), action ? 12000 : 6000);
}

export const fail = (error) => toast(error.message);

/** Undo an edit and say how it went. after: what to draw again. */
export async function undoEdit(edit, after) {
  try {
    await undo(edit);
    toast("已撤销");
  } catch (error) {
    fail(error);
  }
  after();
}

/** A moment as people say it: 今天 15:04, 昨天 9:00, 11 月 22 日 15:04. */
export function when(moment) {
  const said = saidText(moment);
  return /^\d\d:/.test(said) ? `今天 ${said}` : said;
}

/** The state of the draft in the bar; null when it cannot be had. */
export async function showState() {
  const place = byId("state");
  if (!place.textContent) place.textContent = "正在检查草稿…";
  let state;
  try {
    state = await overview();
  } catch (error) {
    place.textContent = error.message;
    return null;
  }
  const changed = state.changes ? el("a", { class: "link", href: "/studio/publish" }, `草稿改了 ${state.changes} 条`) : el("span", {}, "草稿没有改动");
  const parts = [changed];
  if (state.clashes) parts.push(el("a", { class: "tag risk", href: "/studio/publish" }, `${state.clashes} 处冲突`));
  if (state.errors) parts.push(el("span", { class: "tag risk" }, `${state.errors} 处错误`));
  if (state.learning) parts.push(el("span", { class: "tag soon" }, "正在学习新样例…"));
  parts.push(el("span", { class: "hint" }, `正在用第 ${state.base} 版`));
  place.replaceChildren(...parts);
  return state;
}

/** One changed entry in words. */
export function changeItem(change, ...actions) {
  const mark = { 新增: "done", 删除: "late" }[change.action] ?? "";
  return el(
    "li",
    { class: "change" },
    el(
      "div",
      { class: "change-head" },
      el("span", { class: `tag ${mark}` }, change.action),
      el("strong", {}, change.title),
      el("span", { class: "hint" }, change.kind),
      ...actions,
    ),
    lines(change.lines),
    change.more ? el("p", { class: "hint" }, `还有 ${change.more} 处`) : null,
  );
}

export function lines(all) {
  return el(
    "dl",
    { class: "lines" },
    all.map((line) => [
      el("dt", {}, line.label),
      el(
        "dd",
        {},
        line.before ? el("del", {}, line.before) : null,
        line.after ? el("ins", {}, line.after) : null,
      ),
    ]),
  );
}

/** A value as a person would write it down. */
export function shown(value) {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map(shown).join("、");
  if (typeof value === "object") {
    return Object.entries(value)
      .map(([key, item]) => (key === "text" ? shown(item) : `${label(key)}：${shown(item)}`))
      .join("，");
  }
  return words.stages[value] ?? String(value).replace(/\{\{\s*([^{}|]+?)\s*(\|[^{}]*)?\}\}/g, "〔$1〕");
}

/** What differs between two versions of an entry, as lines. */
export function difference(before, after) {
  if (typeof before === "string" || typeof after === "string") {
    return [{ label: "", before: before ?? "", after: after ?? "" }];
  }
  const keys = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  return [...keys]
    .filter((key) => JSON.stringify(before?.[key]) !== JSON.stringify(after?.[key]))
    .map((key) => ({ label: label(key), before: shown(before?.[key]), after: shown(after?.[key]) }));
}
