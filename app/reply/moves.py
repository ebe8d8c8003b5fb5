"""What the customer's words have just done: the condition 刚才 of scripts.

The stage says what kind of reply is due; within it the words say what they answer to (a page that refuses, a sum that
is named, a parcel that has come), so that the first script speaks of that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from app import regex as re
from app.reply.agreed import names, picks, remedies
from app.reply.answers import chases, is_mere, is_question, shows
from app.reply.arrivals import come_about, surely, was_told
from app.reply.bargains import bargains, demands_on, haggles_over, was_asked
from app.reply.by_ear import EXTORTS, HEARD, PLAINLY_HEARD, SURELY_HEARD, by_ear, unsettled
from app.reply.calm import calm_move, is_calm, told_calmly
from app.reply.choices import sums
from app.reply.customer_acts import likeliest
from app.reply.first_words import first_move
from app.reply.move_words import (
    ASKED_BACK,
    ASKS_FOR,
    BUYS,
    BY_NOW,
    CAME,
    CAN,
    CANNOT,
    COMES_AFTER,
    CONDITION,
    COSTS,
    DEALT,
    DECLINED,
    DETAIL,
    DID,
    DISPUTES,
    DISTRUST,
    EITHER_WAY,
    FAILED,
    FIRST_SEND,
    GIVES_UP,
    GO_ON,
    GOES,
    HAND_IN,
    HOW_KNOW,
    IF,
    INSTEAD,
    INVOICE,
    LACKS,
    LATER,
    LATER_ON,
    NAMES_REMEDY,
    NEEDED,
    NO_CHOICE,
    NOT_AGAIN,
    NOT_KNOWN,
    NOT_YET,
    OBJECTS,
    OBSTACLE,
    ON_PAGE,
    PAID,
    PONDERS,
    PRESSES,
    PURSE,
    REFUSES_AT_LAST,
    RESCHEDULES,
    SELLS,
    STILL_TO_COME,
    STOCK,
    THANKS,
    TO_ACCOUNT,
    TOO_LATE,
    TRIES,
    URGENT,
    WAITS,
    WANTS_TO_KNOW,
    WHAT_NOW,
    WHEN,
    YES,
)
from app.reply.presale import has_bought, presale_move
from app.reply.questions import which_question, which_step
from app.reply.remarks import remark
from app.reply.restate import restated
from app.reply.retorts import argues, first_retort, read_again, retort
from app.reply.state import ANSWER_SURE, ConversationState
from app.vocabulary import BOOLEAN_FACTS, ELSE, Stage

MAX_READ: Final = 600
_LATEST: Final = 3
# facts that decide what is done, besides those that only find the order or the parcel
_TO_JUDGE: Final = frozenset(
    (*BOOLEAN_FACTS, "照片", "签收天数", "问题描述", "原因", "期望方案", "订单号", "尺码")
)
_FIGURES, _MANY = re.compile(r"\d{2,3}"), 5
_NO_SIZE: Final = frozenset({"说情况", "有顾虑", "玩笑", "给资料", "答了"})
_SO: Final = re.compile("[这那]么")
_PLAIN_WORDS: Final = (
    ("不放心", NOT_AGAIN),
    ("没选项", NO_CHOICE),
    ("受阻", OBSTACLE),
    ("没办成", FAILED),
    ("又到了", COMES_AFTER),
    ("万一", IF),
    ("考虑", PONDERS),
    ("改约", RESCHEDULES),
    ("作罢", GIVES_UP),
)
_ASKABLE: Final = frozenset({"没办成", "受阻"})
_HEALTH: Final = frozenset({"allergy", "safety_incident"})
_FAINTLY: Final = 0.2
_UNWILLING: Final = frozenset({"refuse", "doubt", "counter", "vent", "threat"})
_BRIEF: Final = 25
_SHORT: Final = 8

# what customers before buying do in so many words, whatever else they ask for
_PLAIN_MOVES: Final = frozenset({"要下单", "要留货", "要提醒", "讲价", "等回话", "考虑"})
_KNOWN: Final = ("question", "enquiry", "complaint", "risk")
"""Kinds of intents whose own scripts answer."""
# remedies asked for by name have scripts of their own
_OWN_SCRIPTS: Final = ("return_refund", "refund_only", "exchange", "repair_parts", "authority_complaint")


def move(state: ConversationState, stage: Stage) -> str:
    """What the open turn does, one of TURN_FACTS["刚才"]; the first words to a shop only tell what `first_move` reads."""
    first = "" if state.agent_turns else first_retort(state, stage) or first_move(state, stage)
    if first:
        return first
    text = "，".join(_said_last(state.open.texts))[-MAX_READ:].replace("啦", "了").replace("喇", "了")
    reader = _READERS.get(stage)
    if not any(map(str.isalnum, text)) or not (state.agent_turns or stage == "answer"):
        return ELSE
    calm = state.agent_turns and reader is not None and is_calm(state) and not argues(state)
    said = "" if calm else retort(state, stage, text)
    if said or reader is None:
        return said or ELSE
    if calm and stage != "answer":
        return calm_move(state, stage) or told_calmly(state, stage, reader(state, text))
    does = reader(state, text)
    return read_again(state, does) if stage == "resolve" and state.agent_turns else does


def _said_last(texts: tuple[str, ...]) -> list[str]:
    """The latest messages, without nods (好 … 四天了没物流) or promises (地址发来 … 寄了) they have left behind."""
    latest = list(texts[-_LATEST:])
    if len(latest) > 1 and (DID.search(latest[-1]) or CAME.search(latest[-1]) or OBSTACLE.search(latest[-1])):
        return latest[-1:]
    while len(latest) > 1 and not is_mere(latest[-1]) and _nods(latest[0]):
        del latest[0]
    return latest


def _nods(text: str) -> bool:
    return is_mere(text) or (len(text) <= _SHORT and YES.search(text) is not None and not names(text))


def _follow_up(state: ConversationState, text: str) -> str:
    if WAITS.search(text) and not WANTS_TO_KNOW.search(text):
        return "应声"
    if DECLINED.search(text):
        return "办好了"
    if ASKED_BACK.search(text) or COMES_AFTER.search(text):
        return "催问" if ASKED_BACK.search(text) else "又到了"
    undone = _undone(state, text)
    if undone:
        return undone
    tabled = bool(remedies(state.offers))
    asked = which_step(text)
    if not (NOT_YET.search(text) or asked or is_mere(text) or state.open.has(*_OWN_SCRIPTS)):
        came = come_about(state, state.open.texts[-1])
        if came and (not tabled or surely(came, text, state.open.texts[-1])):
            return came
    hurries = URGENT.search(text) and WANTS_TO_KNOW.search(text) and not state.open.accepts
    if (TOO_LATE.search(text) and not any(map(picks, state.open.texts))) or hurries:
        return "赶时间"
    for name, words in (("万一", IF), ("不放心", DISTRUST)):
        if words.search(text) and WANTS_TO_KNOW.search(text):
            return name
    if asked:
        return asked
    if STOCK.search(state.open.texts[-1]):
        return "问有没有"
    return _passing(state, text, tabled) or _goes_along(state, text, tabled)


def _undone(state: ConversationState, text: str) -> str:
    """What stands in the way of what was agreed on, or is said against it."""
    if NO_CHOICE.search(text) or (LACKS.search(text) and was_told(state)):
        return "没选项"
    if OBSTACLE.search(text) and not CAME.search(text):
        return "受阻" if ON_PAGE.search(text) else "走不通"
    if haggles_over(state, text) and not is_mere(text):
        return "还价"
    if likeliest(state.latest_acts, PLAINLY_HEARD) == "chase" and not CAME.search(text):
        return "催问"
    promised = state.due or state.settled or state.held
    if promised and chases(text) and not (CAME.search(text) or _settles(text) or THANKS.search(text)):
        return "过点"
    return unsettled(state, text)


def _goes_along(state: ConversationState, text: str, tabled: bool) -> str:
    """What words do that go along with what was agreed on, or ask about it. tabled: a remedy is on the table."""
    if BUYS.search(state.open.texts[-1]) and len(text) < _BRIEF and not (tabled or state.cases):
        return "下单了"
    if SELLS.search(state.reply) and BUYS.search(state.open.texts[-1]) and len(text) < _BRIEF:
        return "办好了"
    if TRIES.search(text) and not names(text):
        return "去试"
    if GOES.search(text) and not (tabled and _settles(text)):
        return "会去办"
    if ASKS_FOR.search(text) and not tabled:
        return "提要求"
    if tabled and state.open.answered and DETAIL.search(text) and not names(text):
        return "给资料"
    if THANKS.search(text) and not names(text) and (DEALT.search(state.reply) or not _settles(text)):
        return "道谢"
    if state.settled and YES.search(text) and CONDITION.search(text):
        return "附条件"
    asks = WANTS_TO_KNOW.search(text) or NEEDED.search(text)
    sounds = likeliest(state.latest_acts, HEARD)
    if tabled and is_question(text) and asks and sounds != "accept" and not YES.search(text):
        return "问方案"
    if tabled and asks and not (YES.search(text) or names(text) or state.open.accepts):
        return "问方案"
    surely = likeliest(state.latest_acts, PLAINLY_HEARD) == "accept" and not is_mere(text)
    if (sounds == "accept" and names(text)) or surely:
        return "附条件" if CONDITION.search(text) else "接受"
    consents = YES.search(text) or names(text) or any(map(picks, state.open.texts))
    if tabled and not (consents or likeliest(state.latest_acts, _FAINTLY) == "accept"):
        if likeliest(state.latest_acts, PLAINLY_HEARD) == "gives" or shows(text):
            return "给资料"
        if not (state.open.accepts or is_mere(text)) or likeliest(state.latest_acts, HEARD) in _UNWILLING:
            return "问方案" if asks else "不服"
    if tabled or (YES.search(text) and not is_mere(text) and (not state.settled or names(text))):
        return "附条件" if CONDITION.search(text) else "接受"
    if state.open.has(*_OWN_SCRIPTS) and not state.open.accepts:
        return "问方案" if WANTS_TO_KNOW.search(text) else ELSE
    if THANKS.search(text) and not names(text):
        return "道谢"
    if DETAIL.search(text) and not is_mere(text):
        return "给资料"
    if (state.open.accepts or state.open.took) and not (state.settled or is_mere(text)):
        return "附条件" if CONDITION.search(text) else "接受"
    return "问方案" if is_question(text) or WANTS_TO_KNOW.search(text) else "应声"


def _passing(state: ConversationState, text: str, tabled: bool) -> str:
    """What words do, after something was agreed on, that are no consent, "" for none of these."""
    if RESCHEDULES.search(text):
        return "改约"
    if PONDERS.search(text):
        return "应声" if LATER_ON.search(text) else "考虑"
    if GIVES_UP.match(text):
        return "作罢"
    if is_mere(text) and DEALT.search(state.reply) and not STILL_TO_COME.search(state.reply):
        return "应完"
    if is_mere(text) or _settles(text) or WANTS_TO_KNOW.search(text):
        return ""
    ear = likeliest(state.latest_acts, HEARD)
    if ear == "done":
        return come_about(state, state.open.texts[-1]) or ("办好了" if was_told(state) else "解决了")
    return "道谢" if ear == "thanks" and tabled else ""


def _answers(state: ConversationState) -> bool:
    """Whether words plainly sound like consent, or like what an agent asked for, whatever they refuse besides."""
    ear = likeliest(state.latest_acts, SURELY_HEARD)
    if ear == "accept" and state.offers:
        return True
    asked = any(act.name in ("asked", "instructed") for act in state.did)
    return asked and likeliest(state.latest_acts, PLAINLY_HEARD) in ("gives", "done")


def _settles(text: str) -> bool:
    return bool(YES.search(text) or names(text))


def _resolve(state: ConversationState, text: str) -> str:
    """Only words that come after something an agent has said or asked."""
    if state.comes_back:
        return _overdue(state, text)
    if _by_now(state, text):
        return "过点"
    if DECLINED.search(text):
        return "办好了"
    if demands_on(state, text):
        return ELSE
    if "scam_alert" in state.risks:
        nods = GO_ON.match(text) or THANKS.search(text)
        return "办好了" if DID.search(text) else "应声" if nods else ELSE
    for name, words in _PLAIN_WORDS:
        asks = CAN.search(text) or was_asked(state) or (state.held and WANTS_TO_KNOW.search(text))
        if words.search(text) and not (name in _ASKABLE and asks):
            return name if name != "受阻" or ON_PAGE.search(text) else "走不通"
    dealt = bool(state.offers or state.tabled or state.resolution or state.held)
    if (state.open.has("invoice") and INVOICE.search(text) and not (dealt and PRESSES.search(text))) or (
        state.open.has("order_change", "coupon_payment") and is_question(text) and not DISPUTES.search(text)
    ):
        return ELSE
    does = ("" if _answers(state) else _reacts(state, text, dealt)) or _neither(state, text, dealt)
    return by_ear(state, text, does, dealt)


def _by_now(state: ConversationState, text: str) -> bool:
    """Whether a customer only says what time it is, after a time was promised."""
    promised = (state.due or state.held) and STILL_TO_COME.search(state.reply) is not None
    return promised and not any(act.name == "asked" for act in state.did) and BY_NOW.search(text) is not None


def _overdue(state: ConversationState, text: str) -> str:
    """What words do that come back to a promise: time has passed; the money is on its way; it was kept, but ill."""
    if PAID.search(state.reply) and TO_ACCOUNT.search(text):
        return "问到账"
    timed = state.open.chases or state.open.broken or state.due
    return "过点" if timed or likeliest(state.latest_acts, HEARD) in ("overdue", "chase") else ELSE


def _reacts(state: ConversationState, text: str, dealt: bool) -> str:
    """How words take what an agent has offered or said, "" for neither way."""
    if haggles_over(state, text):
        return "还价"
    if dealt and DISPUTES.search(text):
        return "不服"
    doubts = likeliest(state.latest_acts, PLAINLY_HEARD) == "doubt" and not REFUSES_AT_LAST.search(text)
    if dealt and doubts and is_question(text):
        return which_question(text)
    if (state.held or state.due) and GO_ON.match(text) and EXTORTS.isdisjoint(state.risks):
        return ""
    if dealt:
        for name, words in (
            ("问到账", PURSE),
            ("问到账", TO_ACCOUNT),
            ("问操作", HAND_IN),
            ("报花费", COSTS),
            ("问有没有", STOCK),
            ("问方案", NEEDED),
            ("问方案", HOW_KNOW),
            ("不放心", DISTRUST),
            ("不服", DISPUTES),
        ):
            if words.search(text):
                return name
        asks = state.open.chases or (PRESSES.search(text) and not EITHER_WAY.search(text))
        if asks and not (state.open.refuses or OBJECTS.search(text)):
            return "催问"
    instead = dealt and INSTEAD.search(text) is not None
    dealt = dealt or state.open.has("compensation")
    if not (state.open.refuses or instead or (dealt and (bargains(state, text) or OBJECTS.search(text)))):
        return ""
    if any(
        match.id in _OWN_SCRIPTS and match.score >= ANSWER_SURE for match in state.open.intents
    ) and not sums(text):
        return ELSE
    if bargains(state, text) and not instead:
        return "还价"
    if URGENT.search(text) and not NAMES_REMEDY.search(text):
        return "赶时间"
    if instead or (NAMES_REMEDY.search(text) and not is_question(text)):
        return ELSE if state.open.has(*_OWN_SCRIPTS) and not FIRST_SEND.search(text) else "换方案"
    return "又不接受" if state.refusals else "不接受"


def _neither(state: ConversationState, text: str, dealt: bool) -> str:
    """What words do that neither take nor refuse anything."""
    if URGENT.search(text):
        return "赶时间"
    if NOT_KNOWN.search(text):
        return "给不了"
    if dealt and CANNOT.search(text) and WHAT_NOW.search(text) and restated(state.open.texts[-1]):
        return "问方案"
    asks = WANTS_TO_KNOW.search(text) is not None
    if asks and WHEN.search(text) and not state.open.has(*_OWN_SCRIPTS):
        return "问时间"
    if dealt and ASKS_FOR.search(text):
        return "提要求"
    if CANNOT.search(text) and (not asks or WHAT_NOW.search(text)):
        return "给不了"
    if dealt and (asks or (state.open.doubts and not state.open.answered)):
        return which_question(text)
    if is_mere(text) or GO_ON.match(text):
        return "应声"
    latest = state.open.texts[-1]
    if LATER.search(latest) and len(latest) < _BRIEF:
        return "晚点给"
    tells = _merely_tells(state, dealt) and (_HEALTH.isdisjoint(state.risks) or "电话" in state.awaiting)
    return "给资料" if tells else ELSE


def _merely_tells(state: ConversationState, dealt: bool) -> bool:
    """Whether words only add to what is being looked into: no new matter, nor the facts that a remedy waited for."""
    if state.open.ids("complaint", "enquiry", "risk"):
        return False
    if "malicious_review" in state.risks and not remedies(state.tabled):
        return False
    if _TO_JUDGE & set(state.open.answered) and not remedies(state.tabled):
        return not state.cases
    return dealt or bool(state.open.answered) or not (state.cases or state.risks)


def _confirm(state: ConversationState, text: str) -> str:
    if state.missing and (is_mere(text) or LATER.search(text) or PONDERS.search(text)):
        return "晚点给"
    if state.missing and CANNOT.search(text):
        return "给不了"
    asks = WANTS_TO_KNOW.search(text) is not None
    if (
        not asks
        and not state.open.ids("complaint", "enquiry", "risk")
        and likeliest(state.latest_acts, HEARD) == "trouble"
    ):
        return "说了毛病"
    return "给资料" if state.open.answered and not asks else ELSE


def _apologise(state: ConversationState, text: str) -> str:
    """Only words that press at once: an apology for what was not kept has scripts of its own."""
    return "催问" if chases(text) and not (state.agent_turns > 1 or state.due or state.held) else ELSE


def _answer(state: ConversationState, text: str) -> str:
    plain = _SO.sub("", text)
    clear = bool(restated(state.open.texts[-1]))
    asks = not is_mere(text) and (clear or is_question(plain) or WANTS_TO_KNOW.search(plain) is not None)
    does = presale_move(state, text, asks)
    if state.agent_turns and does not in _PLAIN_MOVES and is_calm(state):
        does = calm_move(state, "answer") or does
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
    answers = state.open.ids(
        *known,
        *(() if state.agent_turns or clear or (asks and state.open.has("thanks_praise")) else ("dialogue",)),
    )
    if asks and (clear or len(text) > 3) and not answers:
        return "问别的"
    if state.agent_turns and THANKS.search(text) and not clear:
        return "道谢"
    does = remark(state.open.texts[-1], state.reply) if state.agent_turns and not asks else ""
    if does and _of_size(state, does):
        return does
    if asks or answers or is_mere(text):
        return "应声" if is_mere(text) else ELSE
    calm = state.agent_turns and (
        not (state.cases or state.open.ids("complaint", "enquiry", "risk"))
        or (not answers and is_calm(state))
    )
    told = state.open.answered or (state.agent_turns and (not bought or state.open.has("provide_info")))
    return does if told or calm else ELSE


def _of_size(state: ConversationState, does: str) -> bool:
    """Whether a remark sounds like a question about sizes, and only tells a figure, those of many, or a wish."""
    body = {slot.name for slot in (*state.slots, *state.open.slots)} >= {"身高", "体重"}
    many = len(_FIGURES.findall(state.open.texts[-1])) >= _MANY
    told = does in _NO_SIZE or (does == "报数" and (many or not body))
    return told and state.open.ids(*_KNOWN) == ("ask_size",)


_READERS: Final[dict[Stage, Callable[[ConversationState, str], str]]] = {
    "confirm": _confirm,
    "apologise": _apologise,
    "resolve": _resolve,
    "follow_up": _follow_up,
    "answer": _answer,
}
