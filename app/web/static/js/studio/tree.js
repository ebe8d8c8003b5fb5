// The tree on the left: intents by pack with what they have for each stage, lists, files.
import { button, byId, el, swap } from "../dom.js";

/** What every script says of the shop: the first thing to fill in. */
const SHOP = "text:scripts_zh/shop.yaml";

/** What names a place in the tree, in one string. */
export const key = (at) => Object.values(at ?? {}).join(" ");

/**
 * Draws the tree of what can be edited. state: {tree, at, filter, found}; go(at) shows a place, add(kind, pack) begins an entry,
 * open(name) shows an entry that was found.
 */
export function drawTree(state, { go, add, open }) {
  const { packs, lists, texts } = state.tree;
  const [shop, others] = [texts.filter((one) => one.name === SHOP), texts.filter((one) => one.name !== SHOP)];
  const item = (at, name, ...rest) =>
    el("li", {}, button({ class: "tree-item", key: key(at), "aria-current": key(at) === key(state.at) ? "true" : null, onclick: () => go(at) }, el("span", { class: "tree-name" }, name), ...rest));
  const badge = (one) => [
    one.changed ? el("span", { class: "dot changed", title: "草稿里改过" }) : null,
    one.problems ? el("span", { class: "badge", title: `${one.problems} 处错误` }, one.problems) : null,
  ];
  const dots = (one) =>
    el("span", { class: "dots" }, one.stages.map((stage) => {
      const kind = stage.own ? "own" : stage.common ? "common" : "none";
      const told = stage.own ? `${stage.own} 条` : stage.common ? "只有通用的" : "还没有";
      return el("span", { class: `dot ${kind}`, title: `${stage.name}：${told}` });
    }));
  const fits = (one) => !state.filter || one.name.includes(state.filter) || one.id.includes(state.filter);
  const file = (one) => item({ text: one.name }, one.title, ...badge(one));
  swap(
    byId("tree"),
    el("ul", { class: "tree" }, state.filter ? shop.filter((one) => one.title.includes(state.filter)).map(file) : shop.map(file)),
    packs.filter((pack) => !state.filter || pack.intents.some(fits)).map((pack) =>
      el(
        "details",
        { open: pack.id === "common" || pack.id === "apparel" || !!state.filter },
        el("summary", {}, pack.name, el("span", { class: "hint" }, ` ${pack.intents.length}`)),
        el("ul", { class: "tree" },
          pack.common && !state.filter ? item({ intent: `_common.${pack.id}`, pack: pack.id }, "通用话术", el("span", { class: "hint" }, pack.common)) : null,
          pack.intents.filter(fits).map((one) => item({ intent: one.id, pack: pack.id }, one.name, ...badge(one), dots(one))),
          state.filter ? null : el("li", {}, button({ class: "tree-item quiet", onclick: () => add("intent", pack.id) }, "＋ 新意图"))),
      )),
    state.filter && state.found.length
      ? el("details", { open: true }, el("summary", {}, "话术里有", el("span", { class: "hint" }, ` ${state.found.length}`)), el("ul", { class: "tree" },
          state.found.map((one) => el("li", {}, button({ class: "tree-item found", onclick: () => open(one.name) },
            el("span", { class: "tree-name" }, one.title), el("span", { class: "hint" }, one.place))))))
      : null,
    el("details", { open: true }, el("summary", {}, "其他"), el("ul", { class: "tree" },
      lists.map((one) => item({ kind: one.kind }, one.name, ...badge(one), el("span", { class: "hint" }, one.count))),
      others.map(file))),
  );
}
