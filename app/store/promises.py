"""Promises: what agents have committed the shop to, by when, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from app.store.tables import ConversationRow
from app.store.tables_cases import CaseRow
from app.store.tables_channels import ChannelConversationRow
from app.store.tables_promises import PromiseRow

Outcome = Literal["kept", "broken"]
Filter = Literal["todo", "open", "due", "overdue", "broken", "kept"]


@dataclass(frozen=True, slots=True)
class NewPromise:
    """A promise to be stored. term: {"unit", "count", "sure"} of a length that runs from an event still to come."""

    kind: str
    what: str
    text: str
    start: int
    end: int
    by: str | None
    amount: float | None
    condition: str | None
    term: dict[str, Any] | None
    due_at: datetime | None
    sure: bool


@dataclass(frozen=True, slots=True)
class Promise:
    """case_id: the open case of its conversation."""

    id: int
    conversation_id: str
    customer: str
    shop: str
    turn_id: int
    agent: str
    kind: str
    what: str
    text: str
    by: str | None
    amount: float | None
    condition: str | None
    term: dict[str, Any] | None
    made_at: datetime
    due_at: datetime | None
    first_due_at: datetime | None
    sure: bool
    outcome: Outcome | None
    decided_at: datetime | None
    decided_by: str
    reason: str
    proposed: bool
    replaced: bool
    case_id: int | None = None


def add(
    session: Session,
    conversation_id: str,
    turn_id: int,
    agent: str,
    made_at: datetime,
    found: Sequence[NewPromise],
) -> None:
    """Store the promises of a turn. Earlier ones of the same kind that have not passed are replaced by them."""
    for ordinal, new in enumerate(found):
        row = _row(new)
        row.conversation_id, row.turn_id, row.ordinal = conversation_id, turn_id, ordinal
        row.agent, row.made_at = agent, made_at
        session.add(row)
        session.flush()
        session.execute(
            update(PromiseRow)
            .where(
                PromiseRow.conversation_id == conversation_id,
                PromiseRow.kind == new.kind,
                PromiseRow.what == row.what,
                PromiseRow.turn_id != turn_id,
                _unsettled(),
                or_(PromiseRow.due_at.is_(None), PromiseRow.due_at >= made_at),
            )
            .values(replaced_by=row.id)
        )


def _row(new: NewPromise) -> PromiseRow:
    return PromiseRow(
        kind=new.kind,
        what=new.what[:60],
        text=new.text,
        start=new.start,
        end=new.end,
        by=new.by[:60] if new.by else None,
        amount=new.amount,
        condition=new.condition[:100] if new.condition else None,
        term=new.term,
        due_at=new.due_at,
        first_due_at=None,
        sure=new.sure,
        outcome=None,
        decided_at=None,
        decided_by="",
        reason="",
        proposed_turn_id=None,
        replaced_by=None,
        withdrawn_at=None,
    )


def propose_kept(
    session: Session,
    conversation_id: str,
    turn_id: int,
    kinds: Iterable[str],
    made_before: datetime | None = None,
) -> None:
    """Note that a turn seems to keep the open promises of these kinds; made_before: only older ones."""
    wanted = [
        PromiseRow.conversation_id == conversation_id,
        PromiseRow.kind.in_(list(kinds)),
        PromiseRow.turn_id != turn_id,
        PromiseRow.proposed_turn_id.is_(None),
        _unsettled(),
    ]
    if made_before is not None:
        wanted.append(PromiseRow.made_at <= made_before)
    session.execute(update(PromiseRow).where(*wanted).values(proposed_turn_id=turn_id))


def withdraw(session: Session, turn_ids: Sequence[int]) -> None:
    """Undo what these turns promised, replaced and seemed to keep."""
    taken_back = select(PromiseRow.id).where(PromiseRow.turn_id.in_(turn_ids))
    session.execute(
        update(PromiseRow)
        .where(PromiseRow.replaced_by.in_(taken_back))
        .values(replaced_by=None)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(PromiseRow)
        .where(PromiseRow.turn_id.in_(turn_ids), PromiseRow.withdrawn_at.is_(None))
        .values(withdrawn_at=datetime.now(UTC))
    )
    session.execute(
        update(PromiseRow).where(PromiseRow.proposed_turn_id.in_(turn_ids)).values(proposed_turn_id=None)
    )


def find(session: Session, promise_id: int, *, for_change: bool = False) -> Promise | None:
    """One promise; for_change: held until the transaction ends."""
    wanted = _with_conversation().where(PromiseRow.id == promise_id, PromiseRow.withdrawn_at.is_(None))
    if for_change:
        wanted = wanted.with_for_update(of=PromiseRow)
    row = session.execute(wanted).one_or_none()
    return None if row is None else _promise(*row)


def change(session: Session, promise_id: int, **values: Any) -> None:
    """Set these columns of a promise; nothing when it is gone."""
    session.execute(update(PromiseRow).where(PromiseRow.id == promise_id).values(**values))


def listing(
    session: Session,
    status: Filter | None,
    now: datetime,
    day_end: datetime,
    *,
    agents: Sequence[str] | None = None,
    conversation_id: str | None = None,
    customer: str | None = None,
    shops: Sequence[str] | None = None,
    limit: int = 100,
) -> list[Promise]:
    """Promises, the ones due first on top; settled ones latest first. day_end: when today ends.

    agents: only theirs. customer: the conversation's label.
    """
    wanted = _with_conversation().where(PromiseRow.withdrawn_at.is_(None))
    if status is not None:
        wanted = wanted.where(_status(status, now, day_end))
    if agents is not None:
        wanted = wanted.where(PromiseRow.agent.in_(list(agents)))
    if conversation_id is not None:
        wanted = wanted.where(PromiseRow.conversation_id == conversation_id)
    if customer is not None:
        wanted = wanted.where(ConversationRow.label == customer)
    if shops is not None:
        wanted = wanted.where(ConversationRow.shop.in_(list(shops)))
    if status in ("kept", "broken"):
        wanted = wanted.order_by(PromiseRow.due_at.desc().nulls_last(), PromiseRow.id.desc())
    else:
        wanted = wanted.order_by(PromiseRow.due_at.asc().nulls_last(), PromiseRow.id)
    return [_promise(*row) for row in session.execute(wanted.limit(limit))]


def of_conversations(session: Session, conversation_ids: Sequence[str]) -> dict[str, list[Promise]]:
    """The unsettled promises of several conversations, earliest due first."""
    wanted = _with_conversation().where(PromiseRow.conversation_id.in_(list(conversation_ids)), _unsettled())
    found: dict[str, list[Promise]] = {}
    for row in session.execute(wanted.order_by(PromiseRow.due_at.asc().nulls_last(), PromiseRow.id)):
        found.setdefault(row[0].conversation_id, []).append(_promise(*row))
    return found


def coming(
    session: Session, since: datetime, until: datetime, channels: Sequence[int], limit: int = 1000
) -> list[Promise]:
    """Unsettled promises due from `since` to `until` in conversations of these channels, the latest first."""
    theirs = select(ChannelConversationRow.conversation_id).where(
        ChannelConversationRow.channel_id.in_(list(channels))
    )
    wanted = _with_conversation().where(
        _unsettled(),
        PromiseRow.due_at >= since,
        PromiseRow.due_at <= until,
        PromiseRow.conversation_id.in_(theirs),
    )
    return [_promise(*row) for row in session.execute(wanted.order_by(PromiseRow.due_at.desc()).limit(limit))]


def _with_conversation() -> Any:
    return (
        select(PromiseRow, ConversationRow.label, ConversationRow.shop, CaseRow.id)
        .join(ConversationRow, ConversationRow.id == PromiseRow.conversation_id)
        .outerjoin(CaseRow, CaseRow.open_for == PromiseRow.conversation_id)
    )


def _unsettled() -> ColumnElement[bool]:
    return and_(
        PromiseRow.outcome.is_(None), PromiseRow.replaced_by.is_(None), PromiseRow.withdrawn_at.is_(None)
    )


def _status(status: Filter, now: datetime, day_end: datetime) -> ColumnElement[bool]:
    passed = and_(_unsettled(), PromiseRow.due_at < now)
    conditions: dict[Filter, ColumnElement[bool]] = {
        "todo": _unsettled(),
        "open": and_(_unsettled(), or_(PromiseRow.due_at.is_(None), PromiseRow.due_at >= now)),
        "due": and_(_unsettled(), PromiseRow.due_at >= now, PromiseRow.due_at < day_end),
        "overdue": passed,
        "broken": or_(passed, PromiseRow.outcome == "broken"),
        "kept": PromiseRow.outcome == "kept",
    }
    return conditions[status]


def _promise(row: PromiseRow, customer: str, shop: str, case_id: int | None) -> Promise:
    return Promise(
        id=row.id,
        conversation_id=row.conversation_id,
        customer=customer,
        shop=shop,
        turn_id=row.turn_id,
        agent=row.agent,
        kind=row.kind,
        what=row.what,
        text=row.text,
        by=row.by,
        amount=row.amount,
        condition=row.condition,
        term=row.term,
        made_at=row.made_at,
        due_at=row.due_at,
        first_due_at=row.first_due_at,
        sure=row.sure,
        outcome=row.outcome,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        reason=row.reason,
        proposed=row.proposed_turn_id is not None,
        replaced=row.replaced_by is not None,
        case_id=case_id,
    )
