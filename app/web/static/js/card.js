// One script: its bubbles with blanks in place, the ways to copy it, and why it is here.

import { makeAssist } from "./assist.js";
import { blankField } from "./blanks.js";
import { button, byId, el, icon } from "./dom.js";
import { editor } from "./edit.js";
import { rejectButtons } from "./feedback.js";
import { pictures } from "./pictures.js";
import { bubbleParts, lackText, missing, selectPlaceholder } from "./script.js";
import { canSend } from "./reach.js";
import { copy, deliver, deliverWords, isSent, nextBubble, progress, send } from "./sending.js";
import { current, status } from "./state.js";
import { sourceText } from "./text.js";
import { toast } from "./toast.js";

const STALE = "还没有新结果，先别复制";
const READING = "正在看刚粘贴的聊天，看完再复制";

/**
 * A card and what can be done with it: {node, script, copyNext, copyAll, sendAll, edit, refresh}.
 * answers: the message it is for; with other words in the box it can't be copied. None for a script the agent looked up.
 */
export function makeCard(script, { number = null, label = "", marked = null, answers = null, done = () => {} } = {}) {
  const card = new Card(script, { number, label, marked, answers, done });
  card.refresh();
  return card;
}

const isReading = () => status.reading === current();

class Card {
  constructor(script, { number, label, marked, answers, done }) {
    Object.assign(this, { script, number, answers, done, waiting: null, busy: false, copying: Promise.resolve() });
    this.state = el("span", { class: "card-state" });
    this.assist = makeAssist((field) => this.afterChoice(field));
    this.bubbles = el(
      "div",
      { class: "bubbles" },
      script.bubbles.map((_, index) => this.bubble(index)),
    );
    this.why = this.reasons();
    const title = el("h3", {}, marked ?? script.title);
    const heading = el(
      "header",
      {},
      title,
      el("span", { class: "card-label" }, label),
      this.state,
      this.tools(),
    );
    const body = el("div", { class: "card-body" }, heading, this.bubbles, pictures(script), this.why);
    const shape = number ? "card" : "card unnumbered";
    this.node = el(
      "article",
      { class: shape, data: { script: script.script_id } },
      number ? this.badge() : null,
      body,
    );
  }

  badge() {
    const props = { class: "badge", key: `copy:${this.script.script_id}`, onclick: () => this.copyNext() };
    return button(
      { ...props, "aria-label": `复制：${this.script.title}`, title: `按 ${this.number} 复制` },
      String(this.number),
    );
  }

  tools() {
    const id = this.script.script_id;
    const tool = (name, label, act, extra = {}) =>
      button(
        {
          class: "tool",
          title: label,
          label: `${label}：${this.script.title}`,
          onclick: act,
          key: `${name}:${id}`,
          ...extra,
        },
        icon(name),
      );
    const all = this.script.bubbles.length > 1 ? "全部复制" : "复制";
    this.sendTool = tool("send", "发给顾客", () => this.sendAll());
    if (this.number) this.sendTool.title = `发给顾客（Ctrl+Alt+${this.number}）`;
    this.whyButton = tool("why", "为什么是这条", () => this.toggleWhy(), { "aria-expanded": "false" });
    return el(
      "span",
      { class: "tools" },
      this.whyButton,
      tool("edit", "改了再复制", () => this.edit()),
      tool("copy", all, () => this.copyAll()),
      this.sendTool,
    );
  }

  reasons() {
    const { reason, source } = this.script;
    return el(
      "div",
      { class: "why", hidden: true },
      [reason, sourceText(source)].filter(Boolean).map((text) => el("span", {}, text)),
      rejectButtons(this.script),
    );
  }

  toggleWhy() {
    this.why.hidden = !this.why.hidden;
    this.whyButton.setAttribute("aria-expanded", String(!this.why.hidden));
  }

  bubble(index) {
    const hooks = {
      finish: () => this.copyNext(),
      changed: () => this.refresh(),
      entered: this.assist.show,
      left: this.assist.hide,
    };
    const parts = bubbleParts(this.script, index).map(({ text, name, hit }, at) => {
      if (name) return blankField(name, `blank:${this.script.script_id}:${index}:${at}`, hooks);
      return hit ? el("mark", {}, text) : text;
    });
    return el(
      "div",
      { class: "bubble", title: "点一下复制这一条", onclick: (event) => this.onBubble(event, index) },
      parts,
    );
  }

