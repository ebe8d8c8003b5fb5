"""Sizes, and the height and weight they are chosen by.

Sizes follow GB/T 1335 (号/型 with the build A, B, C or Y: 160/84A), the letters XS to 5XL, trouser sizes 24 to 48 and
shoe sizes. Heights come out as 「165 cm」, weights as 「105 斤」 or 「52 kg」.
"""

from __future__ import annotations

from typing import Final

from app import regex as re
from app.nlu.slot_base import CHINESE, Finder, Found, number, plain

_HEIGHT: Final = re.compile(
    r"(?:身高|个子|个头|净高)[^0-9,。;!?\n]{0,3}(?P<named>1?[0-9]{2})(?![0-9.])(?:\s?(?:cm|公分|厘米))?"
    r"|(?<![0-9.])(?P<unit>1[0-9]{2})\s?(?:cm|公分|厘米)"
    r"|(?<![0-9.一二])(?:(?P<whole>[12一二两])\s?(?:米|m)(?P<rest>[0-9]{1,2}|[一二三四五六七八九]十?[一二三四五六七八九]?)(?![0-9]))"
    r"|(?<![0-9.])(?P<metres>[12]\.[0-9]{1,2})\s?(?:米|m)(?![0-9a-z])"
    r"|(?<![0-9.])(?P<bare>1[4-9][0-9])(?=的?(?:身高|个子|个头|穿|该|应该|能穿|可以穿|要穿|选|拍[什哪多]))"
)
_PAIR: Final = re.compile(
    r"(?<![0-9./])(?P<height>1[3-9][0-9])(?:cm|公分|厘米)?[ ,、/.-]{1,3}(?:体重|斤数)?(?P<weight>[0-9]{2,3})(?![0-9./abcy])\s?(?P<unit>斤|公斤|kg|k)?"
)
# the weight first: 97斤 161
_TURNED: Final = re.compile(
    r"(?<![0-9.])(?P<weight>[0-9]{2,3})\s?(?P<unit>斤|公斤|kg)[ ,、/]{0,2}(?P<height>1[4-9][0-9])(?:cm|公分|厘米)?(?![0-9./]|\s?(?:斤|公斤|kg|块|元|码|的?(?:衣|裙|裤)长))"
)
_NOT_TALL: Final = re.compile(r"[长围腰宽肩胸臀袖摆领差厚短](?:是|有|只有|才|为|[: ])?$")
_WEIGHT: Final = re.compile(
    rf"(?<![0-9.])(?P<sum>[0-9]{{2,3}}(?:\.[0-9])?|{CHINESE}{{2,6}})(?P<about>多|来|几)?\s?(?P<unit>斤(?!数)|公斤|千克|kg)(?![a-z])"
    r"|(?:体重|净重)[^0-9,。;!?\n]{0,3}(?P<named>[0-9]{2,3})(?![0-9.])\s?(?P<named_unit>斤|公斤|千克|kg)?"
)
_MIN_JIN: Final = 75
_CHILD: Final = re.compile("宝|孩|娃|儿子|女儿|闺女|岁|童|身高")

_LETTER: Final = re.compile(
    r"(?<![a-z0-9'./他她它-])(?P<letters>[2-6]xl|x{1,3}[ls]|[sml])(?![a-z0-9'./&%]|型|级|国|巾|妹)"
)
_LETTER_RANGE: Final = re.compile(
    r"(?<![a-z0-9'.])(?:x{0,3}[sml])(?=[/-](?:[2-6]xl|x{0,3}[sml])(?![a-z0-9]))"
)
_STANDARD: Final = re.compile(
    r"(?<![0-9])(?P<standard>(?:1[0-9]|[5-9])[0-9]/(?:1[0-4]|[4-9])[0-9])(?P<build>[abcy])?(?![0-9a-z])(?!\s?(?:斤|公斤|kg))"
)
_NUMBERED: Final = re.compile(
    r"(?<![0-9.])(?P<size>[2-4][0-9](?:\.5)?|[0-9]{2,3})\s?码(?!数|子)"
    r"|(?<![0-9.月])(?P<number>3[2-9]|4[0-8])号(?!楼|店|线|仓|院)"
    r"|(?:穿|拍的?|换成?|发成?|尺码|尺寸|腰围?|码数|裤子|同样|变成|来的是?|写的?是?|发)了?(?:的是?|个)?(?P<worn>2[4-9]|3[0-9]|4[0-6])(?=的|号|这|太|还|[,。!?;~ ]|$)"
    r"|(?:买|要|选|是|收到)了?(?:的是?|个)?(?P<bought>2[4-9]|3[0-9]|4[0-6])(?=的(?!时候)|还?系不|发)"
    r"|(?<![0-9.])(?P<trousers>2[4-9]|3[0-9]|4[0-6])的(?=裤|鞋|腰|尺码|牛仔|穿|大|小)"
)
_DATED: Final = re.compile(
    r"(?<![0-9.月])(?P<number>2[4-9]|3[01])号(?=的?(?:裤|鞋|腰|太|偏|大|小|穿|不合|码))|(?:穿|尺码|腰围?|码数|裤子)(?:的?是|了)?(?P<after>2[4-9]|3[01])号"
)
_WORD: Final = re.compile(r"均码|加[大小]码|[特超]大[码号]|加[大肥]号?|(?<![最一加])[大中小][码号](?!数)")
_RELATIVE: Final = re.compile(r"[大小](?:[一两二半1-3]个?[码号]|半个码)")
_CUP: Final = re.compile(r"(?<![0-9a-z])(?P<cup>(?:3[2-9]|4[0-2]|[678][05])/?[a-g])(?![a-z0-9])")


