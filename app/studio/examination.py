"""The examination before a publish: every labelled message under the live release and under the draft, side by side.

The messages are the shop's own golden ones and the held-out sentences of both contents, so that taking a hard sentence out of
the draft does not make it easier.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from app.content.model import Content
from app.nlu.engine import Engine
from app.nlu.evaluate import FLOOR, Labelled, Result, evaluate

RISK: Final = "risk"
MAX_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Case:
    """A message with its right intents. origin: "golden" or "held_out"."""

    text: str
    intents: tuple[str, ...]
    origin: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A message the two contents understand differently, or both wrongly. right, before, after: names of intents."""

    text: str
    origin: str
    right: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Floor:
    """An intent that is understood too seldom. before, after: how well, from 0 to 1. falls: it was better before."""

    intent: str
    name: str
    before: float
    after: float
    falls: bool


@dataclass(frozen=True, slots=True)
class Missed:
    """A risk that is not seen in a message. refused: this keeps the draft from being published."""

    text: str
    origin: str
    risk: str
    refused: bool


@dataclass(frozen=True)
class Outcome:
    """better, worse: message by message. refusals: the sentences that keep the draft from being published; () passed."""

    messages: int
    golden: int
    right_before: int
    right_after: int
    better: tuple[Difference, ...]
    worse: tuple[Difference, ...]
    floors: tuple[Floor, ...]
    missed: tuple[Missed, ...]
    refusals: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """As it is stored with the run and told by the API."""
        return asdict(self)


def cases(live: Content, draft: Content, golden: Iterable[tuple[str, Sequence[str]]]) -> list[Case]:
    """The messages to ask; an intent the draft does not have any more is asked for no longer."""
    asked: dict[str, Case] = {}
    for content in (live, draft):
        for intent in content.intents.values():
            for sentence in intent.held_out:
                labels = (intent.id, *sentence.also)
                asked[sentence.text] = Case(sentence.text, _known(labels, draft), "held_out")
    for text, intents in golden:
        asked[text] = Case(text, _known(intents, draft), "golden")
    return [case for case in asked.values() if case.intents or case.origin == "golden"]


def examine(live: Content, before: Engine, draft: Content, after: Engine, asked: Sequence[Case]) -> Outcome:
    """Ask every message of both. The engines understand the two contents."""
    names = {**live.intents, **draft.intents}
    old, new = _found(before, asked), _found(after, asked)

    def named(ids: Iterable[str]) -> tuple[str, ...]:
        return tuple(names[name].name if name in names else name for name in ids)

    better: list[Difference] = []
    worse: list[Difference] = []
    right_before = right_after = 0
    for case, was, now in zip(asked, old, new, strict=True):
        errors = len(set(case.intents) ^ set(was)), len(set(case.intents) ^ set(now))
        right_before += not errors[0]
        right_after += not errors[1]
        if errors[0] != errors[1]:
            difference = Difference(case.text, case.origin, named(case.intents), named(was), named(now))
            (better if errors[1] < errors[0] else worse).append(difference)
    floors = _floors(draft, evaluate(before, _gold(asked)), evaluate(after, _gold(asked)))
    missed = _missed(draft, asked, old, new)
    refusals = (
        *(
            f"「{floor.name}」认得出的太少了（从 {floor.before:.0%} 到 {floor.after:.0%}）"
            for floor in floors
            if floor.falls
        ),
        *(f"「{miss.text[:40]}」里的风险「{miss.risk}」没有认出来" for miss in missed if miss.refused),
    )
    return Outcome(
        len(asked), sum(case.origin == "golden" for case in asked), right_before, right_after,
        tuple(better[:MAX_SHOWN]), tuple(worse[:MAX_SHOWN]), tuple(floors), tuple(missed[:MAX_SHOWN]), refusals,
    )  # fmt: skip


def _known(intents: Iterable[str], draft: Content) -> tuple[str, ...]:
    return tuple(name for name in dict.fromkeys(intents) if name in draft.intents and name != "other")


def _gold(asked: Sequence[Case]) -> list[Labelled]:
    return [Labelled(case.text, frozenset(case.intents)) for case in asked]


def _found(engine: Engine, asked: Sequence[Case]) -> list[tuple[str, ...]]:
    return [tuple(intent.id for intent in engine.analyse(case.text).intents) for case in asked]


def _floors(draft: Content, before: Result, after: Result) -> list[Floor]:
    """Intents under the floor; one that was as low before keeps nothing from being published."""
    found: list[Floor] = []
    for name in after.under_floor:
        if name in draft.intents:
            was = before.counts[name].f1 if name in before.counts else 0.0
            now = after.counts[name].f1
            falls = was >= FLOOR or now < was - 0.001 or name not in before.counts
            found.append(Floor(name, draft.intents[name].name, round(was, 3), round(now, 3), falls))
    return found


def _missed(
    draft: Content, asked: Sequence[Case], old: Sequence[tuple[str, ...]], new: Sequence[tuple[str, ...]]
) -> list[Missed]:
    """Risks not seen: refused when the live release sees them, or when the shop itself asked for the message."""
    found: list[Missed] = []
    for case, was, now in zip(asked, old, new, strict=True):
        for name in case.intents:
            if draft.intents[name].group == RISK and name not in now:
                refused = name in was or case.origin == "golden"
                found.append(Missed(case.text, case.origin, draft.intents[name].name, refused))
    return sorted(found, key=lambda miss: not miss.refused)
