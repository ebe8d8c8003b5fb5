"""What agents usually make of a script before they send it, as a new wording of the script.

Its blanks are blank again; a text with somebody's personal data is left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from rapidfuzz import fuzz

from app.masking import mask

LEAST: Final = 3
"""How often the same edit must have been made to be proposed."""
_VARIABLE: Final = re.compile(r"\{\{.*?\}\}")
_FIRST: Final = 0xE100
_LAST: Final = 0xE1FF
_TRIFLES: Final = re.compile(r"[\s。，,.!！~～、]+")
_SAME: Final = 60.0
_LONGEST: Final = 1000


@dataclass(frozen=True, slots=True)
class Usual:
    """bubbles: the wording made most often, `times` of the `edits` that could be read."""

    bubbles: tuple[str, ...]
    times: int
    edits: int


def usual(bubbles: Sequence[str], sent: Iterable[str]) -> Usual | None:
    """The commonest rewording of a script's bubbles among the texts sent; None when no edit was made LEAST times.

    A text may be all bubbles, a line each, or one of them. Scripts with {% if %} are left to people.
    """
    if any("{%" in bubble for bubble in bubbles):
        return None
    forms: dict[tuple[str, ...], tuple[str, ...]] = {}
    counts: Counter[tuple[str, ...]] = Counter()
    own = _key(bubbles)
    read = 0
    for text in sent:
        made = _reworded(bubbles, text) if len(text) <= _LONGEST else None
        if made is None:
            continue
        read += 1
        key = _key(made)
        if key != own:
            counts[key] += 1
            forms.setdefault(key, made)
    best = counts.most_common(1)
    if not best or best[0][1] < LEAST:
        return None
    key, times = best[0]
    return Usual(forms[key], times, read)


def _key(bubbles: Iterable[str]) -> tuple[str, ...]:
    return tuple(_TRIFLES.sub("", bubble) for bubble in bubbles)


def _reworded(bubbles: Sequence[str], text: str) -> tuple[str, ...] | None:
    """The script as this text says it; None when it cannot be told."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if len(lines) == len(bubbles):
        places = range(len(bubbles))
    elif len(lines) == 1:
        scores = [fuzz.ratio(bubble, lines[0]) for bubble in bubbles]
        best = max(range(len(bubbles)), key=scores.__getitem__)
        if scores[best] < _SAME / 2:
            return None
        places = range(best, best + 1)
    else:
        return None
    made = list(bubbles)
    for place, line in zip(places, lines, strict=True):
        blank_again = _with_variables(bubbles[place], line)
        if blank_again is None:
            return None
        made[place] = blank_again
    return tuple(made)


def _with_variables(template: str, line: str) -> str | None:
    """The line with the values of variables taken out again; None where a value and an edit run into each other, or where
    somebody's data would stay."""
    variables = _VARIABLE.findall(template)
    signs = [chr(_FIRST + index) for index in range(len(variables))]
    parts = _VARIABLE.split(template)
    if len(variables) > _LAST - _FIRST or any(
        char in "{}" or chr(_FIRST) <= char <= chr(_LAST) for char in line
    ):
        return None
    base = parts[0] + "".join(sign + part for sign, part in zip(signs, parts[1:], strict=True))
    found = []
    matcher = SequenceMatcher(None, base, line, autojunk=False)
    for kind, start, end, first, last in matcher.get_opcodes():
        was, now = base[start:end], line[first:last]
        values = [char for char in was if char in signs]
        if kind == "equal" or not values:
            found.append(now)
        elif len(values) == len(was) == 1 and now:
            found.append(was)
        elif now:
            return None
    text = "".join(found)
    if mask(text) != text:
        return None
    for sign, variable in zip(signs, variables, strict=True):
        text = text.replace(sign, variable)
    return text
