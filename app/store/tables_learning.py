"""Tables of what the studio learns from: messages to be taught, how far they have been collected, trials of two scripts."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables import Base, UtcDateTime


class LessonRow(Base):
    """A customer's message, masked, that the system was not sure of or that an agent corrected.

    guesses: [[intent, score], …], best first. intent: what the agent said it is, then what the trainer said.
    Erased with its conversation.
    """

    __tablename__ = "lessons"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversations.id", ondelete="CASCADE"), index=True
    )
    turn_id: Mapped[int] = mapped_column(unique=True)
    text: Mapped[str] = mapped_column(Text)
    reason: Mapped[Literal["unsure", "refused", "corrected"]] = mapped_column(String(20))
    guesses: Mapped[list[list[Any]]] = mapped_column(JSON)
    intent: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    state: Mapped[Literal["waiting", "taught", "dismissed"]] = mapped_column(String(20), index=True)
    who: Mapped[str] = mapped_column(String(80))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class LessonMarkRow(Base):
    """How far turns and feedback have been looked through."""

    __tablename__ = "lesson_marks"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    position: Mapped[int]


class TrialRow(Base):
    """Two scripts of one intent, stage and tone, tried against each other. verdict: why it was stopped."""

    __tablename__ = "trials"

    id: Mapped[int] = mapped_column(primary_key=True)
    first: Mapped[str] = mapped_column(String(100))
    second: Mapped[str] = mapped_column(String(100))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_by: Mapped[str] = mapped_column(String(80))
    stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    stopped_by: Mapped[str] = mapped_column(String(80))


class TrialViewRow(Base):
    """A conversation in which the script that a trial gave it was offered; at: the first time."""

    __tablename__ = "trial_views"
    __table_args__ = (UniqueConstraint("trial_id", "conversation_id", name="uq_trial_views_conversation"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    trial_id: Mapped[int] = mapped_column(ForeignKey("trials.id", ondelete="CASCADE"))
    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversations.id", ondelete="CASCADE"), index=True
    )
    script_id: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
