"""Tables of promises, of clocks set going by events, and of where each conversation stands for the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, Float, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables import Base, UtcDateTime


class PromiseRow(Base):
    """A promise found in an agent's turn, at its text[start:end].

    term: the length of time that runs from an event still to come. outcome: what a person decided; without one it is
    broken once due_at has passed. proposed_turn_id: a later turn that seems to keep it; replaced_by: a later promise of
    the same; withdrawn_at: its turn was taken back.
    """

    __tablename__ = "promises"
    __table_args__ = (
        UniqueConstraint("turn_id", "ordinal", name="uq_promises_place"),
        Index("ix_promises_due_at", "outcome", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversations.id", ondelete="CASCADE"), index=True
    )
    turn_id: Mapped[int] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"))
    ordinal: Mapped[int]
    agent: Mapped[str] = mapped_column(String(80), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    what: Mapped[str] = mapped_column(String(60))
    text: Mapped[str] = mapped_column(Text)
    start: Mapped[int]
    end: Mapped[int]
    by: Mapped[str | None] = mapped_column(String(60))
    amount: Mapped[float | None] = mapped_column(Float)
    condition: Mapped[str | None] = mapped_column(String(100))
    term: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    first_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sure: Mapped[bool]
    outcome: Mapped[Literal["kept", "broken"] | None] = mapped_column(String(20))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(Text)
    proposed_turn_id: Mapped[int | None]
    replaced_by: Mapped[int | None]
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ClockRow(Base):
    """A clock that an event has set going in a conversation; stopped_at: it need not be watched any more."""

    __tablename__ = "clocks"

    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True
    )
    clock: Mapped[str] = mapped_column(String(80), primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sure: Mapped[bool]
    stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    who: Mapped[str] = mapped_column(String(80))


class DeskRow(Base):
    """Where a conversation stands, for a list of many: one row each, changed with every turn.

    waiting_since: the first customer's message that nobody has answered; due_at: until when. weight: how much emotion and
    risks press, 1 to 12. risks: those not dealt with.
    """

    __tablename__ = "desk"

    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True
    )
    agent: Mapped[str] = mapped_column(String(80), index=True)
    answered: Mapped[bool]
    waiting_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_turn_id: Mapped[int]
    stage: Mapped[str] = mapped_column(String(20))
    emotion: Mapped[int]
    trend: Mapped[str] = mapped_column(String(20))
    risks: Mapped[list[str]] = mapped_column(JSON)
    weight: Mapped[int]
