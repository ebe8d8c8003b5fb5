"""Conversations with their turns and the marks on their risks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal

from sqlalchemy import and_, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.store.tables import ConversationRow, RiskMarkRow, TurnRow
from app.store.upsert import unless_there
from app.types import Role

Mark = Literal["dealt_with", "false_alarm"]
_MOST_WORDS: Final = 5


@dataclass(frozen=True, slots=True)
class Told:
    """A value an agent gave: what, who, when."""

    value: str | int
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class Given:
    """What agents know of a conversation besides its turns."""

    facts: Mapping[str, Told] = field(default_factory=dict)
    slots: Mapping[str, Told] = field(default_factory=dict)

    def fact_values(self) -> dict[str, str | int]:
        """The facts without who told them and when."""
        return {name: told.value for name, told in self.facts.items()}

    def slot_values(self) -> dict[str, str]:
        """The values without who told them and when."""
        return {name: str(told.value) for name, told in self.slots.items()}


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation without its turns. version grows with every change of its turns; started_by: who stored its first turn."""

    id: str
    shop: str
    channel: str
    label: str
    version: int
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    note: str = ""
    started_by: str = ""
    given: Given = field(default_factory=Given)


@dataclass(frozen=True, slots=True)
class NewTurn:
    """A turn to be stored. message_id: the sender's name for it; the same one is stored once."""

    role: Role
    text: str
    message_id: str
    sent_at: datetime | None = None
    attachments: tuple[dict[str, str], ...] = ()
    acts: tuple[str, ...] = ()
    script_id: str | None = None
    agent: str = ""
    release: int = 0


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """A turn as stored. position: its place in the conversation, in the order said; undone: it counts no more."""

    id: int
    position: int
    role: Role
    text: str
    message_id: str
    sent_at: datetime | None
    stored_at: datetime
    attachments: tuple[dict[str, str], ...]
    acts: tuple[str, ...]
    script_id: str | None
    agent: str
    undone: bool


@dataclass(frozen=True, slots=True)
class RiskMark:
    """What somebody decided of a risk. position: the last turn they had seen then; what comes later raises it again."""

    risk: str
    mark: Mark
    position: int
    who: str
    at: datetime


def find(session: Session, conversation_id: str) -> Conversation | None:
    """The conversation without its turns, None when it is unknown."""
    row = session.get(ConversationRow, conversation_id)
    return None if row is None else _conversation(row)


def those(session: Session, conversation_ids: list[str]) -> list[Conversation]:
    """The conversations of these ids, in any order."""
    rows = session.scalars(select(ConversationRow).where(ConversationRow.id.in_(conversation_ids)))
    return [_conversation(row) for row in rows]


def last_turns(session: Session, conversation_ids: list[str]) -> dict[str, StoredTurn]:
    """The newest turn that counts, by conversation."""
    newest = (
        select(func.max(TurnRow.id))
        .where(TurnRow.conversation_id.in_(conversation_ids), TurnRow.undone_at.is_(None))
        .group_by(TurnRow.conversation_id)
    )
    rows = session.scalars(select(TurnRow).where(TurnRow.id.in_(newest)))
    return {row.conversation_id: _turn(row) for row in rows}


def lock(
    session: Session,
    conversation_id: str,
    *,
    shop: str = "",
    channel: str = "",
    label: str = "",
    who: str = "",
) -> Conversation:
    """The conversation, made (by `who`) if unknown and held until the transaction ends; what is given and not empty is kept."""
    wanted = select(ConversationRow).where(ConversationRow.id == conversation_id).with_for_update()
    row = session.scalar(wanted)
    if row is None:
        _make(session, conversation_id, shop=shop, channel=channel, label=label, started_by=who)
        row = session.scalars(wanted).one()
    row.shop, row.channel, row.label = shop or row.shop, channel or row.channel, label or row.label
    return _conversation(row)


def hold(session: Session, conversation_id: str) -> bool:
    """Whether there is this conversation; then whoever else writes to it or erases it waits until the transaction ends."""
    wanted = select(ConversationRow.id).where(ConversationRow.id == conversation_id)
    return session.scalar(wanted.with_for_update()) is not None


def _make(session: Session, conversation_id: str, **given: str) -> None:
    """Unless somebody else is making it just now: then this waits for them."""
    now = datetime.now(UTC)
    values = {
        "id": conversation_id,
        "version": 0,
        "created_at": now,
        "updated_at": now,
        "given": {},
        "note": "",
        **given,
    }
    session.execute(unless_there(session, ConversationRow).values(values))


