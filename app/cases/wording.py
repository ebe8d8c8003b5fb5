"""The values of a case as people read them, on pages, on paper and in workbooks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.assist import Assistant
from app.cases.fields import NAMES, STATUS_NAMES
from app.moments import day_text, moment_text
from app.store.cases import CaseEvent
from app.vocabulary import EMOTION_NAMES

_EVENTS = {
    "opened": "登记",
    "changed": "修改",
    "closed": "结案",
    "reopened": "重新打开",
    "withdrawn": "作废",
    "handed_over": "转交",
    "photo_added": "加照片",
    "photo_removed": "删照片",
    "exported": "导出",
}


@dataclass(frozen=True, slots=True)
class Wording:
    """What ids are called and which time zone is told. intents, shops: id -> name."""

    intents: Mapping[str, str]
    shops: Mapping[str, str]
    zone: ZoneInfo

    def value(self, field: str, value: Any) -> str:
        """A field's value as one text; several things on lines of their own."""
        if value in (None, "", [], {}, ()):
            return ""
        match field:
            case "status":
                return next((name for status, name in STATUS_NAMES.items() if status == value), str(value))
            case "due_at":
                return self.moment(datetime.fromisoformat(value))
            case "shop":
                return self.shops.get(value, str(value))
            case "intents" | "risks":
                return "、".join(self.intents.get(name, name) for name in value)
            case "emotion":
                return EMOTION_NAMES[int(value)]
            case "facts":
                return "、".join(f"{name}：{told}" for name, told in value.items())
            case "remedies":
                return "\n".join(remedy_text(remedy) for remedy in value)
            case "loss":
                return f"{value} 元"
        return str(value)

    def shown(self, value: datetime) -> str:
        """As pages show it: 「11 月 22 日 15:04」."""
        return moment_text(value, self.zone)

    def day(self, value: datetime) -> str:
        """「11 月 22 日」."""
        return day_text(value, self.zone)

    def moment(self, value: datetime) -> str:
        """As workbooks and archives have it, where dates are sorted."""
        return value.astimezone(self.zone).strftime("%Y-%m-%d %H:%M")

    def event(self, event: CaseEvent) -> str:
        """What happened: 「修改：责任、处理结果」."""
        name = _EVENTS.get(event.what, event.what)
        if event.what.startswith("photo_"):
            change = event.changes[0]
            return f"{name}：{change['after'] or change['before']}"
        fields = [NAMES.get(str(change["field"]), "") for change in event.changes]
        told = "、".join(field for field in fields if field)
        return f"{name}：{told}" if told else name


def wording(assistant: Assistant, shop: str = "") -> Wording:
    """The words for a shop's cases: names of intents and shops, moments in its time zone."""
    content = assistant.content
    zone = content.shops.get(shop, content.shop).time_zone
    return Wording(
        {intent.id: intent.name for intent in content.intents.values()},
        {name: one.name for name, one in content.shops.items()},
        ZoneInfo(zone),
    )


def remedy_text(remedy: Mapping[str, Any]) -> str:
    """「部分退款 20.00 元，店铺出运费，店长批准」."""
    parts: list[str] = [remedy["kind"] + (f" {remedy['amount']} 元" if remedy["amount"] is not None else "")]
    if remedy["freight"]:
        parts.append(f"{remedy['freight']}出运费")
    if remedy["approved_by"]:
        parts.append(f"{remedy['approved_by']}批准")
    if remedy["note"]:
        parts.append(remedy["note"])
    return "，".join(parts)
