"""Promises as the API and the desk answer them."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from app import promises as cases
from app.assist import Assistant
from app.reply.promises import KINDS
from app.store.promises import Promise
from app.web.answers import Json
from app.web.conversation_schemas import PromiseKind

_NAMES: Final = {str(kind): name for kind, name in KINDS.items()}


class PromiseOut(BaseModel):
    """A promise. status: kept or broken as decided, else by its time: broken once it has passed, due on its last day.

    decided: a person decided. day: where it belongs in a list of what is to be done. proposed: a later message seems to
    keep it. case_id: the open case of its conversation. moved_from: when it was due before it was moved. condition: the event it waits for while due_at is null.
    """

    id: str
    conversation_id: str
    customer: str
    case_id: int | None
    shop: str
    turn_id: str
    agent: str
    kind: PromiseKind
    kind_name: str
    what: str
    text: str
    by: str | None
    amount: float | None
    condition: str | None
    made_at: str
    due_at: str | None
    approximate: bool
    status: Literal["open", "due", "broken", "kept"]
    day: Literal["overdue", "today", "tomorrow", "later", "open"]
    decided: bool
    decided_by: str
    decided_at: str | None
    reason: str
    proposed: bool
    replaced: bool
    moved_from: str | None


class PromiseListOut(BaseModel):
    items: list[PromiseOut]


def promise_json(assistant: Assistant, promise: Promise, now: datetime) -> Json:
    zone = ZoneInfo(assistant.shop(promise.shop).time_zone)
    return {
        "id": str(promise.id),
        "conversation_id": promise.conversation_id,
        "customer": promise.customer,
        "case_id": promise.case_id,
        "shop": promise.shop,
        "turn_id": str(promise.turn_id),
        "agent": promise.agent,
        "kind": promise.kind,
        "kind_name": _NAMES.get(promise.kind, "其他"),
        "what": promise.what,
        "text": promise.text,
        "by": promise.by,
        "amount": promise.amount,
        "condition": promise.condition,
        "made_at": as_time(promise.made_at),
        "due_at": as_time(promise.due_at),
        "approximate": not promise.sure,
        "status": cases.status_of(promise, now, zone),
        "day": cases.day_of(promise, now, zone),
        "decided": promise.outcome is not None,
        "decided_by": promise.decided_by,
        "decided_at": as_time(promise.decided_at),
        "reason": promise.reason,
        "proposed": promise.proposed,
        "replaced": promise.replaced,
        "moved_from": as_time(promise.first_due_at),
    }


def as_time(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment is not None else None
