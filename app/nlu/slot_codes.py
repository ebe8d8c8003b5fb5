"""Order numbers, tracking numbers and telephone numbers.

Where the shapes come from:
- orders: Taobao and Tmall 19 digits today, 15 to 18 in older orders; Pinduoduo `yymmdd-` and 15 digits (`order_sn` of
  pdd.order.information.get); Douyin 19 digits; JD 12 digits, which say nothing by themselves and need the word 订单;
- tracking: SF and 13, YT and 13, JT and 13, JD and 13 letters or digits, 73-78 and 12 (ZTO), 77 or 43 and 12 to 15 (STO),
  as collected in github.com/BF-zh/Courier-Validation (src/pattern); other digits need a word such as 单号;
- telephones: 11 digits from 13 to 19 (MIIT numbering plan), 0 + area code + 7 or 8 digits, 400 and 800 numbers.
"""

from __future__ import annotations

from typing import Final

from app import regex as re
from app.nlu.slot_base import Finder, Found

_ENOUGH: Final = re.compile(r"[0-9](?:[ -]?[0-9]){6}")
_PINDUODUO: Final = r"[0-9]{6}-[0-9]{15}(?![0-9])"
_ORDER: Final = re.compile(rf"(?<![0-9a-z])(?:{_PINDUODUO}|[0-9]{{16,20}}(?![0-9]))")
_NAMED_ORDER: Final = re.compile(
    r"订单(?:号码?|编号|id)?[^0-9a-z,。;!?\n]{0,4}(?P<code>[0-9]{8,22})(?![0-9])"
    r"|(?<![0-9a-z])(?P<before>[0-9]{10,22})(?=[^0-9a-z,。;!?\n]{0,4}(?:这个|这笔|的)?订单)"
)
_CARRIER: Final = re.compile(
    r"(?<![0-9a-z])(?:sf[0-9a-z][0-9]{11,12}|(?:yt|jt|zt)[0-9]{12,13}|jd[0-9a-z]{2}[0-9]{10,11}"
    r"|(?:yd|sto|zto|ems|db|dpk)[0-9]{9,15}|[a-z]{2}[0-9]{9}cn)(?![0-9a-z])"
)
_NAMED_TRACKING: Final = re.compile(
    r"(?:快递|物流|运单|单号|快件|包裹|顺丰|中通|圆通|申通|韵达|极兔|邮政|ems|寄回)"
    r"[^0-9a-z,。;!?\n]{0,6}(?P<code>[a-z]{0,4}[0-9]{10,18})(?![0-9a-z])"
)
_BARE_TRACKING: Final = re.compile(r"(?<![0-9a-z])(?:7[3-8][0-9]{12}|43[0-9]{13}|[0-9]{15})(?![0-9a-z])")
_PHONE: Final = re.compile(
    r"(?<![0-9a-z])(?:\+?86[ -]?)?(?P<mobile>1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4})(?![0-9])"
    r"|(?<![0-9a-z-])(?P<land>0(?:10|2[0-9]|[3-9][0-9]{2})[ -]?[2-8][0-9]{6,7}|[48]00[ -]?[0-9]{3}[ -]?[0-9]{4})(?![0-9])"
)
_PLACEHOLDER: Final = re.compile(r"\[ORDERID_(?P<code>[0-9]{1,30})\]")
_LETTERS_BEFORE: Final = 24


def find_codes(text: str) -> Finder:
    """订单号, 快递单号, 电话 of normalised text. Values: letters in upper case, telephones without separators.

    A number that fits several kinds comes out as the likelier first; the caller keeps the first claim on a stretch.
    """
    if _ENOUGH.search(text) is None:
        return
    for match in _PHONE.finditer(text):
        if not _is_code(text, match.start()):
            yield _phone(match)
    for match in _CARRIER.finditer(text):
        yield Found("快递单号", match[0].upper(), match.start(), match.end())
    for match in _NAMED_ORDER.finditer(text):
        name = "code" if match["code"] else "before"
        yield Found("订单号", match[name], match.start(name), match.end(name))
    for match in _NAMED_TRACKING.finditer(text):
        if "订单" not in match[0]:
            yield Found("快递单号", match["code"].upper(), match.start("code"), match.end("code"))
    for match in _ORDER.finditer(text):
        yield Found("订单号", match[0], match.start(), match.end())
    for match in _BARE_TRACKING.finditer(text):
        yield Found("快递单号", match[0], match.start(), match.end())


def find_placeholders(original: str) -> Finder:
    """订单号 behind the placeholders of exported chats (「[ORDERID_123]」), with places in the original text."""
    for match in _PLACEHOLDER.finditer(original):
        yield Found("订单号", match["code"], match.start(), match.end())


def _phone(match: re.Match[str]) -> Found:
    kind = "mobile" if match["mobile"] else "land"
    digits = re.sub(r"[ -]", "", match[kind])
    if kind == "land" and digits[0] == "0":
        area = 3 if digits[1] in "12" else 4
        digits = f"{digits[:area]}-{digits[area:]}"
    return Found("电话", digits, match.start(kind), match.end(kind))


def _is_code(text: str, start: int) -> bool:
    """Whether the words just before say that these eleven digits are an order or tracking number."""
    before = text[max(0, start - _LETTERS_BEFORE) : start]
    return re.search(r"(?:单号|订单|运单)[^0-9,。;!?\n]{0,4}$", before) is not None
