"""Rasa NLU beside this system: a method for accuracy.py, and here both services under the same load, by turns.

Usage: python benchmarks/rasa_nlu.py --rasa PYTHON [--rasa-folder FOLDER] [--seconds 10]
PYTHON: an interpreter of CPython 3.10 in whose environment `rasa==3.6.21` and `jieba==0.42.1` are installed. Rasa learns
the same examples (JiebaTokenizer, words and characters counted, DIET); a message with several intents is an example of
each of them. Rasa's own way, an intent of its own for every combination (`intent_split_symbol`), did worse for Rasa:
half of the 1,768 combinations have one example only (docs/experiments.md).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from speed import CLIENTS, ROOT, ROUNDS, SUGGEST, Route, at, load, memory, messages, published, spent, start

sys.path.insert(0, str(ROOT))
from app.commands.sources import add_source_options, open_source
from app.nlu.text import normalise
from app.nlu.train import OTHER, Sample, samples

PARSE = Route("/model/parse", "text")
SURE = 0.2
PORT = 18005
SEED = 20261122
MODEL = "models/beside.tar.gz"


@dataclass(frozen=True, slots=True)
class Lessons:
    """How much Rasa learns. examples: at most so many of an intent; longest: characters of an example."""

    epochs: int
    examples: int | None
    longest: int


def add_rasa_options(parser: argparse.ArgumentParser, *, required: bool = False) -> None:
    """--rasa and what goes with it."""
    parser.add_argument(
        "--rasa", metavar="PYTHON", required=required, help="an interpreter with Rasa installed"
    )
    parser.add_argument(
        "--rasa-folder", type=Path, help="keeps the trained model, and takes the one that is there"
    )
    parser.add_argument("--rasa-epochs", type=int, default=8)
    parser.add_argument("--rasa-examples", type=int, help="at most so many of each intent")
    parser.add_argument("--rasa-longest", type=int, default=40, help="characters of the longest example")


@contextmanager
def trained(options: argparse.Namespace, given: Sequence[Sample]) -> Iterator[Path]:
    """The folder of a model made of `given`, or the one kept from before."""
    with tempfile.TemporaryDirectory(prefix="rasa") as own:
        folder = (options.rasa_folder or Path(own)).resolve()
        if not (folder / MODEL).exists():
            folder.mkdir(parents=True, exist_ok=True)
            _train(
                options.rasa,
                folder,
                given,
                Lessons(options.rasa_epochs, options.rasa_examples, options.rasa_longest),
            )
        yield folder


def _train(python: str, folder: Path, given: Sequence[Sample], lessons: Lessons) -> None:
    examples = _examples(given, lessons)
    (folder / "nlu.json").write_text(
        json.dumps({"rasa_nlu_data": {"common_examples": examples}}, ensure_ascii=False), encoding="utf-8"
    )
    (folder / "config.yml").write_text(json.dumps(_pipeline(lessons.epochs)), encoding="utf-8")
    print(f"Rasa learns {len(examples)} examples, {lessons.epochs} epochs", file=sys.stderr, flush=True)
    command = [python, "-m", "rasa", "train", "nlu", "--nlu", "nlu.json", "-c", "config.yml"]
    subprocess.run(
        [*command, "--fixed-model-name", Path(MODEL).name.removesuffix(".tar.gz")],
        cwd=folder,
        env=_environment(),
        stdout=sys.stderr,
        check=True,
    )


def _examples(given: Sequence[Sample], lessons: Lessons) -> list[dict[str, str]]:
    """In the order of chance. Near misses say what a sentence is not, which Rasa cannot be told."""
    found: list[dict[str, str]] = []
    taken: Counter[str] = Counter()
    for sample in random.Random(SEED).sample(list(given), len(given)):
        text = " ".join(normalise(sample.text).text.split())
        if sample.only_for is not None or len(text) > lessons.longest:
            continue
        for intent in sorted(sample.labels):
            if lessons.examples is None or taken[intent] < lessons.examples:
                taken[intent] += 1
                found.append({"text": text, "intent": intent})
    return found


def _pipeline(epochs: int) -> dict[str, object]:
    """Rasa's default settings for DIET, without entities (none are marked) and without repeating rare intents."""
    counting = "CountVectorsFeaturizer"
    return {
        "recipe": "default.v1",
        "language": "zh",
        "assistant_id": "beside",
        "pipeline": [
            {"name": "JiebaTokenizer"},
            {"name": counting},
            {"name": counting, "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
            {
                "name": "DIETClassifier",
                "epochs": epochs,
                "constrain_similarities": True,
                "entity_recognition": False,
                "batch_strategy": "sequence",
                "random_seed": SEED,
            },
        ],
    }


def _environment() -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return {**own, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONWARNINGS": "ignore"}


def _serve(python: str, folder: Path) -> tuple[subprocess.Popen[bytes], float]:
    """Rasa's own service with this model once it answers, and the seconds until then."""
    command = [python, "-m", "rasa", "run", "--enable-api", "-i", "127.0.0.1", "-p", str(PORT)]
    return start([*command, "-m", str(folder / MODEL)], _environment(), PORT, PARSE)


@contextmanager
def rasa_method(options: argparse.Namespace, given: Sequence[Sample]) -> Iterator[Callable[[str], list[str]]]:
    """What Rasa finds in a message, asked over HTTP; its service ends with the block."""
    with trained(options, given) as folder:
        process, _ = _serve(options.rasa, folder)
        try:
            yield _classify
        finally:
            process.terminate()
            process.wait(30)


def _classify(text: str) -> list[str]:
    """Every intent at least SURE, else the first one if at least half as sure. One intent alone does worse for Rasa."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{PORT}{PARSE.path}",
        PARSE.body(normalise(text).text),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        ranked = [(one["name"], one["confidence"]) for one in json.load(answer)["intent_ranking"]]
    sure = [name for name, score in ranked if score >= SURE and name != OTHER]
    return sure or [name for name, score in ranked[:1] if score >= SURE / 2 and name != OTHER]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_rasa_options(parser, required=True)
    add_source_options(parser)
    parser.add_argument("--seconds", type=float, default=10.0)
    options = parser.parse_args()
    given = samples(open_source(options).content)
    with trained(options, given) as folder, tempfile.TemporaryDirectory() as data:
        environment = published(data)
        ours = [sys.executable, "-m", "app", "serve", "--port", str(PORT + 1)]
        compare(
            {
                "this system": (SUGGEST, PORT + 1, lambda: start(ours, environment, PORT + 1)),
                "Rasa": (PARSE, PORT, lambda: _serve(options.rasa, folder)),
            },
            options.seconds,
        )


Starts = Callable[[], tuple[subprocess.Popen[bytes], float]]


def compare(services: dict[str, tuple[Route, int, Starts]], seconds: float) -> None:
    """Each is started twice (the second time counts) and then asked by turns; prints the medians and the ratios."""
    texts = messages()
    running: dict[str, subprocess.Popen[bytes]] = {}
    found: dict[str, list[tuple[float, ...]]] = {name: [] for name in services}
    ready: dict[str, tuple[float, float]] = {}
    try:
        for name, (route, port, begin) in services.items():
            process, _ = begin()
            process.terminate()
            process.wait(30)
            running[name], seconds_to_answer = begin()
            ready[name] = seconds_to_answer, sum(spent(running[name].pid).values())
            asyncio.run(load(port, texts, 2.0, CLIENTS, route=route))
        for _ in range(ROUNDS):
            for name, (route, port, _begin) in services.items():
                before = sum(spent(running[name].pid).values())
                rate, took = asyncio.run(load(port, texts, seconds, CLIENTS, route=route))
                used = (sum(spent(running[name].pid).values()) - before) / len(took)
                _, alone = asyncio.run(load(port, texts, seconds, 1, route=route))
                found[name].append(
                    (rate, used * 1000, at(alone, 0.5), at(alone, 0.99), memory(running[name]))
                )
    finally:
        for process in running.values():
            process.terminate()
            process.wait(30)
    print(f"{len(texts)} different messages, by turns, medians of {ROUNDS}")
    print(
        "| service | requests/s | processor ms each | p50 ms, one client | p99 ms | MB | start s | its processor s |"
    )
    print("|---|---|---|---|---|---|---|---|")
    rows = {
        name: (*(statistics.median(column) for column in zip(*rounds, strict=True)), *ready[name])
        for name, rounds in found.items()
    }
    for name, row in rows.items():
        print(f"| {name} | {' | '.join(f'{value:.2f}' for value in row)} |")
    first, second = rows.values()
    print(f"| ratio | {' | '.join(f'{one / other:.3f}' for one, other in zip(first, second, strict=True))} |")


if __name__ == "__main__":
    main()
