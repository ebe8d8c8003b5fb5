"""The geometry of small plots that pages draw as SVG: nothing but numbers, so that the pages need no library and no script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

KINDS: Final = ("copied", "edited", "rejected")
WIDTH: Final = 720.0
HEIGHT: Final = 120.0
_GAP: Final = 0.25


@dataclass(frozen=True, slots=True)
class Piece:
    """A rectangle. kind: what it stands for, its class."""

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Plot:
    """pieces in a box of WIDTH × HEIGHT; top: what its upper edge stands for."""

    pieces: list[Piece]
    top: int


def share_bar(figures: Mapping[str, Any]) -> list[Piece]:
    """What became of what was shown, side by side in a box of 100 × 8; what is left was not used."""
    shown = max(int(figures["shown"]), 1)
    pieces, x = [], 0.0
    for kind in KINDS:
        width = 100.0 * int(figures[kind]) / shown
        if width:
            pieces.append(Piece(kind, round(x, 2), 0.0, round(width, 2), 8.0))
        x += width
    return pieces


def per_day(days: Sequence[Mapping[str, Any]]) -> Plot:
    """A column for each day: sent as it was, edited, rejected, one upon the other."""
    top = max((sum(int(day[kind]) for kind in KINDS) for day in days), default=0)
    step = WIDTH / max(len(days), 1)
    pieces: list[Piece] = []
    for index, day in enumerate(days):
        y = HEIGHT
        for kind in KINDS:
            height = HEIGHT * int(day[kind]) / max(top, 1)
            y -= height
            if height:
                x = step * (index + _GAP / 2)
                pieces.append(
                    Piece(kind, round(x, 2), round(y, 2), round(step * (1 - _GAP), 2), round(height, 2))
                )
    return Plot(pieces, top)
