"""What the shop's order system says of the order a conversation is about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from app.types import Slot

State = Literal["known", "unknown", "pending", "failed"]


@dataclass(frozen=True, slots=True)
class Order:
    """state: pending while it is being asked for; unknown when there is no such order. slots have origin channel."""

    state: State
    facts: dict[str, str | int] = field(default_factory=dict)
    slots: tuple[Slot, ...] = ()


LookUp = Callable[[str], Order | None]
"""Order number (may be empty) -> what is known at once; None when there is nothing to ask or nobody to ask."""
