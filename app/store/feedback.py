"""What agents did with the scripts offered to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.store.tables import FeedbackRow

Kind = Literal["copied", "edited", "rejected"]


@dataclass(frozen=True, slots=True)
class Feedback:
    """diff: pairs of what was taken out of the script and what was put in its place."""

    script_id: str
    kind: Kind
    agent: str
    conversation_id: str | None = None
    turn_id: int | None = None
    sent_text: str | None = None
    diff: tuple[tuple[str, str], ...] = ()
    right_intent: str | None = None
    release: int = 0


def add(session: Session, feedback: Feedback) -> int:
    """Store feedback; returns its number."""
    row = FeedbackRow(
        script_id=feedback.script_id,
        kind=feedback.kind,
        conversation_id=feedback.conversation_id,
        turn_id=feedback.turn_id,
        agent=feedback.agent,
        sent_text=feedback.sent_text,
        diff=[list(pair) for pair in feedback.diff],
        right_intent=feedback.right_intent,
        release=feedback.release,
        at=datetime.now(UTC),
    )
    session.add(row)
    session.flush()
    return row.id


def counts(session: Session) -> dict[str, dict[Kind, int]]:
    """How often each script was copied, edited and rejected."""
    found: dict[str, dict[Kind, int]] = {}
    rows = session.execute(
        select(FeedbackRow.script_id, FeedbackRow.kind, func.count()).group_by(
            FeedbackRow.script_id, FeedbackRow.kind
        )
    )
    for script_id, kind, count in rows:
        found.setdefault(script_id, {})[kind] = count
    return found


def often(session: Session, agent: str, since: datetime, limit: int) -> list[str]:
    """The scripts an agent sent since then, as they are or changed: the most used first, of those the last used."""
    rows = session.scalars(
        select(FeedbackRow.script_id)
        .where(FeedbackRow.agent == agent, FeedbackRow.at >= since, FeedbackRow.kind != "rejected")
        .group_by(FeedbackRow.script_id)
        .order_by(func.count().desc(), func.max(FeedbackRow.id).desc())
        .limit(limit)
    )
    return list(rows)


def rejections(session: Session, since: datetime) -> dict[str, dict[str, int]]:
    """Script -> what agents said it should have been (an intent, "" when they said nothing) -> how often."""
    intent = func.coalesce(FeedbackRow.right_intent, "")
    rows = session.execute(
        select(FeedbackRow.script_id, intent, func.count())
        .where(FeedbackRow.at >= since, FeedbackRow.kind == "rejected")
        .group_by(FeedbackRow.script_id, intent)
    )
    found: dict[str, dict[str, int]] = {}
    for script_id, right, count in rows:
        found.setdefault(script_id, {})[right] = count
    return found


def edited_texts(session: Session, script_id: str, since: datetime, limit: int) -> list[str]:
    """What agents made of a script before they sent it, newest first."""
    rows = session.scalars(
        select(FeedbackRow.sent_text)
        .where(
            FeedbackRow.script_id == script_id,
            FeedbackRow.kind == "edited",
            FeedbackRow.at >= since,
            FeedbackRow.sent_text.is_not(None),
        )
        .order_by(FeedbackRow.id.desc())
        .limit(limit)
    )
    return [text for text in rows if text]
