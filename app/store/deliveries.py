"""What is to be sent out through channels, and how that went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, select
from sqlalchemy.orm import Session, aliased

from app.store.leases import LONGEST, is_free
from app.store.leases import claim as claim_rows
from app.store.leases import settle as settle_row
from app.store.tables import TurnRow
from app.store.tables_channels import ChannelRow, DeliveryRow, DeliveryState
from app.store.upsert import unless_there

__all__ = ["DeliveryState"]

REPLY = "reply.send"
"""The kind of an agent's words to a customer. Those of one conversation go out one after the other."""
_LEASE_SECONDS = 90.0
_REPLY_SECONDS = 30.0
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class StoredDelivery:
    """See `DeliveryRow`."""

    id: int
    channel_id: int
    key: str
    kind: str
    conversation_id: str | None
    turn_id: int | None
    payload: dict[str, Any]
    created_at: datetime
    attempts: int
    lease: str


@dataclass(frozen=True, slots=True)
class StoredReply:
    """An agent's words on their way to a customer. text: "" once they are sent or put away."""

    id: int
    channel_id: int
    conversation_id: str
    turn_id: int
    message_id: str
    text: str
    state: DeliveryState
    note: str
    created_at: datetime


def add(
    session: Session,
    channel_id: int,
    key: str,
    kind: str,
    payload: dict[str, Any],
    *,
    due_at: datetime,
    conversation_id: str | None = None,
    turn_id: int | None = None,
) -> None:
    """Nothing is added where there is one of this key already."""
    values = {
        "channel_id": channel_id,
        "key": key,
        "kind": kind,
        "conversation_id": conversation_id,
        "turn_id": turn_id,
        "payload": payload,
        "created_at": datetime.now(UTC),
        "due_at": due_at,
        "state": "waiting",
        "attempts": 0,
        "lease": "",
        "status": None,
        "note": "",
    }
    session.execute(unless_there(session, DeliveryRow).values(values))


def known(session: Session, keys: Sequence[str]) -> set[str]:
    """Which of these keys were queued before."""
    found: set[str] = set()
    for part in range(0, len(keys), _AT_ONCE):
        wanted = select(DeliveryRow.key).where(DeliveryRow.key.in_(keys[part : part + _AT_ONCE]))
        found.update(session.scalars(wanted))
    return found


def claim(session: Session, limit: int, busy: list[int], *, replies: bool = False) -> list[StoredDelivery]:
    """What is due now, oldest first, ours for 90 seconds, or 30 for replies. busy: channels that get nothing more now.

    replies: those, or all the rest. A channel that is switched off, or has stopped sending, keeps what waits.
    """
    seconds = _REPLY_SECONDS if replies else _LEASE_SECONDS
    found = claim_rows(session, DeliveryRow, *_due(busy, replies), limit=limit, seconds=seconds)
    return [_delivery(row) for row in found]


def any_due(session: Session, busy: list[int], *, replies: bool = False) -> bool:
    """Whether `claim` may find something."""
    waiting = (DeliveryRow.state == "waiting", is_free(DeliveryRow))
    wanted = select(DeliveryRow.id).where(*waiting, *_due(busy, replies)).limit(1)
    return session.scalar(wanted) is not None


def _due(busy: list[int], replies: bool) -> list[ColumnElement[bool]]:
    open_channels = select(ChannelRow.id).where(
        ChannelRow.enabled, ChannelRow.sends, ChannelRow.id.not_in(busy)
    )
    now = datetime.now(UTC)
    due = (DeliveryRow.due_at <= now) | (DeliveryRow.due_at > now + LONGEST)
    conditions = [due, DeliveryRow.channel_id.in_(open_channels)]
    if not replies:
        return [*conditions, DeliveryRow.kind != REPLY]
    earlier = aliased(DeliveryRow)
    first = ~exists().where(
        earlier.kind == REPLY,
        earlier.state == "waiting",
        earlier.conversation_id == DeliveryRow.conversation_id,
        earlier.id < DeliveryRow.id,
    )
    return [*conditions, DeliveryRow.kind == REPLY, first]


def reply_of(session: Session, turn_id: int) -> StoredReply | None:
    """The reply that an agent's turn went out with."""
    wanted = select(DeliveryRow).where(DeliveryRow.kind == REPLY, DeliveryRow.turn_id == turn_id)
    row = session.scalar(wanted)
    return None if row is None else _reply(row)


