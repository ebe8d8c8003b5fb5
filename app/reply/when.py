"""By when: the times agents promise (今天 18:00 前, 48 小时内, 3 个工作日, 月底前), and the moment each means.

A time is read in the shop's time zone as seen from when the message was sent. A day without an hour means its end.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from re import Match
from typing import Final, Literal

from app import regex as re
from app.nlu.slot_base import NUMBER, number
from app.nlu.slot_dates import DATE, date_of
from app.reply.workdays import Workdays

Unit = Literal["minutes", "hours", "days", "workdays"]

_PART: Final = "(?P<part>凌晨|一早|早上|清早|早|上午|中午|午饭前|下午|傍晚|晚上|晚间|夜里|晚)"
_CLOCK: Final = (
    r"(?P<hour>[01]?[0-9]|2[0-4]|十[一二]?|[一二两三四五六七八九])(?:[:：](?P<minute>[0-5][0-9])|[点时](?!间|候|段|长|效|刻)"
    r"(?:钟|整|(?P<half>半)|(?P<spoken>[0-5]?[0-9]|[一二三四五]?十[五]?)分?)?)"
)
_UNTIL: Final = r"(?:\s?(?:之前|以前|前|之内|以内|内|左右|上下))?"
_DAY: Final = (
    rf"(?:(?P<end>(?:这个?|本|下个?)?(?:月底|月末)|(?:本|这|下)周(?:内|之内|末)|(?:本|这个?)月(?:内|之内)|年底|下班|打烊|收工|当天|当日)"
    rf"|(?<![0-9月])(?P<date>3[01]|[12][0-9]|0?[1-9])日(?!内|之内|以内)|{DATE})"
)
WHEN: Final = re.compile(
    rf"(?<![头第])(?P<count>{NUMBER}|半|一两|两三|三四|三五)(?:\s?(?:到|至|[-~～—])\s?(?P<most>{NUMBER}))?\s?(?P<many>个半|个)?"
    r"(?P<unit>小时|h(?![a-z])|钟头|分钟|工作日|工作天|天|日(?=内|之内|以内)|周|星期|礼拜|(?<=个)月)(?P<and>半)?(?![前份底初])(?:\s?(?:之内|以内|内|左右|上下|之后|以后|后))?"
    rf"|{_DAY}\s?的?(?P<close>下班|打烊|收工)?(?:{_PART})?\s?(?:{_CLOCK})?{_UNTIL}"
    rf"|(?:{_PART.replace('part', 'part2')})?\s?{_CLOCK.replace('hour', 'hour2').replace('minute', 'minute2').replace('half', 'half2').replace('spoken', 'spoken2')}{_UNTIL}"
    r"|(?P<soon>尽快|尽早|马上|立刻|立即|这就|第一时间|现在就)|(?P<blank>〔(?:时限|日期)〕)前?"
)
_UNITS: Final[dict[str, tuple[Unit, float]]] = {
    "分钟": ("minutes", 1), "小时": ("hours", 1), "钟头": ("hours", 1), "h": ("hours", 1), "工作日": ("workdays", 1), "工作天": ("workdays", 1),
    "天": ("days", 1), "日": ("days", 1), "周": ("days", 7), "星期": ("days", 7), "礼拜": ("days", 7), "月": ("days", 30),
}  # fmt: skip
_ABOUT: Final = {"一两": 2.0, "两三": 3.0, "三四": 4.0, "三五": 5.0}
_PARTS: Final = {"凌": 6, "早": 10, "上": 12, "中": 13, "午": 12, "下": 18, "傍": 19, "晚": 22, "夜": 22}
_EVENING: Final = frozenset("下傍晚夜")
MOST_DAYS: Final = 400
_CLOSING: Final = 18


@dataclass(frozen=True, slots=True)
class Due:
    """A moment with time zone. sure: False where working days of an unpublished year or a vague length went in."""

    at: datetime
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Length:
    """So much time from when it starts to run. count: >= 0; no days at all end with the day itself."""

    unit: Unit
    count: float
    sure: bool = True

    def due(self, start: datetime, workdays: Workdays) -> Due:
        """start: with time zone; whole days and working days end with their last day."""
        if self.unit in ("minutes", "hours"):
            return Due(start + timedelta(**{self.unit: self.count}), self.sure)
        if self.unit == "days":
            return Due(_end_of((start + timedelta(days=self.count)).date(), start), self.sure)
        at, certain = workdays.after(start, round(self.count))
        return Due(at, self.sure and certain)


@dataclass(frozen=True, slots=True)
class Term:
    """A time in a text: `words` at text[start:end]. length: when it counts from an event; else the match says the day."""

    words: str
    start: int
    end: int
    length: Length | None
    found: Match[str]

    @property
    def soon(self) -> bool:
        """Whether it names no time at all (尽快, 〔时限〕)."""
        return bool(self.found["soon"] or self.found["blank"])

    @property
    def ends(self) -> bool:
        """Whether it is said as an end (18:00 前, 48 小时内)."""
        return self.words.endswith(("前", "内"))

    def due(self, sent: datetime, workdays: Workdays, closing: int = _CLOSING) -> Due | None:
        """The moment it means in a message sent at `sent` (local); None when it names none. closing: the shop's last hour."""
        if self.soon:
            return None
        if self.length is not None:
            return self.length.due(sent, workdays)
        return _moment(self.found, sent, closing)


