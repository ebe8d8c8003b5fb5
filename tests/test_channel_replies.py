"""What an agent sends to a customer from the panel: once, in order, by the rules of the platform; what fails is not said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from standardwebhooks import Webhook

from app.assist import Assistant
from app.channels import manage
from app.channels.manage import Made
from app.reply.guard import DraftCheck, Finding
from app.store import channels as channel_rows
from app.store import events as event_rows
from tests.conftest import Client
from tests.fake_platform import Platform, platform
from tests.test_channel_wecom import CORP, KEY, PLACE, SYNC, TOKEN, call
from tests.test_channels import add, body_of, send, services_of, turns

pytestmark = pytest.mark.usefixtures("by_hand", "allow_local")

HOOK = "/hook"
LETTER = "/cgi-bin/kf/send_msg"
NOTES = "/api/v1/accounts/1/conversations/10/messages"


@pytest.fixture
def there() -> Iterator[Platform]:
    with platform() as server:
        server.answers[HOOK] = [(204, {})]
        yield server


def asked(client: Client, there: Platform, **options: str) -> Made:
    """A channel of the shop's own system, and a customer who has said something."""
    made = add(client, url=f"{there.url}{HOOK}", **{"reply": "on", **options})
    assert send(client, made, body_of("m-1")).status_code == 200
    go_on(client)
    there.asked.clear()
    there.heard.clear()
    return made


def reply(client: Client, words: str, number: str = "r-1", place: str = "c-1", **more: Any) -> Any:
    body = {"text": words, "message_id": number, **more}
    return client.post(f"/api/v1/conversations/{place}/replies", json=body)


def go_on(client: Client) -> None:
    """Everything that is waiting, now, whatever it waits for."""
    services = services_of(client)
    services.channels.run_tasks()
    services.channels.round()
    with services.database.write() as session:
        session.execute(text("UPDATE channel_deliveries SET due_at = created_at"))
    services.channels.outbox.round(submit=lambda work, *given: work(*given))


def read(client: Client, place: str = "c-1") -> Any:
    return client.get(f"/api/v1/conversations/{place}").json()


def said(client: Client, place: str = "c-1") -> list[tuple[str, str]]:
    return [(turn["role"], turn["text"]) for turn in turns(client, place)]


def told(client: Client) -> list[tuple[str, str]]:
    """What the panels are told of replies."""
    with services_of(client).database.read() as session:
        found = event_rows.after(session, 0)
    return [(event.data["state"], event.data["why"]) for event in found if event.kind == "reply"]


def test_it_reaches_the_shops_own_system_once(api: Client, there: Platform) -> None:
    made = asked(api, there)
    assert read(api)["reply_through"] == "自家商城"
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: reply(api, "麻烦拍张照片给我看看"), range(4)))
    assert {answer.json()["turn_id"] for answer in answers} == {turns(api)[1]["turn_id"]}
    assert [each["state"] for each in read(api)["replies"]] == ["waiting"]
    go_on(api)
    go_on(api)
    [letter] = there.bodies(HOOK)
    assert letter["type"] == "reply.send"
    assert letter["data"] == {
        "message_id": "r-1",
        "text": "麻烦拍张照片给我看看",
        "agent": "本机",
        "conversation_id": "c-1",
    }
    assert reply(api, "麻烦拍张照片给我看看").json()["state"] == "done"
    assert (read(api)["replies"], told(api)) == ([], [("done", "")])
    echo = body_of("m-77", "麻烦拍张照片给我看看", role="agent")
    for delivery in ("d-9", "d-10"):
        assert send(api, made, echo, delivery).status_code == 200
    go_on(api)
    assert said(api) == [("customer", "毛衣缩水了"), ("agent", "麻烦拍张照片给我看看")]


