"""Rows of work that several processes share: whoever claims one has it until the lease ends or it is settled.

Works on every table with the columns state, attempts, lease and lease_until.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar
from uuid import uuid4

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from app.store.tables_channels import DeliveryRow, InboundRow

Work = TypeVar("Work", InboundRow, DeliveryRow)

LONGEST: Final = timedelta(days=2)
"""No lease and no delay is longer: what ends later was set by a clock that had jumped ahead."""


def claim(
    session: Session, table: type[Work], *conditions: ColumnElement[bool], limit: int, seconds: float
) -> list[Work]:
    """Up to `limit` waiting rows that nobody works on, oldest first, now claimed. Needs a write transaction."""
    now = datetime.now(UTC)
    found = session.scalars(
        select(table)
        .where(table.state == "waiting", is_free(table), *conditions)
        .order_by(table.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for row in found:
        row.lease, row.lease_until, row.attempts = (
            uuid4().hex,
            now + timedelta(seconds=seconds),
            row.attempts + 1,
        )
    session.flush()
    return list(found)


def is_free(table: type[InboundRow] | type[DeliveryRow]) -> ColumnElement[bool]:
    """The condition that nobody works on a row now."""
    now = datetime.now(UTC)
    return table.lease_until.is_(None) | (table.lease_until < now) | (table.lease_until > now + LONGEST)


def settle(session: Session, table: type[Work], row_id: int, lease: str, **values: Any) -> bool:
    """Change a row if the lease is still ours; whether it was. The lease ends, unless `values` say otherwise."""
    changed = session.execute(
        update(table)
        .where(table.id == row_id, table.lease == lease, table.state == "waiting")
        .values({"lease": "", "lease_until": None, **values})
        .returning(table.id)
    )
    return changed.one_or_none() is not None
