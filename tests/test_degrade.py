"""What goes wrong around the service: a full disk, a lock that is held, connections cut, clocks that jump, damaged bytes."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.exc import IntegrityError
from test_web_app import code_of

from app import accounts
from app.config import Settings
from app.content.folder import write_folder
from app.errors import StoreUnavailable
from app.nlu.cache import model_for
from app.releases import Live, publish
from app.store import channels, conversations, inbound, leases, people
from app.store.conversations import NewTurn
from app.store.database import Database
from app.store.tables_channels import InboundRow
from app.web.app import create_app
from tests.conftest import ROOT, Client, empty_postgres, run_sql, running
from tests.test_serve import SMALL

MESSAGE = {"message": "毛衣洗了一次就缩水"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A service with a small content, that waits for a locked database only for a moment."""
    folder = tmp_path_factory.mktemp("degrade")
    write_folder(folder / "content", SMALL)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.store.database._BUSY_SECONDS", 0.05)
        app = create_app(
            Settings(data=folder / "data", auth="off"), content=folder / "content", trainer=model_for
        )
    with running(app) as client:
        yield client


def database_of(client: Client) -> Database:
    database: Database = client.app.state.services.database
    return database


def write(client: Client, message: str, words: str = "毛衣起球了") -> httpx.Response:
    turn = {"role": "customer", "text": words, "message_id": message}
    return client.post("/api/v1/conversations/a/turns", json=turn)


def stored(client: Client) -> list[str]:
    with database_of(client).read() as session:
        return list(session.execute(text("SELECT message_id FROM turns ORDER BY position")).scalars())


def refused(answer: httpx.Response, words: str) -> None:
    assert (answer.status_code, code_of(answer)) == (503, "store_unavailable")
    assert int(answer.headers["retry-after"]) > 0
    assert words in answer.json()["detail"]


@contextmanager
def full(database: Database) -> Iterator[None]:
    """As if the disk had no page left for this database."""
    engine = database._engine

    def limit(connection: Any, _record: Any, _proxy: Any) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages}")

    def lift(connection: Any, _record: Any, _proxy: Any) -> None:
        connection.execute("PRAGMA max_page_count=1073741823")

    event.listen(engine, "checkout", limit)
    yield
    event.remove(engine, "checkout", limit)
    event.listen(engine, "checkout", lift)


def test_with_a_full_disk_suggestions_go_on_and_nothing_is_half_written(shop: Client) -> None:
    assert write(shop, "before").status_code == 200
    before = stored(shop)
    with full(database_of(shop)):
        for number in range(3):
            refused(write(shop, f"full-{number}", "缩水" * 2000), "磁盘满了")
        assert shop.post("/api/v1/suggest", json=MESSAGE).status_code == 200
        assert stored(shop) == before
    assert write(shop, "full-0", "缩水" * 2000).status_code == 200
    assert stored(shop) == [*before, "full-0"]


def test_a_read_only_disk_is_said_plainly(shop: Client) -> None:
    before = stored(shop)

    def lock(connection: Any, _record: Any, _proxy: Any) -> None:
        connection.execute("PRAGMA query_only=ON")

    def unlock(connection: Any, _record: Any, _proxy: Any) -> None:
        connection.execute("PRAGMA query_only=OFF")

    engine = database_of(shop)._engine
    event.listen(engine, "checkout", lock)
    refused(write(shop, "read-only"), "只读")
    assert shop.post("/api/v1/suggest", json=MESSAGE).status_code == 200
    event.remove(engine, "checkout", lock)
    event.listen(engine, "checkout", unlock)
    assert stored(shop) == before
    assert write(shop, "read-only").status_code == 200
    event.remove(engine, "checkout", unlock)


def test_a_disk_so_full_that_the_data_does_not_open_is_said_plainly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> None:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR_SHMSIZE
        raise error

    monkeypatch.setattr("app.store.database._BUSY_SECONDS", 0)
    database = Database(tmp_path / "huashu.db")
    monkeypatch.setattr(database._engine, "raw_connection", full)
    with pytest.raises(StoreUnavailable, match="磁盘满了"):
        database.upgrade()


def test_what_is_stored_stays_out_of_what_errors_say(database: Database) -> None:
    with pytest.raises(IntegrityError) as caught, database.write() as session:
        session.execute(
            text("INSERT INTO settings (key, value) VALUES (:words, NULL)"), {"words": "顾客的话"}
        )
    assert "顾客的话" not in str(caught.value).partition("DETAIL")[0]


FILLER = """
import resource, signal, sys
from pathlib import Path
from app.errors import StoreUnavailable
from app.store import settings
from app.store.database import Database
database = Database(Path(sys.argv[1]))
database.upgrade()
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
for number in range(10_000):
    try:
        with database.write() as session:
            settings.put(session, f"k{number}", "x" * 5000)
    except StoreUnavailable as error:
        print(number, error.detail)
        break
"""


