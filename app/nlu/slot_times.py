"""日期, 时长, 急用日期 and 签收天数 of a message.

A date's value is ISO (2026-11-02) where today is known and the date can be told, else the customer's words; a length of
time is in days where it can be (「半个月」 -> 「15 天」).
"""

from __future__ import annotations

from datetime import datetime
from re import Match
from typing import Final

from app import regex as re
from app.nlu.slot_base import NUMBER, Finder, Found, number, plain
from app.nlu.slot_dates import DATE, MAX_DAYS, Lean, date_of, days_ago, days_in

_DATE: Final = re.compile(
    rf"(?=[0-9〇一七万三上下两个中九二五今俩元八六前十千半双后周四国圣大妇年情明星春昨月本母父百礼端过这零])(?:{DATE})"
)
_LENGTH: Final = re.compile(
    rf"(?<![第0-9.])(?P<count>{NUMBER}几?|大?半(?!天)|好?几|一两|两三|三四)(?P<unit>个?多?(?:小时|钟头)|分钟|个?多?(?:工作日|天|周|星期|礼拜)|个多?月|多?年)"
    r"(?P<half>半)?(?!无理由|包退|退换|保价|价保|[一二三四五六日末])"
)
_HOURS: Final = ("小时", "钟头")
TRIGGERS: Final = frozenset(
    "刚才天日号月周星礼年小钟分晚早昨今明前后双国元圣五六情三妇过春中端七母父儿0123456789"
)

# what turns a date into a day by which the goods are needed, in the words after it
_NEEDED: Final = re.compile(
    r"(?:晚上|早上|上午|下午|中午|[之以]?前|就|我|们|公司|孩子|宝宝|儿子|女儿|闺女|朋友|同学|学校|单位|家里|有个?|是|去|[要得急着等]){0,5}"
    r"(?:要用|要穿|穿(?![了过上着完坏起的])|用(?!了|过)|结婚|婚礼|订婚|出差|面试|年会|过?生日|演出|表演|上台|比赛|运动会|出发|旅游|旅行|出国|参加|毕业|开学|开会|相亲|喝喜?酒|酒席|聚会|派对|晚会|拍照|拍婚纱|急用|急穿|送人|送礼|赶飞机|上飞机|上车)"
)
_NEEDED_BY: Final = re.compile(
    r"[之以]?前(?:必须|一定|要|得|能不能|可以|能|务必|就){0,2}(?:收到|到货|到手|拿到|寄到|送到|到)"
)
_HURRY: Final = re.compile(
    r"(?:急用|急穿|急着穿|急着用|等着穿|等着用|赶时间|着急穿|着急用)[^。;!?\n]{0,4}$|(?:赶在|务必在|必须在|一定要在)$"
)
_TODAY: Final = frozenset({"今天", "今日", "今晚", "今早", "今儿"})
_PAST: Final = re.compile(r"昨|前|上|去年")
_AHEAD: Final = re.compile(
    r"[^,。;!?\n了过的]{0,3}(?:再|要|能|会|到不|[之以]?前|送|可以|来得及|才能|发货?吗)"
)
_UNTIL: Final = re.compile(r"改[成到为]|等到?|约")

_CAME: Final = r"(?:收到|签收|到货|拿到|到手|收货|取到|取件)"
_AFTER_DATE: Final = re.compile(
    rf"(?![^,。;!?\n]{{0,4}}(?:对方|你们?|商家|卖家|仓库|店家|他们))[^,。;!?\n没未不能会可]{{0,6}}(?:{_CAME}|收的|才到|刚到|到的(?!时)|取的快递)(?!不了|吗|没)"
)
_OTHERS: Final = re.compile(r"(?:对方|你们?|商家|卖家|仓库|店家|他们)[^,。;!?\n]{0,3}$")
_BEFORE_DATE: Final = re.compile(rf"(?<![没未能会]){_CAME}(?:时间|日期)?(?:的?是|[:在]){{0,2}}$")
_LASTING: Final = re.compile(
    rf"(?<![没未能会])(?:{_CAME}|收)(?:货|快递|衣服|裤子|裙子|鞋子?|包裹|东西)?(?:了|都|已经|也|才|刚|有|快|差不多|到现在|,|第){{0,3}}$"
)
_STILL: Final = re.compile(r"(?:没|未|没有|还没有?)(?:能)?$")
_JUST: Final = re.compile(
    rf"(?:刚刚?|(?<![^,。;!?\n\s我])才(?!能|会|可以))(?:{_CAME}|收(?=货|快递)|到(?=货|的|,|就|家|。|$))(?!时|,?不了)"
)