def times(text: str) -> list[Term]:
    """The times that normalised text names, in order."""
    return [_term(found) for found in WHEN.finditer(text) if not _idle(found)]


def _idle(found: Match[str]) -> bool:
    """Whether the words only look like a time: 一点进展, 一五一十."""
    said = found[0].strip()
    if found["feast"]:
        return not said.endswith("前")
    hour = found["hour2"]
    return bool(hour) and found["part2"] is None and said == f"{hour}点" and not hour.isdigit()


def length_in(text: str) -> Length | None:
    """The first length of time in a text such as 「48 小时内」 or 「收到退货后 1 到 2 个工作日」, its upper end."""
    return next((term.length for term in times(text) if term.length is not None), None)


def _term(found: Match[str]) -> Term:
    return Term(found[0].strip(), found.start(), found.end(), _length(found), found)


def _length(found: Match[str]) -> Length | None:
    if not found["unit"]:
        return None
    unit, factor = _UNITS[found["unit"]]
    words = found["most"] or found["count"]
    value = _ABOUT.get(words) or number(words)
    if not value:
        return None
    if found["many"] == "个半" or found["and"]:
        value += 0.5
    count = value * factor
    if unit == "days" and count < 1:
        unit, count = "hours", count * 24
    if unit in ("days", "workdays"):
        count = min(count, MOST_DAYS)
    elif unit == "hours":
        count = min(count, 24 * MOST_DAYS)
    else:
        count = min(count, 60 * 24 * MOST_DAYS)
    return Length(unit, count, found["count"] not in _ABOUT and "左右" not in found[0])


def _moment(found: Match[str], sent: datetime, closing: int) -> Due | None:
    day, named = _day(found, sent), found["day"] or ""
    part = (found["part"] or found["part2"] or (named[-1] if named.endswith(("晚", "早")) else ""))[:1]
    part = "早" if part in ("一", "清") else part
    hour = found["hour"] or found["hour2"]
    if hour:
        return _at_clock(found, hour, part, day, sent)
    if day is None and not part:
        return None
    day = day or sent.date()
    if found["close"] or (found["end"] or "") in ("下班", "打烊", "收工"):
        return Due(_at(day, closing, 0, sent))
    last = _PARTS.get(part)
    return Due(_at(day, last, 0, sent) if last is not None else _end_of(day, sent))


def _day(found: Match[str], sent: datetime) -> date | None:
    today, end = sent.date(), found["end"]
    if found["date"]:
        return _day_of_month(int(found["date"]), today)
    if end is None:
        return date_of(found, sent, "future")
    if "周" in end:
        monday = today - timedelta(today.weekday()) + timedelta(7 if end.startswith("下") else 0)
        return monday + timedelta(6)
    if "月" in end:
        ahead = today.month + (1 if end.startswith("下") else 0)
        year, month = today.year + (ahead - 1) // 12, (ahead - 1) % 12 + 1
        return date(year, month, monthrange(year, month)[1])
    return date(today.year, 12, 31) if end == "年底" else today


def _day_of_month(day: int, today: date) -> date | None:
    """The next such day from today on."""
    for ahead in range(13):
        year, month = divmod(today.year * 12 + today.month - 1 + ahead, 12)
        if day <= monthrange(year, month + 1)[1] and (found := date(year, month + 1, day)) >= today:
            return found
    return None


def _at_clock(found: Match[str], hour: str, part: str, day: date | None, sent: datetime) -> Due:
    """A named hour; without a part of the day the next one to come that shops work at."""
    value = int(number(hour) or 0)
    minutes = found["minute"] or found["minute2"] or found["spoken"] or found["spoken2"]
    minute = 30 if found["half"] or found["half2"] else int(number(minutes) or 0) if minutes else 0
    spelt_out = not part and (
        hour.startswith("0") or value > 12 or (value >= 8 and minutes and not found["spoken"])
    )
    if value == 12 and part == "晚":
        value = 24
    if value < 12 and (part in _EVENING or (part == "中" and value < 3)):
        value += 12
    on = day or sent.date()
    at = _at(on, value, minute, sent)
    if not part and not spelt_out and value < 12 and (at <= sent or value < 8):
        at += timedelta(hours=12)
    if day is None and at <= sent:
        at += timedelta(days=1)
    return Due(at)


def _at(day: date, hour: int, minute: int, like: datetime) -> datetime:
    if hour >= 24:
        return _end_of(day, like)
    return datetime(day.year, day.month, day.day, hour, min(minute, 59), tzinfo=like.tzinfo)


def _end_of(day: date, like: datetime) -> datetime:
    return datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=like.tzinfo)
