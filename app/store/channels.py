"""Channels, and which conversations their numbers stand for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, delete, exists, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from app.errors import Conflict
from app.store import conversations
from app.store.conversations import Conversation
from app.store.database import VAULT
from app.store.tables import ConversationRow, TurnRow
from app.store.tables_channels import (
    ChannelConversationRow,
    ChannelRow,
    DeliveryRow,
    InboundRow,
    ReceiptRow,
)
from app.store.upsert import unless_there
from app.store.vault import Locked, Vault

_SEALED: Final = "sealed"
RECALL: Final = "recall:"
"""What the message id of a note that a message was taken back begins with."""

AHEAD: Final = timedelta(minutes=5)
"""By how much the clocks of replicas may differ."""


@dataclass(frozen=True, slots=True)
class StoredChannel:
    """See `ChannelRow`. locked: its secrets and options cannot be read, the key they were sealed with is not there."""

    id: int
    kind: str
    name: str
    token: str
    shop: str
    secret: str
    old_secret: str
    old_until: datetime | None
    options: dict[str, str]
    state: dict[str, Any]
    people: tuple[str, ...]
    enabled: bool
    sends: bool
    trouble: str
    refused: dict[str, str] | None
    created_at: datetime
    locked: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A conversation as a channel knows it."""

    channel_id: int
    external_id: str
    conversation_id: str
    reply_to: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that came in or went out, for the settings page: never with a customer's words."""

    at: datetime
    kind: str
    state: str
    status: int | None
    note: str


def add(session: Session, values: dict[str, Any]) -> StoredChannel:
    """Raises Conflict when there is a channel of this name."""
    now = datetime.now(UTC)
    given = {"old_secret": "", "state": {}, "people": [], "enabled": True, "sends": True, "trouble": ""}
    row = ChannelRow(**_sealed(session, {**given, **values, "created_at": now}))
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict(f"已经有叫「{values['name']}」的渠道了") from error
    return _channel(session, row)


def every(session: Session) -> list[StoredChannel]:
    """In the order they were made."""
    return [_channel(session, row) for row in session.scalars(select(ChannelRow).order_by(ChannelRow.id))]


def any_enabled(session: Session) -> bool:
    """Whether any channel is switched on."""
    return session.scalar(select(ChannelRow.id).where(ChannelRow.enabled).limit(1)) is not None


def find(session: Session, channel_id: int) -> StoredChannel | None:
    """The channel with this number, None when there is none."""
    row = session.get(ChannelRow, channel_id)
    return None if row is None else _channel(session, row)


def with_receipt(
    session: Session, channel_id: int, key: str
) -> tuple[StoredChannel, dict[str, Any] | None] | None:
    """A channel, and what a delivery to it was answered before; both at once, since a sender waits for it."""
    receipt = and_(ReceiptRow.channel_id == ChannelRow.id, ReceiptRow.key == key)
    wanted = select(ChannelRow, ReceiptRow.reply).outerjoin(ReceiptRow, receipt)
    found = session.execute(wanted.where(ChannelRow.id == channel_id)).one_or_none()
    return None if found is None else (_channel(session, found[0]), found[1])


def by_name(session: Session, name: str) -> StoredChannel | None:
    """Names are unique; None for one there is not."""
    if "\x00" in name:  # which PostgreSQL does not take for a text
        return None
    row = session.scalar(select(ChannelRow).where(ChannelRow.name == name))
    return None if row is None else _channel(session, row)


def change(session: Session, channel_id: int, **values: Any) -> None:
    """values: columns by name; secrets are sealed before they are stored."""
    session.execute(update(ChannelRow).where(ChannelRow.id == channel_id).values(_sealed(session, values)))


def lock(session: Session, channel_id: int) -> StoredChannel | None:
    """The channel, held until the transaction ends."""
    row = session.scalar(select(ChannelRow).where(ChannelRow.id == channel_id).with_for_update())
    return None if row is None else _channel(session, row)


