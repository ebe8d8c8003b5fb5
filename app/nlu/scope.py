"""Whether a defect that is named is also claimed: negated, asked, feared, someone else's, heard of, or solved.

Word knowledge of Chinese that every complaint shares, so that no intent's patterns need exclusions of their own.
"""

from __future__ import annotations

import re
from typing import Final, Literal

from app.nlu.text import CLAUSE_END, SENTENCE_END

Scope = Literal["claimed", "negated", "asked", "elsewhere", "solved"]

_SOFTENERS: Final = (
    "怎么", "什么", "任何", "出现", "发生", "发现", "丝毫", "容易", "看到", "觉得", "感觉", "明显", "严重", "那么", "这么", "特别",
    "一点", "点", "太", "再", "有", "会", "是", "过", "很", "见", "啥", "到", "都", "也", "的", "曾", "说", "它", "怎",
)  # fmt: skip
_NEGATIONS: Final = ("没", "不", "未", "无", "冇", "唔", "毫无", "莫", "免", "防")
_NOT_NEGATING: Final = re.compile(
    r"(?:是不|会不|能不|要不|好不|差不|受不|说不|不得不|无不|少不|免不|避免不|莫名|并不是不|不是不|不是没|不会不|可不|何不|岂不|还不|巴不|动不动就?|对不|了不)$"
)
_AFTER_NEGATED: Final = re.compile(
    r"^(?:的?(?:问题|现象|情况|毛病)?(?:都|也|倒|是|一点)?(?:没有|没出现|没发生|不存在|不会))(?![一-鿿]*(?:解决|处理))"
)
_SOLVED: Final = re.compile(
    r"(?:已经|都|总算|终于|现在)?(?<!没)(?<!未)(?<!能)(?:解决了|处理好了|处理完了|处理了,?谢|搞定了|换好了|补好了|修好了|弄好了|退好了|解决啦|处理好啦)(?!吗|没|么|\?)"
    r"|(?:上次|之前|那次|上回).{0,16}(?:已经|都).{0,4}(?:解决|处理好|退了|换了|补了)"
)
_ELSEWHERE: Final = re.compile(
    r"(?<!比)(?:别家|别人家|其他家|其它家|别的家|别的店|其他店|其它店|别的牌子|另一家|另外一家|上一家|隔壁家|那家店|以前那家|之前那家|人家那款|别处|别的平台|其他牌子)"
    r"|(?:我|俺)?(?:朋友|闺蜜|同事|邻居|室友|舍友|同学|我姐|我妹|我嫂子)(?:在)?(?:别家|其他地方|别处|买的(?!.{0,6}你)|家的)"
)
_HERE: Final = re.compile(r"你家|你们|这家|贵店|这件|这条|我这|咱家|本店|都没|没有这|从来不|不会")
_WONDERED: Final = re.compile(
    r"会不会|是否会|是否容易|容不容易|易不易|万一|假如|假若|倘若|(?:如果|要是|若是|若)(?!不|没|你们?不|再).{0,12}(?:怎么办|咋办|可以|能|给|会|呢|吗)|担心|怕(?!是)(?:会|洗|以后|它|穿|容易|买|一)?"
    r"|怎么防|如何避免|怎么避免|怎样才能?不|怎么才能?不|怎么洗.{0,4}不"
)
_ASKED: Final = re.compile(
    r"能不能|是不是会|是否|有没有|严不严重|厉不厉害|多不多|大不大|透不透|薄不薄|厚不厚|掉不|缩不|起不|褪不"
    r"|(?:会|容易|爱|易|能|可以)[^,。!?了]{0,10}(?:吗|么|嘛|不$|不\?|没$|吧)"
)
_IF: Final = re.compile(
    r"如果|要是|若是|的话|怕(?!是)|听说|据说|听人说|有人说|网上说|评论说|评论里|评价里|看评价|看评论|看到评|人说会|都说会|提示.{0,4}会|直播.{0,3}说"
)
_TAG: Final = re.compile(
    r"(?:吗|么|嘛|不|没|没有|伐|咩|呀|呢|啊)?[?]+$|(?:吗|嘛|伐|咩|不呢|不呀|不啊|么)$|[^得差了要是行的]不$|吗(?:这|你|咱|那)"
)
_LIVED: Final = re.compile(
    r"收到|到货|到手|拿到|寄来|发来|买的(?!时候)|买来|买回|上次|已经|结果|又|居然|竟然|竟|怎么(?!洗|避免|防|保养|样|办|处理)|咋(?!洗|样|办|整)"
    r"|这么|那么|才.{0,3}(?:天|次|回|周|月)|第[一二三两四五]次(?!洗)|[0-9一二两三四五六七八九十半几]+(?:天|次|回|周|个月|水|星期|礼拜).{0,3}就|成这样|正常|换.{0,3}(?:可以|行)|就.{0,8}了"
)
_EXPERIENCED: Final = re.compile(
    r"洗了|洗完|洗过|洗后|水洗后|下了水|过了水|一洗|才洗|刚洗|穿了|穿过|穿完|才穿|刚穿|买了|都.{0,8}了|第[一二三两四五]次|了[,。!?]|了$"
)
_UNWANTED: Final = re.compile(
    r"(?:不要|不想|不用|不需要|不必|无需|不打算|没想|没说要|没有要|没要|别|不是要|不是想|也不|不会|懒得|不愿意?|不准备)(?:再|去|给|你|你们|我|就|申请|直接|打)?$"
)
_WINDOW: Final = 40


