"""Personal data out of texts that leave the conversation: logs, training queues, analytics, bulk exports.

The words stay readable (「138****5678」, 「〔地址〕」); what identifies someone does not come through. Shapes are found in the
normalised text and covered in the original, so full-width digits, hidden characters and Traditional spelling are no way round.
Sources: identity numbers GB 11643 (17 digits and 0-9 or X), bank cards ISO/IEC 7812 (up to 19 digits), telephones the MIIT
numbering plan, plates GA 36; any other run of seven digits or more is taken for a number that belongs to someone.
"""

from __future__ import annotations

from collections.abc import Iterator
from re import Match, Pattern
from typing import Final, NamedTuple

from app import regex as re
from app.nlu.slot_people import FULL_NAME, find_addresses
from app.nlu.text import normalise
from app.types import Span

_TAIL: Final = "[-_.a-z0-9]"
_IS: Final = r"[:是为=\s]"

# what is replaced, and by what; the first group that took part is covered, else the whole match
_WHOLE: Final[tuple[tuple[str, Pattern[str]], ...]] = tuple(
    (label, re.compile(words))
    for label, words in (
        ("〔邮箱〕", r"(?<![a-z0-9._%+-])[a-z0-9._%+-]+@[a-z0-9.-]+"),
        ("〔身份证号〕", r"(?<![0-9])[1-9][0-9]{5}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9x](?![0-9])|(?<![0-9])[0-9]{17}x"),
        ("〔身份证号〕", r"(?<![0-9])[1-9][0-9]{5}[ -](?:18|19|20)[0-9]{6}[ -][0-9]{3}[0-9x](?![0-9])"),
        ("〔身份证号〕", rf"身份证(?:号码?)?{_IS}{{0,3}}([0-9]{{6,18}}x?)"),
        ("〔微信号〕", rf"(?:微信|薇信|威信|v信|wei?xin|wechat)(?:号|\s?id)?{_IS}{{0,3}}([a-z0-9]{_TAIL}{{4,}})|wxid_{_TAIL}*"),
        ("〔微信号〕", rf"(?<![a-z0-9])(?:vx|wx|加我?(?:的)?v|[+➕]v|v(?=:)){_IS}{{0,3}}((?:(?<={_IS})[a-z]|[0-9]){_TAIL}{{4,}})"),
        ("〔QQ号〕", rf"(?:qq|扣扣|企鹅号?)(?:号码?|群)?{_IS}{{0,3}}([0-9]{{5,}})"),
        ("〔账号〕", rf"(?:旺旺|支付宝|淘宝|京东|抖音|快手|小红书)(?:号|id|名|账[号户]|帐[号户]|昵称){_IS}{{1,3}}({_TAIL}{{3,}})"),
        ("〔账号〕", r"(?:旺旺|支付宝|淘宝|京东|抖音|快手|小红书)(?:号|id|名|账[号户]|帐[号户]|昵称):\s?([^,。;!?、\s:〔〕*]{2,30})"),
        ("〔姓名〕", rf"(?:(?:我|本人)(?:的)?(?:名字)?(?:是)?叫|本人)\s?({FULL_NAME})"),
        ("〔姓名〕", rf"(?:姓名|收件人?|收货人|联系人|户名|持卡人|名字|寄件人)(?:[:是为叫写填改成]|换成|\s){{1,3}}\s?({FULL_NAME})"),
        ("〔姓名〕", r"(?:姓名|收件人|收货人|联系人|户名|持卡人|寄件人):\s?([\u3400-\u9fff·]{2,4})"),
        ("〔车牌〕", r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][a-z][·\s]?(?=[a-z]{0,2}[0-9])[a-z0-9]{5,6}(?![a-z0-9])"),
    )
)  # fmt: skip
_GAP: Final = "[ .·/—-]"
_NUMBERS: Final = re.compile(
    rf"(?<![0-9a-z])(?:1[3-9][0-9]{_GAP}{{0,3}}[0-9]{{4}}{_GAP}{{0,3}}[0-9]{{4}}|1(?:{_GAP}[0-9]){{10}})(?![0-9])"
    r"|(?<![0-9])(?:0[0-9]{2,3}|[48]00)[ -]?[0-9]{3,4}[ -]?[0-9]{3,4}(?![0-9])"
    r"|(?<![0-9])[0-9]{4}(?:[ -][0-9]{4}){2,3}(?:[ -][0-9]{1,4})?(?![0-9])"
    r"|(?<![0-9])[0-9]{6}-[0-9]{7,}"
    r"|[零〇一二三四五六七八九幺]{3}[ -][零〇一二三四五六七八九幺]{4}[ -][零〇一二三四五六七八九幺]{4}"
    r"|[\d零〇一二三四五六七八九幺]{7,}"
)
_NAMED_NUMBER: Final = re.compile(
    r"(?:订单|单号|运单|电话|手机|卡号)(?:号|编号)?[:是为\s]{0,3}([a-z]{0,4}[0-9]{5,})"
)
_GROUPED: Final = re.compile(rf"(?<![0-9])1[3-9][0-9]{{1,2}}{_GAP}[0-9]{{3,4}}{_GAP}[0-9]{{3,5}}(?![0-9])")
_PLACEHOLDER: Final = re.compile(r"\[ORDERID_[^\]]{0,40}\]")
_RAW: Final = re.compile(r"\d{7,}")
_KEPT: Final = 4
_LONG: Final = 11
MAX_PASSES: Final = 4


