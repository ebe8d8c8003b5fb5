"""The trained model of a release as plain arrays: what training writes and serving reads."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


@dataclass(frozen=True)
class LinearModel:
    """One logistic regression per intent over the same features.

    vocabulary: feature name -> row. weights: [features, intents], inverse document frequencies already multiplied in.
    idf: [features]. bias: [intents]. intents: the column order.
    trust: what a pattern of an intent is worth, by `pattern_key`; the log odds of its being right on the examples.
    """

    vocabulary: dict[str, int]
    idf: Array
    weights: Array
    bias: Array
    intents: tuple[str, ...]
    trust: dict[str, float] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """A compressed archive without pickled objects."""
        names = sorted(self.vocabulary, key=self.vocabulary.__getitem__)
        target = io.BytesIO()
        np.savez_compressed(
            target,
            vocabulary=np.frombuffer("\n".join(names).encode(), dtype=np.uint8),
            intents=np.frombuffer(json.dumps(self.intents).encode(), dtype=np.uint8),
            idf=self.idf.astype(np.float32),
            weights=self.weights.astype(np.float16),
            bias=self.bias.astype(np.float32),
            trust=np.frombuffer(json.dumps(self.trust, ensure_ascii=False).encode(), dtype=np.uint8),
        )
        return target.getvalue()

    @classmethod
    def from_bytes(cls, blob: bytes) -> LinearModel:
        """Raises ValueError when the archive is damaged or of another shape."""
        try:
            with np.load(io.BytesIO(blob), allow_pickle=False) as archive:
                names = archive["vocabulary"].tobytes().decode().split("\n")
                intents = tuple(json.loads(archive["intents"].tobytes()))
                trust = {name: float(value) for name, value in json.loads(archive["trust"].tobytes()).items()}
                idf, bias = archive["idf"], archive["bias"]
                weights = archive["weights"].astype(np.float32)
        except (KeyError, OSError, EOFError, zipfile.BadZipFile, UnicodeDecodeError) as error:
            raise ValueError("模型文件坏了") from error
        if (
            weights.shape != (len(names), len(intents))
            or idf.shape != (len(names),)
            or bias.shape != (len(intents),)
        ):
            raise ValueError("模型文件坏了")
        return cls({name: row for row, name in enumerate(names)}, idf, weights, bias, intents, trust)


def pattern_key(intent: str, pattern: str) -> str:
    """The name of an intent's pattern in `LinearModel.trust`."""
    return f"{intent} {pattern}"
