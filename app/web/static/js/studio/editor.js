// The editor: intents on the left, what is said in the middle, how it works out on the right.
import { button, byId, el } from "../dom.js";
import { entriesOf, readEntry, readTree } from "./api.js";
import { entryCard, stages } from "./cards.js";
import { fail, showState, words } from "./common.js";
import { Editor, unsaved } from "./entry.js";
import { knowIntents } from "./fields.js";
import { startFinding } from "./finding.js";
import { blank } from "./kinds.js";
import { countProblems, previewScript, sample, startSide } from "./side.js";
import { drawTree, key } from "./tree.js";

const state = { tree: null, at: null, tab: "scripts", items: [], editors: new Map(), filter: "", found: [] };
const middle = byId("middle");
let polling = 0;

const redrawTree = () => drawTree(state, { go, add, open: (name) => goEntry(name).catch(fail) });

async function loadTree(withProblems) {
  try {
    const tree = await readTree(withProblems);
    if (tree.version < state.tree?.version) return;
    state.tree = tree;
  } catch (error) {
    fail(error);
    return;
  }
  words.groups = state.tree.groups.map((group) => [group.id, group.name]);
  knowIntents(state.tree.packs.flatMap((pack) => pack.intents));
  redrawTree();
}

async function refresh() {
  clearTimeout(polling);
  await loadTree(true);
  const overview = await showState();
  countProblems(overview?.errors ?? 0);
  document.documentElement.dataset.checked = "";
  if (overview?.learning) polling = setTimeout(refresh, 3000);
}

/** Show an intent, a list or a file. */
async function go(at, focus) {
  if (unsaved() && !confirm("改过的还没有存，不要了吗？")) return;
  state.editors.forEach((editor) => editor.done());
  state.editors.clear();
  if (at.intent !== state.at?.intent) state.tab = "scripts";
  state.at = at;
  history.replaceState(null, "", `#${new URLSearchParams(at)}`);
  redrawTree();
  showCurrent();
  showCatalogue(false);
  await load();
  document.title = `${middle.querySelector("h2")?.textContent || "编辑"} · 话术库 · 话术助手`;
  if (focus) byId(`entry-${focus}`)?.scrollIntoView({ block: "center" });
}

/** Bring the current place into sight inside the catalogue, without moving the page. */
function showCurrent() {
  const current = byId("tree").querySelector("[aria-current]");
  if (!current) return;
  const [box, place] = [byId("left").getBoundingClientRect(), current.getBoundingClientRect()];
  if (place.top < box.top || place.bottom > box.bottom) byId("left").scrollTop += place.top - box.top - box.height / 2;
}

/** On a narrow screen the catalogue is folded away once something is chosen. */
function showCatalogue(open) {
  byId("catalogue").setAttribute("aria-expanded", String(open));
  byId("catalogue").textContent = open ? "目录" : `目录：${byId("tree").querySelector("[aria-current] .tree-name")?.textContent ?? ""}`;
}

byId("catalogue").addEventListener("click", (event) => {
  showCatalogue(event.currentTarget.getAttribute("aria-expanded") !== "true");
  showCurrent();
});

/** Show the entry of this name where it is at home. */
async function goEntry(name) {
  const [kind, id] = [name.slice(0, name.indexOf(":")), name.slice(name.indexOf(":") + 1)];
  if (kind === "text") return go({ text: name });
  if (kind === "image") return go({ kind }, name);
  if (["card", "rule", "guard"].includes(kind)) {
    await go({ kind }, name);
    return edit(name);
  }
  const owner = kind === "script" ? id.split(".")[0] : id;
  const pack = state.tree.packs.find((one) => one.intents.some((intent) => intent.id === owner));
  let home = owner;
  if (kind === "script" && !pack) home = `_common.${(await readEntry(name)).pack}`;
  await go({ intent: home, pack: pack?.id ?? home.split(".")[1] });
  state.tab = { intent: "intent", guide: "guide" }[kind] ?? "scripts";
  draw();
  if (kind === "script") edit(name);
  byId(`entry-${name}`)?.scrollIntoView({ block: "center" });
}

async function load() {
  const at = state.at;
  try {
    if (at.text) state.items = [await readEntry(at.text)];
    else state.items = (await entriesOf(at.kind ? { kind: at.kind } : { intent: at.intent })).items;
  } catch (error) {
    fail(error);
    state.items = [];
  }
  if (at === state.at) draw();
}

function draw() {
  const at = state.at;
  middle.dataset.at = key(at);
  if (at.text) return drawText();
  if (at.kind) return drawList();
  drawIntent();
}

function drawText() {
  const [entry] = state.items;
  if (!entry) return;
  const editor = editorFor(entry);
  middle.replaceChildren(
    el("div", { class: "middle-head" }, el("h2", {}, entry.title)),
    el("p", { class: "hint" }, editor.asForm ? "改完存进草稿，发布后生效。文件里的说明都留着。" : "这个文件照原样改。每一处错误都会指出在第几行，改好了才能发布。"),
    el("div", { class: "sheet" }, editor.node),
  );
}

function drawList() {
  const kind = state.at.kind;
  const name = state.tree.lists.find((one) => one.kind === kind)?.name ?? "";
  middle.replaceChildren(
    el("div", { class: "middle-head" }, el("h2", {}, name), kind === "image" ? el("p", { class: "hint" }, "在话术里上传和使用；同一张只存一份") : button({ class: "button", onclick: () => add(kind, "common") }, "＋ 新加一条")),
    ...(state.items.length ? [] : [el("p", { class: "empty-state" }, "还没有")]),
    ...state.items.map((entry) => card(entry)),
  );
}

