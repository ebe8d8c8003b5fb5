"""Working days in China: published years from chinese_calendar, later ones approximately, the shop's own days above both.

The State Council publishes a year's holidays and the working weekends around them the November before. Until the library
has a year, weekends and the statutory holidays themselves are days off (State Council Decree 795 of 2024: thirteen days),
and whatever is computed with them is marked as approximate.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final

from chinese_calendar import is_workday as published_workday

MAX_DAYS: Final = 400
_FIXED: Final = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
# the lunar calendar's New Year, and Qingming, Dragon Boat and Mid-Autumn (GB/T 33661-2017)
_NEW_YEAR: Final = {
    2027: (2, 6), 2028: (1, 26), 2029: (2, 13), 2030: (2, 3), 2031: (1, 23),
    2032: (2, 11), 2033: (1, 31), 2034: (2, 19), 2035: (2, 8), 2036: (1, 28),
}  # fmt: skip
_FEASTS: Final = {
    2027: ((4, 5), (6, 9), (9, 15)),
    2028: ((4, 4), (5, 28), (10, 3)),
    2029: ((4, 4), (6, 16), (9, 22)),
    2030: ((4, 5), (6, 5), (9, 12)),
    2031: ((4, 5), (6, 24), (10, 1)),
    2032: ((4, 4), (6, 12), (9, 19)),
    2033: ((4, 4), (6, 1), (9, 8)),
    2034: ((4, 5), (6, 20), (9, 27)),
    2035: ((4, 5), (6, 10), (9, 16)),
    2036: ((4, 4), (5, 30), (10, 4)),
}
_SPRING: Final = tuple(range(-1, 3))
"""New Year's Eve to the third day."""


class Workdays:
    """The working days of one shop. holidays, extra: days it is closed and days it works whatever the calendar says."""

    def __init__(self, holidays: Iterable[date] = (), extra: Iterable[date] = ()) -> None:
        self._holidays = frozenset(holidays)
        self._extra = frozenset(extra)

    def works(self, day: date) -> tuple[bool, bool]:
        """Whether the shop works on a day, and whether that is certain."""
        if day in self._holidays:
            return False, True
        if day in self._extra:
            return True, True
        return _usual(day)

    def after(self, moment: datetime, days: int) -> tuple[datetime, bool]:
        """The end of the `days`-th working day after the day of `moment` (with time zone), and whether it is certain.

        days: 0 to 400; a period in days starts on the day after its event (Civil Code, article 201).
        """
        day, left, sure = moment.date(), min(max(days, 0), MAX_DAYS), True
        for _ in range(4 * MAX_DAYS):
            if not left:
                break
            day += timedelta(1)
            works, certain = self.works(day)
            sure = sure and certain
            left -= works
        return datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=moment.tzinfo), sure


@lru_cache(maxsize=1024)
def _usual(day: date) -> tuple[bool, bool]:
    """Whether people work on a day, and whether that is certain."""
    try:
        return published_workday(day), True
    except NotImplementedError:
        return day.weekday() < 5 and not _statutory(day), False


def _statutory(day: date) -> bool:
    if (day.month, day.day) in _FIXED or (day.month, day.day) in _FEASTS.get(day.year, ()):
        return True
    if day.year not in _NEW_YEAR:
        return False
    return (day - date(day.year, *_NEW_YEAR[day.year])).days in _SPRING
