"""What the first words to a shop tell besides their matter, and which of several matters the reply begins with.

A review that praises wants thanks; whose goods are thrown away has no picture to take; who will not bother to send
them back is not told how to; and what is late and has come is on its way no more.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from app import regex as re
from app.reply.answers import has_ordered, is_question, names_trouble
from app.reply.restate import restated
from app.reply.state import ANSWER_SURE, CASE_KINDS, LISTEN_ONLY, ConversationState
from app.vocabulary import EMOTION_NAMES, YES, Stage

_READ: Final = 600
_SHORT: Final = 12
_HARD: Final = frozenset(
    {
        "counterfeit", "wrong_item", "missing_item", "stain_used", "damage", "fading", "shrinkage", "deformation",
        "pilling", "shedding",
    }
)  # fmt: skip
"""What is wrong with goods beyond doubt: nobody keeps them as they are."""
_SOFT: Final = frozenset({"size_fit", "fabric", "lint", "color_difference", "workmanship"})
_SEEN: Final = frozenset({"size_fit", "color_difference"})
_GOODS: Final = _HARD | _SOFT | {"odor", "skin_discomfort", "not_as_described", "thanks_praise"}
_AT_HAND: Final = (_GOODS - {"missing_item", "counterfeit", "thanks_praise"}) | {
    "poor_quality",
    "negative_review",
}
_FOREIGN: Final = frozenset({"wrong_item", "counterfeit", "missing_item"})
_ON_THE_WAY: Final = frozenset({"dispatch_delay", "delivery_delay"})
_OF_PRICE: Final = frozenset({"price_drop", "overpriced"})
_VAGUE: Final = (LISTEN_ONLY - {"poor_quality"}) | {"no_response"}
_PLAINER: Final = frozenset({"promotion_unfulfilled", "price_drop", "return_refused"})
_WANTS: Final = frozenset({"compensation", "refund_only", "malicious_review", "return_refund", "exchange"})

_REMEDIES: Final = frozenset({"return_refund", "refund_only", "exchange"})
_SURE: Final = 0.6

_BLAMED: Final = re.compile(
    r"人为|责任|[怪赖怨]我|不承认|不认|凭[什啥]|检测|鉴定|时效|我(?:自己)?[弄洗穿]坏|拒收|推"
)
_SENDS_BACK: Final = re.compile(r"退|换|寄回|返")
_NO_QUESTION: Final = re.compile(r"[这那]么|没有?什么|什么都|怎么(?:看|穿|洗)?都|多么|哪[里儿]?都")
_THANKS: Final = re.compile(r"谢|辛苦|麻烦(?:[你您了啦哈]|$)|多亏|唔该")
_THROWN: Final = re.compile(
    r"(?:扔|丢)(?:了(?!吧|算|不要)|掉了|进?垃圾)|(?:已经?|都|果断|直接|就)(?:被?我)?(?:扔|丢|弃)(?:了|之|掉|$)|送人了|当(?:抹布|拖把|拖布)了"
)
_NOT_THROWN: Final = re.compile(
    r"想.{0,6}[扔丢]|[扔丢]掉?算了|(?:标|牌|袋|盒|包装|证明|小票|单)[^，,。]{0,4}[扔丢]|[扔丢](?:掉|了)?[^，,。]{0,4}(?:标|牌|袋|盒|包装|证明|小票|单)|丢(?:了的|件)|弄丢|掉丢|(?:门口|驿站|前台|代[收售]点)[^，,。]{0,6}[扔丢]|[扔丢](?:门口|驿站)"
)
_LETS_BE: Final = re.compile(
    r"懒[得的](?:再)?(?:退|换|弄|折腾|理|找|计较|动)|不(?:想)?(?:再)?(?:退|换|折腾)了|(?:将|凑)[就合活](?:着|地)?(?:穿|用|着|了)|将就吧|自认倒霉|认[栽倒]|(?:退|换)[^，,。]{0,4}麻烦|(?<!只能)当(?:睡衣|家居服|工作服|睡裤)|就这样吧|(?<![扔丢]掉)(?<![扔丢了])算了[，,。\s]*(?:别|不|就|买|$)|没时间[退换]"
)
_CONCEDES: Final = re.compile(
    r"(?<!不)(?<!以)(?<!无法)(?<!没法)(?:能|可以)(?:接受|忍)|忍了|不耽误穿|(?<!不)(?<!难以)接受得了|凑合吧|还凑合|一分钱一分货|不能要求(?:太多|啥|什么)|不影响(?:穿|使用|整体)?|无所谓|问题不大|也?正常吧|可以理解|能理解|不碍事|瑕不掩瑜|对得起|小问题|没啥大(?:毛病|问题)|就(?:是)?(?:跟你们?)?说一声|提醒一?下你们|(?:其[他它]|别)的?(?:都|没|挺|很)[^，,。]{0,2}(?:好|毛病|问题|满意)|[总整]体(?:还|来说|上)?(?:是|很|算)?(?:满意|可以|不错|挺好)"
)
_CAME: Final = re.compile(
    r"收到(?!吗|没|货?[的后]?(?:时候|再))|到手|才(?:送)?到|总算(?:是)?到|终于(?:是)?到|到了|到货|拿到|上身|拆开|打开|好评|差评|不会?再(?:来|买)"
)
_NOT_COME: Final = re.compile(
    r"还(?:没|未|不)|没(?:有)?(?:到|收|拿|见|发|送|动)|未(?:到|收|发)|不(?:发货|到货|送|派)|[到发送]不[了到]|什么时候|几时|多久|哪天|催|到哪|怎么还|取消|赶[得紧]|急(?:用|着|穿)|能(?:不能)?(?:发|送|到)|今天|明天"
)


_GOES_ON: Final = re.compile(
    r"(?:之前|上次|上回|刚才|昨天|前天|前面|那天|早上|上午|中午|下午|昨晚|前几天)[^，,。]{0,4}(?:说|问|聊|讲|谈|商量|看|提)[^，,。]{0,5}的|(?:上次|昨天|前天|刚才|上午|下午|早上|昨晚|之前)[^，,。]{0,4}(?:问|找你|咨询|聊)[^，,。]{1,8}(?:那个|那位|的)|(?:跟|和|照|按)(?:你|您|你们)(?:之前|刚才|昨天)?说的|(?:想|考虑|决定|商量)好了|^(?:那|还是|就)[^，,。吗么呢?？]{0,3}[那这][件个条款双套](?!.*[吗么呢?？])"
)
"""Words that take up what was said before, in another talk."""
_UNDONE: Final = re.compile(r"没|还发不发|退|照样|补|先别|骗|凭|差评|投诉|怎么")
_AS_SAID: Final = re.compile(r"(?:按|照|就)[^，,。]{0,2}(?:你|您|你们|之前|刚才|昨天)[^，,。]{0,4}说的")
_LEAVES: Final = re.compile(
    r"^(?:好[的了啦]?|那|嗯|我|先|哦|[\s，,])*(?:晚安|拜拜|再见|88|先睡|睡了|休息了|下了)"
)
_BUT: Final = re.compile(r"就是|但|只是|不过|唯一|可惜|除了")


_UNSENT: Final = re.compile(r"没发|未发|别发|先不发|还没寄")


def first_move(state: ConversationState, stage: Stage) -> str:
    """What the first words to a shop tell, one of TURN_FACTS["刚才"], "" for nothing that scripts answer to."""
    text = _words(state)
    ids = {match.id for match in state.open.intents}
    if stage == "answer" and (state.open.ids("complaint") or _BUT.search(text)) and _concedes(state, text):
        return "不计较"
    if state.open.has("accept_solution") and _AS_SAID.search(text):
        return "接前话"
    if stage == "answer" and (named := _taken_up(state, text)):
        return named
    if stage == "answer":
        praises = "thanks_praise" in ids and not state.open.ids("complaint", "enquiry", "question", "risk")
        plain = _NO_QUESTION.sub("", text)
        if not praises or _THANKS.search(text) or is_question(plain) or restated(plain):
            return ""
        return "夸奖"
    if not state.open.intents:
        return _unknown(state) if stage == "confirm" else ""
    if not ids & _GOODS and ids & _ON_THE_WAY and has_come(state):
        return "来迟了"
    if not ids & (_GOODS | _AT_HAND):
        return "不计较" if "overpriced" in ids and _concedes(state, text) else ""
    if _WANTS & ids or not ids & _AT_HAND:
        return "不计较" if _concedes(state, text) else ""
    if _THROWN.search(text) and not _NOT_THROWN.search(text):
        return "扔掉了"
    if _LETS_BE.search(text):
        return "不折腾"
    return "不计较" if _concedes(state, text) else ""


def _taken_up(state: ConversationState, text: str) -> str:
    """What first words do that open no matter of their own: they go on with what was said before, or say good night."""
    if any(
        match.kind in (*CASE_KINDS, "risk") and match.score >= ANSWER_SURE for match in state.open.intents
    ):
        return ""
    if _LEAVES.search(text) and len(text) <= _SHORT:
        return "道别"
    return "接前话" if goes_on(state) else ""


def goes_on(state: ConversationState) -> bool:
    """Whether first words take up what was said in another talk, and ask nothing."""
    text = _words(state)
    asks = state.open.ids("question") or is_question(text) or restated(text)
    return not asks and _GOES_ON.search(text) is not None and _UNDONE.search(text) is None


def _unknown(state: ConversationState) -> str:
    """What words tell in which nothing was recognised: a trouble of some thing, or nothing one could name."""
    texts = state.open.texts
    if any(map(names_trouble, texts)):
        return "说了毛病"
    return "没听懂" if state.open.emotion or not any(map(has_ordered, texts)) else ""


def _concedes(state: ConversationState, text: str) -> bool:
    """Whether a calm customer makes light of what is wrong, and asks for nothing."""
    return state.open.emotion < 2 and _CONCEDES.search(text) is not None and not _asks_for_help(state)


def _asks_for_help(state: ConversationState) -> bool:
    return any(
        match.kind in ("enquiry", "question") and match.score >= ANSWER_SURE for match in state.open.intents
    )


def has_come(state: ConversationState) -> bool:
    """Whether what is complained of as late is there by now, as far as the words tell."""
    text = _words(state)
    return _CAME.search(text) is not None and _NOT_COME.search(text) is None


def _words(state: ConversationState) -> str:
    return "，".join(state.open.texts)[:_READ]


def temper(state: ConversationState) -> str:
    """How upset the open turn sounds, one of TURN_FACTS["情绪"]."""
    return EMOTION_NAMES[state.open.emotion]


def begins_with(state: ConversationState, scope: Iterable[str]) -> list[str]:
    """The matters of a first turn in the order a reply takes them: plain faults before taste, taste before what is vague."""
    found = list(scope)
    sure = {match.id for match in state.open.intents if match.score >= _SURE}
    ids = {name for name in found if name in sure or name not in _HARD}
    if state.facts.get("洗过") != YES and "size_fit" in ids:
        ids.discard("shrinkage")
    goods = ids & _GOODS - {"thanks_praise"}
    come = bool(goods) and _NOT_COME.search(_words(state)) is None
    formal = "aftersales_form" in sure
    plainer = ids & _PLAINER or sure & _REMEDIES

    def later(name: str) -> int:
        if name == "promise_broken" and name in sure:
            return -1
        if name == "return_freight" and "ask_shipping" in ids:
            return 1 if _SENDS_BACK.search(_words(state)) is None else 0
        if name in _VAGUE or (name in ("poor_quality", "overpriced") and (goods or plainer)):
            return 3
        if name == "overpriced" and "service_attitude" in ids:
            return 3
        if name == "liability_dispute" and goods and _BLAMED.search(_words(state)) is None:
            return 1
        if name == "not_as_described":
            return 2 if ids & _HARD or sure & _SEEN else 0
        if (name in _ON_THE_WAY and come) or (name in _OF_PRICE and ids & _HARD):
            return 2
        if name == "odor":
            return 1 if ids & _FOREIGN else 0
        if name == "exchange" and "order_change" in sure and _UNSENT.search(_words(state)):
            return 2
        if name in _REMEDIES or name == "order_change":
            return 1 if formal else 0
        if name == "size_fit" and (
            formal or sure & (_REMEDIES | {"repair_parts", "aftersales_progress", "return_refused"})
        ):
            return 2
        return 1 if name in _SOFT and ids & _HARD else 0

    return sorted(found, key=later)
