// What was promised and is due: by day, each settled, moved or followed up where it stands.

import { button, el } from "../dom.js";
import { localText, momentOf, momentText, now } from "../times.js";
import { tick } from "../countdown.js";
import { UNNAMED } from "./lines.js";
import { changePromise, promiseScripts } from "./service.js";

const GROUPS = [
  ["overdue", "已过期"],
  ["today", "今天到期"],
  ["tomorrow", "明天"],
];
let drawn = "";
let changed = () => {};

export const onChange = (listener) => (changed = listener);

/** Show the promises in `box`; nothing is redrawn while somebody is writing in it or nothing is new. */
export function drawPromises(box, promises) {
  const stamp = JSON.stringify(promises.map((one) => [one.id, one.due_at, one.day, one.proposed, one.agent]));
  if (stamp === drawn || box.querySelector("form")) return tick(box);
  drawn = stamp;
  box.hidden = !promises.length;
  box.replaceChildren(
    ...GROUPS.flatMap(([day, name]) => {
      const own = promises.filter((one) => one.day === day);
      if (!own.length) return [];
      const head = el("h2", {}, name, el("span", { class: "tag" }, String(own.length)));
      return [el("section", { class: `desk-day ${day}`, "aria-label": `${name}的承诺` }, head, el("ul", {}, own.map(row)))];
    }),
  );
  tick(box);
}

function row(promise) {
  const extra = el("div", { class: "desk-extra" });
  const act = (label, open) => button({ class: "button small", onclick: () => open(extra, promise) }, label);
  return el(
    "li",
    { class: "desk-promise" },
    el(
      "div",
      { class: "desk-clock" },
      el("b", { data: { due: promise.due_at } }),
      el("span", { class: "hint" }, promise.approximate ? "约 " : "", momentText(promise.due_at)),
    ),
    el(
      "div",
      { class: "desk-who" },
      el("a", { class: "link", href: `/?conversation=${encodeURIComponent(promise.conversation_id)}` }, promise.customer || UNNAMED),
      el("span", { class: "desk-words" }, `「${promise.text}」`),
      promise.case_id && el("a", { class: "link", href: `/cases/${promise.case_id}` }, "登记表"),
      promise.proposed && el("span", { class: "tag done" }, "像是已经兑现了"),
    ),
    el("div", { class: "desk-agent hint" }, promise.agent || "没人接"),
    el(
      "div",
      { class: "desk-acts" },
      button({ class: "button small", onclick: (event) => settle(event.target, extra, promise, { outcome: "kept" }) }, "已兑现"),
      act("改时间", askTime),
      act("没兑现", askWhy),
      act("该说什么", showScripts),
    ),
    extra,
  );
}

async function settle(control, extra, promise, body) {
  control.disabled = true;
  try {
    await changePromise(promise.id, body);
    extra.replaceChildren();
    drawn = "";
    changed();
  } catch (error) {
    extra.querySelector(".problem")?.remove();
    extra.append(el("p", { class: "problem", role: "alert" }, error.message));
  } finally {
    control.disabled = false;
  }
}

function askWhy(extra, promise) {
  const reason = el("input", { class: "field", type: "text", maxlength: "500", required: true, placeholder: "为什么没兑现，接下来怎么办" });
  ask(extra, promise, [labelled("原因", reason)], () => ({ outcome: "broken", reason: reason.value }));
}

function askTime(extra, promise) {
  const soon = localText(new Date(now().getTime() + 2 * 3600 * 1000)).replace(/\d\d$/u, "00");
  const due = el("input", { class: "field", type: "datetime-local", required: true, value: soon });
  const reason = el("input", { class: "field", type: "text", maxlength: "500", required: true, placeholder: "和顾客怎么说好的" });
  ask(extra, promise, [labelled("改到", due), labelled("原因", reason)], () => ({
    due_at: momentOf(due.value).toISOString(),
    reason: reason.value,
  }));
}

const labelled = (name, field) => el("label", {}, el("span", { class: "hint" }, name), field);

function ask(extra, promise, fields, body) {
  const save = el("button", { class: "button small", type: "submit" }, "保存");
  const form = el(
    "form",
    {
      class: "desk-form",
      onsubmit: (event) => {
        event.preventDefault();
        const given = body();
        form.remove();
        settle(save, extra, promise, given).then(() => extra.querySelector(".problem") && extra.prepend(form));
      },
    },
    fields,
    save,
    button({ class: "link", onclick: () => form.remove() }, "取消"),
  );
  extra.replaceChildren(form);
  form.querySelector("input").focus();
}

async function showScripts(extra, promise) {
  if (extra.querySelector(".desk-scripts")) return extra.replaceChildren();
  try {
    const { items } = await promiseScripts(promise.id);
    extra.replaceChildren(
      el(
        "ul",
        { class: "desk-scripts" },
        items.map((script) =>
          el(
            "li",
            {},
            el("strong", {}, script.title),
            script.bubbles.map((text) => el("p", {}, text)),
            copyButton(script),
          ),
        ),
      ),
    );
  } catch (error) {
    extra.replaceChildren(el("p", { class: "problem", role: "alert" }, error.message));
  }
}

function copyButton(script) {
  if (script.missing.length) {
    return el("p", { class: "hint" }, `还缺${script.missing.join("、")}，打开会话填上再发`);
  }
  return button(
    {
      class: "button small",
      onclick: async (event) => {
        const control = event.target;
        try {
          await navigator.clipboard.writeText(script.text);
          control.textContent = "已复制";
        } catch {
          control.textContent = "复制不了，请选中文字按 Ctrl+C";
        }
      },
    },
    "复制",
  );
}
