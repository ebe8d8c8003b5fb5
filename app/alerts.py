"""What the lead is told about at once: customers whose temper climbs. Raised by `conversations`, kept until taken notice of."""

from __future__ import annotations

from app.errors import NotFound
from app.store import alerts as rows
from app.store import audit
from app.store.alerts import Alert
from app.store.database import Database
from app.store.people import Person


def open_alerts(database: Database, limit: int = 50) -> list[Alert]:
    """The alerts nobody has taken notice of, newest first, one per conversation. Raises StoreUnavailable."""
    with database.read() as session:
        return rows.latest(session, limit=limit)


def all_alerts(database: Database, limit: int = 50) -> list[Alert]:
    """The newest alerts, open or not. Raises StoreUnavailable."""
    with database.read() as session:
        return rows.latest(session, open_only=False, limit=limit)


def take_notice(database: Database, alert_id: int, person: Person) -> None:
    """Close a conversation's alerts up to this one; doing it twice is fine. Raises NotFound, StoreUnavailable."""
    with database.write() as session:
        conversation = rows.see(session, alert_id, person.name)
        if conversation is None:
            raise NotFound("没有这条提醒")
        audit.record(session, person.name, "alert.seen", conversation=conversation, alert=alert_id)
