"""What open panels are told: in order, nothing lost and nothing twice, also across processes and lost connections."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.channels import manage
from app.channels.feed import PER_PERSON, Feed
from app.store import events as event_rows
from app.store.database import Database
from tests.conftest import application, running
from tests.panel_service import serving
from tests.test_channels import body_of, headers_of


class Panel:
    """A stream of events as a browser reads it."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.last = ""

    def next(self) -> tuple[str, Any]:
        told: dict[str, str] = {}
        quiet = 0
        for line in self._lines:
            name, _, value = line.partition(": ")
            quiet += line == ": "
            assert quiet < 5, "nothing came for more than a minute"
            told[name] = value
            if not line and "event" in told:
                self.last = told.get("id", self.last)
                return told["event"], json.loads(told["data"])
        raise AssertionError("the stream ended")


@contextmanager
def listening(address: str, **options: Any) -> Iterator[Panel]:
    timeout = httpx.Timeout(60)
    with httpx.stream("GET", f"{address}/api/v1/events", timeout=timeout, **options) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        yield Panel(response.iter_lines())


class Shop:
    def __init__(self, address: str, app: Any) -> None:
        self.address = address
        self.channels = app.state.services.channels
        self.database: Database = app.state.services.database
        self.made = manage.add(self.database, "generic", "自家商城", {}, by="测试")

    def say(self, number: str, words: str = "毛衣缩水了", **data: Any) -> None:
        body, delivery = body_of(number, words, **data), f"{number}-{data.get('kind', '')}"
        answer = httpx.post(
            self.address + self.made.path,
            content=body,
            headers=headers_of(self.made.secret, body, delivery),
            timeout=60,
        )
        assert answer.status_code == 200, answer.text


@pytest.fixture
def shop(tmp_path: Path, address: str | Path) -> Iterator[Shop]:
    app = application(tmp_path, address)
    with serving(app) as base:
        yield Shop(base, app)
        app.state.services.channels.feed.close()


def test_a_panel_hears_of_messages_and_goes_on_where_it_was(shop: Shop) -> None:
    with listening(shop.address, params={"after": "0"}) as panel:
        shop.say("m-1", "毛衣缩水了，气死我了，我打12315", customer={"name": "小鱼儿"})
        kind, told = panel.next()
        assert (kind, told["conversation_id"], told["role"], told["label"]) == (
            "message",
            "c-1",
            "customer",
            "小鱼儿",
        )
        assert (told["emotion"], told["risks"], told["channel"]) == (2, ["12315与法律"], "自家商城")
        known = panel.last
    shop.say("m-2", "在吗")
    shop.say("m-2", "在吗")
    shop.say("m-3", "亲，在的", role="agent")
    with listening(shop.address, headers={"Last-Event-ID": known}, params={"after": "0"}) as panel:
        assert [panel.next()[1]["role"] for _ in range(2)] == ["customer", "agent"]
        shop.say("m-2", kind="message.recalled")
        assert panel.next()[0] == "recall"
    waiting = httpx.get(f"{shop.address}/api/v1/events/waiting", timeout=60).json()
    assert waiting["items"] == []
    assert waiting["after"] > int(known)


def test_what_waits_when_a_panel_opens(shop: Shop) -> None:
    with listening(shop.address, params={"after": "0"}) as panel:
        for number in range(3):
            shop.say(f"m-{number}", "毛衣起球了")
            panel.next()
        [item] = httpx.get(f"{shop.address}/api/v1/events/waiting", timeout=60).json()["items"]
        assert (item["unread"], item["last"], item["intents"]) == (3, "毛衣起球了", ["起球"])


def test_every_process_tells_its_panels(tmp_path: Path, shop: Shop, address: str | Path) -> None:
    other = application(tmp_path / "other", address)
    with serving(other) as base:
        with listening(base, params={"after": "0"}) as panel:
            shop.say("m-1")
            assert panel.next()[1]["turn_id"] == "1"
        other.state.services.channels.feed.close()


def test_who_opens_too_many_panels_loses_the_oldest(shop: Shop) -> None:
    with listening(shop.address, params={"after": "0"}) as oldest:
        shop.say("m-1")
        oldest.next()
        others = [shop.channels.feed.join("本机", lambda: None) for _ in range(PER_PERSON)]
        assert oldest.next()[0] == "replaced"
        for other in others:
            shop.channels.feed.leave(other)


def test_who_was_away_too_long_starts_afresh(shop: Shop) -> None:
    with listening(shop.address, params={"after": "999"}) as panel:
        assert panel.next()[0] == "reset"


def test_a_channel_may_be_for_some_people_only(shop: Shop) -> None:
    manage.change(shop.database, "自家商城", by="测试", people=["本机"])
    with listening(shop.address, params={"after": "0"}) as panel:
        shop.say("m-1")
        panel.next()
    [told] = shop.channels.feed.after(0) or ()
    assert (told.is_for("本机"), told.is_for("阿May")) == (True, False)
    assert len(httpx.get(f"{shop.address}/api/v1/events/waiting", timeout=60).json()["items"]) == 1
    manage.change(shop.database, "自家商城", by="测试", people=["阿May"])
    assert httpx.get(f"{shop.address}/api/v1/events/waiting", timeout=60).json()["items"] == []


def test_numbers_become_visible_in_their_order(database: Database) -> None:
    writers, each = 6, 15

    def write(name: int) -> None:
        for number in range(each):
            with database.write() as session:
                event_rows.add(session, "message", f"{name}-{number}")

    heard: list[int] = []
    with ThreadPoolExecutor(writers) as pool:
        working = [pool.submit(write, name) for name in range(writers)]
        while len(heard) < writers * each:
            with database.read() as session:
                heard += [event.id for event in event_rows.after(session, heard[-1] if heard else 0)]
            if all(work.done() for work in working) and not heard:
                break
        for work in working:
            work.result()
    assert len(set(heard)) == writers * each


def test_a_feed_nobody_listens_to_reads_nothing(database: Database) -> None:
    feed = Feed(database)
    with database.write() as session:
        event_rows.add(session, "message", "c-1")
    feed._round()
    called = threading.Event()
    listener = feed.join("甲", called.set)
    feed._round()
    assert called.is_set()
    assert [told.data["conversation_id"] for told in feed.after(0) or ()] == ["c-1"]
    feed.leave(listener)
    with database.write() as session:
        event_rows.forget(session, datetime.now(UTC))
        assert event_rows.bounds(session) == (1, 1)


def test_a_bad_number_is_refused(tmp_path: Path) -> None:
    with running(application(tmp_path, tmp_path / "huashu.db")) as client:
        assert client.get("/api/v1/events?after=x").status_code == 422
        assert client.get("/api/v1/events", headers={"Last-Event-ID": "-1"}).status_code == 422


def test_a_panel_that_comes_back_to_another_process_misses_nothing(
    tmp_path: Path, shop: Shop, address: str | Path
) -> None:
    other = application(tmp_path / "other", address)
    with serving(other) as base:
        with listening(shop.address, params={"after": "0"}) as panel:
            shop.say("m-1")
            panel.next()
            known = panel.last
        for number in ("m-2", "m-3"):
            shop.say(number)
        with listening(base, headers={"Last-Event-ID": known}) as panel:
            heard = [panel.next()[1]["turn_id"] for _ in range(2)]
            shop.say("m-4")
            assert [*heard, panel.next()[1]["turn_id"]] == ["2", "3", "4"]
        other.state.services.channels.feed.close()