def reseal(session: Session) -> int:
    """Encrypt with the newest key what is not: readable secrets, and those under an older key; of how many channels."""
    vault, changed = _vault(session), 0
    for row in session.scalars(select(ChannelRow)):
        kept = {"secret": row.secret, "old_secret": row.old_secret, "options": row.options}
        stored = [row.secret, row.old_secret, row.options.get(_SEALED) or ("{}" if row.options else "")]
        if all(vault.is_fresh(text) for text in stored):
            continue
        try:
            opened = _opened(session, kept)
        except Locked:
            continue
        session.execute(update(ChannelRow).where(ChannelRow.id == row.id).values(_sealed(session, opened)))
        changed += 1
    return changed


def unseal(session: Session) -> int:
    """Make secrets readable, for a program that knows of no keys; of how many channels. What is locked stays."""
    changed = 0
    for row in session.scalars(select(ChannelRow)):
        kept = {"secret": row.secret, "old_secret": row.old_secret, "options": row.options}
        try:
            opened = _opened(session, kept)
        except Locked:
            continue
        session.execute(update(ChannelRow).where(ChannelRow.id == row.id).values(opened))
        changed += 1
    return changed


def take_poll(session: Session, channel_id: int, now: datetime, due: datetime) -> bool:
    """Whether the caller is the one to poll now: the last poll was before `due`, or by a clock that was ahead of ours."""
    found = session.execute(
        update(ChannelRow)
        .where(
            ChannelRow.id == channel_id,
            ChannelRow.polled_at.is_(None)
            | (ChannelRow.polled_at <= due)
            | (ChannelRow.polled_at > now + AHEAD),
        )
        .values(polled_at=now)
        .returning(ChannelRow.id)
    )
    return found.one_or_none() is not None


def remove(session: Session, channel_id: int) -> None:
    """Forget a channel with everything of its own; conversations stay."""
    session.execute(delete(ChannelRow).where(ChannelRow.id == channel_id))


def place(
    session: Session,
    channel: StoredChannel,
    external_id: str,
    wanted: str,
    reply_to: dict[str, Any],
    *,
    label: str = "",
) -> tuple[Place, Conversation]:
    """The conversation a channel's number stands for, locked. reply_to, label: kept when they are not empty.

    A new one is called `wanted`, or `<channel>:<number>` where another channel has a conversation of that name.
    """
    key = (channel.id, external_id)
    row = session.get(ChannelConversationRow, key)
    if row is None:
        found = conversations.lock(session, wanted)
        ours = found.channel in ("", "panel", "api", channel.name)
        conversation_id = wanted if ours else f"{channel.name}:{external_id}"[:200]
        values = {"external_id": external_id, "conversation_id": conversation_id, "reply_to": reply_to}
        session.execute(
            unless_there(session, ChannelConversationRow).values({"channel_id": channel.id, **values})
        )
        row = session.get_one(ChannelConversationRow, key)
    conversation = conversations.lock(
        session, row.conversation_id, shop=channel.shop, channel=channel.name, label=label
    )
    if reply_to and row.reply_to != reply_to:
        row.reply_to = reply_to
    return Place(row.channel_id, row.external_id, row.conversation_id, row.reply_to), conversation


def places_of(session: Session, conversation_id: str) -> list[Place]:
    """Where a conversation can be written to."""
    rows = session.scalars(
        select(ChannelConversationRow).where(ChannelConversationRow.conversation_id == conversation_id)
    )
    return [Place(row.channel_id, row.external_id, row.conversation_id, row.reply_to) for row in rows]


def conversation_with(session: Session, channel_id: int, customer: str) -> str | None:
    """The newest conversation of a channel whose number ends with the customer's, after a colon."""
    return session.scalar(
        select(ChannelConversationRow.conversation_id)
        .join(ConversationRow, ConversationRow.id == ChannelConversationRow.conversation_id)
        .where(
            ChannelConversationRow.channel_id == channel_id,
            ChannelConversationRow.external_id.endswith(f":{customer}", autoescape=True),
        )
        .order_by(ConversationRow.updated_at.desc())
        .limit(1)
    )


