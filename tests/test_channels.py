"""Messages that arrive by themselves, on SQLite and PostgreSQL: stored once, acknowledged, suggested, sent on."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event
from standardwebhooks import Webhook, WebhookVerificationError

from app.channels import manage, standard
from app.channels.adapter import Incoming, Unverified
from app.channels.inbox import Gate
from app.channels.manage import Made
from app.store import channels as channel_rows
from app.store import deliveries as delivery_rows
from app.web.deps import Services
from tests.conftest import Client, application, running

pytestmark = pytest.mark.usefixtures("by_hand")

VECTOR_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
VECTOR_ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
VECTOR_BODY = b'{"test": 2432232314}'
VECTOR_AT = datetime.fromtimestamp(1614265330, UTC)
VECTOR = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def services_of(client: Client) -> Services:
    services: Services = client.app.state.services
    return services


def add(client: Client, name: str = "自家商城", kind: str = "generic", **options: str) -> Made:
    return manage.add(services_of(client).database, kind, name, options, by="测试")


def body_of(message_id: str, text: str = "毛衣缩水了", kind: str = "message.created", **data: Any) -> bytes:
    given = {"conversation_id": "c-1", "message_id": message_id, "role": "customer", "text": text, **data}
    told = {"type": kind, "timestamp": "2026-11-22T10:00:00Z", "data": given}
    return json.dumps(told, ensure_ascii=False).encode()


def headers_of(
    secret: str, body: bytes, delivery: str = "d-1", at: datetime | None = None, **more: str
) -> dict[str, str]:
    signed = standard.signed([secret], delivery, at or datetime.now(UTC), body)
    return {"content-type": "application/json", **signed, **more}


def send(client: Client, made: Made, body: bytes, delivery: str = "d-1", **more: Any) -> Any:
    return client.post(made.path, content=body, headers=headers_of(made.secret, body, delivery), **more)


def tried(client: Client, name: str) -> tuple[str, str]:
    """What came of the button that sends a test: the state and the note."""
    services = services_of(client)
    manage.send_test(services.database, name)
    services.channels.outbox.round(submit=lambda work, *given: work(*given))
    with services.database.read() as session:
        [happened, *_] = channel_rows.went_out(session, manage.named(services.database, name).id, 1)
    return happened.state, happened.note


def turns(client: Client, place: str = "c-1") -> list[Any]:
    found: list[Any] = client.get(f"/api/v1/conversations/{place}").json()["turns"]
    return found


def test_the_signature_is_that_of_the_specification() -> None:
    headers = standard.signed([VECTOR_SECRET], VECTOR_ID, VECTOR_AT, VECTOR_BODY)
    assert headers["webhook-signature"] == VECTOR
    standard.verify([VECTOR_SECRET], headers, VECTOR_BODY, VECTOR_AT)
    now = datetime.now(UTC).replace(microsecond=0)
    ours = standard.signed([VECTOR_SECRET], "m", now, b"{}")
    assert Webhook(VECTOR_SECRET).verify(b"{}", ours) == {}
    theirs = Webhook(VECTOR_SECRET).sign("m", now, "{}")
    standard.verify([VECTOR_SECRET], ours | {"webhook-signature": f"v2,xx {theirs} v1,"}, b"{}", now)
    with pytest.raises(WebhookVerificationError):
        Webhook(VECTOR_SECRET).verify(b"{ }", ours)


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OA="},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,非"},
        {"webhook-signature": ""},
        {"webhook-id": "msg_other"},
        {"webhook-timestamp": "1614265331"},
        {"webhook-timestamp": "1614265330.0"},
        {"webhook-timestamp": "-5"},
        {"webhook-timestamp": "１６１４２６５３３０"},
    ],
)
def test_what_is_signed_otherwise_is_refused(change: dict[str, str]) -> None:
    headers = standard.signed([VECTOR_SECRET], VECTOR_ID, VECTOR_AT, VECTOR_BODY) | change
    with pytest.raises(Unverified):
        standard.verify([VECTOR_SECRET], headers, VECTOR_BODY, VECTOR_AT)


def test_five_minutes_either_way_are_tolerated() -> None:
    headers = standard.signed([VECTOR_SECRET], VECTOR_ID, VECTOR_AT, VECTOR_BODY)
    for seconds, fine in ((299, True), (-299, True), (301, False), (-301, False)):
        moment = VECTOR_AT + timedelta(seconds=seconds)
        if fine:
            standard.verify([VECTOR_SECRET], headers, VECTOR_BODY, moment)
            continue
        with pytest.raises(Unverified):
            standard.verify([VECTOR_SECRET], headers, VECTOR_BODY, moment)


def test_a_message_is_stored_acknowledged_and_answered(api: Client) -> None:
    made = add(api)
    answer = send(
        api, made, body_of("m-1", customer={"name": "小鱼儿"}, slots={"订单号": 123}, facts={"洗过": "是"})
    )
    assert (answer.status_code, answer.json()["status"], answer.json()["conversation_id"]) == (
        200,
        "stored",
        "c-1",
    )
    read = api.get("/api/v1/conversations/c-1").json()
    assert (read["label"], read["channel"], read["turns"][0]["text"]) == ("小鱼儿", "自家商城", "毛衣缩水了")
    services_of(api).channels.round()
    body = {"role": "customer", "text": "毛衣缩水了", "message_id": "m-1"}
    first = api.post("/api/v1/conversations/c-1/turns", json=body).json()
    assert first["turn_id"] == answer.json()["turn_id"]
    assert first["suggestions"]
    assert (first["facts"]["洗过"], {slot["name"] for slot in first["slots"]} >= {"订单号"}) == ("是", True)


def test_whoever_waits_gets_the_answer_at_once(api: Client) -> None:
    made = add(api)
    body = body_of("m-1")
    headers = headers_of(made.secret, body)
    first = api.post(f"{made.path}?answer=1", content=body, headers=headers)
    assert first.json()["answer"]["suggestions"][0]["intent"] == "shrinkage"
    again = api.post(made.path, content=body, headers=headers | {"prefer": "return=representation"})
    assert again.json() == first.json()
    assert len(turns(api)) == 1


def test_a_message_told_twice_has_one_effect(api: Client) -> None:
    made = add(api, url="https://shop.example.com/hook")
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda n: send(api, made, body_of("m-1"), f"d-{n % 2}"), range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    services_of(api).channels.round()
    services_of(api).channels.round()
    assert len(turns(api)) == 1
    with services_of(api).database.read() as session:
        assert delivery_rows.waiting(session, made.channel.id) == 1


def test_what_is_wrong_is_told_and_never_a_fault_of_ours(lite: Client) -> None:
    made = add(lite)
    body = body_of("m-1")
    good = headers_of(made.secret, body)
    stale = headers_of(made.secret, body, at=datetime.now(UTC) - timedelta(minutes=6))
    future = headers_of(made.secret, body, at=datetime.now(UTC) + timedelta(minutes=6))
    other = headers_of(standard.new_secret(), body)
    refused = [
        lite.post(made.path, content=body.replace(b"c-1", b"c-2"), headers=good),
        lite.post(made.path, content=body, headers=good | {"webhook-signature": "v1,AAAA"}),
        lite.post(made.path, content=body, headers={"content-type": "application/json"}),
        lite.post(made.path, content=body, headers=stale),
        lite.post(made.path, content=body, headers=future),
        lite.post(made.path, content=body, headers=other),
    ]
    assert {answer.status_code for answer in refused} == {401}
    told = [
        {name: value for name, value in answer.json().items() if name != "request_id"} for answer in refused
    ]
    assert all(answer == told[0] for answer in told), "the reason is not told"
    assert manage.named(services_of(lite).database, "自家商城").refused is not None
    for path in ("/hooks/generic/没有", "/hooks/nothing/自家商城", f"{made.path}/x", "/hooks/generic/%00"):
        assert lite.post(path, content=body, headers=good).status_code == 404
    assert lite.get(made.path).status_code == 405
    assert lite.post(made.path, content=b"x" * 300_000, headers=good).status_code == 413

    async def pieces() -> Any:
        for _ in range(300):
            yield b"x" * 1024

    assert lite.post(made.path, content=pieces(), headers=good).status_code == 413


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe{}", b"[]", b"null", b"[" * 100_000, b'{"type": "message.created"}',
     body_of("m", role="robot"), body_of(""), body_of("m", conversation_id=None), body_of("m\x00"),
     body_of("m" * 201), body_of("m", sent_at="2026-11-22T10:00:00"), body_of("m", slots=[1])],
)  # fmt: skip
def test_what_cannot_be_read_is_400(lite_once: Client, body: bytes) -> None:
    made = manage.rotate(services_of(lite_once).database, "一个", by="测试")
    answer = lite_once.post(made.path, content=body, headers=headers_of(made.secret, body))
    assert (answer.status_code, answer.json()["code"]) == (400, "unreadable_message")
    assert "pydantic" not in answer.text


@pytest.fixture(scope="module")
def lite_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("once")
    with running(application(folder, folder / "huashu.db")) as client:
        add(client, "一个")
        yield client


def test_what_is_not_for_us_is_acknowledged(lite: Client) -> None:
    made = add(lite)
    for number, body in enumerate((body_of("m", ""), body_of("m", kind="order.paid"))):
        answer = send(lite, made, body, f"i-{number}")
        assert (answer.status_code, answer.json()["status"]) == (200, "ignored")
    assert lite.get("/api/v1/conversations/c-1").status_code == 404


def test_odd_texts_are_stored(api: Client) -> None:
    made = add(api)
    body = body_of("m-1").replace("毛衣缩水了".encode(), rb"\ud83d\u0000 \ud83d\ude00 \u6bdb")
    assert send(api, made, body).status_code == 200
    assert turns(api)[0]["text"] == "��\x20😀 毛"
    assert send(api, made, body_of("m-2", "长" * 9000), "d-2").status_code == 200
    assert len(turns(api)[1]["text"]) == 4000


def test_both_secrets_hold_for_a_day_after_a_rotation(lite: Client) -> None:
    made = add(lite)
    fresh = manage.rotate(services_of(lite).database, "自家商城", by="测试")
    assert fresh.secret != made.secret
    assert send(lite, made, body_of("m-1"), "d-1").status_code == 200
    assert send(lite, fresh, body_of("m-2"), "d-2").status_code == 200
    with services_of(lite).database.write() as session:
        past = datetime.now(UTC) - timedelta(seconds=1)
        channel_rows.change(session, made.channel.id, old_until=past)
    assert send(lite, made, body_of("m-3"), "d-3").status_code == 401


def test_recalled_messages_count_for_nothing_in_either_order(api: Client) -> None:
    made = add(api)
    send(api, made, body_of("m-1"), "d-1")
    send(api, made, body_of("m-1", kind="message.recalled"), "d-2")
    read = api.get("/api/v1/conversations/c-1").json()
    assert [turn["recalled"] for turn in read["turns"]] == [True, False]
    assert read["state"]["cases"] == []
    assert send(api, made, body_of("m-9", kind="message.recalled"), "d-3").status_code == 200
    send(api, made, body_of("m-9", "起球了"), "d-4")
    services_of(api).channels.round()
    assert "起球了" not in str(turns(api))


def test_messages_stand_in_the_order_in_which_they_were_sent(api: Client) -> None:
    made = add(api)
    times = {"m-1": "10:00:01", "m-3": "10:00:09", "m-2": "10:00:05"}
    for message_id, time in times.items():
        role = "agent" if message_id == "m-2" else "customer"
        body = body_of(message_id, f"第{message_id}句", role=role, sent_at=f"2026-11-22T{time}+08:00")
        assert send(api, made, body, message_id).status_code == 200
    assert [turn["message_id"] for turn in turns(api)] == ["m-1", "m-2", "m-3"]
    services_of(api).channels.round()


def test_what_an_agent_copied_and_then_sent_is_one_turn(api: Client) -> None:
    made = add(api)
    send(api, made, body_of("m-1"), "d-1")
    said = {
        "role": "agent",
        "text": "麻烦拍张照片看看",
        "message_id": "panel-1",
        "script_id": "shrinkage.confirm.photo",
    }
    api.post("/api/v1/conversations/c-1/turns", json=said)
    send(api, made, body_of("m-2", "麻烦拍张照片看看 ", role="agent", agent="阿May"), "d-2")
    send(api, made, body_of("m-3", "麻烦拍张照片看看", role="agent"), "d-3")
    found = turns(api)
    assert [turn["message_id"] for turn in found] == ["m-1", "panel-1", "m-3"]


def test_two_channels_with_the_same_number_stay_apart(api: Client) -> None:
    first, second = add(api, "甲"), add(api, "乙")
    assert send(api, first, body_of("m-1")).json()["conversation_id"] == "c-1"
    assert send(api, second, body_of("m-1", "起球")).json()["conversation_id"] == "乙:c-1"
    assert len(turns(api)) == 1
    assert turns(api, "乙:c-1")[0]["text"] == "起球"


def test_what_another_process_changes_holds_at_once(api: Client) -> None:
    """The channel is remembered between messages, and never relied on."""
    made = add(api)
    database = services_of(api).database
    assert send(api, made, body_of("m-1"), "d-1").status_code == 200
    manage.change(database, "自家商城", by="测试", enabled=False)
    assert send(api, made, body_of("m-2"), "d-2").status_code == 403
    manage.change(database, "自家商城", by="测试", enabled=True, shop="")
    assert send(api, made, body_of("m-2"), "d-2").status_code == 200
    fresh = manage.rotate(database, "自家商城", by="测试")
    assert send(api, fresh, body_of("m-3"), "d-3").status_code == 200
    with database.write() as session:
        channel_rows.change(session, made.channel.id, old_secret="", old_until=None)
    assert send(api, made, body_of("m-4"), "d-4").status_code == 401
    manage.remove(database, "自家商城", by="测试")
    assert send(api, fresh, body_of("m-4"), "d-4").status_code == 404
    assert [turn["message_id"] for turn in turns(api)] == ["m-1", "m-2", "m-3"]


def test_a_message_is_acknowledged_in_few_round_trips(api: Client) -> None:
    """Of a conversation that is known: on PostgreSQL each statement is a way there and back while the sender waits."""
    made, channels, ours = add(api), services_of(api).channels, threading.get_ident()
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if threading.get_ident() == ours and not statement.startswith("BEGIN"):
            said.append(statement)

    def receive(number: int) -> None:
        body = body_of(f"m-{number}")
        headers = headers_of(made.secret, body, f"d-{number}")
        channels.receive("generic", "自家商城", made.channel.token, Incoming("POST", headers, {}, body))

    receive(1)
    event.listen(Engine, "before_cursor_execute", note)
    try:
        receive(2)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert 0 < len(said) <= 12, said
    assert len(turns(api)) == 2


def test_a_channel_that_is_off_takes_nothing(lite: Client) -> None:
    made = add(lite)
    database = services_of(lite).database
    manage.change(database, "自家商城", by="测试", enabled=False)
    assert send(lite, made, body_of("m-1")).status_code == 403
    manage.change(database, "自家商城", by="测试", enabled=True)
    assert send(lite, made, body_of("m-1")).status_code == 200
    manage.remove(database, "自家商城", by="测试")
    assert send(lite, made, body_of("m-2"), "d-2").status_code == 404


def test_without_a_database_nothing_is_acknowledged(lite: Client, tmp_path: Path) -> None:
    made = add(lite)
    (tmp_path / "huashu.db").rename(tmp_path / "away.db")
    answer = send(lite, made, body_of("m-1"))
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


def test_suggestions_wait_while_something_is_acknowledged() -> None:
    gate = Gate()
    assert gate.wait(0)
    with ThreadPoolExecutor(1) as pool:
        with gate.passing(), gate.passing():
            assert not gate.wait(0)
            waiting = pool.submit(gate.wait, 60)
        assert waiting.result(60)
