// Every published version: who, when, what changed, going back.
import { button, byId, el } from "../dom.js";
import { diff, releases, takeBack } from "./api.js";
import { changeItem, fail, showState, toast, when } from "./common.js";

const chosen = { before: null, after: null };

async function refresh() {
  let items;
  try {
    ({ items } = await releases());
  } catch (error) {
    byId("releases").replaceChildren(el("p", { class: "empty-state" }, error.message));
    return;
  }
  chosen.after ??= items[0]?.number;
  chosen.before ??= items[1]?.number ?? items[0]?.number;
  byId("releases").replaceChildren(
    el("table", { class: "table releases" },
      el("caption", { class: "sr" }, "发布过的版本"),
      el("thead", {}, el("tr", {}, ["版本", "改了什么", "谁发布的", "考试", "比较", ""].map((name) => el("th", { scope: "col" }, name)))),
      el("tbody", {}, items.map(row))),
    el("div", { class: "entry-actions compare" }, button({ class: "button", onclick: () => compare(chosen.before, chosen.after) }, "看选中两版的差别"),
      button({ class: "button quiet", onclick: () => compare(items.find((one) => one.live)?.number ?? items[0].number, 0) }, "看草稿和正在用的差别")),
  );
  document.documentElement.dataset.ready = "";
  showState();
}

function row(release) {
  const pick = (side, name) => {
    const box = el("input", { type: "radio", name: side, "aria-label": `${name}：第 ${release.number} 版` });
    box.checked = chosen[side] === release.number;
    box.addEventListener("change", () => (chosen[side] = release.number));
    return el("label", { class: "inline" }, box, name);
  };
  return el("tr", {},
    el("td", {}, el("strong", {}, `第 ${release.number} 版`), " ", release.live ? el("span", { class: "tag done" }, "正在用") : null,
      el("p", { class: "hint", title: `指纹 ${release.digest}` }, release.digest.slice(0, 8))),
    el("td", {}, release.note || el("span", { class: "hint" }, "没有写")),
    el("td", {}, release.author, el("p", { class: "hint" }, when(release.created_at))),
    el("td", {}, gate(release.run)),
    el("td", {}, pick("before", "从"), pick("after", "到")),
    el("td", {}, release.live ? null : button({ class: "button", onclick: () => ask(release) }, `回退到第 ${release.number} 版`)));
}

function gate(run) {
  if (!run?.result) return el("span", { class: "hint" }, "没有在这里考");
  const { messages, right_after: right, worse } = run.result;
  return [
    el("span", {}, `${messages} 条对 ${right} 条`),
    worse.length ? el("p", { class: "hint" }, `${worse.length} 条变差`) : null,
    run.reason ? el("p", { class: "problem" }, `没通过，管理员决定发布：${run.reason}`) : null,
  ];
}

async function compare(before, after) {
  const place = byId("diff");
  place.replaceChildren(el("p", { class: "hint" }, "正在比…"));
  try {
    const { items } = await diff(before, after);
    const name = (number) => (number ? `第 ${number} 版` : "草稿");
    place.replaceChildren(el("div", { class: "sheet" },
      el("h2", {}, `${name(before)} → ${name(after)}：${items.length ? `${items.length} 条不一样` : "内容一样"}`),
      el("ul", { class: "changes" }, items.slice(0, 300).map((change) => changeItem(change)))));
    place.focus();
  } catch (error) {
    place.replaceChildren(el("p", { class: "problem" }, error.message));
  }
}

function ask(release) {
  const dialog = byId("ask");
  const yes = button({ class: "button primary", onclick: async () => {
    yes.disabled = no.disabled = true;
    byId("going").hidden = false;
    dialog.oncancel = (event) => event.preventDefault();
    try {
      const done = await takeBack(release.number);
      toast(done.changed ? `好了，现在是第 ${done.release} 版，内容和第 ${release.number} 版一样` : "内容本来就一样，没有变");
    } catch (error) {
      fail(error);
    }
    dialog.oncancel = null;
    dialog.close();
    chosen.before = chosen.after = null;
    refresh();
  } }, "回退");
  const no = button({ class: "button", onclick: () => dialog.close() }, "不回退");
  dialog.replaceChildren(
    el("h2", { id: "ask-title" }, `回退到第 ${release.number} 版`),
    el("p", {}, `会把第 ${release.number} 版的内容作为新的一版发布，所有客服 2 秒内就用上。中间的版本都留着，草稿里没发布的改动也留着。`),
    ...(release.learnt ? [] : [el("p", { class: "hint" }, "这一版比较早，样例要先重新学一遍，一般十几秒到半分钟。")]),
    el("div", { class: "going", id: "going", role: "status", hidden: true },
      el("progress", { "aria-label": "正在回退" }), el("p", { class: "hint" }, release.learnt ? "正在回退。" : "正在重新学习这一版的样例，一般要十几秒到半分钟，学好就换上。这段时间客服照常用现在的版本。")),
    el("div", { class: "entry-actions" }, yes, no),
  );
  dialog.showModal();
}

refresh();
