"""The audit log: who did what, when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.store.database import Database
from app.store.tables import AuditRow


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Something a person or program did. what: such as `release.published`; detail: never a customer's words."""

    at: datetime
    who: str
    what: str
    detail: dict[str, Any]


def record(session: Session, who: str, what: str, **detail: Any) -> None:
    """Add an entry in the same transaction as what it tells of. `detail` is JSON-ready, without customers' words."""
    session.add(AuditRow(at=datetime.now(UTC), who=who, what=what, detail=detail))


def note(database: Database, who: str, what: str, **detail: Any) -> None:
    """Like `record`, for what changes nothing itself: an export. Raises StoreUnavailable."""
    with database.write() as session:
        record(session, who, what, **detail)


def latest(session: Session, limit: int = 100) -> list[AuditEntry]:
    """The newest entries, newest first."""
    rows = session.scalars(select(AuditRow).order_by(AuditRow.id.desc()).limit(limit))
    return [AuditEntry(row.at, row.who, row.what, row.detail) for row in rows]
