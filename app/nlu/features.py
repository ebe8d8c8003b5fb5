"""What the linear model sees of a text: characters in runs of one to three, and words alone and in pairs.

`features` names them for training. `Spotter` finds the rows of those that a model knows, without making names that nobody
knows; tests/test_understanding.py holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from operator import concat
from typing import Final, NamedTuple, cast

from app.nlu.text import CLAUSE_END, Tokeniser, clauses

LONG_WORD: Final = 3
"""Words up to this length are character runs already."""
MAX_CLAUSES: Final = 60
"""How many clauses are looked at one by one."""


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


class Place(NamedTuple):
    """A known feature's row, and where it stands: text[start:end]."""

    row: int
    start: int
    end: int


class Piece(NamedTuple):
    """A clause of a text, from `start` on, with its words."""

    text: str
    start: int
    words: list[str]


class Part(NamedTuple):
    """A text or one of its clauses: the rows of its known features, each once, and where to look for them again.

    marks: the known question and exclamation marks read with it.
    """

    rows: list[int]
    pieces: tuple[Piece, ...]
    marks: tuple[Place, ...]


class Spotter:
    """Finds the features of a vocabulary (name -> row) in texts."""

    def __init__(self, vocabulary: Mapping[str, int], tokeniser: Tokeniser) -> None:
        self._known = vocabulary
        self._names = tuple(sorted(vocabulary, key=vocabulary.__getitem__))
        self._tokeniser = tokeniser

    def parts(self, text: str) -> list[Part]:
        """The whole text, then each clause when there are several."""
        marks = self._marks(text) if "?" in text or "!" in text else ()
        pieces: list[Piece] = []
        found: list[set[int]] = []
        for start, end in clauses(text):
            piece = Piece(text[start:end], start, self._tokeniser.cut(text[start:end]))
            pieces.append(piece)
            found.append(self._rows(piece))
        every = {mark.row for mark in marks}.union(*found)
        whole = Part(list(every), tuple(pieces), marks)
        if len(pieces) < 2:
            return [whole]
        parts = [whole]
        before = 0
        for piece, rows in zip(pieces[:MAX_CLAUSES], found, strict=False):
            end = piece.start + len(piece.text)
            # a mark at the end of a clause is read with the next one
            own = tuple(mark for mark in marks if before <= mark.start < end) if marks else ()
            parts.append(Part(list(rows.union(mark.row for mark in own) if own else rows), (piece,), own))
            before = end
        return parts

    def places(self, part: Part, rows: Iterable[int]) -> list[Place]:
        """Where these rows' features stand in the part, in text order."""
        found = [mark for mark in part.marks if mark.row in rows]
        for row in rows:
            name = self._names[row]
            for piece in part.pieces:
                found += [Place(row, piece.start + at, piece.start + end) for at, end in _spots(name, piece)]
        return sorted(found, key=_in_order)

    def _marks(self, text: str) -> tuple[Place, ...]:
        known = self._known
        return tuple(
            Place(known[letter], at, at + 1)
            for at, letter in enumerate(text)
            if letter in "?!" and letter in known
        )

    def _rows(self, piece: Piece) -> set[int]:
        text, words = piece.text, piece.words
        pairs = list(map(concat, text, text[1:]))
        names = [*text, *pairs, *map(concat, pairs, text[2:]), "^" + text[0], text[-1] + "$"]
        for before, word in pairwise(words):
            names.append(f"{before} {word}")
        for word in words:
            if len(word) > LONG_WORD:
                names.append("w:" + word)
        rows = set(map(self._known.get, names))
        rows.discard(None)
        return cast(set[int], rows)


def _in_order(place: Place) -> tuple[int, int]:
    return place.end, -place.start


def _spots(name: str, piece: Piece) -> Iterator[tuple[int, int]]:
    """Where a feature stands in a clause."""
    text, words = piece.text, piece.words
    if name.startswith("w:") or " " in name:
        wanted = [name[2:]] if name.startswith("w:") else name.split(" ")
        at = 0
        for index, word in enumerate(words):
            if words[index : index + len(wanted)] == wanted:
                yield at, at + sum(map(len, wanted))
            at += len(word)
        return
    if name == "^" + text[0]:
        yield 0, 1
    at = text.find(name)
    while at >= 0:
        yield at, at + len(name)
        at = text.find(name, at + 1)
    if name == text[-1] + "$":
        yield len(text) - 1, len(text)
