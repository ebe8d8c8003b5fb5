"""One calibrated score per intent from all that speaks for or against it: patterns, the linear model, the other intents.

Each intent that anything speaks for gets one row of SIGNALS; a small network turns the row into a probability. It weighs
kinds of evidence, not words, so it stays as it is when content changes. `tools/fusion.py` fits it on labelled messages and
writes `fusion.json` (docs/quality.md says which messages, and how well the scores keep their word).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

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
ABSENT: Final = -10.0
SIGNALS: Final = (
    "model", "whole", "best clause", "first of all", "margin", "leads a clause", "as leader", "as leader, margin",
    "length of that clause", "behind its clause's leader", "clauses", "best of all", "unsure", "length", "known",
    "other in all", "other in its clause", "above other", "question",
    "pattern", "pattern's length", "pattern's trust", "patterns", "weak pattern", "refused", "doubted", "rival",
    "intents with patterns", "rival in its clause", "own in its clause", "yields", "pattern and leader",
    "praised", "is praise", "meaning", "meaning in a clause", "meaning, margin", "meaning, margin in a clause", *KINDS,
)  # fmt: skip
_AT: Final = {name: number for number, name in enumerate(SIGNALS)}


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


@dataclass(frozen=True, slots=True)
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

    def chances(self, signals: Array) -> Array:
        """signals: [rows, SIGNALS]. Returns a probability per row."""
        kept = (np.minimum(np.maximum(signals, self.lowest), self.highest) - self.middle) / self.scale
        hidden = np.tanh(kept @ self.inner + self.inner_bias)
        result: Array = 1 / (1 + np.exp(-(hidden @ self.outer + self.outer_bias)))
        return result


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
        self.other, self.praise = other, praise
        self.taking_part = np.array(
            [bool(kind) and column != other for column, kind in enumerate(kinds)], dtype=np.bool_
        )
        self.of_kind = np.array([[kind == name for name in KINDS] for kind in kinds], dtype=np.float32)


def signals(
    text: str,
    linear: Linear,
    meaning: Array | None,
    found: Mapping[int, Found],
    columns: Columns,
    doubts: frozenset[str],
    yields: Mapping[int, frozenset[int]],
) -> tuple[NDArray[np.intp], Array]:
    """The columns that anything speaks for, and their rows of SIGNALS.

    meaning: the second model's logits [parts, intents], None where there is none. found: column -> what patterns say. yields: column -> the columns it gives way to.
    """
    chosen = _chosen(linear, found, columns)
    rows = np.zeros((len(chosen), len(SIGNALS)), dtype=np.float32)
    if not len(chosen):
        return chosen, rows
    nearest = _of_model(rows, linear, chosen, columns)
    if meaning is not None:
        _of_meaning(rows, meaning, chosen)
    rows[:, _AT["length"]] = min(len(text), 60) / 20
    rows[:, _AT["question"]] = "?" in text or "吗" in text
    rows[:, -len(KINDS) :] = columns.of_kind[chosen]
    for number, kind in enumerate(KINDS):
        if kind in doubts:
            rows[:, _AT["doubted"]] += columns.of_kind[chosen, number]
    if columns.praise is not None:
        rows[:, _AT["is praise"]] = chosen == columns.praise
        if columns.praise in found and found[columns.praise].strong:
            rows[:, _AT["praised"]] = columns.of_kind[chosen, KINDS.index("complaint")]
    if found:
        clauses = linear.clauses
        _of_patterns(rows, chosen.tolist(), found, [clauses[at] for at in nearest], yields)
    return chosen, np.minimum(np.maximum(rows, -LIMIT), LIMIT)


def _chosen(linear: Linear, found: Mapping[int, Found], columns: Columns) -> NDArray[np.intp]:
    taken = np.zeros(len(columns.taking_part), dtype=np.bool_)
    if linear.fair is not None:
        clauses = linear.by_clause
        taken |= (linear.fair > FLOOR) | (clauses.max(axis=0) > NEAR)
        taken[clauses.argmax(axis=1)] = True
        taken[linear.logits[0].argmax()] = True
    taken[[column for column, what in found.items() if what.strong or what.weak or what.refused]] = True
    return np.flatnonzero(taken & columns.taking_part)


def _of_model(rows: Array, linear: Linear, chosen: NDArray[np.intp], columns: Columns) -> list[int]:
    """Fill in what the linear model says. Returns per row the clause that speaks most for it."""
    logits, clauses = linear.logits, linear.by_clause
    fair = linear.fair if linear.fair is not None else logits[0]
    best, second = np.partition(fair, -2)[[-1, -2]] if len(fair) > 1 else (fair[0], fair[0])
    own, parts = fair[chosen], clauses[:, chosen]
    nearest = parts.argmax(axis=0)
    leaders = clauses.argmax(axis=1)
    ranked = np.partition(clauses, -2, axis=1)[:, -2:] if len(fair) > 1 else np.repeat(clauses, 2, axis=1)
    leads = leaders[:, None] == chosen
    leading = np.where(leads, parts, -np.inf)
    where, is_leader = leading.argmax(axis=0), leads.any(axis=0)
    lengths = np.array([end - start for start, end in linear.clauses], dtype=np.float32)
    as_leader = parts[where, np.arange(len(chosen))]
    values = {
        "model": own,
        "whole": logits[0, chosen],
        "best clause": parts.max(axis=0),
        "first of all": chosen == logits[0].argmax(),
        "margin": own - np.where(own >= best, second, best),
        "leads a clause": is_leader,
        "as leader": is_leader * as_leader,
        "as leader, margin": is_leader * (as_leader - ranked[where, 0]),
        "length of that clause": is_leader * np.minimum(lengths[where], 20) / 10,
        "behind its clause's leader": ranked[nearest, 1] - parts.max(axis=0),
        "clauses": len(clauses),
        "best of all": best,
        "unsure": best < UNSURE,
        "known": linear.known,
    }
    if columns.other is not None:
        values["other in all"] = logits[0, columns.other]
        values["other in its clause"] = clauses[nearest, columns.other]
        values["above other"] = own - fair[columns.other]
    for name, value in values.items():
        rows[:, _AT[name]] = value
    where_nearest: list[int] = nearest.tolist()
    return where_nearest


def _of_meaning(rows: Array, logits: Array, chosen: NDArray[np.intp]) -> None:
    """Fill in what the second model says."""
    own = logits[:, chosen]
    best = np.partition(logits, -2, axis=1)[:, -2:] if logits.shape[1] > 1 else np.repeat(logits, 2, axis=1)
    margins = own - np.where(own >= best[:, 1:], best[:, :1], best[:, 1:])
    clauses = slice(1, None) if len(logits) > 1 else slice(None)
    rows[:, _AT["meaning"]], rows[:, _AT["meaning, margin"]] = own[0], margins[0]
    rows[:, _AT["meaning in a clause"]] = own[clauses].max(axis=0)
    rows[:, _AT["meaning, margin in a clause"]] = margins[clauses].max(axis=0)


def _of_patterns(
    rows: Array,
    chosen: list[int],
    found: Mapping[int, Found],
    places: Sequence[tuple[int, int]],
    yields: Mapping[int, frozenset[int]],
) -> None:
    """Fill in what the patterns say. places: per row the clause that speaks most for it."""
    hits = [(column, hit.start, hit.end) for column, what in found.items() for hit in what.strong]
    claimed = {column for column, _, _ in hits}
    rows[:, _AT["intents with patterns"]] = len(claimed)
    for row, column in enumerate(chosen):
        what = found.get(column)
        values = rows[row]
        first, last = places[row]
        values[_AT["rival in its clause"]] = any(
            start < last and end > first for name, start, end in hits if name != column
        )
        values[_AT["yields"]] = not claimed.isdisjoint(yields.get(column, ()))
        if what is None or not what.strong:
            values[_AT["rival"]] = len(claimed) > 0
            if what is not None:
                values[_AT["weak pattern"]], values[_AT["refused"]] = bool(what.weak), bool(what.refused)
            continue
        start, end = min(hit.start for hit in what.strong), max(hit.end for hit in what.strong)
        values[_AT["pattern"]] = 1
        values[_AT["pattern's length"]] = min(max(hit.end - hit.start for hit in what.strong), LONG) / LONG
        values[_AT["pattern's trust"]] = what.trust
        values[_AT["patterns"]] = len(what.strong)
        values[_AT["weak pattern"]] = bool(what.weak)
        values[_AT["rival"]] = any(
            begin < end and stop > start for name, begin, stop in hits if name != column
        )
        values[_AT["own in its clause"]] = any(
            begin < last and stop > first for name, begin, stop in hits if name == column
        )
        values[_AT["pattern and leader"]] = values[_AT["leads a clause"]]
