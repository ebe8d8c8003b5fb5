"""How scripts are used: how often they were offered, copied, edited and rejected, by script and agent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.store.tables import FeedbackRow
from app.store.tables_service import ScriptViewRow

View = tuple[date, str, str]
"""Day (UTC), script, agent."""


@dataclass(slots=True)
class Use:
    """shown is never less than what was copied, edited or rejected: that was seen, however it came up."""

    shown: int = 0
    copied: int = 0
    edited: int = 0
    rejected: int = 0


def add_views(session: Session, views: Mapping[View, int]) -> None:
    """Add to the counts; safe from many replicas at once."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    rows = [
        {"day": day, "script_id": script, "agent": agent, "shown": count}
        for (day, script, agent), count in sorted(views.items())
    ]
    for row in rows:
        statement = insert(ScriptViewRow).values(row)
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["day", "script_id", "agent"],
                set_={"shown": ScriptViewRow.shown + statement.excluded.shown},
            )
        )


def usage(session: Session, since: datetime) -> dict[tuple[str, str], Use]:
    """What became of the scripts since a moment (views: since its day, UTC), by script and agent."""
    found: dict[tuple[str, str], Use] = {}
    views = session.execute(
        select(ScriptViewRow.script_id, ScriptViewRow.agent, func.sum(ScriptViewRow.shown))
        .where(ScriptViewRow.day >= since.date())
        .group_by(ScriptViewRow.script_id, ScriptViewRow.agent)
    )
    for script, agent, shown in views:
        found[script, agent] = Use(shown=int(shown))
    told = session.execute(
        select(FeedbackRow.script_id, FeedbackRow.agent, FeedbackRow.kind, func.count())
        .where(FeedbackRow.at >= since)
        .group_by(FeedbackRow.script_id, FeedbackRow.agent, FeedbackRow.kind)
    )
    for script, agent, kind, count in told:
        setattr(found.setdefault((script, agent), Use()), kind, count)
    for use in found.values():
        use.shown = max(use.shown, use.copied + use.edited + use.rejected)
    return found


def total(uses: Iterable[Use]) -> Use:
    """The sum of several."""
    summed = Use()
    for use in uses:
        summed.shown += use.shown
        summed.copied += use.copied
        summed.edited += use.edited
        summed.rejected += use.rejected
    return summed
