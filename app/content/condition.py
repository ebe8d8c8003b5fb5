"""What must be so for a script or a rule to be used: the entries of `when:`."""

from __future__ import annotations

import re
from typing import Any

from app.content.fields import Base
from app.vocabulary import FACTS, MENTIONED, NUMBER_FACTS, TURN_FACTS, UNMENTIONED

_CONDITION = re.compile(r"^(<=|>=|<|>)\s*(\d{1,4})$|^(\d{1,4})\s*-\s*(\d{1,4})$")


class Condition(Base):
    """What a fact must be: one of `values`, or a whole number from `low` to `high` (both included)."""

    values: tuple[str, ...] = ()
    low: int | None = None
    high: int | None = None

    def holds(self, value: str | int) -> bool:
        """Whether a fact's value is one of the values, or a number from low to high."""
        if self.values:
            return str(value) in self.values
        try:
            number = int(value)
        except ValueError:
            return False
        return (self.low is None or number >= self.low) and (self.high is None or number <= self.high)


def parse_condition(fact: str, value: Any) -> Condition:
    """Read one entry of `when:`. Raises ValueError with a Chinese sentence for an unknown fact or value."""
    if fact not in FACTS and fact not in TURN_FACTS:
        raise ValueError(f"没有「{fact}」这个事实")
    if fact in NUMBER_FACTS:
        found = _CONDITION.match(str(value))
        if found is None:
            raise ValueError(f'「{fact}」要写成 "<=7"、">7" 或 "8-30"，现在是「{value}」')
        sign, number, low, high = found.groups()
        if sign is None:
            return Condition(low=int(low), high=int(high))
        edge = int(number)
        return {
            "<=": Condition(high=edge),
            "<": Condition(high=edge - 1),
            ">=": Condition(low=edge),
            ">": Condition(low=edge + 1),
        }[sign]
    if fact in (MENTIONED, UNMENTIONED):
        return _words_of(fact, value)
    values = tuple(_yes_no(item) for item in (value if isinstance(value, list | tuple) else [value]))
    allowed = FACTS[fact] if fact in FACTS else TURN_FACTS[fact]
    wrong = [item for item in values if allowed and item not in allowed]
    if wrong:
        raise ValueError(f"「{fact}」只能是{'、'.join(allowed)}，现在是「{'、'.join(wrong)}」")
    return Condition(values=values)


def _words_of(fact: str, value: Any) -> Condition:
    """The words of 提到: 薄|透, as they stand in normalised text."""
    given = value if isinstance(value, list | tuple) else str(value).split("|")
    words = tuple(filter(None, (str(word).strip().lower() for word in given)))
    if not words:
        raise ValueError(f"「{fact}」后面写顾客话里的词，几个词用 | 隔开")
    return Condition(values=words)


def _yes_no(value: Any) -> str:
    """YAML's true and false, in whatever way they arrive, as 是 and 否."""
    return {"true": "是", "false": "否"}.get(str(value).lower(), str(value))
