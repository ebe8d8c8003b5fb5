"""How a customer's temper moves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from app.types import Trend

MESSAGES: Final = 5
STEP: Final = 0.5


def trend_of(levels: Sequence[int]) -> Trend:
    """The latest message against those before it. levels: of emotion, 0 to 3, oldest first.

    Rising also needs the whole stretch to climb, so that one calm word between angry ones is no new climb.
    """
    *before, latest = levels[-MESSAGES:] or (0,)
    step = latest - sum(before) / len(before) if before else 0.0
    if abs(step) < STEP:
        return "flat"
    if step < 0:
        return "falling"
    middle = len(before) / 2
    climbs = sum((at - middle) * level for at, level in enumerate((*before, latest))) > 0
    return "rising" if climbs else "flat"
