"""What the customer's words have just done, and which remedy was agreed on: the conditions 刚才 and 说定 of scripts.

The stage says what kind of reply is due; within it the words say what they answer to (a page that refuses, a sum that
is named, a parcel that has come), so that the first script speaks of that.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

from app import regex as re
from app.reply.acts import recognise
from app.reply.answers import is_mere, is_question
from app.reply.choices import sums
from app.reply.facts import Facts
from app.reply.move_words import (
    ARRIVED,
    ASKS_FOR,
    BUYS,
    BY_POST,
    CAME,
    CAN,
    CANNOT,
    CLICK,
    COME_BY,
    CONDITION,
    CONTINGENT,
    COUNTERS,
    DECLINES,
    DETAIL,
    DID,
    DISPUTES,
    DISTRUST,
    DONE,
    FAILED,
    FIRST_SEND,
    FREIGHT,
    GIVES,
    GIVES_BACK,
    GO_ON,
    GOES,
    GOODS,
    HOW_KNOW,
    IF,
    INSTEAD,
    INVOICE,
    KEEPS,
    LACKS,
    LASTING,
    LATER,
    MEASURE,
    MONEY,
    NAMED,
    NAMES_REMEDY,
    NEEDED,
    NO_CHOICE,
    NO_DEMAND,
    NOT_YET,
    OBJECTS,
    OBSTACLE,
    PAID,
    PAPERS,
    PAYS,
    PLAIN,
    PLEASED,
    PONDERS,
    PRESSES,
    PRICED,
    PURSE,
    RESCHEDULES,
    SAID_GOODS,
    SAID_MONEY,
    SETTLES,
    SOLVED,
    STORE,
    THANKS,
    TO_ACCOUNT,
    TRIES,
    URGENT,
    WANTS_TO_KNOW,
    WHAT_NOW,
    WHEN,
    WHERE_TO,
    YES,
)
from app.reply.presale import has_bought, presale_move
from app.reply.remedies import ADVICE, EXTRAS
from app.reply.restate import is_choice, restated
from app.reply.state import ConversationState
from app.vocabulary import BOOLEAN_FACTS, ELSE, Stage

MAX_READ: Final = 600
_LATEST: Final = 3
# facts that decide what is done, besides those that only find the order or the parcel
_TO_JUDGE: Final = frozenset(BOOLEAN_FACTS) | {
    "照片",
    "签收天数",
    "问题描述",
    "原因",
    "期望方案",
    "订单号",
    "尺码",
}
_BRIEF: Final = 25
_SO: Final = re.compile("[这那]么")
_HEALTH: Final = frozenset({"allergy", "safety_incident"})
_TERSE: Final = 6
_EXTORTS: Final = frozenset({"malicious_review", "negative_review", "media_exposure"})
"""Who asks for money under one of these with no remedy on the table is not met half way."""

_KNOWN: Final = ("question", "enquiry", "complaint", "risk")
"""Kinds of intents whose own scripts answer."""
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
_MONEY_REMEDIES: Final = frozenset({"部分退款", "仅退款", "补差价", "退运费", "代金券", "退货退款"})
_GOODS_REMEDIES: Final = frozenset({"换货", "补发", "补件", "维修", "赠品", "催物流"})
_NOTHING_TO_RETURN: Final = frozenset(
    {"dispatch_delay", "delivery_delay", "delivery_failed", "out_of_stock", "intercept", "order_change"}
)
# remedies asked for by name have scripts of their own
_OWN_SCRIPTS: Final = ("return_refund", "refund_only", "exchange", "repair_parts", "authority_complaint")
_AGREES: Final = frozenset({"接受", "附条件"})
_FIRM: Final = frozenset({"举证维权", "上报"})


def turn_facts(state: ConversationState, stage: Stage) -> Facts:
    """刚才, what the open turn does given the stage of the reply, 说定, the remedy agreed on, when one just was, and 答句,
    how its question can be answered word for word.
    """
    does = move(state, stage)
    facts: dict[str, str | int] = {"刚才": does}
    if does in _AGREES and (remedy := agreed(state)):
        facts["说定"] = remedy
    if stage == "answer" and (answer := restated("，".join(state.open.texts))):
        facts["答句"] = "是非" if is_choice(answer) else "填空"
    return facts


def speaks_of_store(state: ConversationState) -> bool:
    """Whether the customer bought in a store: they say so (在你们店里拿的), or agents told them to come by."""
    if any(map(BY_POST.search, state.said)):
        return False
    came_by = any(map(COME_BY.search, (*state.sent, state.reply)))
    return came_by or any(map(STORE.search, state.said))


def move(state: ConversationState, stage: Stage) -> str:
    """What the open turn does, one of TURN_FACTS["刚才"]; the first words to a shop do nothing yet."""
    text = "，".join(state.open.texts[-_LATEST:])[-MAX_READ:]
    reader = _READERS.get(stage)
    if not any(map(str.isalnum, text)) or reader is None or not (state.agent_turns or stage == "answer"):
        return ELSE
    return reader(state, text)


def agreed(state: ConversationState) -> str:
    """The remedy the customer has chosen of those on the table, "" when nobody can tell.

    Who has nothing to send back yet and wants the money cancels; who need not send it back is only paid.
    """
    remedy = _chosen(state)
    if remedy == "退货退款" and PAID.search(state.reply):
        return ""
    if remedy == "退货退款" and KEEPS.search(state.reply):
        return "仅退款"
    unsent = not _NOTHING_TO_RETURN.isdisjoint(state.cases) and "refund_progress" not in state.cases
    return "取消" if unsent and remedy in ("退货退款", "仅退款") else remedy


def _chosen(state: ConversationState) -> str:
    """By the customer's words; else what the agent's latest message offers, when it is one thing; else what was settled."""
    said = state.open.texts or state.said[-1:]
    offered = _offered(state.reply)
    named = [remedy for text in reversed(said) for remedy in _names(text)]
    if named or any(map(_another, said)):
        return next((remedy for remedy in named if remedy in offered), named[0] if named else "")
    if any(map(DECLINES.search, said)):
        return ""
    if offered or state.offers or not state.settled:
        return next(iter(offered)) if len(offered) == 1 else ""
    tabled = _remedies(state.tabled)
    return next(iter(tabled)) if len(tabled) == 1 else ""


def _offered(reply: str) -> set[str]:
    """The remedies an agent's message offers; freight counts where it is to be paid back."""
    reply = PAPERS.sub("", CONTINGENT.sub("", reply))
    found = {act.about for act in recognise(reply) if act.name == "offered"} - ADVICE - _FIRM
    if not found:
        found = set(_names(reply)) if GIVES.search(reply) else set()
        if not GIVES_BACK.search(reply):
            found.discard("部分退款")
    main = found - EXTRAS
    return main or (found if PAYS.search(reply) else set())


