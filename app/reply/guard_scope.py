"""Whether a draft does what a guard rule names, or only speaks of it: 「我们不做好评返现」, 「让您加微信的都是骗子」."""

from __future__ import annotations

from typing import Final

from app import regex as re
from app.nlu.text import CLAUSE_END, SENTENCE_END

# 不 and 别 that negate nothing; taken out before looking for a negation
_COURTESY: Final = re.compile(
    "不用客气|不客气|不用担心|不用着急|不用急|别担心|别着急|别急|别生气|不要着急|不要担心|不要急|不要紧|没关系|没问题|没事儿?"
    "|不好意思|不得已|不得不|不仅|不但|不只|不光|不过|不管|不论|无论|不如|要不然?|不然|特别|分别|个别|区别|级别|类别|别的|别家"
    "|能不能|可不可以|会不会|是不是|要不要|好不好|行不行|有没有|不妨|不放心|不满意|不喜欢|不合适|不方便|不会用|不清楚|不明白"
)
_BETWEEN: Final = (
    "让|叫|请|要求|引导|诱导|劝|催|逼|以|用|拿|靠|因为?|通过|私下|私自|擅自|随便|给|向|跟|和|对|为了?|把|将|您|你|亲|顾客|客户|买家|客人|任何|这种|这类|这样|那种|此类"
    "|说|写|讲|提|提供|接受|参与|参加|进行|搞|做|出现|存在|使用|发布?|回复|保证|承诺|再|去|在|有|是|会|能|可以|敢|说过|支持|鼓励|允许|答应|相信|轻信|听信?|信|点击?|理会?|理由|形式|方式|名义"
    '|人|别人|它|这|那|一|个|件|的|什么|所谓|类似|衣服|面料|布料|毛衣|羊毛|百分之?百|绝对|一定|肯定|完全|永远|平台|站外|店铺?|我们?|本店|客服|付费|花钱|也|就|都|:|“|"|「'
)
_NEGATED: Final = re.compile(
    "(?:(?<![能可要是会好行])不(?:能|可以?|会|得|做|搞|用|需要?|必|要|许|允许|准|支持|提供|参与|参加|存在|接受|建议|推荐|提倡|鼓励|赞成|是|再|敢|应该?|想|让|以|拿|靠|说|去|涉及)?"
    "|没(?:有|法|办法)?|未|无法|无需|无须|禁止|严禁|杜绝|拒绝|抵制|请勿|切勿|勿|别|谨防|严防|警惕|当心|小心|防止|防范|避免|并非|从不|绝不|决不|非|举报|识别)"
    f"(?:{_BETWEEN}){{0,8}}$"
)
# what is spoken to the customer: 「您不删评…」 is pressing, not denying
_ADDRESSED: Final = re.compile(
    "(?:您|你|亲)(?:要是|如果|若|再|还|就|要|只要|一直)?不$|(?:如果|要是|只要|若|假如)[^，,。]{0,6}不$"
)
_OTHERS: Final = re.compile(
    "(?:有人|对方|任何人|骗子|假客服|冒充|自称|陌生人|别人|凡是|谁|电话里|短信里)[^。！？!?；;\n]{0,12}(?:让|叫|要求|请|说|引导|以|用|要|打来)[^，,。！？!?；;\n]{0,8}$"
    "|(?:让|叫|要求)您[^，,。！？!?；;\n]{0,4}$"
)
_OPEN: Final = re.compile(r"([删改撤写评给])不\1")
_SCAM: Final = re.compile("骗|假的|冒充|诈|别信|不要信|不要相信|别理|勿信|当心|警惕|不是我们")
_DENIED: Final = re.compile(
    "^[^，,。！？!?；;\n]{0,8}(?:(?:是|都是|属于|也是)?(?:违规|违法|不合规|不允许|不可以|骗|诈骗|假的|被禁止)|我们?(?:从来?|也|都|是|这边|店里)?(?:没有|没法|不(?:做|会|搞|能|允许|支持|参与|接受|提倡|要求|让|建议|敢|这么|这样))|本店(?:不|没有)|做不了|不能做|不做)"
    "|^[^，,。！？!?；;\n]{0,8}[，,]?(?:这个|这种|这类|那种|这样)?(?:的)?(?:事|做法|活动|要求)?(?:我们|本店|店里|小店|我们店|咱们店?|我们这边)(?:是|都|也|从来?|一律|真的)?(?:不(?:做|会|搞|能|允许|支持|参与|接受|提倡|要求|让|建议|敢|这么|这样)|没有|没法|拒绝|禁止)"
)


def is_denied(text: str, start: int, end: int) -> bool:
    """Whether normalised text[start:end] is negated, forbidden, left open (删不删) or told of somebody else."""
    first, last = _bounds(text, start, end)
    clause = _COURTESY.sub(_blank, _clause_before(text, start))
    if _NEGATED.search(clause) and not _ADDRESSED.search(clause):
        return True
    if _DENIED.match(text[end:last]) or _OPEN.search(text[start : min(end + 2, last)]):
        return True
    return _OTHERS.search(text[first:start]) is not None and _SCAM.search(text[first:last]) is not None


def sentence_at(text: str, start: int, end: int) -> tuple[int, int]:
    """The sentence around text[start:end] with its closing punctuation, without white space around it."""
    first, last = _bounds(text, start, end)
    while last < len(text) and text[last] in SENTENCE_END and text[last] != "\n":
        last += 1
    while first < start and text[first].isspace():
        first += 1
    return first, last


def _bounds(text: str, start: int, end: int) -> tuple[int, int]:
    while start > 0 and text[start - 1] not in SENTENCE_END:
        start -= 1
    while end < len(text) and text[end] not in SENTENCE_END:
        end += 1
    return start, end


def _clause_before(text: str, start: int) -> str:
    at = start
    while at > 0 and text[at - 1] not in CLAUSE_END:
        at -= 1
    return text[at:start]


def _blank(found: re.Match[str]) -> str:
    return "〇" * len(found[0])
