"""Fits the network of app/nlu/fusion.py on labelled messages that the intents were not taught, and writes its numbers.

Usage: python tools/fusion.py LABELLED.jsonl … [--apart EXAMPLES.jsonl …]
Without --write only the cross-validated loss is printed. Labelled messages that are examples of the intents as well go behind
--apart: a model that was not taught them says what speaks for what.
A change of the signals, of the linear model's method or of many patterns is a reason to fit again; new content is not.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

sys.path.insert(0, str(Path(__file__).parent.parent))
from app.commands.sources import add_source_options, open_source
from app.content.model import Content
from app.nlu.evaluate import Labelled
from app.nlu.fusion import SIGNALS, Network
from app.nlu.intent import IntentClassifier
from app.nlu.learnt import Learnt
from app.nlu.text import Tokeniser, normalise
from app.nlu.train import train

TARGET = Path(__file__).parent.parent / "app" / "nlu" / "fusion.json"
HIDDEN = 16
PENALTY = 18.0
STEPS = 400
FOLDS = 4
TRIES = 3
EDGE = 0.2
"""Percent of the rows whose signals are cut off at each end."""

Case = tuple[np.ndarray, np.ndarray]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("labelled", nargs="+", type=Path)
    parser.add_argument(
        "--apart", nargs="*", type=Path, default=[], help="labelled messages that are examples too"
    )
    parser.add_argument("--write", action="store_true", help=f"store the network as {TARGET.name}")
    add_source_options(parser)
    options = parser.parse_args()
    source = open_source(options)
    cases = cases_of(source.content, source.model, [row for path in options.labelled for row in read(path)])
    apart = [row for path in options.apart for row in read(path)]
    if apart:
        content = without(source.content, apart)
        cases += cases_of(content, train(content), apart)
    random.Random(1).shuffle(cases)
    losses = []
    for fold in range(FOLDS):
        network = fit([given for number, given in enumerate(cases) if number % FOLDS != fold])
        for signals, truth in (given for number, given in enumerate(cases) if number % FOLDS == fold):
            chances = np.clip(network.chances(signals), 1e-6, 1 - 1e-6)
            losses += np.where(truth, -np.log(chances), -np.log(1 - chances)).tolist()
    print(f"{len(cases)} messages, {len(losses)} rows, cross-validated loss {np.mean(losses):.4f}")
    if options.write:
        TARGET.write_text(as_json(fit(cases)), encoding="utf-8")


def cases_of(content: Content, model: bytes, messages: list[Labelled]) -> list[Case]:
    """What speaks for what in each message, and what is right."""
    learnt = Learnt.from_bytes(model)
    classifier = IntentClassifier(content, learnt.linear, Tokeniser(learnt.dictionary))
    return [case(classifier, message) for message in messages]


def without(content: Content, messages: list[Labelled]) -> Content:
    """The content without the examples that are among these messages."""
    apart = {words(message.text) for message in messages}
    intents = {
        name: intent.model_copy(
            update={
                "examples": tuple(example for example in intent.examples if words(example.text) not in apart)
            }
        )
        for name, intent in content.intents.items()
    }
    return replace(content, intents=intents)


def words(text: str) -> str:
    """A text without its punctuation."""
    return "".join(filter(str.isalnum, text))


def read(path: Path) -> list[Labelled]:
    with path.open(encoding="utf-8") as lines:
        return [Labelled.from_row(json.loads(line)) for line in lines if line.strip()]


def case(classifier: IntentClassifier, message: Labelled) -> Case:
    """The rows of one message, those of doubtful labels left out, and which of them are right."""
    names, signals = classifier.weigh(normalise(message.text))
    kept = [number for number, name in enumerate(names) if name not in message.maybe]
    return signals[kept], np.array([names[number] in message.intents for number in kept], dtype=bool)


def fit(cases: list[Case]) -> Network:
    """Several networks from different starts, side by side as one."""
    rows = np.concatenate([signals for signals, _ in cases])
    truth = np.concatenate([right for _, right in cases]).astype(float)
    lowest, highest = np.percentile(rows, [EDGE, 100 - EDGE], axis=0)
    kept = np.clip(rows, lowest, highest)
    middle, scale = kept.mean(axis=0), kept.std(axis=0) + 1e-3
    kept = (kept - middle) / scale
    found = [_one(kept, truth, seed) for seed in range(TRIES)]
    return Network(
        *(array.astype(np.float32) for array in (middle, scale, lowest, highest)),
        inner=np.concatenate([inner for inner, _, _, _ in found], axis=1).astype(np.float32),
        inner_bias=np.concatenate([bias for _, bias, _, _ in found]).astype(np.float32),
        outer=(np.concatenate([outer for _, _, outer, _ in found]) / TRIES).astype(np.float32),
        outer_bias=float(np.mean([bias for _, _, _, bias in found])),
    )


def _one(rows: np.ndarray, truth: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    width = rows.shape[1]
    chance = np.random.default_rng(seed)
    start = np.concatenate(
        [chance.normal(0, 0.3, width * HIDDEN), np.zeros(HIDDEN), chance.normal(0, 0.3, HIDDEN), [0.0]]
    )

    def parts(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
        inner, rest = weights[: width * HIDDEN].reshape(width, HIDDEN), weights[width * HIDDEN :]
        return inner, rest[:HIDDEN], rest[HIDDEN:-1], float(rest[-1])

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        inner, inner_bias, outer, outer_bias = parts(weights)
        hidden = np.tanh(rows @ inner + inner_bias)
        logits = hidden @ outer + outer_bias
        wrong = 1 / (1 + np.exp(-logits)) - truth
        value = (np.logaddexp(0, logits) - truth * logits).sum()
        value += PENALTY * ((inner**2).sum() + (outer**2).sum()) / 2
        back = np.outer(wrong, outer) * (1 - hidden**2)
        slope = [
            (rows.T @ back + PENALTY * inner).ravel(),
            back.sum(axis=0),
            hidden.T @ wrong + PENALTY * outer,
        ]
        return value, np.concatenate([*slope, [wrong.sum()]])

    best = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": STEPS})
    return parts(best.x)


def as_json(network: Network) -> str:
    names = ("middle", "scale", "lowest", "highest", "inner", "inner_bias", "outer")
    lines = [f' "signals": {json.dumps(SIGNALS)}', f' "outer_bias": {network.outer_bias:.4f}']
    for name in names:
        array = np.round(getattr(network, name).astype(float), 4)
        lines.append(f' "{name}": {json.dumps(array.tolist())}')
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    main()
