"""The linear models of a release as plain arrays: what training writes and serving reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
CONCEPTS: Final = "concepts_"
"""What the second model's arrays begin with in the archive."""


@dataclass(frozen=True)
class LinearModel:
    """One logistic regression per intent over the same features.

    vocabulary: feature name -> row. weights: [features, intents], inverse document frequencies already multiplied in; half
    as precise as they were learnt once they are stored.
    idf: [features]. bias: [intents]. intents: the column order.
    trust: what a pattern of an intent is worth, by `pattern_key`; the log odds of its being right on the examples.
    concepts: the second model, over classes of meaning, for the same intents; None where the content lists no classes.
    """

    vocabulary: dict[str, int]
    idf: Array
    weights: Array
    bias: Array
    intents: tuple[str, ...]
    trust: dict[str, float] = field(default_factory=dict)
    concepts: LinearModel | None = None

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """The model as plain arrays by name."""
        arrays = self._arrays("")
        return arrays if self.concepts is None else arrays | self.concepts._arrays(CONCEPTS)

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> LinearModel:
        """Raises ValueError or KeyError when they are not those of a model."""
        concepts = cls._read(arrays, CONCEPTS) if f"{CONCEPTS}bias" in arrays else None
        return cls._read(arrays, "", concepts)

    def _arrays(self, prefix: str) -> dict[str, NDArray[Any]]:
        names = sorted(self.vocabulary, key=self.vocabulary.__getitem__)
        return {
            f"{prefix}vocabulary": as_bytes("\n".join(names)),
            f"{prefix}intents": as_bytes(json.dumps(self.intents)),
            f"{prefix}idf": self.idf.astype(np.float32),
            f"{prefix}weights": self.weights.astype(np.float16),
            f"{prefix}bias": self.bias.astype(np.float32),
            f"{prefix}trust": as_bytes(json.dumps(self.trust, ensure_ascii=False)),
        }

    @classmethod
    def _read(
        cls, arrays: Mapping[str, NDArray[Any]], prefix: str, concepts: LinearModel | None = None
    ) -> LinearModel:
        names = as_text(arrays[f"{prefix}vocabulary"]).split("\n")
        intents = tuple(json.loads(as_text(arrays[f"{prefix}intents"])))
        told = json.loads(as_text(arrays[f"{prefix}trust"]))
        idf, bias, weights = (arrays[f"{prefix}{name}"] for name in ("idf", "bias", "weights"))
        if (
            weights.shape != (len(names), len(intents))
            or idf.shape != (len(names),)
            or bias.shape != (len(intents),)
        ):
            raise ValueError("模型文件坏了")
        vocabulary = {name: row for row, name in enumerate(names)}
        trust = {name: float(value) for name, value in told.items()}
        return cls(vocabulary, idf, weights, bias, intents, trust, concepts)


def pattern_key(intent: str, pattern: str) -> str:
    """The name of an intent's pattern in `LinearModel.trust`."""
    return f"{intent} {pattern}"


def as_bytes(text: str) -> NDArray[np.uint8]:
    """A text as an array."""
    return np.frombuffer(text.encode(), dtype=np.uint8)


def as_text(array: NDArray[Any]) -> str:
    """What `as_bytes` was given. Raises ValueError."""
    return array.tobytes().decode()
