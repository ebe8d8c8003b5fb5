// The controls that fields are made of: inputs, choices, rows that can be added and pasted into.
import { button, el, icon } from "../dom.js";

/** Set, or take away when empty, a value inside nested plain data. */
export function put(data, path, value) {
  const [key, ...rest] = path;
  const empty = value === "" || value === null || value === undefined || (Array.isArray(value) && !value.length);
  if (!rest.length) {
    if (empty) delete data[key];
    else data[key] = value;
    return;
  }
  data[key] ??= {};
  put(data[key], rest, value);
  if (!Object.keys(data[key]).length) delete data[key];
}

/** Set a value inside nested plain data, an empty one too. */
export function set(data, path, value) {
  const [key, ...rest] = path;
  if (rest.length) set((data[key] ??= {}), rest, value);
  else data[key] = value;
}

export const said = (name, value, props = {}) =>
  el("input", { class: "field", type: "text", value: value ?? "", "aria-label": name, autocomplete: "off", ...props });

export const choice = (name, value, options, props = {}) =>
  el(
    "select",
    { "aria-label": name, ...props },
    options.map(([id, shown]) => {
      const option = el("option", { value: id }, shown);
      option.selected = id === (value ?? "");
      return option;
    }),
  );

/** A textarea as tall as what it holds. */
export function area(name, value, props = {}) {
  const node = el("textarea", { class: "field", rows: "1", "aria-label": name, ...props });
  node.value = value ?? "";
  const fit = () => {
    node.style.setProperty("height", "auto");
    node.style.setProperty("height", `${node.scrollHeight + 2}px`);
  };
  node.addEventListener("input", fit);
  requestAnimationFrame(fit);
  return node;
}

/** Rows that can be added, removed and pasted into, many lines at once. draw(value, tell) makes one row's controls. */
export function rows(field, values, tell, draw, fresh) {
  const list = el("ul", { class: "rows" });
  const all = values.length || !field.first ? [...values] : [fresh("")];
  const redraw = (focus) => {
    list.replaceChildren(
      ...all.map((value, index) =>
        el(
          "li",
          { class: "row", data: { path: `${field.path.join(".")}.${index}` } },
          draw(value, (changed) => {
            all[index] = changed;
            tell(all);
          }, (texts) => {
            all.splice(index, 1, ...texts.map((text) => fresh(text)));
            tell(all);
            redraw(index + texts.length - 1);
          }),
          button(
            { class: "tool", label: `删掉这一${field.unit ?? "行"}`, onclick: () => { all.splice(index, 1); tell(all); redraw(); } },
            icon("close"),
          ),
          el("p", { class: "problem" }),
        ),
      ),
    );
    if (focus !== undefined) list.children[focus]?.querySelector("input, textarea, select")?.focus();
  };
  redraw();
  const add = button(
    { class: "button quiet", onclick: () => { all.push(fresh("")); tell(all); redraw(all.length - 1); } },
    `＋ ${field.add ?? "加一行"}`,
  );
  return el("div", {}, list, add);
}

export const pasting = (spread) => (event) => {
  const lines = (event.clipboardData?.getData("text") ?? "").split(/\r?\n/).map((line) => line.trim()).filter(Boolean);
  if (lines.length < 2) return;
  event.preventDefault();
  spread(lines);
};
