"""The stage weighed: what the rules of `stage.py` say, beside the circumstances and the very words of the talk.

Rules know what was understood; wordings nobody foresaw (闪送吧, 四点十分了) pass them by. A linear model per stage weighs
the rules' answer with all a conversation holds and with the letters of the latest words, and overrules them where it is
surer. `tools/stage.py` fits it on labelled dialogues and writes `stage.npz` (docs/quality.md says which dialogues).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Final

import numpy as np

from app import regex as re
from app.nlu.model import Array
from app.reply.answers import TERSE, names_trouble
from app.reply.customer_acts import HEARD, Chances, plainest, reply_signs
from app.reply.facts import Facts
from app.reply.spoken import of_earlier, of_message, of_reply, shipped
from app.reply.stage import EXTORTS_SURE, PLAINLY, decide
from app.reply.state import ANSWER_SURE, CASE_KINDS, CODES, ConversationState
from app.reply.weights import EARLIER, MESSAGE, letters, scaled
from app.types import StageDecision
from app.values import replace
from app.vocabulary import STAGES, YES, Stage

_STATE: Final = (
    "cases", "risks", "awaiting", "offers", "tabled", "handled", "consulted", "settled", "resolution", "due", "held",
    "apologised", "apologised_for_delay", "carded", "comes_back", "missing", "traditional",
)  # fmt: skip
_TURN: Final = (
    "answered", "slots", "accepts", "refuses", "doubts", "chases", "broken", "denies", "adds", "satisfied", "took", "asks",
)  # fmt: skip
_CIRCUMSTANCES: Final = 2.5
"""What all circumstances weigh together."""
_SHARES: Final = {"does": 1.5, "did before": 1.2, "said just before": 1.2, "last did": 1.2}
"""What is heard, and how much it weighs."""
_LOOKED_BACK: Final = 120
"""Letters of the open turn's earlier messages that are looked at."""
_PLAIN: Final = 0.5
"""From here on an act is named in the reason."""
REFUSAL, EXTORTION, PRAISE, CONSENT = (
    "reject_solution",
    "malicious_review",
    "thanks_praise",
    "accept_solution",
)
FURIOUS: Final = 3
_MORE: Final = re.compile(r"不过|但|就是|可惜|唯一|上次|昨天|[换补退修](?!货|换无忧)|幼儿园|[?？吗]")
"""What tells that praise is not all there is: a but, or something that was done about an order before."""
_RULED: Final = frozenset({"scam_alert", "safety_incident", "allergy"})
"""When told for the first time, the rules alone say how these are handled."""
_OPENS: Final = frozenset({"listen", "confirm", "apologise"})
"""Where the rules begin with what went wrong."""
_TROUBLED: Final = ("trouble", "more", "vent", "chase", "overdue")
_CALM: Final = ("presale", "gives", "buys")
"""What the acts of words are that complain, and of those that may sound like it to whom knows no talk before buying."""
_WHY: Final[dict[Stage, tuple[str, str]]] = {
    "listen": ("是在说气话", "先听他说完"),
    "confirm": ("还有没说清的", "先问清"),
    "apologise": ("是我们该道歉的", "道歉并给办法"),
    "resolve": ("还没解决", "接着给办法"),
    "follow_up": ("这事有了着落", "说清下一步"),
    "answer": ("只是在问", "直接回答"),
}


Weigh = Callable[[ConversationState, Facts, StageDecision, Chances], list[float]]
"""Weighs what `signs` names: the log odds of STAGES."""


