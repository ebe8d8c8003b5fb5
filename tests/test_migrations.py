"""Upgrades and the way back, with rows in every table: what both versions know of is there before and after."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    Connection,
    Table,
    inspect,
    select,
    text,
)

from app.__main__ import main
from app.errors import StoreUnavailable
from app.store.database import MIGRATIONS, Database
from app.store.schema import tables
from tests.conftest import empty_postgres
from tests.rows import VERSION, fill, present, reflected

REVISIONS = sorted(file.name.partition("_")[0] for file in MIGRATIONS.glob("versions/[0-9]*.py"))

Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture(params=["sqlite", "postgresql"])
def first(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database as the first version made it, of each kind in turn."""
    if request.param == "sqlite":
        yield from opened(tmp_path / "huashu.db")
        return
    with empty_postgres(request.getfixturevalue("postgres")) as url:
        yield from opened(url)


def opened(address: str | Path) -> Iterator[Database]:
    database = Database(address)
    database.upgrade(REVISIONS[0])
    yield database
    database.close()


def everything(database: Database, there: list[Table] | None = None) -> Rows:
    """The rows of these tables, by default of all there are."""
    with database.read() as session:
        connection = session.connection()
        return {
            table.name: [
                dict(row)
                for row in connection.execute(select(table).order_by(*table.primary_key.columns)).mappings()
            ]
            for table in there or reflected(connection)
        }


def compared(before: Rows, after: Rows) -> None:
    """What both know of is the same."""
    for name in before.keys() & after.keys():
        assert len(before[name]) == len(after[name]), name
        for old, new in zip(before[name], after[name], strict=True):
            both = old.keys() & new.keys()
            assert {key: old[key] for key in both} == {key: new[key] for key in both}, name


def test_every_step_up_and_back_keeps_every_row(first: Database) -> None:
    there = present(first)
    for revision in REVISIONS[1:]:
        fill(first, there)
        before = everything(first, there)
        first.upgrade(revision)
        there = present(first)
        compared(before, everything(first, there))
    fill(first, there)
    before = full = everything(first, there)
    assert full.keys() == tables.Base.metadata.tables.keys()
    assert all(rows for rows in full.values())
    for revision in reversed(REVISIONS[:-1]):
        first.downgrade(revision)
        after = everything(first)
        compared(before, after)
        assert all(rows for rows in after.values()), "a table kept its name and lost its rows"
        before = after
    first.upgrade()
    there = present(first)
    compared(after, everything(first, there))
    fill(first, there)


def test_migrated_tables_have_the_keys_and_indexes_of_the_models(empty_address: str | Path) -> None:
    database = Database(empty_address)
    database.upgrade()
    with database.read() as session:
        migrated = shape(session.connection())
        for table in reflected(session.connection()):
            assert table.name in tables.Base.metadata.tables
    with database.write() as session:
        connection = session.connection()
        tables.Base.metadata.drop_all(connection)
        tables.Base.metadata.create_all(connection)
        assert shape(connection) == migrated
    database.close()


def shape(connection: Connection) -> dict[str, Any]:
    """Columns, keys (with what deleting does), indexes and constraints of every table, by name."""
    looked = inspect(connection)
    return {
        table: {
            "columns": [
                (column["name"], str(column["type"]), column["nullable"])
                for column in looked.get_columns(table)
            ],
            "key": looked.get_pk_constraint(table)["constrained_columns"],
            "refers": sorted(
                (
                    key["constrained_columns"],
                    key["referred_table"],
                    key["options"].get("ondelete"),
                    key["name"],
                )
                for key in looked.get_foreign_keys(table)
            ),
            "unique": sorted(
                (one["name"], one["column_names"]) for one in looked.get_unique_constraints(table)
            ),
            "indexes": sorted(
                (one["name"], one["column_names"], bool(one["unique"])) for one in looked.get_indexes(table)
            ),
        }
        for table in looked.get_table_names()
        if table != VERSION
    }


def test_an_older_program_says_how_far_to_go_back_and_the_command_does_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database = Database(tmp_path / "huashu.db")
    database.upgrade()
    before = everything(database)
    data = ("--data", str(tmp_path))
    assert main(["downgrade", "9999", *data]) == 2
    for wrong in ("base", "", "head", "heads", "-1", "001", "0001:head", "00099"):
        assert main(["downgrade", *data, "--", wrong]) == 2, wrong
    assert "9999" in capsys.readouterr().err
    assert everything(database) == before
    assert main(["downgrade", REVISIONS[-2], *data]) == 0
    assert json.loads(capsys.readouterr().out) == {"schema": REVISIONS[-2]}
    database.upgrade()
    assert everything(database) == before
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreUnavailable, match=REVISIONS[-1]):
        database.upgrade()
    assert main(["downgrade", "0001", "--data", str(tmp_path / "nothing")]) == 2
    database.close()
