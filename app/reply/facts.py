"""Whether the conditions of a script or rule hold for what is known of a case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from app.content.condition import Condition
from app.vocabulary import ELSE, MENTIONED, NO, TURN_FACTS, UNMENTIONED

Facts = Mapping[str, str | int]
UNCLEAR = "不明"
DEFECT = "质量问题"


_WORDS = (MENTIONED, UNMENTIONED)
_UNTOLD = {**dict.fromkeys(TURN_FACTS, ELSE), DEFECT: NO}
"""What a fact that nobody told counts as."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How many conditions hold and how many concern a fact nobody knows; contradicted: at least one is false."""

    held: int = 0
    unknown: int = 0
    contradicted: bool = False

    @property
    def holds(self) -> bool:
        """Whether every condition is known to be met."""
        return not self.contradicted and self.unknown == 0


ALWAYS = Fit()


def fit(when: Mapping[str, Condition], facts: Facts) -> Fit:
    """Compare conditions with facts. Responsibility nobody has settled counts as 不明, a defect nobody spoke of as none,
    what just happened as 其他; any other absent fact is unknown.
    """
    if not when:
        return ALWAYS
    held = unknown = 0
    for name, condition in when.items():
        value = facts.get(name)
        if name in _WORDS:
            if _is_said(condition.values, str(value or "")) != (name == MENTIONED):
                return _fit(held, unknown, True)
            held += name == MENTIONED
            continue
        if value is None:
            value = _UNTOLD.get(name)
            if name == "责任" and condition.holds(UNCLEAR):
                value = UNCLEAR
        if value is None:
            unknown += 1
        elif condition.holds(value):
            held += 1
        else:
            return _fit(held, unknown, True)
    return _fit(held, unknown, False)


def _is_said(words: Iterable[str], text: str) -> bool:
    for word in words:  # noqa: SIM110 - `any` would take three times as long here
        if word in text:
            return True
    return False


_fit = cache(Fit)
