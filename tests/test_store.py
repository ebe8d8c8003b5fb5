"""The store, on SQLite and on PostgreSQL."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from app.__main__ import main
from app.errors import Conflict, ContentInvalid, StoreUnavailable, UsageError
from app.store import audit, models, people, releases, settings
from app.store.database import Database
from app.store.schema import tables

DAY = timedelta(days=1)


def add_release(database: Database, digest: str) -> releases.Release:
    with database.write() as session:
        models.put(session, "nlu", b"model")
        return releases.add(
            session, digest=digest, nlu_digest="nlu", note="", author="甲", files={"intents/a.yaml": digest}
        )


def test_migrations_make_exactly_the_tables(database: Database) -> None:
    with database.read() as session:
        context = MigrationContext.configure(session.connection(), opts={"compare_type": True})
        assert compare_metadata(context, tables.Base.metadata) == []


def test_upgrading_again_changes_nothing(database: Database) -> None:
    add_release(database, "d")
    database.upgrade()
    with database.read() as session:
        assert releases.newest_number(session) == 1


def upgrade(address: str | Path) -> None:
    database = Database(address)
    database.upgrade()
    database.close()


def test_several_processes_upgrade_at_once(empty_address: str | Path) -> None:
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        pool.map(upgrade, [empty_address] * 3)
    database = Database(empty_address)
    assert add_release(database, "d").number == 1
    database.close()


def test_a_release_comes_back_as_stored(database: Database) -> None:
    before = datetime.now(UTC)
    stored = add_release(database, "d")
    with database.read() as session:
        found = releases.newest(session)
        assert found == stored
        assert found == releases.find(session, 1)
        assert releases.latest(session) == [stored]
        assert releases.files(session, 1) == {"intents/a.yaml": "d"}
        assert models.find(session, "nlu") == b"model"
        assert releases.find(session, 2) is None
        assert models.find(session, "other") is None
    assert found is not None
    assert before <= found.created_at <= datetime.now(UTC)
    assert found.created_at.utcoffset() == timedelta(0)


def test_numbers_follow_each_other_with_many_publishers(database: Database) -> None:
    def add(index: int) -> int:
        while True:
            try:
                return add_release(database, f"d{index}").number
            except Conflict:
                continue

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(add, range(12))) == list(range(1, 13))


def test_a_failure_leaves_nothing_behind(database: Database) -> None:
    def fail() -> None:
        with database.write() as session:
            models.put(session, "nlu", b"model")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with database.read() as session:
        assert not models.known(session, {"nlu"})


def test_a_damaged_model_is_as_good_as_none_and_is_replaced(database: Database) -> None:
    add_release(database, "d")
    with database.write() as session:
        session.execute(text("UPDATE models SET sha256 = 'x'"))
    with database.read() as session:
        assert models.find(session, "nlu") is None
    with database.write() as session:
        models.put(session, "nlu", b"again")
    with database.write() as session:
        models.put(session, "nlu", b"not wanted")
    with database.read() as session:
        assert models.find(session, "nlu") == b"again"


def test_a_damaged_release_is_said_plainly(database: Database) -> None:
    add_release(database, "d")
    with database.write() as session:
        session.execute(text("UPDATE releases SET files = :half"), {"half": b"x\x9c\x00"})
    with pytest.raises(ContentInvalid, match="第 1 版损坏"), database.read() as session:
        releases.files(session, 1)


def test_names_are_unique(database: Database) -> None:
    with database.write() as session:
        people.add(session, "小鱼", "agent")
    with pytest.raises(Conflict, match="小鱼"), database.write() as session:
        people.add(session, "小鱼", "lead")


def test_a_link_is_used_once_however_many_try(database: Database) -> None:
    with database.write() as session:
        person = people.add(session, "小鱼", "agent")
        people.add_link(session, person, "hash", DAY, direct=False)

    def use(_: int) -> bool:
        with database.write() as session:
            return people.use_link(session, "hash")

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(use, range(8))) == 1


def test_an_expired_link_cannot_be_used(database: Database) -> None:
    with database.write() as session:
        person = people.add(session, "小鱼", "agent")
        people.add_link(session, person, "hash", -DAY, direct=False)
    with database.write() as session:
        assert not people.use_link(session, "hash")


def test_disabling_ends_sessions_and_links(database: Database) -> None:
    with database.write() as session:
        person = people.add(session, "小鱼", "agent")
        people.add_link(session, person, "link", DAY, direct=False)
        people.add_session(session, person, "session", DAY)
        assert people.find_session(session, "session") is not None
        people.disable(session, person)
        assert people.find_session(session, "session") is None
        assert people.find_link(session, "link") is None
        assert people.by_name(session, "小鱼") is None
        assert people.is_taken(session, "小鱼")
        assert not people.any_enabled(session)


def test_touching_a_session_makes_it_last(database: Database) -> None:
    with database.write() as session:
        person = people.add(session, "小鱼", "agent")
        people.add_session(session, person, "session", timedelta(minutes=1))
        people.touch_session(session, "session", datetime.now(UTC) + DAY)
        found = people.find_session(session, "session")
        assert found is not None
        assert found.expires_at > datetime.now(UTC) + timedelta(hours=23)
        people.remove_session(session, "session")
        assert people.find_session(session, "session") is None


def test_settings_and_audit(database: Database) -> None:
    with database.write() as session:
        settings.put(session, "address", {"url": "http://甲"})
        settings.put(session, "address", "http://乙")
        audit.record(session, "甲", "release.published", number=1)
    with database.read() as session:
        assert settings.get(session, "address") == "http://乙"
        assert settings.get(session, "nothing") is None
        assert [(entry.who, entry.what, entry.detail) for entry in audit.latest(session)] == [
            ("甲", "release.published", {"number": 1})
        ]


def test_a_deleted_file_takes_no_writes(tmp_path: Path) -> None:
    database = Database(tmp_path / "huashu.db")
    database.upgrade()
    add_release(database, "d")
    (tmp_path / "huashu.db").rename(tmp_path / "away.db")
    assert not database.ping()
    with pytest.raises(StoreUnavailable):
        add_release(database, "e")
    (tmp_path / "away.db").rename(tmp_path / "huashu.db")
    assert add_release(database, "f").number == 2
    database.close()


def test_an_unreachable_server_is_unavailable_not_a_crash() -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/none")
    assert not database.ping()
    with pytest.raises(StoreUnavailable, match="连不上数据库 127.0.0.1/none：.*HUASHU_DATABASE_URL"):
        database.upgrade()
    database.close()


@pytest.mark.parametrize("address", ["mysql://localhost/x", "nonsense"])
def test_other_databases_are_refused(address: str) -> None:
    with pytest.raises(UsageError):
        Database(address)


def test_a_newer_database_is_refused(empty_address: str | Path) -> None:
    upgrade(empty_address)
    database = Database(empty_address)
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreUnavailable, match="更新版本"):
        database.upgrade()
    database.close()


@pytest.mark.parametrize("damage", [b"nonsense " * 1000, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_file_is_said_plainly(
    tmp_path: Path, damage: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "huashu.db").write_bytes(damage)
    assert main(["export", str(tmp_path / "out"), "--data", str(tmp_path)]) == 2
    assert "损坏" in capsys.readouterr().err


def test_a_file_damaged_later_is_said_plainly(tmp_path: Path) -> None:
    path = tmp_path / "huashu.db"
    database = Database(path)
    database.upgrade()
    database.close()
    path.write_bytes(path.read_bytes()[:4096] + b"\xff" * 100_000)
    with pytest.raises(StoreUnavailable, match="损坏"), database.read() as session:
        releases.newest(session)


def test_a_folder_in_place_of_the_file_is_no_crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.store.database._BUSY_SECONDS", 0)
    (tmp_path / "huashu.db").mkdir()
    with pytest.raises(StoreUnavailable, match="存取不了"):
        Database(tmp_path / "huashu.db").upgrade()


def test_writers_of_a_process_wait_for_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.store.database._BUSY_SECONDS", 0)  # SQLite itself refuses whom it finds waiting
    database = Database(tmp_path / "huashu.db")
    database.upgrade()

    def add(number: int) -> None:
        for _ in range(5):
            with database.write() as session:
                settings.put(
                    session, f"key {number}", str(int(settings.get(session, f"key {number}") or 0) + 1)
                )

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(8)))
    with database.read() as session:
        assert {settings.get(session, f"key {number}") for number in range(8)} == {"5"}
    database.close()


def test_a_write_that_never_ends_keeps_others_waiting_only_so_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.store.database._TURN_SECONDS", 0)
    database = Database(tmp_path / "huashu.db")
    database.upgrade()
    with database.write(), pytest.raises(StoreUnavailable, match="稍后再试"), database.write():
        pass
    with database.write() as session:
        settings.put(session, "key", "x")
    database.close()
