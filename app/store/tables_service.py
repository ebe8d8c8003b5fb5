"""Tables about how customers are served: alerts to the lead, how often scripts were shown."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables import Base, UtcDateTime


class AlertRow(Base):
    """A customer's temper that climbed: the lead should know. At most one for a turn."""

    __tablename__ = "alerts"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversations.id", ondelete="CASCADE"), index=True
    )
    turn_id: Mapped[int] = mapped_column(unique=True)
    level: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_by: Mapped[str] = mapped_column(String(80))
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ScriptViewRow(Base):
    """How often a script was offered to an agent on a day (UTC)."""

    __tablename__ = "script_views"

    day: Mapped[date] = mapped_column(primary_key=True)
    script_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    agent: Mapped[str] = mapped_column(String(80), primary_key=True)
    shown: Mapped[int]
