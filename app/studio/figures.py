"""Shares of small numbers, told honestly."""

from __future__ import annotations

from math import sqrt
from typing import Final

ENOUGH: Final = 20
"""From how many times on a share says anything."""
_Z: Final = 1.96


def interval(share: float, count: int) -> tuple[float, float]:
    """Where a share of `count` trials lies with 95 % confidence, both 0 to 1: Wilson's score interval
    (E. B. Wilson, 1927, doi:10.1080/01621459.1927.10502953). Of nothing: (0, 1).
    """
    if count <= 0:
        return 0.0, 1.0
    square = _Z * _Z
    middle = (share + square / (2 * count)) / (1 + square / count)
    half = _Z * sqrt(share * (1 - share) / count + square / (4 * count * count)) / (1 + square / count)
    return max(0.0, middle - half), min(1.0, middle + half)


def told(share: float, count: int) -> str:
    """A share as the pages say it: 「62%（45%–77%）」, 「才 7 次，看不出」, 「还没有」."""
    if count <= 0:
        return "还没有"
    if count < ENOUGH:
        return f"才 {count} 次，看不出"
    low, high = interval(share, count)
    return f"{share:.0%}（{low:.0%}–{high:.0%}）"
