"""Signing in with a company account: where to send a browser, and what becomes of whoever comes back."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from app import accounts
from app.config import Settings
from app.errors import Conflict, NotAllowed, SignInRequired, UsageError
from app.oidc import AGAIN, Identity, OpenId, challenge_of, login_name, provider_of
from app.outbound import Outbound
from app.store import audit, people
from app.store import company as rows
from app.store.database import Database, Transaction
from app.store.people import Person, Role

TRIP: Final = timedelta(minutes=10)
"""How long somebody may take to sign in at the provider."""
_TRIES: Final = 3
_MAX_NAME: Final = 40
_MAX_WHO: Final = 80
_TOKEN_BYTES: Final = 32
_TOKEN_LENGTH: Final = 43


@dataclass(frozen=True, slots=True)
class Leaving:
    """address: of the provider. browser: what the browser must hold when it comes back."""

    address: str
    browser: str


@dataclass(frozen=True, slots=True)
class _Outcome:
    person: Person | None
    refusal: str = ""


class Company:
    """The provider that the shop has set, and the accounts of the people who come from there."""

    def __init__(self, database: Database, openid: OpenId, settings: Settings) -> None:
        self._database = database
        self._openid = openid
        self._creates = settings.oidc_create == "on"
        self._default = None if settings.oidc_default_role == "none" else settings.oidc_default_role
        self.lifetime = timedelta(hours=settings.oidc_hours)

    @property
    def issuer(self) -> str:
        """The provider's name of itself (`iss`), by which accounts of two providers are told apart."""
        return self._openid.provider.issuer

    def leave(self, browser: str, redirect_uri: str, after: str) -> Leaving:
        """Send a browser to the provider. browser: what it holds from an earlier try, if that is of ours; after: where to
        go once signed in.

        Raises CompanySignInUnavailable, StoreUnavailable.
        """
        browser = browser if len(browser) == _TOKEN_LENGTH else secrets.token_urlsafe(_TOKEN_BYTES)
        state = secrets.token_urlsafe(_TOKEN_BYTES)
        address = self._openid.address(
            redirect_uri,
            state=state,
            nonce=_derived(browser, "nonce", state),
            challenge=challenge_of(_derived(browser, "verifier", state)),
        )
        with self._database.write() as session:
            rows.add_attempt(session, _hash(state), _hash(browser), after, TRIP)
        return Leaving(address, browser)

    def returned(self, browser: str, state: str) -> str:
        """Where a browser that has come back wants to go; each may come back once. Raises SignInRequired."""
        with self._database.write() as session:
            after = rows.take_attempt(session, _hash(state), _hash(browser))
        if after is None:
            raise SignInRequired(AGAIN)
        return after

    def arrive(self, browser: str, state: str, code: str, redirect_uri: str) -> str:
        """Sign in who comes back with a code; returns the session token. Call `returned` first.

        Raises SignInRequired, NotAllowed when there is no account for them, CompanySignInUnavailable, StoreUnavailable.
        """
        identity = self._openid.identity(
            code,
            redirect_uri=redirect_uri,
            verifier=_derived(browser, "verifier", state),
            nonce=_derived(browser, "nonce", state),
        )
        for _ in range(_TRIES - 1):
            try:
                return self._admit(identity)
            except Conflict:
                """Somebody else came in with this account or this name at the same moment: look again."""
        return self._admit(identity)

    def _admit(self, identity: Identity) -> str:
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        with self._database.write() as session:
            outcome = self._person(session, identity)
            if outcome.person is None:
                audit.record(session, identity.login[:_MAX_WHO], "person.refused", why=outcome.refusal)
            else:
                people.add_session(session, outcome.person, _hash(token), self.lifetime, fixed=True)
                audit.record(session, outcome.person.name, "person.signed_in", company=identity.login)
        if outcome.person is None:
            raise NotAllowed(outcome.refusal)
        return token

    def _person(self, session: Transaction, identity: Identity) -> _Outcome:
        """Whose account the company account opens, with the role of today."""
        by_roles = bool(self._openid.provider.roles_claim)
        role = identity.role or self._default
        if by_roles and role is None:
            return _Outcome(None, f"公司账号「{identity.login}」没有用话术助手的权限，请找公司的账号管理员")
        found = rows.owner(session, identity.issuer, identity.subject)
        if found is None:
            found = rows.expected(session, identity.issuer, identity.login)
            if found is not None and not found.disabled:
                rows.bind(session, found.person, identity.subject)
        if found is not None and found.disabled:
            return _Outcome(None, f"账号「{found.person.name}」已经停用，请找管理员")
        if found is None:
            return self._newcomer(session, identity, role)
        if not by_roles or role is None or role == found.person.role:
            return _Outcome(found.person)
        rows.set_role(session, found.person, role)
        audit.record(session, found.person.name, "person.role", role=role)
        return _Outcome(Person(found.person.id, found.person.name, role))

    def _newcomer(self, session: Transaction, identity: Identity, role: Role | None) -> _Outcome:
        if not self._creates or role is None:
            return _Outcome(
                None, f"公司账号「{identity.login}」还没有开通话术助手，请管理员在「账号」页给您加上"
            )
        name = _free_name(session, identity)
        person = people.add(session, name, role)
        rows.add(session, person, identity.issuer, identity.login, identity.subject)
        audit.record(session, name, "person.added", name=name, role=role, company=identity.login)
        return _Outcome(person)


