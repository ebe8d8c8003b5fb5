// The forms of files that are edited as a whole: the shop, clocks, lists of words. Keys are those of the files.
import { button, el } from "../dom.js";
import { uses } from "./api.js";
import { words } from "./common.js";

const platforms = () => words.facts.平台.map((name) => [name, name]);
const STARTS = [
  ["first_message", "顾客说第一句话"],
  ["message", "顾客每说一轮话"],
  ["intents", "顾客说到某件事"],
  ["event", "发生了某件事"],
];
const shown = (text) => ({ keep: true, help: text });

export const FILES = {
  "scripts_zh/shop.yaml": [
    { key: "name", type: "line", name: "店名", ...shown("话术里的〔店铺〕。") },
    { key: "platform", type: "select", name: "平台", options: platforms, help: "时钟和发送前检查按平台来。" },
    { key: "hours", type: "line", name: "营业时间", ...shown("写成「每天 9:00–22:00」，不在营业时间的话不算超时。") },
    { key: "phone", type: "line", name: "客服电话", ...shown("没有就空着，话术里会显示成〔客服电话〕等客服填。") },
    { key: "address", type: "line", name: "门店地址", ...shown("只做网店就空着。") },
    { key: "customer_title", type: "line", name: "怎么称呼顾客", ...shown("亲、您，或者会员姓氏。") },
    { key: "agent_title", type: "line", name: "客服自称", ...shown("登录以后用客服自己的名字。") },
    { key: "lead_title", type: "line", name: "主管怎么称呼", ...shown("店长、主管、经理。") },
    { key: "tone", type: "select", name: "默认语气", options: () => words.tones.map((tone) => [tone, tone]) },
    { key: "return_days", path: ["policy", "return_days"], type: "number", name: "无理由退货天数", ...shown("从签收次日算起，法律要求不少于 7 天。") },
    { key: "exchange_days", path: ["policy", "exchange_days"], type: "number", name: "换货天数", ...shown("不少于 7 天。") },
    { key: "price_protect_days", path: ["policy", "price_protect_days"], type: "number", name: "保价天数", ...shown("买后降价补差价的天数，不做价保写 0。") },
    { key: "dispatch", path: ["policy", "dispatch"], type: "line", name: "付款后多久发货", ...shown("原样发给顾客，写得到、做得到，例如「48 小时内」。") },
    { key: "refund", path: ["policy", "refund"], type: "line", name: "多久退款", ...shown("例如「收到退货后 1 到 2 个工作日」。") },
    { key: "courier", path: ["policy", "courier"], type: "line", name: "默认发什么快递", ...shown("例如「中通快递」。") },
    { key: "return_address", path: ["policy", "return_address"], type: "line", name: "退货寄到哪里", ...shown("收件人、电话、地址写在一行。") },
    { key: "clocks", path: ["policy", "clocks"], type: "pairs", name: "自己店的时钟", keyName: "时钟的名字", valueName: "多久，如 3 分钟", more: true, help: "自己店另有规定才写，比「时钟」里的优先。名字照「时钟」里写。", add: "加一个" },
    { key: "agent", path: ["authority", "agent"], type: "number", name: "客服能答应多少元", ...shown("不用请示就能答应顾客的上限，超过了面板会提醒。") },
    { key: "lead", path: ["authority", "lead"], type: "number", name: "主管能答应多少元", keep: true },
    { key: "admin", path: ["authority", "admin"], type: "number", name: "店主能答应多少元", keep: true },
    { key: "limits", type: "pairs", name: "特殊商品的限制", keyName: "面料或商品", valueName: "怎么处理", more: true, help: "聊到这些商品时面板提醒客服，例如「羊绒」：「先送检再谈补偿」。", add: "加一样" },
    { key: "holidays", type: "words", name: "店里放假的日子", more: true, help: "写成 2027-02-10，用顿号隔开；法定节假日不用写。" },
    { key: "workdays", type: "words", name: "照常上班的周末和节假日", more: true, help: "写成 2027-02-14，用顿号隔开；调休不用写。" },
    { key: "time_zone", type: "line", name: "时区", more: true, ...shown("一般是 Asia/Shanghai。") },
  ],
  "scripts_zh/clocks.yaml": [
    {
      key: "items", type: "records", name: "时钟", add: "加一个时钟", title: (one) => `${one.name || "新时钟"}　${one.time ?? ""}`,
      help: "面板和工作台按这里倒计时。平台规则会变，请对照自己平台现行的规则改。",
      fresh: () => ({ id: `own_${Date.now().toString(36)}`, name: "", starts: "event", time: "", source: ["practice"] }),
      fields: [
        { key: "name", type: "line", name: "名字" },
        { key: "time", type: "line", name: "多久", help: "写成「5 分钟」「48 小时」「15 天」「5 个工作日」。" },
        { key: "platforms", type: "allowances", name: "平台另有规定的", add: "加一个平台" },
        { key: "starts", type: "select", name: "从什么时候算", options: () => STARTS },
        { key: "event", type: "line", name: "发生了什么", help: "「发生了某件事」才填，例如「收到平台投诉」。" },
        { key: "intents", type: "intents", name: "说到哪件事", help: "「顾客说到某件事」才填。" },
        { key: "stops", type: "line", name: "到什么时候停", help: "例如「客服回了这一轮」。" },
        { key: "side", type: "select", name: "该谁做", more: true, options: () => ["", "店铺", "顾客", "平台"].map((one) => [one, one || "店铺"]) },
        { key: "source", type: "words", name: "依据", more: true, help: "文档编号、法条，或者 practice。" },
        { key: "checked", type: "line", name: "核对", more: true, help: "亲自看过平台原文的，写日期和网址；没看过就空着，页面上标「未核对」。" },
      ],
    },
  ],
  "intents/_words.yaml": [
    {
      key: "items", type: "records", name: "词类", add: "加一个词类", title: (one) => one.name || "新词类", about: (one) => one.name,
      help: "句式里写 <名字>，就代表下面任何一个词。加一个词，所有用到它的句式同时生效。",
      fresh: () => ({ name: "", words: [] }),
      fields: [
        { key: "name", type: "line", name: "名字", help: "改了名字，用到它的句式也要跟着改。" },
        { key: "words", type: "list", name: "词", help: "用顿号隔开，或者一行一个。" },
      ],
    },
  ],
  "intents/_emotion.yaml": [
    { key: "mild", type: "list", name: "不满", help: "有失望、有抱怨，话说得克制。太短、会夹在别的词里的字（如「差」）不要单写。" },
    { key: "strong", type: "list", name: "愤怒", help: "强烈的负面词、讽刺、质问、连续指责。" },
    { key: "fierce", type: "list", name: "激烈", help: "脏话、辱骂、诅咒、最后通牒。" },
    { key: "calm", type: "list", name: "看着重、其实平和", help: "出现这些时不算在气头上。" },
  ],
  "scripts_zh/lexicon.txt": [
    { key: "words", type: "list", name: "行业里的词", help: "只加会被切错的词和行话，一行一个或用顿号隔开；整句话、常用的普通词不用加。" },
  ],
};

