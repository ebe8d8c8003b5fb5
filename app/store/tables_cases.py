"""Tables of the case file and of the registers kept beside it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables import Base, UtcDateTime

CaseStatus = Literal["open", "waiting_customer", "resolving", "closed", "reopened", "withdrawn"]
"""withdrawn: registered by mistake and never written in; its number is used again for the same conversation only."""
SETTLED: Final[tuple[CaseStatus, ...]] = ("closed", "withdrawn")


class CaseNumberRow(Base):
    """The last case number given out in a year; the row is the lock under which the next one is given."""

    __tablename__ = "case_numbers"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class CaseRow(Base):
    """A case. `fields` is the whole form; the columns beside it repeat what is searched and sorted by.

    open_for: the conversation while the case is not settled, so that a conversation has one open case at most.
    """

    __tablename__ = "cases"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    conversation_id: Mapped[str | None] = mapped_column(
        ForeignKey("conversations.id", ondelete="SET NULL"), index=True
    )
    open_for: Mapped[str | None] = mapped_column(String(200), unique=True)
    version: Mapped[int]
    status: Mapped[CaseStatus] = mapped_column(String(20))
    owner: Mapped[str] = mapped_column(String(80))
    opened_by: Mapped[str] = mapped_column(String(80))
    shop: Mapped[str] = mapped_column(String(200))
    customer: Mapped[str] = mapped_column(String(200), index=True)
    order_number: Mapped[str] = mapped_column(String(100), index=True)
    product: Mapped[str] = mapped_column(String(200))
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    fields: Mapped[dict[str, Any]] = mapped_column(JSON)


class CaseEventRow(Base):
    """One change of a case. version: the case's after it; changes: [{field, before, after}]."""

    __tablename__ = "case_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), index=True)
    version: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    who: Mapped[str] = mapped_column(String(80))
    what: Mapped[str] = mapped_column(String(40))
    changes: Mapped[list[dict[str, Any]]] = mapped_column(JSON)


class AttachmentRow(Base):
    """A photo of a case, as it was sent. sha256: of `data`; the same photo is kept once per case."""

    __tablename__ = "attachments"
    __table_args__ = (UniqueConstraint("case_id", "sha256", name="uq_attachments_photo"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(40))
    size: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    has_location: Mapped[bool]
    added_by: Mapped[str] = mapped_column(String(80))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    data: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    thumbnail: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class HandoverRow(Base):
    """What a shift leaves to the next. due_at: noon after it was left; outcome: what came of it."""

    __tablename__ = "handovers"

    id: Mapped[int] = mapped_column(primary_key=True)
    shop: Mapped[str] = mapped_column(String(200))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id", ondelete="SET NULL"))
    text: Mapped[str] = mapped_column(Text)
    left_by: Mapped[str] = mapped_column(String(80))
    left_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    taken_by: Mapped[str] = mapped_column(String(80))
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_by: Mapped[str] = mapped_column(String(80))
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str] = mapped_column(Text)


class VipRow(Base):
    """A customer to be called every month."""

    __tablename__ = "vips"
    __table_args__ = (UniqueConstraint("shop", "customer", name="uq_vips_customer"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    shop: Mapped[str] = mapped_column(String(200))
    customer: Mapped[str] = mapped_column(String(200))
    note: Mapped[str] = mapped_column(Text)
    added_by: Mapped[str] = mapped_column(String(80))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class VipCallRow(Base):
    """A monthly call that was made. month: "2026-01"."""

    __tablename__ = "vip_calls"

    vip_id: Mapped[int] = mapped_column(ForeignKey("vips.id", ondelete="CASCADE"), primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    done_by: Mapped[str] = mapped_column(String(80))
    done_at: Mapped[datetime] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(Text)


class QualityMarkRow(Base):
    """What was done about a quality notice. until_case: the last case counted then; newer ones raise it again."""

    __tablename__ = "quality_marks"

    shop: Mapped[str] = mapped_column(String(200), primary_key=True)
    product: Mapped[str] = mapped_column(String(200), primary_key=True)
    category: Mapped[str] = mapped_column(String(20), primary_key=True)
    until_case: Mapped[int]
    who: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(Text)