def give(
    session: Session,
    conversation_id: str,
    facts: Mapping[str, str | int | None],
    slots: Mapping[str, str | None],
    who: str,
) -> Conversation:
    """Keep what an agent knows of a locked conversation; None takes a value back, what isn't named stays."""
    row = session.get_one(ConversationRow, conversation_id)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    kept = {kind: dict(row.given.get(kind, {})) for kind in ("facts", "slots")}
    for kind, values in (("facts", facts), ("slots", slots)):
        for name, value in values.items():
            if value is None:
                kept[kind].pop(name, None)
            else:
                kept[kind][name] = {"value": value, "by": who, "at": at}
    row.given = kept
    row.updated_at = datetime.now(UTC)
    session.flush()
    return _conversation(row)


def find_conversations(
    session: Session, words: str, *, shop: str | None = None, limit: int = 50
) -> list[Conversation]:
    """The conversations changed last, newest first, whose name, number or turns hold all the words (split at spaces)."""
    wanted = select(ConversationRow)
    if shop is not None:
        wanted = wanted.where(ConversationRow.shop == shop)
    for word in words.split()[:_MOST_WORDS]:
        like = f"%{_escaped(word)}%"
        said = exists().where(
            and_(
                TurnRow.conversation_id == ConversationRow.id,
                TurnRow.undone_at.is_(None),
                TurnRow.text.ilike(like, escape="\\"),
            )
        )
        named = (ConversationRow.label, ConversationRow.id)
        wanted = wanted.where(or_(*(column.ilike(like, escape="\\") for column in named), said))
    rows = session.scalars(
        wanted.order_by(ConversationRow.updated_at.desc(), ConversationRow.id).limit(limit)
    )
    return [_conversation(row) for row in rows]


def agents_of(session: Session, conversation_ids: list[str]) -> dict[str, tuple[str, ...]]:
    """Who answered in these conversations, by conversation, in the order of their first answer."""
    rows = session.execute(
        select(TurnRow.conversation_id, TurnRow.agent)
        .where(
            TurnRow.conversation_id.in_(conversation_ids), TurnRow.undone_at.is_(None), TurnRow.agent != ""
        )
        .group_by(TurnRow.conversation_id, TurnRow.agent)
        .order_by(func.min(TurnRow.id))
    )
    found: dict[str, tuple[str, ...]] = {}
    for conversation_id, agent in rows:
        found[conversation_id] = (*found.get(conversation_id, ()), agent)
    return found


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def describe(
    session: Session, conversation_id: str, label: str | None, closed: bool | None, note: str | None = None
) -> Conversation:
    """Change what a conversation is called, its note, and whether it is closed; None leaves it. Raises NotFound."""
    row = session.get(ConversationRow, conversation_id, with_for_update=True)
    if row is None:
        raise unknown()
    if label is not None:
        row.label = label
    if note is not None:
        row.note = note
    if closed is not None:
        row.closed_at = (row.closed_at or datetime.now(UTC)) if closed else None
    return _conversation(row)


def add_turn(
    session: Session, conversation_id: str, new: NewTurn, *, before: int | None = None
) -> StoredTurn:
    """Append a turn to a locked conversation, which is open again then. Its message id must be new.

    before: put it at this position instead, and what stands there and later one further.
    """
    last = select(func.coalesce(func.max(TurnRow.position), 0)).where(
        TurnRow.conversation_id == conversation_id
    )
    if before is not None:
        _make_room(session, conversation_id, before)
    values = {
        "conversation_id": conversation_id,
        "position": last.scalar_subquery() + 1 if before is None else before,
        "role": new.role,
        "text": new.text,
        "message_id": new.message_id,
        "sent_at": new.sent_at,
        "stored_at": datetime.now(UTC),
        "attachments": list(new.attachments),
        "acts": list(new.acts),
        "script_id": new.script_id,
        "agent": new.agent,
        "release": new.release,
    }
    row = session.scalars(insert(TurnRow).values(values).returning(TurnRow)).one()
    _changed(session, conversation_id, closed_at=None)
    return _turn(row)


def _make_room(session: Session, conversation_id: str, position: int) -> None:
    """In two steps, since no two turns may have the same position even for a moment."""
    here = TurnRow.conversation_id == conversation_id
    session.execute(
        update(TurnRow)
        .where(here, TurnRow.position >= position)
        .values(position=-TurnRow.position - 1)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(TurnRow)
        .where(here, TurnRow.position < 0)
        .values(position=-TurnRow.position)
        .execution_options(synchronize_session=False)
    )


def find_message(session: Session, conversation_id: str, message_id: str) -> StoredTurn | None:
    """By the number the other system gave it; None when it has not come."""
    row = session.scalar(
        select(TurnRow).where(TurnRow.conversation_id == conversation_id, TurnRow.message_id == message_id)
    )
    return None if row is None else _turn(row)