def test_the_signature_and_the_number_stay_the_same_when_it_is_sent_again(
    lite: Client, there: Platform
) -> None:
    made = asked(lite, there)
    there.answers[HOOK] = [(500, {}), (503, {}), (204, {})]
    reply(lite, "好的，马上帮您看")
    for _ in range(3):
        go_on(lite)
    letters = [given for given in there.heard if given[0] == HOOK]
    assert len({headers["webhook-id"] for _, headers, _ in letters}) == 1
    assert len(letters) == 3
    for _, headers, body in letters:
        Webhook(made.secret).verify(body, headers)
    assert (told(lite), len(said(lite))) == ([("done", "")], 2)


def test_what_cannot_be_sent_was_not_said_and_the_words_stay(api: Client, there: Platform) -> None:
    asked(api, there)
    there.answers[HOOK] = [(422, {"detail": "顾客把店铺拉黑了"})]
    reply(api, "您好，今天 18:00 前给您答复")
    reply(api, "还有一句", "r-2")
    go_on(api)
    assert len(there.bodies(HOOK)) == 1, "the second was to follow the first"
    assert said(api) == [("customer", "毛衣缩水了")]
    assert [(one["text"], one["state"], one["why"]) for one in read(api)["replies"]] == [
        ("您好，今天 18:00 前给您答复", "failed", "顾客把店铺拉黑了"),
        ("还有一句", "failed", "前一条没有发成，这条也没有发"),
    ]
    assert api.get("/api/v1/promises").json()["items"] == []
    assert told(api) == [("failed", "顾客把店铺拉黑了")]
    assert manage.named(services_of(api).database, "自家商城").sends, "the channel itself goes on"
    manage.resume(services_of(api).database, "自家商城", by="测试")
    go_on(api)
    assert len(there.bodies(HOOK)) == 1, "its moment has passed"
    for _ in range(2):
        assert api.request("DELETE", "/api/v1/conversations/c-1/replies/r-1").status_code == 200
    assert [one["message_id"] for one in read(api)["replies"]] == ["r-2"]
    assert reply(api, "您好，今天 18:00 前给您答复").json()["state"] == "dropped"


def test_it_is_given_up_after_a_minute_and_not_kept_for_later(lite: Client, there: Platform) -> None:
    asked(lite, there)
    there.answers[HOOK] = [(500, {})]
    reply(lite, "好的")
    for _ in range(6):
        go_on(lite)
    assert len(there.bodies(HOOK)) == 5
    assert told(lite) == [("failed", "对方回答 500")]
    there.answers[HOOK] = [(204, {})]
    reply(lite, "在的", "r-2")
    services = services_of(lite)
    manage.change(services.database, "自家商城", by="测试", enabled=False)
    with services.database.write() as session:
        long_ago = datetime.now(UTC) - timedelta(minutes=11)
        session.execute(text("UPDATE channel_deliveries SET created_at = :at"), {"at": str(long_ago)[:26]})
    go_on(lite)
    assert told(lite)[1:] == [("failed", "等了 10 分钟还没发出去")]
    assert len(said(lite)) == 1
    assert read(lite)["reply_through"] is None


