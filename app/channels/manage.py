"""Setting channels up: adding, changing, renewing secrets, switching on and off, removing."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote
from uuid import uuid4

from app.channels import standard
from app.channels.adapter import Adapter, Channel
from app.channels.registry import adapter_for
from app.errors import InvalidRequest, NotFound, UsageError
from app.store import audit, deliveries
from app.store import channels as rows
from app.store.channels import StoredChannel
from app.store.database import Database, Transaction

_log = logging.getLogger(__name__)

OLD_SECRET: Final = timedelta(hours=24)
"""How long a replaced secret still holds."""

_NAME: Final = re.compile(r"[\w-]{1,40}")
_MAX_OPTION: Final = 2000


@dataclass(frozen=True, slots=True)
class Made:
    """A channel with its secret, which is told this once. secret: "" where the platform's is still to be filled in."""

    channel: Channel
    path: str
    secret: str


def add(
    database: Database, kind: str, name: str, options: Mapping[str, str], *, by: str, shop: str = ""
) -> Made:
    """Make a channel. options: as its adapter lists them, `secret` and `shop` too. Raises UsageError, NotFound, Conflict."""
    adapter = adapter_for(kind)
    name = name.strip()
    if not _NAME.fullmatch(name):
        raise UsageError("渠道的名字用 1 到 40 个字母、数字、汉字、_ 或 -")
    given = dict(options)
    shop = given.pop("shop", "") or shop
    secret = given.pop("secret", "").strip()
    if not secret and adapter.secret_from == "us":
        secret = standard.new_secret()
    checked = check_options(adapter, given)
    _check_secret(adapter, secret)
    values = {
        "kind": kind,
        "name": name,
        "token": secrets.token_urlsafe(18) if adapter.token_in_path else "",
        "shop": shop,
        "secret": secret,
        "options": checked,
    }
    with database.write() as session:
        stored = rows.add(session, values)
        audit.record(session, by, "channel.added", kind=kind, name=name)
    channel = channel_of(stored)
    return Made(channel, path_of(channel), secret)


def check_options(adapter: Adapter, given: Mapping[str, str]) -> dict[str, str]:
    """The options that are filled in. Raises UsageError."""
    known = {option.name: option for option in adapter.options}
    strange = [name for name in given if name not in known]
    if strange:
        raise UsageError(f"没有这个选项：{'、'.join(strange)}。可选：{'、'.join(['shop', 'secret', *known])}")
    filled = {name: value.strip() for name, value in given.items() if value.strip()}
    for name, value in filled.items():
        option = known[name]
        if len(value) > _MAX_OPTION or not value.isprintable():
            raise UsageError(f"「{option.title}」太长，或者有看不见的字符")
        if option.choices and value not in option.choices:
            raise UsageError(f"「{option.title}」只能是 {'、'.join(option.choices)}")
    missing = [option.title for option in adapter.options if option.required and option.name not in filled]
    if missing:
        raise UsageError(f"还缺：{'、'.join(missing)}")
    return filled


def every(database: Database) -> list[Channel]:
    """All channels, in the order they were made. Raises StoreUnavailable."""
    with database.read() as session:
        return [channel_of(stored) for stored in rows.every(session)]


def named(database: Database, name: str) -> Channel:
    """Raises NotFound."""
    with database.read() as session:
        return channel_of(known(rows.by_name(session, name)))


def rotate(database: Database, name: str, *, by: str, secret: str = "") -> Made:
    """Replace the secret; the old one holds for another 24 hours. secret: the platform's new one, where it makes them.

    Where nothing can be read any more, the options are to be filled in again too.

    Raises NotFound, UsageError.
    """
    with database.write() as session:
        stored = known(rows.by_name(session, name))
        adapter = adapter_for(stored.kind)
        fresh = secret.strip() or (standard.new_secret() if adapter.secret_from == "us" else "")
        if not fresh:
            raise UsageError("请把平台上显示的新密钥填进来")
        _check_secret(adapter, fresh)
        until = datetime.now(UTC) + OLD_SECRET
        values: dict[str, Any] = {"secret": fresh, "old_secret": stored.secret, "old_until": until}
        if stored.locked:
            values["options"] = {}
        rows.change(session, stored.id, **values)
        audit.record(session, by, "channel.rotated", name=name)
        channel = channel_of(known(rows.find(session, stored.id)))
    return Made(channel, path_of(channel), fresh)


