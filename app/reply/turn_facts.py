"""What the open turn tells of itself, for the conditions of scripts that hold for one reply only."""

from __future__ import annotations

from typing import Final

from app import regex as re
from app.reply.agreed import agreed, names
from app.reply.by_ear import HEARD
from app.reply.calm import is_calm
from app.reply.customer_acts import likeliest
from app.reply.facts import Facts
from app.reply.first_words import temper
from app.reply.move_words import BY_POST, COME_BY, DELIVERS, STORE
from app.reply.moves import MAX_READ, move
from app.reply.oblige import echoed, obliged
from app.reply.restate import BLANK, is_choice, restated
from app.reply.state import ConversationState
from app.vocabulary import ECHOED, MENTIONED, UNMENTIONED, Stage

_SAYS_BACK: Final = frozenset({"answer", "resolve", "follow_up"})
_WORD: Final = 7
"""Letters of what is left blank at most, with its brackets: a word, no whole sentence."""
_RHETORICAL: Final = re.compile("〔(?:是不是|怎样|哪个)〕|^〔谁〕")
"""What is left blank where a complaint only sounds like a question, or asks for more than a word."""
_AGREES: Final = frozenset({"接受", "附条件"})


def turn_facts(state: ConversationState, stage: Stage) -> Facts:
    """刚才, what the open turn does given the stage of the reply; 情绪; the words that 提到 and 没提到 look into; 说定, the
    remedy agreed on, when one just was; and 答句, how its question can be answered word for word.
    """
    does = move(state, stage)
    facts: dict[str, str | int] = {
        "刚才": does,
        "情绪": temper(state),
        MENTIONED: "，".join(state.open.texts)[:MAX_READ],
        UNMENTIONED: "，".join(state.said)[-MAX_READ:],
    }
    if does == "问运费" and "退运费" in state.tabled:
        facts["责任"] = "店铺"
    calm = is_calm(state)
    if does in _AGREES and (remedy := agreed(state)) and not (calm and not any(map(names, state.open.texts))):
        facts["说定"] = remedy
    if calm:
        facts["会话"] = "平静"
        if said_again(state):
            facts[ECHOED] = "有"
    if (
        (calm or stage in _SAYS_BACK)
        and (answer := restated("，".join(state.open.texts)))
        and (calm or _asks_plainly(state, stage, answer))
    ):
        facts["答句"] = "是非" if is_choice(answer) else "填空"
    return facts


def _asks_plainly(state: ConversationState, stage: Stage, answer: str) -> bool:
    """Whether a question wants an answer: in a complaint many only say what one thinks (新疆不是全国？)."""
    if stage == "answer":
        return True
    said = BLANK.sub("", answer)
    brief = all(len(found) <= _WORD for found in BLANK.findall(answer)) and len(said) > 1
    return (
        brief
        and not _RHETORICAL.search(answer)
        and likeliest(state.latest_acts, HEARD)
        not in (
            "vent",
            "threat",
            "refuse",
        )
    )


def said_again(state: ConversationState) -> str:
    """What the latest message asks to be done, else what it tells, as the shop says it back; "" for neither."""
    latest = state.open.texts[-1]
    return obliged(latest) or echoed(latest)


def speaks_of_store(state: ConversationState) -> bool:
    """Whether the customer bought in a store: they say so (在你们店里拿的), or agents told them to come by."""
    if any(map(BY_POST.search, state.said)) or DELIVERS.search(state.reply):
        return False
    came_by = any(map(COME_BY.search, (*state.sent, state.reply)))
    return came_by or any(map(STORE.search, state.said))
