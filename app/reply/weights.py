"""Linear models over named signs of a conversation, and the signs that letters are.

A sign has a name and a value; a model has a row per name and a column per question. Fitted by `tools/stage.py`, stored
beside the modules that ask (`acts.npz`, `stage.npz`).
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Final
from zipfile import BadZipFile

import numpy as np

from app.nlu.model import Array, as_bytes, as_text

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
        rows = np.fromiter(map(self.rows.get, signs, repeat(_UNKNOWN)), np.intp, len(signs))
        values = np.fromiter(signs.values(), np.float32, len(signs))
        known = rows != _UNKNOWN
        total: Array = values[known] @ self.table.take(rows[known], axis=0)
        return total

    def weigh(self, signs: Mapping[str, float]) -> list[float]:
        """Log odds per question."""
        odds: list[float] = (self.sum(signs) + self.bias).tolist()
        return odds

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


def letters(place: str, text: str, longest: int, weight: float) -> dict[str, float]:
    """The runs of one to `longest` letters in a text, each once, scaled to `weight` together.

    place: what text it is, the first letter of the signs.
    """
    text = f"^{text[:_READ]}$".replace(_BETWEEN, " ")
    runs = dict.fromkeys(
        [
            place + text[at : at + length]
            for length in range(1, longest + 1)
            for at in range(len(text) - length + 1)
        ]
    )
    return dict.fromkeys(runs, weight / len(runs) ** 0.5)


def last_clause(text: str) -> str:
    """The words after the last punctuation mark that any follow."""
    for mark in "。！？!?；;\n，":
        text = text.replace(mark, ",")
    return next((clause for clause in reversed(text.split(",")) if clause.strip()), "")


def scaled(found: Mapping[str, float], weight: float) -> dict[str, float]:
    """So that what holds many signs does not speak louder than what holds few."""
    factor = weight / len(found) ** 0.5 if found else 0.0
    return {name: value * factor for name, value in found.items()}