def _remedies(offers: Collection[str]) -> set[str]:
    """What of the offers is a remedy to take, not mere advice or what comes on top."""
    found = set(offers) - ADVICE - _FIRM
    return found - EXTRAS or found


def _names(text: str) -> list[str]:
    return [remedy for remedy, words in NAMED if words.search(text)]


def _another(text: str) -> bool:
    """Whether somebody settles on something no remedy is named in (闪送吧, 那周六去吧)."""
    found = SETTLES.match(text)
    return found is not None and not _names(text) and not PLAIN.search(found[1])


def _follow_up(state: ConversationState, text: str) -> str:
    if NO_CHOICE.search(text) or (LACKS.search(text) and _told(state)):
        return "没选项"
    if OBSTACLE.search(text) and not CAME.search(text):
        return "受阻"
    tabled = bool(_remedies(state.offers))
    asked = _how(text)
    if not (NOT_YET.search(text) or asked or state.open.has(*_OWN_SCRIPTS)):
        came = _come(state, state.open.texts[-1])
        if came and (not tabled or _surely(came, text, state.open.texts[-1])):
            return came
    if asked:
        return asked
    if RESCHEDULES.search(text):
        return "改约"
    if PONDERS.search(text):
        return "应声"
    if not tabled and BUYS.search(state.open.texts[-1]) and len(text) < _BRIEF:
        return "下单了"
    if TRIES.search(text) and not _names(text):
        return "去试"
    if not tabled and GOES.search(text):
        return "会去办"
    if ASKS_FOR.search(text) and not tabled:
        return "提要求"
    if tabled and THANKS.search(text) and not (YES.search(text) or _names(text)):
        return "道谢"
    if state.settled and YES.search(text) and CONDITION.search(text):
        return "附条件"
    if tabled and WANTS_TO_KNOW.search(text) and not (YES.search(text) or _names(text) or state.open.accepts):
        return "问方案"
    if tabled or (YES.search(text) and not is_mere(text) and (not state.settled or _names(text))):
        return "附条件" if CONDITION.search(text) else "接受"
    if state.open.has(*_OWN_SCRIPTS) and not state.open.accepts:
        return ELSE
    if THANKS.search(text) and not _names(text):
        return "道谢"
    if DETAIL.search(text) and not is_mere(text):
        return "给资料"
    if (state.open.accepts or state.open.took) and not (state.settled or is_mere(text)):
        return "附条件" if CONDITION.search(text) else "接受"
    return "问方案" if is_question(text) else "应声"