def choose(
    state: ConversationState, facts: Facts, weigh: Weigh | None = None, does: Chances | None = None
) -> StageDecision:
    """The stage of the next reply to the open turn, with a short reason for the agent.

    weigh, does: with other weights than the shipped ones, and other than what those say the latest message does.
    """
    ruled = decide(state, facts)
    if not state.open.texts or ruled.reason in PLAINLY or _leaves_no_room(state) or _merely(state, ruled):
        return ruled
    does = state.latest_acts if does is None else does
    odds = dict(zip(STAGES, (weigh or weighed)(state, facts, ruled, does), strict=True))
    if state.apologised and (state.apologised_for_delay or not state.comes_back):
        del odds["apologise"]
    if ruled.id != "follow_up" and _refuses_plainly(state):
        del odds["follow_up"]
    if ruled.id in _OPENS and _tells_of_trouble(state, does):
        del odds["answer"]
    known = facts.get("订单已知") == YES or any(slot.name in CODES for slot in state.open.slots)
    if not (state.agent_turns or known):
        odds = _of_a_beginning(state, ruled, odds)
    best = max(odds, key=odds.__getitem__)
    if best == ruled.id:
        return ruled
    sounds, then = _WHY[best]
    return replace(ruled, id=best, reason=f"听着{plainest(does, _PLAIN) or sounds}，{then}")


def _merely(state: ConversationState, ruled: StageDecision) -> bool:
    """Whether a talk begins with praise, anger or a mark and nothing else, which no talk that was learnt from does; or
    is still about nothing when a mark comes.
    """
    turn = state.open
    text = "，".join(turn.texts)
    if not (turn.intents or state.scope or any(map(str.isalnum, text))):
        return True
    if state.agent_turns:
        return False
    if not turn.intents:
        return ruled.id == "listen" and len(text) <= TERSE and not names_trouble(text)
    if ruled.id != "answer" or _MORE.search(text) is not None:
        return False
    praises = all(match.id == PRAISE and match.score >= ANSWER_SURE for match in turn.intents)
    return praises or (len(text) <= TERSE and all(match.id == CONSENT for match in turn.intents))


def _of_a_beginning(
    state: ConversationState, ruled: StageDecision, odds: dict[Stage, float]
) -> dict[Stage, float]:
    """The odds without what no first reply does: tell what was looked up, or ask again what the matter is."""
    idle: set[Stage] = {"resolve"}
    idle.discard(ruled.id)
    if ruled.id == "confirm" and _opens_plainly(state):
        idle.add("listen")
    return {stage: chance for stage, chance in odds.items() if stage not in idle}


def _opens_plainly(state: ConversationState) -> bool:
    """Whether a talk begins with a matter that is certain: nobody asks again what it is, nor has anything been looked up."""
    certain = (match.score >= ANSWER_SURE for match in state.open.intents if match.kind in CASE_KINDS)
    return not state.agent_turns and state.open.emotion < FURIOUS and any(certain)


def _leaves_no_room(state: ConversationState) -> bool:
    """Whether it is plainly a matter of danger, told for the first time, or of extortion."""
    told = {match.id for match in state.open.intents if match.kind == "risk" and match.score >= EXTORTS_SURE}
    return EXTORTION in told or bool(_RULED & told - state.seen)


def _refuses_plainly(state: ConversationState) -> bool:
    """Whether the customer does not accept, in so many words."""
    says_so = any(match.id == REFUSAL and match.score >= ANSWER_SURE for match in state.open.intents)
    return says_so and state.open.refuses and not state.open.accepts


def _tells_of_trouble(state: ConversationState, does: Chances) -> bool:
    """Whether it is certain what went wrong, or is waited for, and the words sound like it more than like a question."""
    heard = dict(zip(HEARD, does, strict=False))
    trouble, calm = (max(heard.get(act, 0.0) for act in acts) for acts in (_TROUBLED, _CALM))
    certain = (match.score >= ANSWER_SURE for match in state.open.intents if match.kind in CASE_KINDS)
    return trouble > calm and any(certain)


