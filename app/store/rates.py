"""How often things were tried in a minute, over all replicas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.store.tables_access import RateRow


def add(session: Session, minute: int, counts: Mapping[str, int]) -> None:
    """Add to what was counted in this minute."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    for key, count in sorted(counts.items()):
        row = insert(RateRow).values(key=key, minute=minute, count=count)
        session.execute(
            row.on_conflict_do_update(
                index_elements=["key", "minute"], set_={"count": RateRow.count + row.excluded.count}
            )
        )


def of_minute(session: Session, minute: int, keys: Iterable[str]) -> dict[str, int]:
    """What was counted in this minute for these keys."""
    found = session.scalars(select(RateRow).where(RateRow.minute == minute, RateRow.key.in_(list(keys))))
    return {row.key: row.count for row in found}


def forget_before(session: Session, minute: int) -> None:
    """minute: since 1970."""
    session.execute(delete(RateRow).where(RateRow.minute < minute))
