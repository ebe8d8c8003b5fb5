"""Everyday words, as which no slip of the keyboard is taken (`app.nlu.sounds`). Read when the model is learnt, and stored with it."""

from __future__ import annotations

from collections.abc import Iterable
from io import TextIOWrapper
from typing import TYPE_CHECKING, Final

from app.later import Later
from app.nlu.text import normal_words

if TYPE_CHECKING:
    import jieba
else:
    jieba = Later("jieba")

RARE: Final = 4
"""Words that jieba's dictionary counts less often are no everyday words."""
LENGTHS: Final = (2, 3)
"""How many letters a word has that a slip is compared with."""


def everyday() -> frozenset[str]:
    """The words of jieba's dictionary that people use, of the lengths that are asked for."""
    found = set()
    with TextIOWrapper(jieba.Tokenizer().get_dict_file(), "utf-8") as file:
        for line in file:
            word, count, _ = line.split(" ", 2)
            if len(word) in LENGTHS and int(count) >= RARE:
                found.add(word)
    return frozenset(found)


def parts(lexicon: Iterable[str]) -> set[str]:
    """The words of a shop's lexicon, normalised, those of the lengths that are asked for and the parts of longer ones."""
    words = normal_words(list(lexicon))
    return {
        word[at : at + length] for word in words for length in LENGTHS for at in range(len(word) - length + 1)
    }
