// The draft: what it changes, who looks at it, its examination, and publishing it.
import { button, byId, el, swap } from "../dom.js";
import { addGolden, changes, discard, examine, golden, problems, publish, readTree, removeGolden, review, setReview, settle } from "./api.js";
import { changeItem, fail, lines, showState, toast, undoEdit, when, words } from "./common.js";
import { intentId, intentName, knowIntents } from "./fields.js";

const state = { overview: null, changes: null, errors: [], note: "", reason: "" };
let polling = 0;

async function refresh() {
  clearTimeout(polling);
  try {
    state.changes = await changes();
    drawChanges();
    drawHistory();
    drawClashes();
  } catch (error) {
    fail(error);
  }
  state.overview = await showState();
  state.errors = state.overview?.errors ? (await problems()).items.filter((one) => one.level === "error") : [];
  drawGo();
  document.documentElement.dataset.ready = "";
  if (state.overview?.run?.state === "running" || state.overview?.learning) polling = setTimeout(watch, 700);
}

async function watch() {
  const before = state.overview?.run?.state;
  state.overview = await showState();
  const run = state.overview?.run;
  if (run?.state !== before) return refresh();
  drawGo();
  if (run?.state === "running" || state.overview?.learning) polling = setTimeout(watch, 700);
}

function drawClashes() {
  const all = state.changes.clashes;
  byId("clashes").replaceChildren(
    ...(all.length
      ? [el("div", { class: "sheet" },
          el("h2", {}, `有 ${all.length} 条和刚发布的一版改到了一起`),
          el("p", { class: "hint" }, "划掉的是刚发布的，下面是草稿里的。两边都还在，选一个用。"),
          el("ul", { class: "changes" }, all.map((clash) =>
            el("li", { class: "change" }, el("strong", {}, clash.title), lines(clash.lines),
              el("div", { class: "entry-actions" },
                button({ class: "button", onclick: () => choose(clash.name, "mine") }, "用草稿里的"),
                button({ class: "button", onclick: () => choose(clash.name, "theirs") }, "用刚发布的"))))))]
      : []),
  );
}

async function choose(name, side) {
  try {
    await settle(name, side);
  } catch (error) {
    fail(error);
  }
  refresh();
}

function drawChanges() {
  const { items, version } = state.changes;
  byId("changes").replaceChildren(
    el("div", { class: "middle-head" }, el("h2", {}, items.length ? `草稿改了 ${items.length} 条` : "草稿里没有改动"),
      items.length
        ? button({ class: "button quiet danger", onclick: async () => {
            if (!confirm(`放弃这 ${items.length} 条改动吗？改动记录里还看得到。`)) return;
            await discard(version).catch(fail);
            refresh();
          } }, "全部放弃")
        : el("a", { class: "button", href: "/studio" }, "去改话术")),
    el("ul", { class: "changes" }, items.map((change) =>
      changeItem(change, el("a", { class: "link", href: `/studio#${new URLSearchParams({ entry: change.name })}` }, "打开")))),
  );
}

const DID = { changed: "改了", added: "加了", removed: "删了", undone: "撤销了对", settled: "选定了" };

function drawHistory() {
  byId("history").replaceChildren(
    el("h2", {}, "谁改了什么"),
    ...(state.changes.edits.length ? [] : [el("p", { class: "hint" }, "还没有人改过。")]),
    el("ul", { class: "plain" }, state.changes.edits.map((edit) =>
      el("li", { class: "history-item" },
        el("span", { class: "hint" }, when(edit.at)),
        el("span", {}, `${edit.who}${DID[edit.action] ?? edit.action}「${edit.title}」${edit.action === "undone" ? "的改动" : ""}`),
        edit.open && !edit.undone ? button({ class: "link", onclick: () => undoEdit(edit.id, refresh) }, "撤销") : el("span", { class: "hint" }, edit.undone ? "已撤销" : "")))),
  );
}

