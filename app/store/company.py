"""Company accounts and whose they are; browsers on their way to the provider and back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.errors import Conflict
from app.store.people import Person, Role
from app.store.tables import PersonRow
from app.store.tables_company import CompanyAccountRow, SignInAttemptRow


@dataclass(frozen=True, slots=True)
class Owner:
    """The person a company account belongs to."""

    person: Person
    disabled: bool


def owner(session: Session, issuer: str, subject: str) -> Owner | None:
    """Whose the company account is, once it signed in."""
    return _owner(session, CompanyAccountRow.issuer == issuer, CompanyAccountRow.subject == subject)


def expected(session: Session, issuer: str, login: str) -> Owner | None:
    """Who waits for the company account of this name to sign in for the first time."""
    return _owner(
        session,
        CompanyAccountRow.issuer == issuer,
        CompanyAccountRow.login == login,
        CompanyAccountRow.subject.is_(None),
    )


def expect(session: Session, person: Person, issuer: str, login: str) -> None:
    """The company account of this name will be this person's; what was theirs before no longer is.

    Raises Conflict when somebody else waits for it.
    """
    waiting = expected(session, issuer, login)
    if waiting is not None and waiting.person.id != person.id:
        raise Conflict(f"公司账号「{login}」已经是「{waiting.person.name}」的了")
    forget(session, person)
    _add(session, person, issuer, login, None)


def add(session: Session, person: Person, issuer: str, login: str, subject: str) -> None:
    """Raises Conflict when another request was faster."""
    _add(session, person, issuer, login, subject)


def bind(session: Session, person: Person, subject: str) -> None:
    """The account that was waited for has signed in. Raises Conflict when another request was faster."""
    changed = session.scalars(
        update(CompanyAccountRow)
        .where(CompanyAccountRow.person_id == person.id, CompanyAccountRow.subject.is_(None))
        .values(subject=subject)
        .returning(CompanyAccountRow.person_id)
    )
    try:
        bound = changed.one_or_none() is not None
    except IntegrityError as error:
        raise Conflict("这个公司账号刚刚登录过") from error
    if not bound:
        raise Conflict("这个公司账号刚刚登录过")


def forget(session: Session, person: Person) -> None:
    """From now on no company account opens this person's account."""
    session.execute(delete(CompanyAccountRow).where(CompanyAccountRow.person_id == person.id))


def logins(session: Session) -> dict[int, str]:
    """The names of the company accounts, by person."""
    found = session.execute(select(CompanyAccountRow.person_id, CompanyAccountRow.login))
    return {row.person_id: row.login for row in found}


def set_role(session: Session, person: Person, role: Role) -> None:
    """Give a person another role; sessions that are open have it from the next request on."""
    session.execute(update(PersonRow).where(PersonRow.id == person.id).values(role=role))


def add_attempt(
    session: Session, state_hash: str, browser_hash: str, after: str, lifetime: timedelta
) -> None:
    """A browser leaves for the provider. after: where it wants to go once signed in. Forgets those that never came back."""
    now = datetime.now(UTC)
    session.execute(delete(SignInAttemptRow).where(SignInAttemptRow.expires_at < now))
    session.add(
        SignInAttemptRow(
            state_hash=state_hash, browser_hash=browser_hash, after=after, expires_at=now + lifetime
        )
    )


def take_attempt(session: Session, state_hash: str, browser_hash: str) -> str | None:
    """Where the browser wants to go; None if it never left, took too long or came back before. True for one caller."""
    return session.scalars(
        delete(SignInAttemptRow)
        .where(
            SignInAttemptRow.state_hash == state_hash,
            SignInAttemptRow.browser_hash == browser_hash,
            SignInAttemptRow.expires_at > datetime.now(UTC),
        )
        .returning(SignInAttemptRow.after)
    ).one_or_none()


def _owner(session: Session, *conditions: object) -> Owner | None:
    found = session.scalars(
        select(PersonRow)
        .join(CompanyAccountRow, CompanyAccountRow.person_id == PersonRow.id)
        .where(*conditions)  # type: ignore[arg-type]
    ).first()
    return None if found is None else Owner(Person(found.id, found.name, found.role), found.disabled)


def _add(session: Session, person: Person, issuer: str, login: str, subject: str | None) -> None:
    session.add(
        CompanyAccountRow(
            person_id=person.id, issuer=issuer, login=login, subject=subject, created_at=datetime.now(UTC)
        )
    )
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict("这个公司账号刚刚登录过") from error
