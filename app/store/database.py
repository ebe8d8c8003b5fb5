"""The database: SQLite in the data folder, or PostgreSQL by URL; one transaction per `read()` or `write()`.

Trouble reaching the database (gone, locked for too long, disk full) becomes `StoreUnavailable`; a bug stays what it is.
"""

from __future__ import annotations

import importlib
import logging
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    NotSupportedError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from app.errors import StoreUnavailable, UsageError
from app.store.vault import Vault

_log = logging.getLogger(__name__)

Transaction = Session
"""What `read()` and `write()` yield, for those who pass it on to a repository."""

VAULT: Final = "vault"
"""Where a session has its `Vault`, in `info`."""
MIGRATIONS: Final = Path(__file__).parent / "migrations"
_MIGRATE: Final = "app.store.migrate"
_UPGRADE_LOCK: Final = 0x68756173  # any fixed number: the key of the advisory lock held while migrating
_BUSY_SECONDS: Final = 5
_TURN_SECONDS: Final = 20
"""How long writers of one process wait for each other; SQLite itself would have them ask again and again, in no order."""
_BUGS: Final = (IntegrityError, ProgrammingError, DataError, NotSupportedError)
_RETRY_AFTER: Final = 5
_RETRY_FULL: Final = 30
_DAMAGED: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_FULL: Final = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE)
_READ_ONLY: Final = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_READONLY_DIRECTORY)
_FULL_STATES: Final = ("53100",)
"""What PostgreSQL calls a full disk: https://www.postgresql.org/docs/current/errcodes-appendix.html"""


class Database:
    """A connection pool with transactions.

    address: a SQLite file, or a URL `sqlite:///…` or `postgresql+psycopg://…`. Raises UsageError for another URL.
    Nothing is opened until the first transaction. vault: what secrets are stored with; readable where there is none.
    """

    def __init__(self, address: str | Path, vault: Vault | None = None) -> None:
        self._info = {VAULT: vault or Vault()}
        parsed = _url(address)
        self._file = Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None
        self._server = "" if self._file else f"{parsed.host or '本机'}/{parsed.database or ''}"
        self._inode: int | None = None
        self._turn = threading.Lock()
        self._engine = _engine(parsed)
        self._writer = self._engine.execution_options(huashu_begin="BEGIN IMMEDIATE")

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that only reads. Raises StoreUnavailable."""
        with self._reporting(), self._session(self._engine) as session, session.begin():
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction, committed on leaving and rolled back on any exception. Raises StoreUnavailable.

        Not to be nested: SQLite has one writer at a time.
        """
        with self._reporting(), self._in_turn(), self._session(self._writer) as session, session.begin():
            yield session

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        """Have the writers of this process wait here, where each is woken as soon as the one before is done.

        In SQLite a writer that finds the lock taken sleeps and tries again: on a slow disk some never find it free in time.
        """
        if self._file is None:
            yield
            return
        if not self._turn.acquire(timeout=_TURN_SECONDS):
            _log.warning("database unavailable: another write takes too long")
            raise _unavailable()
        try:
            yield
        finally:
            self._turn.release()

    def _session(self, engine: Engine) -> Session:
        return Session(engine, expire_on_commit=False, info=self._info)

    def upgrade(self, revision: str = "head") -> None:
        """Create the tables or bring them up to date, whole or not at all, also when several processes start at once.

        revision: how far; the newest unless an older one is wanted to put old rows into.

        Raises StoreUnavailable, also when a newer version of the program has written the database.
        """
        with self._reporting(creating=True):
            self._use_wal()
            with self._writer.begin() as connection:
                if self._file is None:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
                if revision != "head" or not _is_current(connection):
                    importlib.import_module(_MIGRATE).upgrade(connection, revision)

    def downgrade(self, revision: str) -> None:
        """Back to the tables of an older version of the program, whole or not at all. Nothing else may be using them.

        Raises UsageError for a revision there is not, StoreUnavailable.
        """
        check_revision(revision)
        with self._reporting(), self._writer.begin() as connection:
            importlib.import_module(_MIGRATE).downgrade(connection, revision)

    @property
    def seals(self) -> bool:
        """Whether secrets are encrypted in it."""
        return self._info[VAULT].seals

    def ping(self) -> bool:
        """Whether the database answers now."""
        try:
            with self.read() as session:
                session.execute(text("SELECT 1"))
        except StoreUnavailable:
            return False
        return True

    def close(self) -> None:
        """Close all connections; a transaction after that opens new ones."""
        self._engine.dispose()

    @contextmanager
    def _reporting(self, *, creating: bool = False) -> Iterator[None]:
        try:
            if not creating:
                self._check_file()
            yield
        except _BUGS:
            raise
        except (DBAPIError, PoolTimeout) as error:
            cause = getattr(error, "orig", error)
            _log.warning("database unavailable: %s: %s", type(cause).__name__, str(cause).partition("\n")[0])
            if creating and self._server and _is_out_of_reach(error):
                raise StoreUnavailable(
                    f"连不上数据库 {self._server}：请看 HUASHU_DATABASE_URL 写得对不对、数据库开着没有"
                ) from error
            raise self._named(cause) from error

    def _named(self, cause: BaseException) -> StoreUnavailable:
        if _is_damaged(cause):
            return self._damaged()
        if getattr(cause, "sqlite_errorcode", 0) in _READ_ONLY:
            return StoreUnavailable(
                f"数据文件 {self._file} 写不进去：磁盘或文件夹是只读的，或者没有权限", retry_after=_RETRY_FULL
            )
        return _disk_full() if _is_full(cause) else _unavailable()

    def _check_file(self) -> None:
        """Refuse to write into a SQLite file that was deleted or replaced: open handles would accept the data and lose it."""
        if self._file is None:
            return
        try:
            inode = self._file.stat().st_ino
        except OSError as error:
            self._engine.dispose()
            self._inode = None
            raise _unavailable() from error
        if self._inode not in (None, inode):
            self._engine.dispose()
        self._inode = inode

    def _use_wal(self) -> None:
        """Switch a SQLite file to write-ahead logging; SQLite does not wait for others here, so this does."""
        if self._file is None:
            return
        deadline = time.monotonic() + _BUSY_SECONDS
        while True:
            try:
                with closing(self._engine.raw_connection()) as raw:
                    raw.cursor().execute("PRAGMA journal_mode=WAL")
                return
            except sqlite3.DatabaseError as error:
                if _is_damaged(error) or time.monotonic() > deadline:
                    raise self._named(error) from error
                time.sleep(0.05)

    def _damaged(self) -> StoreUnavailable:
        return StoreUnavailable(f"数据文件 {self._file} 损坏了，或者不是话术助手的数据，请从备份恢复")


