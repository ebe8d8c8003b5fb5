"""The tables. Every change here needs a migration in `migrations/versions` (tests compare the two)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    ForeignKey,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, always with time zone UTC in Python; SQLite keeps no zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """What all tables share: one metadata, the base of every row."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class ModelRow(Base):
    """A trained model, kept by the digest of what it was trained from; no sha256: it is not there, or not yet.

    lease, lease_until: of the process that learns it.
    """

    __tablename__ = "models"

    nlu_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    data: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lease: Mapped[str] = mapped_column(String(32), default="")
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ReleaseRow(Base):
    """A published release; `files` is zlib-compressed JSON of path -> text."""

    __tablename__ = "releases"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(String(64))
    nlu_digest: Mapped[str] = mapped_column(ForeignKey("models.nlu_digest"))
    note: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    files: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class PersonRow(Base):
    """An account. disabled: may not sign in any more; the row stays, as the audit log names it."""

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    role: Mapped[Literal["agent", "trainer", "lead", "admin"]] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    disabled: Mapped[bool] = mapped_column(default=False)


class LoginLinkRow(Base):
    """A one-time sign-in link; only the SHA-256 of its token is stored. `direct`: opening it signs in at once."""

    __tablename__ = "login_links"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    direct: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SessionRow(Base):
    """A signed-in browser; only the SHA-256 of its cookie is stored. ends_at: when it is over however much it is used."""

    __tablename__ = "sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SettingRow(Base):
    """One setting of the service, JSON under a key."""

    __tablename__ = "settings"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)


class AuditRow(Base):
    """Who did what, when. `detail` never holds a customer's words."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    who: Mapped[str] = mapped_column(String(80))
    what: Mapped[str] = mapped_column(String(80))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)


class ConversationRow(Base):
    """A customer's conversation. `id` is the channel's or the panel's; `version` grows with every change of its turns.

    given: what agents know besides the turns, {"facts" | "slots": {name: {"value", "by", "at"}}}. note: for whoever takes
    over. started_by: who stored its first turn.
    """

    __tablename__ = "conversations"

    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    shop: Mapped[str] = mapped_column(String(200))
    channel: Mapped[str] = mapped_column(String(200))
    label: Mapped[str] = mapped_column(String(200))
    version: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    given: Mapped[dict[str, Any]] = mapped_column(JSON)
    note: Mapped[str] = mapped_column(Text)
    started_by: Mapped[str] = mapped_column(String(80))


class TurnRow(Base):
    """What one side said at once. `answer`: what was first answered to it; `acts`: what an agent's message does.

    An undone turn stays, so that its message id is never stored twice, but counts for nothing.
    """

    __tablename__ = "turns"
    __table_args__ = (
        UniqueConstraint("conversation_id", "message_id", name="uq_turns_message"),
        UniqueConstraint("conversation_id", "position", name="uq_turns_position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    position: Mapped[int]
    role: Mapped[Literal["customer", "agent"]] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    message_id: Mapped[str] = mapped_column(String(200))
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stored_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attachments: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    acts: Mapped[list[str]] = mapped_column(JSON)
    script_id: Mapped[str | None] = mapped_column(String(100))
    agent: Mapped[str] = mapped_column(String(80))
    release: Mapped[int]
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), deferred=True)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RiskMarkRow(Base):
    """What a person said of a risk. position: the last turn they had seen then; what comes later raises it again."""

    __tablename__ = "risk_marks"

    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True
    )
    risk: Mapped[str] = mapped_column(String(80), primary_key=True)
    mark: Mapped[Literal["dealt_with", "false_alarm"]] = mapped_column(String(20))
    position: Mapped[int]
    who: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class FeedbackRow(Base):
    """What an agent did with a script. diff: [[taken out, put in], …] where the text was edited before sending."""

    __tablename__ = "feedback"

    id: Mapped[int] = mapped_column(primary_key=True)
    script_id: Mapped[str] = mapped_column(String(100), index=True)
    kind: Mapped[Literal["copied", "edited", "rejected"]] = mapped_column(String(20))
    conversation_id: Mapped[str | None] = mapped_column(String(200))
    turn_id: Mapped[int | None]
    agent: Mapped[str] = mapped_column(String(80))
    sent_text: Mapped[str | None] = mapped_column(Text)
    diff: Mapped[list[list[str]]] = mapped_column(JSON)
    right_intent: Mapped[str | None] = mapped_column(String(80))
    release: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
