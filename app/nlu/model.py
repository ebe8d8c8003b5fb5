"""The trained model of a release as plain arrays: what training writes and serving reads."""

from __future__ import annotations

import io
import json
import zipfile
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

    vocabulary: feature name -> row. weights: [features, intents], inverse document frequencies already multiplied in.
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

    def to_bytes(self) -> bytes:
        """A compressed archive without pickled objects."""
        target = io.BytesIO()
        arrays = self._arrays("")
        if self.concepts is not None:
            arrays |= self.concepts._arrays(CONCEPTS)
        np.savez_compressed(target, allow_pickle=False, **arrays)
        return target.getvalue()

    @classmethod
    def from_bytes(cls, blob: bytes) -> LinearModel:
        """Raises ValueError when the archive is damaged or of another shape."""
        try:
            with np.load(io.BytesIO(blob), allow_pickle=False) as archive:
                concepts = cls._read(archive, CONCEPTS) if f"{CONCEPTS}bias" in archive else None
                return cls._read(archive, "", concepts)
        except (KeyError, OSError, EOFError, zipfile.BadZipFile, UnicodeDecodeError) as error:
            raise ValueError("模型文件坏了") from error

    def _arrays(self, prefix: str) -> dict[str, NDArray[Any]]:
        names = sorted(self.vocabulary, key=self.vocabulary.__getitem__)
        return {
            f"{prefix}vocabulary": np.frombuffer("\n".join(names).encode(), dtype=np.uint8),
            f"{prefix}intents": np.frombuffer(json.dumps(self.intents).encode(), dtype=np.uint8),
            f"{prefix}idf": self.idf.astype(np.float32),
            f"{prefix}weights": self.weights.astype(np.float16),
            f"{prefix}bias": self.bias.astype(np.float32),
            f"{prefix}trust": np.frombuffer(
                json.dumps(self.trust, ensure_ascii=False).encode(), dtype=np.uint8
            ),
        }

    @classmethod
    def _read(
        cls, archive: Mapping[str, NDArray[Any]], prefix: str, concepts: LinearModel | None = None
    ) -> LinearModel:
        names = archive[f"{prefix}vocabulary"].tobytes().decode().split("\n")
        intents = tuple(json.loads(archive[f"{prefix}intents"].tobytes()))
        told = json.loads(archive[f"{prefix}trust"].tobytes())
        idf, bias = archive[f"{prefix}idf"], archive[f"{prefix}bias"]
        weights = archive[f"{prefix}weights"].astype(np.float32)
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
