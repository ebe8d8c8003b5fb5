"""People, their one-time links and their sessions. Tokens come in already hashed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.errors import Conflict
from app.store.tables import LoginLinkRow, PersonRow, SessionRow

Role = Literal["agent", "trainer", "lead", "admin"]


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in, or the program of a token. id: 0 for the local user when sign-in is off."""

    id: int
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Account:
    """A person as the list of accounts shows them. last_seen_at: of the sessions that are left."""

    person: Person
    disabled: bool
    created_at: datetime
    last_seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class LoginLink:
    """A stored link and whose it is."""

    person: Person
    direct: bool
    expires_at: datetime
    used: bool


@dataclass(frozen=True, slots=True)
class StoredSession:
    """ends_at: when it is over however much it is used, if ever."""

    person: Person
    last_seen_at: datetime
    expires_at: datetime
    ends_at: datetime | None


def add(session: Session, name: str, role: Role) -> Person:
    """Raises Conflict when somebody has this name already."""
    row = PersonRow(name=name, role=role, created_at=datetime.now(UTC), disabled=False)
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict(f"已经有叫「{name}」的账号了，换个名字，或者给他再发一个登录链接") from error
    return _person(row)


def by_name(session: Session, name: str) -> Person | None:
    """The enabled person of this name."""
    row = session.scalar(select(PersonRow).where(PersonRow.name == name, PersonRow.disabled.is_(False)))
    return None if row is None else _person(row)


def is_taken(session: Session, name: str) -> bool:
    """Whether anybody, enabled or not, has this name."""
    return session.scalar(select(PersonRow.id).where(PersonRow.name == name)) is not None


def everybody(session: Session) -> list[Account]:
    """All accounts, those in use first, by name."""
    seen = func.max(SessionRow.last_seen_at)
    found = session.execute(
        select(PersonRow, seen)
        .outerjoin(SessionRow, SessionRow.person_id == PersonRow.id)
        .group_by(PersonRow.id)
        .order_by(PersonRow.disabled, PersonRow.name)
    )
    return [Account(_person(row), row.disabled, row.created_at, last) for row, last in found]


def first_with_role(session: Session, role: Role) -> Person | None:
    """The oldest enabled account of exactly this role."""
    enabled = select(PersonRow).where(PersonRow.role == role, PersonRow.disabled.is_(False))
    row = session.scalar(enabled.order_by(PersonRow.id).limit(1))
    return None if row is None else _person(row)


def any_enabled(session: Session) -> bool:
    """Whether there is an account that may sign in."""
    return session.scalar(select(PersonRow.id).where(PersonRow.disabled.is_(False)).limit(1)) is not None


def disable(session: Session, person: Person) -> None:
    """Lock a person out: no new sign-in, and every session and unused link ends."""
    session.execute(update(PersonRow).where(PersonRow.id == person.id).values(disabled=True))
    session.execute(delete(SessionRow).where(SessionRow.person_id == person.id))
    session.execute(delete(LoginLinkRow).where(LoginLinkRow.person_id == person.id))


def add_link(session: Session, person: Person, token_hash: str, lifetime: timedelta, *, direct: bool) -> None:
    """Store a link, and forget links and sessions that ended more than a month ago."""
    now = datetime.now(UTC)
    old = now - timedelta(days=30)
    session.execute(delete(LoginLinkRow).where(LoginLinkRow.expires_at < old))
    session.execute(delete(SessionRow).where(SessionRow.expires_at < old))
    session.add(
        LoginLinkRow(
            token_hash=token_hash,
            person_id=person.id,
            direct=direct,
            created_at=now,
            expires_at=now + lifetime,
        )
    )


def find_link(session: Session, token_hash: str) -> LoginLink | None:
    """The one-time link with this hash, used or not; None when there is none or its person is disabled."""
    found = session.execute(
        select(LoginLinkRow, PersonRow)
        .join(PersonRow, PersonRow.id == LoginLinkRow.person_id)
        .where(LoginLinkRow.token_hash == token_hash, PersonRow.disabled.is_(False))
    ).one_or_none()
    if found is None:
        return None
    link, person = found
    return LoginLink(_person(person), link.direct, link.expires_at, link.used_at is not None)


def use_link(session: Session, token_hash: str) -> bool:
    """Mark a link used. True for exactly one caller, however many try at once."""
    now = datetime.now(UTC)
    marked = session.scalars(
        update(LoginLinkRow)
        .where(
            LoginLinkRow.token_hash == token_hash,
            LoginLinkRow.used_at.is_(None),
            LoginLinkRow.expires_at > now,
        )
        .values(used_at=now)
        .returning(LoginLinkRow.token_hash)
    )
    return marked.one_or_none() is not None


def add_session(
    session: Session, person: Person, token_hash: str, lifetime: timedelta, *, fixed: bool = False
) -> None:
    """fixed: the session ends after `lifetime` even when it is used."""
    now = datetime.now(UTC)
    session.add(
        SessionRow(
            token_hash=token_hash,
            person_id=person.id,
            created_at=now,
            last_seen_at=now,
            expires_at=now + lifetime,
            ends_at=now + lifetime if fixed else None,
        )
    )


def find_session(session: Session, token_hash: str) -> StoredSession | None:
    """The session if it has not expired and its person is enabled."""
    found = session.execute(
        select(SessionRow, PersonRow)
        .join(PersonRow, PersonRow.id == SessionRow.person_id)
        .where(
            SessionRow.token_hash == token_hash,
            SessionRow.expires_at > datetime.now(UTC),
            PersonRow.disabled.is_(False),
        )
    ).one_or_none()
    if found is None:
        return None
    row, person = found
    return StoredSession(_person(person), row.last_seen_at, row.expires_at, row.ends_at)


def touch_session(session: Session, token_hash: str, expires_at: datetime) -> None:
    """Note that the session was used now; it lasts until `expires_at`."""
    values = {"last_seen_at": datetime.now(UTC), "expires_at": expires_at}
    session.execute(update(SessionRow).where(SessionRow.token_hash == token_hash).values(values))


def remove_session(session: Session, token_hash: str) -> None:
    """End a session; nothing when it is over already. token_hash: SHA-256 of the cookie's token."""
    session.execute(delete(SessionRow).where(SessionRow.token_hash == token_hash))


def _person(row: PersonRow) -> Person:
    return Person(row.id, row.name, row.role)
