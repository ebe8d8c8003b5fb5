"""Many patterns against one text: one Aho-Corasick pass for all their words, then each pattern joins its words' places.

The cost grows with the words found, not with what a pattern's author wrote; there is no backtracking.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Final, NamedTuple

from ahocorasick_rs import AhoCorasick

from app.content.pattern import Pattern
from app.nlu.text import CLAUSE_END, SENTENCE_END, normal_words

_STOP: Final = re.compile(f"[{re.escape(''.join(sorted(CLAUSE_END)))}]")
_TRAILING = CLAUSE_END | frozenset("了啊呀呢吧哦噢喔哈呗哒的嗯~.")


MAX_HITS: Final = 12
"""Places of one pattern in one text; more say nothing new."""
MAX_CLAUSE: Final = 60
MAX_TAIL: Final = 40


class Hit(NamedTuple):
    """Pattern `number` found at text[start:end]."""

    number: int
    start: int
    end: int


class _Step(NamedTuple):
    words: frozenset[int]
    gap: int


class _Plan(NamedTuple):
    steps: tuple[_Step, ...]
    excludes: frozenset[int]
    at_start: bool
    at_end: bool
    end_gap: int


class PatternSet:
    """Patterns compiled together; `find` says which of them occur in a normalised text, and where."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self._words: dict[str, int] = {}
        every = {word for one in patterns for item in one.items for word in item.words}
        every.update(word for one in patterns for word in one.excludes)
        self._spelt = dict(zip(every, normal_words(list(every)), strict=True))
        self._numbered: dict[frozenset[str], frozenset[int]] = {}
        # equal sets of words are one object, so that a text looks each of them up once
        self._shared: dict[frozenset[int], frozenset[int]] = {}
        steps = [self._steps(pattern) for pattern in patterns]
        excludes = [self._numbers(pattern.excludes) for pattern in patterns]
        self._matcher = AhoCorasick(list(self._words), store_patterns=False) if self._words else None
        self._plans = [
            _Plan(steps[number], excludes[number], pattern.at_start, pattern.at_end, pattern.end_gap)
            for number, pattern in enumerate(patterns)
        ]
        self._index(steps)
        self._spelt.clear()
        self._numbered.clear()

    def _index(self, steps: Sequence[tuple[_Step, ...]]) -> None:
        """Which patterns a word calls for, and what else must be there: only these few are looked at in a text.

        A word of a pattern's rarest step calls for it. Every other step is one bit: `_fills` has those that a word stands
        for, `_needs` those that a pattern needs.
        """
        lengths = [len(word) for word in self._words]
        calls: list[list[int]] = [[] for _ in lengths]
        self._fills = [0 for _ in lengths]
        self._needs: list[int] = []
        self._firsts: list[bool] = []
        """Whether it is a pattern's first step whose words call for it."""
        bits: dict[frozenset[int], int] = {}
        for pattern, own in enumerate(steps):
            rarest = min(own, key=lambda step: _expected(step, lengths))
            for word in rarest.words:
                calls[word].append(pattern)
            needed = 0
            for step in own:
                if step is not rarest:
                    if step.words not in bits:
                        bits[step.words] = bit = 1 << len(bits)
                        for word in step.words:
                            self._fills[word] |= bit
                    needed |= bits[step.words]
            self._needs.append(needed)
            self._firsts.append(rarest is own[0])
        self._every = (1 << len(bits)) - 1
        self._calls = list(map(tuple, calls))

    def _steps(self, pattern: Pattern) -> tuple[_Step, ...]:
        return tuple(_Step(self._numbers(item.words), item.gap) for item in pattern.items)

    def _numbers(self, words: frozenset[str]) -> frozenset[int]:
        known = self._numbered.get(words)
        if known is None:
            normal = {self._spelt[word] for word in words} - {""}
            numbers = frozenset(self._words.setdefault(word, len(self._words)) for word in sorted(normal))
            known = self._numbered[words] = self._shared.setdefault(numbers, numbers)
        return known

    def find(self, text: str) -> list[Hit]:
        """All places of all patterns, at most one per pattern and end position, in pattern order."""
        if self._matcher is None or not text:
            return []
        places: dict[int, list[tuple[int, int]]] = {}
        for word, start, end in self._matcher.find_matches_as_indexes(text, overlapping=True):
            if word in places:
                places[word].append((start, end))
            else:
                places[word] = [(start, end)]
        calls, fills, needs = self._calls, self._fills, self._needs
        filled = 0
        for word in places:
            filled |= fills[word]
        missing = self._every ^ filled
        called: dict[int, list[tuple[int, int]]] = {}
        for word, spots in places.items():
            for number in calls[word]:
                if not needs[number] & missing:
                    called[number] = sorted(called[number] + spots) if number in called else spots
        if not called:
            return []
        reader, plans, firsts = _Reader(text, places), self._plans, self._firsts
        return [
            Hit(number, start, end)
            for number in sorted(called)
            for start, end in reader.read(plans[number], called[number] if firsts[number] else None)
        ]


