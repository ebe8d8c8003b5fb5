"""Linear models over named signs of a conversation, and the signs that letters are.

A sign has a name and a value; a model has a row per name and a column per question. Fitted by `tools/stage.py`, stored
beside the modules that ask (`acts.npz`, `stage.npz`).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import add
from pathlib import Path
from typing import Final
from zipfile import BadZipFile

import numpy as np
from ahocorasick_rs import AhoCorasick
from numpy.typing import NDArray

from app.nlu.model import Array, as_bytes, as_text

MESSAGE, EARLIER, REPLY, LAST_CLAUSE = "C", "B", "A", "L"
"""Whose letters: the latest message, those before it in its turn, the agent's words, the last clause of them."""
_RUNS: Final = {MESSAGE: (3, 1.5), EARLIER: (2, 0.7), REPLY: (2, 1.2), LAST_CLAUSE: (3, 0.7)}
"""How long the runs of letters are at most, and what all of a text weigh together."""
_READ: Final = 200
"""Letters of a message that are looked at."""
_UNKNOWN: Final = -1
_BETWEEN: Final = "\n"
"""What stands between the names in a file, and so in no name."""


@dataclass(frozen=True)
class Weights:
    """rows: sign -> row. table: [signs, questions]; bias: [questions]."""

    rows: Mapping[str, int]
    table: Array
    bias: Array

    def sum(self, signs: Mapping[str, float]) -> Array:
        """What the signs say together, per question, without the bias; unknown signs say nothing."""
        rows: list[int] = []
        values: list[float] = []
        for name, value in signs.items():
            row = self.rows.get(name)
            if row is not None:
                rows.append(row)
                values.append(value)
        total: Array = np.dot(np.array(values, np.float32), self.table.take(rows, axis=0))
        return total

    def weigh(self, signs: Mapping[str, float]) -> list[float]:
        """Log odds per question."""
        odds: list[float] = (self.sum(signs) + self.bias).tolist()
        return odds

    def block(self, names: Iterable[str]) -> Array:
        """The weights of these signs, in their order; zeros for an unknown one."""
        rows = [self.rows.get(name, _UNKNOWN) for name in names]
        found: Array = np.vstack((self.table, np.zeros_like(self.bias)))[rows]
        return found

    def without_letters(self) -> Weights:
        """Those of all signs but runs of letters."""
        names = [name for name in self.rows if name[:1] not in _RUNS]
        return Weights({name: row for row, name in enumerate(names)}, self.block(names), self.bias)

    def save(self, path: Path) -> None:
        """Raises OSError."""
        names = as_bytes(_BETWEEN.join(self.rows))
        table = self.table.astype(np.float16)
        np.savez_compressed(path, names=names, table=table, bias=self.bias.astype(np.float32))


def load(path: Path) -> Weights:
    """Stored weights. Raises OSError when they cannot be read, and ValueError when the file is damaged."""
    try:
        with path.open("rb") as file, np.load(file) as stored:
            names = as_text(stored["names"]).split(_BETWEEN)
            table, bias = stored["table"].astype(np.float32), stored["bias"]
    except (BadZipFile, EOFError, KeyError, TypeError, ValueError, zlib.error) as error:
        raise ValueError(f"{path.name} is damaged: {error}") from error
    rows = {name: row for row, name in enumerate(names)}
    if table.shape != (len(rows), len(bias)):
        raise ValueError(
            f"{path.name}: {len(rows)} names and {len(bias)} questions for {table.shape} weights"
        )
    return Weights(rows, table, bias)


def letters(place: str, text: str) -> dict[str, float]:
    """The runs of letters of a text as signs, each once. place: whose text it is."""
    longest, weight = _RUNS[place]
    text = _read(text)
    runs = dict.fromkeys(
        [
            place + text[at : at + length]
            for length in range(1, longest + 1)
            for at in range(len(text) - length + 1)
        ]
    )
    return dict.fromkeys(runs, weight / len(runs) ** 0.5)


class Letters:
    """What the letters of a text say in several models at once: all their runs are found in one pass over it.

    The answers of the models stand side by side.
    """

    def __init__(self, *models: Weights) -> None:
        names = dict.fromkeys(name for model in models for name in model.rows if name[:1] in _RUNS)
        runs = {name[1:]: 0 for name in names}
        for number, run in enumerate(runs):
            runs[run] = number
        self._matcher = AhoCorasick(list(runs), store_patterns=False) if runs else None
        self._table = np.hstack(
            [np.vstack((model.block(names), np.zeros_like(model.bias))) for model in models]
        )
        """The row of each name; the last one says nothing."""
        self._rows: dict[str, NDArray[np.intp]] = {place: np.full(len(runs), len(names)) for place in _RUNS}
        for row, name in enumerate(names):
            self._rows[name[0]][runs[name[1:]]] = row

    def say(self, place: str, text: str) -> Array:
        """What a text's letters say together, per question; the same as what `letters` names."""
        text, (longest, weight) = _read(text), _RUNS[place]
        found = self._matcher.find_matches_as_indexes(text, overlapping=True) if self._matcher else ()
        rows = self._rows[place].take(list({run for run, _, _ in found}))
        total: Array = np.add.reduce(self._table.take(rows, axis=0), axis=0)
        return total * np.float32(weight / _count(text, longest) ** 0.5)


def _count(text: str, longest: int) -> int:
    """How many different runs of letters a text has."""
    runs: list[str] = list(text)
    count = len(set(runs))
    for length in range(1, longest):
        runs = list(map(add, runs, text[length:]))
        count += len(set(runs))
    return count


def _read(text: str) -> str:
    """As far as its letters are looked at, with its beginning and end marked."""
    return f"^{text[:_READ]}$".replace(_BETWEEN, " ")


def last_clause(text: str) -> str:
    """The words after the last punctuation mark that any follow."""
    for mark in "。！？!?；;\n，":
        text = text.replace(mark, ",")
    return next((clause for clause in reversed(text.split(",")) if clause.strip()), "")


def scaled(found: Mapping[str, float], weight: float) -> dict[str, float]:
    """So that what holds many signs does not speak louder than what holds few."""
    factor = weight / len(found) ** 0.5 if found else 0.0
    return {name: value * factor for name, value in found.items()}
