"""Which acts of an agent move a conversation on from where it stands."""

from __future__ import annotations

from typing import Final

from app.reply.choices import asks_how
from app.reply.state import CODES, ConversationState
from app.vocabulary import Stage

# questions whose answer the agent must first look up
_TO_LOOK_UP: Final = (
    "refund_progress", "aftersales_progress", "dispatch_delay", "delivery_delay", "delivery_failed",
)  # fmt: skip
_ON_BILLS: Final = frozenset({"抬头", "税号"})
"""What is printed on an invoice: once it has come, the invoice is made."""
_LOOKED_UP: Final = frozenset({*_TO_LOOK_UP, "return_freight", "coupon_payment", "price_drop"})


def moves_on(state: ConversationState, stage: Stage) -> dict[str, float]:
    """Act -> how much it moves this conversation on, beyond fitting the stage."""
    if stage == "follow_up":
        told = "instructed" in state.acts and not asks_how(state.open.texts)
        return {"checked_back" if told else "instructed": 0.05}
    if stage == "apologise":
        return {"apologised": 0.03, "offered": 0.03}
    if stage == "resolve":
        if state.held and not state.open.chases:
            return {"held": -0.05}
        if not _ON_BILLS.isdisjoint(state.open.answered):
            return {"promised": 0.06}
        if state.open.has(*_TO_LOOK_UP):
            return {"held": 0.04}
        # the number has come by which it is looked up
        given = not CODES.isdisjoint(state.open.answered) and not _LOOKED_UP.isdisjoint(state.cases)
        return {"held": 0.08} if given else {}
    if state.open.emotion >= 2:
        return {"empathised": 0.03}
    return {}
