"""Where conversations stand, as one line each, and the clocks that events have set going in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Float, case, cast, func, literal, select, union_all, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.store.tables import ConversationRow, TurnRow
from app.store.tables_promises import ClockRow, DeskRow, PromiseRow
from app.types import Role

MOST_LATE: Final = 24 * 3600.0
"""Seconds; what is later presses no more than this, so that yesterday's leftovers do not hide what burns now."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a message's analysis says of its conversation. weight: how much it presses, 1 to 12."""

    stage: str
    emotion: int
    trend: str
    risks: tuple[str, ...]
    weight: int


@dataclass(frozen=True, slots=True)
class StartedClock:
    """A clock that an event set going. sure: the time is exact, not reckoned into a year without published holidays."""

    conversation_id: str
    clock: str
    since: datetime
    due_at: datetime
    sure: bool
    who: str


@dataclass(frozen=True, slots=True)
class Line:
    """One conversation on the desk. reply_due_at: until when the customer is to be answered; due_at: the first of all
    its times.
    """

    conversation_id: str
    customer: str
    shop: str
    channel: str
    agent: str
    answered: bool
    waiting_since: datetime | None
    reply_due_at: datetime | None
    due_at: datetime | None
    last_role: Role
    last_text: str
    last_at: datetime
    stage: str
    emotion: int
    trend: str
    risks: tuple[str, ...]
    weight: int


def note_turn(
    session: Session,
    conversation_id: str,
    turn_id: int,
    *,
    agent: str | None,
    answered: bool,
    waiting_since: datetime | None,
    due_at: datetime | None,
) -> None:
    """The conversation's last turn and what waits since then; agent: who answered, None leaves it."""
    values: dict[str, Any] = {
        "answered": answered,
        "waiting_since": waiting_since,
        "due_at": due_at,
        "last_turn_id": turn_id,
    }
    if agent is not None:
        values["agent"] = agent
    fresh = {"conversation_id": conversation_id, "agent": "", "stage": "", "emotion": 0, "trend": "flat", "risks": [], "weight": 1}  # fmt: skip
    insert = (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert(DeskRow)
    session.execute(
        insert.values({**fresh, **values}).on_conflict_do_update(
            index_elements=["conversation_id"], set_=values
        )
    )


def reply_due(session: Session, conversation_ids: Sequence[str]) -> dict[str, datetime]:
    """Until when the customers of these conversations are to be answered; none for those who do not wait."""
    wanted = select(DeskRow.conversation_id, DeskRow.due_at)
    rows = session.execute(wanted.where(DeskRow.conversation_id.in_(list(conversation_ids))))
    return {conversation_id: due_at for conversation_id, due_at in rows if due_at is not None}


def hold(session: Session, conversation_id: str, agent: str) -> None:
    """The conversation is this person's, unless it is somebody's already."""
    session.execute(
        update(DeskRow)
        .where(DeskRow.conversation_id == conversation_id, DeskRow.agent == "")
        .values(agent=agent)
    )


def waiting(session: Session, conversation_id: str) -> tuple[bool, datetime | None, datetime | None]:
    """Whether anybody has ever answered, since when the customer waits, and until when."""
    wanted = select(DeskRow.answered, DeskRow.waiting_since, DeskRow.due_at)
    row = session.execute(wanted.where(DeskRow.conversation_id == conversation_id)).one_or_none()
    return (False, None, None) if row is None else (row.answered, row.waiting_since, row.due_at)


def note_standing(session: Session, conversation_id: str, standing: Standing) -> None:
    """Keep what the desk shows of a conversation beside it."""
    session.execute(
        update(DeskRow)
        .where(DeskRow.conversation_id == conversation_id)
        .values(
            stage=standing.stage,
            emotion=standing.emotion,
            trend=standing.trend,
            risks=list(standing.risks),
            weight=standing.weight,
        )
    )


def note_risks(session: Session, conversation_id: str, risks: Sequence[str], weight: int) -> None:
    """risks: those not dealt with; weight: how much the conversation presses now, 1 to 12."""
    session.execute(
        update(DeskRow)
        .where(DeskRow.conversation_id == conversation_id)
        .values(risks=list(risks), weight=weight)
    )


def risks_of(session: Session, conversation_id: str) -> tuple[tuple[str, ...], int]:
    """The open risks of a conversation and its emotion."""
    wanted = select(DeskRow.risks, DeskRow.emotion).where(DeskRow.conversation_id == conversation_id)
    row = session.execute(wanted).one_or_none()
    return ((), 0) if row is None else (tuple(row.risks), row.emotion)


def start_clock(session: Session, clock: StartedClock, *, again: bool) -> None:
    """Set a clock going; again: also when it has been going before."""
    row = session.get(ClockRow, (clock.conversation_id, clock.clock))
    if row is None:
        row = ClockRow(conversation_id=clock.conversation_id, clock=clock.clock)
        session.add(row)
    elif not again:
        return
    row.since, row.due_at, row.sure, row.who, row.stopped_at = (
        clock.since, clock.due_at, clock.sure, clock.who, None,
    )  # fmt: skip
    session.flush()


def stop_clock(session: Session, conversation_id: str, clock: str) -> bool:
    """False when it was not going."""
    row = session.get(ClockRow, (conversation_id, clock))
    if row is None or row.stopped_at is not None:
        return False
    row.stopped_at = datetime.now(UTC)
    return True


def clocks(session: Session, conversation_ids: Sequence[str]) -> list[StartedClock]:
    """The clocks going in these conversations, the first to run out first."""
    rows = session.scalars(
        select(ClockRow)
        .where(ClockRow.conversation_id.in_(list(conversation_ids)), ClockRow.stopped_at.is_(None))
        .order_by(ClockRow.due_at)
    )
    return [
        StartedClock(row.conversation_id, row.clock, row.since, row.due_at, row.sure, row.who) for row in rows
    ]


def board(
    session: Session,
    now: datetime,
    *,
    agents: Sequence[str] | None = None,
    shops: Sequence[str] | None = None,
    limit: int = 100,
) -> list[Line]:
    """The open conversations, the most urgent first (docs/desk.md says how). agents: theirs ('' for nobody's) only."""
    others = _other_times()
    due = case(
        (DeskRow.due_at.is_(None), others.c.due_at),
        (others.c.due_at.is_(None), DeskRow.due_at),
        (DeskRow.due_at <= others.c.due_at, DeskRow.due_at),
        else_=others.c.due_at,
    )
    none, urgency = _pressing(_left(session, due, now))
    ranked = (
        select(DeskRow.conversation_id, due.label("due_at"), none.label("none"), urgency.label("urgency"))
        .join(ConversationRow, ConversationRow.id == DeskRow.conversation_id)
        .outerjoin(others, others.c.conversation_id == DeskRow.conversation_id)
        .where(ConversationRow.closed_at.is_(None))
        .order_by(none, urgency, DeskRow.weight.desc(), DeskRow.conversation_id)
        .limit(limit)
    )
    if agents is not None:
        ranked = ranked.where(DeskRow.agent.in_(list(agents)))
    if shops is not None:
        ranked = ranked.where(ConversationRow.shop.in_(list(shops)))
    first = ranked.subquery()
    wanted = (
        select(
            ConversationRow, DeskRow, TurnRow.role, TurnRow.text, TurnRow.stored_at, first.c.due_at
        )
        .join(first, first.c.conversation_id == ConversationRow.id)
        .join(DeskRow, DeskRow.conversation_id == ConversationRow.id)
        .join(TurnRow, TurnRow.id == DeskRow.last_turn_id)
        .order_by(first.c.none, first.c.urgency, DeskRow.weight.desc(), ConversationRow.id)
    )  # fmt: skip
    return [_line(*row) for row in session.execute(wanted)]


def _other_times() -> Any:
    """The first time of each conversation besides the reply: of clocks set going and of unsettled promises."""
    times = union_all(
        select(ClockRow.conversation_id, ClockRow.due_at).where(ClockRow.stopped_at.is_(None)),
        select(PromiseRow.conversation_id, PromiseRow.due_at).where(
            PromiseRow.outcome.is_(None),
            PromiseRow.replaced_by.is_(None),
            PromiseRow.withdrawn_at.is_(None),
            PromiseRow.due_at.is_not(None),
        ),
    ).subquery()
    return (
        select(times.c.conversation_id, func.min(times.c.due_at).label("due_at"))
        .group_by(times.c.conversation_id)
        .subquery()
    )


def _left(session: Session, due: ColumnElement[Any], now: datetime) -> ColumnElement[float]:
    """The seconds left until `due`."""
    if session.get_bind().dialect.name == "sqlite":
        today = func.julianday(literal(now.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:23]))
        return (func.julianday(due) - today) * 86400.0
    return cast(func.extract("epoch", due), Float) - now.timestamp()


def _pressing(left: ColumnElement[float]) -> tuple[ColumnElement[int], ColumnElement[float]]:
    """What lines are ordered by: time left shrinks with the weight, being late grows with it; without a time comes last."""
    late = case((left < -MOST_LATE, -MOST_LATE), else_=left)
    urgency = case((left >= 0, left / DeskRow.weight), else_=late * DeskRow.weight)
    return case((left.is_(None), 1), else_=0), urgency


def _line(
    conversation: ConversationRow, row: DeskRow, role: Role, text: str, at: datetime, due_at: datetime | None
) -> Line:
    return Line(
        conversation_id=conversation.id,
        customer=conversation.label,
        shop=conversation.shop,
        channel=conversation.channel,
        agent=row.agent,
        answered=row.answered,
        waiting_since=row.waiting_since,
        reply_due_at=row.due_at,
        due_at=due_at,
        last_role=role,
        last_text=text,
        last_at=at,
        stage=row.stage,
        emotion=row.emotion,
        trend=row.trend,
        risks=tuple(row.risks),
        weight=row.weight,
    )
