"""Which intents a message expresses: patterns with scope, and a linear model for what no pattern foresaw.

Each intent is scored on its own. What is asserted, what comes next and why nothing is asserted are all results.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from app.content.model import Content, Intent
from app.content.pattern import parse
from app.nlu.fusion import Columns, Found, limited, network
from app.nlu.fusion import signals as signals_of
from app.nlu.linear import Linear, LinearReader, Praise
from app.nlu.match import Hit, PatternSet
from app.nlu.model import Array, LinearModel, pattern_key
from app.nlu.scope import Scope, doubted, one_clause, over, sarcastic, scope, supposed, to_buy, unwanted
from app.nlu.sounds import heard, matter, parted, unthanked
from app.nlu.taught import NO_LESSONS, OTHER, Lessons, Taught
from app.nlu.text import Normalised, Tokeniser
from app.types import AbstainReason, IntentMatch, Span

ASSERT: Final = 0.45
RISKY: Final = 0.25
"""Risks are asserted from here on: a risk overlooked costs more than one looked at in vain."""
LIKELY: Final = 0.2
"""Where nothing reaches ASSERT, the best intent is still named from here on, if it is twice as likely as `other`."""
PRAISE: Final = "thanks_praise"
POLICY: Final = "ask_policy"
WITHDRAWN: Final = frozenset({"negative_review", "platform_complaint"})
"""Risks that are none any more once they are taken back or only told of; the others stay risks."""
HEALTH: Final = frozenset({"allergy", "safety_incident"})
"""Risks that are none where they are denied, another shop's or only imagined (敏感皮肤能穿吗); a wound that is treated is one."""
EMPTY: Final = frozenset({"greeting", "vent", "provide_info", "accept_solution", "poor_quality"})
"""What is said where nothing else is, or says no more than what stands beside it: these always give way. To other intents
that is one signal among many: of 83 that gave way on the messages of tools/fusion.py, 58 were meant all the same.
"""
NOTHING: Final = 0.12
CLOSE: Final = 0.1
CERTAIN: Final = 0.93
LATE: Final = 1_000_000
CANDIDATES: Final = 3
TAUGHT: Final = 0.97
"""The score of an intent whose example is the message itself."""
MAX_EVIDENCE: Final = 3


@dataclass(frozen=True, slots=True)
class Judgement:
    """asserted: best first. reason: why nothing is, None when something is."""

    asserted: tuple[IntentMatch, ...]
    candidates: tuple[IntentMatch, ...]
    reason: AbstainReason | None


@dataclass(frozen=True, slots=True)
class _Owner:
    """Whose pattern it is. trust: how far its being right on the examples speaks for it, as log odds."""

    intent: str
    strong: bool
    key: str
    trust: float


