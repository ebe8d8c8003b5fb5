"""Tables of what the studio learns from: messages to be taught, how far they have been collected."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, ForeignKey, String, Text
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
