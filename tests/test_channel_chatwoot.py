"""Chatwoot: its signature, what counts as a message, the private note."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from app.channels.chatwoot.adapter import sign
from app.channels.manage import Made
from app.store import channels as rows
from tests.conftest import Client
from tests.fake_chatwoot import TOKEN, Notes, chatwoot, webhook
from tests.test_channels import add, services_of, tried

pytestmark = pytest.mark.usefixtures("by_hand", "allow_local")

SECRET = "s3cr3t"


@pytest.fixture
def notes() -> Iterator[Notes]:
    with chatwoot() as server:
        yield server


def post(client: Client, made: Made, secret: str = SECRET, **change: Any) -> Any:
    body, headers = webhook(secret, **change)
    return client.post(made.path, content=body, headers=headers)


def go_on(client: Client) -> None:
    """What follows the acknowledgement, at once and without waiting for more to come."""
    channels = services_of(client).channels
    channels.round()
    with services_of(client).database.write() as session:
        session.execute(text("UPDATE channel_deliveries SET due_at = created_at"))
    channels.outbox.round(submit=lambda work, *given: work(*given))


def test_the_signature_is_that_of_chatwoot() -> None:
    expected = "sha256=04138dcc53323f6d45a6017e6ecde3e44d8a8fd47345498ffe2c3c7216510220"
    assert sign(SECRET, "1700000000", b'{"event":"message_created","id":1}') == expected


def test_a_message_is_stored_and_answered_with_a_note(lite: Client, notes: Notes) -> None:
    made = add(lite, kind="chatwoot", secret=SECRET, url=notes.url, account="1", token=TOKEN)
    assert len(made.path) > len("/hooks/chatwoot/自家商城") + 20, "the address cannot be guessed"
    answer = post(lite, made)
    assert answer.json()["conversation_id"] == "chatwoot:自家商城:10"
    read = lite.get("/api/v1/conversations/chatwoot:自家商城:10").json()
    assert (read["label"], read["turns"][0]["text"]) == ("小鱼儿", "毛衣洗一次就缩水了")
    go_on(lite)
    [(number, note)] = notes.notes
    assert (number, note["private"], note["message_type"]) == ("10", True, "outgoing")
    assert "缩水" in note["content"]
    assert "请拍平铺照" in note["content"]
    assert "pubsub" not in note["content"]


def test_its_own_notes_and_other_events_are_not_answered(lite: Client, notes: Notes) -> None:
    made = add(lite, kind="chatwoot", secret=SECRET, url=notes.url, account="1", token=TOKEN)
    user = {"id": 2, "name": "阿May", "type": "user"}
    for change in (
        {"private": True, "message_type": "outgoing", "sender": user},
        {"message_type": "template"},
        {"event": "conversation_updated"},
        {"account": {"id": 2}},
        {"content": None},
    ):
        answer = post(lite, made, **change)
        assert (answer.status_code, answer.json()["status"]) == (200, "ignored"), change
    said = post(lite, made, id=119, message_type="outgoing", sender=user, content="麻烦拍张照片")
    assert said.json()["status"] == "stored"
    go_on(lite)
    assert notes.notes == []
    [turn] = lite.get("/api/v1/conversations/chatwoot:自家商城:10").json()["turns"]
    assert (turn["role"], turn["agent"]) == ("agent", "阿May")


def test_several_messages_in_a_row_get_one_note(lite: Client, notes: Notes) -> None:
    made = add(lite, kind="chatwoot", secret=SECRET, url=notes.url, account="1", token=TOKEN)
    for number, words in enumerate(("在吗", "毛衣", "缩水了")):
        assert post(lite, made, id=200 + number, content=words).status_code == 200
    go_on(lite)
    assert len(notes.notes) == 1


@pytest.mark.parametrize("status", [401, 404, 429, 500])
def test_a_note_is_never_sent_twice(lite: Client, notes: Notes, status: int) -> None:
    made = add(lite, kind="chatwoot", secret=SECRET, url=notes.url, account="1", token=TOKEN)
    notes.status = status
    post(lite, made)
    go_on(lite)
    notes.status = 200
    go_on(lite)
    assert notes.notes == []
    with services_of(lite).database.read() as session:
        [happened] = rows.went_out(session, made.channel.id, 10)
    assert (happened.state, happened.status) == ("failed", status)


def test_signatures_are_required_unless_switched_off(lite: Client) -> None:
    made = add(lite, kind="chatwoot", secret=SECRET)
    body, headers = webhook(SECRET)
    unsigned = {"content-type": "application/json"}
    for given in (
        unsigned,
        headers | {"x-chatwoot-signature": "sha256=00"},
        headers | {"x-chatwoot-timestamp": "1700000000"},
        headers | {"x-chatwoot-timestamp": "9.5"},
    ):
        assert lite.post(made.path, content=body, headers=given).status_code == 401
    assert lite.post(made.path, content=body + b" ", headers=headers).status_code == 401
    assert lite.post(made.path.rpartition("/")[0], content=body, headers=headers).status_code == 404
    unset = add(lite, "没密钥", kind="chatwoot")
    assert lite.post(unset.path, content=body, headers=headers).status_code == 401
    free = add(lite, "旧版", kind="chatwoot", signature="off")
    assert lite.post(free.path, content=body, headers=unsigned).status_code == 200
    for broken in (b"", b"[]", b"\xff", b'{"event": "message_created", "message_type": "incoming"}'):
        assert lite.post(free.path, content=broken, headers=unsigned).status_code == 400


def test_the_connection_is_tried_from_the_settings_page(lite: Client, notes: Notes) -> None:
    for name, change, state, word in (
        ("a", {}, "done", ""),
        ("b", {"token": "other"}, "failed", "令牌不对"),
        ("c", {"account": "2"}, "failed", "账号编号"),
    ):
        options = {"url": notes.url, "account": "1", "token": TOKEN} | change
        add(lite, name, kind="chatwoot", secret=SECRET, **options)
        found, note = tried(lite, name)
        assert (found, word in note) == (state, True), (name, note)
    assert notes.notes == []
