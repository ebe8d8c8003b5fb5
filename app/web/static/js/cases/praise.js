// Reviews pasted in, one a line, summed up by what they complain of.

import { byId, el } from "../dom.js";
import { call } from "./service.js";

const MOST = 200;
const LONGEST = 1000;

byId("read").addEventListener("click", async () => {
  const cut = (line) => [...line.trim()].slice(0, LONGEST).join("");
  const texts = byId("reviews").value.split("\n").map(cut).filter(Boolean);
  if (!texts.length) return;
  byId("state").textContent = "正在看";
  try {
    const { items } = await call("POST", "/registers/praise", { texts: texts.slice(0, MOST) });
    byId("found").replaceChildren(...items.map(group));
    const rest = texts.length > MOST ? `，只看了前 ${MOST} 条` : "";
    byId("state").textContent = items.length ? `看完了${rest}` : `没有提到问题${rest}`;
  } catch (error) {
    byId("state").textContent = error.message;
  }
});

function group({ category, count, intents, samples }) {
  const names = Object.entries(intents).map(([name, times]) => `${name} ${times}`);
  const lines = samples.map((text) => el("li", {}, text));
  return el("div", {}, el("p", {}, el("strong", {}, `${category} ${count}`), `　${names.join("、")}`), el("ul", {}, lines));
}
document.documentElement.dataset.ready = "true";
