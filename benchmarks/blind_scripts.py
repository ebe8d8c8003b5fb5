"""Two versions' first scripts side by side, without saying which is which, for a person to grade; and the count.

    python benchmarks/blind_scripts.py sheet dialogues.jsonl old.jsonl new.jsonl --every 6 --offset 2 --key key.json
    python benchmarks/blind_scripts.py count grades.txt key.json

`old.jsonl` and `new.jsonl` are what `huashu replay < dialogues.jsonl` of the two versions printed. The sheet holds every
n-th customer turn (never a dialogue's first) at which a version's stage is one of those the dialogue expects, in any
order; a text both versions show stands there once. `grades.txt` holds lines such as `A 2P 3Q 7P`: A to be sent as it is,
B after a small edit, C wrong (docs/quality.md, 第 3 节).
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROLES = {"customer": "客", "agent": "店"}
LETTERS = "PQ"
SHOWN = 6
VERSIONS = ("old", "new")


def _read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def picked(dialogues: list[dict[str, Any]], every: int, offset: int) -> Iterator[tuple[dict[str, Any], int]]:
    """Every n-th customer turn that is no dialogue's first and has an expected stage."""
    count = 0
    for dialogue in dialogues:
        customer = [index for index, turn in enumerate(dialogue["turns"]) if turn["role"] == "customer"]
        for index in customer[1:]:
            count += 1
            if count % every == offset and dialogue["turns"][index]["expect"]:
                yield dialogue, index


def sheet(
    dialogues: Path, old: Path, new: Path, every: int, offset: int, *, any_stage: bool = False
) -> tuple[str, dict[str, list[str]]]:
    """The sheet to grade, and what each letter of it stands for. any_stage: the wrong stages' scripts are graded too."""
    replayed = [
        {(said["id"], turn["index"]): turn for said in _read(path) for turn in said["turns"]}
        for path in (old, new)
    ]
    turns = list(picked(_read(dialogues), every, offset))
    shuffle = random.Random(f"{every} {offset}")
    shuffle.shuffle(turns)
    lines: list[str] = []
    key: dict[str, list[str]] = {}
    for number, (dialogue, index) in enumerate(turns, 1):
        said = dialogue["turns"]
        texts: dict[str, list[str]] = {}
        for version, answers in zip(VERSIONS, replayed, strict=True):
            answer = answers[dialogue["id"], index]
            if any_stage or answer["stage"] in said[index]["expect"]:
                first = answer["suggestions"][0]["text"] if answer["suggestions"] else "（没有）"
                texts.setdefault(first, []).append(version)
        shown = list(texts.items())
        shuffle.shuffle(shown)
        if shown:
            before = said[max(0, index + 1 - SHOWN) : index + 1]
            lines += [f"[{number}]", *(f"    {ROLES[turn['role']]}: {turn['text']}" for turn in before)]
        for letter, (text, versions) in zip(LETTERS, shown, strict=False):
            lines.append(f"  {letter}→ {' / '.join(text.splitlines())}")
            key[f"{number}{letter}"] = versions
    return "\n".join(lines), key


def counted(grades: str, key: dict[str, list[str]]) -> dict[str, Counter[str]]:
    """Version -> grade -> how many; raises ValueError when the grades are not those of this sheet."""
    given = {name: grade for grade, *names in map(str.split, grades.strip().splitlines()) for name in names}
    if given.keys() != key.keys():
        raise ValueError(f"没打或多打了：{'、'.join(sorted(given.keys() ^ key.keys()))}")
    found = {version: Counter[str]() for version in VERSIONS}
    for name, versions in key.items():
        for version in versions:
            found[version][given[name]] += 1
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    draw = commands.add_parser("sheet")
    for name in ("dialogues", "old", "new"):
        draw.add_argument(name, type=Path)
    draw.add_argument("--every", type=int, default=6)
    draw.add_argument("--offset", type=int, default=0)
    draw.add_argument("--key", type=Path, required=True)
    draw.add_argument("--any-stage", action="store_true", help="also where the stage is not one expected")
    count = commands.add_parser("count")
    count.add_argument("grades", type=Path)
    count.add_argument("key", type=Path)
    given = parser.parse_args()
    if given.command == "sheet":
        text, key = sheet(
            given.dialogues, given.old, given.new, given.every, given.offset, any_stage=given.any_stage
        )
        given.key.write_text(json.dumps(key), encoding="utf-8")
        print(text)
        return
    key = json.loads(given.key.read_text(encoding="utf-8"))
    for version, grades in counted(given.grades.read_text(encoding="utf-8"), key).items():
        print(version, *(f"{grade} {number}" for grade, number in sorted(grades.items())))


if __name__ == "__main__":
    main()
