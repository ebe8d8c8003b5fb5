// The right side of the editor: how a script looks, trying a message, and the problems of the draft.
import { button, byId, el } from "../dom.js";
import { addGolden, check, hits, problems, tryOut } from "./api.js";
import { fail, toast, words } from "./common.js";
import { intentId } from "./fields.js";
import { pictures } from "./images.js";

const TABS = [["preview", "预览"], ["try", "试一试"], ["problems", "问题"]];
const state = { tab: "preview", sample: words.samples[0].id, script: null, bubbles: [], text: "", answer: null, sides: {} };
const on = { go: () => {}, intents: () => [] };

/** go(entry name): show an entry in the middle. */
export function startSide(listeners) {
  Object.assign(on, listeners);
  draw();
}

export const sample = () => state.sample;

/** Show a script as it stands, or none; bubbles: as rendered for the sample customer, asked for when not given. */
export async function previewScript(entry, bubbles) {
  state.script = entry;
  if (bubbles) state.bubbles = bubbles;
  else if (entry) {
    try {
      state.bubbles = (await check({ name: entry.name, data: entry.data, pack: entry.pack, sample: state.sample })).bubbles;
    } catch (error) {
      fail(error);
    }
  }
  if (state.tab === "preview") draw();
}

export function countProblems(count) {
  state.count = count;
  drawTabs();
  if (state.tab === "problems") draw();
}

function drawTabs() {
  byId("side-tabs").replaceChildren(
    ...TABS.map(([id, name]) =>
      button(
        { role: "tab", "aria-selected": String(state.tab === id), onclick: () => { state.tab = id; draw(); } },
        id === "problems" && state.count ? `${name} ${state.count}` : name,
      ),
    ),
  );
}

function draw() {
  drawTabs();
  ({ preview: drawPreview, try: drawTry, problems: drawProblems })[state.tab]();
}

/** A rendered bubble with its blanks marked. */
export function bubble({ text, blanks, error }) {
  const parts = [];
  const letters = [...text];
  let done = 0;
  for (const blank of blanks ?? []) {
    parts.push(letters.slice(done, blank.start).join(""), el("mark", {}, letters.slice(blank.start, blank.end).join("")));
    done = blank.end;
  }
  parts.push(letters.slice(done).join(""));
  return el("div", { class: "said" }, el("p", { class: "said-text" }, parts), error ? el("p", { class: "problem" }, error) : null);
}

function drawPreview() {
  const samples = el("select", { "aria-label": "样例顾客" }, words.samples.map((one) => {
    const option = el("option", { value: one.id }, one.name);
    option.selected = one.id === state.sample;
    return option;
  }));
  samples.addEventListener("change", () => {
    state.sample = samples.value;
    if (on.resample?.()) return;
    if (state.script) previewScript(state.script);
  });
  const chat = state.script
    ? [el("h3", {}, state.script.data.title || "新话术"), el("div", { class: "chat", "aria-live": "polite" }, state.bubbles.map(bubble), pictures(state.script.data.images)), hitsBlock()]
    : [el("p", { class: "hint" }, "点中间的一条话术，这里看发给顾客的样子。标出来的空要客服填了才能发。")];
  byId("side").replaceChildren(el("label", { class: "labelled" }, el("span", { class: "label" }, "发给谁看"), samples), ...chat);
}

const FROM = { golden: "店里的考题", held_out: "考题", recent: "最近的消息" };

function hitsBlock() {
  const place = el("div", { class: "hits" });
  const script = state.script;
  if (!script.etag) return place;
  const ask = button({ class: "button quiet" }, "哪些消息会用到这条话术");
  ask.addEventListener("click", async () => {
    ask.disabled = true;
    place.querySelector(".hint")?.remove();
    place.append(el("p", { class: "hint" }, "正在一条条试…"));
    try {
      const { items } = await hits(script.name.slice("script:".length));
      place.replaceChildren(
        ask,
        items.length
          ? el("ul", { class: "plain" }, items.map((one) => el("li", {}, one.text, " ", el("span", { class: "hint" }, `${FROM[one.origin]} · 排第 ${one.rank}`))))
          : el("p", { class: "hint" }, "手头的消息里没有会用到它的。看看条件是不是太严，或者前面同类的话术太多。"),
      );
    } catch (error) {
      place.replaceChildren(ask, el("p", { class: "problem" }, error.message));
    }
    ask.disabled = false;
  });
  place.append(ask);
  return place;
}