def _told(state: ConversationState) -> bool:
    """Whether the agent's latest message tells how to do something."""
    return any(act.name == "instructed" for act in recognise(state.reply))


def _surely(came: str, text: str, latest: str) -> bool:
    """Whether something has come about that no remedy on the table makes words of consent."""
    if DONE.search(latest):
        return True
    return (came in ("办好了", "解决了") or CAME.search(text) is not None) and not YES.search(latest)


def _come(state: ConversationState, text: str) -> str:
    """What has come about, "" for nothing: money, a thing, the customer's part, or all of it."""
    if SOLVED.search(text):
        return "办好了" if _told(state) and DID.search(text) else "解决了"
    if ARRIVED.search(text):
        arrived = _arrived(state, text)
        if arrived == "货到了" and PLEASED.search(text) and not is_question(text):
            return "解决了"
        return "道谢" if arrived == "应声" and THANKS.search(text) else arrived
    return "办好了" if DID.search(text) else ""


def _resolve(state: ConversationState, text: str) -> str:
    """Only words that come after something an agent has said or asked."""
    if state.comes_back:
        return "过点"
    if "scam_alert" in state.risks:
        return "办好了" if DID.search(text) else "应声" if GO_ON.match(text) else ELSE
    for name, words in (
        ("没选项", NO_CHOICE),
        ("受阻", OBSTACLE),
        ("没办成", FAILED),
        ("万一", IF),
        ("考虑", PONDERS),
        ("改约", RESCHEDULES),
    ):
        if words.search(text) and not (name == "没办成" and CAN.search(text)):
            return name
    if (state.open.has("invoice") and INVOICE.search(text)) or (
        state.open.has("order_change", "coupon_payment") and is_question(text) and not DISPUTES.search(text)
    ):
        return ELSE
    dealt = bool(state.offers or state.tabled or state.resolution or state.held)
    return _reacts(state, text, dealt) or _neither(state, text, dealt)


def _reacts(state: ConversationState, text: str, dealt: bool) -> str:
    """How words take what an agent has offered or said, "" for neither way."""
    if dealt:
        for name, words in (
            ("问到账", PURSE),
            ("问方案", NEEDED),
            ("问方案", HOW_KNOW),
            ("不放心", DISTRUST),
            ("不服", DISPUTES),
        ):
            if words.search(text):
                return name
        if not state.open.refuses and (state.open.chases or PRESSES.search(text)):
            return "催问"
    instead = dealt and INSTEAD.search(text) is not None
    if not (state.open.refuses or instead or (dealt and (_bargains(state, text) or OBJECTS.search(text)))):
        return ""
    if _bargains(state, text) and not instead:
        return "还价"
    if URGENT.search(text) and not NAMES_REMEDY.search(text):
        return "赶时间"
    if instead or (NAMES_REMEDY.search(text) and not is_question(text)):
        return ELSE if state.open.has(*_OWN_SCRIPTS) and not FIRST_SEND.search(text) else "换方案"
    return "又不接受" if state.refusals else "不接受"


def _bargains(state: ConversationState, text: str) -> bool:
    """Whether a sum of money is asked for: named as money, or alone where money was offered."""
    if not (sums(text) or COUNTERS.search(text)) or NO_DEMAND.search(text):
        return False
    if text.isdigit() and MEASURE.search(state.reply):
        return False
    if not _EXTORTS.isdisjoint(state.risks) and not _remedies(state.tabled):
        return False
    if len(text) <= _TERSE or PRICED.search(text) is not None:
        return True
    return not _MONEY_REMEDIES.isdisjoint(state.tabled)


