// Times that count down in words, by the service's clock and not this computer's.

import { now } from "../times.js";

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
  return { text: `还剩 ${lengthText(seconds)}`, tone: seconds < SOON ? "soon" : "calm" };
}

/** Bring every clock on the page up to date. */
export function tick(root = document) {
  for (const node of root.querySelectorAll("[data-due]")) {
    const { text, tone } = countdown(node.dataset.due);
    if (node.textContent !== text) node.textContent = text;
    if (node.dataset.tone !== tone) node.dataset.tone = tone;
  }
}
