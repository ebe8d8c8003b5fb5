// Times as people say them.

const pad = (number) => String(number).padStart(2, "0");
const startOfDay = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate());
const dayNames = ["今天", "明天", "后天"];

const daysBetween = (from, to) => Math.round((startOfDay(to) - startOfDay(from)) / 86400000);

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

/** When something was said: the time today, else with the day. */
export function saidText(iso, now = new Date()) {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return "";
  const time = `${pad(at.getHours())}:${pad(at.getMinutes())}`;
  const days = daysBetween(at, now);
  if (days === 0) return time;
  return days === 1 ? `昨天 ${time}` : `${at.getMonth() + 1}月${at.getDate()}日 ${time}`;
}

/** 今天 18:00 前, 明天 09:30 前, 11月25日 12:00 前; 已过 when it is over. */
export function dueText(iso, now = new Date()) {
  const due = new Date(iso);
  if (Number.isNaN(due.getTime())) return "";
  if (due < now) return "时间已过";
  const day = dayNames[daysBetween(now, due)] ?? `${due.getMonth() + 1}月${due.getDate()}日`;
  return `${day} ${pad(due.getHours())}:${pad(due.getMinutes())} 前`;
}
