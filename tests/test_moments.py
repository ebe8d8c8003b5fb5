"""Moments as pages show them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from app.moments import day_text, moment_text

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "told"),
    [
        (datetime(2026, 11, 22, 7, 4, tzinfo=UTC), "11 月 22 日 15:04"),
        (datetime(2026, 11, 21, 17, 0, tzinfo=UTC), "11 月 22 日 01:00"),
        (datetime(2025, 12, 31, 15, 59, tzinfo=UTC), "2025 年 12 月 31 日 23:59"),
        (datetime(2025, 12, 31, 16, 0, tzinfo=UTC), "1 月 1 日 00:00"),
    ],
)
def test_a_moment_is_told_in_the_shops_time(at: datetime, told: str) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    assert moment_text(at, zone, NOW) == told
    assert day_text(at, zone, NOW) == told.rpartition(" ")[0]
