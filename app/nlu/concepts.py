"""What a text is about, in classes of meaning: 洗 then 变小, whatever the words; the second linear model's view of it.

`intents/_concepts.yaml` lists the words of each class. A feature is a class, a class under a negation, or two of them in
this order and close together. Where one word contains another, only the longer one counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Final, NamedTuple

import numpy as np
from ahocorasick_rs import AhoCorasick

from app.nlu.model import Array, LinearModel
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
    """What the second model says of a text. Built once per release."""

    def __init__(self, classes: Mapping[str, Sequence[str]], model: LinearModel | None) -> None:
        self._concepts = Concepts(classes)
        self._model = model if model is not None and model.vocabulary else None
        numbers = {self._concepts.single(number): number for number in range(self._concepts.count)}
        self._rows: dict[int, int] = {}
        if self._model is not None:
            self._squares = np.square(self._model.idf)
            for name, row in self._model.vocabulary.items():
                first, then, second = name.partition(THEN)
                code = (
                    (numbers[first] + 1) * self._concepts.count + numbers[second] if then else numbers[first]
                )
                self._rows[code] = row

    def read(self, text: str, clauses: Sequence[tuple[int, int]]) -> Array | None:
        """The logits [parts, intents] of the whole and, where there are several, of each clause; None without a model."""
        if self._model is None:
            return None
        found = self._concepts.find(text)
        parts = [self._known(found)]
        if len(clauses) > 1:
            parts += [
                self._known([meaning for meaning in found if start <= meaning.start < end])
                for start, end in clauses
            ]
        known = [part for part, rows in enumerate(parts) if rows]
        logits = np.repeat(self._model.bias[None, :], len(parts), axis=0)
        if known:
            every = np.array([row for rows in parts for row in rows], dtype=np.intp)
            starts = [0, *accumulate(len(parts[part]) for part in known[:-1])]
            lengths = np.sqrt(np.add.reduceat(self._squares.take(every), starts))
            logits[known] += (
                np.add.reduceat(self._model.weights.take(every, axis=0), starts, axis=0) / lengths[:, None]
            )
        return logits

    def _known(self, found: Sequence[Meaning]) -> list[int]:
        rows = self._rows
        return [rows[code] for code in self._concepts.codes(found) if code in rows]


def _longest_first(hit: tuple[int, int, int]) -> tuple[int, int]:
    return hit[1], -hit[2]
