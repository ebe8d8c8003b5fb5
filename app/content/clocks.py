"""scripts_zh/clocks.yaml: how much time platforms and the shop allow for what, each figure with its source.

A figure without `checked` is shown as unverified. What a shop writes in `policy.clocks` goes before the table.
"""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal

from pydantic import Field, field_validator

from app.content.fields import ID, Base, Line
from app.vocabulary import FACTS

Unit = Literal["minutes", "hours", "days", "workdays"]

_TIME: Final = re.compile(
    r"(?:[0-9]{1,4}\s?(?:到|至|-)\s?)?(?P<count>[0-9]{1,4}|半)\s?个?(?P<unit>分钟|小时|工作日|天)"
)
_UNITS: Final[dict[str, Unit]] = {"分钟": "minutes", "小时": "hours", "天": "days", "工作日": "workdays"}


def parse_time(text: str) -> tuple[Unit, float] | None:
    """The first length of time in a text, the upper end of a range: 「1 到 2 个工作日」 -> ("workdays", 2)."""
    found = _TIME.search(text)
    if found is None:
        return None
    count = 0.5 if found["count"] == "半" else float(found["count"])
    return (_UNITS[found["unit"]], count) if count else None


class Allowance(Base):
    """How long; `checked` only where the platform's own text was read: a date and an address."""

    time: Line
    source: Annotated[tuple[str, ...], Field(min_length=1)]
    checked: str | None = None

    @field_validator("time")
    @classmethod
    def _readable(cls, value: str) -> str:
        if parse_time(value) is None:
            raise ValueError(
                f"时间要写成「5 分钟」「48 小时」「15 天」「5 个工作日」这样，现在是「{value[:20]}」"
            )
        return value


class ClockRule(Allowance):
    """One clock. starts: what sets it going; policy: the key of `policy` in shop.yaml that says the time instead.

    stops: what ends it, in words. side: who has to act.
    """

    id: ID
    name: Annotated[str, Field(min_length=1, max_length=20)]
    starts: Literal["first_message", "message", "intents", "event"]
    event: Annotated[str, Field(max_length=30)] = ""
    intents: tuple[ID, ...] = ()
    stops: Annotated[str, Field(max_length=30)] = ""
    side: Literal["店铺", "顾客", "平台"] = "店铺"
    policy: Literal["dispatch", "refund"] | None = None
    platforms: dict[str, Allowance] = {}

    @field_validator("platforms")
    @classmethod
    def _known(cls, values: dict[str, Allowance]) -> dict[str, Allowance]:
        wrong = [name for name in values if name not in FACTS["平台"]]
        if wrong:
            raise ValueError(f"平台只能是{'、'.join(FACTS['平台'])}，现在是「{'、'.join(wrong)}」")
        return values
