"""Messages to be taught: collected from stored answers and feedback, decided on by trainers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.store.tables import FeedbackRow, TurnRow
from app.store.tables_learning import LessonMarkRow, LessonRow

Reason = Literal["unsure", "refused", "corrected"]
Source = Literal["turns", "feedback"]
WAITING: Final = "waiting"


@dataclass(frozen=True, slots=True)
class Heard:
    """A customer's turn and what was first answered to it."""

    id: int
    conversation_id: str
    text: str
    at: datetime
    answer: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Corrected:
    """An agent said what a turn means. id: of the feedback; intent: what the agent said."""

    id: int
    at: datetime
    intent: str
    turn: Heard


@dataclass(frozen=True, slots=True)
class Lesson:
    """A message to be taught, masked. guesses: intents the engine thought of with their scores, best first; intent:
    what the agent or trainer says, empty when nobody has.
    """

    id: int
    conversation_id: str
    turn_id: int
    text: str
    reason: Reason
    guesses: list[tuple[str, float]]
    intent: str
    at: datetime


def lock_mark(session: Session, source: Source) -> int | None:
    """How far a source has been looked through, locked until the transaction ends; None while somebody else has it."""
    row = session.scalar(
        select(LessonMarkRow).where(LessonMarkRow.name == source).with_for_update(skip_locked=True)
    )
    if row is not None:
        return row.position
    session.execute(_insert(session)(LessonMarkRow).values(name=source, position=0).on_conflict_do_nothing())
    return 0 if session.get(LessonMarkRow, source) is not None else None


def set_mark(session: Session, source: Source, position: int) -> None:
    """Up to which row of a source everything has been collected."""
    session.execute(update(LessonMarkRow).where(LessonMarkRow.name == source).values(position=position))


def turns_after(session: Session, position: int, limit: int) -> list[tuple[int, datetime, Heard | None]]:
    """The turns after a number, in order: number, when stored, and for an answered customer's turn what was said."""
    rows = session.execute(
        select(
            TurnRow.id, TurnRow.stored_at, TurnRow.role, TurnRow.undone_at, TurnRow.conversation_id,
            TurnRow.text, TurnRow.answer,
        )
        .where(TurnRow.id > position)
        .order_by(TurnRow.id)
        .limit(limit)
    )  # fmt: skip
    found = []
    for number, at, role, undone, place, text, answer in rows:
        counts = role == "customer" and undone is None and answer is not None
        found.append((number, at, Heard(number, place, text, at, answer) if counts else None))
    return found


def corrections_after(session: Session, position: int, limit: int) -> list[Corrected]:
    """Feedback after a number that says what a customer's turn means, in order."""
    rows = session.execute(
        select(FeedbackRow.id, FeedbackRow.at, FeedbackRow.right_intent, TurnRow)
        .join(TurnRow, TurnRow.id == FeedbackRow.turn_id)
        .where(
            FeedbackRow.id > position,
            FeedbackRow.right_intent.is_not(None),
            TurnRow.role == "customer",
            TurnRow.undone_at.is_(None),
        )
        .order_by(FeedbackRow.id)
        .limit(limit)
    )
    return [
        Corrected(
            number, at, intent or "",
            Heard(turn.id, turn.conversation_id, turn.text, turn.stored_at, turn.answer or {}),
        )
        for number, at, intent, turn in rows
    ]  # fmt: skip


def add(session: Session, turn: Heard, *, text: str, reason: Reason, guesses: Any, intent: str) -> None:
    """Queue a turn once. A correction also changes one that still waits; what is decided stays decided."""
    statement = _insert(session)(LessonRow).values(
        conversation_id=turn.conversation_id, turn_id=turn.id, text=text, reason=reason, guesses=guesses,
        intent=intent, at=turn.at, state=WAITING, who="", decided_at=None,
    )  # fmt: skip
    if reason == "corrected":
        statement = statement.on_conflict_do_update(
            index_elements=["turn_id"],
            set_={"reason": reason, "intent": intent},
            where=LessonRow.state == WAITING,
        )
    else:
        statement = statement.on_conflict_do_nothing(index_elements=["turn_id"])
    session.execute(statement)


def waiting(session: Session, limit: int) -> list[Lesson]:
    """What waits for a trainer, newest first."""
    query = select(LessonRow).where(LessonRow.state == WAITING).order_by(LessonRow.id.desc()).limit(limit)
    return [_lesson(row) for row in session.scalars(query)]


def since(session: Session, moment: datetime, limit: int) -> list[Lesson]:
    """What came in since a moment, decided on or not, newest first."""
    query = select(LessonRow).where(LessonRow.at >= moment).order_by(LessonRow.id.desc()).limit(limit)
    return [_lesson(row) for row in session.scalars(query)]


def still_waiting(session: Session, numbers: Sequence[int]) -> list[Lesson]:
    """Those of these lessons that nobody has decided on, in order."""
    query = (
        select(LessonRow).where(LessonRow.id.in_(numbers), LessonRow.state == WAITING).order_by(LessonRow.id)
    )
    return [_lesson(row) for row in session.scalars(query)]


def count_waiting(session: Session) -> int:
    """How many messages wait to be taught or dismissed."""
    return session.scalar(select(func.count()).where(LessonRow.state == WAITING)) or 0


def decide(
    session: Session, numbers: Sequence[int], *, state: Literal["taught", "dismissed"], intent: str, who: str
) -> list[Lesson]:
    """Settle lessons that still wait; returns those that did."""
    rows = session.scalars(
        select(LessonRow)
        .where(LessonRow.id.in_(numbers), LessonRow.state == WAITING)
        .order_by(LessonRow.id)
        .with_for_update()
    ).all()
    for row in rows:
        row.state, row.who, row.decided_at = state, who, datetime.now(UTC)
        row.intent = intent or row.intent
    session.flush()
    return [_lesson(row) for row in rows]


def reopen(session: Session, numbers: Iterable[int]) -> int:
    """Put decided lessons back; returns how many."""
    rows = session.scalars(
        update(LessonRow)
        .where(LessonRow.id.in_(list(numbers)), LessonRow.state != WAITING)
        .values(state=WAITING, who="", decided_at=None)
        .returning(LessonRow.id)
    )
    return len(rows.all())


def _insert(session: Session) -> Any:
    return sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert


def _lesson(row: LessonRow) -> Lesson:
    return Lesson(
        row.id, row.conversation_id, row.turn_id, row.text, row.reason,
        [(str(name), float(score)) for name, score in row.guesses], row.intent, row.at,
    )  # fmt: skip
