"""What the service remembers about itself, as JSON values by key."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.store.tables import SettingRow


def get(session: Session, key: str) -> Any:
    """The stored value, None when there is none."""
    row = session.get(SettingRow, key)
    return None if row is None else row.value


def put(session: Session, key: str, value: Any) -> None:
    session.merge(SettingRow(key=key, value=value))
