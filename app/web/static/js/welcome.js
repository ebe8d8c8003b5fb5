// Nothing pasted yet: on the first visit three messages to try, later one line.

import { button, byId, el, swap } from "./dom.js";
import { take } from "./message.js";
import { current, on } from "./state.js";
import { saveSetting, setting } from "./store.js";

const EXAMPLES = [
  "上次买的毛衣都缩水了，还起球，那么贵",
  "说好昨天发货到现在没动静，再不发我打12315",
  "身高163体重108，这条裙子拿什么码合适",
];

export function startWelcome() {
  for (const event of ["result", "customers"]) on(event, draw);
  on("sent", () => saveSetting("known", true));
}

function draw() {
  const box = byId("welcome");
  const empty = !current().text.trim();
  box.hidden = !empty;
  byId("shell").classList.toggle("blank-page", empty);
  if (empty) swap(box, setting("known", false) || current().turns.length ? again() : first());
}

function first() {
  const examples = EXAMPLES.map((text) => el("li", {}, button({ onclick: () => take(text) }, text)));
  return [
    el("h2", {}, "先点一句试试"),
    el("ul", { class: "examples" }, examples),
    el(
      "p",
      { class: "legend" },
      "句子里",
      el("mark", { class: "hue-1" }, "这样标出"),
      "的字，就是判断的依据；颜色和下面的意图对应。",
    ),
    el(
      "p",
      { class: "legend" },
      "平时把顾客的话粘贴到页面任何地方，按 ",
      el("kbd", {}, "1"),
      " 就复制第一条话术。",
    ),
  ];
}

function again() {
  return [
    el(
      "p",
      { class: "legend" },
      "把顾客的话粘贴到页面任何地方就行。按 ",
      el("kbd", {}, "/"),
      " 搜话术，按 ",
      el("kbd", {}, "?"),
      " 看全部快捷键。",
    ),
  ];
}