def _expected(step: _Step, lengths: Sequence[int]) -> float:
    """How often a step's words come up by chance, roughly: long words are rare, many words are not."""
    return sum(30.0 ** -lengths[word] for word in step.words)


class _Reader:
    """One text with the places of all words found in it."""

    def __init__(self, text: str, places: dict[int, list[tuple[int, int]]]) -> None:
        self.text = text
        self.places = places
        self.found = frozenset(places)
        self.spots: dict[frozenset[int], list[tuple[int, int]]] = {}
        self.stops = [found.start() for found in _STOP.finditer(text)]
        """Where the punctuation marks stand."""
        self.ends = [at for at in self.stops if text[at] in SENTENCE_END]
        """Where sentences end."""

    def read(self, plan: _Plan, spots: list[tuple[int, int]] | None) -> list[tuple[int, int]]:
        """Where the pattern stands, in the order of the ends. spots: those of its first step where they are known."""
        steps, excludes, at_start, at_end, end_gap = plan
        if spots is None:
            spots = self._spots(steps[0].words)
        if at_start:
            spots = [spot for spot in spots if self._is_start(spot[0])]
        if len(steps) > 1 or len(spots) > 1:
            spots = self._chained(spots, steps)
        if at_end:
            spots = [spot for spot in spots if self._is_end(spot[1], end_gap)]
        if excludes and spots and not excludes.isdisjoint(self.found):
            spots = [spot for spot in spots if not self._excluded(*spot, excludes)]
        return spots

    def _chained(self, spots: list[tuple[int, int]], steps: tuple[_Step, ...]) -> list[tuple[int, int]]:
        """Where the steps follow each other from these places of the first one on, at most MAX_HITS."""
        # end of the last word -> start of the whole; the latest start wins, so evidence stays tight
        chains = {end: start for start, end in spots}
        for step in steps[1:]:
            if not chains:
                return []
            chains = self._extend(chains, self._spots(step.words), step.gap)
        ends = sorted(chains)[:MAX_HITS] if len(chains) > 1 else chains
        return [(chains[end], end) for end in ends]

    def _spots(self, words: frozenset[int]) -> list[tuple[int, int]]:
        """Where any of the words stands, in text order."""
        spots = self.spots.get(words)
        if spots is None:
            places = self.places
            there = words & self.found
            if len(there) == 1:
                (word,) = there
                spots = places[word]
            else:
                spots = sorted(spot for word in there for spot in places[word])
            self.spots[words] = spots
        return spots

    def _extend(self, chains: dict[int, int], spots: list[tuple[int, int]], gap: int) -> dict[int, int]:
        longer: dict[int, int] = {}
        if len(chains) == 1:
            ((before, origin),) = chains.items()
            for start, end in spots:
                if before <= start <= before + gap and not self._is_sentence_over(before, start):
                    longer[end] = origin
            return longer
        ends = sorted(chains)
        for start, end in spots:
            nearest = bisect_right(ends, start) - 1
            if nearest >= 0:
                before = ends[nearest]
                if before >= start - gap and not self._is_sentence_over(before, start):
                    longer[end] = max(longer.get(end, 0), chains[before])
        return longer

    def _is_sentence_over(self, before: int, after: int) -> bool:
        """Whether a sentence ends between two places."""
        return bool(self.ends) and bisect_left(self.ends, before) < bisect_left(self.ends, after)

    def _is_start(self, start: int) -> bool:
        """Whether only punctuation marks stand before."""
        return not start or (len(self.stops) >= start and self.stops[start - 1] == start - 1)

    def _is_end(self, end: int, gap: int) -> bool:
        """Whether at most `gap` letters that say something follow."""
        if len(self.text) - end > gap + MAX_TAIL:
            return False
        for letter in self.text[end:]:
            if letter not in _TRAILING and letter.isalnum():
                if not gap:
                    return False
                gap -= 1
        return True

    def _excluded(self, left: int, right: int, words: frozenset[int]) -> bool:
        """Whether one of the words stands in the clauses of text[left:right]."""
        stops = self.stops
        first, last = max(0, left - MAX_CLAUSE), min(len(self.text), right + MAX_CLAUSE)
        before, after = bisect_left(stops, left), bisect_left(stops, right)
        if before:
            first = max(first, stops[before - 1] + 1)
        if after < len(stops):
            last = min(last, stops[after])
        return any(first <= start and end <= last for start, end in self._spots(words))
