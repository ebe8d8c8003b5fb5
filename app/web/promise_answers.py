"""Promises as the API and the desk answer them."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from app import promises as ledger
from app.assist import Assistant
from app.reply.promises import KINDS
from app.store.promises import Promise
from app.web.answers import Json
from app.web.draft_schemas import PromiseKind

_NAMES: Final = {str(kind): name for kind, name in KINDS.items()}


class PromiseOut(BaseModel):
    """A promise. status: kept or broken as decided, else by its time: broken once it has passed, due on its last day.

    decided: a person decided. day: where it belongs in a list of what is to be done. proposed: a later message seems to
    keep it. case_id: the open case of its conversation. moved_from: when it was due before it was moved. condition: the
    event it waits for while due_at is null.
    """

    id: str = Field(description="承诺的编号")
    conversation_id: str = Field(description="会话编号")
    customer: str = Field(description="顾客的昵称或订单号")
    case_id: int | None = Field(description="会话没结的登记表")
    shop: str = Field(description="店铺 id")
    turn_id: str = Field(description="在哪一句答应的")
    agent: str = Field(description="谁答应的")
    kind: PromiseKind = Field(description="哪一类")
    kind_name: str = Field(description="这一类的叫法")
    what: str = Field(description="答应了什么")
    text: str = Field(description="客服的原话")
    by: str | None = Field(description="说的时间，原话")
    amount: float | None = Field(description="元")
    condition: str | None = Field(description="要等哪件事发生")
    made_at: str = Field(description="什么时候答应的，带时区")
    due_at: str | None = Field(description="最晚什么时候做到，带时区；等别的事、没说时间时为空")
    approximate: bool = Field(description="时间是估的")
    status: Literal["open", "due", "broken", "kept"] = Field(
        description="open 没到点，due 最后一天，broken 过点没做到，kept 做到了"
    )
    day: Literal["overdue", "today", "tomorrow", "later", "open"] = Field(description="在待办里排在哪一天")
    decided: bool = Field(description="有人定过算不算做到")
    decided_by: str = Field(description="谁定的")
    decided_at: str | None = Field(description="什么时候定的，带时区")
    reason: str = Field(description="定的时候写的理由")
    proposed: bool = Field(description="后来的话看起来做到了，等人确认")
    replaced: bool = Field(description="后来又答应过同一件事，以后来的为准")
    moved_from: str | None = Field(description="改期以前是什么时候")


class PromiseListOut(BaseModel):
    """Promises, the one due first on top."""

    items: list[PromiseOut] = Field(description="按到点的先后")


def promise_json(assistant: Assistant, promise: Promise, now: datetime) -> Json:
    """As `PromiseOut` documents it. now: what its status is reckoned from."""
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
        "status": ledger.status_of(promise, now, zone),
        "day": ledger.day_of(promise, now, zone),
        "decided": promise.outcome is not None,
        "decided_by": promise.decided_by,
        "decided_at": as_time(promise.decided_at),
        "reason": promise.reason,
        "proposed": promise.proposed,
        "replaced": promise.replaced,
        "moved_from": as_time(promise.first_due_at),
    }


def as_time(moment: datetime | None) -> str | None:
    """ISO 8601 with seconds and offset."""
    return moment.isoformat(timespec="seconds") if moment is not None else None
