"""The numbers in a draft: days and hours that contradict what the shop promises, amounts beyond one's authority,
and what the draft promises by when.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from re import Match, Pattern
from typing import Final, Literal

from app.content.model import Shop
from app.nlu.slot_base import NUMBER, number, plain
from app.reply.acts import recognise, sentences

_DAYS: Final = rf"(?P<days>{NUMBER})\s?(?:天|日)"
_WITHIN: Final = "(?:内|之内|以内)?"
_NO_REASON: Final = (
    re.compile(rf"{_DAYS}{_WITHIN}[^，,。！？!?\d]{{0,3}}(?:无理由|无条件)"),
    re.compile(rf"(?:无理由|无条件)(?:退货|退换货?|退)?(?:期限?|时间)?(?:是|为|有)?{_DAYS}(?!后)"),
)
_EXCHANGE: Final = re.compile(
    rf"{_DAYS}{_WITHIN}(?:都|均|可以?|包|免费|能|支持|随时|给您|为您){{0,4}}(?P<what>退换|换货|包换|调换)"
)
_PRICE: Final = (
    re.compile(rf"{_DAYS}{_WITHIN}(?:都|可以?|支持|有|是){{0,2}}(?:保价|价保)"),
    re.compile(rf"(?:保价|价保)(?:期限?|时间)?(?:是|为|有)?{_DAYS}"),
)
_DISPATCH: Final = re.compile(
    rf"(?P<count>{NUMBER})\s?个?(?P<unit>小时|天)(?:内|之内|以内)(?:给您|为您|帮您|就|会|安排|可以|都?能|准时|一定|保证){{0,4}}(?:发货|发出|寄出)"
)
_LENGTH: Final = re.compile(rf"(?P<count>{NUMBER})\s?个?(?P<unit>小时|天)")

_MONEY: Final = rf"(?P<sum>{NUMBER})\s?(?:元|块钱?|圆)"
_GIVES: Final = (
    re.compile(
        rf"(?P<verb>补偿|赔偿?|补贴|补|返现?|送|减免|减|便宜|红包|代金券|优惠券|抵用?券|现金券|退)(?:给|到)?(?:您|你|亲|咱)?[^，,。；;！!？?\d〔]{{0,6}}?{_MONEY}"
    ),
    re.compile(rf"{_MONEY}的?(?:无门槛|现金|店铺)?(?P<verb>红包|券|代金券|优惠券|抵用券|现金券|补偿|赔偿)"),
)
_OWED: Final = re.compile(
    "退货|退回来|寄回|全额|货款|原路|差价|运费|邮费|快递费|满[0-9一二两三四五六七八九十百]|定金|押金|多付|多拍|重复"
)
_OWED_VERBS: Final = frozenset({"退", "补", "减", "减免", "便宜"})

_BY: Final = re.compile(
    rf"(?:(?:今天|今晚|今日|明天|明早|明晚|后天|大后天|(?:本|这|下)?(?:周|星期|礼拜)[一二三四五六日天末]|月底|[0-9]{{1,2}}月[0-9]{{1,2}}[日号]?|[0-9]{{1,2}}[日号])"
    rf"(?:上午|中午|下午|晚上|早上|晚)?\s?(?:[0-9]{{1,2}}(?:[:：][0-9]{{2}}|点半?))?|(?:上午|中午|下午|晚上|早上)?[0-9]{{1,2}}(?:[:：][0-9]{{2}}|点半?)"
    rf"|{NUMBER}\s?(?:到|至|-|~)?\s?(?:{NUMBER})?\s?个?(?:小时|分钟|工作日|天|周)|半小时|尽快|马上|立刻|〔时限〕|〔日期〕)\s?(?:之内|以内|之前|以前|前|内)?"
)
_WHAT: Final[tuple[tuple[str, Pattern[str]], ...]] = tuple(
    (name, re.compile(words))
    for name, words in (
        ("退运费", "运费|邮费|快递费"),
        ("补差价", "差价"),
        ("补偿", "补偿|赔|红包|券|返"),
        ("补发", "补发|重发|补寄"),
        ("换货", "换货|换新|换一件|换发|调换"),
        ("退款", "退款|退给|退到|退回|到账|退您|退"),
        ("发货", "发货|发出|寄出"),
        ("上门取件", "取件"),
        ("维修", "维修|修补|修好"),
        ("回话", "回复|答复|回话|回电|回您|回音|联系您|结果|消息|告诉您|通知您"),
        ("核实", "核实|查|问|确认|核对|看一下|跟进|反馈"),
        ("处理", "处理|办理|解决|办好"),
    )
)
_FOR_YOU: Final = re.compile("(?:给|回|答|跟|和|帮|为|替|联系|通知|告诉)[您你]")
_I_GO: Final = re.compile("(?:我|这边)(?:这就|马上|立刻|现在|先|去|来|帮您|给您|替您)")
_MAX: Final = 60


@dataclass(frozen=True, slots=True)
class Promise:
    """A commitment in a draft: what, until when as the draft says it, how much."""

    what: str
    by: str | None
    amount: float | None


@dataclass(frozen=True, slots=True)
class Clash:
    """Normalised text[start:end] says something the shop does not; right: how it would be true."""

    rule: Literal["policy_return_days", "policy_exchange_days", "policy_price_protect", "policy_dispatch"]
    start: int
    end: int
    shop_says: str
    right: str
    legal: bool = True


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount given away at normalised text[start:end]."""

    start: int
    end: int
    value: float


