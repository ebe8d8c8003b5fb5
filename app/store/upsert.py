"""Rows that several may be writing at the same moment: nobody fails because somebody else was first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.store.tables import Base


def unless_there(session: Session, table: type[Base]) -> Insert:
    """An insert that does nothing where the row exists."""
    row: Insert = _insert(session)(table).on_conflict_do_nothing()
    return row


def put(session: Session, table: type[Base], key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Insert the row with this primary key, or give the one that is there these values."""
    row = _insert(session)(table).values({**key, **values})
    session.execute(row.on_conflict_do_update(index_elements=list(key), set_=dict(values)))


def _insert(session: Session) -> Any:
    return sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
