"""What a customer's words do by the sound of them (`customer_acts`), where no wording that is known tells."""

from __future__ import annotations

from typing import Final

from app.reply.agreed import names, remedies
from app.reply.answers import is_question
from app.reply.arrivals import come_about, was_told
from app.reply.choices import sums
from app.reply.customer_acts import likeliest
from app.reply.move_words import (
    ADVISES,
    AGAINST,
    DID,
    ON_PAGE,
    SOLVED,
    THANKS,
    TRIED,
    WANTS_TO_KNOW,
    YES,
)
from app.reply.remedies import MONEY
from app.reply.stage import DETAILS, REACTIONS, REMEDY_ASKS
from app.reply.state import ANSWER_SURE, LISTEN_ONLY, PROGRESS, ConversationState
from app.vocabulary import ELSE

HEARD: Final = 0.35
"""From here on what words sound like counts, where they are not known."""
SURELY_HEARD: Final = 0.5
PLAINLY_HEARD: Final = 0.7
_BRIEF: Final = 10
_UNDOES: Final = {
    "overdue": "过点",
    "chase": "催问",
    "vent": "抱怨",
    "trouble": "说了毛病",
    "refuse": "不接受",
}
_IN_PASSING: Final = REACTIONS | REMEDY_ASKS | PROGRESS | DETAILS
_URGES: Final = frozenset({"chase", "overdue", "thanks", "done"})
_CALM: Final = frozenset({"ok", "accept", "thanks", "done"})
_VAGUE: Final = frozenset({"给资料", "问方案", ELSE})
_SOUNDS: Final = {
    "chase": "催问",
    "vent": "抱怨",
    "cannot": "给不了",
    "later": "晚点给",
    "ok": "应声",
    "accept": "应声",
    "thanks": "道谢",
}
EXTORTS: Final = frozenset({"malicious_review", "negative_review", "media_exposure"})
"""Who asks for money under one of these with no remedy on the table is not met half way."""


def by_ear(state: ConversationState, text: str, does: str, dealt: bool) -> str:
    """What words do by the sound of them, where no wording that is known says more than does."""
    if (
        does not in _VAGUE
        or _is_new(state)
        or ("malicious_review" in state.risks and not remedies(state.tabled))
    ):
        return does
    ear = likeliest(state.latest_acts, HEARD)
    if does == "给资料" and _objects(state, ear):
        return "不服"
    if ear == "obstacle":
        return _obstructed(state, text)
    if does == ELSE and ear not in _URGES and _wishes(state):
        return does
    if ear == "doubt" or (ear == "refuse" and not (remedies(state.tabled) or names(state.reply))):
        return "问方案" if is_question(text) or does == "问方案" else "不服"
    if ear == "counter" and dealt:
        return "还价" if sums(text) else "换方案"
    if ear == "refuse":
        return "又不接受" if state.refusals else "不接受"
    if ear == "overdue" and (dealt or state.due):
        return "过点"
    if ear == "vent" and _says_why(state):
        return does
    if ear in _CALM and not EXTORTS.isdisjoint(state.risks):
        return does
    if ear == "done":
        return come_about(state, state.open.texts[-1]) or ("办好了" if was_told(state) else "解决了")
    if ear == "accept" and remedies(state.offers):
        return "接受"
    return _SOUNDS.get(ear, does)


def _obstructed(state: ConversationState, text: str) -> str:
    """What stands in the way: a page, another thing; or advice did not help, or cannot be followed."""
    if ADVISES.search(state.reply):
        return "没办成" if TRIED.search(text) else "不接受"
    return "受阻" if ON_PAGE.search(text) else "走不通"


def _says_why(state: ConversationState) -> bool:
    """Whether displeasure surely names what it is about, which has scripts of its own."""
    return any(
        match.kind in ("complaint", "enquiry") and match.score >= ANSWER_SURE and match.id not in LISTEN_ONLY
        for match in state.open.intents
    )


def _objects(state: ConversationState, ear: str) -> bool:
    """Whether words that answer nothing an agent asked are said against what the agent said (没库存 … 你们直播还在送)."""
    asked = any(act.name == "asked" for act in state.did)
    return (
        not (asked or ear or state.open.answered or state.missing)
        and AGAINST.search(state.open.texts[-1]) is not None
    )


def _wishes(state: ConversationState) -> bool:
    """Whether a remedy, or what belongs to one, is surely asked for, which has scripts of its own."""
    return any(
        match.id in (*REMEDY_ASKS, *DETAILS) and match.score >= ANSWER_SURE for match in state.open.intents
    )


def _is_new(state: ConversationState) -> bool:
    """Whether the open turn surely tells of another matter than those that are open, which no answer to an agent is: that
    it takes long, that a remedy or its ways are wanted.
    """
    passing = _IN_PASSING if {*state.cases, *state.risks} - LISTEN_ONLY or state.handled else frozenset()
    return any(
        match.kind in ("complaint", "enquiry", "risk")
        and match.score >= ANSWER_SURE
        and match.id not in state.cases
        and match.id not in passing
        for match in state.open.intents
    )


def _counters(state: ConversationState, text: str) -> bool:
    """Whether another sum is named, in a few words, than the one on the table."""
    offered, named = sums(state.reply), sums(text)
    brief = len(text) <= _BRIEF and not MONEY.isdisjoint(state.offers)
    return brief and bool(offered) and bool(named - offered)


def unsettled(state: ConversationState, text: str) -> str:
    """What words sound like that come after an agreement and undo it, "" for none."""
    if _counters(state, text):
        return "还价"
    if likeliest(state.latest_acts, PLAINLY_HEARD) == "refuse":
        return "不接受"
    if names(text) or YES.search(text) or THANKS.search(text) or SOLVED.search(text) or DID.search(text):
        return ""
    ear = likeliest(state.latest_acts, SURELY_HEARD)
    if ear == "obstacle":
        return "受阻" if ON_PAGE.search(text) else "走不通"
    if ear == "doubt":
        return "" if is_question(text) or WANTS_TO_KNOW.search(text) else "不放心"
    return _UNDOES.get(ear, "")
