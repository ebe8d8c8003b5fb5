"""Which intents a message expresses: patterns with scope, and a linear model for what no pattern foresaw.

Each intent is scored on its own. What is asserted, what comes next and why nothing is asserted are all results.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from app.content.model import Content, Intent
from app.content.pattern import parse
from app.nlu.linear import Linear, LinearReader, Praise
from app.nlu.match import Hit, PatternSet
from app.nlu.model import Array, LinearModel, pattern_key
from app.nlu.scope import Scope, doubted, over, sarcastic, scope, supposed, to_buy, unwanted
from app.nlu.sounds import heard
from app.nlu.text import Normalised, Tokeniser, normalise
from app.types import AbstainReason, IntentMatch, Span

ASSERT: Final = 0.42
LIKELY: Final = 0.16
"""Where nothing reaches ASSERT, the best intent is still named from here on, if it is twice as likely as `other`."""
OTHER: Final = "other"
PRAISE: Final = "thanks_praise"
POLICY: Final = "ask_policy"
WITHDRAWN: Final = frozenset({"negative_review", "platform_complaint"})
"""Risks that are none any more once they are taken back or only told of; the others stay risks."""
STRANGE: Final = 0.4
SURE: Final = 0.85
NOTHING: Final = 0.12
CLOSE: Final = 0.1
CERTAIN: Final = 0.88
LATE: Final = 1_000_000
CANDIDATES: Final = 3
TAUGHT: Final = 0.97
"""The score of an intent whose example is the message itself."""
MAX_EVIDENCE: Final = 3


@dataclass(frozen=True, slots=True)
class Fusion:
    """How patterns and the linear model add up to the logit of a calibrated score.

    Fitted by logistic regression on labelled messages (docs/quality.md); it weighs kinds of evidence, not words,
    so it stays as it is when content changes.
    """

    bias: float = -1.89
    learnt: float = 0.38
    first: float = 1.78
    unsure: float = -0.69
    strong: float = 1.36
    longest: float = 1.56
    trust: float = 0.52
    refused: float = -0.75
    doubted: float = -1.71


FUSION: Final = Fusion()
FLOOR: Final = -3.0
UNSURE: Final = -1.0
"""Where the best logit of the linear model stays under this, being the best says less."""
MAX_LOGIT: Final = 9.2


@dataclass(frozen=True, slots=True)
class Judgement:
    """asserted: best first. reason: why nothing is, None when something is."""

    asserted: tuple[IntentMatch, ...]
    candidates: tuple[IntentMatch, ...]
    reason: AbstainReason | None


@dataclass(slots=True)
class _Signals:
    """What the patterns say of one intent in one message."""

    strong: list[Hit] = field(default_factory=list)
    weak: list[Hit] = field(default_factory=list)
    refused: dict[Scope, Hit] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Owner:
    """Whose pattern it is. trust: how far its being right on the examples speaks for it, as log odds."""

    intent: str
    strong: bool
    key: str
    trust: float


class IntentClassifier:
    """Built once per release; `classify` may run in many threads at once."""

    def __init__(self, content: Content, model: LinearModel, tokeniser: Tokeniser) -> None:
        self._intents: dict[str, Intent] = content.intents
        self._groups = content.groups
        self._yields = {
            intent.id: content.expand(intent.yields_to) - {intent.id} for intent in content.intents.values()
        }
        self._learnt = model.intents
        self._reader = LinearReader(model, tokeniser)
        self._doubts: dict[frozenset[str], Array] = {}
        self._columns = {name: column for column, name in enumerate(model.intents) if name in self._intents}
        self._praise = self._praise_column()
        self._taught = _taught(content)
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
        """Score every intent of the release for one message."""
        message = heard(message)
        taught = self._taught.get(_key(message.text))
        if taught is not None:
            return self._as_taught(taught, message)
        signals = self._signals(message.text)
        ironic = sarcastic(message.text)
        if ironic and PRAISE in signals:
            signals[PRAISE] = _Signals()
        linear = self._reader.read(message.text, None if ironic else self._praise)
        scores = self._scores(signals, linear, doubted(message.text))
        claimed = [name for name, score in scores.items() if score >= ASSERT and name != OTHER]
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
        found = self._signals(heard(message).text)
        return [
            (name, self._owners[hit.number].key)
            for name, signals in found.items()
            for hit in signals.strong
            if self._owners[hit.number].intent == name
        ]

    def _signals(self, text: str) -> dict[str, _Signals]:
        found: dict[str, _Signals] = {}
        for hit in self._patterns.find(text):
            owner = self._owners[hit.number]
            signals = found.get(owner.intent)
            if signals is None:
                signals = found[owner.intent] = _Signals()
            meant = self._scope(owner.intent, text, hit)
            if meant == "claimed":
                (signals.strong if owner.strong else signals.weak).append(hit)
            elif owner.strong:
                signals.refused.setdefault(meant, hit)
        self._ask_instead(found, text)
        return found

    def _ask_instead(self, found: dict[str, _Signals], text: str) -> None:
        """What is asked before buying, where a defect or a remedy is only asked about."""
        asked = [
            (name, signals.refused["asked"])
            for name, signals in found.items()
            if "asked" in signals.refused and not signals.strong
        ]
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
                found.setdefault(asks, _Signals()).strong.append(hit)

    def _scope(self, intent: str, text: str, hit: Hit) -> Scope:
        kind, group = self._intents[intent].kind, self._groups[self._intents[intent].group]
        if kind == "complaint":
            meant = scope(text, hit.start, hit.end)
            if group.asks is None and meant == "asked" and not supposed(text, hit.start, hit.end):
                return "claimed"
            return "claimed" if meant == "elsewhere" and group.id == "price" else meant
        if kind in ("enquiry", "risk") and unwanted(text, hit.start):
            return "negated"
        if (kind == "enquiry" or intent in WITHDRAWN) and over(text, hit.start, hit.end):
            return "solved"
        if kind == "enquiry" and to_buy(text):
            return "asked"
        return "claimed"

    def _scores(
        self, signals: Mapping[str, _Signals], linear: Linear, doubts: frozenset[str]
    ) -> dict[str, float]:
        """Calibrated scores of the intents that anything speaks for."""
        weighed = _weighed(linear.fair, len(self._learnt))
        if doubts:
            weighed = weighed + self._doubtful(doubts)
        logits: list[float] = weighed.tolist()
        scores = {
            name: logit
            for name, logit in zip(self._learnt, logits, strict=True)
            if logit > FLOOR and name in self._columns
        }
        for name, found in signals.items():
            column = self._columns.get(name)
            if column is not None and (found.strong or found.weak or found.refused):
                scores[name] = logits[column] + self._of_signals(found)
        scores = {name: 1 / (1 + math.exp(-score)) for name, score in scores.items()}
        other = _chance(linear.fair, self._columns[OTHER]) if OTHER in self._columns else 0.0
        if other >= STRANGE:
            scores = {name: score for name, score in scores.items() if _sure(score, signals.get(name))}
        if PRAISE in signals and signals[PRAISE].strong:
            scores = {
                name: score for name, score in scores.items() if not self._outshone(name, score, signals)
            }
        return {**scores, OTHER: other} if OTHER in self._intents else scores

    def _of_signals(self, found: _Signals) -> float:
        """What patterns add to the logit: whether any claims the intent, how right it is on the examples,
        and how much text it covers.
        """
        if not found.strong:
            return FUSION.refused if found.refused else 0.0
        longest = max(hit.end - hit.start for hit in found.strong)
        trust = max(self._owners[hit.number].trust for hit in found.strong)
        return FUSION.strong + FUSION.longest * min(longest, 8) / 8 + FUSION.trust * trust

    def _outshone(self, name: str, score: float, signals: Mapping[str, _Signals]) -> bool:
        """Whether a complaint is only a likeness to examples, in a message that says plainly how good it is."""
        found = signals.get(name)
        return self._intents[name].kind == "complaint" and score < SURE and not (found and found.strong)

    def _doubtful(self, doubts: frozenset[str]) -> Array:
        """What doubts about these kinds of intents add to each column's logit."""
        added = self._doubts.get(doubts)
        if added is None:
            kinds = (self._intents[name].kind if name in self._intents else "" for name in self._learnt)
            added = np.array([FUSION.doubted * (kind in doubts) for kind in kinds], dtype=np.float32)
            self._doubts[doubts] = added
        return added

    def _rank(self, name: str, score: float) -> float:
        """Sure intents are equals: then what the shop must answer first counts, and what the customer says first."""
        return min(score, CERTAIN) - 0.05 * self._groups[self._intents[name].group].priority

    def _settle(self, names: list[str]) -> list[str]:
        """Without the intents that yield to another one of the list."""
        together = frozenset(names)
        return [name for name in names if not self._yields[name] & together]

    def _match(
        self, name: str, score: float, signals: Mapping[str, _Signals], linear: Linear, message: Normalised
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


def _sure(score: float, found: _Signals | None) -> bool:
    """Whether an intent holds even in a message that sounds like none of the shop's business."""
    return found is not None and bool(found.strong) and score >= SURE


def _taught(content: Content) -> dict[str, tuple[str, ...]]:
    """Sentence -> the intents that examples and near misses give it, main one first; none where they disagree."""
    lessons: dict[str, tuple[str, ...]] = {}
    disputed: set[str] = set()
    for intent in content.intents.values():
        given = [(example.text, (intent.id, *example.also)) for example in intent.examples]
        given += [(miss.text, (miss.intent, *miss.also)) for miss in intent.not_examples if miss.intent]
        for text, names in given:
            key = _key(normalise(text).text)
            labels = tuple(name for name in dict.fromkeys(names) if name in content.intents and name != OTHER)
            if set(lessons.setdefault(key, labels)) != set(labels):
                disputed.add(key)
    return {key: labels for key, labels in lessons.items() if key and key not in disputed}


def _key(text: str) -> str:
    """A sentence without its punctuation."""
    return "".join(filter(str.isalnum, text))


def _place(found: _Signals | None) -> int:
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


def _weighed(fair: Array | None, columns: int) -> Array:
    """Per column what the model alone says, on the scale of the final score's logit."""
    if fair is None:
        return np.full(columns, -10.0, dtype=np.float32)
    weighed: Array = np.minimum(np.maximum(fair, -MAX_LOGIT), MAX_LOGIT)
    weighed *= FUSION.learnt
    weighed += FUSION.bias
    best = np.maximum.reduce(fair)
    weighed[fair >= best] += FUSION.first + (FUSION.unsure if best < UNSURE else 0.0)
    return weighed


def _chance(fair: Array | None, column: int) -> float:
    """The model's own score of a column, in [0, 1]."""
    return 0.0 if fair is None else 1 / (1 + math.exp(-min(30.0, max(-30.0, float(fair[column])))))