def check_revision(revision: str) -> None:
    """Refuse what is not the name of a revision: Alembic takes `base` and `-1` as well. Raises UsageError."""
    if revision not in _revisions():
        raise UsageError(f"没有「{revision}」这个数据格式，或者它比现在的还新")


def _revisions() -> list[str]:
    return sorted(file.name.partition("_")[0] for file in MIGRATIONS.glob("versions/[0-9]*.py"))


def _is_out_of_reach(error: DBAPIError | PoolTimeout) -> bool:
    """Whether not even a connection came about."""
    return isinstance(error, DBAPIError) and error.statement is None


def _url(address: str | Path) -> URL:
    if isinstance(address, Path):
        return URL.create("sqlite", database=str(address))
    try:
        url = make_url(address)
    except ArgumentError as error:
        raise UsageError("HUASHU_DATABASE_URL 写得不对") from error
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise UsageError("HUASHU_DATABASE_URL 只能是 postgresql+psycopg://… 或 sqlite:///…")
    return url.set(drivername="postgresql+psycopg") if url.get_backend_name() == "postgresql" else url


def _is_damaged(error: BaseException) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED


def _is_full(error: BaseException) -> bool:
    code = getattr(error, "sqlite_errorcode", 0)
    return code in _FULL or getattr(error, "sqlstate", None) in _FULL_STATES


def _disk_full() -> StoreUnavailable:
    return StoreUnavailable(
        "存数据的磁盘满了或者写不进去，这次没有存上；请清出空间，清好就能接着用", retry_after=_RETRY_FULL
    )


def _unavailable() -> StoreUnavailable:
    return StoreUnavailable("数据暂时存取不了，请稍后再试", retry_after=_RETRY_AFTER)


def _engine(url: URL) -> Engine:
    """The pool of connections. What is stored, customers' words among it, stays out of what errors say."""
    if url.get_backend_name() != "sqlite":
        return create_engine(
            url,
            pool_pre_ping=True,
            pool_timeout=_BUSY_SECONDS,
            connect_args={"connect_timeout": 5},
            hide_parameters=True,
        )
    connect = {"timeout": _BUSY_SECONDS}
    engine = create_engine(url, pool_timeout=_BUSY_SECONDS, connect_args=connect, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # BEGIN is ours, see below
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA synchronous=FULL")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("huashu_begin", "BEGIN"))

    return engine


def _is_current(connection: Connection) -> bool:
    """Whether the tables are those of this version: the migration with the highest number is the newest."""
    if not inspect(connection).has_table("alembic_version"):
        return False
    return connection.scalars(text("SELECT version_num FROM alembic_version")).all() == _revisions()[-1:]
