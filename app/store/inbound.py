"""What channels told, stored once, and what is still to be done with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from app.store.leases import claim as claim_rows
from app.store.leases import is_free
from app.store.leases import settle as settle_row
from app.store.tables import TurnRow
from app.store.tables_channels import InboundRow, InboundState, ReceiptRow
from app.store.upsert import unless_there

_LEASE_SECONDS = 15.0
_TASK_SECONDS = 90.0


@dataclass(frozen=True, slots=True)
class Inbound:
    """See `InboundRow`."""

    id: int
    channel_id: int
    kind: str
    conversation_id: str | None
    turn_id: int | None
    given: dict[str, Any]
    state: InboundState
    attempts: int
    lease: str


def keep_receipt(session: Session, channel_id: int, key: str, reply: dict[str, Any]) -> None:
    """Remember what was answered to a delivery, so that a repetition gets the same."""
    values = {"channel_id": channel_id, "key": key, "reply": reply, "received_at": datetime.now(UTC)}
    session.execute(unless_there(session, ReceiptRow).values(values))


def add(
    session: Session, channel_id: int, key: str, kind: str, given: dict[str, Any]
) -> tuple[Inbound, bool]:
    """Store something, or find what was stored under its key; whether it is new. Of two at once the slower one waits."""
    values = {
        "channel_id": channel_id,
        "key": key,
        "kind": kind,
        "given": given,
        "received_at": datetime.now(UTC),
        "state": "waiting",
        "attempts": 0,
        "lease": "",
        "note": "",
    }
    added = session.scalars(unless_there(session, InboundRow).values(values).returning(InboundRow.id))
    number = added.one_or_none()
    if number is not None:
        return Inbound(number, channel_id, kind, None, None, given, "waiting", 0, ""), True
    row = session.scalars(
        select(InboundRow).where(InboundRow.channel_id == channel_id, InboundRow.key == key)
    ).one()
    return _inbound(row), False


def belongs(session: Session, inbound_id: int, conversation_id: str, turn_id: int) -> Inbound:
    """Note which turn something became."""
    noted = (
        update(InboundRow)
        .where(InboundRow.id == inbound_id)
        .values(conversation_id=conversation_id, turn_id=turn_id)
        .returning(InboundRow)
    )
    return _inbound(session.scalars(noted).one())


def find(session: Session, channel_id: int, key: str) -> Inbound | None:
    """key: the message in its chat system, as `key_of` names it."""
    row = session.scalar(select(InboundRow).where(InboundRow.channel_id == channel_id, InboundRow.key == key))
    return None if row is None else _inbound(row)


def give_up(session: Session, inbound_id: int, why: str) -> None:
    """Note something that cannot be gone on with."""
    row = session.get_one(InboundRow, inbound_id)
    row.state, row.note = "failed", why[:200]


def exists(session: Session, channel_id: int, key: str) -> bool:
    """Whether a channel has brought a message with this key before."""
    wanted = select(InboundRow.id).where(InboundRow.channel_id == channel_id, InboundRow.key == key)
    return session.scalar(wanted) is not None


def later_position(session: Session, conversation_id: str, sent_at: datetime) -> int | None:
    """The first position at which a channel's message stands that was sent after `sent_at`.

    Turns that people added are not looked at: their clocks are other ones.
    """
    return session.scalar(
        select(func.min(TurnRow.position))
        .join(InboundRow, InboundRow.turn_id == TurnRow.id)
        .where(TurnRow.conversation_id == conversation_id, TurnRow.sent_at > sent_at, TurnRow.agent == "")
    )


def copied_turn(session: Session, conversation_id: str, text: str, since: datetime) -> int | None:
    """An agent's turn with these words that was noted when they were copied, and not told by a channel since."""
    rows = session.execute(
        select(TurnRow.id, TurnRow.text)
        .outerjoin(InboundRow, InboundRow.turn_id == TurnRow.id)
        .where(
            TurnRow.conversation_id == conversation_id,
            TurnRow.role == "agent",
            TurnRow.undone_at.is_(None),
            TurnRow.stored_at >= since,
            InboundRow.id.is_(None),
        )
        .order_by(TurnRow.position)
    )
    words = "".join(text.split())
    return next((row.id for row in rows if "".join(row.text.split()) == words), None)


def claim(session: Session, limit: int, *, tasks: bool, only: list[int] | None = None) -> list[Inbound]:
    """Things to do now, oldest first, ours for 15 seconds, or a minute and a half where others are asked (tasks)."""
    conditions = [_is_task(tasks)]
    if only is not None:
        conditions.append(InboundRow.id.in_(only))
    seconds = _TASK_SECONDS if tasks else _LEASE_SECONDS
    found = claim_rows(session, InboundRow, *conditions, limit=limit, seconds=seconds)
    return [_inbound(row) for row in found]


def any_waiting(session: Session, *, tasks: bool) -> bool:
    """Whether there is something to do now."""
    waiting = (InboundRow.state == "waiting", is_free(InboundRow))
    wanted = select(InboundRow.id).where(*waiting, _is_task(tasks)).limit(1)
    return session.scalar(wanted) is not None


def _is_task(tasks: bool) -> ColumnElement[bool]:
    return InboundRow.kind == "task" if tasks else InboundRow.kind != "task"


def settle(session: Session, inbound: Inbound, state: InboundState, note: str = "") -> bool:
    """Say that something is done; False when somebody else has it by now. What was needed for it is forgotten."""
    return settle_row(session, InboundRow, inbound.id, inbound.lease, state=state, note=note, given={})


def put_back(session: Session, inbound: Inbound, until: datetime, note: str) -> bool:
    """Leave something for later."""
    return settle_row(session, InboundRow, inbound.id, inbound.lease, lease_until=until, note=note)


def forget(session: Session, before: datetime) -> None:
    """Drop what was settled before then; the turns themselves stay."""
    session.execute(delete(ReceiptRow).where(ReceiptRow.received_at < before))
    session.execute(delete(InboundRow).where(InboundRow.received_at < before, InboundRow.state != "waiting"))


def _inbound(row: InboundRow) -> Inbound:
    return Inbound(
        row.id,
        row.channel_id,
        row.kind,
        row.conversation_id,
        row.turn_id,
        dict(row.given),
        row.state,
        row.attempts,
        row.lease,
    )
