"""The tables of channels: what comes in by itself, what goes out again, and what the panels are told."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables import Base, UtcDateTime

InboundState = Literal["waiting", "done", "ignored", "failed"]
DeliveryState = Literal["waiting", "done", "failed", "dropped"]


class ChannelRow(Base):
    """A connection to one chat system. secret: what its messages are signed with; old_secret holds until old_until.

    Both, and the options, are encrypted where there is a key (`vault.py`); options are then {"sealed": …}.

    state: what the adapter remembers between messages; people: whose panel it reaches, empty for everybody's;
    trouble: why nothing goes out any more; refused: the last message that was turned away, {"at", "why"}.
    """

    __tablename__ = "channels"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(30))
    name: Mapped[str] = mapped_column(String(80), unique=True)
    token: Mapped[str] = mapped_column(String(64))
    shop: Mapped[str] = mapped_column(String(200))
    secret: Mapped[str] = mapped_column(Text)
    old_secret: Mapped[str] = mapped_column(Text)
    old_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    options: Mapped[dict[str, str]] = mapped_column(JSON)
    state: Mapped[dict[str, Any]] = mapped_column(JSON)
    people: Mapped[list[str]] = mapped_column(JSON)
    enabled: Mapped[bool]
    sends: Mapped[bool]
    trouble: Mapped[str] = mapped_column(Text)
    refused: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    polled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ChannelConversationRow(Base):
    """Which conversation a channel's own number stands for. reply_to: what the adapter needs to write back."""

    __tablename__ = "channel_conversations"

    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id", ondelete="CASCADE"), primary_key=True)
    external_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(200), index=True)
    reply_to: Mapped[dict[str, Any]] = mapped_column(JSON)


class InboundRow(Base):
    """Something a channel told, stored before it was acknowledged. key: the same thing told again has the same key.

    given: what is needed to go on with it, emptied when it is done. lease: who is at work on it, until lease_until.
    """

    __tablename__ = "channel_inbound"
    __table_args__ = (
        UniqueConstraint("channel_id", "key", name="uq_channel_inbound_key"),
        Index("ix_channel_inbound_state", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(20))
    conversation_id: Mapped[str | None] = mapped_column(String(200))
    turn_id: Mapped[int | None] = mapped_column(index=True)
    given: Mapped[dict[str, Any]] = mapped_column(JSON)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    state: Mapped[InboundState] = mapped_column(String(20))
    attempts: Mapped[int]
    lease: Mapped[str] = mapped_column(String(40))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(String(200))


class ReceiptRow(Base):
    """A delivery that was acknowledged, by the sender's number for it, with what it was answered."""

    __tablename__ = "channel_receipts"

    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    reply: Mapped[dict[str, Any]] = mapped_column(JSON)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class DeliveryRow(Base):
    """Something to be sent out through a channel. payload is emptied once it has arrived."""

    __tablename__ = "channel_deliveries"
    __table_args__ = (Index("ix_channel_deliveries_state", "state", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id", ondelete="CASCADE"), index=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(80))
    conversation_id: Mapped[str | None] = mapped_column(String(200))
    turn_id: Mapped[int | None]
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[DeliveryState] = mapped_column(String(20))
    attempts: Mapped[int]
    lease: Mapped[str] = mapped_column(String(40))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    status: Mapped[int | None]
    note: Mapped[str] = mapped_column(String(200))


class EventRow(Base):
    """Something panels are told of. Numbers grow in the order in which others can see them. No customer's words."""

    __tablename__ = "events"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    kind: Mapped[str] = mapped_column(String(80))
    channel_id: Mapped[int | None]
    conversation_id: Mapped[str] = mapped_column(String(200), index=True)
    turn_id: Mapped[int | None]
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
