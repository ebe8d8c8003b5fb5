"""Which cells of intent × stage × tone have scripts, where each line of the seed documents landed, and the holes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from app.content.load import load
from app.content.model import Content

SOURCES: Final = "docs/sources.yaml"
_NEEDS: Final[dict[str, frozenset[str]]] = {
    "script": frozenset({"script"}),
    "card": frozenset({"card"}),
    "rule": frozenset({"rule"}),
    "caution": frozenset({"card", "guard"}),
    "feature": frozenset({"page", "test"}),
    "register": frozenset({"page", "test"}),
}
_OF_THE_PROGRAM: Final = frozenset({"page", "test"})


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
    own: Counter[tuple[str, str, str]] = Counter()
    common: Counter[tuple[str, str, str]] = Counter()
    for script in content.scripts.values():
        for stage in {script.stage, *script.also}:
            if script.common:
                common[script.pack, stage, script.tone] += 1
            else:
                own.update((intent, stage, script.tone) for intent in {script.intent, *script.also_for})
    found = []
    order = {group: at for at, group in enumerate(content.groups)}
    for intent in sorted(
        content.intents.values(), key=lambda intent: (order.get(intent.group, 99), intent.id)
    ):
        group = content.groups[intent.group]
        if intent.id == "other":
            continue
        packs = {"common", intent.pack} if intent.kind in ("complaint", "enquiry") else set()
        for stage in group.stages:
            for tone in group.tones:
                fitting = sum(common[pack, stage, tone] for pack in packs)
                found.append(Cell(intent.id, stage, tone, own[intent.id, stage, tone], fitting))
    return found


def holes(found: Iterable[Cell]) -> list[Cell]:
    """Cells that no script fills, neither an own one nor a common one."""
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


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line of the seed documents. landed: script ids, and card:, rule:, guard: ids; for what the
    program does, page: paths and test: names (tests/test_sources.py looks them up). planned: built later.
    """

    id: str
    kind: str
    title: str
    landed: tuple[str, ...]
    planned: bool


def read_sources(text: str) -> list[SourceLine]:
    """The lines of docs/sources.yaml. Raises ValueError in Chinese when it does not read as such."""
    loaded = load({SOURCES: text})
    if SOURCES not in loaded.parsed:
        raise ValueError("\n".join(str(problem) for problem in loaded.problems))
    data = loaded.parsed[SOURCES].data
    try:
        return [_source_line(item) for item in data["items"]]
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"{SOURCES} 每一条都要有 id、kind、title、landed") from error


def _source_line(item: dict[str, str | list[str]]) -> SourceLine:
    planned = item.get("planned") == "true"
    return SourceLine(str(item["id"]), str(item["kind"]), str(item["title"]), tuple(item["landed"]), planned)


def source_holes(lines: Iterable[SourceLine], content: Content) -> list[str]:
    """What keeps a line from having landed, a Chinese sentence each: nothing there, or nothing of the kind it asks for."""
    known = {
        "script": content.scripts.keys(),
        "card": content.cards.keys(),
        "rule": content.rules.keys(),
        "guard": content.guard.keys(),
    }
    found = []
    for line in lines:
        landings = [_landing(name) for name in line.landed]
        found += [
            f"{line.id} {line.title}：没有「{name}」"
            for name, (kind, ident) in zip(line.landed, landings, strict=True)
            if kind not in _OF_THE_PROGRAM and ident not in known.get(kind, ())
        ]
        absent = _NEEDS.get(line.kind, frozenset()) - {kind for kind, _ in landings}
        if absent and not line.planned:
            found.append(f"{line.id} {line.title}：还没有落点（{'、'.join(sorted(absent))}）")
    return found


def _landing(name: str) -> tuple[str, str]:
    kind, colon, ident = name.partition(":")
    return (kind, ident) if colon else ("script", name)


def sources_report(lines: list[SourceLine], missing: list[str]) -> str:
    """The summary of docs/sources.yaml and a line for each of `missing`, as `huashu coverage` prints it."""
    planned = sum(line.planned for line in lines)
    holed = {text.split(" ", 1)[0] for text in missing}
    landed = sum(not line.planned and line.id not in holed for line in lines)
    summary = f"种子文档共 {len(lines)} 条，{landed} 条已落到内容或功能里，{planned} 条待实现"
    return "\n".join([summary + (f"，缺口 {len(missing)} 处：" if missing else "，没有缺口。"), *missing])