  onBubble(event, index) {
    // a field in the text is for typing, and selecting a few words is no click
    if (event.target.closest("input, button") || !getSelection().isCollapsed) return;
    this.run(index);
  }

  afterChoice(field) {
    const next = [...this.bubbles.querySelectorAll("input.blank")].find((other) => !other.value.trim());
    const wanted = this.waiting;
    this.refresh();
    if (next) next.focus();
    else if (wanted) wanted();
    else field.focus();
  }

  /** One after the other: a second press while the first is still being copied means the next bubble. */
  copyNext() {
    this.copying = this.copying.then(() => this.run(nextBubble(this.script)));
    return this.copying;
  }

  copyAll() {
    return this.run(null);
  }

  isStale() {
    return isReading() || (this.answers !== null && this.answers !== current().text);
  }

  /** True when the script is for another message than the one in the box; says so. */
  refuse() {
    if (this.isStale()) toast(isReading() ? READING : STALE);
    return this.isStale();
  }

  async run(index) {
    if (this.refuse()) return;
    const again = this.number ? `，再按 ${this.number}` : "，再点一次";
    const lacking = await copy(this.script, index, again);
    this.settle(lacking, () => this.run(index));
  }

  /** Sends what is left of the script, each bubble as a message. */
  async sendAll() {
    if (this.busy || !canSend() || this.refuse()) return;
    const copied = progress(this.script);
    const left = copied.flatMap((done, index) => (done ? [] : [index]));
    this.busy = true;
    try {
      const lacking = await deliver(this.script, left.length ? left : copied.map((_, index) => index));
      this.settle(lacking, () => this.sendAll());
    } finally {
      this.busy = false;
    }
  }

  /** After copying or sending, or when a blank stopped it; then `again` is done once the blanks are filled. */
  settle(lacking, again) {
    this.waiting = lacking.length ? again : null;
    this.node.classList.toggle("wanted", lacking.length > 0);
    this.refresh();
    if (lacking.length) return this.focusBlank(lacking[0]);
    // out of the field, so that the next number key copies again
    if (document.activeElement.matches("input.blank")) byId("scripts").focus({ preventScroll: true });
    if (progress(this.script).every(Boolean)) this.done();
  }

  focusBlank(name) {
    this.bubbles.querySelector(`input.blank[data-blank="${CSS.escape(name)}"]`)?.focus();
    this.node.scrollIntoView({ block: "nearest" });
  }

  edit() {
    const close = () => {
      this.bubbles.hidden = false;
      pane.remove();
      this.node.querySelector("button").focus();
    };
    if (this.bubbles.hidden || this.refuse()) return;
    const sendOne = (index, text) => !this.refuse() && send(this.script, [index], text);
    const deliverOne = (index, text) => !this.refuse() && deliverWords(this.script, index, text);
    const pane = editor(this.script, { close, send: sendOne, deliver: canSend() ? deliverOne : null });
    this.bubbles.hidden = true;
    this.bubbles.after(pane);
    const areas = [...pane.querySelectorAll("textarea")];
    areas[0].focus();
    areas[0].setSelectionRange(areas[0].value.length, areas[0].value.length);
    areas.some((area) => selectPlaceholder(area));
    pane.scrollIntoView({ block: "nearest" });
  }

  /** Shows what was copied and what is lacking. */
  refresh() {
    const copied = progress(this.script);
    const count = copied.filter(Boolean).length;
    const lacking = missing(this.script, current().blanks);
    if (!lacking.length) this.waiting = null;
    this.sendTool.hidden = !canSend();
    this.assist.tell(this.waiting ? lackText(lacking) : "");
    if (this.isStale()) this.node.setAttribute("aria-disabled", "true");
    else this.node.removeAttribute("aria-disabled");
    this.node.classList.toggle("sent", isSent(this.script));
    this.node.classList.toggle("waiting", Boolean(this.waiting));
    this.state.textContent =
      count === 0 ? "" : count === copied.length ? "已复制" : `已复制 ${count}/${copied.length}`;
    [...this.bubbles.children].forEach((bubble, index) => {
      bubble.classList.toggle("copied", copied[index]);
      bubble.classList.toggle(
        "next",
        count > 0 && count < copied.length && index === nextBubble(this.script),
      );
    });
  }
}