def test_nothing_is_sent_that_must_not_be_said(
    lite: Client, there: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(lite, there)
    wrong = Finding("superlative", "绝对化用语", "block", 5, 8, "最低价", "广告法不许这样说", (), None, 5, 8)
    monkeypatch.setattr(Assistant, "check_draft", lambda *_: DraftCheck((wrong,)))
    answer = reply(lite, "我们是全网最低价")
    assert (answer.status_code, answer.json()["code"]) == (422, "draft_blocked")
    assert answer.json()["detail"] == "「最低价」不能这样发：广告法不许这样说"
    assert (len(said(lite)), there.bodies(HOOK)) == (1, [])


def test_nothing_is_sent_where_it_is_not_allowed(lite: Client, there: Platform) -> None:
    made = asked(lite, there, reply="off")
    assert read(lite)["reply_through"] is None
    answer = reply(lite, "好的")
    assert (answer.status_code, answer.json()["code"]) == (409, "cannot_send")
    database = services_of(lite).database
    manage.change(
        database, made.channel.name, by="测试", options={"url": f"{there.url}{HOOK}", "reply": "on"}
    )
    for words, code in (
        ("〔时限〕前给您答复", "draft_blocked"),
        ("   ", "invalid_request"),
        ("好" * 4001, "message_too_long"),
    ):
        assert reply(lite, words).json()["code"] == code, words
    manage.change(database, made.channel.name, by="测试", people=["阿May"])
    assert reply(lite, "好的").json()["code"] == "cannot_send"
    manage.change(database, made.channel.name, by="测试", people=[])
    assert reply(lite, "好的", place="nothing").status_code == 404
    lite.post("/api/v1/conversations/own/turns", json={"role": "customer", "text": "在吗", "message_id": "1"})
    assert reply(lite, "好的", place="own").json()["code"] == "cannot_send"
    assert reply(lite, "好的", "m-1").json()["code"] == "conflict"
    assert (len(said(lite)), there.bodies(HOOK)) == (1, [])


def test_a_reply_taken_back_in_time_is_not_sent(lite: Client, there: Platform) -> None:
    asked(lite, there)
    turn = reply(lite, "好的").json()["turn_id"]
    assert lite.request("DELETE", f"/api/v1/conversations/c-1/turns/{turn}").status_code == 200
    go_on(lite)
    assert (there.bodies(HOOK), read(lite)["replies"]) == ([], [])


def test_a_process_that_died_while_sending_is_followed_by_another(lite: Client, there: Platform) -> None:
    asked(lite, there)
    reply(lite, "好的")
    services = services_of(lite)
    assert services.channels.outbox._claim(True), "claimed by somebody who then dies"
    go_on(lite)
    assert there.bodies(HOOK) == []
    with services.database.write() as session:
        session.execute(text("UPDATE channel_deliveries SET lease_until = created_at"))
    go_on(lite)
    assert [letter["data"]["text"] for letter in there.bodies(HOOK)] == ["好的"]


def test_a_public_message_in_chatwoot_is_never_there_twice(lite: Client, there: Platform) -> None:
    options = {"url": there.url, "account": "1", "token": "t", "reply": "on", "signature": "off"}
    made = add(lite, "官网", kind="chatwoot", **options)
    hook = {"event": "message_created", "id": 118, "content": "毛衣缩水了", "message_type": "incoming"}
    hook |= {"conversation": {"id": 10}, "sender": {"name": "小鱼儿", "type": "contact"}}
    assert lite.post(made.path, json=hook).status_code == 200
    place = "chatwoot:官网:10"
    there.answers[NOTES] = [(200, {})]
    go_on(lite)
    there.asked.clear()
    now = int(datetime.now(UTC).timestamp())
    other = {"content": "别的话", "message_type": 1, "created_at": now, "private": False}
    ours = {"content": "马上帮您看", "message_type": 1, "created_at": now, "private": False}
    there.answers[NOTES] = [(502, {}), (200, {"payload": [other]}), (504, {}), (200, {"payload": [ours]})]
    reply(lite, "马上帮您看", place=place)
    for _ in range(4):
        go_on(lite)
    written = [body for _, body in there.asked if body]
    assert (
        written
        == [{"content": "马上帮您看", "message_type": "outgoing", "private": False, "content_type": "text"}]
        * 2
    )
    assert told(lite) == [("done", "200")] or told(lite) == [("done", "")]
    echo = hook | {
        "id": 119,
        "content": "马上帮您看",
        "message_type": "outgoing",
        "sender": {"name": "阿May"},
    }
    assert lite.post(made.path, json=echo).status_code == 200
    go_on(lite)
    assert said(lite, place) == [("customer", "毛衣缩水了"), ("agent", "马上帮您看")]
    there.answers[NOTES] = [(500, {}), (401, {})]
    reply(lite, "第二句", "r-2", place)
    go_on(lite)
    go_on(lite)
    assert "到 Chatwoot 里看一眼" in told(lite)[-1][1]


@pytest.fixture
def wecom(lite: Client, there: Platform) -> Client:
    there.answers[TOKEN] = [(200, {"errcode": 0, "access_token": "t-1", "expires_in": 7200})]
    words = {"msgid": "k-1", "open_kfid": "wkxxxxxxx", "external_userid": "wmxxxx", "origin": 3}
    words |= {
        "send_time": int(datetime.now(UTC).timestamp()),
        "msgtype": "text",
        "text": {"content": "缩水了"},
    }
    there.answers[SYNC] = [(200, {"errcode": 0, "next_cursor": "c", "has_more": 0, "msg_list": [words]})]
    options = {"corp_id": CORP, "token": "QDG6eK", "corp_secret": "s", "url": there.url, "reply": "on"}
    made = add(lite, "客服", kind="wecom", secret=KEY, **options)
    assert call(lite, made).status_code == 200
    go_on(lite)
    assert said(lite, PLACE) == [("customer", "缩水了")]
    return lite


@pytest.mark.parametrize(
    ("answers", "state", "word"),
    [
        ([{"errcode": 0}], "done", ""),
        ([{"errcode": -1}, {"errcode": 95033}], "done", ""),
        ([{"errcode": 95033}], "failed", "95033"),
        ([{"errcode": 95018}], "failed", "复制了到企业微信里发"),
        ([{"errcode": 95001}], "failed", "发满 5 条"),
        ([{"errcode": 95002}], "failed", "48 小时"),
        ([{"errcode": 42001}, {"errcode": 0}], "done", ""),
    ],
)
def test_what_wecom_says_of_it(
    wecom: Client, there: Platform, answers: list[Any], state: str, word: str
) -> None:
    there.answers[LETTER] = [(200, answer) for answer in answers]
    reply(wecom, "亲，在的", place=PLACE)
    go_on(wecom)
    go_on(wecom)
    [(found, why)] = told(wecom)
    assert (found, word in why) == (state, True), why
    letters = there.bodies(LETTER)
    assert {letter["msgid"] for letter in letters} == {letters[0]["msgid"]}
    assert len(letters[0]["msgid"]) == 32
    assert (letters[0]["touser"], letters[0]["open_kfid"]) == ("wmxxxx", "wkxxxxxxx")
    assert letters[0]["text"] == {"content": "亲，在的"}


def test_the_limits_of_wecom_are_told_before_anything_is_sent(wecom: Client, there: Platform) -> None:
    there.answers[LETTER] = [(200, {"errcode": 0})]
    assert "分成两条" in reply(wecom, "好" * 700, place=PLACE).json()["detail"]
    for number in range(5):
        assert reply(wecom, f"第{number}句", f"r-{number}", PLACE).status_code == 200
    answer = reply(wecom, "第六句", "r-6", PLACE)
    assert (answer.status_code, "5 条" in answer.json()["detail"]) == (409, True)
    for _ in range(3):
        go_on(wecom)
    assert [letter["text"]["content"] for letter in there.bodies(LETTER)] == [f"第{n}句" for n in range(5)]
    with services_of(wecom).database.write() as session:
        long_ago = str(datetime.now(UTC) - timedelta(hours=49))[:26]
        session.execute(text("UPDATE turns SET undone_at = sent_at WHERE role = 'agent'"))
        session.execute(text("UPDATE turns SET sent_at = :at, stored_at = :at"), {"at": long_ago})
    assert "48 小时" in reply(wecom, "还在吗", "r-7", PLACE).json()["detail"]


def test_the_events_page_never_shows_the_words(lite: Client, there: Platform) -> None:
    made = asked(lite, there)
    reply(lite, "好的，我看看")
    go_on(lite)
    with services_of(lite).database.read() as session:
        happened = channel_rows.went_out(session, made.channel.id, 10)
    assert [one.kind for one in happened][0] == "reply.send"
    assert "我看看" not in json.dumps([one.note for one in happened], ensure_ascii=False)
