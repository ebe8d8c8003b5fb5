"""How scripts are used: how often they were offered, copied, edited and rejected, by script and agent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final, Literal

from sqlalchemy import ColumnElement, case, func, literal, select, union_all
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.store.tables import FeedbackRow
from app.store.tables_service import ScriptViewRow

View = tuple[date, str, str]
"""Day (UTC), script, agent."""
By = Literal["script", "agent", "day"]
_KINDS: Final = ("copied", "edited", "rejected")


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


def usage(session: Session, first: date, by: By) -> dict[str, Use]:
    """What became of the scripts from a day (UTC) on, by script, agent or day (2026-11-22). Days are UTC days."""
    day = _day(session)
    views = select(
        ScriptViewRow.day.label("day"),
        ScriptViewRow.script_id.label("script"),
        ScriptViewRow.agent.label("agent"),
        ScriptViewRow.shown.label("shown"),
        *(literal(0).label(kind) for kind in _KINDS),
    ).where(ScriptViewRow.day >= first)
    told = select(
        day.label("day"),
        FeedbackRow.script_id.label("script"),
        FeedbackRow.agent.label("agent"),
        literal(0).label("shown"),
        *(case((FeedbackRow.kind == kind, 1), else_=0).label(kind) for kind in _KINDS),
    ).where(FeedbackRow.at >= datetime.combine(first, time(), UTC))
    both = union_all(views, told).subquery()
    sums = [func.sum(both.c[kind]).label(kind) for kind in ("shown", *_KINDS)]
    # one line per script and agent (and day), where what was used was also seen
    keys = [both.c.script, both.c.agent, *([both.c.day] if by == "day" else [])]
    each = select(*keys, *sums).group_by(*keys).subquery()
    used = each.c.copied + each.c.edited + each.c.rejected
    shown = case((each.c.shown < used, used), else_=each.c.shown)
    found = session.execute(
        select(each.c[by], *(func.sum(column) for column in (shown, *(each.c[kind] for kind in _KINDS))))
        .group_by(each.c[by])
        .order_by(each.c[by])
    )
    return {str(key): Use(*map(int, counts)) for key, *counts in found}


def total(uses: Iterable[Use]) -> Use:
    """The sum of several."""
    summed = Use()
    for use in uses:
        summed.shown += use.shown
        summed.copied += use.copied
        summed.edited += use.edited
        summed.rejected += use.rejected
    return summed


def _day(session: Session) -> ColumnElement[date]:
    """The day (UTC) of a feedback."""
    if session.get_bind().dialect.name == "sqlite":
        return func.date(FeedbackRow.at)
    return func.date(func.timezone("UTC", FeedbackRow.at))
