"""What goes out: signed, again and again until it has arrived, shared by processes, stopped when it is no use."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from sqlalchemy import text
from standardwebhooks import Webhook

from app.assist import Assistant
from app.channels import manage, outbox
from app.channels.manage import Made
from app.channels.outbox import Outbox
from app.outbound import Outbound
from app.store import channels as rows
from app.store import deliveries as delivery_rows
from app.store import inbound
from app.store.database import Database
from tests.conftest import Client
from tests.test_channels import add, body_of, send, services_of

pytestmark = pytest.mark.usefixtures("by_hand", "allow_local")


class Receiver(ThreadingHTTPServer):
    """A shop's own system. status: what it answers; got: headers and body of everything that came."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = 204
        self.headers: dict[str, str] = {}
        self.got: list[tuple[dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/huashu"


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


@contextmanager
def receiving() -> Iterator[Receiver]:
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as server:
        yield server


def database_of(client: Client) -> Database:
    return services_of(client).database


def at_once(work: Any, *given: Any) -> None:
    work(*given)


def go_on(client: Client) -> None:
    """Send what waits, however long it was meant to wait."""
    services_of(client).channels.round()
    with database_of(client).write() as session:
        session.execute(text("UPDATE channel_deliveries SET due_at = created_at"))
    services_of(client).channels.outbox.round(submit=at_once)


def delivery(client: Client) -> Any:
    with database_of(client).read() as session:
        return session.execute(
            text("SELECT state, attempts, status, note, payload FROM channel_deliveries ORDER BY id LIMIT 1")
        ).one()


def test_a_suggestion_goes_out_signed(api: Client, receiver: Receiver) -> None:
    made = add(api, url=receiver.url)
    send(api, made, body_of("m-1"))
    go_on(api)
    [(headers, body)] = receiver.got
    told = Webhook(made.secret).verify(body, headers)
    assert (told["type"], told["data"]["conversation_id"], told["data"]["message_id"]) == (
        "suggestion.created", "c-1", "m-1",
    )  # fmt: skip
    assert told["data"]["suggestions"][0]["intent"] == "shrinkage"
    assert delivery(api).state == "done"
    assert "缩水" not in str(delivery(api).payload), "a customer's words are kept no longer than needed"
    go_on(api)
    assert len(receiver.got) == 1


def test_a_channel_keeps_its_own_numbers(lite: Client, receiver: Receiver) -> None:
    add(lite, "甲")
    made = add(lite, "乙", url=receiver.url)
    send(lite, manage.rotate(database_of(lite), "甲", by="测试"), body_of("m-1"))
    assert send(lite, made, body_of("m-1"), "d-2").json()["conversation_id"] == "乙:c-1"
    go_on(lite)
    [(_, body)] = receiver.got
    assert json.loads(body)["data"]["conversation_id"] == "c-1"


def test_risks_and_rising_tempers_are_told_and_replies_are_not(lite: Client, receiver: Receiver) -> None:
    made = add(lite, url=receiver.url)
    send(lite, made, body_of("m-1", "再不处理我打12315"), "d-1")
    send(lite, made, body_of("m-2", "您别急", role="agent"), "d-2")
    go_on(lite)
    assert sorted(json.loads(body)["type"] for _, body in receiver.got) == [
        "conversation.alert", "suggestion.created",
    ]  # fmt: skip


def test_failures_are_tried_again_by_the_schedule_of_the_specification(
    lite: Client, receiver: Receiver
) -> None:
    made = add(lite, url=receiver.url)
    receiver.status = 500
    send(lite, made, body_of("m-1"))
    for attempt in range(1, 10):
        go_on(lite)
        assert (delivery(lite).state, delivery(lite).attempts) == ("waiting", attempt)
    go_on(lite)
    assert (delivery(lite).state, delivery(lite).attempts, delivery(lite).status) == ("failed", 10, 500)
    channel = manage.named(database_of(lite), "自家商城")
    assert (channel.sends, "500" in channel.trouble) == (False, True)
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    receiver.status = 200
    go_on(lite)
    assert len(receiver.got) == 10
    assert manage.resume(database_of(lite), "自家商城", by="测试") == 1
    go_on(lite)
    assert delivery(lite).state == "done"


def test_the_waits_are_those_of_the_specification() -> None:
    generic = manage.adapter_for("generic")
    waits = [outbox._wait(generic.schedule, attempt, None) for attempt in range(1, 11)]
    hours = (5 / 3600, 5 / 60, 0.5, 2, 5, 10, 14, 20, 24)
    assert waits[9] is None
    assert all(abs(wait / 3600 - hour) <= hour * 0.101 for wait, hour in zip(waits, hours, strict=False))
    assert outbox._wait(generic.schedule, 1, 600.0) == 600.0


def test_gone_and_redirects(lite: Client, receiver: Receiver) -> None:
    made = add(lite, url=receiver.url)
    receiver.status, receiver.headers = 302, {"Location": "http://127.0.0.1:1/"}
    send(lite, made, body_of("m-1"))
    go_on(lite)
    assert (delivery(lite).state, delivery(lite).status) == ("waiting", 302)
    receiver.status, receiver.headers = 410, {}
    go_on(lite)
    assert delivery(lite).state == "failed"
    assert not manage.named(database_of(lite), "自家商城").sends


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "http://localhost:1/", "ftp://x.example/", "nonsense"])
def test_the_shops_own_network_is_not_reached(lite: Client, url: str) -> None:
    made = add(lite, url=url)
    send(lite, made, body_of("m-1"))
    services_of(lite).channels.round()
    Outbox(database_of(lite), Outbound("")).round(submit=at_once)
    assert delivery(lite).state == "failed"
    assert "HUASHU_OUTBOUND_ALLOW" in delivery(lite).note


