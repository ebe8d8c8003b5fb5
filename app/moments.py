"""Moments as pages show them: the shop's own time, 「11 月 22 日 15:04」. Workbooks keep dates that can be sorted."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo


def day_text(at: datetime, zone: tzinfo, now: datetime | None = None) -> str:
    """「11 月 22 日」 in `zone`, with the year when it is not the year of `now`."""
    local, today = at.astimezone(zone), (now or datetime.now(UTC)).astimezone(zone)
    year = "" if local.year == today.year else f"{local.year} 年 "
    return f"{year}{local.month} 月 {local.day} 日"


def month_text(month: str) -> str:
    """「2026 年 11 月」 for 2026-11; anything else as it is."""
    year, dash, number = month.partition("-")
    return f"{year} 年 {int(number)} 月" if dash and number.isdecimal() else month


def moment_text(at: datetime, zone: tzinfo, now: datetime | None = None) -> str:
    """「11 月 22 日 15:04」 in `zone`, with the year when it is not the year of `now`."""
    return f"{day_text(at, zone, now)} {at.astimezone(zone):%H:%M}"