def find_body(text: str) -> Finder:
    """身高 and 体重; two bare numbers side by side (「165 105」) are a height and a weight."""
    for pattern in (_PAIR, _TURNED):
        for match in pattern.finditer(text):
            yield from _pair(match)
    for match in _HEIGHT.finditer(text):
        if (found := _height(text, match)) is not None:
            yield found
    for match in _WEIGHT.finditer(text):
        if (found := _weight(match)) is not None:
            yield found


def find_sizes(text: str) -> Finder:
    """尺码: 「XL」, 「3XL」, 「38」, 「160/84A」, 「均码」, 「大一码」; counted X are given as a number from two on."""
    for match in _RELATIVE.finditer(text):
        yield Found("尺码", match[0], match.start(), match.end())
    for match in _STANDARD.finditer(text):
        if match["build"] or _is_standard(match["standard"]):
            yield Found("尺码", match[0].upper(), match.start(), match.end())
    for pattern in (_LETTER_RANGE, _LETTER):
        for match in pattern.finditer(text):
            yield Found("尺码", letters(match[0]), match.start(), match.end())
    for pattern in (_NUMBERED, _DATED):
        for match in pattern.finditer(text):
            name = match.lastgroup or "size"
            yield Found("尺码", match[name], match.start(name), match.end(name))
    if any(word in text for word in ("罩", "文胸", "内衣", "胸围")):
        for match in _CUP.finditer(text):
            yield Found("尺码", match["cup"].upper(), match.start(), match.end())
    for match in _WORD.finditer(text):
        yield Found("尺码", match[0], match.start(), match.end())


def letters(size: str) -> str:
    """「xxl」 -> 「2XL」, 「xxxxl」 -> 「4XL」, 「m」 -> 「M」, 「xxs」 -> 「XXS」."""
    upper = size.upper()
    count = upper.count("X")
    return f"{count}XL" if count > 1 and upper == "X" * count + "L" else upper


def _pair(match: re.Match[str]) -> Finder:
    weight, unit = int(match["weight"]), match["unit"]
    if not 30 <= weight <= 260 or (not unit and match["weight"].startswith("0")):
        return
    kilos = unit in ("公斤", "kg", "k") or (unit is None and weight < _MIN_JIN)
    end = match.end("unit") if unit else match.end("weight")
    yield Found("身高", f"{match['height']} cm", match.start("height"), match.end("height"))
    yield Found("体重", f"{weight} {'kg' if kilos else '斤'}", match.start("weight"), end)


def _height(text: str, match: re.Match[str]) -> Found | None:
    kind = match.lastgroup
    start, end = match.span()
    if kind == "named":
        start, centimetres = match.start("named"), float(match["named"])
    elif kind == "rest":
        rest = match["rest"] if match["rest"].isdigit() or len(match["rest"]) == 1 else ""
        tail = number(match["rest"]) or 0
        if not rest and "十" not in match["rest"]:
            tail = (number(match["rest"][0]) or 0) * 10 + (number(match["rest"][1]) or 0)
        centimetres = (number(match["whole"]) or 0) * 100 + (tail * 10 if len(rest) == 1 else tail)
    elif kind == "metres":
        centimetres = float(match["metres"]) * 100
    else:
        centimetres = float(match["unit"] or match["bare"])
    if not (60 if kind == "named" or _CHILD.search(text) else 140) <= centimetres <= 230 or (
        kind != "named" and _NOT_TALL.search(text[max(0, start - 4) : start])
    ):
        return None
    return Found("身高", f"{plain(centimetres)} cm", start, end)


def _weight(match: re.Match[str]) -> Found | None:
    if match["named"]:
        value = float(match["named"])
        jin = match["named_unit"] == "斤" if match["named_unit"] else value >= _MIN_JIN
        return Found("体重", f"{plain(value)} {'斤' if jin else 'kg'}", match.start("named"), match.end())
    total = number(match["sum"])
    if total is None or not 20 <= total <= 400:
        return None
    unit = "斤" if match["unit"] == "斤" else "kg"
    return Found("体重", f"{plain(total)} {unit}", match.start(), match.end())


def _is_standard(size: str) -> bool:
    """Whether 「160/84」 without a build letter is a size: children's and adults' heights go in steps of five."""
    height, girth = (int(part) for part in size.split("/"))
    return height % 5 == 0 and 48 <= girth <= 112 and (girth % 4 == 0 or girth == height // 2)