def waiting_conversations(session: Session, since: datetime, limit: int = 100) -> list[tuple[str, int]]:
    """Conversations of channels changed since then and not closed, newest first, each with its channel."""
    rows = session.execute(
        select(ChannelConversationRow.conversation_id, ChannelConversationRow.channel_id)
        .join(ConversationRow, ConversationRow.id == ChannelConversationRow.conversation_id)
        .where(ConversationRow.updated_at >= since, ConversationRow.closed_at.is_(None))
        .order_by(ConversationRow.updated_at.desc())
        .limit(limit)
    )
    return [(row[0], row[1]) for row in rows]


def unanswered(session: Session, conversation_ids: list[str]) -> dict[str, int]:
    """How many messages of the customer came after the last agent's and stand, by conversation; only where there are any."""
    answered = (
        select(TurnRow.conversation_id, func.max(TurnRow.position).label("position"))
        .where(
            TurnRow.conversation_id.in_(conversation_ids),
            TurnRow.role == "agent",
            TurnRow.undone_at.is_(None),
        )
        .group_by(TurnRow.conversation_id)
        .subquery()
    )
    note = aliased(TurnRow)
    rows = session.execute(
        select(TurnRow.conversation_id, func.count())
        .outerjoin(answered, answered.c.conversation_id == TurnRow.conversation_id)
        .where(
            TurnRow.conversation_id.in_(conversation_ids),
            TurnRow.role == "customer",
            TurnRow.undone_at.is_(None),
            TurnRow.message_id.not_like(f"{RECALL}%"),
            ~exists().where(
                note.conversation_id == TurnRow.conversation_id,
                note.message_id == RECALL + TurnRow.message_id,
            ),
            TurnRow.position > func.coalesce(answered.c.position, 0),
        )
        .group_by(TurnRow.conversation_id)
    )
    return {row[0]: row[1] for row in rows}


def came_in(session: Session, channel_id: int, limit: int) -> list[Happened]:
    """The newest first."""
    rows = session.scalars(
        select(InboundRow)
        .where(InboundRow.channel_id == channel_id)
        .order_by(InboundRow.id.desc())
        .limit(limit)
    )
    return [Happened(row.received_at, row.kind, row.state, None, row.note) for row in rows]


def went_out(session: Session, channel_id: int, limit: int) -> list[Happened]:
    """The newest first."""
    rows = session.scalars(
        select(DeliveryRow)
        .where(DeliveryRow.channel_id == channel_id)
        .order_by(DeliveryRow.id.desc())
        .limit(limit)
    )
    return [Happened(row.created_at, row.kind, row.state, row.status, row.note) for row in rows]


def _vault(session: Session) -> Vault:
    vault: Vault = session.info[VAULT]
    return vault


def _sealed(session: Session, values: dict[str, Any]) -> dict[str, Any]:
    """Values of a row as they are stored."""
    vault, sealed = _vault(session), dict(values)
    for name in ("secret", "old_secret"):
        if name in sealed:
            sealed[name] = vault.seal(sealed[name])
    if sealed.get("options") and vault.seals:
        sealed["options"] = {_SEALED: vault.seal(json.dumps(sealed["options"], ensure_ascii=False))}
    return sealed


def _opened(session: Session, stored: dict[str, Any]) -> dict[str, Any]:
    """The secrets and options of a row. Raises Locked."""
    vault, options = _vault(session), stored["options"]
    return {
        "secret": vault.open(stored["secret"]),
        "old_secret": vault.open(stored["old_secret"]),
        "options": json.loads(vault.open(options[_SEALED])) if _SEALED in options else dict(options),
    }


def _channel(session: Session, row: ChannelRow) -> StoredChannel:
    kept = {"secret": row.secret, "old_secret": row.old_secret, "options": row.options}
    try:
        opened, locked = _opened(session, kept), False
    except Locked:
        opened, locked = {"secret": "", "old_secret": "", "options": {}}, True
    return StoredChannel(
        id=row.id,
        kind=row.kind,
        name=row.name,
        token=row.token,
        shop=row.shop,
        secret=opened["secret"],
        old_secret=opened["old_secret"],
        old_until=row.old_until,
        options=opened["options"],
        state=dict(row.state),
        people=tuple(row.people),
        enabled=row.enabled,
        sends=row.sends,
        trouble=row.trouble,
        refused=row.refused,
        created_at=row.created_at,
        locked=locked,
    )