class IntentClassifier:
    """Built once per release; `classify` may run in many threads at once."""

    def __init__(
        self, content: Content, model: LinearModel, tokeniser: Tokeniser, lessons: Lessons = NO_LESSONS
    ) -> None:
        """lessons: what the content's examples teach word by word; without them its own examples are judged as well."""
        self._tokeniser = tokeniser
        self._intents: dict[str, Intent] = content.intents
        self._groups = content.groups
        self._yields = {
            intent.id: content.expand(intent.yields_to) - {intent.id} for intent in content.intents.values()
        }
        self._learnt = model.intents
        self._reader = LinearReader(model, tokeniser, content.concepts)
        self._columns = {name: column for column, name in enumerate(model.intents) if name in self._intents}
        self._parts = Columns(
            [self._intents[name].kind if name in self._intents else "" for name in model.intents],
            self._columns.get(OTHER),
            self._columns.get(PRAISE),
        )
        self._gives_way = {
            self._columns[name]: frozenset(self._columns[given] for given in names if given in self._columns)
            for name, names in self._yields.items()
            if name in self._columns
        }
        self._network = network()
        self._praise = self._praise_column()
        self._taught = Taught(lessons, self._intents)
        owners, patterns = [], []
        for intent in content.intents.values():
            for strong, texts in ((True, intent.patterns), (False, intent.weak_patterns)):
                for text in texts:
                    key = pattern_key(intent.id, text)
                    owners.append(_Owner(intent.id, strong, key, model.trust.get(key, 0.0)))
                    patterns.append(parse(text, content.words))
        self._owners = owners
        self._patterns = PatternSet(patterns)

    def _praise_column(self) -> Praise | None:
        if PRAISE not in self._columns:
            return None
        kinds = [self._intents[name].kind if name in self._intents else "" for name in self._learnt]
        return Praise(self._columns[PRAISE], np.array([kind == "complaint" for kind in kinds]))

    def classify(self, message: Normalised) -> Judgement:
        """Score every intent of the release for one message.

        What only goes along with the matter is looked at only where nothing is found without it: an order's number or a
        greeting is the matter when nothing else is said, and would else speak against whatever is said vaguely. Thanks at
        the end of a wish or a complaint are no praise.
        """
        message = heard(message, self._tokeniser)
        kept = matter(message)
        plain = unthanked(kept)
        if plain is not kept:
            judged = self._judge(parted(plain))
            if judged.asserted and judged.asserted[0].kind != "dialogue" and not doubted(plain.text):
                return judged
        if kept is not message:
            judged = self._judge(parted(kept))
            if judged.asserted:
                return judged
        return self._judge(parted(message))

    def _judge(self, message: Normalised) -> Judgement:
        taught = self._taught.find(message.text)
        if taught is not None:
            return self._as_taught(taught, message)
        signals, linear, doubts = self._read(message.text)
        scores = self._scores(message.text, signals, linear, doubts)
        claimed = [name for name, score in scores.items() if score >= self._least(name) and name != OTHER]
        claimed.sort(
            key=lambda name: (-self._rank(name, scores[name]), _place(signals.get(name)), -scores[name])
        )
        asserted = self._settle(claimed) or _likeliest(scores)
        rest = [name for name in sorted(scores, key=scores.__getitem__, reverse=True) if name not in asserted]
        matches = tuple(self._match(name, scores[name], signals, linear, message) for name in asserted)
        following = tuple(
            self._match(name, scores[name], signals, linear, message)
            for name in rest[:CANDIDATES]
            if scores[name] >= NOTHING / 2 and name != OTHER
        )
        return Judgement(matches, following, None if asserted else _why_not(scores, rest))

    def _as_taught(self, taught: tuple[str, ...], message: Normalised) -> Judgement:
        """The answer an example gives to its own sentence: what a trainer writes down counts at once."""
        whole = (message.span(0, len(message.text)),)
        matches = (
            IntentMatch(name, intent.name, intent.kind, intent.group, TAUGHT, whole, "和样例一样")
            for name, intent in ((name, self._intents[name]) for name in taught)
        )
        return Judgement(tuple(matches), (), None if taught else "nothing_found")

    def claims(self, message: Normalised) -> list[tuple[str, str]]:
        """The intents that strong patterns claim for a message, each with the pattern's key."""
        found = self._signals(heard(message, self._tokeniser).text)
        return [
            (name, self._owners[hit.number].key)
            for name, signals in found.items()
            for hit in signals.strong
            if self._owners[hit.number].intent == name
        ]

    def _signals(self, text: str) -> dict[str, Found]:
        found: dict[str, Found] = {}
        hits = self._patterns.find(text)
        strange = self._strange(hits)
        for hit in hits:
            owner = self._owners[hit.number]
            signals = found.get(owner.intent)
            if signals is None:
                signals = found[owner.intent] = Found()
            meant = self._scope(owner.intent, text, hit)
            if strange and meant == "claimed" and owner.intent != OTHER:
                silent = self._intents[owner.intent].kind != "risk"
                meant = "elsewhere" if silent and self._is_beside(strange, hit, text) else meant
            if meant == "claimed":
                signals.claim(hit, owner.trust, strong=owner.strong)
            elif owner.strong:
                signals.refused.setdefault(meant, hit)
        self._ask_instead(found, text)
        return found

    def _strange(self, hits: list[Hit]) -> list[Hit]:
        """What the patterns of `other` claim: another trade's things, adverts, lines of the system."""
        owners = self._owners
        return [hit for hit in hits if owners[hit.number].intent == OTHER and owners[hit.number].strong]

    @staticmethod
    def _is_beside(strange: list[Hit], hit: Hit, text: str) -> bool:
        return any(one_clause(text, (hit.start, hit.end), (it.start, it.end)) for it in strange)

    def _ask_instead(self, found: dict[str, Found], text: str) -> None:
        """What is asked before buying, where a defect or a remedy is only asked about."""
        asked = [
            (name, signals.refused["asked"])
            for name, signals in found.items()
            if "asked" in signals.refused and not signals.strong
        ]
        if not asked:
            return
        known = [
            name
            for name, signals in found.items()
            if signals.strong and self._intents[name].kind == "question"
        ]
        for name, hit in asked:
            asks = self._groups[self._intents[name].group].asks
            if asks is None and to_buy(text):
                asks = POLICY
            if asks in self._intents and (not known or asks in known):
                found.setdefault(asks, Found()).claim(hit, self._owners[hit.number].trust, strong=True)

    def _scope(self, intent: str, text: str, hit: Hit) -> Scope:
        kind, group = self._intents[intent].kind, self._groups[self._intents[intent].group]
        if kind == "complaint":
            meant = scope(text, hit.start, hit.end)
            if group.asks is None and meant == "asked" and not supposed(text, hit.start, hit.end):
                return "claimed"
            return "claimed" if meant == "elsewhere" and group.id == "price" else meant
        if kind in ("enquiry", "risk") and unwanted(text, hit.start):
            return "negated"
        if intent in HEALTH:
            meant = scope(text, hit.start, hit.end)
            if meant in ("negated", "elsewhere") or (meant == "asked" and supposed(text, hit.start, hit.end)):
                return meant
        if (kind == "enquiry" or intent in WITHDRAWN) and over(text, hit.start, hit.end):
            return "solved"
        if kind == "enquiry" and to_buy(text):
            return "asked"
        return "claimed"

    def weigh(self, message: Normalised) -> tuple[list[str], Array]:
        """The intents that anything speaks for, and per intent its row of `fusion.SIGNALS`; for fitting the network."""
        message = heard(message, self._tokeniser)
        text = parted(matter(message)).text
        signals, linear, doubts = self._read(text)
        chosen, rows = self._weigh(text, signals, linear, doubts)
        return [self._learnt[column] for column in chosen], limited(rows)

    def _read(self, text: str) -> tuple[dict[str, Found], Linear, frozenset[str]]:
        found = self._signals(text)
        ironic = sarcastic(text)
        if ironic and PRAISE in found:
            found[PRAISE] = Found()
        return found, self._reader.read(text, None if ironic else self._praise), doubted(text)

    def _weigh(
        self, text: str, found: Mapping[str, Found], linear: Linear, doubts: frozenset[str]
    ) -> tuple[list[int], Array]:
        of_column = {self._columns[name]: what for name, what in found.items() if name in self._columns}
        return signals_of(text, linear, of_column, self._parts, doubts, self._gives_way)

    def _scores(
        self, text: str, found: Mapping[str, Found], linear: Linear, doubts: frozenset[str]
    ) -> dict[str, float]:
        """Calibrated scores of the intents that anything speaks for."""
        chosen, rows = self._weigh(text, found, linear, doubts)
        chances = self._network.chances(rows) if chosen else []
        scores = {self._learnt[column]: chance for column, chance in zip(chosen, chances, strict=True)}
        if OTHER in self._columns:
            scores[OTHER] = 0.0 if linear.silent else _chance(float(linear.logits[-1, self._columns[OTHER]]))
        return scores

    def _least(self, name: str) -> float:
        """The score from which an intent is asserted."""
        return RISKY if name in self._intents and self._intents[name].kind == "risk" else ASSERT

    def _rank(self, name: str, score: float) -> float:
        """Sure intents are equals: then what the shop must answer first counts, and what the customer says first."""
        return min(score, CERTAIN) - 0.03 * self._groups[self._intents[name].group].priority

    def _settle(self, names: list[str]) -> list[str]:
        """Without what is empty beside another one of the list."""
        together = frozenset(names)
        return [name for name in names if name not in EMPTY or not self._yields[name] & together]

    def _match(
        self, name: str, score: float, signals: Mapping[str, Found], linear: Linear, message: Normalised
    ) -> IntentMatch:
        intent = self._intents[name]
        found = signals.get(name)
        hits: Iterable[tuple[int, int]] = ()
        if found is not None and (found.strong or found.weak):
            hits = [(hit.start, hit.end) for hit in (*found.strong, *found.weak)]
            reason = "句式"
        else:
            hits = linear.evidence(self._columns[name])
            reason = "和样例像"
        return IntentMatch(
            name, intent.name, intent.kind, intent.group, round(score, 3), _spans(hits, message), reason
        )


