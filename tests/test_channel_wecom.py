"""WeCom: the callback's cipher, pulling messages, both sides as turns."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import text

from app.channels.manage import Made
from app.channels.wecom import crypto
from tests.conftest import ROOT, Client
from tests.fake_platform import Platform, platform
from tests.test_channels import add, services_of, tried

pytestmark = pytest.mark.usefixtures("by_hand", "allow_local")

FIXTURES = ROOT / "app" / "channels" / "wecom" / "fixtures"
KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
CORP = "wx5823bf96d3bd56c7"
SYNC, TOKEN = "/cgi-bin/kf/sync_msg", "/cgi-bin/gettoken"
PLACE = "wecom:客服:wkxxxxxxx:wmxxxx"


@pytest.fixture
def there() -> Iterator[Platform]:
    with platform() as server:
        server.answers[TOKEN] = [(200, {"errcode": 0, "access_token": "t-1", "expires_in": 7200})]
        told = json.loads((FIXTURES / "messages.json").read_text(encoding="utf-8"))
        server.answers[SYNC] = [(200, told)]
        yield server


def add_wecom(client: Client, there: Platform) -> Made:
    options = {"corp_id": CORP, "token": "QDG6eK", "corp_secret": "s", "url": there.url}
    return add(client, "客服", kind="wecom", secret=KEY, **options)


def query(encrypted: str, token: str = "QDG6eK", late: int = 0) -> str:
    now = str(int(time.time()) - late)
    given = crypto.signature(token, now, "n1", encrypted)
    return f"msg_signature={given}&timestamp={now}&nonce=n1"


def sealed(message: bytes, receiver: str = CORP) -> str:
    return crypto.encrypt(crypto.key_of(KEY), message, receiver, b"0123456789abcdef")


def call(client: Client, made: Made, message: bytes | None = None, **change: Any) -> Any:
    encrypted = sealed(message or (FIXTURES / "event.xml").read_bytes(), change.pop("receiver", CORP))
    body = f"<xml><ToUserName><![CDATA[x]]></ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    return client.post(f"{made.path}?{query(encrypted, **change)}", content=body.encode())


def go_on(client: Client) -> None:
    with services_of(client).database.write() as session:
        session.execute(text("UPDATE channel_inbound SET lease_until = NULL"))
    services_of(client).channels.run_tasks()
    services_of(client).channels.round()


def said(client: Client) -> list[tuple[str, str]]:
    read = client.get(f"/api/v1/conversations/{quote(PLACE)}").json()
    return [(turn["role"], turn["text"]) for turn in read.get("turns", ())]


@pytest.mark.parametrize(
    ("token", "key", "corp", "given", "timestamp", "nonce", "echo", "plain"),
    [
        ("QDG6eK", KEY, CORP, "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3", "1409659589", "263014780",
         "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ==", b"1616140317555161061"),
        ("123456", "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR", "wx49f0ab532d5d035a",
         "dd6b9c95b495b3f7e2901bfbc76c664930ffdb96", "1411443780", "437374425",
         "4ByGGj+sVCYcvGeQYhaKIk1o0pQRNbRjxybjTGblXrBaXlTXeOo1+bXFXDQQb1o6co6Yh9Bv41n7hOchLF6p+Q==", b"5927782489442352469"),
    ],
)  # fmt: skip
def test_wecoms_own_samples(
    token: str, key: str, corp: str, given: str, timestamp: str, nonce: str, echo: str, plain: bytes
) -> None:
    assert crypto.is_signed(given, token, timestamp, nonce, echo)
    assert crypto.decrypt(crypto.key_of(key), echo, corp) == plain
    for wrong in ((key, echo, "other"), (KEY[::-1], echo, corp), (key, echo[:-8], corp), (key, "", corp)):
        with pytest.raises(ValueError, match="not for us|EncodingAESKey"):
            crypto.decrypt(crypto.key_of(wrong[0]), wrong[1], wrong[2])


@pytest.mark.parametrize("length", range(60, 96, 5))
def test_any_length_comes_back(length: int) -> None:
    message = b"x" * length
    assert crypto.decrypt(crypto.key_of(KEY), sealed(message), CORP) == message


def test_the_signature_for_a_page() -> None:
    ticket = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg"
    made = crypto.page_signature(
        ticket, "Wm3WZYTPz0wzccnW", 1414587457, "http://mp.weixin.qq.com?params=value"
    )
    assert made == "0f9de62fce790f9a083d5c99e95740ceb90c27ed"


def test_the_address_is_checked(lite: Client, there: Platform) -> None:
    made = add_wecom(lite, there)
    echo = sealed(b"1616140317555161061")
    answer = lite.get(f"{made.path}?{query(echo)}&echostr={quote(echo, safe='')}")
    assert (answer.status_code, answer.content) == (200, b"1616140317555161061")
    assert lite.get(f"{made.path}?{query('other')}&echostr={quote(echo, safe='')}").status_code == 401


def test_both_sides_are_pulled_once(lite: Client, there: Platform) -> None:
    made = add_wecom(lite, there)
    for _ in range(2):
        assert call(lite, made).status_code == 200
    go_on(lite)
    go_on(lite)
    assert said(lite) == [
        ("customer", "毛衣洗一次就缩水了"),
        ("customer", ""),
        ("agent", "您是机洗还是手洗的呢"),
    ]
    asked = there.bodies(SYNC)[0]
    assert asked["open_kfid"] == "wkxxxxxxx"
    assert asked["token"].startswith("ENC")
    there.answers[SYNC] = [(200, {"errcode": 0, "next_cursor": "cursor-2", "has_more": 0, "msg_list": []})]
    later = (FIXTURES / "event.xml").read_bytes().replace(b"1795334400", b"1795334500")
    call(lite, made, later)
    go_on(lite)
    assert there.bodies(SYNC)[-1]["cursor"] == "cursor-1"
    assert len(said(lite)) == 3


def test_many_pages_and_a_token_that_ran_out(lite: Client, there: Platform) -> None:
    told = there.answers[SYNC][0][1]
    first = {**told, "msg_list": told["msg_list"][:1], "has_more": 1}
    there.answers[SYNC] = [
        (200, {"errcode": 42001}),
        (200, first),
        (200, {**told, "msg_list": told["msg_list"][1:]}),
    ]
    made = add_wecom(lite, there)
    call(lite, made)
    go_on(lite)
    assert len(said(lite)) == 3
    assert len(there.bodies(TOKEN)) == 2


def test_when_wecom_is_down_the_messages_come_later(lite: Client, there: Platform) -> None:
    good = there.answers[SYNC][0]
    there.answers[SYNC] = [(500, {})]
    made = add_wecom(lite, there)
    call(lite, made)
    go_on(lite)
    assert said(lite) == []
    there.answers[SYNC] = [good]
    go_on(lite)
    assert len(said(lite)) == 3


def test_what_is_not_from_wecom_is_refused(lite: Client, there: Platform) -> None:
    made = add_wecom(lite, there)
    assert call(lite, made, token="other").status_code == 401
    assert call(lite, made, receiver="other").status_code == 401
    assert call(lite, made, late=7200).status_code == 401
    echo = sealed(b"x")
    for body in (b"", b"<xml>", b"\xff", b'<!DOCTYPE x [<!ENTITY a "b">]><xml><Encrypt>&a;</Encrypt></xml>'):
        assert lite.post(f"{made.path}?{query(echo)}", content=body).status_code == 401
    assert lite.post(made.path, content=b"<xml/>").status_code == 401
    for poison in (b"<xml></xml>", b"\xff\xfe", b"<xml><Event>kf_msg_or_event</Event></xml>"):
        assert call(lite, made, poison).status_code == 200
    assert there.asked == []


LIST = "/cgi-bin/kf/account/list"


@pytest.mark.parametrize(
    ("path", "told", "state", "note"),
    [
        (LIST, {"errcode": 0, "account_list": []}, "done", ""),
        (LIST, {"errcode": 48002}, "failed", "权限"),
        (TOKEN, {"errcode": 40001}, "failed", "Secret 不对"),
        (LIST, {"errcode": "x"}, "failed", "看不懂"),
    ],
)
def test_the_connection_is_tried_from_the_settings_page(
    lite: Client, there: Platform, path: str, told: dict[str, Any], state: str, note: str
) -> None:
    add_wecom(lite, there)
    there.answers[path] = [(200, told)]
    assert tried(lite, "客服")[0] == state
    assert note in tried(lite, "客服")[1]
