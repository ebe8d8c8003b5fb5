"""Bots for the staff, DingTalk and Feishu: who may ask, what is asked, how it is answered."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from app.channels.dingtalk.adapter import sign as dingtalk_sign
from app.channels.feishu import crypto
from app.channels.feishu.card import card_of
from app.channels.manage import Made
from app.channels.staff import customer_words
from app.store import feedback as feedback_rows
from tests.conftest import ROOT, Client
from tests.fake_platform import Platform, platform
from tests.test_channel_chatwoot import go_on
from tests.test_channels import add, services_of
from tests.test_sizing import GOODS

pytestmark = pytest.mark.usefixtures("by_hand", "allow_local")

FIXTURES = ROOT / "app" / "channels"
SECRET = "this is secret"
KEY = "test key"
HOOK = "/robot/sendBySession"
REPLY = "/open-apis/im/v1/messages/om_dc13264520392913993dd051dba21dcf/reply"
TOKEN = "/open-apis/auth/v3/tenant_access_token/internal"


@pytest.fixture
def there() -> Iterator[Platform]:
    with platform() as server:
        server.answers[HOOK] = [(200, {"errcode": 0, "errmsg": "ok"})]
        server.answers[REPLY] = [(200, {"code": 0})]
        server.answers[TOKEN] = [(200, {"code": 0, "tenant_access_token": "t-1", "expire": 7200})]
        yield server


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("客户说毛衣缩水了怎么回", "毛衣缩水了"),
        (" 顾客问：会不会起球？ 怎么回复？", "会不会起球？"),
        ("有个买家说“再不退钱就差评”，我该怎么回他", "再不退钱就差评"),
        ("毛衣缩水了", "毛衣缩水了"),
        ("客户说「怎么洗」", "怎么洗"),
        ("顾客反馈掉色，咋回啊", "掉色"),
        ("怎么回", ""),
        ("", ""),
    ],
)
def test_the_customers_words_are_found_in_a_question(asked: str, words: str) -> None:
    assert customer_words(asked) == words


def dingtalk(there: Platform, **change: Any) -> bytes:
    told = json.loads((FIXTURES / "dingtalk" / "fixtures" / "text.json").read_text(encoding="utf-8"))
    return json.dumps(told | {"sessionWebhook": there.url + HOOK} | change, ensure_ascii=False).encode()


def ask_dingtalk(client: Client, made: Made, body: bytes, secret: str = SECRET, late: int = 0) -> Any:
    now = str(int((time.time() - late) * 1000))
    headers = {"timestamp": now, "sign": dingtalk_sign(secret, now).decode()}
    return client.post(made.path, content=body, headers=headers)


def test_the_signature_is_that_of_dingtalk() -> None:
    assert dingtalk_sign(SECRET, "1577262236757") == b"hmPWwU+7lVdm3ZZz0r9tSfx0L4Q26jWOZr9+Gs6EZQM="


def test_dingtalk_is_answered_with_scripts_once(lite: Client, there: Platform) -> None:
    made = add(lite, kind="dingtalk", secret=SECRET, answer_hosts=there.host)
    for _ in range(2):
        assert ask_dingtalk(lite, made, dingtalk(there)).status_code == 200
    go_on(lite)
    [note] = there.bodies(HOOK)
    assert note["at"] == {"atUserIds": ["staff01"]}
    assert "缩水" in note["text"]["content"]
    assert "①" in note["text"]["content"]
    assert lite.get("/api/v1/conversations").json()["items"] == []


def test_the_shops_own_data_are_told_as_in_the_panel(
    lite: Client, there: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services_of(lite).products, "current", GOODS)
    made = add(lite, kind="dingtalk", secret=SECRET, answer_hosts=there.host)
    asked = {"content": "客户说半高领羊毛衫女秋冬新款，160 100斤穿什么码，怎么回"}
    assert ask_dingtalk(lite, made, dingtalk(there, text=asked)).status_code == 200
    go_on(lite)
    [note] = there.bodies(HOOK)
    assert "商品：半高领羊毛衫女秋冬新款（MY2201）" in note["text"]["content"]
    with_size = {
        "suggestions": [],
        "sizes": [{"body": "160cm", "size": None, "verdict": "两可", "reason": "看喜欢"}],
    }
    card = card_of({**with_size, "emotion": {"level": 0, "name": "平静"}, "risks": [], "intents": []})
    assert card is not None
    assert card["elements"][0]["text"]["content"] == "尺码：160cm，两可，看喜欢"


def test_dingtalks_answers_go_nowhere_else(lite: Client, there: Platform) -> None:
    made = add(lite, kind="dingtalk", secret=SECRET)
    for number, hook in enumerate((there.url + HOOK, "https://oapi.dingtalk.com.evil.cn/x", "http://oapi.dingtalk.com/x", "", "//")):  # fmt: skip
        ask_dingtalk(lite, made, dingtalk(there, sessionWebhook=hook, msgId=f"m{number}"))
    expired = add(lite, "过期", kind="dingtalk", secret=SECRET, answer_hosts=there.host)
    ask_dingtalk(lite, expired, dingtalk(there, sessionWebhookExpiredTime=1))
    go_on(lite)
    assert there.asked == []


def test_dingtalk_that_is_too_fast_is_asked_again(lite: Client, there: Platform) -> None:
    there.answers[HOOK] = [(200, {"errcode": 130101}), (200, {"errcode": 0})]
    made = add(lite, kind="dingtalk", secret=SECRET, answer_hosts=there.host)
    ask_dingtalk(lite, made, dingtalk(there))
    go_on(lite)
    go_on(lite)
    assert len(there.bodies(HOOK)) == 2


def test_what_is_not_from_dingtalk_is_refused(lite: Client, there: Platform) -> None:
    made = add(lite, kind="dingtalk", secret=SECRET)
    body = dingtalk(there)
    assert ask_dingtalk(lite, made, body, secret="other").status_code == 401
    assert ask_dingtalk(lite, made, body, late=7200).status_code == 401
    assert lite.post(made.path, content=body).status_code == 401
    for poison in (b"", b"[]", b"{", b"\xff", b'{"msgId": 1}', b"[" * 5000):
        assert ask_dingtalk(lite, made, poison).status_code == 200


def add_feishu(client: Client, there: Platform, secret: str = KEY) -> Made:
    options = {"app_id": "cli_a1", "app_secret": "s", "token": "verification", "url": there.url}
    return add(client, kind="feishu", secret=secret, **options)


def feishu(name: str = "message", **change: Any) -> bytes:
    told = json.loads((FIXTURES / "feishu" / "fixtures" / f"{name}.json").read_text(encoding="utf-8"))
    plain = json.dumps(told | change, ensure_ascii=False).encode()
    return json.dumps({"encrypt": crypto.encrypt(KEY, plain, b"0123456789abcdef")}).encode()


def tell_feishu(client: Client, made: Made, body: bytes, key: str = KEY, late: int = 0) -> Any:
    now = str(int(time.time()) - late)
    headers = {
        "x-lark-request-timestamp": now,
        "x-lark-request-nonce": "n1",
        "x-lark-signature": crypto.sign(now, "n1", key, body),
    }
    return client.post(made.path, content=body, headers=headers)


def test_feishus_cipher_and_signature() -> None:
    assert crypto.decrypt(KEY, "P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk=") == b"hello world"
    body = b'{"encrypt":"P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk="}'
    expected = "21b279029a3bdf7b9f02a4935c76c53f09876d9d0e45add77a99d55d1bc7e79e"
    assert crypto.sign("1700000000", "nonce1", KEY, body) == expected
    for broken in ("", "AAAA", "P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghg=", "不是"):
        with pytest.raises(ValueError):  # noqa: PT011
            crypto.decrypt(KEY, broken)


def test_feishu_checks_the_address(lite: Client, there: Platform) -> None:
    made = add_feishu(lite, there)
    check = {"challenge": 'a"b', "token": "verification", "type": "url_verification"}
    sealed = json.dumps({"encrypt": crypto.encrypt(KEY, json.dumps(check).encode(), b"0" * 16)}).encode()
    answer = lite.post(made.path, content=sealed)
    assert (answer.status_code, answer.json()) == (200, {"challenge": 'a"b'})
    assert lite.post(made.path, content=json.dumps(check).encode()).status_code == 401


def test_feishu_is_answered_with_a_card_once(lite: Client, there: Platform) -> None:
    made = add_feishu(lite, there)
    for _ in range(2):
        assert tell_feishu(lite, made, feishu()).status_code == 200
    go_on(lite)
    [reply] = there.bodies(REPLY)
    assert reply["msg_type"] == "interactive"
    card = json.loads(reply["content"])
    assert "缩水" in card["header"]["title"]["content"]
    assert [button["value"]["used"] for button in card["elements"][-1]["actions"]] == ["yes", "no"]


def test_an_old_token_is_replaced(lite: Client, there: Platform) -> None:
    there.answers[REPLY] = [(400, {"code": 99991663}), (200, {"code": 0})]
    made = add_feishu(lite, there)
    tell_feishu(lite, made, feishu())
    go_on(lite)
    go_on(lite)
    assert len(there.bodies(REPLY)) == 2
    assert len(there.bodies(TOKEN)) == 2
    assert len({reply["uuid"] for reply in there.bodies(REPLY)}) == 1


def test_a_click_is_counted_once(lite: Client, there: Platform) -> None:
    services = services_of(lite)
    script = next(iter(services.live.current.content.scripts))
    made = add_feishu(lite, there)
    action = {"tag": "button", "value": {"script_id": script, "used": "no"}}
    event = {"operator": {"open_id": "ou_1"}, "action": action}
    for _ in range(2):
        answer = tell_feishu(lite, made, feishu("click", event=event))
        assert answer.json()["toast"]["type"] == "success"
    tell_feishu(lite, made, feishu("click", event={"action": {"value": {"script_id": "no.such", "used": "yes"}}}, header={"event_id": "2", "event_type": "card.action.trigger", "token": "verification"}))  # fmt: skip
    go_on(lite)
    with services.database.read() as session:
        assert feedback_rows.counts(session) == {script: {"rejected": 1}}


def test_what_is_not_from_feishu_is_refused(lite: Client, there: Platform) -> None:
    made = add_feishu(lite, there)
    body = feishu()
    assert tell_feishu(lite, made, body, key="other").status_code == 401
    assert tell_feishu(lite, made, body, late=9 * 3600).status_code == 401
    assert lite.post(made.path, content=body).status_code == 401
    stranger = feishu(header={"event_id": "1", "token": "other", "event_type": "im.message.receive_v1"})
    assert tell_feishu(lite, made, stranger).status_code == 401
    for poison in (b"", b"[]", b'{"encrypt": "x"}', b'{"encrypt": 1}', b"\xff", b"[" * 5000):
        assert tell_feishu(lite, made, poison).status_code == 401


def test_words_on_a_card_are_never_markup() -> None:
    script = {"script_id": "a.b.c", "title": "<at id=all>", "bubbles": ["[点我](http://evil.cn) **粗**"], "missing": ["时限"]}  # fmt: skip
    answer = {"suggestions": [script], "intents": [], "emotion": {"name": "平静"}, "risks": []}
    card = card_of(answer)
    assert card is not None
    words = card["elements"][0]["text"]["content"]
    assert "<at" not in words
    assert "](" not in words
    assert "先填：时限" in words
    assert card_of({"suggestions": []}) is None
