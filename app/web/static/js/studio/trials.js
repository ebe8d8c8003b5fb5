// Trials of two wordings: drawn by the server; here choosing the two, starting, ending, using the better one.
import { byId, el } from "../dom.js";
import { call, readTree } from "./api.js";
import { fail, showState, toast, undoEdit } from "./common.js";

let intents = [];
let scripts = [];
const chosen = (side) => scripts.find((script) => script.id === byId(side).value);

async function start() {
  try {
    const { packs } = await readTree(false);
    intents = [{ id: "", name: "通用" }, ...packs.flatMap((pack) => pack.intents)];
    byId("intents").replaceChildren(...intents.map((intent) => el("option", { value: intent.name })));
  } catch (error) {
    fail(error);
  }
  await prepare(Object.fromEntries(new URLSearchParams(location.hash.slice(1))));
  document.documentElement.dataset.ready = "";
}

/** Two scripts that another page asks about are chosen already. */
async function prepare({ intent, a, b }) {
  const known = intents.find((one) => one.id === intent);
  if (!a || !known) return;
  byId("new-trial").open = true;
  byId("intent").value = known.name;
  await choose();
  byId("a").value = a;
  second();
  byId("b").value = b;
  compare();
}

function options(side, items, hint) {
  const select = byId(side);
  select.disabled = !items.length;
  select.replaceChildren(el("option", { value: "" }, hint), ...items.map((script) => el("option", { value: script.id }, `${script.place}：${script.title}`)));
}

async function choose() {
  const intent = intents.find((one) => one.name === byId("intent").value.trim());
  if (!intent) return;
  try {
    scripts = (await call(`/trials/choices?${new URLSearchParams({ intent: intent.id })}`)).items;
  } catch (error) {
    return fail(error);
  }
  options("a", scripts, scripts.length ? "选一条" : "这个意图没有能比的两条");
  second();
}

function second() {
  const first = chosen("a");
  options("b", first ? scripts.filter((script) => script !== first && script.place === first.place) : [], first ? "选一条" : "先选 A");
  compare();
}

function compare() {
  const [a, b] = [chosen("a"), chosen("b")];
  byId("texts").hidden = !a;
  byId("text-a").textContent = a?.text ?? "";
  byId("text-b").textContent = b?.text ?? "";
  byId("go").disabled = !(a && b);
}

byId("intent").addEventListener("change", choose);
byId("a").addEventListener("change", second);
byId("b").addEventListener("change", compare);
byId("start").addEventListener("submit", async (event) => {
  event.preventDefault();
  byId("go").disabled = true;
  try {
    await call("/trials", { body: { a: byId("a").value, b: byId("b").value, measure: byId("measure").value, least: Number(byId("least").value), days: Number(byId("days").value) } });
    location.reload();
  } catch (error) {
    byId("go").disabled = false;
    fail(error);
  }
});

byId("trials").addEventListener("click", async (event) => {
  const { end, use, trial } = event.target.closest("button")?.dataset ?? {};
  try {
    if (end) {
      if (!confirm("不比了吗？已经有的结果会留着。")) return;
      await call(`/trials/${end}/end`, { method: "POST" });
      location.reload();
    } else if (use) {
      const done = await call(`/trials/${trial}/use`, { body: { side: use } });
      const said = `草稿里 ${use.toUpperCase()} 排到前面了，发布以后生效`;
      if (done.edit) toast(said, ["撤销", () => undoEdit(done.edit, showState)]);
      else toast("草稿里早就是这样了");
      showState();
    }
  } catch (error) {
    fail(error);
  }
});

start();
showState();
