"""Expressions that say which characters they begin with (so that other places are passed over at once) name all of them."""

from __future__ import annotations

import pkgutil
import re
from importlib import import_module
from re import _constants as kinds  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]

import pytest

import app.nlu
from app.nlu.slot_facts import READINGS, TRIGGERS
from app.regex import Expression

LED = [
    pytest.param(value, id=f"{module.name}.{name}")
    for module in pkgutil.iter_modules(app.nlu.__path__)
    for name, value in vars(import_module(f"app.nlu.{module.name}")).items()
    if isinstance(value, re.Pattern | Expression) and value.pattern.startswith("(?=[")
]


def beginnings(parts: object) -> tuple[set[str], bool]:
    """The characters that what is parsed can begin with, and whether it can be empty."""
    found: set[str] = set()
    for kind, about in parts:
        if kind is kinds.LITERAL:
            return found | {chr(about)}, False
        if kind is kinds.IN:
            return found | members(about), False
        if kind is kinds.BRANCH:
            ways = [beginnings(way) for way in about[1]]
        elif kind is kinds.SUBPATTERN:
            ways = [beginnings(about[3])]
        elif kind in (kinds.MAX_REPEAT, kinds.MIN_REPEAT):
            ways = [beginnings(about[2]), *([(set(), True)] if about[0] == 0 else [])]
        elif kind in (kinds.ASSERT, kinds.ASSERT_NOT, kinds.AT):
            continue
        else:
            raise AssertionError(f"{kind} can begin with anything")
        found = found.union(*(letters for letters, _ in ways))
        if not any(empty for _, empty in ways):
            return found, False
    return found, True


def members(about: object) -> set[str]:
    found: set[str] = set()
    for kind, value in about:
        assert kind in (kinds.LITERAL, kinds.RANGE), f"{kind} can be anything"
        low, high = (value, value) if kind is kinds.LITERAL else value
        found |= {chr(code) for code in range(low, high + 1)}
    return found


@pytest.mark.parametrize("expression", LED)
def test_no_beginning_is_left_out(expression: re.Pattern[str]) -> None:
    ahead, *rest = parser.parse(expression.pattern)
    told, _ = beginnings(ahead[1][1])
    needed, empty = beginnings(rest)
    assert not empty
    assert needed <= told, f"add {''.join(sorted(needed - told))}"


def test_there_are_such_expressions() -> None:
    assert len(LED) > 5


def is_needed(parts: object, letters: frozenset[str]) -> bool:
    """Whether whatever matches holds one of the letters."""
    for kind, about in parts:
        if kind is kinds.LITERAL and chr(about) in letters:
            return True
        if kind is kinds.IN and about[0][0] is not kinds.NEGATE and members(about) <= letters:
            return True
        if kind is kinds.BRANCH and all(is_needed(way, letters) for way in about[1]):
            return True
        if kind is kinds.SUBPATTERN and is_needed(about[3], letters):
            return True
        if kind in (kinds.MAX_REPEAT, kinds.MIN_REPEAT) and about[0] and is_needed(about[2], letters):
            return True
    return False


@pytest.mark.parametrize(("fact", "words"), [(fact, words) for fact, _, words in READINGS])
def test_a_fact_is_never_passed_over(fact: str, words: re.Pattern[str]) -> None:
    parts = list(parser.parse(words.pattern))
    ways = parts[0][1][1] if len(parts) == 1 and parts[0][0] is kinds.BRANCH else [parts]
    assert [str(way) for way in ways if not is_needed(way, TRIGGERS[fact])] == []
