"""The dictionary of a release: jieba's stock words and the shop's lexicon. Made when the model is learnt, and stored with it."""

from __future__ import annotations

from collections.abc import Iterable
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from app.later import Later
from app.nlu.text import Dictionary

if TYPE_CHECKING:
    import jieba
else:
    jieba = Later("jieba")

RARE: Final = 4


def dictionary(lexicon: Iterable[str]) -> Dictionary:
    """The stock words and the lexicon's, each of these so frequent that it is cut out."""
    learning = _stock()
    counts: dict[str, int] = learning.FREQ
    lexicon = list(lexicon)
    own = frozenset(word for word in lexicon if not counts.get(word))
    for word in lexicon:
        _add(learning, word)
    return Dictionary(tuple(counts), np.fromiter(counts.values(), np.int32), learning.total, own)


def _add(tokeniser: Any, word: str) -> None:
    """Make a word so frequent that it is cut out."""
    known = tokeniser.FREQ
    for end in range(1, len(word)):
        known.setdefault(word[:end], 0)
    frequency = max(tokeniser.suggest_freq(word) if len(word) > 1 else 1, known.get(word, 0), 3)
    known[word] = frequency
    tokeniser.total += frequency


def _stock() -> Any:
    """jieba with its stock dictionary, but not the cache file that it would write to the shared temp folder.

    Words rarer than RARE are left out: half the memory and start-up time, and no shop's customer writes them.
    """
    tokeniser = jieba.Tokenizer()
    frequencies: dict[str, int] = {}
    rare = {str(number) for number in range(RARE)}
    with TextIOWrapper(tokeniser.get_dict_file(), "utf-8") as file:
        for line in file:
            word, number, _ = line.split(" ", 2)
            if number not in rare:
                frequencies[word] = int(number)
    tokeniser.total = sum(frequencies.values())
    for word in list(frequencies):
        for end in range(len(word) - 1, 1, -1):
            if word[:end] in frequencies:
                break
            frequencies[word[:end]] = 0
    tokeniser.FREQ, tokeniser.initialized = frequencies, True
    return tokeniser
