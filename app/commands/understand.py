"""`classify` and `evaluate`: what the engine makes of messages, from content files alone."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from app.commands.sources import add_source_options, open_source
from app.content.model import Content
from app.errors import ContentInvalid, UsageError
from app.nlu.evaluate import Labelled, evaluate, report
from app.types import Analysis


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `classify` and `evaluate` to the command line."""
    classify = subparsers.add_parser("classify", help="从标准输入读消息（每行一个 JSON），写出意图和情绪")
    add_source_options(classify)
    classify.set_defaults(run=run_classify)
    measure = subparsers.add_parser(
        "evaluate", help="用标好的消息检查准不准；不给文件就用各意图的考题 held_out"
    )
    measure.add_argument(
        "labelled", nargs="?", type=Path, help="JSONL 文件：id、text、intents，可有 maybe、primary"
    )
    measure.add_argument("--errors", type=int, default=30, help="列出几条判错的消息（默认 30）")
    add_source_options(measure)
    measure.set_defaults(run=run_evaluate)


def run_classify(options: argparse.Namespace) -> int:
    """One line out per line in; a line that is no message is an error that names it."""
    engine = open_source(options).engine()
    for row in read_rows(sys.stdin, ("id", "text")):
        print(json.dumps(classified(row["id"], engine.analyse(row["text"])), ensure_ascii=True))
    return 0


def classified(identity: Any, analysis: Analysis) -> dict[str, Any]:
    """A line of `classify`; an empty list of intents where nothing is asserted."""
    intents = [{"id": intent.id, "score": intent.score} for intent in analysis.intents]
    return {"id": identity, "intents": intents, "emotion": {"level": analysis.emotion.level}}


def read_rows(lines: IO[str], keys: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """The JSON objects of JSON lines. Raises UsageError naming the first line that is none or lacks a key."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise UsageError(f"第 {number} 行不是 JSON") from error
        if not isinstance(row, dict) or any(key not in row for key in keys):
            raise UsageError(f"第 {number} 行要有 {'、'.join(keys)}")
        if "text" in keys and not isinstance(row["text"], str):
            raise UsageError(f"第 {number} 行的 text 要是文字")
        yield row


def run_evaluate(options: argparse.Namespace) -> int:
    """Print the figures; exit 1 when an intent falls under its floor on the held-out sentences."""
    source = open_source(options)
    gold = _labelled(options.labelled) if options.labelled else held_out(source.content)
    result = evaluate(source.engine(), gold)
    print(report(result, source.content, options.errors))
    return 1 if options.labelled is None and result.under_floor else 0


def _labelled(path: Path) -> list[Labelled]:
    try:
        with path.open(encoding="utf-8") as lines:
            return [Labelled.from_row(row) for row in read_rows(lines, ("text", "intents"))]
    except OSError as error:
        raise UsageError(f"读不了 {path}") from error


def held_out(content: Content) -> list[Labelled]:
    """The held-out sentences of all intents as labelled messages. Raises ContentInvalid when there are none."""
    found = [
        Labelled(example.text, frozenset({intent.id} - {"other"} | set(example.also)))
        for intent in content.intents.values()
        for example in intent.held_out
    ]
    if not found:
        raise ContentInvalid("意图文件里还没有考题（held_out）")
    return found