def signs(state: ConversationState, facts: Facts, ruled: StageDecision, does: Chances) -> dict[str, float]:
    """Everything that is weighed, by name. ruled: what the rules say. does: what the latest message does."""
    found = scaled(dict(_circumstances(state, facts, ruled)), _CIRCUMSTANCES)
    for kind, chances in _heard(state, does):
        found |= {
            f"{kind} {name}": _SHARES[kind] * chance for name, chance in zip(HEARD, chances, strict=False)
        }
    found |= letters(MESSAGE, state.open.texts[-1])
    if len(state.open.texts) > 1:
        found |= letters(EARLIER, _earlier(state))
    return found | reply_signs(state.reply)


def weighed(state: ConversationState, facts: Facts, ruled: StageDecision, does: Chances) -> list[float]:
    """What the shipped weights make of `signs`, most of which need no names for that."""
    weights = shipped().stages
    total = weights.bias + weights.sum(scaled(dict(_circumstances(state, facts, ruled)), _CIRCUMSTANCES))
    for kind, chances in _heard(state, does):
        if chances:
            total += np.array(chances, np.float32) @ _weights_of(kind)
    total += of_message(state.open.texts[-1]).stages
    total += of_reply(state.reply).stages
    if len(state.open.texts) > 1:
        total += of_earlier(_earlier(state)).stages
    odds: list[float] = total.tolist()
    return odds


def _heard(state: ConversationState, does: Chances) -> Iterator[tuple[str, Chances]]:
    """What messages do: the latest one, all before it, and the one just before."""
    yield "does", does
    yield "did before", state.earlier_acts
    yield "said just before" if len(state.open.texts) > 1 else "last did", state.last_acts


@cache
def _weights_of(kind: str) -> Array:
    """The shipped weights of what is heard, [HEARD, STAGES]."""
    return shipped().stages.block(f"{kind} {name}" for name in HEARD) * np.float32(_SHARES[kind])


def _earlier(state: ConversationState) -> str:
    """The open turn before its latest message."""
    return "，".join(state.open.texts[:-1])[-_LOOKED_BACK:]


def _circumstances(
    state: ConversationState, facts: Facts, ruled: StageDecision
) -> Iterator[tuple[str, float]]:
    turn = state.open
    matter = _matter(state)
    weighed = [(f"rule {ruled.id}", 1.0), *((f"turn {name}", 1.0) for name in _TURN if getattr(turn, name))]
    weighed += [(f"did {act.name}", 1.0) for act in state.did]
    for intent in sorted(turn.intents, key=lambda intent: intent.score):
        seen = "seen" if intent.id in state.seen else "new"
        weighed.append((f"{intent.kind} {seen}", intent.score))
        yield f"intent {intent.id}", intent.score
        yield f"{intent.group} {seen}", intent.score
    for name, value in weighed:
        yield name, value
        yield f"{matter}: {name}", value
    yield f"reason {ruled.reason[:6]}", 1.0
    yield f"matter {matter}", 1.0
    named = {
        "state": (name for name in _STATE if getattr(state, name)),
        "came": turn.answered, "missing": state.missing, "offer": state.offers, "slot": [slot.name for slot in turn.slots],
        "acts": state.acts, "did": [act.name + act.about for act in state.did], "case": state.cases, "risk": state.risks,
    }  # fmt: skip
    for kind, names in named.items():
        yield from _ones(kind, names)
    counts = (min(turn.emotion, 3), min(state.refusals, 2), min(state.agent_turns, 4), facts.get("订单已知"))
    yield from _ones("count", (f"{place} {count}" for place, count in enumerate(counts)))


def _ones(kind: str, names: Iterable[str]) -> Iterator[tuple[str, float]]:
    return ((f"{kind} {name}", 1.0) for name in names)


def _matter(state: ConversationState) -> str:
    """How far the talk has come, in one word."""
    stages = {
        "settled": state.settled, "offered": state.offers, "asked": state.missing, "held": state.held,
        "answered": state.resolution, "case": state.cases,
    }  # fmt: skip
    return next((name for name, so in stages.items() if so), "none")
