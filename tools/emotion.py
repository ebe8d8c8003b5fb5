"""Fits the numbers of app/nlu/emotion.json on messages labelled with their tone, and writes them.

Usage: python tools/emotion.py LABELLED.jsonl …      (without --write only the cross-validated share of right levels is printed)
`emotion` of a message: its level from 0 to 3, or a list of levels that are all right. Messages with words of the lists
`fierce` and `strong` take part, though the program never takes them for calmer than the list says.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

sys.path.insert(0, str(Path(__file__).parent.parent))
from app.commands.sources import add_source_options, open_source
from app.nlu.emotion import FIERCE, GRAMS, EmotionReader, grams, signals
from app.nlu.text import normalise

TARGET = Path(__file__).parent.parent / "app" / "nlu" / "emotion.json"
LEVELS = FIERCE + 1
PENALTY = 2.0
FOLDS = 5
SEEN = 5
"""A character or pair counts when so many messages have it."""
LIGHT = 0.2
"""Characters and pairs that weigh less than this on every level are left out, then the rest is fitted again."""

Row = tuple[dict[str, float], set[str], list[int]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("labelled", nargs="+", type=Path)
    parser.add_argument("--write", action="store_true", help=f"store the numbers as {TARGET.name}")
    add_source_options(parser)
    options = parser.parse_args()
    source = open_source(options)
    rows = list(read(options.labelled, source.engine(), EmotionReader(source.content.emotions)))
    random.Random(1).shuffle(rows)
    right = 0
    for fold in range(FOLDS):
        found = Fitted([row for number, row in enumerate(rows) if number % FOLDS != fold])
        right += sum(found.level(row) in row[2] for row in rows[fold::FOLDS])
    print(f"{len(rows)} messages, {right / len(rows):.3f} right, cross-validated")
    if options.write:
        TARGET.write_text(Fitted(rows).as_json(), encoding="utf-8")


def read(paths, engine, reader):
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            given = json.loads(line)
            levels = given["emotion"] if isinstance(given["emotion"], list) else [given["emotion"]]
            text = normalise(given["text"]).text
            said = dict(signals(text, engine.analyse(given["text"]).intents, reader.words_in(text)))
            yield said, grams(text), levels


class Fitted:
    """Multinomial logistic regression over signals and characters, refitted once on the characters that matter."""

    def __init__(self, rows: list[Row]) -> None:
        counts = Counter(gram for _, found, _ in rows for gram in found)
        self.signals = sorted({name for said, _, _ in rows for name in said})
        self.grams = sorted(gram for gram, times in counts.items() if times >= SEEN and not gram.isdigit())
        self.weights = self._fit(rows)
        heavy = np.abs(self.weights[len(self.signals) :]).max(axis=1) >= LIGHT
        self.grams = [gram for gram, kept in zip(self.grams, heavy, strict=True) if kept]
        self.weights = self._fit(rows)

    def level(self, row: Row) -> int:
        return int((self._table([row]) @ self.weights).argmax())

    def as_json(self) -> str:
        names = [*self.signals, *self.grams]
        lines = [
            f"  {json.dumps(name, ensure_ascii=False)}: {json.dumps([round(float(one), 2) for one in weights])}"
            for name, weights in zip(names, self.weights, strict=True)
        ]
        cut = len(self.signals)
        parts = (",\n".join(lines[:cut]), ",\n".join(lines[cut:]))
        return f'{{"signals": {{\n{parts[0]}\n}}, "grams": {{\n{parts[1]}\n}}}}\n'

    def _table(self, rows: list[Row]) -> csr_matrix:
        at = {name: number for number, name in enumerate(self.signals)}
        of_gram = {gram: len(at) + number for number, gram in enumerate(self.grams)}
        cells = []
        for number, (said, found, _) in enumerate(rows):
            cells += [(number, at[name], amount) for name, amount in said.items() if name in at]
            known = [of_gram[gram] for gram in found if gram in of_gram]
            cells += [(number, column, GRAMS / len(known) ** 0.5) for column in known]
        lines, columns, values = zip(*cells, strict=True)
        return csr_matrix((values, (lines, columns)), shape=(len(rows), len(at) + len(of_gram)))

    def _fit(self, rows: list[Row]) -> np.ndarray:
        table = self._table(rows)
        truth = np.zeros((len(rows), LEVELS))
        for number, (_, _, levels) in enumerate(rows):
            truth[number, levels] = 1 / len(levels)
        shape = (table.shape[1], LEVELS)

        def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
            weights = flat.reshape(shape)
            sums = table @ weights
            logs = sums - np.logaddexp.reduce(sums, axis=1, keepdims=True)
            value = -(truth * logs).sum() + PENALTY * (weights**2).sum() / 2
            return value, (table.T @ (np.exp(logs) - truth) + PENALTY * weights).ravel()

        best = minimize(loss, np.zeros(shape).ravel(), jac=True, method="L-BFGS-B", options={"maxiter": 500})
        return best.x.reshape(shape)


if __name__ == "__main__":
    main()
