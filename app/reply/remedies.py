"""Which remedies an intent asks for, and what that says about an offer on the table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

# intent -> the remedies that give the customer what they ask for
WANTED: Final[dict[str, tuple[str, ...]]] = {
    "return_refund": ("退货退款", "仅退款"),
    "refund_only": ("仅退款",),
    "exchange": ("换货", "补发"),
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


# what is offered on top of a remedy, or is mere advice, leaves the matter itself open
EXTRAS: Final = frozenset({"退运费", "赠品", "升级主管", "催发货", "催物流", "上报", "举证维权", "延保"})
MONEY: Final = frozenset({"部分退款", "代金券", "补差价"})
ADVICE: Final = frozenset({"洗护建议", "尺码建议"})


def asks_for(intents: Iterable[str], offers: Iterable[str]) -> bool:
    """Whether a customer who asks for these asks for a remedy on the table, freight left aside."""
    wanted = {remedy for intent in intents for remedy in WANTED.get(intent, ())}
    return bool((wanted - EXTRAS) & set(offers))


def counters(intents: Iterable[str], offers: Iterable[str]) -> bool:
    """Whether a customer who asks for these asks for another remedy than any on the table (退货 when 换货 was offered)."""
    wanted = {remedy for intent in intents if intent in _ALTERNATIVES for remedy in WANTED[intent]}
    tabled = set(offers) - EXTRAS
    return bool(wanted) and bool(tabled) and not wanted & tabled
