"""Many patterns against one text: one Aho-Corasick pass for all their words, then each pattern joins its words' places.

The cost grows with the words found, not with what a pattern's author wrote; there is no backtracking.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from ahocorasick_rs import AhoCorasick

from app.content.pattern import Pattern
from app.nlu.text import CLAUSE_END, SENTENCE_END, normalise

_TRAILING = CLAUSE_END | frozenset("了啊呀呢吧哦噢喔哈呗哒的嗯~.")


MAX_HITS: Final = 12
"""Places of one pattern in one text; more say nothing new."""
MAX_CLAUSE: Final = 60
MAX_TAIL: Final = 40


@dataclass(frozen=True, slots=True)
class Hit:
    """Pattern number `index` found at text[start:end]."""

    index: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Step:
    words: frozenset[int]
    gap: int


@dataclass(frozen=True, slots=True)
class _Plan:
    """others: the words of each step but the rarest, which must all be there before it is worth looking closer."""

    steps: tuple[_Step, ...]
    others: tuple[frozenset[int], ...]
    excludes: frozenset[int]
    at_start: bool
    at_end: bool
    end_gap: int


class PatternSet:
    """Patterns compiled together; `find` says which of them occur in a normalised text, and where."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self._words: dict[str, int] = {}
        steps = [self._steps(pattern) for pattern in patterns]
        excludes = [self._numbers(pattern.excludes) for pattern in patterns]
        lengths = [len(word) for word in self._words]
        self._matcher = AhoCorasick(list(self._words), store_patterns=False) if self._words else None
        self._triggers: list[list[int]] = [[] for _ in self._words]
        self._plans: list[_Plan] = []
        for number, pattern in enumerate(patterns):
            rarest = min(steps[number], key=lambda step: _expected(step, lengths))
            others = tuple(step.words for step in steps[number] if step is not rarest)
            for word in rarest.words:
                self._triggers[word].append(number)
            self._plans.append(
                _Plan(
                    steps[number], others, excludes[number], pattern.at_start, pattern.at_end, pattern.end_gap
                )
            )

    def _steps(self, pattern: Pattern) -> tuple[_Step, ...]:
        return tuple(_Step(self._numbers(item.words), item.gap) for item in pattern.items)

    def _numbers(self, words: frozenset[str]) -> frozenset[int]:
        normal = {normalise(word).text for word in words} - {""}
        return frozenset(self._words.setdefault(word, len(self._words)) for word in sorted(normal))

    def find(self, text: str) -> list[Hit]:
        """All places of all patterns, at most one per pattern and end position, in pattern order."""
        if self._matcher is None or not text:
            return []
        places: dict[int, list[tuple[int, int]]] = {}
        numbers: set[int] = set()
        for word, start, end in self._matcher.find_matches_as_indexes(text, overlapping=True):
            places.setdefault(word, []).append((start, end))
            numbers.update(self._triggers[word])
        if not numbers:
            return []
        reader = _Reader(text, places)
        hits: list[Hit] = []
        for number in sorted(numbers):
            plan = self._plans[number]
            for words in plan.others:
                if words.isdisjoint(reader.found):
                    break
            else:
                hits += reader.read(number, plan)
        return hits


def _expected(step: _Step, lengths: Sequence[int]) -> float:
    """How often a step's words come up by chance, roughly: long words are rare, many words are not."""
    return sum(30.0 ** -lengths[word] for word in step.words)


class _Reader:
    """One text with the places of all words found in it."""

    def __init__(self, text: str, places: dict[int, list[tuple[int, int]]]) -> None:
        self.text = text
        self.places = places
        self.found = frozenset(places)
        self.sentence = list(accumulate((letter in SENTENCE_END for letter in text), initial=0))

    def read(self, number: int, plan: _Plan) -> list[Hit]:
        # chains: end of the last word -> start of the whole; the latest start wins, so evidence stays tight
        chains: dict[int, int] = {}
        for at, step in enumerate(plan.steps):
            spots = self._spots(step.words)
            if at == 0:
                if len(spots) > 1:
                    spots.sort()
                chains = {end: start for start, end in spots if not plan.at_start or self._is_start(start)}
            else:
                chains = self._extend(chains, spots, step.gap)
            if not chains:
                return []
        hits = [Hit(number, start, end) for end, start in sorted(chains.items())[:MAX_HITS]]
        if not plan.at_end and not plan.excludes:
            return hits
        return [
            hit
            for hit in hits
            if not (plan.at_end and not self._is_end(hit.end, plan.end_gap))
            and not (plan.excludes and self._excluded(hit, plan.excludes))
        ]

    def _spots(self, words: frozenset[int]) -> list[tuple[int, int]]:
        return [spot for word in words & self.found for spot in self.places[word]]

    def _extend(self, chains: dict[int, int], spots: list[tuple[int, int]], gap: int) -> dict[int, int]:
        ends = sorted(chains)
        longer: dict[int, int] = {}
        for start, end in spots:
            last = bisect_right(ends, start)
            first = bisect_left(ends, start - gap, 0, last)
            for before in reversed(ends[first:last]):
                if self.sentence[before] == self.sentence[start]:
                    longer[end] = max(longer.get(end, 0), chains[before])
                    break
        return longer

    def _is_start(self, start: int) -> bool:
        return all(letter in CLAUSE_END for letter in self.text[:start])

    def _is_end(self, end: int, gap: int) -> bool:
        if len(self.text) - end > gap + MAX_TAIL:
            return False
        return sum(letter not in _TRAILING and letter.isalnum() for letter in self.text[end:]) <= gap

    def _excluded(self, hit: Hit, words: frozenset[int]) -> bool:
        left, right = hit.start, hit.end
        first, last = max(0, left - MAX_CLAUSE), min(len(self.text), right + MAX_CLAUSE)
        while left > first and self.text[left - 1] not in CLAUSE_END:
            left -= 1
        while right < last and self.text[right] not in CLAUSE_END:
            right += 1
        return any(left <= start and end <= right for start, end in self._spots(words))
