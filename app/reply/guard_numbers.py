"""The numbers in a draft: days and hours that contradict what the shop promises, amounts beyond one's authority."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from re import Match
from typing import Final, Literal

from app import regex as re
from app.content.shop import Shop
from app.nlu.slot_base import NUMBER, number, plain
from app.reply.acts import sentences

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


@dataclass(frozen=True, slots=True)
class Clash:
    """Normalised text[start:end] says something the shop does not; right: how it would be true."""

    rule: Literal["policy_return_days", "policy_exchange_days", "policy_price_protect"]
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


def spoken_amount(value: float) -> str:
    """An amount in yuan as agents write it: 「50 元」."""
    return f"{plain(value)} 元"
