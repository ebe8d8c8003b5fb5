"""All rows of a database as plain lines, and back into an empty one, of the same or of the other kind.

A line is `{"table": …}` before the rows of a table, then one JSON list per row in the order of `columns`. Moments are
ISO 8601 in UTC, days ISO 8601, bytes are base64.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any, Final

from sqlalchemy import Date, DateTime, Integer, LargeBinary, MetaData, Table, func, insert, select, text
from sqlalchemy.engine import Connection

from app.store.database import Database

_VERSION_TABLE: Final = "alembic_version"
_BATCH: Final = 500


def revision(database: Database) -> str:
    """The schema the rows have, as Alembic names it. Raises StoreUnavailable."""
    with database.read() as session:
        found = session.execute(text(f"SELECT version_num FROM {_VERSION_TABLE}")).scalar_one()  # noqa: S608
    return str(found)


def lines(database: Database) -> Iterator[str]:
    """Every row, from one moment, without line ends. Raises StoreUnavailable."""
    with database.read() as session:
        connection = session.connection()
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        for table in _tables(connection):
            columns = list(table.columns)
            yield _json({"table": table.name, "columns": [column.name for column in columns]})
            writers = [_writer(column.type) for column in columns]
            rows = connection.execution_options(yield_per=_BATCH).execute(select(table))
            for row in rows:
                yield _json([write(value) for write, value in zip(writers, row, strict=True)])


def is_empty(database: Database) -> bool:
    """Whether no table holds a row. Raises StoreUnavailable."""
    with database.read() as session:
        connection = session.connection()
        return not any(
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in _tables(connection)
        )


def restore(database: Database, stored: Iterable[str]) -> int:
    """Put the rows into the empty tables, whole or not at all; returns how many.

    Raises ValueError when a line is not as `lines` writes it, StoreUnavailable.
    """
    count = 0
    with database.write() as session:
        connection = session.connection()
        tables = {table.name: table for table in _tables(connection)}
        for table, batch in _batches(tables, stored):
            connection.execute(insert(table), batch)
            count += len(batch)
        if connection.dialect.name == "postgresql":
            _continue_numbering(connection, tables.values())
    return count


def _tables(connection: Connection) -> list[Table]:
    """The tables there are, those referred to first."""
    metadata = MetaData()
    metadata.reflect(connection)
    return [table for table in metadata.sorted_tables if table.name != _VERSION_TABLE]


def _batches(tables: dict[str, Table], stored: Iterable[str]) -> Iterator[tuple[Table, list[dict[str, Any]]]]:
    table: Table | None = None
    readers: list[tuple[str, Callable[[Any], Any]]] = []
    batch: list[dict[str, Any]] = []
    for line in stored:
        read = json.loads(line)
        if isinstance(read, list):
            if table is None or len(read) != len(readers):
                raise ValueError(line[:80])
            batch.append({name: reader(value) for (name, reader), value in zip(readers, read, strict=True)})
            if len(batch) < _BATCH:
                continue
        if table is not None and batch:
            yield table, batch
            batch = []
        if isinstance(read, dict):
            table = tables.get(read["table"])
            if table is None:
                raise ValueError(read["table"])
            readers = [(name, _reader(table.columns[name].type)) for name in read["columns"]]
    if table is not None and batch:
        yield table, batch


def _writer(kind: object) -> Callable[[Any], Any]:
    if isinstance(kind, DateTime):
        return _moment
    if isinstance(kind, Date):
        return lambda value: None if value is None else value.isoformat()
    if isinstance(kind, LargeBinary):
        return lambda value: None if value is None else base64.b64encode(value).decode()
    return lambda value: value


def _moment(value: datetime | None) -> str | None:
    if value is None:
        return None
    return (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)).isoformat()


def _reader(kind: object) -> Callable[[Any], Any]:
    if isinstance(kind, DateTime):
        return lambda value: None if value is None else datetime.fromisoformat(value)
    if isinstance(kind, Date):
        return lambda value: None if value is None else date.fromisoformat(value)
    if isinstance(kind, LargeBinary):
        return lambda value: None if value is None else base64.b64decode(value)
    return lambda value: value


def _continue_numbering(connection: Connection, tables: Iterable[Table]) -> None:
    """PostgreSQL counts on from its own sequence, which knows nothing of the rows put in."""
    for table in tables:
        for column in table.primary_key.columns:
            if not isinstance(column.type, Integer):
                continue
            sequence = connection.execute(
                select(func.pg_get_serial_sequence(table.name, column.name))
            ).scalar_one()
            highest = connection.execute(select(func.max(column))).scalar_one()
            if sequence is not None and highest is not None:
                connection.execute(select(func.setval(sequence, highest)))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
