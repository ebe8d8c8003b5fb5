"""Backups: made while the service runs, whole or not at all, restored into either kind of database."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app import accounts, backup, tokens
from app.__main__ import main
from app.errors import Conflict, UsageError
from app.releases import newest_files, publish
from app.store import archive
from app.store import conversations as turns
from app.store.conversations import NewTurn
from app.store.database import Database
from app.store.schema import tables
from tests.conftest import ENOUGH, empty_postgres
from tests.rows import fill, present


@pytest.fixture
def filled(database: Database) -> Database:
    """A database with a release, people, a conversation, and rows in every other table."""
    publish(database, ENOUGH, author="甲", trainer=lambda files: b"model")
    for name in ("小鱼", "小虾"):
        accounts.add_person(database, name, "lead", by="甲")
    with database.write() as session:
        for conversation in ("c-1", "c-2"):
            turns.lock(session, conversation, shop="甲店", channel="panel", label="阿May 😀")
            turns.add_turn(session, conversation, NewTurn("customer", "毛衣\u2028缩水了\n“真的”", "m-1"))
    fill(database, present(database))
    return database


@pytest.fixture
def other_postgres(postgres: str) -> Iterator[str]:
    with empty_postgres(postgres) as url:
        yield url


def counts(database: Database) -> dict[str, int]:
    with database.read() as session:
        return {
            name: session.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in tables.Base.metadata.tables.items()
        }


def test_what_was_stored_comes_back_in_the_other_kind_too(
    filled: Database, tmp_path: Path, other_postgres: str
) -> None:
    file = tmp_path / "备份.zip"
    made = backup.make(filled, file)
    assert file.stat().st_mode & 0o077 == 0
    for address in (tmp_path / "copy.db", other_postgres):
        copy = Database(address)
        assert backup.restore(copy, file) == made
        assert counts(copy) == counts(filled)
        assert sum(counts(copy).values()) == made.rows
        assert newest_files(copy) == newest_files(filled)
        assert list(archive.lines(copy)) == list(archive.lines(filled))
        accounts.add_person(copy, "新人", "agent", by="甲")
        with pytest.raises(Conflict):
            accounts.add_person(copy, "小鱼", "agent", by="甲")
        copy.close()


def test_a_backup_goes_only_into_what_is_empty(filled: Database, tmp_path: Path) -> None:
    file = tmp_path / "a.zip"
    backup.make(filled, file)
    before = counts(filled)
    with pytest.raises(UsageError, match="已经有数据"):
        backup.restore(filled, file)
    assert counts(filled) == before


@pytest.mark.parametrize("harm", ["cut", "changed", "text", "other zip", "newer", "no file"])
def test_a_harmed_backup_is_refused_and_leaves_nothing(tmp_path: Path, harm: str) -> None:
    file, target = tmp_path / "a.zip", Database(tmp_path / "new.db")
    source = Database(tmp_path / "old.db")
    source.upgrade()
    tokens.issue(source, "甲", ["assist"], by="店主")
    backup.make(source, file)
    with zipfile.ZipFile(file) as archived:
        rows, manifest = archived.read("rows.jsonl"), json.loads(archived.read("manifest.json"))
    if harm == "cut":
        file.write_bytes(file.read_bytes()[:-200])
    elif harm == "text":
        file.write_text("不是备份")
    elif harm == "no file":
        file.unlink()
    else:
        with zipfile.ZipFile(file, "w") as archived:
            if harm == "changed":
                rows = rows.replace("甲".encode(), "乙".encode())
            if harm != "other zip":
                archived.writestr("rows.jsonl", rows)
            manifest["format"] = 2 if harm == "newer" else 1
            archived.writestr("manifest.json", json.dumps(manifest))
    with pytest.raises(UsageError):
        backup.restore(target, file)
    target.upgrade()
    assert archive.is_empty(target)


def test_a_target_that_cannot_be_written_keeps_the_old_backup(tmp_path: Path) -> None:
    source = Database(tmp_path / "old.db")
    source.upgrade()
    with pytest.raises(UsageError, match="写不了"):
        backup.make(source, tmp_path / "missing" / "a.zip")
    assert [path.name for path in tmp_path.glob("*.partial")] == []


def test_the_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "data").mkdir()
    database = Database(tmp_path / "data" / "huashu.db")
    database.upgrade()
    accounts.add_person(database, "小鱼", "lead", by="甲")
    file, copy = str(tmp_path / "a.zip"), tmp_path / "copy"
    assert main(["backup", file, "--data", str(tmp_path / "data")]) == 0
    assert main(["restore", file, "--data", str(copy)]) == 0
    made, restored = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert made == restored
    assert counts(Database(copy / "huashu.db")) == counts(database)
    assert main(["restore", file, "--data", str(copy)]) == 2
    assert main(["backup", file, "--data", str(tmp_path / "nothing")]) == 2
