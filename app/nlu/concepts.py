"""What a text is about, in classes of meaning: 洗 then 变小, whatever the words; the second linear model's view of it.

`intents/_concepts.yaml` lists the words of each class. A feature is a class, a class under a negation, or two of them in
this order and close together. Where one word contains another, only the longer one counts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import Final

from ahocorasick_rs import AhoCorasick

from app.nlu.text import normal_words

REACH: Final = 12
"""Characters at most between the two classes of a pair."""
MAX_FOUND: Final = 400
NOT: Final = "非"
THEN: Final = "→"
_NEGATIONS: Final = ("没", "不", "未", "无", "没有", "不会", "不是")
_END_NEGATIONS: Final = frozenset(word[-1] for word in _NEGATIONS)

Meaning = tuple[int, int, int]
"""start, end, number: a class at text[start:end]; number: twice its place in the list, one more under a negation."""


class Concepts:
    """Finds the classes of meaning in normalised texts."""

    def __init__(self, classes: Mapping[str, Sequence[str]]) -> None:
        self.names = tuple(classes)
        self.count = 2 * len(self.names)
        of_word: dict[str, list[int]] = {}
        spelt = iter(normal_words([word for words in classes.values() for word in words]))
        for number, words in enumerate(classes.values()):
            for word in islice(spelt, len(words)):
                of_word.setdefault(word, []).append(2 * number)
        of_word.pop("", None)
        self._classes = tuple(tuple(dict.fromkeys(numbers)) for numbers in of_word.values())
        self._matcher = AhoCorasick(list(of_word), store_patterns=False) if of_word else None

    def find(self, text: str) -> list[Meaning]:
        """All classes in text order; at most MAX_FOUND."""
        if self._matcher is None or not text:
            return []
        found: list[Meaning] = []
        classes = self._classes
        for word, start, end in _outermost(self._matcher.find_matches_as_indexes(text, overlapping=True)):
            negated = text[start - 1 : start] in _END_NEGATIONS and text.endswith(_NEGATIONS, 0, start)
            found += [(start, end, number + negated) for number in classes[word]]
        return found[:MAX_FOUND]

    def codes(self, found: Sequence[Meaning]) -> set[int]:
        """The features of what was found, each as a number; `name` says which."""
        count = self.count
        codes = {number for _, _, number in found}
        for at, (_, end, number) in enumerate(found):
            base = (number + 1) * count
            for start, _, other in found[at + 1 :]:
                if start > end + REACH:
                    break
                if start >= end:
                    codes.add(base + other)
        return codes

    def name(self, code: int) -> str:
        """A feature's name in the model."""
        first, second = divmod(code, self.count)
        return f"{self.single(first - 1)}{THEN}{self.single(second)}" if first else self.single(second)

    def single(self, number: int) -> str:
        """The name of one class, negated or not, by its number."""
        return (NOT if number % 2 else "") + self.names[number // 2]


class ConceptReader:
    """Which rows of the second model a text has. Built once per release."""

    def __init__(
        self, classes: Mapping[str, Sequence[str]], vocabulary: Mapping[str, int], first: int
    ) -> None:
        """vocabulary: feature name -> row of the model. first: what is added to every row."""
        self._concepts = Concepts(classes)
        numbers = {self._concepts.single(number): number for number in range(self._concepts.count)}
        self._single: list[int | None] = [None] * self._concepts.count
        self._pairs: list[dict[int, int]] = [{} for _ in numbers]
        """By the first class's number: the second's -> the row of the two."""
        for name, row in vocabulary.items():
            one, then, two = name.partition(THEN)
            if then:
                self._pairs[numbers[one]][numbers[two]] = first + row
            else:
                self._single[numbers[one]] = first + row

    def rows(self, text: str, clauses: Sequence[tuple[int, int]]) -> list[list[int]]:
        """Those of the whole text, then those of each clause where there are several."""
        found = _without_long_runs(self._concepts.find(text))
        homes = _homes(found, clauses)
        whole: set[int] = set()
        parts: list[set[int]] = [set() for _ in (*clauses, "outside")]
        for at, (_, end, number) in enumerate(found):
            home = homes[at]
            own, known, reach = parts[home], self._pairs[number], end + REACH
            if (row := self._single[number]) is not None:
                own.add(row)
            for later in range(at + 1, len(found)):
                start, _, other = found[later]
                if start > reach:
                    break
                if start >= end and other in known:
                    (own if homes[later] == home else whole).add(known[other])
        whole.update(*parts)
        return list(map(list, [whole, *parts[:-1]] if len(clauses) > 1 else [whole]))

    def places(self, text: str, part: tuple[int, int], rows: Collection[int]) -> list[tuple[int, int]]:
        """Where the words stand, in text[start:end] of `part`, that bring these rows; the two words of a pair one by one."""
        first, last = part
        found = [meaning for meaning in self._concepts.find(text) if first <= meaning[0] < last]
        places: list[tuple[int, int]] = []
        for at, (begin, end, number) in enumerate(found):
            if self._single[number] in rows:
                places.append((begin, end))
            for start, stop, other in found[at + 1 :]:
                if start > end + REACH:
                    break
                if start >= end and self._pairs[number].get(other) in rows:
                    places += [(begin, end), (start, stop)]
        return places


def _homes(found: Sequence[Meaning], clauses: Sequence[tuple[int, int]]) -> list[int]:
    """For each meaning, in text order, the number of the clause it begins in; the number of clauses for one outside."""
    homes = []
    number, outside = 0, len(clauses)
    for start, _, _ in found:
        while number < outside and start >= clauses[number][1]:
            number += 1
        homes.append(number if number < outside and start >= clauses[number][0] else outside)
    return homes


def _outermost(hits: Iterable[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Those that no other contains, in text order. hits: (word, start, end) in the order of their ends."""
    kept: list[tuple[int, int, int]] = []
    for hit in hits:
        _, start, end = hit
        while kept and kept[-1][1] >= start:
            kept.pop()
        if not kept or kept[-1][2] < end:
            kept.append(hit)
    return kept


def _without_long_runs(found: list[Meaning]) -> list[Meaning]:
    """Without what stands inside of a run of one class, as the digits of an order number: all its pairs are there without it.

    The first two and the last of a run stay: what stands before it is nearest to the first, what follows to the last.
    """
    if len({number for _, _, number in found}) > len(found) - 3:
        return found
    inside = (
        at > 1
        and found[at - 2][2] == found[at - 1][2] == number == found[at + 1][2]
        and found[at - 1][1] == start
        and found[at + 1][0] == end
        for at, (start, end, number) in enumerate(found[:-1])
    )
    return [meaning for meaning, drop in zip(found, (*inside, False), strict=True) if not drop]