def company_of(database: Database, settings: Settings) -> Company | None:
    """Raises UsageError for settings that cannot work."""
    provider = provider_of(settings)
    if provider is None:
        return None
    return Company(database, OpenId(provider, Outbound(settings.outbound_allow)), settings)


def issuer_of(settings: Settings) -> str:
    """The provider of company accounts. Raises UsageError when none is set."""
    if not settings.oidc_issuer:
        raise UsageError("还没有设置公司账号登录（HUASHU_OIDC_ISSUER），见运维手册")
    return settings.oidc_issuer


def add_expected(database: Database, name: str, role: Role, issuer: str, login: str, *, by: str) -> str:
    """A new account that the company account `login` opens too; returns the token of its sign-in link.

    Raises UsageError for a bad name, Conflict if either is taken.
    """
    with database.write() as session:
        person, token = accounts.create(session, name, role, by=by)
        _expect(session, person, issuer, login, by)
    return token


def expect(database: Database, issuer: str, name: str, login: str, *, by: str) -> None:
    """From now on the company account `login` opens the account `name`, instead of the one that did before.

    It is known by its name until it signs in for the first time, then by what the provider never changes.

    Raises NotFound, Conflict when it is somebody else's, UsageError for what is no name of an account.
    """
    with database.write() as session:
        _expect(session, accounts.known(session, name), issuer, login, by)


def _expect(session: Transaction, person: Person, issuer: str, login: str, by: str) -> None:
    login = login_name(login)
    if not login or not login.isprintable():
        raise UsageError("公司账号要写登录公司系统时用的名字，例如 zhangsan")
    rows.expect(session, person, issuer, login)
    audit.record(session, by, "person.company", name=person.name, company=login)


def _free_name(session: Transaction, identity: Identity) -> str:
    """The person's name, or with something to tell them apart when somebody here is called so already."""
    name = "".join(character for character in identity.name.strip() if character.isprintable())[:_MAX_NAME]
    if not people.is_taken(session, name):
        return name
    short = f"{name[:18]}（{identity.login[:18]}）"
    number = 2
    while people.is_taken(session, short):
        short = f"{name[:18]}（{identity.login[:18]}）{number}"
        number += 1
    return short


def _derived(browser: str, purpose: str, state: str) -> str:
    """A secret that only this browser can tell again."""
    return hmac.new(_bytes(browser), _bytes(f"{purpose}:{state}"), hashlib.sha256).hexdigest()


def _hash(token: str) -> str:
    return hashlib.sha256(_bytes(token)).hexdigest()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", errors="replace")
