"""Which features each of many texts has, all texts at once: what learning reads, as `features.Spotter` reads one message.

A feature is a number while it is counted; only those that are learnt get a name: runs of one to three characters within a
clause, its first (^) and last ($) one, question and exclamation marks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.nlu.text import CLAUSE_END

Numbers = NDArray[np.int64]
_OF_LETTER: Final = 20
"""Bits of a character's number, three of which make a run; no content has a million different ones."""


class Bags:
    """found: the features of all texts, each as a number; of_text: the text that each is of."""

    def __init__(self, texts: Sequence[str]) -> None:
        """texts: normalised."""
        together = "\n".join(texts)
        lengths = np.fromiter(map(len, texts), np.int64, len(texts)) + 1
        text_at = np.repeat(np.arange(len(texts)), lengths)
        letters, number = _letters(together)
        self._letters = letters
        parts = self._runs(number)
        self.found = np.concatenate([found for found, _ in parts])
        self.of_text = text_at[np.concatenate([at for _, at in parts])]

    def _runs(self, number: Numbers) -> list[tuple[Numbers, Numbers]]:
        """Each with the places that it is found at. number: of each character."""
        known = {letter: at for at, letter in enumerate(self._letters)}
        ends = np.array([letter in CLAUSE_END for letter in self._letters], dtype=np.bool_)
        within = np.concatenate([[False, False], ~ends[number], [False]])
        before, within, after, two = within[1:-2], within[2:-1], within[3:], within[:-3]
        marks = np.isin(number, [known[mark] for mark in "?!" if mark in known])
        one = np.flatnonzero(within | marks)
        pair, three = np.flatnonzero(within & before), np.flatnonzero(within & before & two)
        first, last = np.flatnonzero(within & ~before), np.flatnonzero(within & ~after)
        return [
            (number[one], one),
            (number[pair - 1] << _OF_LETTER | number[pair], pair),
            (number[three - 2] << 2 * _OF_LETTER | number[three - 1] << _OF_LETTER | number[three], three),
            (known["^"] << _OF_LETTER | number[first], first),
            (number[last] << _OF_LETTER | known["$"], last),
        ]

    def names(self, features: Numbers) -> list[str]:
        """The names of features by their numbers."""
        letters, of_letter = self._letters, (1 << _OF_LETTER) - 1
        return [
            letters[feature >> 2 * _OF_LETTER]
            + letters[feature >> _OF_LETTER & of_letter]
            + letters[feature & of_letter]
            for feature in features.tolist()
        ]


def _letters(text: str) -> tuple[list[str], Numbers]:
    """The characters of a text and those that mark a clause's beginning and end, and for each place the number of its own.
    Number 0 is none.
    """
    codes = np.frombuffer(f"^$\n{text}".encode("utf-32-le"), dtype=np.uint32)
    different, number = np.unique(codes, return_inverse=True)
    return ["", *map(chr, different.tolist())], number[3:] + 1
