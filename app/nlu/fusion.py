"""One calibrated score per intent from all that speaks for or against it: patterns, the linear model, the other intents.

Each intent that anything speaks for gets one row of SIGNALS; a small network turns the row into a probability. It weighs
kinds of evidence, not words, so it stays as it is when content changes. `tools/fusion.py` fits it on labelled messages and
writes `fusion.json` (docs/quality.md says which messages, and how well the scores keep their word).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Final

import numpy as np

from app.nlu.linear import Linear
from app.nlu.match import Hit
from app.nlu.model import Array
from app.nlu.scope import Scope
from app.vocabulary import KINDS

FLOOR: Final = -3.0
NEAR: Final = -2.0
"""The logit from which on an intent is looked at closer: of the whole message, or of one of its clauses."""
LIMIT: Final = 12.0
LONG: Final = 8
"""Characters from which on a pattern's find is long enough."""
UNSURE: Final = -1.0
_OF_TEXT: Final = (
    "clauses", "best of all", "unsure", "length", "known", "intents with patterns",
)  # fmt: skip
_OF_MODEL: Final = (
    "model", "whole", "best clause", "first of all", "margin", "leads a clause", "as leader", "as leader, margin",
    "length of that clause", "behind its clause's leader", "other in all", "other in its clause", "above other",
)  # fmt: skip
_OF_MEANING: Final = ("meaning", "meaning in a clause", "meaning, margin", "meaning, margin in a clause")
_OF_PATTERNS: Final = (
    "pattern", "pattern's length", "pattern's trust", "patterns", "weak pattern", "refused", "rival",
    "rival in its clause", "own in its clause", "pattern and leader", "yields",
)  # fmt: skip
_OF_KIND: Final = ("is praise", "praised", "doubted", *KINDS)
SIGNALS: Final = (*_OF_TEXT, *_OF_MODEL, *_OF_MEANING, *_OF_PATTERNS, *_OF_KIND)
"""What speaks for or against an intent, by where it comes from; the functions below give the numbers in this order."""


@dataclass(slots=True)
class Found:
    """What the patterns say of one intent in one message. trust: of the best claim, as log odds."""

    strong: list[Hit] = field(default_factory=list)
    weak: list[Hit] = field(default_factory=list)
    refused: dict[Scope, Hit] = field(default_factory=dict)
    trust: float = -LIMIT

    def claim(self, hit: Hit, trust: float, *, strong: bool) -> None:
        """One more place where a pattern says that the intent is meant; trust: the pattern's, as log odds."""
        if strong:
            self.strong.append(hit)
            self.trust = max(self.trust, trust)
        else:
            self.weak.append(hit)


@dataclass
class Network:
    """One hidden layer. middle, scale, lowest, highest: what a signal is brought to and kept within before it."""

    middle: Array
    scale: Array
    lowest: Array
    highest: Array
    inner: Array
    inner_bias: Array
    outer: Array
    outer_bias: float

    def __post_init__(self) -> None:
        # bringing a signal to its middle and scale is part of the first layer's multiplication
        self._inner = self.inner / self.scale[:, None]
        self._inner_bias = self.inner_bias - self.middle @ self._inner

    def chances(self, signals: Array) -> list[float]:
        """signals: [rows, SIGNALS]. Returns a probability per row."""
        kept = np.minimum(np.maximum(signals, self.lowest), self.highest)
        hidden = np.tanh(kept @ self._inner + self._inner_bias)
        return [1 / (1 + math.exp(-logit)) for logit in (hidden @ self.outer + self.outer_bias).tolist()]


@lru_cache(maxsize=1)
def network() -> Network:
    """The network that comes with the program."""
    stored = json.loads(Path(__file__).with_name("fusion.json").read_text(encoding="utf-8"))
    if stored["signals"] != list(SIGNALS):
        raise ValueError("fusion.json 和程序不是一套，用 tools/fusion.py 重新算")
    arrays = {
        name: np.array(stored[name], dtype=np.float32)
        for name in ("middle", "scale", "lowest", "highest", "inner", "inner_bias", "outer")
    }
    return Network(**arrays, outer_bias=float(stored["outer_bias"]))


class Columns:
    """The model's columns and what is known of their intents. kinds: "" for those that take no part."""

    def __init__(self, kinds: Sequence[str], other: int | None, praise: int | None) -> None:
        self.kinds, self.other, self.praise = kinds, other, praise
        self.taking_part = [bool(kind) and column != other for column, kind in enumerate(kinds)]
        self.of_kind = [tuple(float(kind == name) for name in KINDS) for kind in kinds]

    def of_intent(self, column: int, claimed: set[int], doubts: frozenset[str]) -> tuple[float, ...]:
        """What kind of intent it is. claimed: the columns that strong patterns claim. doubts: kinds of intents."""
        kind, praise = self.kinds[column], self.praise
        return (
            column == praise,
            praise in claimed and kind == "complaint",
            kind in doubts,
            *self.of_kind[column],
        )


