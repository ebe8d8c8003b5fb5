"""Which of two checkouts of the program is faster, and by how much: both run by turns, so a busy machine slows both alike.

Usage: python benchmarks/beside.py OTHER_FOLDER [--rounds 10] [--pages]
Prints the processor time of this checkout as a share of the other's, for the analysis of different messages of about 30
characters (of words alone; half of them with an order number) and for whole answers as JSON. With --pages this checkout
moves its memory onto big pages first, as the service does; compare a checkout with itself to see what that brings.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent
SLICE = 45
"""Messages run before the other one's turn."""
KINDS = ("words", "numbers", "answer")


def messages() -> dict[str, list[str]]:
    """By kind; no two are the same."""
    texts = []
    for name in ("messages", "hard", "several"):
        with (ROOT / "tests" / "golden" / f"{name}.jsonl").open(encoding="utf-8") as lines:
            texts += [json.loads(line)["text"] for line in lines]
    numbered = [f"{text}，订单{2026112200000000000 + at}" for at, text in enumerate(texts)]
    words = [text for text in texts if 20 <= len(text) <= 40]
    return {
        "words": words,
        "numbers": [text for text in (*texts, *numbered) if 25 <= len(text) <= 35],
        "answer": [*texts, *numbered][::3],
    }


def work() -> None:
    """Run the slices asked for on standard input, one a line; say the processor seconds of each."""
    from app.assist import Assistant, SuggestRequest
    from app.commands.sources import add_source_options, open_source
    from app.web.answers import assistance_json, encoded

    parser = argparse.ArgumentParser()
    add_source_options(parser)
    source = open_source(parser.parse_args([]))
    engine = source.engine()
    assistant = Assistant(source.content, engine, 0, source.content.packs)

    def answer(text: str) -> object:
        return encoded(assistance_json(assistant.suggest(SuggestRequest(text)), None))

    texts = messages()
    runs: dict[str, Callable[[str], object]] = {
        "words": engine.analyse,
        "numbers": engine.analyse,
        "answer": answer,
    }
    if os.environ.get("PAGES"):
        from app.heap import on_big_pages

        on_big_pages()
    print("ready", flush=True)
    for line in sys.stdin:
        kind, first = line.split()
        begun = time.process_time()
        for text in texts[kind][int(first) : int(first) + SLICE]:
            runs[kind](text)
        print(time.process_time() - begun, flush=True)


def start(folder: Path, *, pages: bool) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(folder), "PAGES": "1" if pages else ""}
    command = [sys.executable, __file__, "--work", str(folder)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=folder, env=environment, stdin=pipe, stdout=pipe, text=True)


def ask(process: subprocess.Popen[str], kind: str, first: int) -> float:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{kind} {first}\n")
    process.stdin.flush()
    return float(process.stdout.readline())


def compare(other: Path, rounds: int, *, pages: bool) -> None:
    both = [start(other, pages=False), start(ROOT, pages=pages)]
    for process in both:
        assert process.stdout is not None
        if process.stdout.readline() != "ready\n":
            raise SystemExit("one of the two does not start")
    texts = messages()
    for kind in KINDS:
        pairs: list[list[float]] = []
        for turn in range(rounds):
            for first in range(0, len(texts[kind]), SLICE):
                order = (0, 1) if (turn + first // SLICE) % 2 else (1, 0)
                spent = [0.0, 0.0]
                for which in order:
                    spent[which] = ask(both[which], kind, first)
                pairs.append(spent)
        there, here = (sum(column) / rounds / len(texts[kind]) * 1000 for column in zip(*pairs, strict=True))
        share = statistics.median(mine / theirs for theirs, mine in pairs)
        print(
            f"{kind}: {here:.3f} ms here, {there:.3f} ms there, {share:.2f} of it (median of {len(pairs)} pairs)"
        )
    for process in both:
        process.communicate()


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("other", type=Path)
    options.add_argument("--rounds", type=int, default=10)
    options.add_argument("--pages", action="store_true")
    options.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.work:
        sys.path.insert(0, str(given.other))
        work()
    else:
        compare(given.other.resolve(), given.rounds, pages=given.pages)
