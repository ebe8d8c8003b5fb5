// The two lists of the form: kinds of complaint as chips, remedies as rows. Both hold their value and tell of changes.

import { button, el, icon } from "../dom.js";

/** Chips of ids, with a menu of what can be added. all: [[id, name], …]. */
export function chips(box, all, changed) {
  const names = new Map(all);
  let value = [];
  const set = (next) => (draw(next), changed());
  function draw(next) {
    value = next;
    const more = el("select", { "aria-label": "加一类" }, el("option", { value: "" }, "＋ 加一类"));
    for (const [id, name] of all) if (!value.includes(id)) more.append(el("option", { value: id }, name));
    more.addEventListener("change", () => set([...value, more.value]));
    box.replaceChildren(...value.map(chip), more);
  }
  const chip = (id) => {
    const name = names.get(id) ?? id;
    const drop = () => set(value.filter((one) => one !== id));
    return el("span", { class: "chip" }, name, button({ class: "tool", label: `去掉${name}`, onclick: drop }, icon("close")));
  };
  return { get: () => value, set: draw };
}

/** Rows of {kind, amount, freight, approved_by, note}. kinds: what can be chosen. */
export function remedies(box, kinds, changed) {
  let value = [];
  const set = (next) => (draw(next), changed());
  function draw(next) {
    value = next;
    const more = el("select", { "aria-label": "加一种处理方案" }, el("option", { value: "" }, "＋ 加一种方案"));
    more.append(...kinds.map((kind) => el("option", {}, kind)));
    more.addEventListener("change", () =>
      set([...value, { kind: more.value, amount: null, freight: "", approved_by: "", note: "" }]),
    );
    box.replaceChildren(...value.map(row), el("div", {}, more));
  }
  function row(remedy, at) {
    const put = (name, text) => {
      value = value.map((one, index) => (index === at ? { ...one, [name]: text } : one));
      changed();
    };
    const field = (name, words, props) =>
      el("input", { class: `field ${props}`, value: remedy[name] ?? "", placeholder: words, "aria-label": `${remedy.kind}：${words}`, maxlength: "100", oninput: (event) => put(name, event.target.value) });
    const amount = field("amount", "金额（元）", "amount");
    amount.inputMode = "decimal";
    amount.addEventListener("input", () => put("amount", amount.value.trim() || null));
    const freight = el("select", { "aria-label": `${remedy.kind}：谁出运费`, onchange: (event) => put("freight", event.target.value) });
    for (const [id, name] of [["", "运费"], ["店铺", "店铺出运费"], ["顾客", "顾客出运费"], ["快递", "快递出运费"]])
      freight.append(el("option", { value: id }, name));
    freight.value = remedy.freight;
    const drop = () => set(value.filter((_, index) => index !== at));
    return el(
      "div",
      { class: "remedy" },
      el("strong", {}, remedy.kind),
      amount,
      freight,
      field("approved_by", "批准人", "who"),
      field("note", "备注", "words"),
      button({ class: "tool", label: `去掉${remedy.kind}`, onclick: drop }, icon("close")),
    );
  }
  return { get: () => value, set: draw };
}