function drawTry() {
  const text = el("textarea", { class: "field", rows: "3", "aria-label": "顾客的话", placeholder: "打一句顾客的话，或者粘贴一段聊天" });
  text.value = state.text;
  const run = async () => {
    state.text = text.value.trim();
    if (!state.text) return;
    result.replaceChildren(el("p", { class: "hint" }, "正在看…"));
    try {
      state.answer = await tryOut({ text: state.text, sides: state.sides });
    } catch (error) {
      state.answer = null;
      result.replaceChildren(el("p", { class: "problem" }, error.message));
      return;
    }
    result.replaceChildren(...answers());
  };
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      run();
    }
  });
  const result = el("div", { class: "tried", "aria-live": "polite" }, ...(state.answer ? answers() : []));
  const ask = (name) => [
    el("span", {}, `「${name}」是`),
    ...[["customer", "顾客"], ["agent", "我们"]].map(([side, shown]) =>
      button({ class: "button quiet", onclick: () => { state.sides[name] = side; run(); } }, shown)),
  ];
  function answers() {
    const { draft, live, message, needs_side: unknown } = state.answer;
    return [
      ...unknown.map((name) => el("p", { class: "note" }, ask(name))),
      ...(message === state.text ? [] : [el("p", { class: "hint" }, `看的是这句：${message}`)]),
      draft.learnt ? null : el("p", { class: "note warn" }, "正在学习新样例…学好以前，草稿这边只看句式和一模一样的样例，过十几秒再试一次。"),
      outcome("草稿", draft, message),
      outcome("正在用的一版", live, message),
      keep(message, draft),
    ].filter(Boolean);
  }
  byId("side").replaceChildren(
    el("div", { class: "form" }, text, button({ class: "button primary", onclick: run }, "试一试")),
    result,
  );
}

function outcome(name, one, message) {
  const letters = [...message];
  const why = (match) =>
    `${match.reason || "和样例像"}${match.evidence.length ? `：${match.evidence.map((span) => `「${letters.slice(span.start, span.end).join("") || span.text}」`).join("")}` : ""}`;
  return el(
    "section",
    { class: "outcome", "aria-label": name },
    el("h3", {}, name),
    one.silent ? el("p", { class: "hint" }, one.silent) : null,
    el("ul", { class: "plain" }, one.intents.map((match) => el("li", {}, el("span", { class: "tag done" }, match.name), " ", el("span", { class: "hint" }, why(match))))),
    one.candidates.length ? el("p", { class: "hint" }, `有点像：${one.candidates.map((match) => match.name).join("、")}`) : null,
    el("p", { class: "hint" }, `情绪${one.emotion}，下一步${one.stage}（${one.why_stage}）${one.risks.length ? `，风险：${one.risks.join("、")}` : ""}`),
    el("ol", { class: "plain" }, one.suggestions.slice(0, 3).map((script) =>
      el("li", {}, button({ class: "link", onclick: () => on.go(`script:${script.script_id}`) }, `${script.stage} · ${script.title}`), el("p", { class: "hint" }, script.bubbles.join(" / "))))),
  );
}

/** Keep the message as one of the shop's own examination questions. */
function keep(message, draft) {
  const right = el("input", { class: "field", list: "intents", "aria-label": "应该是什么意图", value: draft.intents.map((one) => one.name).join("、"), placeholder: "都不是就留空" });
  const save = button({ class: "button", onclick: async () => {
    try {
      const names = right.value.split(/[,，、\s]+/).filter(Boolean);
      await addGolden({ text: message, intents: names.map(intentId) });
      toast("记下了，以后每次发布前都考这一句");
    } catch (error) {
      fail(error);
    }
  } }, "存成考题");
  return el("div", { class: "form" }, el("label", { class: "labelled" }, el("span", { class: "label" }, "这句应该是"), right), save);
}

async function drawProblems() {
  const place = byId("side");
  place.replaceChildren(el("p", { class: "hint" }, "正在查…"));
  try {
    const { items } = await problems();
    if (state.tab !== "problems") return;
    const ordered = [...items].sort((one, other) => (one.level > other.level ? 1 : one.level < other.level ? -1 : 0)).slice(0, 200);
    place.replaceChildren(
      ordered.length
        ? el("ul", { class: "plain problem-list" }, ordered.map((one) =>
            el("li", {}, el("span", { class: one.level === "error" ? "tag risk" : "tag soon" }, one.level === "error" ? "错误" : "提醒"), " ",
              one.entry ? button({ class: "link", onclick: () => on.go(one.entry) }, one.text) : one.text)))
        : el("p", { class: "hint" }, "没有问题。"),
    );
  } catch (error) {
    place.replaceChildren(el("p", { class: "problem" }, error.message));
  }
}

