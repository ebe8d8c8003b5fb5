"""What the two linear models say of one message: as a whole and clause by clause, the better of the two counting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.nlu.concepts import ConceptReader
from app.nlu.features import Part, Spotter
from app.nlu.model import Array, LinearModel
from app.nlu.text import Tokeniser

MARGIN: Final = 1.0
HANDICAP: Final = 3.0
MAX_FEATURES: Final = 4
NOTHING: Final = -10.0
"""The logit of every intent where the text has no known feature."""


@dataclass(frozen=True, slots=True)
class Praise:
    """The model's column of praise, and which columns are complaints."""

    column: int
    complaints: NDArray[np.bool_]


class LinearReader:
    """Built once per release.

    weights: the rows of the model over characters and words, then those of the model over classes of meaning, in one table
    so that one look-up serves both; the last row says nothing. Its last column has the squares of the rows' idf.
    """

    def __init__(
        self, model: LinearModel, tokeniser: Tokeniser, classes: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        self.spotter = Spotter(model.vocabulary, tokeniser)
        order = np.array([model.vocabulary[name] for name in self.spotter.names], dtype=np.intp)
        about = model.concepts if model.concepts is not None and model.concepts.vocabulary else None
        self.meanings = ConceptReader(classes or {}, about.vocabulary, len(order)) if about else None
        self.bias = model.bias
        self.about_bias = about.bias if about else model.bias
        self.weights = np.zeros(
            (len(order) + (len(about.idf) if about else 0) + 1, len(model.bias) + 1), np.float32
        )
        own, meant = self.weights[: len(order)], self.weights[len(order) : -1]
        own[:, :-1], own[:, -1] = model.weights[order], np.square(model.idf[order])
        if about:
            meant[:, :-1], meant[:, -1] = about.weights, np.square(about.idf)
        self.weights[-1, -1] = 1

    def read(self, text: str, praise: Praise | None) -> Linear:
        """text: normalised. praise: None where praise is not meant."""
        parts = [part for part in self.spotter.parts(text) if part.rows]
        return Linear(self, text, parts, praise)

    def weigh(self, rows: NDArray[np.intp], starts: Sequence[int], parts: int) -> Array:
        """The logits [groups + 1, intents] of groups of rows that begin at `starts`; the last line is left for the caller.

        parts: how many of the groups belong to the first model.
        """
        # the rows are known to be there: looking after each would cost a third of the look-up
        sums = np.add.reduceat(self.weights.take(rows, axis=0, mode="clip"), starts, axis=0)
        result = np.empty((len(sums) + 1, len(self.bias)), dtype=np.float32)
        np.divide(sums[:, :-1], np.sqrt(sums[:, -1:]), out=result[:-1])
        result[:parts] += self.bias
        result[parts:-1] += self.about_bias
        return result


class Linear:
    """What the models say of one text.

    logits: [lines, intents]; the first `parts` lines are those of the first model, for the whole text and then for its
    clauses when there are several; where there is a second model its lines follow in the same order; the last line is,
    per intent, the first model's best part in fair competition. silent: whether the text has no known feature at all.
    """

    def __init__(self, reader: LinearReader, text: str, parts: list[Part], praise: Praise | None) -> None:
        self._reader = reader
        self._text = text
        self._parts = parts
        self.silent = not parts
        self.parts = max(1, len(parts))
        self.clauses = _places(parts)
        """Where the clauses stand."""
        groups: list[Sequence[int]] = [part.rows for part in parts] or [()]
        if reader.meanings is not None:
            groups += reader.meanings.rows(text, self.clauses)
        nothing = (len(reader.weights) - 1,)
        groups = [rows or nothing for rows in groups]
        self._starts = list(accumulate(map(len, groups), initial=0))
        self._rows = np.fromiter(chain.from_iterable(groups), np.intp, self._starts.pop())
        self.logits = reader.weigh(self._rows, self._starts, self.parts)
        if self.silent:
            self.logits[0] = NOTHING
        self.logits[-1] = _competing(self.logits[: self.parts], praise)

    @property
    def known(self) -> float:
        """How much of the text the model knows: features for each place where one could start, roughly in [0, 1]."""
        if self.silent:
            return 0.0
        whole = self._parts[0]
        return len(whole.rows) / (3 * sum(len(piece.text) for piece in whole.pieces) or 1)

    def evidence(self, column: int) -> list[tuple[int, int]]:
        """Where the features stand that speak most for the intent, in the part that scored best, of the model that is surer."""
        if self.silent:
            return []
        own = self.logits[:-1, column]
        best = int(own.argmax())
        if best >= self.parts and (meant := self._meant(column, best)):
            return meant
        best = int(own[: self.parts].argmax())
        part, start = self._parts[best], self._starts[best]
        weights: list[float] = self._reader.weights[
            self._rows[start : start + len(part.rows)], column
        ].tolist()
        least = max(0.0, sorted(weights, reverse=True)[:MAX_FEATURES][-1])
        telling = {
            row: weight
            for row, weight in zip(part.rows, weights, strict=True)
            if weight >= least > 0 or weight > least
        }
        places = self._reader.spotter.places(part, telling)
        places.sort(key=lambda place: -telling[place.row])
        return [(place.start, place.end) for place in places[:MAX_FEATURES]]

    def _meant(self, column: int, line: int) -> list[tuple[int, int]]:
        """Where the words stand whose classes of meaning speak most for the intent, in one part for the second model."""
        meanings = self._reader.meanings
        if meanings is None:
            return []
        part = line - self.parts
        rows: list[int] = self._rows[slice(*[*self._starts, len(self._rows)][line : line + 2])].tolist()
        weights: list[float] = self._reader.weights[rows, column].tolist()
        telling = sorted(zip(weights, rows, strict=True), reverse=True)[:2]
        where = self.clauses[part - 1] if part else (0, len(self._text))
        return meanings.places(self._text, where, {row for weight, row in telling if weight > 0})


def _places(parts: list[Part]) -> list[tuple[int, int]]:
    found = [
        (part.pieces[0].start, part.pieces[-1].start + len(part.pieces[-1].text))
        for part in parts[1:] or parts
        if part.pieces
    ]
    return found or [(0, 0)]


def _competing(logits: Array, praise: Praise | None) -> Array:
    """Per intent its best part, where a part speaks in full only for the intents close to that part's best one,
    and a part that sounds like praise does not speak for complaints at all.
    """
    near = logits >= np.maximum.reduce(logits, axis=1, keepdims=True) - MARGIN
    fair: Array = np.where(near, logits, logits - HANDICAP)
    if praise is not None and max(logits[:, praise.column].tolist()) > 0:
        praising = logits[:, praise.column, None]
        fair -= 2 * HANDICAP * ((praising > np.maximum(logits, 0)) & praise.complaints)
    result: Array = np.maximum.reduce(fair, axis=0)
    return result