def open_replies(session: Session, conversation_id: str) -> list[StoredReply]:
    """The replies of a conversation that are not sent: still waiting, or failed and not put away. Oldest first."""
    rows = session.scalars(
        select(DeliveryRow)
        .where(
            DeliveryRow.kind == REPLY,
            DeliveryRow.state.in_(("waiting", "failed")),
            DeliveryRow.conversation_id == conversation_id,
        )
        .order_by(DeliveryRow.id)
    )
    return [_reply(row) for row in rows]


def overdue_replies(session: Session, before: datetime) -> list[StoredReply]:
    """Replies that have waited since before then, and that nobody is sending now; held until the transaction ends."""
    rows = session.scalars(
        select(DeliveryRow)
        .where(
            DeliveryRow.kind == REPLY,
            DeliveryRow.state == "waiting",
            DeliveryRow.created_at < before,
            is_free(DeliveryRow),
        )
        .order_by(DeliveryRow.id)
        .with_for_update(skip_locked=True)
    )
    return [_reply(row) for row in rows]


def give_up(session: Session, delivery_id: int, note: str) -> None:
    """Note that something will not be sent."""
    row = session.get_one(DeliveryRow, delivery_id)
    row.state, row.note, row.lease, row.lease_until = "failed", note[:200], "", None


def put_away(session: Session, delivery_id: int) -> None:
    """Forget the words of something that was not sent."""
    row = session.get_one(DeliveryRow, delivery_id)
    row.state, row.payload = "dropped", {}


def settle(
    session: Session,
    delivery: StoredDelivery,
    state: DeliveryState,
    *,
    status: int | None = None,
    note: str = "",
    due_at: datetime | None = None,
) -> bool:
    """Say how an attempt went; False when somebody else has it by now. due_at: when to try again, for `waiting`."""
    values: dict[str, Any] = {"state": state, "status": status, "note": note[:200]}
    if due_at is not None:
        values["due_at"] = due_at
    if state in ("done", "dropped"):
        values["payload"] = {}
    return settle_row(session, DeliveryRow, delivery.id, delivery.lease, **values)


def taken_back(session: Session, turn_id: int) -> bool:
    """Whether the turn was undone, or is gone: then it is not sent any more."""
    turn = session.get(TurnRow, turn_id)
    return turn is None or turn.undone_at is not None


def outdated(session: Session, turn_id: int) -> bool:
    """Whether more was said in the conversation after this turn, or the turn was taken back."""
    later = aliased(TurnRow)
    turn = session.get(TurnRow, turn_id)
    if turn is None or turn.undone_at is not None:
        return True
    wanted = exists().where(
        later.conversation_id == turn.conversation_id,
        later.position > turn.position,
        later.undone_at.is_(None),
    )
    return bool(session.scalar(select(wanted)))


def revive(session: Session, channel_id: int) -> int:
    """Try again what was given up, except replies, whose moment has passed; how many."""
    rows = session.scalars(
        select(DeliveryRow).where(
            DeliveryRow.channel_id == channel_id, DeliveryRow.state == "failed", DeliveryRow.kind != REPLY
        )
    ).all()
    for row in rows:
        row.state, row.attempts, row.due_at, row.note = "waiting", 0, datetime.now(UTC), ""
        row.lease, row.lease_until = "", None
    return len(rows)


def waiting(session: Session, channel_id: int) -> int:
    """How many are still to be sent."""
    wanted = select(func.count()).where(DeliveryRow.channel_id == channel_id, DeliveryRow.state == "waiting")
    return session.scalar(wanted) or 0


def forget(session: Session, before: datetime) -> None:
    """Remove what is settled and older than `before`."""
    session.execute(
        delete(DeliveryRow).where(DeliveryRow.created_at < before, DeliveryRow.state != "waiting")
    )


def _reply(row: DeliveryRow) -> StoredReply:
    data = row.payload.get("data", {})
    return StoredReply(
        row.id,
        row.channel_id,
        row.conversation_id or "",
        row.turn_id or 0,
        str(data.get("message_id", "")),
        str(data.get("text", "")),
        row.state,
        row.note,
        row.created_at,
    )


def _delivery(row: DeliveryRow) -> StoredDelivery:
    return StoredDelivery(
        row.id,
        row.channel_id,
        row.key,
        row.kind,
        row.conversation_id,
        row.turn_id,
        dict(row.payload),
        row.created_at,
        row.attempts,
        row.lease,
    )
