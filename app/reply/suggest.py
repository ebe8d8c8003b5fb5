"""Which scripts an agent can send next: those of the stage that fit best, then the next stages'."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Final, NamedTuple

from app.content.model import Content, Script
from app.reply.facts import ALWAYS, Facts, Fit, fit
from app.reply.render import Renderer, Text, Writing
from app.reply.shelf import COMMON, Entry, Shelf
from app.reply.state import ConversationState, spoken
from app.types import Suggestion
from app.vocabulary import STAGE_NAMES, TONES, Stage

STAGE_LIMIT: Final = 5
ENOUGH: Final = 3
RISKS_FIRST: Final = 2

_NEXT: Final[dict[Stage, tuple[Stage, ...]]] = {
    "listen": ("confirm", "resolve"),
    "confirm": ("apologise", "resolve"),
    "apologise": ("resolve", "follow_up"),
    "resolve": ("follow_up",),
    "follow_up": (),
    "answer": (),
}
# the stages where the scripts of a risk are looked for, besides that of the reply
_RISK_STAGES: Final[tuple[Stage, ...]] = ("confirm", "resolve", "answer")
_BASE: Final = 0.55
_RANKS: Final = (0.30, 0.20, 0.14, 0.10)
_COMMON_RANK: Final = 0.04
_TONE: Final = 0.08


@dataclass(frozen=True, slots=True)
class Situation:
    """All that ranking looks at.

    intents: what the reply may be about, most pressing first. first: risks whose scripts come before the rest.
    complains: whether common scripts fit. may_apologise: whether an apology that admits the shop's fault is due.
    values, flags: for rendering. used: facts that are known or were asked, so never asked again.
    """

    intents: tuple[str, ...]
    first: tuple[str, ...]
    complains: bool
    stage: Stage
    tone: str
    facts: Facts
    state: ConversationState
    may_apologise: bool
    used: frozenset[str]
    values: Mapping[str, str]
    flags: Mapping[str, bool]
    writing: Writing
    today: date


class _Ranked(NamedTuple):
    entry: Entry
    intent: str
    score: float
    fit: Fit


_score = attrgetter("score")


class Suggester:
    """Built once per release; safe to use from many threads."""

    def __init__(self, content: Content, packs: tuple[str, ...]) -> None:
        self._names = {intent.id: intent.name for intent in content.intents.values()}
        self._shelf = Shelf(content, packs)
        self._renderer = Renderer()

    def suggest(self, situation: Situation, limit: int) -> tuple[Suggestion, ...]:
        """At most `limit` suggestions, best first: risks, the stage, the next stages. No script comes twice."""
        chosen: list[Suggestion] = []
        for risk in situation.first:
            for stage in dict.fromkeys((situation.stage, *_RISK_STAGES)):
                if self._take(
                    chosen, situation, stage, (risk,), False, min(limit, len(chosen) + RISKS_FIRST)
                ):
                    break
        stages = (situation.stage, *_NEXT[situation.stage])
        for index, stage in enumerate(stages):
            room = limit if index else min(limit, max(STAGE_LIMIT, len(chosen)))
            self._take(chosen, situation, stage, situation.intents, situation.complains, room)
        return tuple(chosen)

    def show(self, script_id: str, score: float, values: Mapping[str, str]) -> Suggestion:
        """One script on its own, rendered; its reason is left empty."""
        entry = self._shelf.entries[script_id]
        text = self._renderer.render(entry, values, {}, "")
        return _suggestion(entry.script, entry.script.intent, entry.script.stage, text, score, "")

    def name(self, intent: str) -> str:
        """What an intent is called; 通用 for none."""
        return self._names.get(intent, "通用")

    def _take(
        self,
        chosen: list[Suggestion],
        situation: Situation,
        stage: Stage,
        intents: tuple[str, ...],
        common: bool,
        upto: int,
    ) -> int:
        """Append the best of a stage until there are `upto`; returns how many were added."""
        before = len(chosen)
        if before >= upto:
            return 0
        ids = {suggestion.script_id for suggestion in chosen}
        for ranked in self._diverse(self._ranked(situation, stage, intents, common)):
            if ranked.entry.script.id in ids:
                continue
            text = self._renderer.render(ranked.entry, situation.values, situation.flags, situation.writing)
            if situation.state.sent and not situation.state.sent.isdisjoint(spoken("\n".join(text.bubbles))):
                continue
            script = ranked.entry.script
            intent = ranked.intent or script.intent
            chosen.append(_suggestion(script, intent, stage, text, ranked.score, self._reason(ranked, stage)))
            if len(chosen) >= upto:
                break
        return len(chosen) - before

    def _ranked(
        self, situation: Situation, stage: Stage, intents: tuple[str, ...], common: bool
    ) -> list[_Ranked]:
        """What may be sent, best first: in the requested tone, and in the others when that is too little."""
        best = self._in_tone(situation, stage, intents, common, situation.tone)
        if len(best) < ENOUGH:
            for tone in TONES:
                if tone != situation.tone:
                    best |= self._in_tone(situation, stage, intents, common, tone)
        return sorted(best.values(), key=_score, reverse=True)

    def _in_tone(
        self, situation: Situation, stage: Stage, intents: tuple[str, ...], common: bool, tone: str
    ) -> dict[str, _Ranked]:
        best: dict[str, _Ranked] = {}
        for position, intent in enumerate(intents):
            rank = _RANKS[min(position, len(_RANKS) - 1)]
            for entry in self._shelf.find(intent, stage, tone):
                if entry.script.id not in best:
                    _keep(best, situation, stage, entry, intent, rank)
        if common:
            for entry in self._shelf.find(COMMON, stage, tone):
                if entry.script.id not in best:
                    _keep(best, situation, stage, entry, intents[0] if intents else "", _COMMON_RANK)
        return best

    def _diverse(self, ranked: list[_Ranked]) -> Iterator[_Ranked]:
        """The ranking with scripts that do the same as an earlier one moved behind the others of like score."""
        waiting: list[_Ranked] = []
        seen: set[tuple[str, frozenset[str], frozenset[str]]] = set()
        for item in ranked:
            approach = (item.intent, item.entry.acts, item.entry.asks)
            if approach in seen:
                waiting.append(item)
                continue
            while waiting and waiting[0].score > item.score + 0.1:
                yield waiting.pop(0)
            seen.add(approach)
            yield item
        yield from waiting

    def _reason(self, ranked: _Ranked, stage: Stage) -> str:
        parts = [f"{self.name(ranked.intent)} · {STAGE_NAMES[stage]}"]
        if ranked.entry.asks:
            parts.append(f"还没问过{'、'.join(sorted(ranked.entry.asks)[:2])}")
        if ranked.fit.held:
            held = [f"{fact}" for fact in ranked.entry.script.when][:2]
            parts.append(f"符合{'、'.join(held)}")
        elif ranked.fit.unknown:
            parts.append(f"先确认{'、'.join(list(ranked.entry.script.when)[:2])}")
        if ranked.entry.script.common:
            parts.append("通用话术")
        return "，".join(parts)


def _suggestion(
    script: Script, intent: str, stage: Stage, text: Text, score: float, reason: str
) -> Suggestion:
    return Suggestion(
        script_id=script.id,
        intent=intent,
        stage=stage,
        title=script.title,
        tone=script.tone,
        bubbles=text.bubbles,
        blanks=text.blanks,
        score=round(score, 3),
        reason=reason,
        source=script.source,
    )


def _keep(
    best: dict[str, _Ranked], situation: Situation, stage: Stage, entry: Entry, intent: str, rank: float
) -> None:
    """Add an entry with its score unless something speaks against sending it at all."""
    script = entry.script
    matched = fit(script.when, situation.facts)
    if matched.contradicted or not _may_send(situation, entry):
        return
    score = _BASE + rank + _progress(situation, entry, stage)
    if matched is not ALWAYS:
        score += min(matched.held, 2) * 0.04 - min(matched.unknown, 3) * 0.06
    if script.tone == situation.tone:
        score += _TONE
    if script.stage != stage:
        score -= 0.05
    if script.intent not in (intent, COMMON):
        score -= 0.03
    best[script.id] = _Ranked(entry, intent, max(0.0, min(1.0, score)), matched)


def _may_send(situation: Situation, entry: Entry) -> bool:
    script, state = entry.script, situation.state
    if script.id in state.sent_scripts or not situation.used.isdisjoint(entry.asks):
        return False
    if "apologised" in entry.acts and not situation.may_apologise:
        return False
    valid = script.valid
    if valid is None:
        return True
    return not (
        (valid.from_ is not None and situation.today < valid.from_)
        or (valid.until is not None and situation.today > valid.until)
    )


def _progress(situation: Situation, entry: Entry, stage: Stage) -> float:
    """How far a script moves this conversation on, beyond fitting its stage."""
    state = situation.state
    if stage == "follow_up":
        instruct = "instructed" not in state.acts
        return 0.05 if ("instructed" if instruct else "checked_back") in entry.acts else 0.0
    if stage == "apologise" and situation.may_apologise:
        return 0.03 * ("apologised" in entry.acts) + 0.03 * ("offered" in entry.acts)
    if stage == "resolve":
        if state.held and not state.open.chases:
            return -0.05 if "held" in entry.acts and "offered" not in entry.acts else 0.02
        return 0.04 if "held" in entry.acts and state.open.has(*_TO_LOOK_UP) else 0.0
    if stage in ("confirm", "listen"):
        return 0.03 if situation.state.open.emotion >= 2 and "empathised" in entry.acts else 0.0
    return 0.0


# questions whose answer the agent must first look up
_TO_LOOK_UP: Final = (
    "refund_progress",
    "aftersales_progress",
    "dispatch_delay",
    "delivery_delay",
    "delivery_failed",
)
