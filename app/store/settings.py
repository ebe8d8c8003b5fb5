"""What the service remembers about itself, as JSON values by key."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.store import upsert
from app.store.tables import SettingRow


def get(session: Session, key: str) -> Any:
    """The stored value, None when there is none."""
    return session.scalar(select(SettingRow.value).where(SettingRow.key == key))


def put(session: Session, key: str, value: Any) -> None:
    """Keep a JSON-ready value under a key, in place of the one before."""
    upsert.put(session, SettingRow, {"key": key}, {"value": value})