def signals(
    text: str,
    linear: Linear,
    found: Mapping[int, Found],
    columns: Columns,
    doubts: frozenset[str],
    yields: Mapping[int, frozenset[int]],
) -> tuple[list[int], Array]:
    """The columns that anything speaks for, and their rows of SIGNALS.

    found: column -> what patterns say. doubts: kinds of intents. yields: column -> the columns it gives way to.
    """
    models = _Models(linear, columns.other)
    chosen = _chosen(linear, models, found, columns)
    if not chosen:
        return [], np.zeros((0, len(SIGNALS)), dtype=np.float32)
    claims = [(column, hit.start, hit.end) for column, what in found.items() for hit in what.strong]
    claimed = {column for column, _, _ in claims}
    near = [
        {column for column, start, end in claims if start < last and end > first}
        for first, last in linear.clauses
    ]
    of_text = (*models.of_text(), min(len(text), 60) / 20, linear.known, len(claimed))
    rows: list[tuple[float, ...]] = []
    for column, logits in zip(chosen, linear.logits.take(chosen, axis=1).T.tolist(), strict=True):
        clause, of_model = models.of_intent(column, logits)
        of_patterns = _of_patterns(column, found.get(column), claims, near[clause], column in models.led)
        gives_way = not claimed.isdisjoint(yields.get(column, ()))
        of_kind = columns.of_intent(column, claimed, doubts)
        rows.append((*of_text, *of_model, *models.of_meaning(logits), *of_patterns, gives_way, *of_kind))
    shape = len(rows), len(SIGNALS)
    return chosen, np.fromiter(chain.from_iterable(rows), np.float32, math.prod(shape)).reshape(shape)


def limited(rows: Array) -> Array:
    """Rows as the network is fitted on them; what the network itself keeps them within is never wider."""
    return np.minimum(np.maximum(rows, -LIMIT), LIMIT)


def _chosen(linear: Linear, models: _Models, found: Mapping[int, Found], columns: Columns) -> list[int]:
    chosen = {column for column, what in found.items() if what.strong or what.weak or what.refused}
    if not linear.silent:
        best = np.maximum.reduce(linear.logits[models.clauses], axis=0)
        near = (linear.logits[-1] > FLOOR) | (best > NEAR)
        chosen.update(near.nonzero()[0].tolist(), models.leaders[: linear.parts])
    return sorted(column for column in chosen if columns.taking_part[column])


class _Models:
    """What the linear models say of a text, ready to be told intent by intent. other: the column of `other`."""

    def __init__(self, linear: Linear, other: int | None) -> None:
        logits = linear.logits
        several = linear.parts > 1
        self.clauses = slice(1, linear.parts) if several else slice(0, 1)
        self.meaning = linear.parts if len(logits) > linear.parts + 1 else None
        """The line where the second model begins."""
        self.about = slice(linear.parts + (len(logits) > linear.parts + 2), -1)
        self.lengths = [min(end - start, 20) / 10 for start, end in linear.clauses]
        self.leaders: list[int] = logits.argmax(axis=1).tolist()
        self.others: list[float] | None = None if other is None else logits[:, other].tolist()
        width = logits.shape[1]
        top = logits.copy() if width > 1 else np.repeat(logits, 2, axis=1)
        top.partition(-2, axis=1)
        self.second: list[float]
        self.best: list[float]
        self.second, self.best = top[:, -2:].T.tolist()
        self.led: dict[int, int] = {}
        """Column -> the clause it leads, the one that says most for it."""
        for clause, leader in enumerate(self.leaders[self.clauses]):
            led = self.led.get(leader)
            if led is None or self.best[self.clauses][clause] > self.best[self.clauses][led]:
                self.led[leader] = clause

    def of_text(self) -> tuple[float, ...]:
        """The number of clauses, the best of all, whether even that is unsure."""
        return len(self.lengths), self.best[-1], self.best[-1] < UNSURE

    def of_intent(self, column: int, logits: list[float]) -> tuple[int, tuple[float, ...]]:
        """The clause that speaks most for an intent, and the first model's signals. logits: the intent's, by line."""
        own, fair, first = logits[self.clauses], logits[-1], self.clauses.start
        most = max(own)
        clause = own.index(most)
        led = self.led.get(column)
        leading = (0.0,) * 4
        if led is not None:
            best, second = self.best[first + led], self.second[first + led]
            leading = 1.0, best, best - second, self.lengths[led]
        others = self.others
        above = (0.0,) * 3 if others is None else (others[0], others[first + clause], fair - others[-1])
        return clause, (
            fair,
            logits[0],
            most,
            column == self.leaders[0],
            self._margin(-1, fair),
            *leading,
            self.best[first + clause] - most,
            *above,
        )

    def of_meaning(self, logits: list[float]) -> tuple[float, ...]:
        """The second model's signals of an intent."""
        if self.meaning is None:
            return (0.0,) * 4
        margins = [self._margin(line, logits[line]) for line in range(self.meaning, len(logits) - 1)]
        return logits[self.meaning], max(logits[self.about]), margins[0], max(margins[1:] or margins)

    def _margin(self, line: int, logit: float) -> float:
        """How far an intent is ahead of the best other one, or behind it."""
        best = self.best[line]
        return logit - best if logit < best else logit - self.second[line]


def _of_patterns(
    column: int, what: Found | None, claims: Sequence[tuple[int, int, int]], near: set[int], leads: bool
) -> tuple[float, ...]:
    """What the patterns say of an intent. claims: all (column, start, end). near: the columns that patterns claim in the
    clause that speaks most for it.
    """
    weak, refused = (bool(what.weak), bool(what.refused)) if what is not None else (False, False)
    if not claims:
        return 0, 0, 0, 0, weak, refused, 0, 0, 0, 0
    rival_near = len(near) > (column in near)
    if what is None or not what.strong:
        return 0, 0, 0, 0, weak, refused, 1, rival_near, 0, 0
    start, end = min(hit.start for hit in what.strong), max(hit.end for hit in what.strong)
    longest = max(hit.end - hit.start for hit in what.strong)
    return (
        1,
        min(longest, LONG) / LONG,
        what.trust,
        len(what.strong),
        weak,
        0,
        any(begin < end and stop > start for name, begin, stop in claims if name != column),
        rival_near,
        column in near,
        leads,
    )
