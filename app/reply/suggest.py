"""Which scripts an agent can send next: those of the stage that fit best, then the next stages'."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from datetime import date
from operator import attrgetter
from typing import Final, NamedTuple

from app.content.condition import Condition
from app.content.model import Content, Script
from app.reply.acts import spoken
from app.reply.facts import ALWAYS, UNCLEAR, Facts, Fit, fit
from app.reply.onward import moves_on
from app.reply.render import Renderer, Text, Writing
from app.reply.shelf import COMMON, JUST_NOW, REACTING, Entry, Placed, Shelf, letter_pairs
from app.reply.stage import SHOP_FAULTS
from app.reply.state import ConversationState
from app.steps import ended
from app.types import Ahead, Suggestion
from app.values import frozen
from app.vocabulary import ELSE, RESTATED, STAGE_NAMES, TONES, Stage

STAGE_LIMIT: Final = 5
ENOUGH: Final = 3
RISKS_FIRST: Final = 2
MAX_LIKING: Final = 0.05
_KEPT: Final = 4096

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
_SEVERAL: Final = 0.06
"""For a script that answers two of the customer's troubles at once."""
_COMMON_RANK: Final = 0.04
_ON_TOPIC: Final = 0.09
"""For a script whose title names what the customer names."""
_NAMED: Final = 0.12
"""For a script that is for what the customer names in so many words."""
_TONE: Final = 0.08
_ADMITS: Final = 0.08
"""For a script that takes the shop's fault for granted."""
_BLAMES: Final = 0.3
"""For a script that takes somebody else's fault for granted."""
_ANSWERS: Final = 0.4
"""For a script that answers to what the customer has just done."""
_ASIDE: Final = {("answer", "插问"): 0.2, ("confirm", "给资料"): 0.2}
"""Less where something else is to be answered first."""
_SAID_BACK: Final = 0.1
"""For a script that answers the very question, in a talk that is about something already."""
_TURN, _WAYS = 0.002, 2
"""Scripts that answer to the same thing take turns, so that the next reply begins in another way."""
_SPELT_OUT: Final = 0.05
"""For a script whose substance the agent has to write."""
_UNTOLD: Final = 0.4
"""For a script that repeats what only the customer can say and has not said."""
_ELSEWHERE: Final = 0.2
"""For such a script of a matter that is not the first the reply is about."""
_CLOSER: Final = 0.03
"""For each further thing that is as such a script says."""
_DONE: Final = 0.03
"""For a script that only does what agents have done already."""
_AGAIN: Final = 0.12
"""For a script that offers nothing but what was offered before."""
_BACKWARD: Final = 0.3
"""For a script that would find out whose fault it is when a remedy is on the table already."""
_DECIDED: Final = frozenset({"退货退款", "仅退款", "换货", "补发", "部分退款", "补件"})
_EXAMINES: Final = frozenset({"检测", "洗护建议"})
_OFF_SCREEN: Final = 0.2
"""For a script that speaks of pages and orders to somebody who bought and comes back in a store."""


