// Times as people say them: by the service's clock and in the shop's zone, whatever this computer's say.

const { zone = undefined, now: rendered } = document.documentElement.dataset;
const SLACK = 5000;
const DAY = 86400000;
let ahead = 0;

/** Take over the service's time, as text; without one nothing changes. A few seconds are the way of the answer, not a wrong clock. */
export function setNow(text) {
  const found = Date.parse(text ?? "") - Date.now();
  if (Math.abs(found - ahead) > SLACK) ahead = found;
}

setNow(rendered);

/** The service's time. */
export const now = () => new Date(Date.now() + ahead);

const parts = new Intl.DateTimeFormat("zh-CN", {
  timeZone: zone, year: "numeric", month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
});

/** A moment in the shop's time: {year, month, day, time}. */
function told(moment) {
  const found = Object.fromEntries(parts.formatToParts(moment).map(({ type, value }) => [type, value]));
  return { year: +found.year, month: +found.month, day: +found.day, time: `${found.hour}:${found.minute}` };
}

const dayNames = ["今天", "明天", "后天"];

const dayNumber = ({ year, month, day }) => Date.UTC(year, month - 1, day) / DAY;
const daysBetween = (from, to) => dayNumber(told(to)) - dayNumber(told(from));

/** 「11 月 22 日 15:04」 in the shop's time, with the year when it is another one. */
export function momentText(iso, today = now()) {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return "";
  const { year, month, day, time } = told(at);
  return `${year === told(today).year ? "" : `${year} 年 `}${month} 月 ${day} 日 ${time}`;
}

/** Deadlines worth promising from now on: the soonest first, never one that is nearly over. */
export function deadlineChoices(moment = now()) {
  const hour = parseInt(told(moment).time, 10);
  if (hour < 16) return ["今天 18:00", "明天 12:00", "后天 12:00"];
  if (hour < 19) return ["今天 21:00", "明天 12:00", "后天 12:00"];
  return ["明天 12:00", "明天 18:00", "后天 12:00"];
}

export function dateChoices(moment = now()) {
  return [0, 1, 2].map((days) => {
    const date = new Date((dayNumber(told(moment)) + days) * DAY);
    return `${date.getUTCMonth() + 1}月${date.getUTCDate()}日`;
  });
}

/** A moment as fields of the kind datetime-local want it, in the shop's time. */
export function localText(at) {
  const { year, month, day, time } = told(at);
  const two = (number) => String(number).padStart(2, "0");
  return `${year}-${two(month)}-${two(day)}T${time}`;
}

/** The moment that such a field names. */
export function momentOf(text) {
  const wanted = Date.parse(`${text}Z`);
  const off = (at) => wanted - Date.parse(`${localText(new Date(at))}Z`);
  // twice: what the zone is off by may change in between
  const near = wanted + off(wanted);
  return new Date(near + off(near));
}

/** When something was said: the time today, else with the day. */
export function saidText(iso, today = now()) {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return "";
  const { time } = told(at);
  const days = daysBetween(at, today);
  if (days === 0) return time;
  return days === 1 ? `昨天 ${time}` : momentText(iso, today);
}

/** 今天 18:00 前, 明天 09:30 前, 11 月 25 日 12:00 前; 已过 when it is over. */
export function dueText(iso, today = now()) {
  const due = new Date(iso);
  if (Number.isNaN(due.getTime())) return "";
  if (due < today) return "时间已过";
  const { month, day, time } = told(due);
  return `${dayNames[daysBetween(today, due)] ?? `${month} 月 ${day} 日`} ${time} 前`;
}