def test_two_processes_share_the_work(api: Client, receiver: Receiver) -> None:
    made = add(api, url=receiver.url)
    for number in range(6):
        send(api, made, body_of(f"m-{number}"), f"d-{number}")
    services_of(api).channels.round()
    outboxes = [Outbox(database_of(api), Outbound("127.0.0.1")) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda one: one.round(submit=at_once), outboxes))
    assert len(receiver.got) == 6
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 6


def test_work_of_a_process_that_died_is_taken_over(api: Client, receiver: Receiver) -> None:
    made = add(api, url=receiver.url)
    send(api, made, body_of("m-1"))
    services_of(api).channels.round()
    with database_of(api).write() as session:
        assert len(delivery_rows.claim(session, 10, [])) == 1
    Outbox(database_of(api), Outbound("127.0.0.1")).round(submit=at_once)
    assert receiver.got == []
    with database_of(api).write() as session:
        past = datetime.now(UTC) - timedelta(seconds=1)
        session.execute(text("UPDATE channel_deliveries SET lease_until = :past"), {"past": past})
    Outbox(database_of(api), Outbound("127.0.0.1")).round(submit=at_once)
    assert len(receiver.got) == 1


def test_a_message_whose_process_died_is_answered_once(api: Client, receiver: Receiver) -> None:
    made = add(api, url=receiver.url)
    send(api, made, body_of("m-1"))
    channels = services_of(api).channels
    from_the_dead = _claimed(api)
    channels.round()
    with database_of(api).write() as session:
        past = datetime.now(UTC) - timedelta(seconds=1)
        session.execute(text("UPDATE channel_inbound SET lease_until = :past"), {"past": past})
    channels.round()
    channels.follow_up(from_the_dead)
    go_on(api)
    assert len(receiver.got) == 1


def _claimed(client: Client) -> Any:
    with database_of(client).write() as session:
        [claimed] = inbound.claim(session, 10, tasks=False)
    return claimed


def test_what_cannot_be_answered_is_given_up_in_the_end(
    lite: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    made = add(lite)
    send(lite, made, body_of("m-1"))
    channels = services_of(lite).channels

    def fail(*_: Any) -> None:
        raise RuntimeError("毛衣缩水了")

    monkeypatch.setattr(Assistant, "answer", fail)
    for _ in range(8):
        channels.round()
        with database_of(lite).write() as session:
            session.execute(text("UPDATE channel_inbound SET lease_until = NULL"))
    with database_of(lite).read() as session:
        [happened] = rows.came_in(session, made.channel.id, 10)
    assert (happened.state, happened.note) == ("failed", "处理不了：RuntimeError")
    assert "毛衣" not in caplog.text


def test_a_test_message(lite: Client, receiver: Receiver) -> None:
    made: Made = add(lite, url=receiver.url)
    manage.send_test(database_of(lite), made.channel.name)
    go_on(lite)
    [(headers, body)] = receiver.got
    assert Webhook(made.secret).verify(body, headers)["type"] == "test"
