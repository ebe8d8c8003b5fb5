"""The linear model's view of one message: as a whole and clause by clause, the better of the two counting."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import Final

import numpy as np
from numpy.typing import NDArray

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
    """Built once per release."""

    def __init__(self, model: LinearModel, tokeniser: Tokeniser) -> None:
        self.spotter = Spotter(model.vocabulary, tokeniser)
        order = np.array([model.vocabulary[name] for name in self.spotter.names], dtype=np.intp)
        self.weights = model.weights[order]
        self.squares = np.square(model.idf[order])
        self.bias = model.bias

    def read(self, text: str, praise: Praise | None) -> Linear:
        """text: normalised. praise: None where praise is not meant."""
        parts = [part for part in self.spotter.parts(text) if part.rows]
        return Linear(self, parts, praise)


class Linear:
    """What the model says of one text."""

    def __init__(self, reader: LinearReader, parts: list[Part], praise: Praise | None) -> None:
        self._reader = reader
        self._parts = parts
        self._starts = [0, *accumulate(len(part.rows) for part in parts[:-1])]
        self.logits = self._weigh() if parts else np.full((1, len(reader.bias)), NOTHING, np.float32)
        """[parts, intents]: the whole text first, then its clauses when there are several."""
        self.fair = _competing(self.logits, praise) if parts else None
        """Per column the logit of the best part; None where the text has no known feature at all."""

    @property
    def by_clause(self) -> Array:
        """The logits [clauses, intents]."""
        return self.logits[1:] if len(self.logits) > 1 else self.logits

    @property
    def clauses(self) -> list[tuple[int, int]]:
        """Where the clauses stand, in the order of `by_clause`."""
        found = [
            (part.pieces[0].start, part.pieces[-1].start + len(part.pieces[-1].text))
            for part in self._parts[1:] or self._parts
            if part.pieces
        ]
        return found or [(0, 0)]

    @property
    def known(self) -> float:
        """How much of the text the model knows: features for each place where one could start, roughly in [0, 1]."""
        if not self._parts:
            return 0.0
        whole = self._parts[0]
        return len(whole.rows) / (3 * sum(len(piece.text) for piece in whole.pieces) or 1)

    def _weigh(self) -> Array:
        """The logits [part, intent]; all parts' features are looked up at once."""
        reader = self._reader
        every = np.array([row for part in self._parts for row in part.rows], dtype=np.intp)
        norms = np.sqrt(np.add.reduceat(reader.squares.take(every), self._starts))
        self._weights = reader.weights.take(every, axis=0)
        sums: Array = np.add.reduceat(self._weights, self._starts, axis=0)
        sums /= norms[:, None]
        sums += reader.bias
        return sums

    def evidence(self, column: int) -> list[tuple[int, int]]:
        """Where the features stand that speak most for the intent, in the part that scored best."""
        if not self._parts:
            return []
        best = int(self.logits[:, column].argmax())
        part, start = self._parts[best], self._starts[best]
        weights: list[float] = self._weights[start : start + len(part.rows), column].tolist()
        least = max(0.0, sorted(weights, reverse=True)[:MAX_FEATURES][-1])
        telling = {
            row: weight
            for row, weight in zip(part.rows, weights, strict=True)
            if weight >= least > 0 or weight > least
        }
        places = self._reader.spotter.places(part, telling)
        places.sort(key=lambda place: -telling[place.row])
        return [(place.start, place.end) for place in places[:MAX_FEATURES]]


def _competing(logits: Array, praise: Praise | None) -> Array:
    """Per intent its best part, where a part speaks in full only for the intents close to that part's best one,
    and a part that sounds like praise does not speak for complaints at all.
    """
    fair = logits - HANDICAP * (logits < np.maximum.reduce(logits, axis=1, keepdims=True) - MARGIN)
    if praise is not None:
        praising = logits[:, praise.column, None]
        if np.maximum.reduce(praising, axis=None) > 0:
            fair -= 2 * HANDICAP * ((praising > np.maximum(logits, 0)) & praise.complaints)
    result: Array = np.maximum.reduce(fair, axis=0)
    return result
