"""Trials of two wordings: which run, which conversations came in, how they went."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.errors import Conflict
from app.store.tables import FeedbackRow, TurnRow
from app.store.tables_trials import TrialPlaceRow, TrialRow, TrialScriptRow

Side = Literal["a", "b"]
Measure = Literal["copied", "half"]
Outcome = Literal["", "a", "b", "same", "stopped"]
Kind = Literal["copied", "edited", "rejected", "none"]


@dataclass(frozen=True, slots=True)
class Trial:
    """See `TrialRow`."""

    id: int
    script_a: str
    script_b: str
    etag_a: str
    etag_b: str
    title_a: str
    title_b: str
    measure: Measure
    least: int
    salt: str
    position: int
    state: Literal["running", "ended"]
    outcome: Outcome
    reason: str
    result: dict[str, Any] | None
    started_by: str
    started_at: datetime
    ends_at: datetime
    ended_by: str
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Place:
    """A conversation that is not settled yet."""

    id: int
    conversation_id: str
    side: Side
    at: datetime


def start(session: Session, **values: Any) -> Trial:
    """Begin a trial after the newest turn. Raises Conflict when one of the scripts is in a running one."""
    newest = session.scalar(select(func.max(TurnRow.id))) or 0
    row = TrialRow(
        **values, position=newest, state="running", outcome="", reason="", result=None, ended_by="",
        ended_at=None, started_at=datetime.now(UTC),
    )  # fmt: skip
    session.add(row)
    session.flush()
    try:
        for script in (row.script_a, row.script_b):
            session.add(TrialScriptRow(script_id=script, trial_id=row.id))
        session.flush()
    except IntegrityError as error:
        raise Conflict("这两条里有一条已经在另一个试验里，先等它结束") from error
    return _trial(row)


def find(session: Session, number: int) -> Trial | None:
    """The trial with this number, None when there is none."""
    row = session.get(TrialRow, number)
    return None if row is None else _trial(row)


def lock(session: Session, number: int, *, wait: bool) -> Trial | None:
    """A running trial, locked until the transaction ends; None when it ended, or somebody has it and we do not wait."""
    row = session.scalar(
        select(TrialRow)
        .where(TrialRow.id == number, TrialRow.state == "running")
        .with_for_update(skip_locked=not wait)
    )
    return None if row is None else _trial(row)


def running(session: Session) -> list[Trial]:
    """The trials that are not over, oldest first."""
    rows = session.scalars(select(TrialRow).where(TrialRow.state == "running").order_by(TrialRow.id))
    return [_trial(row) for row in rows]


def latest(session: Session, limit: int) -> list[Trial]:
    """The newest trials, those that run first."""
    rows = session.scalars(select(TrialRow).order_by(TrialRow.state.desc(), TrialRow.id.desc()).limit(limit))
    return [_trial(row) for row in rows]


def move(session: Session, number: int, position: int) -> None:
    """Remember how far the turns have been looked through."""
    session.execute(update(TrialRow).where(TrialRow.id == number).values(position=position))


def add_place(
    session: Session, number: int, place: str, conversation_id: str, side: Side, at: datetime
) -> None:
    """A conversation came into a trial; once."""
    insert: Any = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    session.execute(
        insert(TrialPlaceRow)
        .values(
            trial_id=number, place=place, conversation_id=conversation_id, side=side, at=at, kind=None, value=None
        )
        .on_conflict_do_nothing(index_elements=["trial_id", "place"])
    )  # fmt: skip


def unsettled(session: Session, number: int, before: datetime, limit: int) -> list[Place]:
    """Conversations that came in before a moment and are not settled yet, in order."""
    rows = session.scalars(
        select(TrialPlaceRow)
        .where(TrialPlaceRow.trial_id == number, TrialPlaceRow.kind.is_(None), TrialPlaceRow.at < before)
        .order_by(TrialPlaceRow.id)
        .limit(limit)
    )
    return [Place(row.id, row.conversation_id or "", row.side, row.at) for row in rows]


def told(session: Session, script_id: str, conversations: Iterable[str]) -> list[tuple[str, str, datetime]]:
    """What agents did with a script in these conversations: conversation, kind, when."""
    rows = session.execute(
        select(FeedbackRow.conversation_id, FeedbackRow.kind, FeedbackRow.at).where(
            FeedbackRow.script_id == script_id, FeedbackRow.conversation_id.in_(list(conversations))
        )
    )
    return [(str(place), str(kind), at) for place, kind, at in rows]


def settle(session: Session, place: int, kind: Kind, value: int) -> None:
    """How a conversation went; from now on nothing says which one it was."""
    session.execute(
        update(TrialPlaceRow)
        .where(TrialPlaceRow.id == place)
        .values(kind=kind, value=value, conversation_id=None)
    )


def values(session: Session, number: int) -> dict[Side, list[int]]:
    """How the conversations went, per cent, in the order they came in, up to the first that is not settled yet: so what was
    once seen in its place stays there.
    """
    found: dict[Side, list[int]] = {"a": [], "b": []}
    rows = session.execute(
        select(TrialPlaceRow.side, TrialPlaceRow.value)
        .where(TrialPlaceRow.trial_id == number)
        .order_by(TrialPlaceRow.id)
    )
    for side, value in rows:
        if value is None:
            break
        found[side].append(value)
    return found


def counts(session: Session, numbers: Iterable[int]) -> dict[int, dict[tuple[Side, str], int]]:
    """Of each trial how many conversations of a side went how; "" those not settled yet."""
    found: dict[int, dict[tuple[Side, str], int]] = {}
    kind = func.coalesce(TrialPlaceRow.kind, "")
    rows = session.execute(
        select(TrialPlaceRow.trial_id, TrialPlaceRow.side, kind, func.count())
        .where(TrialPlaceRow.trial_id.in_(list(numbers)))
        .group_by(TrialPlaceRow.trial_id, TrialPlaceRow.side, kind)
    )
    for number, side, what, count in rows:
        found.setdefault(number, {})[side, what] = count
    return found


def end(
    session: Session, number: int, *, outcome: Outcome, reason: str, result: dict[str, Any] | None, who: str
) -> bool:
    """End a running trial, once; whether it ran. Conversations that are not settled are forgotten."""
    ended = session.execute(
        update(TrialRow)
        .where(TrialRow.id == number, TrialRow.state == "running")
        .values(
            state="ended", outcome=outcome, reason=reason, result=result, ended_by=who, ended_at=datetime.now(UTC)
        )
        .returning(TrialRow.id)
    ).one_or_none()  # fmt: skip
    if ended is None:
        return False
    session.execute(delete(TrialScriptRow).where(TrialScriptRow.trial_id == number))
    session.execute(
        delete(TrialPlaceRow).where(TrialPlaceRow.trial_id == number, TrialPlaceRow.kind.is_(None))
    )
    return True


def _trial(row: TrialRow) -> Trial:
    return Trial(**{name: getattr(row, name) for name in Trial.__slots__})