def scope(text: str, start: int, end: int) -> Scope:
    """How text[start:end], which names a defect, is meant. `text` is normalised."""
    left, right = _clause(text, start, end)
    before, after = text[left:start], text[end:right]
    if _negated(before, text[start:end]) or _AFTER_NEGATED.match(after):
        return "negated"
    first, last = _sentence(text, start, end)
    sentence = text[first:last]
    if _SOLVED.search(sentence):
        return "solved"
    if _ELSEWHERE.search(text[max(first, start - _WINDOW) : start]) and not _HERE.search(before):
        return "elsewhere"
    if _is_asked(text[left:right], sentence, text[last : last + 1]):
        return "asked"
    return "claimed"


def unwanted(text: str, start: int) -> bool:
    """Whether the wish at text[start:] is one the customer says they do not have (不要退款, 不是想投诉)."""
    return _UNWANTED.search(text[max(0, start - 8) : start]) is not None


def _is_asked(clause: str, sentence: str, ending: str) -> bool:
    if _LIVED.search(sentence):
        return False
    if _WONDERED.search(sentence) or re.search(r"(?:会|容易)[^,。!?]{0,10}(?:吗|么|嘛|不$|伐)", clause):
        return True
    if _EXPERIENCED.search(sentence):
        return False
    if _ASKED.search(clause) or _IF.search(sentence):
        return True
    return _TAG.search(clause + ("?" if ending == "?" else "")) is not None


def _negated(before: str, named: str) -> bool:
    """Whether a negation stands right before the named defect, softeners such as 怎么, 会, 一点 aside."""
    rest = before
    while True:
        if rest.endswith(_NEGATIONS):
            return _NOT_NEGATING.search(rest) is None and not _starts_negated(named)
        softener = next((word for word in _SOFTENERS if rest.endswith(word)), None)
        if softener is None:
            return False
        rest = rest[: -len(softener)]


def _starts_negated(named: str) -> bool:
    return named.startswith(("没", "不", "无", "未"))


def _clause(text: str, start: int, end: int) -> tuple[int, int]:
    while start > 0 and text[start - 1] not in CLAUSE_END:
        start -= 1
    while end < len(text) and text[end] not in CLAUSE_END:
        end += 1
    return start, end


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    while start > 0 and text[start - 1] not in SENTENCE_END:
        start -= 1
    while end < len(text) and text[end] not in SENTENCE_END:
        end += 1
    return start, end
