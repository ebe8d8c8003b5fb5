"""What the linear model sees of a text: characters in runs of one to three.

`Spotter` finds the rows of those that a model knows, without making names that nobody knows. `bags.Bags` counts them in all
texts that are learnt from; tests/test_text.py says plainly what they are, and holds both to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from ahocorasick_rs import AhoCorasick

from app.nlu.text import CLAUSE_END, clauses

LONGEST: Final = 3
MAX_CLAUSES: Final = 60
"""How many clauses are looked at one by one."""


class Place(NamedTuple):
    """A known feature's row, and where it stands: text[start:end]."""

    row: int
    start: int
    end: int


class Piece(NamedTuple):
    """A clause of a text, from `start` on."""

    text: str
    start: int


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

    def __init__(self, names: Iterable[str]) -> None:
        runs: list[str] = []
        marks: list[str] = []
        within = CLAUSE_END.isdisjoint
        for name in names:
            (runs if len(name) <= LONGEST and within(name) else marks).append(name)
        self.names = (*runs, *marks)
        # one pass for all runs: 5 µs for a message, where asking a dictionary for each takes 80
        self._runs = AhoCorasick(runs, store_patterns=False) if runs else None
        # of a text that begins or ends with these marks itself, one name may be both
        self._first = {name[1:]: row for row, name in enumerate(runs) if name[0] == "^"}
        self._last = {name[:-1]: row for row, name in enumerate(runs) if name[-1] == "$"}
        self._known_marks = {name: row for row, name in enumerate(marks, len(runs))}

    def parts(self, text: str) -> list[Part]:
        """The whole text, then each clause when there are several."""
        marks = self._marks(text) if "?" in text or "!" in text else ()
        pieces = [Piece(text[start:end], start) for start, end in clauses(text)]
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
        known = self._known_marks
        return tuple(Place(known[letter], at, at + 1) for at, letter in enumerate(text) if letter in known)

    def _rows(self, text: str, pieces: list[Piece]) -> list[set[int]]:
        """The rows of each piece's features."""
        first, last_of = self._first, self._last
        rows_of = [
            {row for row in (first.get(text[0]), last_of.get(text[-1])) if row is not None}
            for text, _ in pieces
        ]
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


def _in_order(place: Place) -> tuple[int, int]:
    return place.end, -place.start


def _spots(name: str, piece: Piece) -> Iterator[tuple[int, int]]:
    """Where a feature stands in a clause."""
    text = piece.text
    if name == "^" + text[0]:
        yield 0, 1
    at = text.find(name)
    while at >= 0:
        yield at, at + len(name)
        at = text.find(name, at + 1)
    if name == text[-1] + "$":
        yield len(text) - 1, len(text)