@frozen
class Situation:
    """All that ranking looks at.

    intents: what the reply may be about, most pressing first. first: risks whose scripts come before the rest.
    complains: whether common scripts fit. may_apologise: whether an apology that admits the shop's fault is due.
    values, flags: for rendering. used: facts that are known or were asked, so never asked again.
    liking: script -> a small bonus or malus; the scripts of risks get none.
    heard: the pairs of letters of the open turn, to be found again in the titles of scripts.
    ahead: scripts that come before others, besides what the content says.
    in_store: whether the customer bought and is served in a store, in whatever way they write.
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
    liking: Mapping[str, float] = field(default_factory=dict)
    heard: frozenset[str] = frozenset()
    ahead: tuple[Ahead, ...] = ()
    in_store: bool = False


def pairs_heard(state: ConversationState) -> frozenset[str]:
    """The pairs of letters in what the open turn says."""
    return frozenset().union(*map(letter_pairs, state.open.texts))


class _Ranked(NamedTuple):
    entry: Entry
    intent: str
    score: float
    fit: Fit
    trial: int = 0


_score = attrgetter("score")


class Suggester:
    """Built once per release; safe to use from many threads."""

    def __init__(self, content: Content, packs: tuple[str, ...]) -> None:
        self._names = {intent.id: intent.name for intent in content.intents.values()}
        self._risks = frozenset(intent.id for intent in content.intents.values() if intent.kind == "risk")
        self._shelf = Shelf(content, packs)
        self._ahead = tuple(
            Ahead(script.id, other) for script in content.scripts.values() for other in script.ahead_of
        )
        self._together = frozenset(script.id for script in content.scripts.values() if script.together)
        self._renderer = Renderer()
        self._made: dict[tuple[str, str, Stage, float, str, int], Suggestion] = {}
        # at most a few for each script, intent and stage
        self._reasons: dict[tuple[str, str, Stage, Fit], str] = {}

    def suggest(self, situation: Situation, limit: int) -> tuple[Suggestion, ...]:
        """At most `limit` suggestions, best first: risks, the stage, the next stages. No script comes twice."""
        chosen: list[Suggestion] = []
        for risk in situation.first:
            for stage in dict.fromkeys((situation.stage, *_RISK_STAGES)):
                if self._take(chosen, situation, stage, (risk,), None, min(limit, len(chosen) + RISKS_FIRST)):
                    break
        stages = (situation.stage, *_NEXT[situation.stage])
        for index, stage in enumerate(stages):
            room = limit if index else min(limit, max(STAGE_LIMIT, len(chosen)))
            self._take(chosen, situation, stage, situation.intents, situation.complains, room)
        if not chosen:
            self._take(chosen, situation, "answer", situation.intents, False, limit)
        ended("rank")
        return tuple(chosen)

    def show(self, script_id: str, score: float, values: Mapping[str, str]) -> Suggestion:
        """One script on its own, rendered; its reason is left empty."""
        entry = self._shelf.entries[script_id]
        text = self._renderer.render(entry, values, {}, "")
        return self._suggestion(entry.script, entry.script.intent, entry.script.stage, text, score, "")

    def offers(self, script_id: str) -> bool:
        """Whether there is such a script in the packs that are on."""
        return script_id in self._shelf.entries

    def name(self, intent: str) -> str:
        """What an intent is called; 通用 for none."""
        return self._names.get(intent, "通用")

    def _take(
        self,
        chosen: list[Suggestion],
        situation: Situation,
        stage: Stage,
        intents: tuple[str, ...],
        common: bool | None,
        upto: int,
    ) -> int:
        """Append the best of a stage until there are `upto`; returns how many were added.

        common: whether common scripts fit; None for none at all, else those that answer to what was just done always do.
        """
        before = len(chosen)
        if before >= upto:
            return 0
        ids = {suggestion.script_id for suggestion in chosen}
        for ranked in self._ordered(situation, self._ranked(situation, stage, intents, common)):
            if ranked.entry.name in ids:
                continue
            ended("rank")
            text = self._renderer.render(ranked.entry, situation.values, situation.flags, situation.writing)
            ended("render")
            if situation.state.sent and not situation.state.sent.isdisjoint(spoken("\n".join(text.bubbles))):
                continue
            script = ranked.entry.script
            intent = ranked.intent or script.intent
            reason = self._reason(ranked, stage)
            chosen.append(self._suggestion(script, intent, stage, text, ranked.score, reason, ranked.trial))
            if len(chosen) >= upto:
                break
        return len(chosen) - before

    def _ranked(
        self, situation: Situation, stage: Stage, intents: tuple[str, ...], common: bool | None
    ) -> list[_Ranked]:
        """What may be sent, best first: in the requested tone, and in the others when that is too little."""
        best = self._in_tone(situation, stage, intents, common, situation.tone)
        if len(best) < ENOUGH:
            for tone in TONES:
                if tone != situation.tone:
                    best |= self._in_tone(situation, stage, intents, common, tone)
        return sorted(best.values(), key=_score, reverse=True)

    def _in_tone(
        self, situation: Situation, stage: Stage, intents: tuple[str, ...], common: bool | None, tone: str
    ) -> dict[str, _Ranked]:
        best: dict[str, _Ranked] = {}
        again: set[str] = set()
        bonus, liking = moves_on(situation.state, stage), situation.liking
        just_now = str(situation.facts.get(JUST_NOW, ELSE))
        tone_bonus = _TONE if tone == situation.tone else 0.0
        for position, intent in enumerate(intents):
            base = _BASE + _RANKS[min(position, len(_RANKS) - 1)] + tone_bonus
            liked = {} if intent in self._risks else liking
            placed = self._shelf.find(intent, stage, tone, just_now)
            again.update(_keep(best, situation, placed, intent, base, bonus, liked))
        base = _BASE + _COMMON_RANK + tone_bonus
        first = intents[0] if intents else ""
        if common is not None:
            shared = self._shelf.find(COMMON if common else REACTING, stage, tone, just_now)
            _keep(best, situation, shared, first, base, bonus, liking)
        for name in again:
            best[name] = best[name]._replace(score=best[name].score + _SEVERAL)
        alone = [name for name in self._together.intersection(best) if name not in again]
        for name in alone:
            del best[name]
        return best

    def _ordered(self, situation: Situation, ranked: list[_Ranked]) -> Iterable[_Ranked]:
        """The ranking as it is shown: the like apart, and what comes before something else in its place. Risks stay as
        they are.
        """
        names = {item.entry.name for item in ranked}
        pairs = [pair for pair in (*self._ahead, *situation.ahead) if pair[0] in names and pair[1] in names]
        if not pairs:
            return self._diverse(ranked)
        shown = list(self._diverse(ranked))
        places = {item.entry.name: place for place, item in enumerate(shown)}
        for first, second, trial in pairs:
            one, other = places[first], places[second]
            if self._risks & {shown[one].intent, shown[other].intent}:
                continue
            if trial and not all(self._may_be_said(situation, shown[place]) for place in (one, other)):
                continue
            upper, lower = sorted((one, other))
            better, worse = shown[one], shown[other]
            high, low = shown[upper].score, shown[lower].score
            shown[upper] = better._replace(score=high, trial=trial or better.trial)
            shown[lower] = worse._replace(score=low)
            places[first], places[second] = upper, lower
        return shown

    def _may_be_said(self, situation: Situation, ranked: _Ranked) -> bool:
        """Whether none of its sentences was sent already."""
        sent = situation.state.sent
        if not sent:
            return True
        text = self._renderer.render(ranked.entry, situation.values, situation.flags, situation.writing)
        return sent.isdisjoint(spoken("\n".join(text.bubbles)))

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

    def _suggestion(
        self, script: Script, intent: str, stage: Stage, text: Text, score: float, reason: str, trial: int = 0
    ) -> Suggestion:
        """Kept, as most scripts come out the same for every customer."""
        key = (script.id, intent, stage, score, reason, trial)
        found = self._made.get(key)
        if found is None or found.bubbles is not text.bubbles:
            if len(self._made) >= _KEPT:
                self._made.clear()
            found = self._made[key] = Suggestion(
                script_id=script.id,
                intent=intent,
                stage=stage,
                title=script.title,
                tone=script.tone,
                bubbles=text.bubbles,
                blanks=text.blanks,
                score=round(min(1.0, score), 3),
                reason=reason,
                source=script.source,
                images=script.pictures,
                trial=trial,
            )
        return found

    def _reason(self, ranked: _Ranked, stage: Stage) -> str:
        key = (ranked.entry.name, ranked.intent, stage, ranked.fit)
        reason = self._reasons.get(key)
        if reason is None:
            reason = self._reasons[key] = self._worded(ranked, stage)
        return reason

    def _worded(self, ranked: _Ranked, stage: Stage) -> str:
        script = ranked.entry.script
        parts = [f"{self.name(ranked.intent)} · {STAGE_NAMES[stage]}"]
        if ranked.entry.asks:
            parts.append(f"还没问过{'、'.join(sorted(ranked.entry.asks)[:2])}")
        if ranked.entry.named:
            parts.append("顾客说到了")
        elif ranked.fit.held:
            parts.append(f"符合{'、'.join(list(script.when)[:2])}")
        elif ranked.fit.unknown:
            parts.append(f"先确认{'、'.join(list(script.when)[:2])}")
        if script.common:
            parts.append("通用话术")
        return "，".join(parts)


def _keep(
    best: dict[str, _Ranked],
    situation: Situation,
    placed: list[Placed],
    intent: str,
    base: float,
    bonus: dict[str, float],
    liking: Mapping[str, float],
) -> list[str]:
    """Add the entries that may be sent, with their scores. Returns the names of those that were there already."""
    again: list[str] = []
    used, sent, heard = situation.used, situation.state.sent_scripts, situation.heard
    topical, resolves = _is_topical(situation), situation.stage == "resolve"
    for entry, stretch, place in placed:
        name = entry.name
        if name in best:
            again.append(name)
            continue
        if (name in sent and not entry.restates) or not used.isdisjoint(entry.asks):
            continue
        score, matched = base - 0.04 * stretch, ALWAYS
        if not entry.free:
            if entry.limited and not _may_send(situation, entry):
                continue
            matched = fit(entry.script.when, situation.facts)
            if matched.contradicted:
                continue
            score += min(matched.held, 2) * 0.04 - min(matched.unknown, 3) * 0.06
            if entry.reacts:
                score += _answers(situation, entry, matched, place, base)
        if entry.fault is not None:
            score -= _presumes(situation, entry.fault, intent)
        if resolves or entry.supposes:
            score -= _out_of_place(situation, entry)
        if bonus and not entry.reacts:
            score += _moves_on(entry, bonus)
        if entry.named:
            score += _of_words(entry, matched, base)
        elif topical and matched.unknown == 0 and not heard.isdisjoint(entry.topics):
            score += _on_topic(situation, entry)
        if liking:
            score += max(-MAX_LIKING, min(MAX_LIKING, liking.get(name, 0.0)))
        best[name] = _Ranked(entry, intent, max(0.0, score), matched)
    return again


def _is_topical(situation: Situation) -> bool:
    """Whether titles count: not after an agreement, nor where two things are asked, of which a script answers one."""
    return situation.stage != "follow_up" and situation.values.get(RESTATED, "").count("〔") < 2


def _of_words(entry: Entry, matched: Fit, base: float) -> float:
    """What a script gains that is for what the customer names, unless that is not the first the reply is about."""
    first = entry.script.common or base >= _BASE + _RANKS[0]
    return -0.04 * min(matched.held, 2) if not first else 0.0 if matched.unknown else _NAMED


def _on_topic(situation: Situation, entry: Entry) -> float:
    """What a script gains whose title names what the customer names, if the trouble it was written for is theirs."""
    own = not entry.script.intent or entry.script.intent in situation.intents
    return _ON_TOPIC if own else 0.0


def _presumes(situation: Situation, fault: Condition, intent: str) -> float:
    """What a script loses for naming whose fault it is while nobody has settled that.

    Most where it blames the customer; least where the trouble itself says it was the shop.
    """
    if "责任" in situation.facts or fault.holds(UNCLEAR):
        return 0.0
    if fault.holds("店铺"):
        return 0.0 if intent in SHOP_FAULTS else _ADMITS
    return _BLAMES


def _answers(situation: Situation, entry: Entry, matched: Fit, place: int, base: float) -> float:
    """What a script gains that answers to what the customer has just done: most the more it knows of that.

    place: where it stands among those of its cell. base: its score for the matter alone.
    """
    just_now = str(situation.facts.get(JUST_NOW))
    gained = _ASIDE.get((situation.stage, just_now), _ANSWERS) + _CLOSER * (matched.held - 1)
    if not entry.script.common and base < _BASE + _RANKS[0]:
        gained -= _ELSEWHERE
    return gained + _TURN * ((place + situation.state.agent_turns) % _WAYS)


def _moves_on(entry: Entry, bonus: Mapping[str, float]) -> float:
    """What a script gains by the acts that move the conversation on."""
    return sum(change for act, change in bonus.items() if act in entry.acts)


def _out_of_place(situation: Situation, entry: Entry) -> float:
    """What a script loses where the conversation is past it, or held somewhere else than it supposes."""
    lost = 0.0
    if situation.stage == "resolve" and not entry.reacts:
        tabled = situation.state.tabled
        if entry.deeds and entry.deeds <= situation.state.acts:
            lost += _DONE
        if tabled and entry.offers:
            if entry.offers <= tabled:
                lost += _AGAIN
            if entry.offers & _EXAMINES and tabled & _DECIDED:
                lost += _BACKWARD
    if entry.substance and not entry.substance <= situation.values.keys():
        lost += _SPELT_OUT
    if entry.theirs and not entry.theirs <= situation.values.keys():
        lost += _UNTOLD
    if entry.on_screen and situation.in_store:
        lost += _OFF_SCREEN
    return lost - _SAID_BACK if entry.says_back and situation.state.agent_turns else lost


def _may_send(situation: Situation, entry: Entry) -> bool:
    if "apologised" in entry.acts and not situation.may_apologise:
        return False
    valid = entry.script.valid
    return valid is None or not (
        (valid.from_ is not None and situation.today < valid.from_)
        or (valid.until is not None and situation.today > valid.until)
    )
