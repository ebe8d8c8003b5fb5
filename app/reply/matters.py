"""What a reply is about: the matters of a conversation, the most pressing first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from app import regex as re
from app.content.model import Intent
from app.reply.customer_acts import likeliest
from app.reply.first_words import begins_with
from app.reply.presale import begins_aside
from app.reply.stage import EXTORTS_SURE, REMEDY_ASKS, RUDE, SHOP_FAULTS
from app.reply.state import ANSWER_SURE, CASE_KINDS, LISTEN_ONLY, SHOWN, ConversationState
from app.vocabulary import Stage

DEFECT_GROUPS: Final = frozenset({"quality", "mismatch"})
SIZE_FIT, WRONG_ITEM, SKIN = "size_fit", "wrong_item", "skin_discomfort"
EXTORTION, THREAT = "malicious_review", "negative_review"
BROKEN, REFUSED = "promise_broken", "reject_solution"
URGENT: Final = ("safety_incident", "allergy", "scam_alert")
# an agent's words still speak of what threatens somebody's health or money
_HEALTH: Final = re.compile(
    "医|病历|检测|没事吧|有没有事|有事吗|皮肤|受伤|破皮|伤口|疼|药|身体|严重|疹|痒|红肿|过敏"
)
_WANTS_SOMEBODY: Final = re.compile("转|找|叫|换|要|别|滚|店长|老板|主管|经理|领导")
"""Who says so does not merely wonder who is typing."""
_GOES_ON: Final = {
    "safety_incident": _HEALTH,
    "allergy": _HEALTH,
    "scam_alert": re.compile("骗|转账|转过钱|验证码|屏幕|银行卡|密码|报警|96110|可疑|拉黑"),
}
_UNSENT: Final = frozenset({"dispatch_delay", "delivery_delay", "delivery_failed"})
# what is said to an extortionist is no remedy
_FIRM: Final = frozenset({"举证维权", "升级主管"})
_LAWFUL: Final = frozenset({"退货退款"})
"""What anybody may ask for within seven days is no sum to bargain over."""
_EXTORTS: Final = (EXTORTION, THREAT)
# done with once somebody answers
_ANSWERED: Final = frozenset({"no_response"})
_HEARD, _FAINTLY = 0.45, 0.25
_FAIRLY_SURE: Final = 0.6
_ANSWERS: Final = frozenset(
    {
        "accept", "refuse", "counter", "doubt", "ok", "later", "gives", "cannot", "obstacle", "overdue", "chase", "vent", "thanks",
    }
)  # fmt: skip
"""What is done with an agent's words: what sounds like another matter then is none, unless it is plain."""
_FALLEN_THROUGH: Final = frozenset({"overdue", "obstacle", "chase", "back"})
_RUDE_SURE: Final = 0.5
"""Curt words are no harassment to be dealt with before the complaint they come with."""

Intents = Mapping[str, Intent]


def matters(state: ConversationState, intents: Intents) -> tuple[str, ...]:
    """The open turn's matters, then the open cases, then mere dialogue. intents: of the release."""
    turn = state.open
    dialogue = {intent.id for intent in turn.intents if intent.kind == "dialogue"}
    told = {intent.id for intent in turn.intents}
    guesses = _guesses(state)
    past = (LISTEN_ONLY | _ANSWERED) - told
    scope = sorted(state.scope, key=lambda name: (name in dialogue, name in past, name in guesses))
    if not state.agent_turns:
        scope = begins_with(state, scope)
    first: list[str] = []
    if _bargains(state) or _claims(state, intents):
        # a sum named in answer to an offer, and goods that have a defect after all, are no extortion
        scope.sort(key=_EXTORTS.__contains__)
    elif EXTORTION in state.risks and THREAT in scope:
        # a threat to write a bad review goes on with the demand for money
        scope = [name for name in scope if name != THREAT]
        first = [EXTORTION]
    if not (SHOWN.isdisjoint(turn.answered) or turn.adds):
        # what comes with the picture that was asked for is told of the matter that is open
        scope.sort(key=lambda name: name not in state.cases and name not in URGENT)
    if "allergy" in scope:
        scope.sort(key=SKIN.__eq__)
    if WRONG_ITEM in scope and WRONG_ITEM not in _unsure(state):
        # what was sent in the wrong size does not fit, and is to be sent anew all the same
        scope.sort(key=SIZE_FIT.__eq__)
    if state.comes_back and BROKEN in intents:
        first = [BROKEN]
    elif not _tells_new(state) or state.open.has(SKIN):
        first = [
            name for name in URGENT if name in state.risks and _GOES_ON[name].search(state.reply)
        ] or first
    if turn.refuses and state.refusals and turn.has(REFUSED):
        first = [REFUSED]
    return tuple(dict.fromkeys((*first, *scope)))


