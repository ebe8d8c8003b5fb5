"""Scripts that agents keep beside the company's: their own, and those they share with the team."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables import Base, UtcDateTime


class OwnScriptRow(Base):
    """owner_id: of the person who wrote it; owner: their name then. team: colleagues see it too.

    intent: empty when it is for none. version grows with every change. entry: what it became in the draft.
    """

    __tablename__ = "own_scripts"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(index=True)
    owner: Mapped[str] = mapped_column(String(80))
    team: Mapped[bool] = mapped_column(index=True)
    title: Mapped[str] = mapped_column(String(40))
    bubbles: Mapped[list[str]] = mapped_column(JSON)
    intent: Mapped[str] = mapped_column(String(80))
    stage: Mapped[str] = mapped_column(String(20))
    version: Mapped[int]
    entry: Mapped[str] = mapped_column(String(300))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
