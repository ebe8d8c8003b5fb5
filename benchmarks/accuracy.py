"""How well messages are understood, side by side on the same data and the same intent files, in one run.

Usage: python benchmarks/accuracy.py LABELLED.jsonl … [--rasa PYTHON]
Every method learns from the release's own intents/ (examples and near misses); none sees the labelled messages.
Needs scikit-learn besides what the program needs; fastText takes part where the package is installed, Rasa where an
interpreter that has it is named (see rasa_nlu.py).
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from rapidfuzz import fuzz, process
from rasa_nlu import add_rasa_options, rasa_method
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

sys.path.insert(0, str(Path(__file__).parent.parent))
from app.commands.sources import Source, add_source_options, open_source
from app.nlu.engine import Engine
from app.nlu.evaluate import Labelled
from app.nlu.text import normalise
from app.nlu.train import Sample, samples

Classify = Callable[[str], list[str]]


def ours(source: Source, _: list[Sample]) -> Classify:
    engine = Engine(source.content, source.model)
    return lambda text: [intent.id for intent in engine.analyse(text).intents]


def keywords(source: Source, _: list[Sample]) -> Classify:
    """What shops use today: an intent is hit when one of its plain words occurs."""
    words: dict[str, set[str]] = {}
    for intent in source.content.intents.values():
        plain = {intent.name}
        for pattern in intent.patterns:
            if not any(mark in pattern for mark in " <^$!…"):
                plain.update(pattern.split("|"))
        words[intent.id] = {word for word in plain if len(word) > 1}
    return lambda text: [
        name for name, own in words.items() if name != "other" and any(word in text for word in own)
    ]


def nearest(_: Source, given: list[Sample]) -> Classify:
    """The labels of the most similar example by rapidfuzz, when it is similar enough."""
    texts = [normalise(sample.text).text for sample in given]

    def classify(text: str) -> list[str]:
        found = process.extractOne(normalise(text).text, texts, scorer=fuzz.ratio, score_cutoff=45)
        return sorted(given[found[2]].labels - {"other"}) if found else []

    return classify


def tfidf(_: Source, given: list[Sample]) -> Classify:
    """Character TF-IDF and one logistic regression per intent."""
    vectoriser = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), min_df=2, sublinear_tf=True)
    matrix = vectoriser.fit_transform([normalise(sample.text).text for sample in given])
    names = sorted({label for sample in given for label in sample.labels} - {"other"})
    models = {}
    for name in names:
        truth = np.array([name in sample.labels for sample in given])
        models[name] = LogisticRegression(C=10, solver="liblinear").fit(matrix, truth)

    def classify(text: str) -> list[str]:
        row = vectoriser.transform([normalise(text).text])
        scores = {name: float(model.predict_proba(row)[0, 1]) for name, model in models.items()}
        best = max(scores, key=scores.__getitem__)
        found = sorted(
            (name for name, score in scores.items() if score >= 0.4), key=lambda name: -scores[name]
        )
        return found or ([best] if scores[best] >= 0.2 else [])

    return classify


def fasttext_model(_: Source, given: list[Sample]) -> Classify:
    import fasttext

    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8", delete=False) as target:
        for sample in given:
            labels = " ".join(f"__label__{label}" for label in sorted(sample.labels) or ["other"])
            target.write(f"{labels} {' '.join(normalise(sample.text).text)}\n")
    model = fasttext.train_supervised(
        target.name, lr=0.5, epoch=40, wordNgrams=3, minCount=1, loss="ova", thread=1, verbose=0
    )

    def classify(text: str) -> list[str]:
        found = model.f.predict(" ".join(normalise(text).text), 5, 0.3, "strict")
        return [label.removeprefix("__label__") for _, label in found if label != "__label__other"]

    return classify


METHODS = {"this system": ours, "keywords": keywords, "rapidfuzz nearest": nearest, "TF-IDF + LR": tfidf}
if importlib.util.find_spec("fasttext"):
    METHODS["fastText"] = fasttext_model


def measure(classify: Classify, gold: list[Labelled]) -> str:
    right = wrong = missed = first = silent = answered = refused = 0
    for message in gold:
        found = classify(message.text)
        allowed = message.intents | message.maybe
        right += len(set(found) & message.intents)
        wrong += len(set(found) - allowed)
        missed += len(message.intents - set(found))
        first += (found[0] in allowed) if found else (not message.intents or "other" in message.maybe)
        silent += not message.intents
        answered += not message.intents and bool(found)
        refused += bool(message.intents) and not found
    score = 2 * right / (2 * right + wrong + missed)
    return f"{score:.3f} | {first / len(gold):.3f} | {answered}/{silent} | {refused / max(1, len(gold) - silent):.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("labelled", nargs="+", type=Path)
    add_rasa_options(parser)
    add_source_options(parser)
    options = parser.parse_args()
    source = open_source(options)
    given = samples(source.content)
    methods = {name: build(source, given) for name, build in METHODS.items()}
    with ExitStack() as until_end:
        if options.rasa:
            methods["Rasa DIET"] = until_end.enter_context(rasa_method(options, given))
        else:
            print("Rasa takes no part: name an interpreter that has it with --rasa PYTHON", file=sys.stderr)
        for path in options.labelled:
            compare(methods, path)


def compare(methods: dict[str, Classify], path: Path) -> None:
    with path.open(encoding="utf-8") as lines:
        gold = [Labelled.from_row(json.loads(line)) for line in lines if line.strip()]
    print(f"\n{path.name}: {len(gold)} messages")
    print("| method | micro-F1 | hit@1 | silence answered | wrongly refused |\n|---|---|---|---|---|")
    for name, classify in methods.items():
        print(f"| {name} | {measure(classify, gold)} |", flush=True)


if __name__ == "__main__":
    main()
