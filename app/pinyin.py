"""How a Chinese character is read, from a table that comes with the code (made by tools/pinyin_table.py)."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from pathlib import Path


@cache
def _readings() -> dict[str, str]:
    lines = Path(__file__).with_name("pinyin.txt").read_text(encoding="utf-8").splitlines()
    rows = (line.split(" ", 1) for line in lines)
    return {char: syllable for syllable, chars in rows for char in chars}


def sounding(syllables: Collection[str]) -> dict[str, str]:
    """The simplified characters whose commonest reading is one of these, each with its reading."""
    return {char: sound for char, sound in _readings().items() if sound in syllables}


def syllable(char: str) -> str:
    """The commonest toneless reading of one simplified character (缩 → "suo", 女 → "nv"); "" for anything else."""
    return _readings().get(char, "")
