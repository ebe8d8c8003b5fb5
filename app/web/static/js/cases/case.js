// One case: what is typed is kept as a draft in this browser at once, and saved against the version it was read in.

import { button, byId, el } from "../dom.js";
import { localText, momentOf } from "../times.js";
import { chips, remedies } from "./lists.js";
import { startPhotos } from "./photos.js";
import { call, tell } from "./service.js";

const start = JSON.parse(byId("case").dataset.form);
const key = `huashu.case.${start.id}`;
const inputs = new Map([...document.querySelectorAll("[data-field]")].map((input) => [input.dataset.field, input]));
const lists = {
  intents: chips(byId("intents"), start.intents, changed),
  remedies: remedies(byId("remedies"), start.remedies, changed),
};
let { version, fields } = start;
let saving = false;

const localTime = (iso) => (iso ? localText(new Date(iso)) : "");

function shown(name) {
  if (lists[name]) return lists[name].get();
  const input = inputs.get(name);
  if (input.dataset.kind === "moment") return input.value === localTime(fields[name]) ? fields[name] : input.value ? momentOf(input.value).toISOString() : null;
  if (input.dataset.kind) return input.value.trim() || null;
  return input.value;
}

function show(name, value) {
  if (lists[name]) lists[name].set(value);
  else inputs.get(name).value = inputs.get(name).dataset.kind === "moment" ? localTime(value) : (value ?? "");
}

const names = [...inputs.keys(), ...Object.keys(lists)];
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
const lines = (value) => (typeof value === "string" ? value.replace(/\r\n/gu, "\n") : value);
const isDirty = (name) => !same(lines(shown(name)), fields[name]);

/** The fields that differ from what is stored. */
const changes = () => Object.fromEntries(names.filter(isDirty).map((name) => [name, shown(name)]));

function changed() {
  const mine = changes();
  const dirty = Object.keys(mine).length;
  for (const [name, input] of inputs) input.toggleAttribute("data-dirty", name in mine);
  document.querySelector(".save-bar").classList.toggle("dirty", dirty > 0);
  byId("drop").hidden = !dirty;
  byId("state").textContent = dirty ? `改了 ${dirty} 项，还没保存；草稿留在这台电脑上` : "都存好了";
  try {
    if (dirty) localStorage.setItem(key, JSON.stringify({ version, changes: mine }));
    else localStorage.removeItem(key);
  } catch {
    // full or blocked: the draft lives as long as the page
  }
}

function restore() {
  let draft = null;
  try {
    draft = JSON.parse(localStorage.getItem(key));
  } catch {
    // not readable: no draft
  }
  if (!draft?.changes) return;
  for (const [name, value] of Object.entries(draft.changes)) if (names.includes(name)) show(name, value);
  const older = draft.version !== version ? "，之后别人也改过这张登记表，请核对一下" : "";
  if (Object.keys(changes()).length) tell(byId("draft"), `上次没保存的修改还在${older}。`);
}

/** Text of a value in the note about another's changes. */
function told(value) {
  if (value === null || value === "" || value?.length === 0) return "空";
  return typeof value === "object" ? JSON.stringify(value).replace(/[[\]{}"]/gu, "") : String(value);
}

/** Others were faster: take in what they changed, keep what is typed here. */
function merge(problem) {
  const mine = changes();
  const now = problem.fields;
  ({ version } = problem);
  for (const name of names) if (!(name in mine)) show(name, now[name]);
  fields = now;
  const both = problem.changed.filter((one) => one.field in mine);
  const list = el(
    "ul",
    {},
    problem.changed.map((one) =>
      el("li", {}, `${one.who}把「${one.name}」改成：${told(one.after)}`, both.includes(one) ? "（您也改了这一项，再保存会用您的）" : ""),
    ),
  );
  const again = button({ class: "button small", onclick: save }, "接着保存我的修改");
  tell(byId("trouble"), problem.detail, list, again);
  changed();
}

async function save() {
  const mine = changes();
  if (saving || !Object.keys(mine).length) return;
  saving = true;
  byId("save").disabled = true;
  byId("state").textContent = "正在保存";
  try {
    const stored = await call("PATCH", `/cases/${start.id}`, { version, changes: mine });
    ({ version, fields } = stored);
    for (const name of Object.keys(mine)) if (same(shown(name), mine[name])) show(name, fields[name]);
    tell(byId("trouble"), "");
    tell(byId("draft"), "");
    changed();
    await reload();
  } catch (error) {
    if (error.status === 409 && error.told.changed) merge(error.told);
    else {
      tell(byId("trouble"), error.message);
      changed();
      inputs.get(error.told?.field)?.focus();
    }
  } finally {
    saving = false;
    byId("save").disabled = false;
  }
}

/** What the page shows beside the form, anew: head, steps, photos, timeline. The form stays as it is typed. */
async function reload() {
  const response = await fetch(location.pathname, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!response?.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const part of [".page-head", ".steps", "#photos", ".timeline", '[data-field="status"]']) {
    const fresh = page.querySelector(part);
    const here = document.querySelector(part);
    if (!fresh || !here || (part.startsWith("[") && isDirty("status"))) continue;
    here.replaceChildren(...fresh.childNodes);
    if (here.dataset.field) show(here.dataset.field, fields[here.dataset.field]);
  }
  const stored = JSON.parse(page.getElementById("case").dataset.form);
  // only photos changed the version: nothing typed here can collide with that
  if (same(stored.fields, fields)) ({ version } = stored);
  changed();
}

/** From now on the signed-in person answers for this case, and may change it. */
async function takeOver() {
  byId("take-over").disabled = true;
  try {
    await call("POST", `/cases/${start.id}/take-over`);
    location.reload();
  } catch (error) {
    byId("take-over").disabled = false;
    tell(byId("trouble"), error.message);
  }
}

/** Registered by mistake: kept as void. What is typed and not saved yet is no mistake. */
async function withdraw(control) {
  if (Object.keys(changes()).length) return tell(byId("trouble"), "这张登记表上有还没保存的修改，先放弃修改，再作废");
  control.disabled = true;
  try {
    await call("POST", `/cases/${start.id}/withdraw`);
    location.reload();
  } catch (error) {
    control.disabled = false;
    tell(byId("trouble"), error.message);
  }
}

function drop() {
  for (const name of names) show(name, fields[name]);
  tell(byId("draft"), "");
  changed();
}

for (const name of [...Object.keys(lists), "due_at"]) show(name, fields[name]);
restore();
changed();
byId("form").addEventListener("input", changed);
byId("form").addEventListener("submit", (event) => {
  event.preventDefault();
  save();
});
byId("drop").addEventListener("click", drop);
addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "s") {
    event.preventDefault();
    save();
  }
});
// the head is drawn anew after every save
document.addEventListener("click", (event) => event.target.id === "withdraw" && withdraw(event.target));
byId("take-over")?.addEventListener("click", takeOver);
startPhotos(start.id, reload);
document.documentElement.dataset.ready = "true";