class _Cover(NamedTuple):
    """text[start:end] is to be covered by `shape`."""

    start: int
    end: int
    shape: str


def mask(text: str) -> str:
    """The text with phones, identity, bank, order and tracking numbers, addresses, names and accounts covered.

    Never raises, masking twice changes nothing more, and no run of seven digits is left.
    """
    for _ in range(MAX_PASSES):
        masked = _once(_PLACEHOLDER.sub("〔订单号〕", text))
        if masked == text:
            break
        text = masked
    return text


def find_personal(text: str) -> list[tuple[Span, str]]:
    """Where personal data stands in a text, in order, each with what it is covered by (「138****5678」, 「〔地址〕」)."""
    message = normalise(text)
    covers = _merged(sorted(_covers(message.text)))
    return [(message.span(cover.start, cover.end), cover.shape) for cover in covers]


def _once(text: str) -> str:
    message = normalise(text)
    parts: list[str] = []
    done = 0
    for cover in _merged(sorted(_covers(message.text))):
        span = message.span(cover.start, cover.end)
        parts += [text[done : span.start], cover.shape]
        done = span.end
    return _RAW.sub(lambda match: _shape(match[0]), "".join([*parts, text[done:]]))


def _covers(text: str) -> Iterator[_Cover]:
    for label, pattern in _WHOLE:
        for match in pattern.finditer(text):
            name = match.lastindex or 0
            yield _Cover(match.start(name), match.end(name), label)
    for found in find_addresses(text, set(text)):
        yield _Cover(found.start, found.end, "〔地址〕")
    for match in _NUMBERS.finditer(text):
        yield _Cover(match.start(), match.end(), _shape(match[0]))
    for match in _GROUPED.finditer(text):
        if sum(letter.isdigit() for letter in match[0]) == _LONG:
            yield _Cover(match.start(), match.end(), _shape(match[0]))
    for match in _NAMED_NUMBER.finditer(text):
        yield _Cover(match.start(1), match.end(1), _shape(match[1]))


def _merged(covers: list[_Cover]) -> Iterator[_Cover]:
    """Covers in order without overlaps; of overlapping ones the union, in the shape of the more telling label."""
    last: _Cover | None = None
    for cover in covers:
        if last is None or cover.start >= last.end:
            if last is not None:
                yield last
            last = cover
        else:
            shape = (
                last.shape if last.shape.startswith("〔") or not cover.shape.startswith("〔") else cover.shape
            )
            last = _Cover(last.start, max(last.end, cover.end), shape)
    if last is not None:
        yield last


def _shape(number: str) -> str:
    """What is left of a number: both ends of a mobile number, the letters and last four of other long ones."""
    digits = re.sub(r"[^0-9]", "", number)
    prefix = _letters(number)
    if len(digits) == _LONG and re.match("1[3-9]", digits) and not prefix:
        return f"{digits[:3]}****{digits[-_KEPT:]}"
    return f"{prefix}****{digits[-_KEPT:]}" if len(digits) >= _LONG else f"{prefix}****"


def _letters(number: str) -> str:
    found: Match[str] | None = re.match(r"[a-z]*", number)
    return found[0].upper() if found else ""
