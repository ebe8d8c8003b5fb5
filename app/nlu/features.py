"""What the linear model sees of a text: characters in runs of one to three, and words alone and in pairs.

The same function serves training and prediction, so they cannot drift apart.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from app.nlu.text import CLAUSE_END, Tokeniser

LONG_WORD: Final = 3
"""Words up to this length are character runs already."""


class Feature(NamedTuple):
    """A feature's name and where it stands: text[start:end]."""

    name: str
    start: int
    end: int


def features(text: str, tokeniser: Tokeniser) -> list[Feature]:
    """All features of a normalised text, in no particular order; none crosses a punctuation mark."""
    found: list[Feature] = []
    _characters(text, found)
    _words(tokeniser.cut(text), found)
    return found


def _characters(text: str, found: list[Feature]) -> None:
    length = len(text)
    open_until = 0
    for at, letter in enumerate(text):
        if letter in CLAUSE_END:
            if letter in "?!":
                found.append(Feature(letter, at, at + 1))
            open_until = at + 1
            continue
        end = at + 1
        found.append(Feature(letter, at, end))
        if at > open_until:
            found.append(Feature(text[at - 1 : end], at - 1, end))
            if at - 1 > open_until:
                found.append(Feature(text[at - 2 : end], at - 2, end))
        else:
            found.append(Feature("^" + letter, at, end))
        if end == length or text[end] in CLAUSE_END:
            found.append(Feature(letter + "$", at, end))


def _words(words: list[str], found: list[Feature]) -> None:
    at, before, before_at = 0, "", 0
    for word in words:
        end = at + len(word)
        if word[0] in CLAUSE_END:
            before = ""
        else:
            if len(word) > LONG_WORD:
                found.append(Feature("w:" + word, at, end))
            if before:
                found.append(Feature(f"{before} {word}", before_at, end))
            before, before_at = word, at
        at = end
