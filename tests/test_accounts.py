"""One-time links, sessions, roles."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from app import accounts
from app.errors import Conflict, NotFound, SignInRequired, StoreUnavailable, UsageError
from app.store import audit
from app.store.database import Database
from app.store.people import Person


def test_a_link_signs_in_once(database: Database) -> None:
    link = accounts.add_person(database, "小鱼", "trainer", by="甲")
    session = accounts.redeem(database, link)
    person = accounts.Sessions(database).person(session)
    assert person is not None
    assert (person.name, person.role) == ("小鱼", "trainer")
    with pytest.raises(SignInRequired, match="已经用过"):
        accounts.redeem(database, link)


def test_of_many_who_open_a_link_one_gets_in(database: Database) -> None:
    link = accounts.add_person(database, "小鱼", "agent", by="甲")

    def attempt(_: int) -> bool:
        try:
            accounts.redeem(database, link)
        except SignInRequired:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(attempt, range(8))) == 1


def test_unknown_and_expired_links_say_what_to_do(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SignInRequired, match="不对"):
        accounts.redeem(database, "\ud800")
    monkeypatch.setattr(accounts, "INVITATION", timedelta(seconds=-1))
    link = accounts.add_person(database, "小鱼", "agent", by="甲")
    with pytest.raises(SignInRequired, match="过期.*再发一个"):
        accounts.redeem(database, link)


def test_tokens_are_not_stored(database: Database) -> None:
    link = accounts.add_person(database, "小鱼", "agent", by="甲")
    with database.read() as session:
        rows = session.connection().exec_driver_sql("SELECT token_hash FROM login_links").all()
    assert link not in str(rows)
    assert len(link) >= 43


def test_names_are_taken_once_and_must_be_names(database: Database) -> None:
    accounts.add_person(database, " 小鱼 ", "agent", by="甲")
    with pytest.raises(Conflict, match="小鱼"):
        accounts.add_person(database, "小鱼", "lead", by="甲")
    for name in ("", "  ", "长" * 41, "a\nb", "a\x00"):
        with pytest.raises(UsageError):
            accounts.add_person(database, name, "agent", by="甲")


def test_an_account_gets_another_link_until_it_is_disabled(database: Database) -> None:
    accounts.add_person(database, "小鱼", "agent", by="甲")
    session = accounts.redeem(database, accounts.new_link(database, "小鱼", by="甲"))
    unused = accounts.new_link(database, "小鱼", by="甲")
    accounts.disable(database, "小鱼", by="甲")
    assert accounts.Sessions(database).person(session) is None
    with pytest.raises(SignInRequired):
        accounts.redeem(database, unused)
    with pytest.raises(NotFound, match="小鱼"):
        accounts.new_link(database, "小鱼", by="甲")


def test_the_owner_is_made_once(database: Database) -> None:
    assert not accounts.any_account(database)
    first, second = accounts.owner_link(database), accounts.owner_link(database)
    sessions = accounts.Sessions(database)
    owners = {sessions.person(accounts.redeem(database, link)) for link in (first, second)}
    assert [(owner.name, owner.role) for owner in owners if owner] == [("店主", "admin")]
    assert accounts.any_account(database)


def test_a_new_owner_when_the_first_one_was_disabled(database: Database) -> None:
    accounts.owner_link(database)
    accounts.disable(database, "店主", by="甲")
    assert accounts.redeem(database, accounts.owner_link(database))


def test_sessions_outlive_the_database_for_those_seen_before(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = accounts.redeem(database, accounts.owner_link(database))
    sessions = accounts.Sessions(database)
    person = sessions.person(session)

    def gone() -> None:
        raise StoreUnavailable("没了")

    monkeypatch.setattr(database, "read", gone)
    assert sessions.person(session) == person
    with pytest.raises(StoreUnavailable):
        sessions.person("another")


def test_signing_out_ends_the_session_at_once(database: Database) -> None:
    session = accounts.redeem(database, accounts.owner_link(database))
    sessions = accounts.Sessions(database)
    assert sessions.remembered(session) is None
    assert sessions.person(session) is not None
    assert sessions.remembered(session) is not None
    sessions.end(session)
    assert sessions.remembered(session) is None
    assert sessions.person(session) is None


def test_sessions_in_use_last_longer(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    session = accounts.redeem(database, accounts.owner_link(database))
    monkeypatch.setattr(accounts, "_TOUCH_AFTER", timedelta(seconds=-1))
    monkeypatch.setattr(accounts, "SESSION", timedelta(seconds=-1))
    sessions = accounts.Sessions(database)
    assert sessions.person(session) is not None
    assert sessions.person(session) is None, "the second look finds the lifetime set by the first"


def test_expired_sessions_are_nobody(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "SESSION", timedelta(seconds=-1))
    session = accounts.redeem(database, accounts.owner_link(database))
    assert accounts.Sessions(database).person(session) is None


def test_roles_include_the_ones_before(database: Database) -> None:
    lead = Person(1, "甲", "lead")
    assert [role for role in accounts.ROLES if accounts.allows(lead, role)] == ["agent", "trainer", "lead"]


def test_csrf_tokens_belong_to_a_session() -> None:
    assert accounts.csrf_matches("a", accounts.csrf_token("a"))
    assert not accounts.csrf_matches("b", accounts.csrf_token("a"))
    assert not accounts.csrf_matches("a", "")
    assert not accounts.csrf_matches("a", "中文")


def test_what_happens_to_accounts_is_audited(database: Database) -> None:
    accounts.redeem(database, accounts.add_person(database, "小鱼", "agent", by="甲"))
    with database.read() as session:
        entries = [(entry.who, entry.what) for entry in audit.latest(session)]
    assert entries == [("小鱼", "person.signed_in"), ("甲", "person.added")]
