"""People and signing in: one-time links instead of passwords, then a session in a cookie.

Tokens are 32 random bytes; the database holds only their SHA-256.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, get_args

from app.errors import NotFound, SignInRequired, StoreUnavailable, UsageError
from app.store import audit
from app.store import people as rows
from app.store.database import Database, Transaction
from app.store.people import LoginLink, Person, Role

ROLES: Final[tuple[Role, ...]] = get_args(Role)
ROLE_NAMES: Final[dict[str, str]] = {"agent": "客服", "trainer": "话术师", "lead": "主管", "admin": "管理员"}

INVITATION: Final = timedelta(hours=24)
START_LINK: Final = timedelta(minutes=10)
SESSION: Final = timedelta(days=30)
OWNER: Final = "店主"
LOCAL_USER: Final = Person(0, "本机", "admin")
"""Who everybody is when sign-in is switched off (HUASHU_AUTH=off)."""

_ANOTHER_LINK: Final = (
    "请管理员再发一个（huashu user link 名字）；在装话术助手的电脑上，重新启动它也会打印新的链接"
)
_TOUCH_AFTER: Final = timedelta(hours=1)
_FRESH_SECONDS: Final = 5.0
_CACHE_SIZE: Final = 10_000
_MAX_NAME: Final = 40


def allows(person: Person, role: Role) -> bool:
    """Whether a person may do what needs `role`: each role may do all that the ones before it in ROLES may."""
    return ROLES.index(person.role) >= ROLES.index(role)


def csrf_token(session_token: str) -> str:
    """What a page of this session must send back with everything that changes something."""
    return hashlib.sha256(b"csrf:" + session_token.encode("utf-8", errors="replace")).hexdigest()


def csrf_matches(session_token: str, given: str) -> bool:
    """Whether a page sent back the `csrf_token` of its session; in a time that tells nothing of how far it is right."""
    return hmac.compare_digest(csrf_token(session_token).encode(), given.encode("utf-8", errors="replace"))


def add_person(database: Database, name: str, role: Role, *, by: str) -> str:
    """Create an account and return the token of its sign-in link. Raises UsageError for a bad name, Conflict if taken."""
    with database.write() as session:
        return create(session, name, role, by=by)[1]


def create(session: Transaction, name: str, role: Role, *, by: str) -> tuple[Person, str]:
    """Like `add_person`, in a transaction that does more: the person and the token."""
    name = name.strip()
    if not 0 < len(name) <= _MAX_NAME or not name.isprintable():
        raise UsageError(f"名字要写 1 到 {_MAX_NAME} 个字")
    person = rows.add(session, name, role)
    audit.record(session, by, "person.added", name=name, role=role)
    token = _new_token()
    rows.add_link(session, person, _hash(token), INVITATION, direct=False)
    return person, token


def new_link(database: Database, name: str, *, by: str) -> str:
    """A fresh sign-in link for an existing account, as a token. Raises NotFound."""
    with database.write() as session:
        person = known(session, name)
        audit.record(session, by, "person.link", name=person.name)
        token = _new_token()
        rows.add_link(session, person, _hash(token), INVITATION, direct=False)
    return token


def disable(database: Database, name: str, *, by: str) -> None:
    """Lock an account out for good; its sessions end. Raises NotFound."""
    with database.write() as session:
        person = known(session, name)
        rows.disable(session, person)
        audit.record(session, by, "person.disabled", name=person.name)


def owner_link(database: Database) -> str:
    """The token of a link that signs the owner (the first administrator, made here if there is none) in at once."""
    token = _new_token()
    with database.write() as session:
        owner = rows.first_with_role(session, "admin")
        if owner is None:
            name = f"{OWNER} {token[:4]}" if rows.is_taken(session, OWNER) else OWNER
            owner = rows.add(session, name, "admin")
            audit.record(session, OWNER, "person.added", name=name, role="admin")
        rows.add_link(session, owner, _hash(token), START_LINK, direct=True)
    return token


def any_account(database: Database) -> bool:
    """Whether anybody can sign in at all; without, an address other machines reach answers 503. Raises StoreUnavailable."""
    with database.read() as session:
        return rows.any_enabled(session)


def find_link(database: Database, token: str) -> LoginLink:
    """The link of this token while it can be used. Raises SignInRequired saying why it cannot."""
    with database.read() as session:
        link = rows.find_link(session, _hash(token))
    if link is None:
        raise SignInRequired("这个登录链接不对，请检查有没有复制完整，或者请管理员再发一个")
    if link.used:
        raise SignInRequired(f"这个登录链接已经用过了，每个链接只能用一次。{_ANOTHER_LINK}")
    if link.expires_at <= datetime.now(UTC):
        raise SignInRequired(f"这个登录链接过期了。{_ANOTHER_LINK}")
    return link


def redeem(database: Database, token: str) -> str:
    """Use a link up and begin a session; returns the session token. Raises SignInRequired, also for the slower of two."""
    link = find_link(database, token)
    session_token = _new_token()
    with database.write() as session:
        used = rows.use_link(session, _hash(token))
        if used:
            rows.add_session(session, link.person, _hash(session_token), SESSION)
            audit.record(session, link.person.name, "person.signed_in")
    if not used:
        raise SignInRequired(f"这个登录链接刚刚被用掉了。{_ANOTHER_LINK}")
    return session_token


@dataclass(frozen=True, slots=True)
class _Seen:
    person: Person
    expires_at: datetime
    checked: float


class Sessions:
    """Who a session token belongs to, remembered for a few seconds so that not every request asks the database.

    While the database is away, sessions seen before keep working until they expire.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: dict[str, _Seen] = {}
        self._lock = threading.Lock()

    def remembered(self, token: str) -> Person | None:
        """The person if the token was checked a moment ago; never waits."""
        seen = self._seen.get(_hash(token))
        if seen is None or time.monotonic() - seen.checked > _FRESH_SECONDS:
            return None
        return seen.person if seen.expires_at > datetime.now(UTC) else None

    def person(self, token: str) -> Person | None:
        """The person of this token, or None. Raises StoreUnavailable when nothing is known and nobody can be asked."""
        key = _hash(token)
        try:
            person, expires_at = self._look_up(key)
        except StoreUnavailable:
            seen = self._seen.get(key)
            if seen is None or seen.expires_at <= datetime.now(UTC):
                raise
            person, expires_at = seen.person, seen.expires_at
        with self._lock:
            if len(self._seen) >= _CACHE_SIZE:
                self._seen.clear()
            if person is None:
                self._seen.pop(key, None)
            else:
                self._seen[key] = _Seen(person, expires_at, time.monotonic())
        return person

    def end(self, token: str) -> None:
        """Sign out. Raises StoreUnavailable."""
        key = _hash(token)
        with self._database.write() as session:
            found = rows.find_session(session, key)
            if found is not None:
                rows.remove_session(session, key)
                audit.record(session, found.person.name, "person.signed_out")
        with self._lock:
            self._seen.pop(key, None)

    def _look_up(self, key: str) -> tuple[Person | None, datetime]:
        now = datetime.now(UTC)
        with self._database.read() as session:
            found = rows.find_session(session, key)
        if found is None:
            return None, now
        if now - found.last_seen_at <= _TOUCH_AFTER:
            return found.person, found.expires_at
        expires_at = min(now + SESSION, found.ends_at or datetime.max.replace(tzinfo=UTC))
        with self._database.write() as session:
            rows.touch_session(session, key, expires_at)
        return found.person, expires_at


def _new_token() -> str:
    return secrets.token_urlsafe(32)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", errors="replace")).hexdigest()


def known(session: Transaction, name: str) -> Person:
    """The enabled person of this name. Raises NotFound."""
    person = rows.by_name(session, name.strip())
    if person is None:
        raise NotFound(f"没有叫「{name}」的账号")
    return person
