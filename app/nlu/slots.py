"""Values in a message: order and tracking numbers, phone, product, size, amounts, dates; each with its place."""

from __future__ import annotations

import re
from typing import Final

from app.nlu.text import Normalised
from app.types import Slot

_PATTERNS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    ("订单号", re.compile(r"(?<!\d)\d{15,22}(?!\d)|订单(?:号|编号)?\D{0,3}(\d{8,22})")),
    (
        "快递单号",
        re.compile(
            r"(?<![a-z0-9])(?:sf|yt|jt|jd|zto|sto|yd|ems)[a-z]{0,3}\d{9,15}(?!\d)|(?:快递|运|物流)单号\D{0,3}(\d{10,15})"
        ),
    ),
    ("电话", re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")),
)


def find_slots(message: Normalised) -> tuple[Slot, ...]:
    """All slots found, in text order; a stretch of text belongs to the first kind that claims it."""
    taken: list[tuple[int, int]] = []
    found: list[Slot] = []
    for name, pattern in _PATTERNS:
        for match in pattern.finditer(message.text):
            start, end = match.span(1) if match.lastindex else match.span()
            if not any(start < right and left < end for left, right in taken):
                taken.append((start, end))
                span = message.span(start, end)
                found.append(
                    Slot(
                        name,
                        match[0][start - match.start() : end - match.start()].upper(),
                        span.start,
                        span.end,
                    )
                )
    return tuple(sorted(found, key=lambda slot: slot.start))
