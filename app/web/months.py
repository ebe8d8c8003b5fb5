"""A month as registers are asked for it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Query

Month = Annotated[str, Query(pattern=r"^(?:20\d\d-(?:0[1-9]|1[0-2]))?$", description="月份，例如 2026-11")]


def month_edges(month: str, time_zone: str) -> tuple[datetime | None, datetime | None]:
    """The first moment of a month and of the next one, in a time zone; none for an empty month."""
    if not month:
        return None, None
    year, number = int(month[:4]), int(month[5:])
    zone = ZoneInfo(time_zone)
    following = (year + 1, 1) if number == 12 else (year, number + 1)
    return datetime(year, number, 1, tzinfo=zone), datetime(*following, 1, tzinfo=zone)


def this_month(time_zone: str) -> str:
    """The running month there, "2026-11"."""
    return datetime.now(UTC).astimezone(ZoneInfo(time_zone)).strftime("%Y-%m")
