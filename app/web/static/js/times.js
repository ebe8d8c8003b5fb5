// Times as people say them.

const zone = document.documentElement.dataset.zone || undefined;
const parts = new Intl.DateTimeFormat("zh-CN", {
  timeZone: zone, year: "numeric", month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
});

/** A moment in the shop's time: {year, month, day, time}. */
function told(moment) {
  const found = Object.fromEntries(parts.formatToParts(moment).map(({ type, value }) => [type, value]));
  return { year: +found.year, month: +found.month, day: +found.day, time: `${found.hour}:${found.minute}` };
}

const dayNames = ["今天", "明天", "后天"];

const dayNumber = ({ year, month, day }) => Date.UTC(year, month - 1, day) / 86400000;
const daysBetween = (from, to) => dayNumber(told(to)) - dayNumber(told(from));

/** 「11 月 22 日 15:04」 in the shop's time, with the year when it is another one. */
export function momentText(iso, now = new Date()) {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return "";
  const { year, month, day, time } = told(at);
  return `${year === told(now).year ? "" : `${year} 年 `}${month} 月 ${day} 日 ${time}`;
}

/** Deadlines worth promising from now on: the soonest first, never one that is nearly over. */
export function deadlineChoices(now = new Date()) {
  const hour = now.getHours();
  if (hour < 16) return ["今天 18:00", "明天 12:00", "后天 12:00"];
  if (hour < 19) return ["今天 21:00", "明天 12:00", "后天 12:00"];
  return ["明天 12:00", "明天 18:00", "后天 12:00"];
}

export function dateChoices(now = new Date()) {
  return [0, 1, 2].map((days) => {
    const date = new Date(now.getFullYear(), now.getMonth(), now.getDate() + days);
    return `${date.getMonth() + 1}月${date.getDate()}日`;
  });
}

/** A moment as fields of the kind datetime-local want it. */
export function localText(at) {
  const two = (number) => String(number).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** When something was said: the time today, else with the day. */
export function saidText(iso, now = new Date()) {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return "";
  const { time } = told(at);
  const days = daysBetween(at, now);
  if (days === 0) return time;
  return days === 1 ? `昨天 ${time}` : momentText(iso, now);
}

/** 今天 18:00 前, 明天 09:30 前, 11 月 25 日 12:00 前; 已过 when it is over. */
export function dueText(iso, now = new Date()) {
  const due = new Date(iso);
  if (Number.isNaN(due.getTime())) return "";
  if (due < now) return "时间已过";
  const { month, day, time } = told(due);
  return `${dayNames[daysBetween(now, due)] ?? `${month} 月 ${day} 日`} ${time} 前`;
}
