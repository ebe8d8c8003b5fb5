"""What the linear model sees of a text: characters in runs of one to three, and words alone and in pairs.

`Spotter` finds the rows of those that a model knows, without making names that nobody knows. `bags.Bags` counts them in all
texts that are learnt from; tests/test_text.py says plainly what they are, and holds both to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple, cast

from ahocorasick_rs import AhoCorasick

from app.nlu.text import CLAUSE_END, Tokeniser

LONG_WORD: Final = 3
"""Words up to this length are character runs already."""
MAX_CLAUSES: Final = 60
"""How many clauses are looked at one by one."""


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
    """Finds features in texts by their names.

    names: by row; runs of characters come first, so that the number under which a run is found is its row.
    """

    def __init__(self, names: Iterable[str], tokeniser: Tokeniser) -> None:
        self._tokeniser = tokeniser
        runs: list[str] = []
        others: list[str] = []
        within = CLAUSE_END.isdisjoint
        for name in names:
            (runs if len(name) <= LONG_WORD and within(name) else others).append(name)
        self.names = (*runs, *others)
        # one pass for all runs: 5 µs for a message, where asking a dictionary for each takes 80
        self._runs = AhoCorasick(runs, store_patterns=False) if runs else None
        self._known = _Known()
        for row, name in enumerate(runs):
            if name[0] == "^" or name[-1] == "$":
                self._known.add(name, row)
        for row, name in enumerate(others, len(runs)):
            self._known.add(name, row)

    def parts(self, text: str) -> list[Part]:
        """The whole text, then each clause when there are several."""
        marks = self._marks(text) if "?" in text or "!" in text else ()
        pieces = _pieces(self._tokeniser.cut(text))
        found = self._rows(text, pieces)
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
            name = self.names[row]
            for piece in part.pieces:
                found += [Place(row, piece.start + at, piece.start + end) for at, end in _spots(name, piece)]
        return sorted(found, key=_in_order)

    def _marks(self, text: str) -> tuple[Place, ...]:
        known = self._known.marks
        return tuple(Place(known[letter], at, at + 1) for at, letter in enumerate(text) if letter in known)

    def _rows(self, text: str, pieces: list[Piece]) -> list[set[int]]:
        """The rows of each piece's features."""
        rows_of = list(map(self._known.rows, pieces))
        if self._runs is None or not pieces:
            return rows_of
        number = 0
        add, end = rows_of[0].add, pieces[0].start + len(pieces[0].text)
        # in the order of their ends, and none crosses from one piece to the next
        for row, _, last in self._runs.find_matches_as_indexes(text, overlapping=True):
            while last > end:
                number += 1
                add, end = rows_of[number].add, pieces[number].start + len(pieces[number].text)
            add(row)
        return rows_of


class _Known:
    """The rows of all features but runs of characters. pairs: by the first word, then by the second."""

    def __init__(self) -> None:
        self.marks: dict[str, int] = {}
        self.first: dict[str, int] = {}
        self.last: dict[str, int] = {}
        self.long: dict[str, int] = {}
        self.pairs: dict[str, dict[str, int]] = {}

    def add(self, name: str, row: int) -> None:
        before, space, word = name.partition(" ")
        if space:
            self.pairs.setdefault(before, {})[word] = row
        elif name.startswith("w:"):
            self.long[name[2:]] = row
        elif name in CLAUSE_END:
            self.marks[name] = row
        else:
            # of a text that begins or ends with these marks itself, one name may be both
            if name[0] == "^":
                self.first[name[1:]] = row
            if name[-1] == "$":
                self.last[name[:-1]] = row

    def rows(self, piece: Piece) -> set[int]:
        """Those of a clause's beginning and end, its long words and its pairs of words."""
        text, words = piece.text, piece.words
        rows = {self.first.get(text[0]), self.last.get(text[-1])}
        pairs, after = self.pairs, None
        for word in words:
            if after is not None and word in after:
                rows.add(after[word])
            if len(word) > LONG_WORD:
                rows.add(self.long.get(word))
            after = pairs.get(word)
        rows.discard(None)
        return cast(set[int], rows)


def _pieces(words: list[str]) -> list[Piece]:
    """The words of a text, clause by clause."""
    pieces: list[Piece] = []
    own: list[str] = []
    at = 0
    for word in (*words, " "):
        if word not in CLAUSE_END:
            own.append(word)
            continue
        if own:
            text = "".join(own)
            pieces.append(Piece(text, at, own))
            at += len(text)
            own = []
        at += 1
    return pieces


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
