"""What the slot finders share: the piece they hand over, and numbers as customers write them (50, 五十, 一百二, 半)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

DIGITS: Final = {letter: value for value, letter in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
    "俩": 2,
    "幺": 1,
}
_UNITS: Final = {"十": 10, "百": 100, "千": 1000}
MAX_LETTERS: Final = 10

CHINESE: Final = "[零〇一二两俩三四五六七八九十百千万]"
NUMBER: Final = rf"(?:[0-9]{{1,6}}(?:\.[0-9]{{1,2}})?(?![0-9])|{CHINESE}{{1,8}})"
"""A regular expression for a number in digits or Chinese numerals, at most six digits before the point."""


class Found(NamedTuple):
    """A value in normalised text[start:end]; `value` is the normal form."""

    name: str
    value: str
    start: int
    end: int


Finder = Iterator[Found]


def number(text: str) -> float | None:
    """The value of digits (「99.9」) or Chinese numerals (「一百零五」, 「一百二」 = 120, 「半」 = 0.5); None if neither.

    Own code rather than cn2an: that library refuses the spoken short forms (一百二) and 两/俩, which customers use most.
    """
    if text == "半":
        return 0.5
    if text.isascii():
        try:
            return float(text)
        except ValueError:
            return None
    return _chinese(text) if 0 < len(text) <= MAX_LETTERS else None


def _chinese(text: str) -> float | None:
    total = section = 0
    digit, last_unit, spoken_zero = -1, 0, False
    for letter in text:
        if letter in DIGITS:
            if digit >= 0 and not spoken_zero:
                return None
            digit, spoken_zero = DIGITS[letter], letter in "零〇"
        elif letter in _UNITS:
            last_unit, spoken_zero = _UNITS[letter], False
            section += max(digit, 0 if digit == 0 else 1) * last_unit
            digit = -1
        elif letter == "万":
            total += (section + max(digit, 0)) * 10_000
            section, digit, last_unit = 0, -1, 10_000
        else:
            return None
    if digit > 0 and last_unit > 10 and text[-2] not in "零〇":
        digit *= last_unit // 10
    return float(total + section + max(digit, 0))


def plain(value: float) -> str:
    """A number without a needless point: 50.0 -> 「50」, 99.9 -> 「99.9」."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
