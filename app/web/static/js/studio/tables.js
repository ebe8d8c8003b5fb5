// A table of scripts and examples: shown what it would do first, then into the draft, all of it or nothing.
import { button, byId, el } from "../dom.js";
import { showState, toast } from "./common.js";

const SHOWN = 30;
let file = null;

async function send(values = {}) {
  const query = new URLSearchParams({ name: file.name, ...values });
  const headers = { "Content-Type": "application/octet-stream", "X-CSRF-Token": document.querySelector('meta[name="csrf-token"]')?.content ?? "" };
  let response;
  try {
    response = await fetch(`/api/v1/studio/import?${query}`, { method: "POST", headers, body: file });
  } catch {
    throw new Error("没有传上去：连不上话术助手，或者文件刚才又改过了，请重新选一次");
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.detail ?? "没有做成，请再试一次");
  return answer;
}

function list(title, notes, problem) {
  if (!notes.length) return null;
  return el("details", { open: problem }, el("summary", {}, title),
    el("ul", { class: problem ? "notes problem" : "notes" }, notes.slice(0, SHOWN).map((note) => el("li", {}, typeof note === "string" ? note : `${note.sheet}第 ${note.row} 行：${note.text}`)),
      notes.length > SHOWN ? el("li", { class: "hint" }, `还有 ${notes.length - SHOWN} 行没有列出`) : null));
}

function show(plan) {
  const useful = plan.new.length + plan.changed.length > 0;
  const rows = new Set(plan.errors.map((note) => note.sheet + note.row)).size;
  const confirm = (skip, words, look) => button({ class: look, onclick: () => put(plan, skip) }, words);
  byId("plan").replaceChildren(
    el("p", { class: "plan-sum" }, el("strong", {}, plan.summary), `（${file.name}）`),
    ...[list("有错的行", plan.errors, true), list("新增的", plan.new), list("更新的", plan.changed), list("重复的，不再导入", plan.duplicates)].filter(Boolean),
    el("div", { class: "entry-actions" },
      useful && !rows ? confirm(false, "导入到草稿", "button primary") : null,
      useful && rows ? confirm(true, `跳过有错的 ${rows} 行，导入其余`, "button") : null,
      useful ? null : el("p", { class: "hint" }, rows ? "没有能导入的，改好再上传" : "和草稿里的一样，不用导入"),
      button({ class: "button quiet", onclick: clear }, "不导入")));
  byId("plan").focus();
}

async function put(plan, skip) {
  for (const one of byId("plan").querySelectorAll("button")) one.disabled = true;
  try {
    const done = await send({ digest: plan.digest, skip });
    clear();
    toast(`导入到草稿了：${done.summary}`, ["看草稿", () => location.assign("/studio/publish")]);
    showState();
  } catch (error) {
    told(error);
  }
}

function clear() {
  file = null;
  byId("plan").replaceChildren();
}

const told = (error) => byId("plan").replaceChildren(el("p", { class: "problem" }, error.message));

byId("file").addEventListener("change", async (event) => {
  file = event.target.files[0] ?? null;
  if (!file) return;
  byId("plan").replaceChildren(el("p", { class: "hint" }, "正在看…"));
  try {
    show(await send());
  } catch (error) {
    told(error);
  }
  event.target.value = "";
});

document.documentElement.dataset.ready = "";
showState();