def clashes(text: str, shop: Shop) -> Iterator[Clash]:
    """Where normalised text contradicts the shop's policy."""
    policy = shop.policy
    for pattern in _NO_REASON:
        for found in pattern.finditer(text):
            if (days := number(found["days"])) and days != policy.return_days:
                right = _with_days(found, policy.return_days)
                says = f"{policy.return_days} 天无理由"
                yield Clash("policy_return_days", found.start(), found.end(), says, right, days >= 7)
    for found in _EXCHANGE.finditer(text):
        allowed = (
            {policy.exchange_days, policy.return_days} if found["what"] == "退换" else {policy.exchange_days}
        )
        if (days := number(found["days"])) and days not in allowed:
            says, right = f"{policy.exchange_days} 天换货", _with_days(found, policy.exchange_days)
            yield Clash("policy_exchange_days", found.start(), found.end(), says, right)
    for pattern in _PRICE:
        for found in pattern.finditer(text):
            if (days := number(found["days"])) and days != policy.price_protect_days:
                says = f"保价 {policy.price_protect_days} 天" if policy.price_protect_days else "不做保价"
                right = _with_days(found, policy.price_protect_days) if policy.price_protect_days else ""
                yield Clash("policy_price_protect", found.start(), found.end(), says, right)
    yield from _dispatch(text, policy.dispatch)


def _dispatch(text: str, policy: str) -> Iterator[Clash]:
    promised = _LENGTH.search(policy)
    hours = _hours(promised) if promised is not None else None
    for found in _DISPATCH.finditer(text):
        if hours is not None and _hours(found) != hours:
            yield Clash("policy_dispatch", found.start(), found.end(), f"{policy}发货", f"{policy}发货")


def _hours(found: Match[str]) -> float | None:
    count = number(found["count"])
    return None if count is None else count * (24 if found["unit"] == "天" else 1)


def _with_days(found: Match[str], days: int) -> str:
    start, end = found.start("days") - found.start(), found.end("days") - found.start()
    return f"{found[0][:start]}{days}{found[0][end:]}"


def amounts(text: str) -> Iterator[Amount]:
    """The amounts that normalised text gives away; refunds of what was paid, freight and differences are not gifts."""
    offset = 0
    for sentence in sentences(text):
        at = text.index(sentence, offset)
        offset = at + len(sentence)
        seen: set[int] = set()
        for pattern in _GIVES:
            for found in pattern.finditer(sentence):
                value = number(found["sum"])
                owed = found["verb"] in _OWED_VERBS and _OWED.search(sentence) is not None
                if value and not owed and found.start("sum") not in seen:
                    seen.add(found.start("sum"))
                    yield Amount(at + found.start(), at + found.end(), value)


def promises(text: str) -> tuple[Promise, ...]:
    """What normalised text commits the shop to."""
    found: dict[Promise, None] = {}
    for sentence in sentences(text):
        acts = {act.name for act in recognise(sentence)}
        money = next(amounts(sentence), None)
        asks = sentence.rstrip().endswith(("?", "？", "吗"))
        by = _BY.search(sentence)
        commits = "promised" in acts or (by is not None and _FOR_YOU.search(sentence) is not None)
        looks = "held" in acts and (by is not None or _I_GO.search(sentence) is not None)
        gives = money is not None and "offered" in acts
        if (commits or looks or gives) and not asks:
            what = next((name for name, words in _WHAT if words.search(sentence)), sentence.strip()[:_MAX])
            found[Promise(what, by[0].strip() if by else None, money.value if money else None)] = None
    return tuple(found)


def spoken_amount(value: float) -> str:
    return f"{plain(value)} 元"
