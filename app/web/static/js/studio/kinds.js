// Which fields each kind of content has, in the order a trainer thinks of them.
import { words } from "./common.js";

const stages = () => Object.entries(words.stages);
const named = (list) => () => list.map((name) => [name, name]);
const PATTERNS =
  "词之间用空格表示紧挨着；「|」是或者；「…4」中间最多隔 4 个字；「!没」同一小句里没有这个词；「^」句首，「$」句尾；<洗> 是词类里的任何一个词。" +
  "例如：<洗> …8 变短|变小 !没";

export const FIELDS = {
  script: [
    { key: "title", type: "line" },
    { key: "bubbles", type: "bubbles", name: "气泡", help: "一条气泡一件事，20 到 60 字。打 {{ 或点「插入空」可以填称呼、时限等。", add: "加一条气泡" },
    { key: "images", type: "images", help: "尺码表、洗护图这类，和话术一起出现在面板上，客服点一下就能复制。PNG、JPG、WebP，最多 5 MB。" },
    { key: "stage", type: "select", options: stages },
    { key: "tone", type: "select", options: named(words.tones) },
    { key: "acts", type: "acts", help: "这句话做了什么：做过的，面板不会再让客服做一遍。", add: "加一件" },
    { key: "when", type: "when", more: true, help: "全部满足才出这条；不写就是都能用。", add: "加一个条件" },
    { key: "also", type: "checks", more: true, options: stages },
    { key: "also_for", type: "intents", more: true },
    { key: "ahead_of", type: "words", more: true, help: "两条都能用时，这条排在它们前面；写话术的编号。" },
    { key: "valid", type: "valid", more: true, help: "活动话术写上日期，过期就不再出。" },
    { key: "source", type: "words", more: true, help: "依据：文档编号、法条，或者 practice。" },
  ],
  intent: [
    { key: "name", type: "line" },
    { key: "definition", type: "text" },
    { key: "not", type: "text" },
    { key: "examples", type: "examples", help: "顾客会怎么说。写得像五十个不同的顾客；可以从表格里一次粘贴多行。", add: "加一句", first: true },
    { key: "not_examples", type: "examples", miss: true, help: "看着像、其实不是的话。", add: "加一句" },
    { key: "patterns", type: "lines", help: PATTERNS, add: "加一个句式" },
    { key: "weak_patterns", type: "lines", more: true, help: "单独出现不算，和样例也像时才算。", add: "加一个句式" },
    { key: "held_out", type: "examples", more: true, help: "不参加学习，只用来考试。至少 5 句，请没写样例的人来写。", add: "加一句" },
    { key: "ask", type: "asks", more: true, add: "加一件" },
    { key: "kind", type: "select", more: "later", options: () => Object.entries(words.kinds) },
    { key: "group", type: "select", more: "later", options: () => words.groups ?? [] },
    { key: "yields_to", type: "intents", more: true, help: "同一句话里有这些意图时，就不再算本意图。" },
    { key: "banner", type: "select", more: true, options: () => [["", "不亮"], ["true", "亮红条"]] },
  ],
  guide: [
    { key: "do", path: ["guidance", "do"], type: "lines", add: "加一条" },
    { key: "dont", path: ["guidance", "dont"], type: "lines", add: "加一条" },
    { key: "cards", type: "lines", more: true, help: "写知识卡的编号，在「知识卡」里能看到。", add: "加一张" },
    { key: "rules", type: "lines", more: true, help: "写处理规则的编号。", add: "加一条" },
  ],
  card: [
    { key: "title", type: "line" },
    {
      key: "kind", type: "select", name: "种类",
      options: () => [["law", "法律"], ["platform", "平台规则"], ["procedure", "流程"], ["knowledge", "知识"], ["caution", "提醒"]],
    },
    { key: "text", type: "text" },
    { key: "source", type: "words" },
    { key: "checked", type: "line", more: true, help: "亲自读过原文的日期和地址；没读过就空着。" },
    { key: "regions", type: "checks", more: true, options: named(words.facts.地区) },
  ],
  rule: [
    { key: "title", type: "line" },
    { key: "intents", type: "intents" },
    { key: "when", type: "when", add: "加一个条件" },
    { key: "freight", path: ["outcome", "freight"], type: "select", options: () => ["", "店铺", "顾客", "快递", "待定"].map((one) => [one, one || "不说"]) },
    { key: "remedies", path: ["outcome", "remedies"], type: "checks", options: named(words.remedies) },
    { key: "deadlines", path: ["outcome", "deadlines"], type: "deadlines", add: "加一个期限" },
    { key: "approval", path: ["outcome", "approval"], type: "select", options: () => ["", "客服", "主管", "店长"].map((one) => [one, one || "不说"]) },
    { key: "steps", path: ["outcome", "steps"], type: "lines", add: "加一步" },
    { key: "reason", type: "text" },
    { key: "source", type: "words" },
  ],
  guard: [
    { key: "title", type: "line" },
    { key: "level", type: "select", options: () => [["block", "拦下，改了才能发"], ["warn", "提醒，客服自己定"]] },
    { key: "patterns", type: "lines", help: PATTERNS, add: "加一个句式" },
    { key: "reason", type: "text" },
    { key: "rewrite", type: "text" },
    { key: "platforms", type: "checks", more: true, options: named(words.facts.平台) },
    { key: "source", type: "words" },
  ],
};

const fresh = () => Date.now().toString(36) + Math.floor(Math.random() * 36).toString(36);

/** A new entry of a kind, with a name that is not taken: {name, pack, data}. */
export function blank(kind, pack, near = {}) {
  const own = `own_${fresh()}`;
  if (kind === "script") {
    const stage = near.stage ?? "confirm";
    const owner = near.intent?.startsWith("_common.") ? "common" : near.intent;
    const data = { title: "", stage, tone: near.tone ?? words.tones[0], bubbles: [""], source: ["practice"] };
    return { name: `script:${owner}.${stage}.${own}`, pack, data };
  }
  const data = {
    intent: { name: "", group: near.group, kind: near.kind ?? "complaint", examples: [], held_out: [], patterns: [] },
    card: { title: "", kind: "knowledge", text: "", source: ["practice"] },
    rule: { title: "", intents: [], outcome: {}, reason: "", source: ["practice"] },
    guard: { title: "", level: "warn", patterns: [], reason: "", source: ["practice"] },
  }[kind];
  return { name: kind === "card" ? `card:${pack}.${own}` : `${kind}:${own}`, pack, data };
}