def _place(found: Found | None) -> int:
    """Where in the text an intent is first claimed; behind everything when no pattern claims it."""
    return min((hit.start for hit in found.strong), default=LATE) if found is not None else LATE


def _spans(places: Iterable[tuple[int, int]], message: Normalised) -> tuple[Span, ...]:
    """Overlapping places merged, in text order, at most MAX_EVIDENCE."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(places):
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return tuple(message.span(start, end) for start, end in merged[:MAX_EVIDENCE])


def _likeliest(scores: Mapping[str, float]) -> list[str]:
    known = {name: score for name, score in scores.items() if name != OTHER}
    best = max(known, key=known.__getitem__, default=None)
    return [best] if best is not None and known[best] >= max(LIKELY, 2 * scores.get(OTHER, 0.0)) else []


def _why_not(scores: Mapping[str, float], ranked: list[str]) -> AbstainReason:
    best = [scores[name] for name in ranked[:2]]
    if not best or best[0] < NOTHING:
        return "nothing_found"
    if len(best) > 1 and best[0] - best[1] < CLOSE:
        return "ambiguous"
    return "too_low"


def _chance(logit: float) -> float:
    """A logit as a score in [0, 1]."""
    return 1 / (1 + math.exp(-min(30.0, max(-30.0, logit))))
