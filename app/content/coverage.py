"""Which cells of intent × stage × tone have scripts, and which are holes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.content.model import Content, Intent, Script


@dataclass(frozen=True, slots=True)
class Cell:
    """How many scripts fit: the intent's own (also_for included) and common ones."""

    intent: str
    stage: str
    tone: str
    own: int
    common: int


def cells(content: Content) -> list[Cell]:
    """Every cell an intent's group demands, in the order of the groups."""
    found = []
    order = {group: at for at, group in enumerate(content.groups)}
    for intent in sorted(
        content.intents.values(), key=lambda intent: (order.get(intent.group, 99), intent.id)
    ):
        group = content.groups[intent.group]
        if intent.id == "other":
            continue
        for stage in group.stages:
            for tone in group.tones:
                fitting = [
                    script for script in content.scripts.values() if _fits(script, intent, stage, tone)
                ]
                common = sum(script.common for script in fitting)
                found.append(Cell(intent.id, stage, tone, len(fitting) - common, common))
    return found


def _fits(script: Script, intent: Intent, stage: str, tone: str) -> bool:
    if script.tone != tone or stage not in (script.stage, *script.also):
        return False
    if script.common:
        return script.pack in ("common", intent.pack) and intent.kind in ("complaint", "enquiry")
    return intent.id in (script.intent, *script.also_for)


def holes(found: Iterable[Cell]) -> list[Cell]:
    return [cell for cell in found if cell.own + cell.common == 0]


def report(content: Content) -> str:
    """A line per intent and tone with the number of scripts in each stage, then the holes by name."""
    found = cells(content)
    lines = []
    rows: dict[tuple[str, str], list[str]] = {}
    for cell in found:
        shown = f"{cell.stage} {cell.own}" + (f"+{cell.common}" if cell.common else "")
        rows.setdefault((cell.intent, cell.tone), []).append(
            shown if cell.own + cell.common else f"{cell.stage} 缺"
        )
    for (intent, tone), stages in rows.items():
        lines.append(f"{content.intents[intent].name}（{intent}） {tone}：" + "  ".join(stages))
    missing = holes(found)
    lines.append(
        f"\n共 {len(found)} 格，{len(found) - len(missing)} 格有话术"
        + (f"，缺 {len(missing)} 格：" if missing else "，没有缺口。")
    )
    lines += [
        f"  {content.intents[cell.intent].name}（{cell.intent}） {cell.stage} {cell.tone}" for cell in missing
    ]
    return "\n".join(lines)
