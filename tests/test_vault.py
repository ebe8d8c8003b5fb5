"""Secrets of channels: unreadable in the database, with every way a key can be there, changed or lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from errno import EROFS
from pathlib import Path

import pytest
from sqlalchemy import text

from app.channels import manage
from app.errors import UsageError
from app.store import channels as rows
from app.store.database import Database
from app.store.vault import Locked, Vault

FIRST, SECOND = "first-" + "k" * 32, "second-" + "k" * 32
OPTIONS = {"url": "https://chat.example", "account": "1", "token": "very-secret-token"}


@pytest.fixture
def plain(address: str | Path) -> Iterator[Database]:
    """A database as a program before encryption left it: one channel, its secrets readable."""
    database = Database(address)
    database.upgrade()
    manage.add(database, "chatwoot", "官网", {**OPTIONS, "secret": "s3cr3t-of-chatwoot"}, by="测试")
    yield database
    database.close()


def stored(database: Database) -> str:
    with database.read() as session:
        found = session.execute(text("SELECT secret, old_secret, options FROM channels")).all()
    return json.dumps([[str(value) for value in row] for row in found])


Opening = Callable[[str], Database]


@pytest.fixture
def opened(address: str | Path) -> Iterator[Opening]:
    """The database as a start with these keys leaves it."""
    with ExitStack() as stack:

        def open_it(keys: str) -> Database:
            database = Database(address, Vault(keys))
            stack.callback(database.close)
            manage.protect(database)
            return database

        yield open_it


def test_secrets_are_encrypted_at_the_next_start_and_with_a_new_key(plain: Database, opened: Opening) -> None:
    assert "very-secret-token" in stored(plain)
    first = opened(FIRST)
    assert "secret-token" not in stored(plain)
    assert "s3cr3t" not in stored(plain)
    assert manage.named(first, "官网").options == OPTIONS
    before = stored(plain)
    opened(FIRST)
    assert stored(plain) == before, "nothing to do"
    both = opened(f"{SECOND},{FIRST}")
    assert manage.named(both, "官网").secrets == ("s3cr3t-of-chatwoot",)
    assert manage.named(opened(SECOND), "官网").options == OPTIONS
    assert manage.named(opened(FIRST), "官网").locked


def test_without_the_key_nothing_is_read_and_it_can_be_filled_in_again(
    plain: Database, opened: Opening
) -> None:
    opened(FIRST)
    lost = opened(SECOND)
    found = manage.named(lost, "官网")
    assert (found.locked, found.secrets, found.options) == (True, (), {})
    assert manage.named(plain, "官网").locked
    manage.rotate(lost, "官网", by="测试", secret="fresh")
    manage.change(lost, "官网", by="测试", options=OPTIONS)
    found = manage.named(lost, "官网")
    assert (found.locked, found.secrets, found.options) == (False, ("fresh",), OPTIONS)


def test_the_way_back_makes_them_readable(plain: Database, opened: Opening) -> None:
    sealed = opened(FIRST)
    manage.rotate(sealed, "官网", by="测试", secret="fresh")
    with sealed.write() as session:
        assert rows.unseal(session) == 1
    assert manage.named(plain, "官网").secrets == ("fresh", "s3cr3t-of-chatwoot")
    assert "very-secret-token" in stored(plain)


def test_a_place_where_nothing_can_be_written_is_said_plainly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(*_: object, **__: object) -> None:
        raise OSError(EROFS, "Read-only file system")

    monkeypatch.setattr("os.open", read_only)
    monkeypatch.setattr(Path, "unlink", read_only)
    with pytest.raises(UsageError, match=r"写不了 .*secret\.key"):
        Vault(file=tmp_path / "secret.key").seal("密钥")


def test_the_file_is_made_once_and_for_us_alone(tmp_path: Path) -> None:
    file = tmp_path / "secret.key"
    assert Vault(file=file).open("plain") == "plain"
    assert not file.exists(), "not before there is something to seal"
    with ThreadPoolExecutor(8) as pool:
        sealed = list(pool.map(lambda _: Vault(file=file).seal("密钥"), range(8)))
    assert {Vault(file=file).open(one) for one in sealed} == {"密钥"}
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]
    later = Vault(FIRST, file)
    assert later.open(sealed[0]) == "密钥", "what the file sealed is still read"
    assert not later.is_fresh(sealed[0])
    file.write_text("")
    with pytest.raises(UsageError, match="不完整"):
        Vault(file=file).open(sealed[0])


def test_what_is_no_key_and_no_seal() -> None:
    with pytest.raises(UsageError, match="32"):
        Vault("short")
    assert not Vault().seals
    assert (Vault().seal("x"), Vault(FIRST).seal("")) == ("x", "")
    good = Vault(FIRST).seal("x")
    for broken in (good[:-4], "sealed:1:", "sealed:1:非"):
        with pytest.raises(Locked):
            Vault(FIRST).open(broken)
    with pytest.raises(Locked):
        Vault().open(good)
