"""What panels are told, in one order for everybody.

Numbers must become visible in their order, or somebody who has read up to 7 would never see a 6 that was committed
later. SQLite has one writer at a time; on PostgreSQL an advisory lock is held from the insert to the commit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from app.store.tables_channels import EventRow

_ORDER_LOCK: Final = 0x65766E74


@dataclass(frozen=True, slots=True)
class Event:
    """See `EventRow`."""

    id: int
    at: datetime
    kind: str
    channel_id: int | None
    conversation_id: str
    turn_id: int | None
    data: dict[str, Any]


def add(
    session: Session,
    kind: str,
    conversation_id: str,
    *,
    channel_id: int | None = None,
    turn_id: int | None = None,
    data: dict[str, Any] | None = None,
) -> int:
    """Add an event as the last thing a transaction does; returns its number. data: no customer's words."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ORDER_LOCK})
    row = EventRow(
        at=datetime.now(UTC),
        kind=kind,
        channel_id=channel_id,
        conversation_id=conversation_id,
        turn_id=turn_id,
        data=data or {},
    )
    session.add(row)
    session.flush()
    return row.id


def after(session: Session, number: int, limit: int = 500) -> list[Event]:
    """The events that follow a number, oldest first."""
    rows = session.scalars(select(EventRow).where(EventRow.id > number).order_by(EventRow.id).limit(limit))
    return [_event(row) for row in rows]


def latest(session: Session, conversation_ids: list[str]) -> list[Event]:
    """The newest event of a customer's message of each conversation, oldest first."""
    newest = (
        select(func.max(EventRow.id))
        .where(EventRow.conversation_id.in_(conversation_ids), EventRow.kind == "message")
        .group_by(EventRow.conversation_id)
    )
    rows = session.scalars(select(EventRow).where(EventRow.id.in_(newest)).order_by(EventRow.id))
    return [_event(row) for row in rows]


def bounds(session: Session) -> tuple[int, int]:
    """The lowest and the highest number there is; (0, 0) when there is none."""
    row = session.execute(select(func.min(EventRow.id), func.max(EventRow.id))).one()
    return row[0] or 0, row[1] or 0


def forget(session: Session, before: datetime) -> None:
    """Drop old events, but never the newest one: its number is where everybody stands."""
    newest = select(func.max(EventRow.id)).scalar_subquery()
    session.execute(delete(EventRow).where(EventRow.at < before, EventRow.id < newest))


def _event(row: EventRow) -> Event:
    return Event(row.id, row.at, row.kind, row.channel_id, row.conversation_id, row.turn_id, dict(row.data))
