"""Which features each of many texts has, all texts at once: what learning reads, as `features.Spotter` reads one message.

A feature is a number while it is counted; only those that are learnt get a name: runs of one to three characters within a
clause, its first (^) and last ($) one, question and exclamation marks, pairs of words and long words (w:).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.nlu.features import LONG_WORD
from app.nlu.text import CLAUSE_END, Tokeniser

Numbers = NDArray[np.int64]
_OF_LETTER: Final = 20
"""Bits of a character's number, three of which make a run; no content has a million different ones."""
_OF_WORD: Final = 30
_PAIR: Final = 1 << 60
_LONG: Final = 1 << 61


class Bags:
    """found: the features of all texts, each as a number; of_text: the text that each is of."""

    def __init__(self, texts: Sequence[str], tokeniser: Tokeniser) -> None:
        """texts: normalised."""
        together = "\n".join(texts)
        lengths = np.fromiter(map(len, texts), np.int64, len(texts)) + 1
        text_at = np.repeat(np.arange(len(texts)), lengths)
        letters, number = _letters(together)
        self._letters = letters
        parts = [*self._runs(number), self._words(tokeniser.cut(together))]
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

    def _words(self, words: list[str]) -> tuple[Numbers, Numbers]:
        """Pairs of words and long words, each with the place where it begins."""
        self._known = {word: at for at, word in enumerate(dict.fromkeys(words))}
        number = np.fromiter(map(self._known.__getitem__, words), np.int64, len(words))
        lengths = np.fromiter(map(len, self._known), np.int64, len(self._known))[number]
        at = np.cumsum(lengths) - lengths
        within = ~np.fromiter((word in CLAUSE_END for word in self._known), np.bool_, len(self._known))[
            number
        ]
        second = np.flatnonzero(within[1:] & within[:-1]) + 1
        long = np.flatnonzero(within & (lengths > LONG_WORD))
        pairs = _PAIR | number[second - 1] << _OF_WORD | number[second]
        return np.concatenate([pairs, _LONG | number[long]]), at[np.concatenate([second, long])]

    def names(self, features: Numbers) -> list[str]:
        """The names of features by their numbers."""
        words, letters = list(self._known), self._letters
        of_letter, of_word = (1 << _OF_LETTER) - 1, (1 << _OF_WORD) - 1
        names = []
        for feature in features.tolist():
            if feature & _LONG:
                names.append(f"w:{words[feature & of_word]}")
            elif feature & _PAIR:
                names.append(f"{words[feature >> _OF_WORD & of_word]} {words[feature & of_word]}")
            else:
                run = feature >> 2 * _OF_LETTER, feature >> _OF_LETTER & of_letter, feature & of_letter
                names.append("".join([letters[number] for number in run]))
        return names


def _letters(text: str) -> tuple[list[str], Numbers]:
    """The characters of a text and those that mark a clause's beginning and end, and for each place the number of its own.
    Number 0 is none.
    """
    codes = np.frombuffer(f"^$\n{text}".encode("utf-32-le"), dtype=np.uint32)
    different, number = np.unique(codes, return_inverse=True)
    return ["", *map(chr, different.tolist())], number[3:] + 1
