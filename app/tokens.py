"""Tokens with which programs use the API: made by an administrator, shown once, each good for some areas only."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from app.errors import NotFound, StoreUnavailable, UsageError
from app.store import audit
from app.store import tokens as rows
from app.store.database import Database
from app.store.people import Person, Role
from app.store.tokens import ApiToken

PREFIX: Final = "hs_"
SCOPES: Final[dict[str, str]] = {
    "assist": "看建议、搜话术、检查草稿",
    "conversations": "写入和读取对话、反馈、承诺",
    "cases": "登记表、商品",
    "content": "改话术、发布",
    "admin": "账号、接入、审计、顾客数据的导出和删除",
    "metrics": "读运行指标",
}
"""What a token may be good for, with the words a person chooses by."""

_AREAS: Final[dict[str, str]] = {
    "suggest": "assist",
    "scripts": "assist",
    "intents": "assist",
    "cards": "assist",
    "images": "assist",
    "own-scripts": "assist",
    "check-draft": "assist",
    "mcp": "assist",
    "conversations": "conversations",
    "excerpts": "conversations",
    "feedback": "conversations",
    "alerts": "conversations",
    "events": "conversations",
    "promises": "conversations",
    "desk": "conversations",
    "cases": "cases",
    "registers": "cases",
    "products": "cases",
    "studio": "content",
}
_API: Final = "/api/v1/"
_MAX_NAME: Final = 40
_FRESH_SECONDS: Final = 5.0
_CACHE_SIZE: Final = 1000
_TOUCH_SECONDS: Final = 300.0


def scope_of(path: str) -> str | None:
    """The scope that a request to this path needs; None where no token may go (the pages of people)."""
    if path == "/metrics":
        return "metrics"
    if not path.startswith(_API):
        return None
    area = path[len(_API) :].partition("/")[0]
    return _AREAS.get(area, "admin")


def role_of(scopes: Iterable[str]) -> Role:
    """What a program with these scopes counts as where a role is asked for."""
    given = set(scopes)
    if "admin" in given:
        return "admin"
    if "cases" in given:
        return "lead"
    return "trainer" if "content" in given else "agent"


def issue(
    database: Database, name: str, scopes: Iterable[str], *, by: str, lifetime: timedelta | None = None
) -> str:
    """Make a token and return it; it cannot be shown again. Raises UsageError for a bad name or scope, Conflict if taken."""
    name = name.strip()
    wanted = tuple(scope for scope in SCOPES if scope in set(scopes))
    if not 0 < len(name) <= _MAX_NAME or not name.isprintable():
        raise UsageError(f"名字要写 1 到 {_MAX_NAME} 个字")
    if not wanted or set(scopes) - set(SCOPES):
        raise UsageError(f"要选这个令牌能做什么：{'、'.join(SCOPES)}")
    token = PREFIX + secrets.token_urlsafe(32)
    with database.write() as session:
        expires_at = datetime.now(UTC) + lifetime if lifetime else None
        rows.add(session, name, _hash(token), wanted, by, expires_at)
        audit.record(session, by, "token.added", name=name, scopes=list(wanted))
    return token


def revoke(database: Database, name: str, *, by: str) -> None:
    """End a token; other replicas notice within seconds. Raises NotFound."""
    with database.write() as session:
        if not rows.revoke(session, name.strip()):
            raise NotFound(f"没有叫「{name}」的接口令牌")
        audit.record(session, by, "token.revoked", name=name.strip())


def listed(database: Database) -> list[ApiToken]:
    """All tokens, the newest first, also those that ended."""
    with database.read() as session:
        return rows.everything(session)


@dataclass(frozen=True, slots=True)
class Program:
    """A program that showed its token. person: what it counts as for roles and in the audit log."""

    person: Person
    scopes: frozenset[str]
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Seen:
    program: Program
    checked: float


class Programs:
    """Which program a token belongs to, remembered for a few seconds; while the database is away, as long as it lasts."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: dict[str, _Seen] = {}
        self._touched: dict[int, float] = {}
        self._lock = threading.Lock()

    def remembered(self, token: str) -> Program | None:
        """The program if its token was checked a moment ago; never waits."""
        seen = self._seen.get(_hash(token))
        if seen is None or time.monotonic() - seen.checked > _FRESH_SECONDS:
            return None
        return _in_time(seen.program)

    def program(self, token: str) -> Program | None:
        """Raises StoreUnavailable when nothing is known of the token and nobody can be asked."""
        key = _hash(token)
        if not token.startswith(PREFIX):
            return None
        try:
            found = self._look_up(key)
        except StoreUnavailable:
            seen = self._seen.get(key)
            if seen is None:
                raise
            return _in_time(seen.program)
        with self._lock:
            # what nobody knows is not kept: whoever tries many could push out the good ones
            self._seen.pop(key, None)
            if found is not None:
                if len(self._seen) >= _CACHE_SIZE:
                    self._seen.clear()
                self._seen[key] = _Seen(found, time.monotonic())
        return found

    def _look_up(self, key: str) -> Program | None:
        with self._database.read() as session:
            token = rows.find(session, key)
        if token is None:
            return None
        self._touch(token)
        person = Person(-token.id, f"接口 {token.name}", role_of(token.scopes))
        return Program(person, frozenset(token.scopes), token.expires_at)

    def _touch(self, token: ApiToken) -> None:
        """Note the use now and then; that it cannot be noted keeps nobody out."""
        now = time.monotonic()
        if now - self._touched.get(token.id, -_TOUCH_SECONDS) < _TOUCH_SECONDS:
            return
        self._touched[token.id] = now
        try:
            with self._database.write() as session:
                rows.touch(session, token.id)
        except StoreUnavailable:
            return


def _in_time(program: Program) -> Program | None:
    if program.expires_at is not None and program.expires_at <= datetime.now(UTC):
        return None
    return program


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", errors="replace")).hexdigest()
