"""Everything stored about a customer, wherever it lies: found by the columns that tables share.

Every table that names a conversation in `conversation_id` belongs to it, and those that name a case in `case_id` to the
case; so what a new table keeps is exported and erased without this module knowing of it.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, delete, func, or_, select, update
from sqlalchemy.orm import Session

from app.store.schema import tables
from app.store.tables import ConversationRow, FeedbackRow
from app.store.tables_cases import CaseRow, VipCallRow, VipRow

_BLOBS: Final = "attachments"


def conversations_of(session: Session, customer: str, limit: int) -> list[str]:
    """Up to `limit` conversations with this name, number or id, and of the cases with this customer or order number."""
    named = select(ConversationRow.id).where(
        or_(ConversationRow.id == customer, ConversationRow.label == customer)
    )
    cased = select(CaseRow.conversation_id).where(
        or_(CaseRow.customer == customer, CaseRow.order_number == customer),
        CaseRow.conversation_id.is_not(None),
    )
    found = session.scalars(named.union(cased).limit(limit)).all()
    return sorted(str(one) for one in found)


def hold(session: Session, conversations: Sequence[str]) -> None:
    """Have whoever writes to these conversations, or opens a case of one, wait until the transaction ends."""
    wanted = (
        select(ConversationRow.id).where(ConversationRow.id.in_(conversations)).order_by(ConversationRow.id)
    )
    session.execute(wanted.with_for_update())


def cases_of(
    session: Session, customer: str | None, conversations: Sequence[str], *, held: bool = False
) -> list[CaseRow]:
    """Their cases: by name or order number, or opened from one of the conversations. held: nobody else changes them."""
    mine: ColumnElement[bool] = CaseRow.conversation_id.in_(conversations)
    if customer is not None:
        mine = or_(mine, CaseRow.customer == customer, CaseRow.order_number == customer)
    wanted = select(CaseRow).where(mine).order_by(CaseRow.id)
    return list(session.scalars(wanted.with_for_update() if held else wanted))


def rows(
    session: Session, customer: str | None, conversations: Sequence[str], cases: Sequence[int]
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Table by table what is stored, JSON-ready; of photos everything but the picture."""
    for table in tables.Base.metadata.sorted_tables:
        condition = _about(table, customer, conversations, cases)
        if condition is None:
            continue
        columns = [
            column
            for column in table.columns
            if table.name != _BLOBS or not _is_blob(column.type.python_type)
        ]
        found = session.execute(select(*columns).where(condition)).mappings()
        listed = [{name: _plain(value) for name, value in row.items()} for row in found]
        if listed:
            yield table.name, listed


def photos(session: Session, cases: Sequence[int]) -> Iterator[tuple[int, str, bytes]]:
    """The pictures of these cases: number, name, bytes."""
    table = tables.Base.metadata.tables[_BLOBS]
    columns = (table.c.id, table.c.name, table.c.data)
    for number in session.scalars(
        select(table.c.id).where(table.c.case_id.in_(cases)).order_by(table.c.id)
    ).all():
        row = session.execute(select(*columns).where(table.c.id == number)).one()
        yield row.id, row.name, row.data


def erase(
    session: Session, customer: str | None, conversations: Sequence[str], cases: Sequence[int]
) -> dict[str, int]:
    """Delete it all; returns how many rows of each table. Feedback stays as a count without words."""
    gone: dict[str, int] = {}
    session.execute(
        update(FeedbackRow)
        .where(FeedbackRow.conversation_id.in_(conversations))
        .values(sent_text=None, diff=[], conversation_id=None, turn_id=None)
    )
    for table in reversed(tables.Base.metadata.sorted_tables):
        condition = _about(table, customer, conversations, cases)
        if condition is None or table.name == FeedbackRow.__tablename__:
            continue
        count = session.connection().execute(delete(table).where(condition)).rowcount
        if count:
            gone[table.name] = count
    return gone


def old(session: Session, before: datetime, limit: int) -> list[str]:
    """Conversations untouched since `before` without an open case, oldest first, held; not those somebody writes to."""
    held = select(CaseRow.open_for).where(CaseRow.open_for.is_not(None))
    found = (
        select(ConversationRow.id)
        .where(ConversationRow.updated_at < before, ConversationRow.id.not_in(held))
        .order_by(ConversationRow.updated_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(session.scalars(found))


def newest(session: Session) -> datetime | None:
    """When a conversation was last touched."""
    return session.scalar(select(func.max(ConversationRow.updated_at)))


def _about(
    table: Table, customer: str | None, conversations: Sequence[str], cases: Sequence[int]
) -> ColumnElement[bool] | None:
    if table.name == ConversationRow.__tablename__:
        return table.c.id.in_(conversations)
    if table.name == CaseRow.__tablename__:
        return table.c.id.in_(cases)
    if table.name == VipRow.__tablename__:
        return table.c.customer == customer
    if table.name == VipCallRow.__tablename__:
        return table.c.vip_id.in_(select(VipRow.id).where(VipRow.customer == customer))
    if "conversation_id" in table.c:
        return table.c.conversation_id.in_(conversations)
    if "case_id" in table.c:
        return table.c.case_id.in_(cases)
    return None


def _is_blob(kind: type) -> bool:
    return issubclass(kind, bytes)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return (value.replace(tzinfo=UTC) if value.tzinfo is None else value).isoformat()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value
