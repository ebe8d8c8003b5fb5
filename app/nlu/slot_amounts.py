"""Sums of money and numbers of pieces. Values: 「50 元」, 「2 件」."""

from __future__ import annotations

from typing import Final

from app import regex as re
from app.nlu.slot_base import CHINESE, NUMBER, Finder, Found, number, plain

_ABOUT: Final = "(?P<about>多|几|来)?"
_MONEY_WORD: Final = r"(?:赔偿?|退|补偿?|返现?|给|优惠|减|便宜|贵|降价?|涨|付|花|价格?|卖|差价?|红包|券|运费|邮费|定金|押金|值|原价|到手价?|才)"
_MONEY: Final = re.compile(
    r"¥\s?(?P<sign>[0-9]{1,6}(?:\.[0-9]{1,2})?)(?![0-9])"
    rf"|(?<![0-9.点第几])(?P<sum>{NUMBER}){_ABOUT}\s?(?P<unit>块钱?|元钱?|圆|rmb|大洋)(?P<odd>[0-9一二两三四五六七八九半](?![0-9块件条个]))?(?![0-9])"
)
_BARE: Final = re.compile(
    rf"(?:{_MONEY_WORD}了?(?:我|你|您|他|点|个|到|成|至|再|差|是|的)?(?:我|你|您|差价|运费|邮费|邮|红包)?)"
    rf"(?P<sum>[0-9]{{2,5}}(?:\.[0-9]{{1,2}})?|{CHINESE}{{0,4}}[百十千]{CHINESE}{{0,3}})"
    r"(?=吧|$|[,。!?;~ \n]|才|行|就|还|给|左右|可以|补偿|赔|的?(?:差价|红包|优惠|券|运费))"
)
_PIECE_OF: Final = re.compile(r"[布料污斑油皮补印痕黑白黄红蓝地颜的区]|一块|$|[,。!?]")
_MONEY_BEFORE: Final = re.compile(rf"{_MONEY_WORD}[了我你您个差]{{0,3}}$")

_COUNT: Final = re.compile(
    rf"(?<![0-9.第每这那哪上下百])(?P<count>[0-9]{{1,3}}|{CHINESE}{{1,3}})\s?(?P<unit>件|条|双|套|顶|副|只(?=鞋|袜|手套|靴)|个)"
    r"(?!套|事|龙|月|星期|礼拜|小时|钟|多月|半月|码|号|人|裤?腿|袖|裤脚|脚|手|肩|缝|线|带|拉链|扣|洞|口|印|痕|说|字|理由|地方|问题|客服|电话|店|点|好评|差评|样|[信消]息|评|黑?线|命|心|鱼)"
)
_BOUGHT: Final = re.compile(r"[买拍要退发少订收寄送补][了]?$")
_MAX_SUM: Final = 1_000_000


def find_amounts(text: str) -> Finder:
    """金额 and 数量 of normalised text; 「一块」 counts as money only beside a word about money."""
    for match in _MONEY.finditer(text):
        if (found := _money(text, match)) is not None:
            yield found
    for match in _BARE.finditer(text):
        value = number(match["sum"])
        if value is not None and 0 < value < _MAX_SUM:
            yield Found("金额", f"{plain(value)} 元", match.start("sum"), match.end("sum"))
    for match in _COUNT.finditer(text):
        value = number(match["count"])
        if value and (
            match["unit"] != "个" or _BOUGHT.search(text[max(0, match.start() - 2) : match.start()])
        ):
            yield Found("数量", f"{plain(value)} {match['unit']}", match.start(), match.end())


def _money(text: str, match: re.Match[str]) -> Found | None:
    if match["sign"]:
        return Found("金额", f"{plain(float(match['sign']))} 元", match.start(), match.end())
    value = number(match["sum"])
    if value is None or not 0 < value < _MAX_SUM:
        return None
    if match["unit"] == "块" and value < 10 and not match["odd"] and _is_patch(text, match):
        return None
    if match["odd"] and match["unit"] in ("块", "元"):
        value += 0.5 if match["odd"] == "半" else (number(match["odd"]) or 0) / 10
    about = "多" if match["about"] else ""
    return Found("金额", f"{plain(value)} {about}元", match.start(), match.end())


def _is_patch(text: str, match: re.Match[str]) -> bool:
    """Whether 「一块」 is a patch of cloth or a stain rather than money."""
    if _MONEY_BEFORE.search(text[max(0, match.start() - 6) : match.start()]):
        return False
    return not match["sum"].isascii() or _PIECE_OF.match(text, match.end()) is not None
