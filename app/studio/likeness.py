"""Scripts that say almost the same, found without comparing everything with everything.

Only scripts that share one of their rarest runs of letters, or that stand side by side in the alphabet, are compared; so ten
thousand scripts take seconds. What shares nothing rare is not alike.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final

from rapidfuzz import fuzz

NEAR: Final = 75.0
"""Per cent alike from which two scripts of one intent and stage are told of."""
FAR: Final = 80.0
"""The same for scripts of different intents or stages: standing phrases are alike without harm."""
MOST: Final = 300
_GRAM: Final = 3
_RAREST: Final = 16
_COMMON: Final = 120
_BESIDE: Final = 3
_FEW: Final = 40
VARIABLE: Final = re.compile(r"\{\{\s*([^}|]*?)\s*(?:\|[^}]*)?\}\}")
"""A variable in a script; its name is the first group."""

Marked = list[tuple[str, bool]]
"""A text in pieces, each with whether it differs."""


def alike(texts: Sequence[str], places: Sequence[tuple[str, ...]]) -> list[tuple[int, int, float]]:
    """Pairs (index, index, per cent) of texts almost the same, the most alike first, at most MOST.

    places: what each belongs to; texts of one place count as alike sooner.
    """
    plain = [_shown(text) for text in texts]
    found: list[tuple[int, int, float]] = []
    for one, other in _candidates(plain):
        least = NEAR if places[one] == places[other] else FAR
        score = fuzz.ratio(plain[one], plain[other], score_cutoff=least)
        if score:
            found.append((one, other, round(score, 1)))
    found.sort(key=lambda pair: (-pair[2], pair[0], pair[1]))
    return found[:MOST]


def marked(before: str, after: str) -> tuple[Marked, Marked]:
    """Both texts in pieces, with what differs between them marked; variables as people see them."""
    before, after = _shown(before), _shown(after)
    left: Marked = []
    right: Marked = []
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for kind, start, end, first, last in matcher.get_opcodes():
        if end > start:
            left.append((before[start:end], kind != "equal"))
        if last > first:
            right.append((after[first:last], kind != "equal"))
    return left, right


def _shown(text: str) -> str:
    return VARIABLE.sub(r"〔\1〕", text)


def _candidates(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Pairs worth comparing, each once, the smaller index first."""
    seen: set[tuple[int, int]] = set()
    order = sorted(range(len(texts)), key=lambda index: texts[index])
    for rank, index in enumerate(order):
        for other in order[rank + 1 : rank + 1 + _BESIDE]:
            seen.add((min(index, other), max(index, other)))
    yield from seen
    homes: dict[str, list[int]] = defaultdict(list)
    for index, rare in enumerate(_rarest(texts)):
        shared = Counter(other for gram in rare for other in homes[gram])
        for other, _ in shared.most_common(_FEW):
            if (other, index) not in seen:
                yield other, index
        for gram in rare:
            if len(homes[gram]) < _COMMON:
                homes[gram].append(index)


def _rarest(texts: Sequence[str]) -> Iterator[list[str]]:
    """Of each text the runs of letters that the fewest others have, those nobody else has left out."""
    grams = [{text[at : at + _GRAM] for at in range(len(text) - _GRAM + 1)} for text in texts]
    spread = Counter(gram for each in grams for gram in each)
    for each in grams:
        shared = sorted((gram for gram in each if spread[gram] > 1), key=lambda gram: (spread[gram], gram))
        yield shared[:_RAREST]
