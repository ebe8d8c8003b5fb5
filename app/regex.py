"""`re` for modules with many expressions: each is compiled when it is first used.

`from app import regex as re` and nothing else changes. Of the 500 expressions a first message uses 70; compiling all of them
took a seventh of a start (tests/test_regex.py compiles every one).
"""

from __future__ import annotations

import re
from re import DOTALL as DOTALL
from re import IGNORECASE as IGNORECASE
from re import I as I  # noqa: E741
from re import Match as Match
from re import Pattern as Pattern
from re import escape as escape
from re import fullmatch as fullmatch
from re import match as match
from re import search as search
from re import sub as sub
from typing import Any, cast


class Expression:
    """Stands for a compiled expression; its methods become the compiled one's own when they are first asked for."""

    def __init__(self, text: str, flags: int) -> None:
        self._source = text, flags

    def __getattr__(self, name: str) -> Any:
        found = getattr(re.compile(*self._source), name)
        setattr(self, name, found)
        return found


def compile(text: str, flags: int = 0) -> Pattern[str]:  # noqa: A001
    """As `re.compile`; what is wrong with `text` is said when the expression is used."""
    return cast(Pattern[str], Expression(text, flags))
