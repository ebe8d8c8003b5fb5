"""How well the engine does on labelled messages: per intent, confusions, the worst errors; the gate of a release."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from app.content.model import Content
from app.nlu.engine import Engine
from app.types import Analysis

FLOOR: Final = 0.6
ENOUGH: Final = 5
"""An intent under FLOOR on at least ENOUGH of its own held-out sentences fails the gate."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A message with what it expresses; `maybe`: neither demanded nor punished. Empty intents: nothing to be found."""

    text: str
    intents: frozenset[str]
    maybe: frozenset[str] = frozenset()

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> Labelled:
        """From a line of a labelled file: {"text", "intents", "maybe"?}; `other` stands for nothing to be found.
        Raises KeyError.
        """
        return cls(row["text"], frozenset(row["intents"]) - {"other"}, frozenset(row.get("maybe", ())))


@dataclass(slots=True)
class Count:
    """How often an intent was found rightly, wrongly, and not at all; f1 and recall are 1 where there was nothing to find."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def f1(self) -> float:
        """2·right / (2·right + wrong + missed), from 0 to 1."""
        total = 2 * self.right + self.wrong + self.missed
        return 2 * self.right / total if total else 1.0

    @property
    def recall(self) -> float:
        """right / (right + missed), from 0 to 1."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0


@dataclass(slots=True)
class Result:
    """Counts over labelled messages. silent: those with nothing to answer; refused: those to be answered that were not.

    errors: the score of the most confident wrong intent, the message, what was made of it.
    """

    counts: dict[str, Count] = field(default_factory=dict)
    confusions: Counter[tuple[str, str]] = field(default_factory=Counter)
    errors: list[tuple[float, Labelled, Analysis]] = field(default_factory=list)
    messages: int = 0
    first_right: int = 0
    silent: int = 0
    silent_answered: int = 0
    refused: int = 0

    @property
    def total(self) -> Count:
        """All intents together; its f1 is the micro-F1."""
        counts = self.counts.values()
        return Count(
            sum(c.right for c in counts), sum(c.wrong for c in counts), sum(c.missed for c in counts)
        )

    @property
    def under_floor(self) -> list[str]:
        """Intents asked at least ENOUGH times whose F1 is under FLOOR."""
        return sorted(
            name
            for name, count in self.counts.items()
            if count.right + count.missed >= ENOUGH and count.f1 < FLOOR
        )


def evaluate(engine: Engine, gold: Sequence[Labelled]) -> Result:
    """Run every message and count; errors come with the score of the most confident wrong intent."""
    result = Result(messages=len(gold))
    for message in gold:
        analysis = engine.analyse(message.text)
        found = [intent.id for intent in analysis.intents]
        allowed = message.intents | message.maybe
        wrong = [name for name in found if name not in allowed]
        missed = sorted(message.intents - set(found))
        for name in found:
            if name in message.intents:
                result.counts.setdefault(name, Count()).right += 1
        for name in wrong:
            result.counts.setdefault(name, Count()).wrong += 1
        for name in missed:
            result.counts.setdefault(name, Count()).missed += 1
        result.confusions.update(
            (gone, came) for gone in missed or ["—"] for came in wrong or ["—"] if wrong or missed
        )
        result.first_right += (
            (found[0] in allowed) if found else (not message.intents or "other" in message.maybe)
        )
        result.silent += not message.intents
        result.silent_answered += not message.intents and bool(found)
        result.refused += bool(message.intents) and not found and "other" not in message.maybe
        if wrong or missed:
            worst = max((intent.score for intent in analysis.intents if intent.id in wrong), default=0.0)
            result.errors.append((worst, message, analysis))
    return result


def report(result: Result, content: Content, errors: int) -> str:
    """The figures as text for a person."""
    lines = ["意图                    对   多   漏   F1"]
    ordered = sorted(result.counts.items(), key=lambda item: -(item[1].wrong + item[1].missed))
    lines += [f"{name:<22}{c.right:>4}{c.wrong:>5}{c.missed:>5}  {c.f1:.2f}" for name, c in ordered]
    lines.append("\n最常混淆（该有 → 判成）")
    lines += [f"  {gone} → {came}  {times}" for (gone, came), times in result.confusions.most_common(15)]
    lines.append("\n判错的消息（最有把握的在前）")
    for score, message, analysis in sorted(result.errors, key=lambda item: -item[0])[:errors]:
        found = (
            "、".join(f"{intent.id} {intent.score:.2f}" for intent in analysis.intents)
            or f"（{analysis.abstained}）"
        )
        lines.append(
            f"  {score:.2f} {message.text[:80]!r} 该是 {'、'.join(sorted(message.intents)) or '不答'}；判成 {found}"
        )
    total = result.total
    answered = (
        f"不该答的 {result.silent} 条里答了 {result.silent_answered} 条"
        if result.silent
        else "没有不该答的消息"
    )
    lines.append(
        f"\n{result.messages} 条消息：micro-F1 {total.f1:.3f}，首个意图对 {result.first_right / max(1, result.messages):.3f}，"
        f"{answered}，该答没答 {result.refused} 条"
    )
    if result.under_floor:
        lines.append(
            f"低于 {FLOOR} 的意图："
            + "、".join(
                f"{content.intents[name].name}({name})"
                for name in result.under_floor
                if name in content.intents
            )
        )
    return "\n".join(lines)