function drawGo() {
  const overview = state.overview;
  if (!overview) return;
  if (byId("go").contains(document.activeElement) && document.activeElement.tagName === "INPUT" && overview.run?.state === state.drawn) return;
  state.drawn = overview.run?.state;
  const running = overview.run?.state === "running";
  const stop = running || !overview.changes || overview.errors || overview.clashes;
  const note = el("input", { class: "field", value: state.note, maxlength: "500", placeholder: "这一版改了什么，同事在「版本」里能看到", "aria-label": "这一版改了什么" });
  note.addEventListener("input", () => (state.note = note.value));
  const go = (action) => async () => {
    try {
      await action();
    } catch (error) {
      fail(error);
    }
    refresh();
  };
  const refused = overview.run?.state === "refused" && overview.run.version === overview.version;
  swap(
    byId("go"),
    el("h2", {}, "检查和发布"),
    errorsNote(overview),
    reviewBlock(overview, go),
    el("div", { class: "form go-form" }, note,
      el("div", { class: "entry-actions" },
        button({ class: "button", disabled: running || !!overview.errors, onclick: go(() => examine(overview.version)) }, "先检查，不发布"),
        button({ class: "button primary", disabled: !!stop, onclick: go(() => publish({ version: overview.version, note: state.note })) }, "检查并发布"))),
    overview.run ? runBlock(overview.run, overview) : el("p", { class: "hint" }, "发布前会先考试：店里的考题和每个意图自带的考题，新旧两版各答一遍，变差了会拦下来。"),
    refused && words.admin ? overrideBlock(overview, go) : null,
  );
}

function errorsNote(overview) {
  if (!overview.errors) return null;
  return el("div", { class: "note bad" }, el("p", {}, `有 ${overview.errors} 处错误，改好才能发布：`),
    el("ul", { class: "plain" }, state.errors.slice(0, 10).map((one) =>
      el("li", {}, one.entry ? el("a", { href: `/studio#${new URLSearchParams({ entry: one.entry })}` }, one.text) : one.text))));
}

function reviewBlock(overview, go) {
  const box = el("input", { type: "checkbox" });
  box.checked = overview.needs_review;
  box.addEventListener("change", go(() => setReview(box.checked)));
  const setting = words.admin ? el("label", { class: "inline" }, box, "发布前要第二个人看过") : null;
  if (!overview.needs_review) return setting;
  const asked = overview.review === "asked";
  const mine = overview.review_by === words.me;
  const told = {
    "": "还没有请人看。",
    asked: mine ? "已请同事看，等对方决定。" : `${overview.review_by}请您看看下面的改动。`,
    approved: `${overview.review_by}看过，同意发布。`,
    returned: `${overview.review_by}退回了：${overview.review_note || "没有写原因"}`,
  }[overview.review];
  const why = el("input", { class: "field", maxlength: "500", placeholder: "退回的话，写一句原因", "aria-label": "原因" });
  return el("div", { class: "note" }, setting, el("p", {}, told),
    el("div", { class: "entry-actions" },
      asked && !mine
        ? [why,
            button({ class: "button", onclick: go(() => review({ action: "approve", version: overview.version })) }, "同意发布"),
            button({ class: "button", onclick: go(() => review({ action: "return", version: overview.version, note: why.value })) }, "退回去改")]
        : button({ class: "button", disabled: !overview.changes || asked || overview.review === "approved", onclick: go(() => review({ action: "ask", version: overview.version })) }, "请同事看")));
}

const STATES = { running: "", passed: "done", refused: "risk", published: "done", failed: "risk" };
const STATE_NAMES = { running: "正在做", passed: "通过", refused: "没通过", published: "已发布", failed: "没做完" };

