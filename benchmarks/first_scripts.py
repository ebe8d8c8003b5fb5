"""How the first script follows a conversation, counted on the output of `replay`.

    huashu replay < dialogues.jsonl | python benchmarks/first_scripts.py

Prints for all customer turns: how many have a script at all, how many begin with the script that led the turn before,
and how many of the first scripts hold a blank the agent has to write a sentence into. Whether a script is one a good
agent would send is for people to read (docs/quality.md, 第 3 节).
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

SUBSTANCE = re.compile("〔(?:方案|原因|优惠)〕")


def counted(dialogues: Iterable[dict[str, Any]]) -> Counter[str]:
    """The counts by name, over the dialogues as replay prints them."""
    found: Counter[str] = Counter()
    for dialogue in dialogues:
        before = ""
        for turn in dialogue["turns"]:
            first = turn["suggestions"][0] if turn["suggestions"] else None
            found["顾客轮次"] += 1
            found["有话术"] += first is not None
            if first is not None:
                found["和上一轮同一条打头"] += first["script_id"] == before
                found["要现写一整句"] += SUBSTANCE.search(first["text"]) is not None
            before = first["script_id"] if first is not None else ""
    return found


def _lines() -> Iterator[dict[str, Any]]:
    return (json.loads(line) for line in sys.stdin if line.strip())


if __name__ == "__main__":
    counts = counted(_lines())
    for name, number in counts.items():
        print(f"{name} {number}（{number / max(1, counts['顾客轮次']):.0%}）")
