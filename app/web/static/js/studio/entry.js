// One entry being edited: its form, its problems while typing, saving, and two people's versions side by side.
import { button, el } from "../dom.js";
import { check, saveEntry } from "./api.js";
import { difference, fail, lines, toast, undoEdit, words } from "./common.js";
import { area } from "./controls.js";
import { form } from "./fields.js";
import { FILES, showUses } from "./files.js";
import { FIELDS } from "./kinds.js";
import { showProblems } from "./problems.js";

const open = new Set();

/** Whether anything on the page is changed and not saved. */
export const unsaved = () => [...open].some((editor) => editor.changed);

addEventListener("beforeunload", (event) => {
  if (unsaved()) event.preventDefault();
});

/**
 * An editor for an entry {name, etag, data, pack}; etag is empty for a new one.
 * on: {saved(entry), closed(), preview(bubbles), go(name)}; sample() gives the customer of the preview.
 */
export class Editor {
  constructor(entry, on) {
    this.entry = entry;
    this.on = on;
    this.kind = entry.name.split(":")[0];
    this.file = this.kind === "text" ? entry.name.slice("text:".length) : "";
    this.asForm = !!entry.form && !!FILES[this.file];
    this.data = structuredClone(this.asForm ? entry.form : entry.data);
    this.changed = false;
    this.base = entry.etag;
    this.node = el("div", { class: "editing", onkeydown: (event) => this.key(event) });
    open.add(this);
    this.draw();
    this.check();
  }

  draw() {
    const touch = () => {
      this.changed = true;
      this.save.disabled = false;
      this.checkSoon();
    };
    if (this.asForm) {
      this.form = form(FILES[this.file], this.data, touch);
      showUses(this.entry.name, this.form, (name) => this.on.go?.(name), (key) => this.said(key)).catch(fail);
    } else if (this.kind === "text") {
      const node = area("文件内容", this.data, { spellcheck: "false", class: "field plain-text" });
      node.addEventListener("input", () => {
        this.data = node.value;
        touch();
      });
      this.form = el("div", { class: "entry-form" }, node);
    } else {
      this.form = form(FIELDS[this.kind], this.data, touch);
    }
    this.save = button({ class: "button primary", disabled: !!this.entry.etag && !this.changed, onclick: () => this.store() }, "存进草稿");
    const cancel = button({ class: "button", onclick: () => this.close() }, this.kind === "text" ? "还原" : "不改了");
    const remove =
      this.entry.etag && this.kind !== "text"
        ? button({ class: "button quiet danger", onclick: () => this.remove() }, "删掉这一条")
        : null;
    const other = this.entry.form && FILES[this.file]
      ? button({ class: "button quiet", onclick: () => this.turn() }, this.asForm ? "照原样改这个文件" : "用表单改")
      : null;
    this.clash = el("div", { class: "clash", hidden: true });
    this.whole = el("ul", { class: "problem-list" });
    this.node.replaceChildren(
      this.clash,
      this.form,
      el("p", { class: "problem whole" }),
      this.whole,
      el("div", { class: "entry-actions" }, this.save, cancel, remove, other),
    );
  }

  key(event) {
    if (event.key === "Escape") {
      event.stopPropagation();
      this.close();
    } else if ((event.ctrlKey || event.metaKey) && (event.key === "s" || event.key === "Enter")) {
      event.preventDefault();
      this.store();
    }
  }

  /** From the form to the file as it stands, and back. */
  turn() {
    if (this.changed && !confirm("改过的还没有存，不要了吗？")) return;
    this.changed = false;
    this.asForm = !this.asForm;
    this.data = structuredClone(this.asForm ? this.entry.form : this.entry.data);
    this.draw();
  }

  /** What the form says in the place of a variable: {name, value}. */
  said(key) {
    const variable = words.variables.find((one) => one.shop_key === key);
    return variable && { name: variable.name, value: key.split(".").reduce((value, step) => value?.[step], this.data) };
  }

  checkSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.check(), 300);
  }

  async check() {
    this.asking?.abort();
    this.asking = new AbortController();
    const body = { name: this.entry.name, data: this.data, pack: this.entry.pack, sample: this.on.sample?.() ?? "new" };
    try {
      const found = await check(body, this.asking.signal);
      if (this.kind === "text" && !this.asForm) {
        this.whole.replaceChildren(
          ...found.problems.map((one) =>
            el("li", { class: one.level === "error" ? "problem" : "problem warning" }, one.path[0] ? `第 ${one.path[0]} 行：${one.text}` : one.text),
          ),
        );
      } else {
        showProblems(this.node, found.problems);
      }
      this.node.dataset.checked = JSON.stringify(found.problems.length);
      if (this.kind === "script") this.on.preview?.(found.bubbles);
    } catch (error) {
      if (error.name !== "AbortError") this.node.querySelector(".problem.whole").textContent = error.message;
    }
  }

  async store(data = this.data) {
    // nothing else is pressed meanwhile: what comes back is drawn anew
    const buttons = this.node.querySelectorAll(".entry-actions button");
    for (const one of buttons) one.disabled = true;
    try {
      const saved = await saveEntry({ name: this.entry.name, base: this.base, data, pack: this.entry.pack });
      this.done();
      const again = () => this.on.saved(saved.entry);
      await again();
      if (saved.edit) toast(data === null ? "删掉了，发布后生效" : "已存进草稿，发布后客服才会看到", ["撤销", () => undoEdit(saved.edit, again)]);
      else toast("没有改动");
    } catch (error) {
      for (const one of buttons) one.disabled = false;
      if (error.body?.code === "edit_clash") this.showClash(error.body);
      else fail(error);
    }
  }

  remove() {
    this.store(null);
  }

  close() {
    if (this.changed && !confirm("改过的还没有存，不要了吗？")) return;
    this.done();
    this.on.closed();
  }

  done() {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.changed = false;
    open.delete(this);
  }

  /** Somebody saved the same entry first: both versions, and three ways on. */
  showClash(told) {
    const mine = told.mine;
    const settle = (data) => {
      this.base = told.etag;
      this.clash.hidden = true;
      if (data === mine) this.store(data);
    };
    this.clash.hidden = false;
    this.clash.replaceChildren(
      el("p", {}, el("strong", {}, `${told.who}刚刚改过这一条，您的还没有存。`), "划掉的是对方的，下面是您的："),
      lines(difference(told.theirs, mine)),
      el(
        "div",
        { class: "entry-actions" },
        button({ class: "button", onclick: () => settle(mine) }, "用我的"),
        button(
          {
            class: "button",
            onclick: () => {
              this.done();
              this.on.saved(told.theirs === null ? null : { ...this.entry, data: told.theirs, etag: told.etag });
            },
          },
          "用对方的",
        ),
        button({ class: "button quiet", onclick: () => settle(null) }, "先留着我的，我再改改"),
      ),
    );
    this.clash.scrollIntoView({ block: "nearest" });
  }
}
