"""Rows for every table there is, whatever version of the program made it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Boolean,
    Connection,
    Date,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    select,
)
from sqlalchemy.types import JSON

from app.store.database import Database

VERSION = "alembic_version"
EACH = 2
MOMENT = datetime(2026, 1, 31, 10, 0, tzinfo=UTC)


def reflected(connection: Connection) -> list[Table]:
    """The tables there are, those referred to first."""
    metadata = MetaData()
    metadata.reflect(connection)
    return [table for table in metadata.sorted_tables if table.name != VERSION]


def present(database: Database) -> list[Table]:
    with database.read() as session:
        return reflected(session.connection())


def fill(database: Database, there: list[Table]) -> None:
    """Put rows into every table that has none; they refer to each other as the tables say."""
    with database.write() as session:
        connection = session.connection()
        for table in there:
            if connection.execute(select(table).limit(1)).first() is None:
                rows = [a_row(connection, table, number) for number in range(1, EACH + 1)]
                connection.execute(table.insert(), rows)


def a_row(connection: Connection, table: Table, number: int) -> dict[str, Any]:
    return {column.name: a_value(connection, column, number) for column in table.columns}


def a_value(connection: Connection, column: Any, number: int) -> Any:
    for key in column.foreign_keys:
        referred = connection.execute(select(key.column).order_by(key.column)).scalars().all()
        return referred[number - 1]
    kind = column.type
    if isinstance(kind, JSON):
        return {"数": [number, None, "“引号”\n"]}
    if isinstance(kind, Boolean):
        return number == 1
    if isinstance(kind, Integer):
        return number
    if isinstance(kind, Float):
        return number + 0.25
    if isinstance(kind, DateTime):
        return MOMENT + timedelta(hours=number)
    if isinstance(kind, Date):
        return date(2026, 1, number)
    if isinstance(kind, LargeBinary):
        return bytes([0, 255, number])
    assert isinstance(kind, String), (column, kind)
    return f"{column.name[:4]}{number}"
