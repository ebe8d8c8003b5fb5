"""Promises that become due are told to the system the conversation came from, each once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from app.channels.reminders import BEHIND, Reminders
from tests.conftest import Client
from tests.test_channel_outbox import Receiver, at_once, database_of, receiving
from tests.test_channels import add, body_of, send, services_of

pytestmark = pytest.mark.usefixtures("by_hand", "allow_local")

PROMISE = "亲，24小时内给您退款"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as server:
        yield server


def promised(api: Client, url: str, words: str = PROMISE) -> datetime:
    """A promise made in a channel; when it is due."""
    made = add(api, **({"url": url} if url else {}))
    assert send(api, made, body_of("m-1", words, role="agent")).status_code == 200
    with database_of(api).write() as session:
        # nothing but promises is to be heard of here
        session.execute(text("UPDATE channel_inbound SET state = 'done'"))
    return due(api)


def due(api: Client) -> datetime:
    [promise] = api.get("/api/v1/promises?status=todo").json()["items"]
    return datetime.fromisoformat(promise["due_at"])


def rounds(api: Client, now: datetime) -> int:
    return services_of(api).channels.reminders.round(now)


def heard(api: Client, receiver: Receiver) -> list[Any]:
    services_of(api).channels.outbox.round(submit=at_once)
    return [json.loads(body) for _, body in receiver.got]


def test_due_within_the_hour_then_broken_each_told_once(api: Client, receiver: Receiver) -> None:
    at = promised(api, receiver.url)
    assert rounds(api, at - timedelta(hours=2)) == 0
    assert [rounds(api, at - timedelta(minutes=minutes)) for minutes in (59, 30, 1)] == [1, 0, 0]
    [told] = heard(api, receiver)
    assert told["type"] == "promise.due"
    assert (told["data"]["conversation_id"], told["data"]["status"]) == ("c-1", "due")
    assert (told["data"]["kind"], told["data"]["text"] in PROMISE) == ("refund", True)
    assert datetime.fromisoformat(told["data"]["due_at"]) == at
    assert [rounds(api, at + timedelta(minutes=minutes)) for minutes in (1, 2)] == [1, 0]
    assert [told["data"]["status"] for told in heard(api, receiver)] == ["due", "broken"]


def test_what_was_moved_is_told_again(api: Client, receiver: Receiver) -> None:
    at = promised(api, receiver.url)
    assert rounds(api, at) == 1
    [promise] = api.get("/api/v1/promises?status=todo").json()["items"]
    later = (at + timedelta(days=1)).isoformat()
    change = {"due_at": later, "reason": "和顾客说好改到明天"}
    assert api.request("PATCH", f"/api/v1/promises/{promise['id']}", json=change).status_code == 200
    assert rounds(api, at) == 0
    assert rounds(api, due(api)) == 1


def test_what_is_settled_or_long_past_is_not_told(api: Client, receiver: Receiver) -> None:
    at = promised(api, receiver.url)
    assert rounds(api, at + BEHIND + timedelta(minutes=1)) == 0
    [promise] = api.get("/api/v1/promises?status=todo").json()["items"]
    kept = api.request("PATCH", f"/api/v1/promises/{promise['id']}", json={"outcome": "kept"})
    assert kept.status_code == 200, kept.text
    assert rounds(api, at) == 0
    assert heard(api, receiver) == []


def test_a_channel_without_an_address_hears_nothing(api: Client) -> None:
    at = promised(api, "")
    assert rounds(api, at) == 0


def test_two_processes_tell_it_once(api: Client, receiver: Receiver) -> None:
    at = promised(api, receiver.url)
    channels = services_of(api).channels
    others = [Reminders(database_of(api), channels.outbox) for _ in range(4)]
    with ThreadPoolExecutor(len(others)) as pool:
        for round_ in [pool.submit(other.round, at) for other in others]:
            round_.result()
    assert len(heard(api, receiver)) == 1


def test_a_conversation_of_the_panel_is_nobody_elses(api: Client, receiver: Receiver) -> None:
    add(api, url=receiver.url)
    said = {"role": "agent", "text": PROMISE, "message_id": "m-1"}
    assert api.post("/api/v1/conversations/c-9/turns", json=said).status_code == 200
    assert rounds(api, datetime.now(UTC) + timedelta(hours=24)) == 0
