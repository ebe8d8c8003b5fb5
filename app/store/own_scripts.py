"""Agents' own scripts and the team's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from app.store.tables_own import OwnScriptRow


@dataclass(frozen=True, slots=True)
class OwnScript:
    """An agent's own script. owner: their name then; team: colleagues see it too; entry: what it became in the draft,
    or empty.
    """

    id: int
    owner_id: int
    owner: str
    team: bool
    title: str
    bubbles: list[str]
    intent: str
    stage: str
    version: int
    entry: str
    changed_at: datetime


def visible(session: Session, person_id: int) -> list[OwnScript]:
    """Those of the person and those shared with the team, the newest first."""
    query = select(OwnScriptRow).where(or_(OwnScriptRow.owner_id == person_id, OwnScriptRow.team))
    return [
        _script(row)
        for row in session.scalars(query.order_by(OwnScriptRow.changed_at.desc(), OwnScriptRow.id))
    ]


def find(session: Session, number: int) -> OwnScript | None:
    """The script with this number, None when there is none."""
    row = session.get(OwnScriptRow, number)
    return None if row is None else _script(row)


def count(session: Session, person_id: int) -> int:
    """How many scripts of their own a person has."""
    query = select(func.count()).select_from(OwnScriptRow).where(OwnScriptRow.owner_id == person_id)
    return session.scalar(query) or 0


def add(session: Session, person_id: int, owner: str, values: dict[str, Any]) -> OwnScript:
    """values: columns by name, as `Words` has them. Version 1, not yet in the company's draft."""
    row = OwnScriptRow(
        owner_id=person_id, owner=owner, version=1, entry="", changed_at=datetime.now(UTC), **values
    )
    session.add(row)
    session.flush()
    return _script(row)


def change(session: Session, number: int, version: int, values: dict[str, Any]) -> bool:
    """False when it is gone or was changed since `version`."""
    query = (
        update(OwnScriptRow)
        .where(OwnScriptRow.id == number, OwnScriptRow.version == version)
        .values(**values, version=version + 1, changed_at=datetime.now(UTC))
    )
    return bool(session.execute(query).rowcount)  # type: ignore[attr-defined]


def remove(session: Session, number: int) -> None:
    """Delete a script; nothing when it is gone already."""
    session.execute(delete(OwnScriptRow).where(OwnScriptRow.id == number))


def _script(row: OwnScriptRow) -> OwnScript:
    return OwnScript(
        row.id, row.owner_id, row.owner, row.team, row.title, row.bubbles, row.intent, row.stage, row.version,
        row.entry, row.changed_at,
    )  # fmt: skip