def change(
    database: Database,
    name: str,
    *,
    by: str,
    shop: str | None = None,
    people: Iterable[str] | None = None,
    enabled: bool | None = None,
    options: Mapping[str, str] | None = None,
    merge: bool = False,
) -> Channel:
    """Change what is given. Sending is tried again.

    options: all of them, those that are secret and left empty staying; with `merge` only those to change, an empty one goes.

    Raises NotFound, UsageError.
    """
    with database.write() as session:
        stored = known(rows.by_name(session, name))
        values: dict[str, Any] = {}
        if shop is not None:
            values["shop"] = shop
        if people is not None:
            values["people"] = sorted({person.strip() for person in people if person.strip()})
        if enabled is not None:
            values["enabled"] = enabled
        if options is not None:
            adapter = adapter_for(stored.kind)
            values["options"] = check_options(adapter, _with(stored.options, adapter, options, merge=merge))
            values |= {"sends": True, "trouble": ""}
            if stored.locked:
                values |= {"secret": "", "old_secret": ""}
        if values:
            rows.change(session, stored.id, **values)
            audit.record(session, by, "channel.changed", name=name, changed=sorted(values))
        return channel_of(known(rows.find(session, stored.id)))


def _with(
    stored: Mapping[str, str], adapter: Adapter, given: Mapping[str, str], *, merge: bool
) -> dict[str, str]:
    """The options there are with those that are given."""
    if merge:
        return {**stored, **given}
    hidden = {option.name for option in adapter.options if option.secret}
    kept = {key: value for key, value in stored.items() if key in hidden}
    return {**kept, **{key: value for key, value in given.items() if value.strip()}}


def resume(database: Database, name: str, *, by: str) -> int:
    """Send again after trouble, also what was given up; how many that is. Raises NotFound."""
    with database.write() as session:
        stored = known(rows.by_name(session, name))
        rows.change(session, stored.id, sends=True, trouble="")
        audit.record(session, by, "channel.resumed", name=name)
        return deliveries.revive(session, stored.id)


def remove(database: Database, name: str, *, by: str) -> None:
    """Forget a channel; its conversations stay. Raises NotFound."""
    with database.write() as session:
        stored = known(rows.by_name(session, name))
        rows.remove(session, stored.id)
        audit.record(session, by, "channel.removed", kind=stored.kind, name=name)


def send_test(database: Database, name: str) -> None:
    """Queue a test message. Raises NotFound, InvalidRequest when this channel cannot send now."""
    with database.write() as session:
        stored = known(rows.by_name(session, name))
        channel = channel_of(stored)
        reason = adapter_for(stored.kind).test(channel)
        if reason:
            raise InvalidRequest(reason)
        _queue_test(session, stored)


def _queue_test(session: Transaction, stored: StoredChannel) -> None:
    data = {"text": "这是一条测试消息，收到就说明接通了。"}
    now = datetime.now(UTC)
    deliveries.add(session, stored.id, new_key(), "test", {"data": data}, due_at=now)


def new_key() -> str:
    """A number for something that goes out, the same for every attempt."""
    return f"msg_{uuid4().hex}"


def protect(database: Database) -> None:
    """Encrypt the secrets of all channels with the newest key, where there is one. Raises StoreUnavailable, UsageError."""
    with database.write() as session:
        changed = rows.reseal(session)
        found = rows.every(session)
    if changed:
        _log.info("the secrets of %s channels are encrypted now", changed)
    for stored in found:
        if stored.locked:
            _log.error("channel %s: its secrets cannot be read, their key is missing", stored.name)
    if found and not database.seals:
        _log.warning("secrets of channels are not encrypted: set HUASHU_SECRET_KEY")


def path_of(channel: Channel) -> str:
    """Where the platform sends its messages."""
    token = f"/{channel.token}" if channel.token else ""
    return f"/hooks/{channel.kind}/{quote(channel.name)}{token}"


def channel_of(stored: StoredChannel) -> Channel:
    """The channel as adapters see it: its secrets in force now, the old one for as long as it holds."""
    old_holds = stored.old_until is not None and stored.old_until > datetime.now(UTC)
    secrets_in_force = (stored.secret, stored.old_secret if old_holds else "")
    return Channel(
        id=stored.id,
        kind=stored.kind,
        name=stored.name,
        token=stored.token,
        shop=stored.shop,
        secrets=tuple(secret for secret in secrets_in_force if secret),
        options=stored.options,
        state=stored.state,
        people=stored.people,
        enabled=stored.enabled,
        sends=stored.sends,
        trouble=stored.trouble,
        refused=stored.refused,
        created_at=stored.created_at,
        locked=stored.locked,
    )


def known(stored: StoredChannel | None) -> StoredChannel:
    """Raises NotFound for None."""
    if stored is None:
        raise unknown()
    return stored


def unknown() -> NotFound:
    """The error for a channel that is not there."""
    return NotFound("没有这个渠道")


def _check_secret(adapter: Adapter, secret: str) -> None:
    """Raises UsageError for one that cannot be the adapter's."""
    if not secret:
        return
    try:
        adapter.check_secret(secret)
    except ValueError as error:
        raise UsageError(str(error)) from error
