// The fields of forms: each shows a value, tells when it changes, and has a place for its problems.
import { button, el } from "../dom.js";
import { label, words } from "./common.js";
import { area, choice, pasting, put, rows, said, set } from "./controls.js";
import { imagesField } from "./images.js";
import { records } from "./records.js";
import { offerVariables } from "./variables.js";

const get = (data, path) => path.reduce((value, key) => value?.[key], data);

const split = (text) => text.split(/[,，、;；\s]+/).filter(Boolean);

let intents = [];

/** The intents that fields offer by name. */
export function knowIntents(all) {
  intents = all;
  document.getElementById("intents").replaceChildren(...all.map((one) => el("option", { value: one.name })));
}

export const intentName = (id) => intents.find((one) => one.id === id)?.name ?? id;
export const intentId = (name) => intents.find((one) => one.name === name || one.id === name)?.id ?? name;

const DRAW = {
  line: (field, value, tell) => {
    const node = said(label(field.key), value, { maxlength: "400" });
    node.addEventListener("input", () => tell(node.value));
    return node;
  },
  text: (field, value, tell) => {
    const node = area(label(field.key), value);
    node.addEventListener("input", () => tell(node.value));
    return node;
  },
  number: (field, value, tell) => {
    const node = said(label(field.key), value, { inputmode: "numeric", maxlength: "8", class: "field short" });
    node.addEventListener("input", () => tell(node.value.trim()));
    return node;
  },
  list: (field, value, tell) => {
    const node = area(label(field.key), (value ?? []).join("、"), { spellcheck: "false" });
    node.addEventListener("input", () => tell(node.value.split(/[、，,;；\n]+/).map((word) => word.trim()).filter(Boolean)));
    return node;
  },
  pairs: (field, value, tell) =>
    rows(field, Object.entries(value ?? {}), (all) => tell(Object.fromEntries(all.filter(([key]) => key.trim())), true), ([key, told], change) => {
      const now = [key, told];
      const left = said(field.keyName, key, { placeholder: field.keyName, class: "field also" });
      const right = said(field.valueName, told, { placeholder: field.valueName });
      left.addEventListener("input", () => { now[0] = left.value; change([...now]); });
      right.addEventListener("input", () => { now[1] = right.value; change([...now]); });
      return [left, right];
    }, () => ["", ""]),
  allowances: (field, value, tell) =>
    rows(field, Object.entries(value ?? {}), (all) => tell(Object.fromEntries(all.filter(([key]) => key))), ([key, told], change) => {
      const now = { source: ["practice"], ...told };
      const name = choice("平台", key, [["", "选平台"], ...words.facts.平台.map((one) => [one, one])]);
      const time = said("多久", now.time, { placeholder: "3 分钟", class: "field also" });
      const checked = said("核对的日期和网址", now.checked, { placeholder: "看过原文的日期和网址（可空）" });
      const send = () => change([name.value, { ...now }]);
      name.addEventListener("change", send);
      time.addEventListener("input", () => { now.time = time.value; send(); });
      checked.addEventListener("input", () => { put(now, ["checked"], checked.value); send(); });
      return [name, time, checked];
    }, () => ["", {}]),
  records: (field, value, tell) => records(field, value ?? [], tell, form),
  select: (field, value, tell) => {
    const node = choice(label(field.key), value, field.options());
    node.addEventListener("change", () => tell(node.value));
    return node;
  },
  checks: (field, value, tell) => {
    const chosen = new Set(value ?? []);
    return el(
      "div",
      { class: "checks" },
      field.options().map(([id, shown]) => {
        const box = el("input", { type: "checkbox" });
        box.checked = chosen.has(id);
        box.addEventListener("change", () => {
          if (box.checked) chosen.add(id);
          else chosen.delete(id);
          tell([...chosen]);
        });
        return el("label", {}, box, shown);
      }),
    );
  },
  words: (field, value, tell) => {
    const node = said(label(field.key), (value ?? []).join("、"), { placeholder: field.hint ?? "用顿号隔开" });
    node.addEventListener("input", () => tell(split(node.value)));
    return node;
  },
  intents: (field, value, tell) => {
    const node = said(label(field.key), (value ?? []).map(intentName).join("、"), { placeholder: "意图的名字，用顿号隔开" });
    node.addEventListener("input", () => tell(split(node.value).map(intentId)));
    return node;
  },
  lines: (field, value, tell) =>
    rows(field, value ?? [], (all) => tell(all.filter(Boolean)), (line, change, spread) => {
      const node = said(label(field.key), line, { onpaste: pasting(spread), placeholder: field.hint ?? "" });
      node.addEventListener("input", () => change(node.value));
      return node;
    }, (text) => text),
  examples: (field, value, tell) =>
    rows(field, value ?? [], (all) => tell(all.filter((one) => (one.text ?? one) !== "")), (one, change, spread) => {
      const now = typeof one === "string" ? { text: one } : { ...one };
      const send = () => change(Object.keys(now).length > 1 ? { ...now } : now.text);
      const text = said("顾客的话", now.text, { onpaste: pasting(spread) });
      text.addEventListener("input", () => { now.text = text.value; send(); });
      const key = field.miss ? "intent" : "also";
      const known = field.miss ? [now.intent].filter(Boolean) : (now.also ?? []);
      const also = said(field.miss ? "其实是" : "还说了", known.map(intentName).join("、"), {
        list: "intents", placeholder: field.miss ? "其实是（可空）" : "还说了（可空）", class: "field also",
      });
      also.addEventListener("input", () => {
        const ids = split(also.value).map(intentId);
        if (!ids.length) delete now[key];
        else now[key] = field.miss ? ids[0] : ids;
        send();
      });
      return [text, also];
    }, (text) => text),
  bubbles: (field, value, tell) =>
    rows({ ...field, unit: "条气泡" }, value ?? [""], tell, (bubble, change) => {
      const node = area("气泡", bubble, { maxlength: "1000" });
      const count = el("span", { class: "count" });
      const counted = () => (count.textContent = `${[...node.value].length} 字`);
      node.addEventListener("input", () => { change(node.value); counted(); });
      counted();
      const blank = button({ class: "button quiet", label: "插入一个空", onclick: () => offerVariables(node, blank) }, "插入空");
      offerVariables.watch(node);
      return el("div", { class: "bubble-edit" }, node, el("div", { class: "bubble-tools" }, blank, count));
    }, (text) => text),
  images: (field, value, tell) => imagesField(value, tell),
  when: (field, value, tell) => {
    const pairs = Object.entries(value ?? {});
    const send = (all) => tell(Object.fromEntries(all.filter(([fact, wanted]) => fact && wanted?.length)), true);
    return rows(field, pairs, send, ([fact, wanted], change) => {
      const facts = choice("事实", fact, [["", "选一个事实"], ...Object.keys(words.facts).map((name) => [name, name])]);
      const place = el("span", { class: "wanted" });
      const draw = () => {
        const options = words.facts[facts.value] ?? [];
        if (!options.length) {
          const node = said("是多少", shownWanted(wanted), { placeholder: words.numberFacts.includes(facts.value) ? "<=7 或 8-30" : "" });
          node.addEventListener("input", () => change([facts.value, node.value]));
          place.replaceChildren(node);
          return;
        }
        const chosen = [wanted].flat().map(yesNo);
        place.replaceChildren(
          ...options.map((option) => {
            const box = el("input", { type: "checkbox" });
            box.checked = chosen.includes(option);
            box.addEventListener("change", () => {
              const now = options.filter((_, index) => place.querySelectorAll("input")[index].checked);
              change([facts.value, now.length === 1 ? now[0] : now]);
            });
            return el("label", {}, box, option);
          }),
        );
      };
      facts.addEventListener("change", () => { wanted = ""; change([facts.value, ""]); draw(); });
      draw();
      return [facts, place];
    }, () => ["", ""]);
  },
  acts: (field, value, tell) =>
    rows(field, value ?? [], (all) => tell(all.filter(Boolean)), (act, change) => {
      const found = /^([a-z_]+)(?:[(（](.*)[)）])?$/.exec(act) ?? [];
      const kinds = choice("做了什么", found[1] ?? "", [["", "选一个"], ...words.acts.map((one) => [one.id, one.name])]);
      const place = el("span", { class: "wanted" });
      let about = found[2] ?? "";
      const send = () => change(kinds.value ? (about ? `${kinds.value}(${about})` : kinds.value) : "");
      const draw = () => {
        const kind = words.acts.find((one) => one.id === kinds.value)?.about ?? "";
        const lists = { ask: words.askable, remedy: words.remedies };
        let node = null;
        if (lists[kind]) node = choice("什么", about, [["", "选一个"], ...lists[kind].map((name) => [name, name])]);
        else if (kind === "text") node = said("什么（可空）", about, { placeholder: "什么（可空）" });
        node?.addEventListener("input", () => { about = node.value; send(); });
        place.replaceChildren(...(node ? [node] : []));
      };
      kinds.addEventListener("change", () => { about = ""; draw(); send(); });
      draw();
      return [kinds, place];
    }, () => ""),
  valid: (field, value, tell) => {
    const now = { ...(value ?? {}) };
    const date = (key, name) => {
      const node = el("input", { class: "field", type: "date", value: now[key] ?? "", "aria-label": name });
      node.addEventListener("input", () => { put(now, [key], node.value); tell(Object.keys(now).length ? { ...now } : null); });
      return el("label", { class: "inline" }, name, node);
    };
    return el("div", { class: "checks" }, date("from", "从"), date("until", "到"));
  },
  asks: (field, value, tell) =>
    rows(field, value ?? [], (all) => tell(all.filter((one) => one.fact)), (ask, change) => {
      const now = { ...ask };
      const fact = choice("事实", now.fact, [["", "选一个"], ...words.askable.map((name) => [name, name])]);
      const text = said("怎么问", now.text, { placeholder: "怎么问" });
      fact.addEventListener("change", () => { now.fact = fact.value; change({ ...now }); });
      text.addEventListener("input", () => { now.text = text.value; change({ ...now }); });
      return [fact, text];
    }, () => ({ fact: "", text: "" })),
  deadlines: (field, value, tell) =>
    rows(field, value ?? [], (all) => tell(all.filter((one) => one.text)), (one, change) => {
      const now = { ...one };
      const text = said("期限", now.text, { placeholder: "例如 48 小时内给结果" });
      text.addEventListener("input", () => { now.text = text.value; change({ ...now }); });
      const hours = said("多少小时", now.hours, { placeholder: "小时（可空）", class: "field also", inputmode: "decimal" });
      hours.addEventListener("input", () => { put(now, ["hours"], hours.value); change({ ...now }); });
      return [text, hours];
    }, () => ({ text: "" })),
};

const yesNo = (value) => ({ true: "是", false: "否" })[String(value).toLowerCase()] ?? String(value);
const shownWanted = (value) => (Array.isArray(value) ? value.join("、") : (value ?? ""));

/**
 * A form for `data`, which is changed in place; changed() is told after every change.
 * within: what stands before its fields' paths where problems are told.
 */
export function form(fields, data, changed, within = "") {
  return el(
    "div",
    { class: "form entry-form" },
    fields.map((field) => {
      const path = field.path ?? [field.key];
      const tell = (value) => { (field.keep ? set : put)(data, path, value); changed(); };
      const name = field.name ?? label(field.key);
      const control = DRAW[field.type]({ ...field, path }, get(data, path), tell);
      if (field.name && control.hasAttribute("aria-label")) control.setAttribute("aria-label", name);
      const wrapped = field.more
        ? el("details", { class: "more", open: field.more === "later" && !data.id }, el("summary", {}, name), field.help ? el("p", { class: "hint" }, field.help) : null, control)
        : [el("span", { class: "label" }, name), field.help ? el("p", { class: "hint" }, field.help) : null, control];
      return el("div", { class: "labelled", data: { path: within + path.join(".") } }, wrapped, el("p", { class: "problem own" }));
    }),
  );
}
