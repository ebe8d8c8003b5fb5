// The open conversations. While the pointer or the focus is among them nothing changes its place.

import { el } from "../dom.js";
import { tick } from "../countdown.js";

const MOODS = ["", "mood-1", "mood-2", "mood-3"];
const rows = new Map();

/** What the service calls a customer it knows no name and no order of. */
export const UNNAMED = "没写名字的顾客";

/** Show the lines in `list`. held: keep everything where it is, and add what is new at the end. */
export function drawLines(list, lines, held) {
  const seen = new Set(lines.map((line) => line.conversation_id));
  for (const [id, row] of rows) {
    if (seen.has(id)) continue;
    row.remove();
    rows.delete(id);
  }
  for (const line of lines) {
    const row = rows.get(line.conversation_id);
    const stamp = JSON.stringify([line.words, line.last_role, line.due_at, line.time_of, line.stage, line.emotion, line.rising, line.risks, line.agent, line.customer]);
    if (row?.dataset.stamp === stamp) continue;
    const fresh = row ?? el("li", { class: "desk-line" });
    fresh.dataset.stamp = stamp;
    fill(fresh, line);
    rows.set(line.conversation_id, fresh);
  }
  place(list, lines, held);
  tick(list);
}

function fill(row, line) {
  const link = row.querySelector("a") ?? el("a", {});
  link.href = address(line.conversation_id);
  link.replaceChildren(...cells(line));
  if (!link.parentNode) row.append(link);
}

function place(list, lines, held) {
  if (held) {
    for (const line of lines) {
      const row = rows.get(line.conversation_id);
      if (!row.parentNode) list.append(row);
    }
    return;
  }
  const wanted = lines.map((line) => rows.get(line.conversation_id));
  if (wanted.every((row, index) => list.children[index] === row)) return;
  const focused = list.contains(document.activeElement) ? document.activeElement : null;
  list.replaceChildren(...wanted);
  focused?.focus({ preventScroll: true });
}

const address = (id) => `/?conversation=${encodeURIComponent(id)}`;

function cells(line) {
  const said = line.last_role === "agent" ? "我们：" : "";
  return [
    el(
      "span",
      { class: "desk-clock" },
      line.due_at ? el("b", { data: { due: line.due_at } }) : el("span", { class: "hint" }, "没有在计时"),
      el("span", { class: "hint" }, line.time_of),
    ),
    el(
      "span",
      { class: "desk-who" },
      el("strong", { class: line.customer === UNNAMED ? "unnamed" : null }, line.customer),
      el("span", { class: "desk-words" }, said, line.words || "（图片或文件）"),
    ),
    el("span", { class: "desk-stage" }, line.stage_name),
    el(
      "span",
      { class: "desk-marks" },
      line.emotion > 0 && el("span", { class: `tag ${MOODS[line.emotion]}` }, line.emotion_name, line.rising ? " ↗" : ""),
      line.risks.map((risk) => el("span", { class: risk.banner ? "tag risk" : "tag soon" }, risk.name)),
    ),
    el("span", { class: "desk-agent hint" }, line.agent || "没人接"),
  ];
}

/** Alerts: customers whose temper climbs. */
export function drawAlerts(box, lines) {
  const rising = lines.filter((line) => line.rising);
  box.hidden = !rising.length;
  box.replaceChildren(
    ...(rising.length
      ? [
          el(
            "p",
            { class: "note bad" },
            "情绪在升级：",
            rising.map((line, index) => [
              index ? "、" : "",
              el("a", { class: "link", href: address(line.conversation_id) }, line.customer),
            ]),
          ),
        ]
      : []),
  );
}