def for_stage(scope: tuple[str, ...], stage: Stage, *, let_down: bool = False) -> tuple[str, ...]:
    """What the scripts of a stage are looked for: whose fault is plain comes first in an apology, what has not
    arrived before how a customer wants out of it.

    let_down: what an agent had said has not come about, which is to be apologised for.
    """
    if stage == "apologise" and let_down:
        return tuple(dict.fromkeys((BROKEN, *scope)))
    if stage == "apologise":
        return tuple(sorted(scope, key=lambda name: name not in SHOP_FAULTS or name in _ANSWERED))
    unsent = not _UNSENT.isdisjoint(scope)
    return tuple(sorted(scope, key=REMEDY_ASKS.__contains__)) if stage == "follow_up" and unsent else scope


def let_down(state: ConversationState) -> bool:
    """Whether what an agent has said sounds as if it had not come about, and nothing new is complained of."""
    if _tells_new(state):
        return False
    if (state.due or state.settled or state.held) and not state.open.answered:
        return True
    told = state.resolution or state.held or state.agent_turns > 1
    return told and (state.open.chases or likeliest(state.latest_acts, _FAINTLY) in _FALLEN_THROUGH)


def _tells_new(state: ConversationState) -> bool:
    """Whether the open turn surely complains of something that is not open yet."""
    return any(
        match.kind == "complaint" and match.score >= ANSWER_SURE and match.id not in (*state.cases, BROKEN)
        for match in state.open.intents
    )


def before_all(state: ConversationState, scope: Iterable[str], intents: Intents) -> tuple[str, ...]:
    """What is answered before anything else: risks that raise the banner, and the wish for a human in charge.

    People's health and money come before complaints to others.
    """
    bargains, complains = _bargains(state), bool(state.open.ids("complaint"))
    aside = begins_aside(state) and not any(map(_WANTS_SOMEBODY.search, state.open.texts))
    ear = likeliest(state.latest_acts, _HEARD)
    if (ear == "done" and state.open.satisfied) or (ear == "accept" and state.open.accepts and state.tabled):
        return ()
    first = [
        match.id
        for match in state.open.intents
        if (match.id == "escalate_human" and not aside)
        or (
            match.id in intents
            and intents[match.id].banner
            and match.id in scope
            and not (bargains and match.id == EXTORTION)
            and not (complains and match.id in RUDE and match.score < _RUDE_SURE)
        )
    ]
    return tuple(sorted(first, key=lambda name: URGENT.index(name) if name in URGENT else len(URGENT)))


def is_defect(name: str, intents: Intents) -> bool:
    """Whether a matter is that something is wrong with the goods."""
    return name in intents and intents[name].group in DEFECT_GROUPS


def _unsure(state: ConversationState) -> frozenset[str]:
    """What the first words only may be about."""
    if state.agent_turns:
        return frozenset()
    return frozenset(match.id for match in state.open.intents if match.score < _FAIRLY_SURE)


def _guesses(state: ConversationState) -> frozenset[str]:
    """Complaints that the answer to a question may only sound like, when it is known what the matter is."""
    turn = state.open
    if turn.adds or not {*state.cases, *state.risks} - LISTEN_ONLY:
        return frozenset()
    if not (turn.answered or likeliest(state.latest_acts, _HEARD) in _ANSWERS):
        return frozenset()
    return frozenset(
        match.id
        for match in turn.intents
        if match.kind in CASE_KINDS and match.score < ANSWER_SURE and match.id not in state.cases
    )


def _bargains(state: ConversationState) -> bool:
    """Whether a customer who was or may be taken for an extortionist only bargains over a remedy offered."""
    sure = any(match.id in _EXTORTS and match.score >= EXTORTS_SURE for match in state.open.intents)
    return bool(state.tabled - _FIRM - _LAWFUL) and not sure


def _claims(state: ConversationState, intents: Intents) -> bool:
    """Whether one who asked for money under a threat now tells of a defect and answers questions about it."""
    defect = any(is_defect(name, intents) for name in state.cases)
    return defect and bool(state.open.answered) and not state.open.has(*_EXTORTS)