/**
 * Put beside the fields of a file's form what depends on them. form: the form's element; go(name) shows an entry;
 * value(path): what the form says now.
 */
export async function showUses(name, form, go, value) {
  const { counts, items } = await uses(name);
  for (const [key, count] of Object.entries(counts)) {
    const place = form.querySelector(`[data-about="${CSS.escape(key)}"]`) ?? form.querySelector(`[data-path="${CSS.escape(key)}"]`);
    if (!place) continue;
    const what = name.endsWith("shop.yaml") ? "条话术用到" : "个句式用到";
    const list = el("ul", { class: "plain uses" });
    const block = el("details", { class: "uses-block" }, el("summary", { class: "hint" }, `${count} ${what}`), list);
    block.addEventListener("toggle", () => {
      list.replaceChildren(...items[key].map((use) =>
        el("li", {}, button({ class: "link", onclick: () => go(use.name) }, use.title), " ",
          el("span", { class: "hint" }, filled(use.example, value(key))))), ...(count > items[key].length ? [el("li", { class: "hint" }, `还有 ${count - items[key].length} 处`)] : []));
    });
    place.append(block);
  }
}

/** A bubble with the value of this field in its place; patterns as they are. */
function filled(text, said) {
  return text.replace(/\{\{\s*([^{}|]+?)\s*(\|[^{}]*)?\}\}/g, (_, name) => (said && said.name === name ? said.value || `〔${name}〕` : `〔${name}〕`));
}