def find_turn(session: Session, conversation_id: str, turn_id: int) -> StoredTurn | None:
    """None when the turn is not of this conversation."""
    row = session.scalar(
        select(TurnRow).where(TurnRow.conversation_id == conversation_id, TurnRow.id == turn_id)
    )
    return None if row is None else _turn(row)


def turns(
    session: Session, conversation_id: str, *, before: int | None = None, limit: int = 200
) -> list[StoredTurn]:
    """The last `limit` turns that count, oldest first; before: only those at earlier positions."""
    wanted = select(TurnRow).where(TurnRow.conversation_id == conversation_id, TurnRow.undone_at.is_(None))
    if before is not None:
        wanted = wanted.where(TurnRow.position < before)
    rows = session.scalars(wanted.order_by(TurnRow.position.desc()).limit(limit)).all()
    return [_turn(row) for row in reversed(rows)]


def undo(session: Session, conversation_id: str, turn_id: int) -> None:
    """Make a turn count for nothing."""
    session.execute(
        update(TurnRow)
        .where(TurnRow.id == turn_id, TurnRow.undone_at.is_(None))
        .values(undone_at=datetime.now(UTC))
    )
    _changed(session, conversation_id)


def recalled(session: Session, conversation_id: str, turn: StoredTurn) -> list[int]:
    """The turns of the same side that a recall takes back: those it names, else the one before."""
    named = [name for part in turn.attachments if (name := part.get("name"))]
    wanted = select(TurnRow.id).where(
        TurnRow.conversation_id == conversation_id,
        TurnRow.role == turn.role,
        TurnRow.position < turn.position,
        TurnRow.undone_at.is_(None),
    )
    if named:
        return list(session.scalars(wanted.where(TurnRow.message_id.in_(named))))
    return list(session.scalars(wanted.order_by(TurnRow.position.desc()).limit(1)))


def keep_answer(session: Session, turn_id: int, answer: dict[str, Any]) -> dict[str, Any] | None:
    """Store what is answered to a turn, unless an answer is stored; returns the stored one, None for a turn there is not."""
    session.execute(
        update(TurnRow).where(TurnRow.id == turn_id, TurnRow.answer.is_(None)).values(answer=answer)
    )
    return find_answer(session, turn_id)


def find_answer(session: Session, turn_id: int) -> dict[str, Any] | None:
    """The first answer to a turn, which every repetition gets; None while there is none."""
    return session.scalar(select(TurnRow.answer).where(TurnRow.id == turn_id))


def mark_risk(session: Session, conversation_id: str, risk: str, mark: Mark, who: str) -> None:
    """Note what a person says of a risk as the held conversation stands now."""
    position = session.scalar(
        select(func.max(TurnRow.position)).where(TurnRow.conversation_id == conversation_id)
    )
    session.merge(
        RiskMarkRow(
            conversation_id=conversation_id,
            risk=risk,
            mark=mark,
            position=position or 0,
            who=who,
            at=datetime.now(UTC),
        )
    )


def unmark_risk(session: Session, conversation_id: str, risk: str) -> None:
    """Take back the note that a risk is dealt with; nothing when there was none."""
    row = session.get(RiskMarkRow, (conversation_id, risk))
    if row is not None:
        session.delete(row)


def risk_marks(session: Session, conversation_id: str) -> dict[str, RiskMark]:
    """The marks by risk."""
    rows = session.scalars(select(RiskMarkRow).where(RiskMarkRow.conversation_id == conversation_id))
    return {row.risk: RiskMark(row.risk, row.mark, row.position, row.who, row.at) for row in rows}


def unknown() -> NotFound:
    """The error for a conversation that is not stored."""
    return NotFound("没有这个会话")


def _changed(session: Session, conversation_id: str, **values: Any) -> None:
    session.execute(
        update(ConversationRow)
        .where(ConversationRow.id == conversation_id)
        .values(version=ConversationRow.version + 1, updated_at=datetime.now(UTC), **values)
    )


def _conversation(row: ConversationRow) -> Conversation:
    given = {
        kind: {name: Told(**told) for name, told in row.given.get(kind, {}).items()}
        for kind in ("facts", "slots")
    }
    return Conversation(
        row.id,
        row.shop,
        row.channel,
        row.label,
        row.version,
        row.created_at,
        row.updated_at,
        row.closed_at,
        row.note,
        row.started_by,
        Given(**given),
    )


def _turn(row: TurnRow) -> StoredTurn:
    return StoredTurn(
        id=row.id,
        position=row.position,
        role=row.role,
        text=row.text,
        message_id=row.message_id,
        sent_at=row.sent_at,
        stored_at=row.stored_at,
        attachments=tuple(row.attachments),
        acts=tuple(row.acts),
        script_id=row.script_id,
        agent=row.agent,
        undone=row.undone_at is not None,
    )
