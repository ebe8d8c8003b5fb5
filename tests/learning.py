"""Conversations as the learning queue finds them: turns with the answers that were first given."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select

from app.store.database import Database
from app.store.tables import ConversationRow, TurnRow


def answer(*intents: tuple[str, float], candidates: tuple[tuple[str, float], ...] = ()) -> dict[str, Any]:
    def matches(found: tuple[tuple[str, float], ...]) -> list[dict[str, Any]]:
        return [{"id": name, "name": name, "score": score} for name, score in found]

    return {"intents": matches(intents), "candidates": matches(candidates), "abstained": not intents}


def hear(
    database: Database, text: str, said: dict[str, Any], *, place: str = "c1", at: datetime | None = None
) -> int:
    """Store a customer's turn; returns its number."""
    now = at or datetime.now(UTC)
    with database.write() as session:
        if session.get(ConversationRow, place) is None:
            session.add(
                ConversationRow(
                    id=place, shop="", channel="", label="", version=1, created_at=now, updated_at=now,
                    closed_at=None, given={}, note="", started_by="甲",
                )
            )  # fmt: skip
            session.flush()
        position = session.scalar(select(func.count()).select_from(TurnRow)) or 0
        row = TurnRow(
            conversation_id=place, position=position, role="customer", text=text, message_id=f"m{position}",
            sent_at=None, stored_at=now, attachments=[], acts=[], script_id=None, agent="甲", release=1,
            answer=said, undone_at=None,
        )  # fmt: skip
        session.add(row)
        session.flush()
        return row.id
