// Entries as people read them: scripts by stage, the other kinds one by one.
import { button, el, icon } from "../dom.js";
import { saveEntry } from "./api.js";
import { fail, shown, toast, undoEdit, words } from "./common.js";
import { intentName } from "./fields.js";
import { pictures } from "./images.js";
import { pills } from "./pills.js";
import { previewScript } from "./side.js";

/** The scripts of an intent by stage. needed: the stages that ought to have some; add(stage) begins one; card(entry) draws one. */
export function stages(scripts, needed, add, card) {
  const all = new Set([...needed.map((one) => one.id), ...scripts.map((entry) => entry.data.stage)]);
  return Object.entries(words.stages).filter(([id]) => all.has(id)).map(([id, name]) => {
    const own = scripts.filter((entry) => entry.data.stage === id);
    return el("section", { class: "stage", "aria-label": name },
      el("div", { class: "stage-head" }, el("h3", {}, name), el("span", { class: "hint" }, own.length ? `${own.length} 条` : "还没有自己的话术"),
        button({ class: "button quiet", onclick: () => add(id) }, "＋ 加一条")),
      own.map((entry) => card(entry)));
  });
}

/** An entry as people read it. on: {edit(name), copy(entry), changed(), reload()}. */
export function entryCard(entry, on) {
  const kind = entry.name.split(":")[0];
  if (kind === "image") return imageCard(entry, on);
  const conditions = Object.entries(entry.data.when ?? {}).map(([fact, wanted]) => `${fact} ${shown(wanted).replaceAll("<=", "≤ ").replaceAll(">=", "≥ ")}`);
  return el(
    "article",
    { class: "sheet entry", id: `entry-${entry.name}` },
    el("div", { class: "entry-head" },
      el("h4", {}, entry.title),
      entry.data.tone ? el("span", { class: "tag" }, entry.data.tone) : null,
      conditions.map((text) => el("span", { class: "tag soon" }, text)),
      (entry.data.also_for ?? []).map((id) => el("span", { class: "tag" }, `也用于${intentName(id)}`)),
      entry.changed ? el("span", { class: "tag done" }, "草稿里改过") : null,
      el("span", { class: "entry-tools" },
        kind === "script" ? button({ class: "tool", label: `照着「${entry.title}」再写一条`, title: "照着再写一条", onclick: () => on.copy(entry) }, icon("copy")) : null,
        button({ class: "tool", label: `改「${entry.title}」`, title: "改", key: `edit ${entry.name}`, onclick: () => on.edit(entry.name) }, icon("edit")))),
    kind === "script"
      ? el("div", { class: "chat", onclick: () => previewScript(entry), ondblclick: () => on.edit(entry.name) }, (entry.data.bubbles ?? []).map((text) => el("p", { class: "said-text said" }, pills(text))), pictures(entry.data.images))
      : el("p", { class: "entry-text" }, entry.data.text ?? entry.data.reason ?? ""),
  );
}

/** An image, which can only be looked at and taken out. */
function imageCard(entry, on) {
  const file = entry.name.slice("image:".length);
  const remove = async () => {
    try {
      const { edit } = await saveEntry({ name: entry.name, base: entry.etag, data: null });
      toast("删掉了，用到它的话术会提示", ["撤销", () => undoEdit(edit, on.reload)]);
    } catch (error) {
      fail(error);
    }
    on.changed();
  };
  return el("article", { class: "sheet entry", id: `entry-${entry.name}` },
    el("div", { class: "entry-head" }, el("h4", {}, file), entry.changed ? el("span", { class: "tag done" }, "草稿里改过") : null,
      el("span", { class: "entry-tools" }, button({ class: "button quiet danger", label: `删掉图片「${file}」`, onclick: remove }, "删掉"))),
    pictures([file]));
}
