"""Alerts to the lead about customers whose temper climbs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from app.store.tables import ConversationRow
from app.store.tables_service import AlertRow


@dataclass(frozen=True, slots=True)
class Alert:
    """level: the emotion that was reached, 2 or 3. seen_by: who took notice, "" while nobody has."""

    id: int
    conversation_id: str
    label: str
    shop: str
    turn_id: int
    level: int
    at: datetime
    seen_by: str
    seen_at: datetime | None


def add(session: Session, conversation_id: str, turn_id: int, level: int) -> bool:
    """Raise an alert, unless one of this level or higher is open for the conversation. Whether it was raised."""
    higher = and_(
        AlertRow.conversation_id == conversation_id, AlertRow.seen_at.is_(None), AlertRow.level >= level
    )
    wanted = select(AlertRow.id).where(or_(AlertRow.turn_id == turn_id, higher))
    if session.scalar(wanted.limit(1)) is not None:
        return False
    now = datetime.now(UTC)
    session.add(
        AlertRow(
            conversation_id=conversation_id, turn_id=turn_id, level=level, at=now, seen_by="", seen_at=None
        )
    )
    session.flush()
    return True


def latest(session: Session, *, open_only: bool = True, limit: int = 50) -> list[Alert]:
    """The newest alerts first, one per conversation when only open ones are wanted: the highest."""
    wanted = select(AlertRow, ConversationRow).join(
        ConversationRow, ConversationRow.id == AlertRow.conversation_id
    )
    if open_only:
        wanted = wanted.where(AlertRow.seen_at.is_(None), ConversationRow.closed_at.is_(None))
    rows = session.execute(wanted.order_by(AlertRow.id.desc()).limit(limit)).all()
    found: dict[object, Alert] = {}
    for row, conversation in rows:
        alert = Alert(
            row.id,
            row.conversation_id,
            conversation.label,
            conversation.shop,
            row.turn_id,
            row.level,
            row.at,
            row.seen_by,
            row.seen_at,
        )
        found.setdefault(row.conversation_id if open_only else row.id, alert)
    return list(found.values())


def see(session: Session, alert_id: int, who: str) -> str | None:
    """Note who took notice, for all open alerts of that conversation up to this one; the conversation, None if unknown."""
    conversation = session.scalar(select(AlertRow.conversation_id).where(AlertRow.id == alert_id))
    if conversation is None:
        return None
    session.execute(
        update(AlertRow)
        .where(AlertRow.conversation_id == conversation, AlertRow.id <= alert_id, AlertRow.seen_at.is_(None))
        .values(seen_by=who, seen_at=datetime.now(UTC))
    )
    return conversation
