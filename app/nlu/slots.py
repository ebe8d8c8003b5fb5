"""Values in a message: order and tracking numbers, phone, product, size, amounts, dates; each with its place.

Every family of slots is one finder over normalised text. A stretch of text belongs to the first finder that claims it,
and a finder runs only when the message holds a character it could begin with.

| slot | value |
|---|---|
| 订单号 快递单号 | as written, letters in upper case |
| 电话 | 13812345678, 0571-88886666 |
| 商品 颜色 尺码 | 加绒牛仔裤; 黑色; M, 2XL, 38, 160/84A, 均码, 大一码 |
| 身高 体重 | 165 cm; 105 斤, 52 kg |
| 穿的人 松紧 | 妈妈, 自己; 宽松, 合身, 修身 |
| 衣长 胸围 … 原衣长 … | 62 cm: what was measured, and what it measured before |
| 缩了 | 3 cm, 袖长 3 cm |
| 洗法 水温 | 机洗, 烘干; 40 度, 冷水 |
| 部位 染到 | 袖口; 白衬衫: where the trouble is, what got stained |
| 金额 数量 | 50 元, 20 多元; 2 件 |
| 日期 急用日期 | 2026-11-02, or the customer's words when today is unknown or the words are vague |
| 时长 签收天数 | 15 天, 48 小时; whole days since the goods came |
| 平台 姓名 称呼 地址 | 淘宝; 张三; 王姐; as written |
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final

from app.nlu.slot_amounts import find_amounts
from app.nlu.slot_base import Finder, Found
from app.nlu.slot_body import find_body, find_sizes
from app.nlu.slot_codes import find_codes, find_placeholders
from app.nlu.slot_facts import facts_from
from app.nlu.slot_goods import find_colours, find_product
from app.nlu.slot_people import find_addresses, find_people, find_platform
from app.nlu.slot_times import TRIGGERS as TIME_TRIGGERS
from app.nlu.slot_times import find_times
from app.nlu.slot_wear import find_wear
from app.nlu.text import Normalised
from app.types import Slot

__all__ = ["facts_from", "find_slots"]

MAX_SLOTS: Final = 40
_DIGIT_SET: Final = frozenset("0123456789")
_NUMERALS: Final = _DIGIT_SET | frozenset("一二两俩三四五六七八九十百千¥")
_BODY_TRIGGERS: Final = frozenset("斤重米mk")
_SIZE_TRIGGERS: Final = _DIGIT_SET | frozenset("smlx码号加")
_AMOUNT_UNITS: Final = frozenset("块元圆¥百千十件条双套顶副只个r大0123456789")

_Family = Callable[[str, set[str], datetime | None], Finder]


def _codes(text: str, letters: set[str], _now: datetime | None) -> Finder:
    return find_codes(text) if not letters.isdisjoint(_DIGIT_SET) else iter(())


def _times(text: str, letters: set[str], now: datetime | None) -> Finder:
    return find_times(text, now) if not letters.isdisjoint(TIME_TRIGGERS) else iter(())


def _body(text: str, letters: set[str], _now: datetime | None) -> Finder:
    has_number = not letters.isdisjoint(_NUMERALS)
    wanted = has_number and not (letters.isdisjoint(_BODY_TRIGGERS) and letters.isdisjoint(_DIGIT_SET))
    return find_body(text) if wanted else iter(())


def _sizes(text: str, letters: set[str], _now: datetime | None) -> Finder:
    return find_sizes(text) if not letters.isdisjoint(_SIZE_TRIGGERS) else iter(())


def _amounts(text: str, letters: set[str], _now: datetime | None) -> Finder:
    wanted = not letters.isdisjoint(_NUMERALS) and not letters.isdisjoint(_AMOUNT_UNITS)
    return find_amounts(text) if wanted else iter(())


_FAMILIES: Final[tuple[_Family, ...]] = (
    _codes,
    lambda text, letters, _now: find_addresses(text, letters),
    _times,
    _body,
    lambda text, letters, _now: find_wear(text, letters),
    _sizes,
    _amounts,
    lambda text, letters, _now: find_people(text, letters),
    lambda text, letters, _now: find_platform(text, letters),
    lambda text, letters, _now: find_product(text, letters),
    lambda text, letters, _now: find_colours(text, letters),
)


def find_slots(message: Normalised, now: datetime | None = None) -> tuple[Slot, ...]:
    """All slots found, in text order, at most MAX_SLOTS; spans count code points of the original text.

    now: the present in the shop's time zone; without it dates that need a calendar keep the customer's words.
    """
    text = message.text
    letters = set(text)
    taken = bytearray(len(text))
    slots: list[Slot] = []
    for family in _FAMILIES:
        for found in family(text, letters, now):
            if len(slots) >= MAX_SLOTS:
                break
            if 1 in taken[found.start : found.end]:
                continue
            taken[found.start : found.end] = b"\x01" * (found.end - found.start)
            if (slot := _slot(message, found)) is not None:
                slots.append(slot)
    if message.starts is not None and "[ORDERID_" in message.original:
        slots += [Slot(*found) for found in find_placeholders(message.original)][:MAX_SLOTS]
    return tuple(sorted(slots, key=lambda slot: slot.start))


def _slot(message: Normalised, found: Found) -> Slot | None:
    """The slot with its original place; None for what an export's placeholder (「[数字x]」) stands in for."""
    if message.starts is None:
        return Slot(found.name, found.value, found.start, found.end)
    span = message.span(found.start, found.end)
    if "[" in span.text and "[" not in message.text[found.start : found.end]:
        return None
    value = found.value
    if found.name == "尺码" and len(span.text) > found.end - found.start:
        value = _counted(span.text) or value
    return Slot(found.name, value, span.start, span.end)


def _counted(original: str) -> str | None:
    """「XXXXL」 -> 「4XL」: normalising shortens long repeats, so the X are counted in the original."""
    size = re.fullmatch(r"([xX]{4,6})[lL]", original)
    return f"{len(size[1])}XL" if size else None
