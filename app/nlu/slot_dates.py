"""Dates as customers write them (上周三, 3号, 11月2日, 三天前, 双十一), and the day each means as seen from today."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, timedelta
from re import Match
from typing import Final, Literal

from app.nlu.slot_base import NUMBER, number

Lean = Literal["past", "future"]
"""Which way an incomplete date points: 「3号」 was the last third when something came, is the next when it is needed."""

_DAYS: Final = {
    "大前天": -3,
    "前天": -2,
    "昨天": -1,
    "昨日": -1,
    "昨晚": -1,
    "昨儿": -1,
    "今天": 0,
    "今日": 0,
    "今早": 0,
    "今晚": 0,
    "今儿": 0,
    "明天": 1,
    "明日": 1,
    "明早": 1,
    "明晚": 1,
    "明儿": 1,
    "大后天": 3,
    "后天": 2,
}
_WEEKS: Final = {"上上": -2, "上": -1, "这": 0, "本": 0, "下": 1, "下下": 2}
_WEEKDAYS: Final = {
    **{letter: day for day, letter in enumerate("一二三四五六日")},
    **{str(day + 1): day for day in range(7)},
    "天": 6,
    "末": 5,
}
_FEASTS: Final = {
    "双十一": (11, 11),
    "双11": (11, 11),
    "双十二": (12, 12),
    "双12": (12, 12),
    "618": (6, 18),
    "国庆": (10, 1),
    "元旦": (1, 1),
    "圣诞": (12, 25),
    "五一": (5, 1),
    "六一": (6, 1),
    "情人节": (2, 14),
    "三八节": (3, 8),
    "妇女节": (3, 8),
}
_SOLAR: Final = "|".join(_FEASTS).replace("618", "618(?=活动|大促|的?时候|买|期间|前|后)")
_CHINESE_DAY: Final = "[一二三四五六七八九十]{1,3}"
DATE: Final = (
    rf"(?P<day>{'|'.join(_DAYS)})"
    r"|(?P<week>上上|下下|[上这本下])?个?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天末1-7])(?![0-9个年])"
    rf"|(?P<year>20[0-9]{{2}})[年./-](?P<ymonth>[0-9]{{1,2}})[月./-](?P<yday>[0-9]{{1,2}})(?![0-9])[日号]?"
    rf"|(?P<month>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月份?(?P<mday>[0-9]{{1,2}}|{_CHINESE_DAY})(?![0-9个])[日号]?"
    r"|(?<![0-9./-])(?P<smonth>1[0-2]|0?[1-9])[./-](?P<sday>3[01]|[12][0-9]|0?[1-9])(?![0-9./])(?=[日号]|的?时?候?(?:下单|买|收|到货|签|拍|付)|前|之前)[日号]?"
    rf"|(?<![0-9.大小第])(?<![大小]了)(?P<dom>3[01]|[12][0-9]|0?[1-9]|{_CHINESE_DAY})号(?!的?(?:链接|款|色|楼|店|线|仓|院|机|柜|码|客服|主播|裤|鞋))"
    rf"|(?P<ago>{NUMBER}|半)(?P<each>个?多?(?:天|日|周|星期|礼拜|月))(?P<side>(?:之|以)?[前后])(?!还?款)"
    rf"|(?P<feast>{_SOLAR})"
    r"|(?P<vague>(?:上|这|本|下)个?(?:周|星期|礼拜|月)(?!末)|前几天|前两天|前阵子|(?<![几两三四五六七八九十0-9])年前|过年|春节|中秋|端午|七夕|母亲节|父亲节|月底|月初|年底)"
)
_LENGTHS: Final = (("月", 30), ("周", 7), ("星期", 7), ("礼拜", 7), ("天", 1), ("日", 1))
_VAGUE_DAYS: Final = (("上个月", 30), ("上月", 30), ("上", 7), ("前几天", 3), ("前两天", 2))
MAX_DAYS: Final = 1000


def days_in(count: str, unit: str) -> int | None:
    """Days in a length of time: (「半」, 「个月」) -> 15, (「一」, 「个星期」) -> 7; None when it has no number."""
    value = number(count)
    length = next((days for word, days in _LENGTHS if word in unit), None)
    if value is None or length is None or not 0 <= value * length <= MAX_DAYS:
        return None
    return round(value * length)


def days_ago(match: Match[str]) -> int | None:
    """Days since a match of DATE as far as its words alone tell (昨天, 三天前, 上周); None if it takes a calendar."""
    if match["day"]:
        return -_DAYS[match["day"]] if _DAYS[match["day"]] <= 0 else None
    if match["ago"] and match["side"].endswith("前"):
        return days_in(match["ago"], match["each"])
    if match["vague"]:
        return next((days for word, days in _VAGUE_DAYS if match["vague"].startswith(word)), None)
    return None


def date_of(match: Match[str], now: datetime, lean: Lean = "past") -> date | None:
    """The day that a match of DATE means; None for vague ones (过年, 上周), lunar feasts and impossible days."""
    today = now.date()
    if match["day"]:
        return today + timedelta(_DAYS[match["day"]])
    if match["weekday"]:
        return _weekday(match, today, lean)
    if match["year"]:
        return _day(int(match["year"]), int(match["ymonth"]), int(match["yday"]))
    if match["ago"]:
        days = days_in(match["ago"], match["each"])
        return None if days is None else today + timedelta(-days if match["side"].endswith("前") else days)
    if match["dom"]:
        return _day_of_month(int(number(match["dom"]) or 0), today, lean)
    if match["feast"]:
        return _nearest(*_FEASTS[match["feast"]], today, lean)
    month, day = match["month"] or match["smonth"], match["mday"] or match["sday"]
    if month and day:
        return _nearest(int(number(month) or 0), int(number(day) or 0), today, lean)
    return None


def _weekday(match: Match[str], today: date, lean: Lean) -> date:
    monday = today - timedelta(today.weekday())
    wanted = monday + timedelta(_WEEKDAYS[match["weekday"]])
    if match["week"]:
        return wanted + timedelta(weeks=_WEEKS[match["week"]])
    if lean == "past" and wanted > today:
        return wanted - timedelta(weeks=1)
    return wanted + timedelta(weeks=1) if lean == "future" and wanted < today else wanted


def _day(year: int, month: int, day: int) -> date | None:
    if not (1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]):
        return None
    return date(year, month, day)


def _nearest(month: int, day: int, today: date, lean: Lean) -> date | None:
    """The latest such day up to today, or the next from today on; a 29 February is looked for over eight years."""
    years = range(today.year, today.year - 9, -1) if lean == "past" else range(today.year, today.year + 9)
    for year in years:
        found = _day(year, month, day) if 1 <= year <= 9999 else None
        if found is not None and (found <= today if lean == "past" else found >= today):
            return found
    return None


def _day_of_month(day: int, today: date, lean: Lean) -> date | None:
    step = -1 if lean == "past" else 1
    months = today.year * 12 + today.month - 1
    for ahead in range(3):
        year, month = divmod(months + step * ahead, 12)
        found = _day(year, month + 1, day)
        if found is not None and (found <= today if lean == "past" else found >= today):
            return found
    return None
