"""What a text is about, in classes of meaning: 洗 then 变小, whatever the words; the second linear model's view of it.

`intents/_concepts.yaml` lists the words of each class. A feature is a class, a class under a negation, or two of them in
this order and close together. Where one word contains another, only the longer one counts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

from ahocorasick_rs import AhoCorasick

from app.nlu.text import normalise

REACH: Final = 12
"""Characters at most between the two classes of a pair."""
MAX_FOUND: Final = 400
NOT: Final = "非"
THEN: Final = "→"
_NEGATIONS: Final = ("没", "不", "未", "无", "冇", "唔", "没有", "不会", "不是")


class Meaning(NamedTuple):
    """A class at text[start:end]; number: twice the class's place in the list, one more under a negation."""

    start: int
    end: int
    number: int


class Concepts:
    """Finds the classes of meaning in normalised texts."""

    def __init__(self, classes: Mapping[str, Sequence[str]]) -> None:
        self.names = tuple(classes)
        self.count = 2 * len(self.names)
        of_word: dict[str, list[int]] = {}
        for number, words in enumerate(classes.values()):
            for word in words:
                of_word.setdefault(normalise(word).text, []).append(2 * number)
        of_word.pop("", None)
        self._classes = tuple(tuple(dict.fromkeys(numbers)) for numbers in of_word.values())
        self._matcher = AhoCorasick(list(of_word), store_patterns=False) if of_word else None

    def find(self, text: str) -> list[Meaning]:
        """All classes in text order; at most MAX_FOUND."""
        if self._matcher is None or not text:
            return []
        found: list[Meaning] = []
        last = -1
        hits = self._matcher.find_matches_as_indexes(text, overlapping=True)
        for word, start, end in sorted(hits, key=_longest_first):
            if end <= last:
                continue
            last = end
            negated = text[max(0, start - 2) : start].endswith(_NEGATIONS)
            found += [Meaning(start, end, number + negated) for number in self._classes[word]]
        return found[:MAX_FOUND]

    def codes(self, found: Sequence[Meaning]) -> set[int]:
        """The features of what was found, each as a number; `name` says which."""
        count = self.count
        codes = {meaning.number for meaning in found}
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
        found = self._concepts.find(text)
        homes = _homes(found, clauses)
        whole: set[int] = set()
        parts: list[set[int]] = [set() for _ in (*clauses, "outside")]
        for at, (_, end, number) in enumerate(found):
            home = homes[at]
            if (row := self._single[number]) is not None:
                whole.add(row)
                parts[home].add(row)
            known = self._pairs[number]
            for later in range(at + 1, len(found)):
                start, _, other = found[later]
                if start > end + REACH:
                    break
                if start >= end and (row := known.get(other)) is not None:
                    whole.add(row)
                    if homes[later] == home:
                        parts[home].add(row)
        return list(map(list, [whole, *parts[:-1]] if len(clauses) > 1 else [whole]))

    def places(self, text: str, part: tuple[int, int], rows: Collection[int]) -> list[tuple[int, int]]:
        """Where the words stand, in text[start:end] of `part`, that bring these rows; the two words of a pair one by one."""
        first, last = part
        found = [meaning for meaning in self._concepts.find(text) if first <= meaning.start < last]
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


def _longest_first(hit: tuple[int, int, int]) -> tuple[int, int]:
    return hit[1], -hit[2]
