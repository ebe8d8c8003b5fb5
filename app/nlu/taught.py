"""What examples teach word by word: a message that is an example itself gets that example's intents.

Of the sentences only numbers are kept, with the model, so that a start needs not read thirty thousand examples again.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.content.model import Content
from app.nlu.text import normal_words

OTHER: Final = "other"
Lesson = tuple[str, tuple[str, ...]]
"""The intent in whose file a sentence stands, and the intents it is given there, the main one first."""


@dataclass(frozen=True)
class Lessons:
    """sentences: the numbers of all examples and near misses in the order of the content. which: of `kinds`, for each."""

    sentences: NDArray[np.uint64]
    which: NDArray[np.uint16]
    kinds: tuple[Lesson, ...]


NO_LESSONS: Final = Lessons(np.zeros(0, np.uint64), np.zeros(0, np.uint16), ())


def lessons(content: Content) -> Lessons:
    """The lessons of a content with its examples."""
    kinds: dict[Lesson, int] = {}
    given: list[tuple[str, int]] = []
    for intent in content.intents.values():
        said = [(example.text, (intent.id, *example.also)) for example in intent.examples]
        said += [(miss.text, (miss.intent, *miss.also)) for miss in intent.not_examples if miss.intent]
        given += [(text, kinds.setdefault((intent.id, names), len(kinds))) for text, names in said]
    keys = map(_key, normal_words([text for text, _ in given]))
    found = [(_number(key), kind) for key, (_, kind) in zip(keys, given, strict=True) if key]
    return Lessons(
        np.array([number for number, _ in found], np.uint64),
        np.array([kind for _, kind in found], np.uint16),
        tuple(kinds),
    )


class Taught:
    """Lessons as they hold among some intents; where two disagree about a sentence neither counts."""

    def __init__(self, learnt: Lessons, intents: Collection[str]) -> None:
        labels = [
            tuple(name for name in dict.fromkeys(names) if name in intents and name != OTHER)
            if owner in intents
            else None
            for owner, names in learnt.kinds
        ]
        self._labels: dict[int, tuple[str, ...]] = {}
        disputed: set[int] = set()
        for number, kind in zip(learnt.sentences.tolist(), learnt.which.tolist(), strict=True):
            given = labels[kind]
            if given is not None:
                known = self._labels.setdefault(number, given)
                if known is not given and set(known) != set(given):
                    disputed.add(number)
        for number in disputed:
            del self._labels[number]

    def find(self, text: str) -> tuple[str, ...] | None:
        """The intents that examples give this normalised text, none of them for `other`; None where they don't know it."""
        return self._labels.get(_number(_key(text)))


def _key(text: str) -> str:
    """A sentence without its punctuation."""
    return "".join(filter(str.isalnum, text))


def _number(key: str) -> int:
    return int.from_bytes(blake2b(key.encode("utf-8", "replace"), digest_size=8).digest(), "little")
