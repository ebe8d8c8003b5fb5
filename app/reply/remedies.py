"""Which remedies an intent asks for, and what that says about an offer on the table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

# intent -> the remedies that give the customer what they ask for
WANTED: Final[dict[str, tuple[str, ...]]] = {
    "return_refund": ("退货退款", "仅退款"),
    "refund_only": ("仅退款",),
    "exchange": ("换货",),
    "repair_parts": ("维修", "补件"),
    "compensation": ("部分退款", "代金券", "赠品"),
    "return_freight": ("退运费",),
    "price_drop": ("补差价",),
    "intercept": ("拦截",),
    "order_change": ("改单", "取消"),
    "invoice": ("开票",),
}

# asking for one of these is asking for it instead of what was offered; freight and the like come on top
_ALTERNATIVES: Final = frozenset({"return_refund", "refund_only", "exchange", "repair_parts", "compensation"})


def counters(intents: Iterable[str], offers: Iterable[str]) -> bool:
    """Whether a customer who asks for these asks for another remedy than any on the table (退货 when 换货 was offered)."""
    wanted = {remedy for intent in intents if intent in _ALTERNATIVES for remedy in WANTED[intent]}
    return bool(wanted) and not wanted & set(offers)
