// Times that count down in words, by the service's clock and not this computer's.

import { now } from "./times.js";

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86400;
const SOON = 2 * MINUTE;

/** 40 秒, 5 分钟, 3 小时 20 分, 2 天 4 小时. seconds: 0 or more. */
export function lengthText(seconds) {
  const left = Math.max(0, Math.floor(seconds));
  if (left < MINUTE) return `${left} 秒`;
  if (left < HOUR) return `${Math.floor(left / MINUTE)} 分钟`;
  if (left < DAY) return [`${Math.floor(left / HOUR)} 小时`, rest(left % HOUR, MINUTE, "分")].join("");
  return [`${Math.floor(left / DAY)} 天`, rest(left % DAY, HOUR, "小时")].join("");
}

const rest = (seconds, unit, name) => (seconds >= unit ? ` ${Math.floor(seconds / unit)} ${name}` : "");

/** {text, tone}: what is left until a moment; tone: late, soon or calm. */
export function countdown(iso) {
  const seconds = (new Date(iso) - now()) / 1000;
  if (seconds < 0) return { text: `超了 ${lengthText(-seconds)}`, tone: "late" };
  return { text: `还剩 ${lengthText(seconds)}`, tone: toneOf(seconds) };
}

const toneOf = (seconds) => (seconds < SOON ? "soon" : "calm");

/** The same where there is room for a word: 3分, 超2分, 超时. */
function brief(iso) {
  const seconds = (new Date(iso) - now()) / 1000;
  const minutes = Math.ceil(Math.abs(seconds) / MINUTE);
  if (seconds >= 0) return { text: `${Math.max(1, minutes)}分`, tone: toneOf(seconds) };
  return { text: minutes < 10 ? `超${minutes}分` : "超时", tone: "late" };
}

/** What a clock says. due: its moment; within: it says nothing before so many seconds of it; lead: the words before it. */
function said({ due, within, lead = "", brief: isBrief }) {
  if (within && new Date(due) - now() > within * 1000) return { text: "", tone: "calm" };
  if (isBrief !== undefined) return brief(due);
  const { text, tone } = countdown(due);
  return { text: lead + text, tone };
}

/** Bring every clock on the page up to date. */
export function tick(root = document) {
  for (const node of root.querySelectorAll("[data-due]")) {
    const { text, tone } = said(node.dataset);
    if (node.textContent !== text) node.textContent = text;
    if (node.dataset.tone !== tone) node.dataset.tone = tone;
  }
}
