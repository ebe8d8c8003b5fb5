"""Whether a customer bargains: names a sum, or calls what was offered too little; or goes on asking for money under a threat."""

from __future__ import annotations

from typing import Final

from app import regex as re
from app.reply.agreed import remedies
from app.reply.answers import shows
from app.reply.arrivals import MONEY_REMEDIES
from app.reply.by_ear import EXTORTS
from app.reply.choices import sums
from app.reply.move_words import ADVISES, CONFIRMS, COUNTERS, MEASURE, NO_DEMAND, PRICED, TOO_LITTLE, YES
from app.reply.state import ConversationState

_TERSE: Final = 6
EXTORTION: Final = "malicious_review"
_GOODS_BACK: Final = frozenset({"退货退款", "仅退款"})
_TAKES: Final = re.compile(r"^\d{1,4}(?:块|元)?(?:可以|行|好|成|就)")
_MONEY_ASKED: Final = re.compile(r"\d|给不给|[给补赔转打](?:我|点)|不给|死板|爽快|痛快|意思意思|表示")


def was_asked(state: ConversationState) -> bool:
    """Whether words only answer what an agent asked, who had advised nothing."""
    asked = any(act.name == "asked" for act in state.did)
    advised = ADVISES.search(state.reply) and not state.reply.rstrip("?？").endswith(("吗", "没", "呢"))
    return asked and not advised and "洗护建议" not in state.tabled


def bargains(state: ConversationState, text: str) -> bool:
    """Whether a sum of money is asked for: named as money, or alone where money was offered."""
    if shows(text) or not (sums(text) or COUNTERS.search(text)) or NO_DEMAND.search(text):
        return False
    if CONFIRMS.match(text) and state.reply.rstrip().endswith(("吗", "?", "？", "吧")):
        return False
    if (text.isdigit() or was_asked(state)) and MEASURE.search(state.reply):
        return False
    if sums(text) and sums(text) <= sums(state.reply):
        return False
    if not EXTORTS.isdisjoint(state.risks) and not remedies(state.tabled):
        return False
    if len(text) <= _TERSE or PRICED.search(text) is not None:
        return True
    return not MONEY_REMEDIES.isdisjoint(state.tabled)


def haggles_over(state: ConversationState, text: str) -> bool:
    """Whether money is on the table, and is called too little or answered with another sum."""
    if MONEY_REMEDIES.isdisjoint(state.tabled) and not sums(state.reply):
        return False
    if not (MONEY_REMEDIES - _GOODS_BACK).isdisjoint(state.offers) and TOO_LITTLE.search(text):
        return True
    agrees = YES.search(text) or _TAKES.search(text)
    return COUNTERS.search(text) is not None and not agrees and bargains(state, text)


def demands_on(state: ConversationState, text: str) -> bool:
    """Whether one who threatens with a review goes on to ask for money, where none is on the table."""
    if EXTORTION not in state.risks or not (MONEY_REMEDIES - _GOODS_BACK).isdisjoint(state.tabled):
        return False
    return _MONEY_ASKED.search(text) is not None