def _neither(state: ConversationState, text: str, dealt: bool) -> str:
    """What words do that neither take nor refuse anything."""
    if URGENT.search(text):
        return "赶时间"
    asks = WANTS_TO_KNOW.search(text) is not None
    if asks and WHEN.search(text) and not state.open.has(*_OWN_SCRIPTS):
        return "问时间"
    if dealt and ASKS_FOR.search(text):
        return "提要求"
    if CANNOT.search(text) and (not asks or WHAT_NOW.search(text)):
        return "给不了"
    if dealt and (asks or (state.open.doubts and not state.open.answered)):
        return _question(text)
    if is_mere(text) or GO_ON.match(text):
        return "应声"
    latest = state.open.texts[-1]
    if LATER.search(latest) and len(latest) < _BRIEF:
        return "晚点给"
    tells = _merely_tells(state, dealt) and _HEALTH.isdisjoint(state.risks)
    return "给资料" if tells else ELSE


def _merely_tells(state: ConversationState, dealt: bool) -> bool:
    """Whether words only add to what is being looked into: no new matter, nor the facts that a remedy waited for."""
    if state.open.ids("complaint", "enquiry", "risk"):
        return False
    if "malicious_review" in state.risks and not _remedies(state.tabled):
        return False
    if _TO_JUDGE & set(state.open.answered) and not _remedies(state.tabled):
        return not state.cases
    return dealt or bool(state.open.answered) or not (state.cases or state.risks)


def _question(text: str) -> str:
    for name, words in (("问运费", FREIGHT), ("怕再坏", LASTING), ("不放心", DISTRUST), ("问时间", WHEN)):
        if words.search(text):
            return name
    return "问方案"


def _confirm(state: ConversationState, text: str) -> str:
    if state.missing and (is_mere(text) or LATER.search(text) or PONDERS.search(text)):
        return "晚点给"
    if state.missing and CANNOT.search(text):
        return "给不了"
    asks = WANTS_TO_KNOW.search(text) is not None
    return "给资料" if state.open.answered and not asks else ELSE


def _answer(state: ConversationState, text: str) -> str:
    plain = _SO.sub("", text)
    asks = not is_mere(text) and (is_question(plain) or WANTS_TO_KNOW.search(plain) is not None)
    does = presale_move(state, text, asks)
    if does:
        return does
    if state.agent_turns and BUYS.search(text) and not asks:
        return "下单了"
    if LATER.search(text) and state.agent_turns and not asks:
        return "晚点给"
    bought = has_bought(state)
    if asks and (state.cases or state.handled) and bought:
        return "插问"
    known = _KNOWN if bought or state.open.has("return_freight", "exchange") else ("question",)
    answers = state.open.ids(*known, *(() if state.agent_turns else ("dialogue",)))
    if asks and len(text) > 3 and not answers:
        return "问别的"
    if state.agent_turns and THANKS.search(text):
        return "道谢"
    told = state.open.answered or (state.agent_turns and (not bought or state.open.has("provide_info")))
    if told and not asks and not is_mere(text) and not answers:
        return "给资料"
    return "应声" if is_mere(text) else ELSE


_READERS: Final[dict[Stage, Callable[[ConversationState, str], str]]] = {
    "confirm": _confirm,
    "resolve": _resolve,
    "follow_up": _follow_up,
    "answer": _answer,
}


def _asks_how(text: str) -> bool:
    return bool(_how(text)) and (is_question(text) or "怎么" in text)


def _how(text: str) -> str:
    """Which part of what was agreed a customer asks about, "" for none."""
    asks = WANTS_TO_KNOW.search(text) is not None or "还是我" in text
    for name, words in (
        ("问运费", FREIGHT),
        ("问到账", TO_ACCOUNT),
        ("问寄法", WHERE_TO),
        ("问操作", CLICK),
        ("问时间", WHEN),
    ):
        if words.search(text) and (asks or name == "问寄法"):
            return name
    return ""


def _arrived(state: ConversationState, text: str) -> str:
    """What has arrived: by the words, else by what agents said, else by what the matter is."""
    if MONEY.search(text):
        return "钱到了"
    if GOODS.search(text):
        return "货到了"
    for words in ((state.reply,), state.sent):
        money, goods = any(map(SAID_MONEY.search, words)), any(map(SAID_GOODS.search, words))
        if money != goods:
            return "钱到了" if money else "货到了" if CAME.search(text) else "应声"
    matters = state.tabled & (_MONEY_REMEDIES | _GOODS_REMEDIES)
    if matters:
        return "钱到了" if matters <= _MONEY_REMEDIES else "货到了"
    if state.cases and state.cases[0] in _OF_MONEY:
        return "钱到了"
    return "货到了" if CAME.search(text) else "解决了"