function drawIntent() {
  const find = (kind) => state.items.find((entry) => entry.name.startsWith(`${kind}:`));
  const scripts = state.items.filter((entry) => entry.name.startsWith("script:"));
  const intent = find("intent");
  const guide = find("guide") ?? { name: `guide:${state.at.intent}`, title: "提醒", etag: "", data: {}, pack: state.at.pack };
  const needed = state.tree.packs.flatMap((pack) => pack.intents).find((one) => one.id === state.at.intent)?.stages ?? [];
  const tabs = [["scripts", `话术 ${scripts.length}`], ...(intent ? [["intent", "样例和句式"]] : []), ["guide", "提醒"]];
  const shownTab = tabs.some(([id]) => id === state.tab) ? state.tab : "scripts";
  const head = el("div", { class: "middle-head" },
    el("h2", {}, intent ? intent.title || "新意图" : "通用话术"),
    el("div", { class: "tabs", role: "tablist" }, tabs.map(([id, name]) =>
      button({ role: "tab", "aria-selected": String(id === shownTab), onclick: () => { state.tab = id; draw(); } }, name))));
  const about = intent?.data.definition ? el("p", { class: "hint" }, intent.data.definition) : null;
  const body = {
    scripts: () => stages(scripts, needed, (stage) => add("script", state.at.pack, { intent: state.at.intent, stage }), card),
    intent: () => [el("div", { class: "sheet", id: `entry-${intent.name}` }, editorFor(intent).node)],
    guide: () => [el("div", { class: "sheet", id: `entry-${guide.name}` }, editorFor(guide).node)],
  }[shownTab]();
  middle.replaceChildren(...[head, about, ...body].filter(Boolean));
}

/** An entry being edited, or as people read it. */
function card(entry) {
  const editor = state.editors.get(entry.name);
  if (editor) return el("article", { class: "sheet entry", id: `entry-${entry.name}` }, editor.node);
  return entryCard(entry, { edit, copy, reload: load, changed: () => { load(); refresh(); } });
}

function editorFor(entry) {
  let editor = state.editors.get(entry.name);
  if (!editor) {
    editor = new Editor(entry, {
      sample,
      go: (name) => goEntry(name).catch(fail),
      preview: (bubbles) => previewScript({ ...entry, data: editor?.data ?? entry.data }, bubbles),
      saved: async (saved) => {
        state.editors.delete(entry.name);
        if (entry.name.startsWith("intent:") && !entry.etag && saved) {
          state.at = { intent: saved.name.slice(7), pack: saved.pack };
          history.replaceState(null, "", `#${new URLSearchParams(state.at)}`);
          await loadTree(false);
        }
        await load();
        byId(`entry-${entry.name}`)?.scrollIntoView({ block: "nearest" });
        const now = state.items.find((one) => one.name === entry.name);
        if (entry.name.startsWith("script:")) previewScript(now ?? null);
        refresh();
      },
      closed: () => {
        state.editors.delete(entry.name);
        if (!entry.etag && state.items.includes(entry)) state.items.splice(state.items.indexOf(entry), 1);
        draw();
        byId(`entry-${entry.name}`)?.scrollIntoView({ block: "nearest" });
      },
    });
    state.editors.set(entry.name, editor);
  }
  return editor;
}

function edit(name) {
  const entry = state.items.find((one) => one.name === name);
  if (!entry) return;
  editorFor(entry);
  draw();
  const first = name.startsWith("script:") && entry.etag ? "textarea" : "input, textarea";
  byId(`entry-${name}`)?.querySelector(first)?.focus();
}

/** Begin a new entry. */
async function add(kind, pack, near = {}) {
  if (kind === "intent") await go({ intent: "", pack });
  const entry = { ...blank(kind, pack, { group: words.groups[0]?.[0], ...near }), etag: "", title: "" };
  if (kind === "intent") {
    state.items = [entry];
    state.at = { intent: entry.name.slice(7), pack };
    state.tab = "intent";
  } else {
    state.items.push(entry);
  }
  edit(entry.name);
}

/** Begin the script that a hole of the coverage map asks for. */
async function begin({ intent, pack, stage, tone }) {
  await go({ intent, pack });
  await add("script", pack, { intent, stage, tone });
}

function copy(entry) {
  const fresh = blank("script", entry.pack, { intent: state.at.intent, stage: entry.data.stage });
  const { id: _, ...data } = structuredClone(entry.data);
  state.items.push({ ...fresh, data: { ...data, title: `${data.title}（另一种说法）`.slice(0, 40) }, etag: "", title: "" });
  edit(fresh.name);
}

startFinding(state, () => { if (state.tree) redrawTree(); });

startSide({
  go: (name) => goEntry(name).catch(fail),
  resample: () => {
    const editing = [...state.editors.values()].find((editor) => editor.kind === "script");
    editing?.check();
    return !!editing;
  },
});
await loadTree(false);
const start = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
if (start.entry) await goEntry(start.entry).catch(fail);
else if (start.new) await begin(start);
else if (Object.keys(start).length) await go(start);
document.documentElement.dataset.ready = "";
refresh();
