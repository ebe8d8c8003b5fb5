"""Tables of the trainers' studio: the draft everybody shares, its edits and clashes, its golden messages, its examinations."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables import Base, UtcDateTime


class DraftRow(Base):
    """The one draft. base: the release it changes; version grows with every change; reviewed: the version the review is of."""

    __tablename__ = "studio_draft"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    base: Mapped[int]
    version: Mapped[int]
    review: Mapped[Literal["", "asked", "approved", "returned"]] = mapped_column(String(20))
    reviewed: Mapped[int]
    review_by: Mapped[str] = mapped_column(String(80))
    review_note: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DraftFileRow(Base):
    """A file that differs from the base release; an empty text takes it away."""

    __tablename__ = "studio_files"

    path: Mapped[str] = mapped_column(String(300), primary_key=True)
    text: Mapped[str] = mapped_column(Text)


class EditRow(Base):
    """One change of an entry, kept for ever. before, after: what it said, null when it was not there.

    place: the file and the rank it had, for putting it back. open: neither published nor given up.
    """

    __tablename__ = "studio_edits"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    who: Mapped[str] = mapped_column(String(80))
    entry: Mapped[str] = mapped_column(String(300), index=True)
    title: Mapped[str] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(20))
    before: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    after: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    place: Mapped[dict[str, Any]] = mapped_column(JSON)
    open: Mapped[bool] = mapped_column(index=True)
    undone: Mapped[bool]


class ClashRow(Base):
    """An entry that a publish and the draft changed differently. The draft keeps `mine` until somebody chooses."""

    __tablename__ = "studio_clashes"

    entry: Mapped[str] = mapped_column(String(300), primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    mine: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    theirs: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    release: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class GoldenRow(Base):
    """A message, masked, with the intents it has by the shop's own judgement; none: it is nothing to answer."""

    __tablename__ = "studio_golden"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    text: Mapped[str] = mapped_column(Text)
    intents: Mapped[list[str]] = mapped_column(JSON)
    who: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class RunRow(Base):
    """An examination of the draft, and its publication when it was asked for. `digest`: of the content examined."""

    __tablename__ = "studio_runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int]
    base: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    publishing: Mapped[bool]
    state: Mapped[Literal["running", "passed", "refused", "published", "failed"]] = mapped_column(String(20))
    step: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    release: Mapped[int | None] = mapped_column(index=True)
    who: Mapped[str] = mapped_column(String(80))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
