"""What the linear model sees of a text: characters in runs of one to three, and words alone and in pairs.

The same function serves training and prediction, so they cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.nlu.text import CLAUSE_END, Tokeniser


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature's name and where it stands: text[start:end]."""

    name: str
    start: int
    end: int


def features(text: str, tokeniser: Tokeniser) -> Iterator[Feature]:
    """All features of a normalised text, in no particular order; none crosses a punctuation mark."""
    yield from _characters(text)
    yield from _words(tokeniser.cut(text))


def _characters(text: str) -> Iterator[Feature]:
    length = len(text)
    open_until = 0
    for at, letter in enumerate(text):
        if letter in CLAUSE_END:
            if letter in "?!":
                yield Feature(letter, at, at + 1)
            open_until = at + 1
            continue
        yield Feature(letter, at, at + 1)
        if at - 1 >= open_until:
            yield Feature(text[at - 1 : at + 1], at - 1, at + 1)
        if at - 2 >= open_until:
            yield Feature(text[at - 2 : at + 1], at - 2, at + 1)
        if at == open_until:
            yield Feature("^" + letter, at, at + 1)
        if at + 1 == length or text[at + 1] in CLAUSE_END:
            yield Feature(letter + "$", at, at + 1)


def _words(words: list[str]) -> Iterator[Feature]:
    at, before, before_at = 0, "", 0
    for word in words:
        end = at + len(word)
        if word[0] in CLAUSE_END:
            before = ""
        else:
            if len(word) > 3:
                yield Feature("w:" + word, at, end)
            if before:
                yield Feature(f"{before} {word}", before_at, end)
            before, before_at = word, at
        at = end
