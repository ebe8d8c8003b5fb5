"""What has come about when a customer writes again: money, a thing, the customer's own part, or all of it."""

from __future__ import annotations

from typing import Final

from app import regex as re
from app.reply.acts import recognise
from app.reply.answers import is_question
from app.reply.move_words import (
    ARRIVED,
    ASKED_BACK,
    CAME,
    CAME_BUT,
    DID,
    DONE,
    GOODS,
    MONEY,
    PLEASED,
    SAID_GOODS,
    SAID_MONEY,
    SOLVED,
    THANKS,
    THING_CAME,
    YES,
)
from app.reply.state import ConversationState

_OF_MONEY: Final = frozenset(
    {
        "refund_progress",
        "compensation",
        "price_drop",
        "return_freight",
        "coupon_payment",
        "refund_only",
        "return_refund",
    }
)
_GOODS_REMEDIES: Final = frozenset({"换货", "补发", "补件", "维修", "赠品", "催物流"})
MONEY_REMEDIES: Final = frozenset({"部分退款", "仅退款", "补差价", "退运费", "代金券", "退货退款"})


_WORD_CAME: Final = re.compile(
    r"(?:收|看|拿)到了?(?:单号|消息|地址|短信|通知|回复|图|视频|链接|截图)|(?:单号|地址|消息|短信|链接)(?:收|看)到"
)
"""News has come, neither money nor a thing."""


def was_told(state: ConversationState) -> bool:
    """Whether the agent's latest message tells how to do something."""
    return any(act.name == "instructed" for act in recognise(state.reply))


def surely(came: str, text: str, latest: str) -> bool:
    """Whether something has come about that no remedy on the table makes words of consent."""
    if DONE.search(latest):
        return True
    return (came in ("办好了", "解决了") or CAME.search(text) is not None) and not YES.search(latest)


def come_about(state: ConversationState, text: str) -> str:
    """What has come about, "" for nothing: money, a thing, the customer's part, or all of it."""
    if CAME_BUT.search(text) and not PLEASED.search(text):
        return "说了毛病"
    if ASKED_BACK.search(text):
        return ""
    if SOLVED.search(text):
        return "办好了" if was_told(state) and DID.search(text) else "解决了"
    if ARRIVED.search(text):
        arrived = _arrived(state, text)
        if arrived == "货到了" and PLEASED.search(text) and not is_question(text):
            return "解决了"
        return "道谢" if arrived == "应声" and THANKS.search(text) else arrived
    return "办好了" if DID.search(text) else ""


def _arrived(state: ConversationState, text: str) -> str:
    """What has arrived: by the words, else by what agents said, else by what the matter is."""
    if _WORD_CAME.search(text):
        return "应声"
    if MONEY.search(text):
        return "钱到了"
    if GOODS.search(text) or THING_CAME.search(text):
        return "货到了"
    for words in ((state.reply,), state.sent):
        money, goods = any(map(SAID_MONEY.search, words)), any(map(SAID_GOODS.search, words))
        if money != goods:
            return "钱到了" if money else "货到了" if CAME.search(text) else "应声"
    matters = state.tabled & (MONEY_REMEDIES | _GOODS_REMEDIES)
    if matters:
        return "钱到了" if matters <= MONEY_REMEDIES else "货到了"
    if state.cases and state.cases[0] in _OF_MONEY:
        return "钱到了"
    return "货到了" if CAME.search(text) else "解决了"
