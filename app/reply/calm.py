"""A calm talk, before or after buying, in which nothing is wrong: what the customer's words do in it, whatever the stage.

The stages of a case have scripts for cases (照说好的办, 我去查); who only asks, or asks for some small thing, is answered.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from app import regex as re
from app.reply.answers import MAX_READ, chases, is_mere, is_question
from app.reply.move_words import ANOTHER_WISH, SOLVED, WANTS_TO_KNOW
from app.reply.oblige import echoed, obliged, wants_shown
from app.reply.presale import HOLDS, PONDERS, REMIND, browses
from app.reply.remarks import ASKS_BACK, remark
from app.reply.restate import restated
from app.reply.state import ANSWER_SURE, OPEN_FACTS, SHOWN, ConversationState
from app.vocabulary import ELSE, Stage

_CALM: Final = frozenset(
    {
        "order_change", "invoice", "exchange", "return_refund", "dispatch_delay", "delivery_delay", "return_freight",
        "repair_parts", "coupon_payment", "price_drop", "out_of_stock", "aftersales_form", "refund_progress", "intercept",
        "overpriced", "size_fit", "courier_service",
    }
)  # fmt: skip
"""Matters that are no trouble as long as nobody is upset about them."""
_PARCEL: Final = frozenset({"dispatch_delay", "delivery_delay"})
_PROGRESS: Final = frozenset({"refund_progress", "aftersales_progress", "no_response"})
_BY_WORD: Final = frozenset(
    {"exchange", "return_refund", "order_change", "intercept", "price_drop", "return_freight", "repair_parts"}
)
"""Matters that a plain question is answered about in its own words, once somebody is talked to."""
_OF_FAULTS: Final = frozenset({"检测", "升级主管", "举证维权"})
"""Remedies that agents offer for what is wrong."""
_EXAMINES: Final = frozenset({"洗过", "穿过", "签收天数", "吊牌在", "期望方案"})
_UPSET: Final = 2
_LIKELY: Final = 0.6
_HOW: Final = re.compile(r"怎么|咋|如何|为[什啥何]|[啥么]意思|看不懂")
_WHY: Final = re.compile(r"为[什啥何]|[啥么]意思|看不懂")
_NO_HOW: Final = re.compile(
    r"怎么(?:还|又|都|这么|那么|可能|回事)|咋(?:还|又|这么|回事)|不怎么|怎么样都|为什么(?:还|又)"
)
DECIDES: Final = re.compile(
    r"(?:你|您)?(?:帮|替)(?:我|忙)?(?:定|选|挑|拿主意|决定|做主)|(?:你|您)(?:来)?(?:定|做主|说了算|看着(?:办|选|挑|来|配))|听你的意见|你觉得呢"
)
"""Who leaves it to the agent to choose."""
_HARM: Final = re.compile(
    r"破了?|洞|坏|裂|脱[线胶]|脏了|污|渍|起球|起毛|缩水|缩了|变形|[掉褪]色|漏发|发错|寄错|少[了发]|霉|异味|好臭|味道(?:大|重|冲)|线头|瑕疵|质量(?:问题|太?差)|次品|断[了开]|开线|勾丝|抽丝|没收到|一直不动|没动静|卡[在了]|丢件|丢了|色差"
)
_ONLY_FEARED: Final = re.compile(
    r"[?？]|吗|会不会|会[^，,。]{0,4}不|[起掉褪缩]\w?不|别|怕|怎么洗|咋洗|洒|溅|能不能|容易|万一|要是|正常不"
)
_STUCK: Final = re.compile(
    r"^(?:我|还是|好像|啊|诶|哎)*(?:没(?:看[到见]|找到|领到|显示|弹出)|[找看领点用付选改打进填]不(?:了|到|开|上|见|去|动)|没有?(?:这个|那个|你说的|选项|按钮|入口)|没有[^，,。]{1,8}(?:选项|按钮|入口|码)的?)"
)
_COMES: Final = re.compile(
    r"(?:点|[上下中]午|晚上|周[一二三四五六日末]|明天|后天|今天)[^，,。?？]{0,6}(?:到|过去|过来|来|去)(?:了|吧|哈)?$|(?:[点天晚午]|周[一二三四五六日末]|到时候?|回头)见(?:$|[吧啊哈])"
)
_LACKS: Final = re.compile(
    r"^(?:可是?|但是?|不过|啊|哎|额)?(?:我们?|家里?|手头|手边|这边|现在|都)*(?:没有?|木有)(?!问题|事|关系|[了货码看找收到人说想用穿洗错]|其他|别的|要求|时间|意见|只|再|[^，,。]{0,4}(?:选项|按钮|入口))[^，,。?？]{2,6}$|不太?(?:好意思|方便|记得|清楚)[^，,。?？]{0,6}(?:$|[\s，,])|(?:忘了|找不到|没留)[^，,。?？]{0,4}$|^[^，,。?？]{1,8}(?:没货|没码|断码|卖完|没有)(?:了|啊|呀)?$"
)
_PRAISES: Final = re.compile(
    r"^(?:好|行|嗯|ok|\s|，)*(?:谢(?!"
    + ANOTHER_WISH
    + r")|麻烦(?:了|啦|你|您)|辛苦|爱你|给(?:你|您)们?点赞|人真好|太贴心|真贴心)"
)
_STATES: Final = re.compile(r"没|了|过|着")
"""What is told in answer to a question, though it begins like a wish (放柜子里半年 没漂过)."""
_SHOES: Final = re.compile(
    r"(?:鞋|靴|匡威|耐克|阿迪|新百伦|脚)[^，,。]{0,8}(?:3[4-9]|4[0-8])|(?:^|\D)(?:3[4-9]|4[0-8])(?:\.5)[^，,。\d]"
)
_ASKED_SIZE: Final = re.compile(r"(?:买|选|拿|穿|要|拍)(?:多大|几码|什么码|啥码|哪个码|多少码|几号)")
_ONLY_ASKED: Final = re.compile(r"忘了|找不到|没留|不")
_BUT: Final = re.compile(r"(?:就是|但是?|不过|可惜)[^，,。]{0,5}(?:有点|有些|稍微|略|太|不(?!过|用)|怕)")
_DENIES: Final = re.compile(r"没(?:有|人)?[给发送收见]|不(?:对|行|能)(?!的话|问题)")
_TELLING: Final = (
    ("受阻", _STUCK),
    ("考虑", PONDERS),
    ("有顾虑", _BUT),
    ("会去办", _COMES),
    ("给不了", _LACKS),
    ("道谢", _PRAISES),
)
_BRIEF: Final = 8
_DETAIL: Final = re.compile(r"(?:电话|手机号?|号码|收件人?|名字)[^，,。]{0,3}(?:换|改|写|用)")
_VARIANT: Final = re.compile(r"(?:码|颜色|色)[^，,。]{0,3}(?:换|改)")
_MONEY_CAME: Final = re.compile(r"到(?:了|账)[^，,。]{0,6}\d+(?:\.\d+)?[块元]")
_VAGUE: Final = frozenset({"给资料", "应声", "受阻", "走不通", "没办成", "给不了", "没选项", "道谢", ELSE})
_TOLD: Final = frozenset({"有顾虑", "说情况", "玩笑", "说日子", "报数", "说地方", "晚点给", "答了", "发图"})
_NODS: Final = frozenset({"应声", "道谢"})


def is_calm(state: ConversationState) -> bool:
    """Whether a talk is about nothing that is wrong: the customer asks, wishes or has some small thing done, not upset."""
    turn = state.open
    if (
        not turn.texts
        or state.apologised
        or state.risks
        or turn.broken
        or turn.chases
        or turn.refuses
        or turn.ids("risk")
    ):
        return False
    if max((*state.emotions, turn.emotion), default=0) >= _UPSET or state.comes_back:
        return False
    if any(
        match.kind == "complaint" and match.score >= ANSWER_SURE and match.id not in _CALM
        for match in turn.intents
    ):
        return False
    examined = "empathised" in state.acts or not _EXAMINES.isdisjoint(state.asked)
    if examined and not _CALM.issuperset(state.cases):
        return False
    began = state.consulted or bool(state.cases and _CALM.issuperset(state.cases)) or _asks_first(state)
    if not began or (not _OF_FAULTS.isdisjoint(state.tabled) and not browses(state)):
        return False
    return all(map(_is_untroubled, state.said))


def _asks_first(state: ConversationState) -> bool:
    first = state.said[0][:MAX_READ] if len(state.said) > 1 else ""
    asks = is_question(first) or "啥" in first or WANTS_TO_KNOW.search(first) is not None
    return asks and not _NO_HOW.search(first)


@lru_cache(maxsize=64)
def _is_untroubled(text: str) -> bool:
    """Whether a message neither chases nor says that something is wrong with a thing; who only asks or fears says no such."""
    text = text[:MAX_READ]
    if chases(text):
        return False
    return _HARM.search(text) is None or _ONLY_FEARED.search(text) is not None


def calm_move(state: ConversationState, stage: Stage) -> str:
    """What the open turn of a calm talk does that is answered alike in any stage, "" for what the stage tells better."""
    latest = state.open.texts[-1]
    if is_mere(latest) or _brings_up(state, _PARCEL | _PROGRESS | _BY_WORD):
        return ""
    if wants_shown(latest) and latest.rstrip("?？").endswith("呢"):
        return "要看"
    if stage == "follow_up" and _MONEY_CAME.search(latest):
        return "钱到了"
    plain = restated(latest)
    if stage != "answer":
        if plain:
            return "问别的"
        if stage != "follow_up" and _HOW.search(latest) and not (_NO_HOW.search(latest) or _has_own(state)):
            return "问别的"
    if plain or _brings_up(state, _PARCEL | _PROGRESS):
        return ""
    if _WHY.search(latest) and not _NO_HOW.search(latest):
        return "问别的"
    if _SHOES.search(latest) and _ASKED_SIZE.search(latest):
        return "报数"
    asked = ASKS_BACK.search(state.reply) is not None
    return _asked_for(latest, asked) or _told(latest, asked)


def _asked_for(latest: str, asked: bool) -> str:
    """What a customer wants done, "" for nothing."""
    if DECIDES.search(latest):
        return "请定"
    if wants_shown(latest):
        return "要看"
    if HOLDS.search(latest):
        return "要留货"
    if REMIND.search(latest):
        return "要提醒"
    return "请办" if obliged(latest) and not (asked and _STATES.search(latest)) else ""


def _told(latest: str, asked: bool) -> str:
    """What a customer tells who neither asks nor wants anything done, "" for what the stage or `remark` tells better."""
    for does, words in _TELLING:
        if words.search(latest) and (does != "给不了" or asked or not _ONLY_ASKED.match(latest)):
            return does
    return ""


def _has_own(state: ConversationState) -> bool:
    """Whether the open turn asks for something that has scripts of its own."""
    return any(
        match.kind in ("enquiry", "question") and match.score >= _LIKELY for match in state.open.intents
    )


def _brings_up(state: ConversationState, but: frozenset[str]) -> bool:
    """Whether the open turn plainly brings up a new matter that has scripts of its own. but: matters that need none here."""
    return any(
        match.kind in ("enquiry", "complaint")
        and match.score >= ANSWER_SURE
        and match.id not in state.cases
        and match.id not in but
        for match in state.open.intents
    )


def told_calmly(state: ConversationState, stage: Stage, does: str) -> str:
    """What words do that were read as if about a case, given that the talk is calm."""
    latest = state.open.texts[-1]
    if is_mere(latest) or (does not in _VAGUE and not (does == "解决了" and not SOLVED.search(latest))):
        return does
    changing = not _BY_WORD.isdisjoint(state.cases) and _VARIANT.search(latest) is not None
    if (
        does == ELSE
        and (changing or _DETAIL.search(latest))
        and echoed(latest)
        and not state.open.ids("question")
    ):
        return "给资料"
    if does == ELSE and state.open.ids("question", "enquiry", "complaint"):
        brief = (
            (stage == "follow_up" or len(latest) <= _BRIEF)
            and echoed(latest)
            and not (set(state.open.answered) - OPEN_FACTS - SHOWN or state.open.ids("question"))
        )
        known = _PARCEL | _BY_WORD if stage == "follow_up" else _PARCEL
        return "答了" if brief and not _brings_up(state, known) else does
    found = remark(latest, state.reply)
    if found in ("答了", "给资料") and _DENIES.search(latest):
        return "有顾虑"
    if found == "给资料" and does in ("应声", ELSE):
        return found
    return found if found in _TOLD and not (does in _NODS and found == "答了") else does