function runBlock(run, overview) {
  const old = run.version !== overview.version && run.state !== "running" && overview.changes > 0;
  return el("div", { class: "run", data: { state: run.state } },
    el("p", {}, el("span", { class: `tag ${STATES[run.state]}` }, STATE_NAMES[run.state]), " ", run.step,
      el("span", { class: "hint" }, ` ${run.who} ${when(run.started_at)}${old ? "，之后草稿又改过" : ""}`)),
    run.state === "running" ? el("progress", { "aria-label": run.step }) : null,
    run.state === "published" && !old ? el("p", { class: "note" }, "所有客服 2 秒内就用上新的一版，面板不用刷新。要回到以前，去「版本」点回退。") : null,
    run.result && !old ? results(run.result) : null);
}

/** What an examination found, message by message. */
export function results(result) {
  const block = (name, all, open) =>
    all.length
      ? el("details", { open }, el("summary", {}, `${name} ${all.length} 条`),
          el("ul", { class: "plain" }, all.map((one) =>
            el("li", { class: "answer" }, el("span", {}, one.text),
              el("span", { class: "hint" }, `应该是${one.right.join("、") || "不答"}；原来判成${one.before.join("、") || "不答"}，现在判成${one.after.join("、") || "不答"}`)))))
      : null;
  return el("div", { class: "results" },
    result.refusals.length ? el("ul", { class: "note bad" }, result.refusals.map((text) => el("li", {}, text))) : null,
    el("p", {}, `${result.messages} 条考题（店里的 ${result.golden} 条）：原来答对 ${result.right_before} 条，现在答对 ${result.right_after} 条。`),
    block("变差的", result.worse, true),
    block("变好的", result.better, false),
    result.floors.length ? el("p", { class: "hint" }, `认得还不够准的意图：${result.floors.map((one) => `${one.name} ${Math.round(one.after * 100)}%`).join("、")}`) : null);
}

function overrideBlock(overview, go) {
  const reason = el("input", { class: "field", value: state.reason, maxlength: "500", placeholder: "为什么没通过也要发布，会记下来", "aria-label": "没通过也要发布的理由" });
  const send = button({ class: "button danger", disabled: !state.reason, onclick: go(() => publish({ version: overview.version, note: state.note, reason: state.reason })) }, "没通过也发布");
  reason.addEventListener("input", () => {
    state.reason = reason.value.trim();
    send.disabled = !state.reason;
  });
  return el("div", { class: "note warn form" }, el("p", {}, "您是管理员，可以写明理由后照样发布。"), reason, send);
}

async function drawGolden() {
  const text = el("input", { class: "field", maxlength: "1000", placeholder: "顾客的一句话", "aria-label": "顾客的一句话" });
  const right = el("input", { class: "field", list: "intents", placeholder: "应该是什么意图，都不是就留空", "aria-label": "应该是什么意图" });
  const add = async () => {
    if (!text.value.trim()) return text.focus();
    try {
      await addGolden({ text: text.value, intents: right.value.split(/[,，、\s]+/).filter(Boolean).map(intentId) });
      toast("加好了，手机号这类个人信息已经遮住");
      drawGolden();
    } catch (error) {
      fail(error);
    }
  };
  right.addEventListener("keydown", (event) => event.key === "Enter" && !event.isComposing && add());
  try {
    const { items } = await golden();
    byId("golden").replaceChildren(
      el("h2", {}, `店里的考题 ${items.length} 条`),
      el("p", { class: "hint" }, "把店里常见的、判错过的话记在这里，写上它真正的意思。每次发布前都考，风险一条也不能漏。"),
      el("div", { class: "golden-add" }, text, right, button({ class: "button", onclick: add }, "加一条")),
      el("ul", { class: "plain golden-list" }, items.map((one) =>
        el("li", {}, el("span", {}, one.text), el("span", { class: "tag" }, one.intents.map(intentName).join("、") || "不答"),
          button({ class: "link", label: `删掉考题「${one.text}」`, onclick: async () => { await removeGolden(one.id).catch(fail); drawGolden(); } }, "删掉")))),
    );
  } catch (error) {
    fail(error);
  }
}

knowIntents(await readTree(false).then((tree) => tree.packs.flatMap((pack) => pack.intents)).catch(() => []));
drawGolden();
refresh();