def test_a_file_that_cannot_grow_keeps_all_that_was_acknowledged(tmp_path: Path) -> None:
    place = tmp_path / "huashu.db"
    done = subprocess.run(
        [sys.executable, "-c", FILLER, str(place)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    acknowledged, _, detail = done.stdout.partition(" ")
    assert "磁盘满了" in detail
    database = Database(place)
    with database.write() as session:
        assert session.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
        assert session.execute(text("SELECT count(*) FROM settings")).scalar_one() == int(acknowledged)
    database.close()


def test_while_another_program_holds_the_lock_suggestions_go_on(shop: Client) -> None:
    holder = create_engine(f"sqlite:///{database_of(shop)._file}", isolation_level="AUTOCOMMIT")
    with holder.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        refused(write(shop, "locked"), "请稍后再试")
        assert shop.post("/api/v1/suggest", json=MESSAGE).status_code == 200
        assert shop.get("/api/v1/conversations/a").status_code == 200
        assert shop.get("/readyz").json()["database"] == "reachable"
        connection.exec_driver_sql("ROLLBACK")
    holder.dispose()
    assert write(shop, "locked").status_code == 200


def test_with_the_database_gone_suggestions_go_on_and_it_comes_back_by_itself(shop: Client) -> None:
    place = database_of(shop)._file
    assert place is not None
    write(shop, "known")
    known = {**MESSAGE, "conversation_id": "a"}
    assert shop.post("/api/v1/suggest", json=known).status_code == 200
    away = place.with_name("away.db")
    place.rename(away)
    try:
        refused(write(shop, "gone"), "请稍后再试")
        for body in (MESSAGE, known):
            answer = shop.post("/api/v1/suggest", json=body)
            assert answer.status_code == 200
            assert answer.json()["suggestions"] or answer.json()["intents"]
        ready = shop.get("/readyz")
        assert (ready.status_code, ready.json()["database"]) == (200, "unreachable")
        assert ready.json()["serving_from"] == "memory"
        refused(shop.get("/api/v1/conversations/a"), "请稍后再试")
    finally:
        away.rename(place)
    assert write(shop, "gone").status_code == 200
    assert "gone" in stored(shop)


def test_connections_that_the_server_cut_are_made_again(postgres: str) -> None:
    with empty_postgres(postgres) as url:
        database = Database(url)
        database.upgrade()

        def cut() -> None:
            mine = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND query LIKE '%mark_of_this_test%'"
            run_sql(postgres, mine)

        def put(name: str, *, meanwhile: bool = False) -> None:
            with database.write() as session:
                conversations.lock(session, name, shop="", channel="", label="")
                session.execute(text("SELECT 1 AS mark_of_this_test"))
                if meanwhile:
                    cut()
                conversations.add_turn(session, name, NewTurn("customer", "起球", "m"))

        put("a")
        cut()
        put("b")
        with pytest.raises(StoreUnavailable):
            put("c", meanwhile=True)
        put("d")
        with database.read() as session:
            assert sorted(session.execute(text("SELECT id FROM conversations")).scalars()) == ["a", "b", "d"]
        database.close()


class Clock(datetime):
    """A clock that can be set; `ahead` is by how much it is wrong."""

    ahead = timedelta(0)

    @classmethod
    def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
        return datetime.fromtimestamp(time.time(), tz) + cls.ahead


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Clock]]:
    for module in (leases, inbound, channels, people, accounts):
        if hasattr(module, "datetime"):
            monkeypatch.setattr(module, "datetime", Clock)
    yield Clock
    Clock.ahead = timedelta(0)


@pytest.mark.parametrize("jump", [timedelta(days=400), timedelta(days=-400)])
def test_people_are_still_signed_in_after_a_clock_that_jumped(
    database: Database, clock: type[Clock], jump: timedelta
) -> None:
    session = accounts.redeem(database, accounts.add_person(database, "小鱼", "lead", by="甲"))
    clock.ahead = jump
    accounts.Sessions(database).person(session)
    clock.ahead = timedelta(0)
    person = accounts.Sessions(database).person(session)
    assert person is not None
    assert person.name == "小鱼"


def test_work_claimed_under_a_clock_that_was_ahead_is_free_again(
    database: Database, clock: type[Clock]
) -> None:
    with database.write() as session:
        made = channels.add(
            session, {"kind": "wecom", "name": "微信", "token": "t", "shop": "", "secret": "s", "options": {}}
        )
        row = InboundRow(
            channel_id=made.id, key="k", kind="message", given={}, received_at=datetime.now(UTC),
            state="waiting", attempts=0, lease="", note="",
        )  # fmt: skip
        session.add(row)
    clock.ahead = timedelta(days=30)
    with database.write() as session:
        assert len(leases.claim(session, InboundRow, limit=5, seconds=15)) == 1
        assert channels.take_poll(session, made.id, clock.now(UTC), clock.now(UTC) - timedelta(minutes=1))
    clock.ahead = timedelta(0)
    with database.write() as session:
        assert inbound.any_waiting(session, tasks=False)
        assert len(leases.claim(session, InboundRow, limit=5, seconds=15)) == 1
        assert leases.claim(session, InboundRow, limit=5, seconds=15) == [], "held by us now"
        assert channels.take_poll(session, made.id, clock.now(UTC), clock.now(UTC) - timedelta(minutes=1))
        assert not channels.take_poll(session, made.id, clock.now(UTC), clock.now(UTC) - timedelta(minutes=1))


def test_a_damaged_model_is_learnt_again_and_a_damaged_release_falls_back(database: Database) -> None:
    learnt: list[str] = []

    def trainer(content: Any) -> bytes:
        learnt.append(content.nlu_digest)
        return b"model"

    for name in ("甲店", "乙店"):
        publish(database, {**SMALL, "scripts_zh/shop.yaml": f"name: {name}\n"}, author="甲", trainer=trainer)
    with database.write() as session:
        session.execute(text("UPDATE models SET data = :torn"), {"torn": b"mo"})
        session.execute(text("UPDATE releases SET files = :torn WHERE number = 2"), {"torn": b"x"})
    live = Live(database, lambda release: (release.content.shop.name, release.model), trainer=trainer)
    live.start()
    try:
        assert live.current == ("甲店", b"model")
        assert len(learnt) == 2
        publish(database, SMALL, author="甲", trainer=trainer)
        live.refresh()
        assert live.number == 3
    finally:
        live.stop()
