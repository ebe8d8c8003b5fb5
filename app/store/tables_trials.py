"""Tables of trials: two wordings of one script, shown by turns, and how each conversation went."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables import Base, UtcDateTime


class TrialRow(Base):
    """Which of two scripts does better. etag_a, etag_b: what they said; another wording ends the trial.

    measure: what counts as a success. least: pairs before a verdict. salt: what conversations are dealt out by.
    position: how far the turns have been looked through. result: the figures at the end.
    """

    __tablename__ = "trials"

    id: Mapped[int] = mapped_column(primary_key=True)
    script_a: Mapped[str] = mapped_column(String(100))
    script_b: Mapped[str] = mapped_column(String(100))
    etag_a: Mapped[str] = mapped_column(String(16))
    etag_b: Mapped[str] = mapped_column(String(16))
    title_a: Mapped[str] = mapped_column(String(200))
    title_b: Mapped[str] = mapped_column(String(200))
    measure: Mapped[Literal["copied", "half"]] = mapped_column(String(20))
    least: Mapped[int]
    salt: Mapped[str] = mapped_column(String(32))
    position: Mapped[int]
    state: Mapped[Literal["running", "ended"]] = mapped_column(String(20), index=True)
    outcome: Mapped[Literal["", "a", "b", "same", "stopped"]] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    started_by: Mapped[str] = mapped_column(String(80))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_by: Mapped[str] = mapped_column(String(80))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TrialScriptRow(Base):
    """A script that is in a running trial: in one at most."""

    __tablename__ = "trial_scripts"

    script_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    trial_id: Mapped[int] = mapped_column(ForeignKey("trials.id", ondelete="CASCADE"))


class TrialPlaceRow(Base):
    """A conversation that came into a trial. conversation_id: until it is known how it went; then only its salted digest
    `place` stays, so that it is not counted twice. kind: what the agent did; value: its worth in per cent.
    """

    __tablename__ = "trial_places"
    __table_args__ = (UniqueConstraint("trial_id", "place", name="uq_trial_places_place"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    trial_id: Mapped[int] = mapped_column(ForeignKey("trials.id", ondelete="CASCADE"))
    place: Mapped[str] = mapped_column(String(32))
    conversation_id: Mapped[str | None] = mapped_column(String(200), index=True)
    side: Mapped[Literal["a", "b"]] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[Literal["copied", "edited", "rejected", "none"] | None] = mapped_column(String(20))
    value: Mapped[int | None]