def find_times(text: str, now: datetime | None) -> Finder:
    """急用日期 and 签收天数 before the plain 日期 and 时长 they are made of; now: today in the shop's time zone."""
    dates = list(_DATE.finditer(text))
    for match in dates:
        yield _date(text, match, now)
    for match in _LENGTH.finditer(text):
        if (found := _length(text, match)) is not None:
            yield found
    if (just := _JUST.search(text)) and not any(_has_come(text, *match.span()) for match in dates):
        yield Found("签收天数", "0", just.start(), just.end())


def resolve(words: str, now: datetime, lean: Lean = "past") -> str:
    """The ISO date that the words of a date slot mean, or the words themselves."""
    match = _DATE.match(words)
    day = date_of(match, now, lean) if match is not None else None
    return words if day is None else day.isoformat()


def _date(text: str, match: Match[str], now: datetime | None) -> Found:
    start, end = match.span()
    if _is_needed(text, match):
        day = date_of(match, now, "future") if now else None
        return Found("急用日期", day.isoformat() if day else match[0], start, end)
    if _has_come(text, start, end):
        days = days_ago(match)
        if days is None and now is not None and (day := date_of(match, now)) is not None:
            days = (now.date() - day).days
        if days is not None and 0 <= days <= MAX_DAYS:
            return Found("签收天数", str(days), start, end)
    day = date_of(match, now, _lean(text, match)) if now else None
    return Found("日期", day.isoformat() if day else match[0], start, end)


def _is_needed(text: str, match: Match[str]) -> bool:
    if _PAST.match(match[0]) or (match["side"] or "").endswith("前"):
        return False
    window = text[match.end() : match.end() + 20]
    found = _NEEDED.match(window)
    if found and match[0] in _TODAY and not re.search("[要急得]", found[0]):
        return False
    before = text[max(0, match.start() - 12) : match.start()]
    return bool(found or _NEEDED_BY.match(window) or _HURRY.search(before))


def _has_come(text: str, start: int, end: int) -> bool:
    before = text[max(0, start - 10) : start]
    if _OTHERS.search(before):
        return False
    if _AFTER_DATE.match(text, end, min(len(text), end + 16)):
        return True
    found = _BEFORE_DATE.search(before)
    return found is not None and not _STILL.search(before[: found.start()])


def _lean(text: str, match: Match[str]) -> Lean:
    """Whether the words around a date speak of what is to come (「周五再联系」, 「改成周末送」) or of what has been."""
    ahead = match[0].startswith(("明", "下", "后", "大后")) or _AHEAD.match(text, match.end())
    return "future" if ahead or _UNTIL.search(text[max(0, match.start() - 3) : match.start()]) else "past"


def _length(text: str, match: Match[str]) -> Found | None:
    start, end = match.span()
    unit, half = match["unit"], 0.5 if match["half"] else 0.0
    count = match["count"].removeprefix("大")
    before = text[max(0, start - 12) : start]
    days = days_in(count, unit)
    came = _LASTING.search(before)
    if came and days is not None and not _STILL.search(before[: came.start()]):
        return Found("签收天数", str(days), start, end)
    if unit == "年" and (number(count) or 0) >= MAX_DAYS:
        return Found("日期", match[0], start, end)
    if "工作日" in unit or days is None:
        return Found("时长", _words(match, unit, half), start, end)
    extra = (
        15
        if half and ("月" in unit or "个多月" in unit)
        else 4
        if half and any(word in unit for word in ("周", "星期", "礼拜"))
        else 0
    )
    return Found("时长", f"{days + extra} {'多天' if '多' in unit else '天'}", start, end)


def _words(match: Match[str], unit: str, half: float) -> str:
    """A length that is no number of days: 「48 小时」, 「30 分钟」, 「2 年」; without a number the words themselves."""
    value = number(match["count"])
    if value is None or value == 0.5:
        return match[0]
    name = (
        "小时"
        if any(word in unit for word in _HOURS)
        else "个工作日"
        if "工作日" in unit
        else unit.strip("个多")
    )
    return f"{plain(value + half)} {name}"
