// From the customer's words to an answer: at once or after a pause in typing, newest wins, retried while the service is away.

import { suggest } from "./api.js";
import { forgetAnswers } from "./blanks.js";
import { contextOf, store, takeAnswer } from "./conversation.js";
import { announce } from "./dom.js";
import { PRODUCT, answerLimit, current, emit, save, setStatus, status, vocabulary } from "./state.js";
import { setting } from "./store.js";
import { points } from "./text.js";

const PAUSE = 250;
const RETRY_AFTER = [1000, 2000, 4000, 8000, 15000];
const PATIENCE = 2500;

let newest = 0;
let running = null;
let waiting = 0;
let failures = 0;

export function analyseSoon() {
  clearTimeout(waiting);
  waiting = setTimeout(analyse, PAUSE);
}

/** again: ask anew although the stored message has been answered. */
export async function analyse({ again = false } = {}) {
  clearTimeout(waiting);
  running?.abort();
  const mine = ++newest;
  const customer = current();
  if (!customer.text.trim()) return show(customer, null);
  const length = points(customer.text).length;
  if (length > vocabulary.messageLimit) return setStatus({ text: tooLong(length) });
  running = new AbortController();
  setStatus(failures ? status.note : null, true);
  try {
    const text = customer.text;
    const answer = await ask(customer, running.signal, again);
    if (mine === newest) accept(customer, { ...answer, text });
  } catch (error) {
    if (mine === newest) fail(error);
  }
}

/** A message that is stored is answered with that; without the store, after corrections and while typing, by asking. */
async function ask(customer, signal, again) {
  const id = customer.messageId;
  if (id) {
    const late = new Promise((resolve) => setTimeout(resolve, PATIENCE));
    try {
      await Promise.race([store(customer), late]);
    } catch (error) {
      if (!error.passing) throw error;
    }
    const answer = takeAnswer(id);
    if (answer && !again && !customer.stage && !customer.intents && !customer.slots[PRODUCT]) return answer;
  }
  signal.throwIfAborted();
  try {
    return await suggest(requestFor(customer), signal);
  } catch (error) {
    // the stored conversation is gone: tell what was said
    if (error.status !== 404) throw error;
    return suggest(requestFor(customer, true), signal);
  }
}

const tooLong = (length) =>
  `这段话有 ${length} 个字，一次最多看 ${vocabulary.messageLimit} 个字，删掉一些就能分析`;

function requestFor(customer, tellAll = false) {
  const request = {
    message: customer.text,
    ...contextOf(customer, tellAll),
    channel: "panel",
    shop: setting("shop", null),
    tone: setting("tone", null),
    slots: customer.slots[PRODUCT] ? { [PRODUCT]: customer.slots[PRODUCT] } : {},
    facts: customer.facts,
    limit: answerLimit(customer),
  };
  if (customer.stage) request.stage = customer.stage;
  if (customer.intents) request.intents = customer.intents;
  return request;
}

function accept(customer, answer) {
  failures = 0;
  if (customer.result?.text !== answer.text) forgetAnswers(customer);
  keepRisks(customer, answer);
  show(customer, answer);
  announce(summary(answer));
}

function show(customer, answer) {
  customer.result = answer;
  customer.order = answer?.slots?.find((slot) => slot.name === "订单号")?.value ?? customer.order;
  save();
  setStatus(null);
  if (customer === current()) emit("result");
}

/** A risk stays until somebody has dealt with it, also when later messages no longer mention it. */
function keepRisks(customer, answer) {
  const named = new Set((answer.risks ?? []).map((risk) => risk.id));
  customer.risks = customer.risks.filter((risk) => risk.text !== answer.text || named.has(risk.id));
  for (const risk of answer.risks ?? []) {
    if (risk.banner === false || risk.id === "negative_review") continue;
    const known = customer.risks.find((one) => one.id === risk.id);
    if (!known) customer.risks.push({ ...risk, text: answer.text, state: "open" });
    else if (known.state === "open" || risk.evidence?.length) Object.assign(known, risk, { text: answer.text, state: "open" });
  }
}

function summary(answer) {
  const names = answer.intents.map((intent) => intent.name).join("、");
  const found = answer.abstained || !names ? "没认出具体问题" : `认出${names}`;
  return `${found}，情绪${answer.emotion.name}，${answer.suggestions.length} 条话术`;
}

function fail(error) {
  if (error.status === 401 || error.code === "csrf_failed") {
    return setStatus({ text: "页面开得太久，登录已过期", reload: true });
  }
  if (!error.passing) return setStatus({ text: error.message });
  const wait = RETRY_AFTER[Math.min(failures++, RETRY_AFTER.length - 1)];
  setStatus({ text: "连不上话术助手，正在重试", retry: true });
  waiting = setTimeout(analyse, wait);
}

/** Try again at once: the network is back or the agent asked for it. */
export function retryNow() {
  failures = 0;
  analyse();
}
