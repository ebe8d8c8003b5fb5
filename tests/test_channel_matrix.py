"""Every adapter, the same bad days: changed, unsigned, old, early, doubled, too big, unreadable, misdirected, rotated."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from sqlalchemy import text

from app.channels import manage, standard
from app.channels.chatwoot.adapter import sign as chatwoot_sign
from app.channels.dingtalk.adapter import sign as dingtalk_sign
from app.channels.feishu import crypto as feishu_crypto
from app.channels.manage import Made
from app.channels.registry import adapters
from app.channels.wecom import crypto as wecom_crypto
from tests.conftest import ROOT, Client, application, running
from tests.test_channel_wecom import CORP, KEY
from tests.test_channels import body_of, services_of

Request = tuple[str, dict[str, str], bytes]
"""The query, the headers and the body of a request."""
KINDS: Final = ("generic", "chatwoot", "wecom", "feishu", "dingtalk")
FOLDER: Final = ROOT / "app" / "channels"
HOURS: Final = {"generic": 0.1, "chatwoot": 0.1, "wecom": 1.1, "feishu": 8.1, "dingtalk": 1.1}
"""How late is too late."""
SECRETS: Final = {
    "generic": (standard.new_secret(), standard.new_secret()),
    "chatwoot": ("s3cr3t", "fresh"),
    "wecom": (KEY, KEY[::-1].replace(KEY[0], "A", 1)[:42] + "A"),
    "feishu": ("test key", "fresh key"),
    "dingtalk": ("this is secret", "fresh secret"),
}
OPTIONS: Final[dict[str, dict[str, str]]] = {
    "generic": {},
    "chatwoot": {},
    "wecom": {"corp_id": CORP, "token": "QDG6eK", "corp_secret": "s"},
    "feishu": {"app_id": "cli_a1", "app_secret": "s", "token": "verification"},
    "dingtalk": {},
}


def test_every_kind_is_tried() -> None:
    assert set(adapters()) == set(KINDS), (
        "a new kind goes into KINDS, HOURS, SECRETS, OPTIONS, plain and signed"
    )


def fixture(kind: str, name: str, **change: Any) -> bytes:
    told = json.loads((FOLDER / kind / "fixtures" / name).read_text(encoding="utf-8"))
    return json.dumps(told | change, ensure_ascii=False).encode()


def plain(kind: str, number: str) -> bytes:
    """A message that is not like any other."""
    if kind == "generic":
        return body_of(number)
    if kind == "chatwoot":
        return fixture(kind, "message_created.json", id=number)
    if kind == "wecom":
        return (FOLDER / kind / "fixtures" / "event.xml").read_bytes().replace(b"ENC", f"E{number}".encode())
    if kind == "dingtalk":
        return fixture(kind, "text.json", msgId=number)
    told = json.loads(fixture(kind, "message.json"))
    told["header"]["event_id"] = told["event"]["message"]["message_id"] = number
    return json.dumps(told).encode()


def signed(kind: str, number: str, content: bytes, secret: str, at: float) -> Request:
    """What the platform sends for `content` at a moment."""
    now = str(int(at))
    if kind == "generic":
        return "", standard.signed([secret], number, datetime.fromtimestamp(int(at), UTC), content), content
    if kind == "chatwoot":
        signature = chatwoot_sign(secret, now, content)
        headers = {
            "x-chatwoot-timestamp": now,
            "x-chatwoot-signature": signature,
            "x-chatwoot-delivery": number,
        }
        return "", headers, content
    if kind == "dingtalk":
        moment = str(int(at * 1000))
        return "", {"timestamp": moment, "sign": dingtalk_sign(secret, moment).decode()}, content
    if kind == "feishu":
        body = json.dumps({"encrypt": feishu_crypto.encrypt(secret, content, b"0" * 16)}).encode()
        signature = feishu_crypto.sign(now, "n1", secret, body)
        names = ("x-lark-request-timestamp", "x-lark-request-nonce", "x-lark-signature")
        return "", dict(zip(names, (now, "n1", signature), strict=True)), body
    encrypted = wecom_crypto.encrypt(wecom_crypto.key_of(secret), content, CORP, b"0" * 16)
    signature = wecom_crypto.signature("QDG6eK", now, "n1", encrypted)
    body = f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>".encode()
    return f"?msg_signature={signature}&timestamp={now}&nonce=n1", {}, body


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Client, dict[str, Made]]]:
    folder = tmp_path_factory.mktemp("matrix")
    with running(application(folder, folder / "huashu.db")) as client:
        services = services_of(client)
        services.channels.stop()
        yield (
            client,
            {
                kind: manage.add(
                    services.database, kind, kind, {**OPTIONS[kind], "secret": SECRETS[kind][0]}, by="测试"
                )
                for kind in KINDS
            },
        )


class Platform:
    def __init__(self, kind: str, client: Client, made: Made) -> None:
        self.kind, self.client, self.made = kind, client, made

    def request(self, number: str, at: float = 0, secret: str = "", content: bytes | None = None) -> Request:
        body = plain(self.kind, number) if content is None else content
        return signed(self.kind, number, body, secret or SECRETS[self.kind][0], time.time() + at)

    def send(self, request: Request, path: str = "") -> Any:
        query, headers, body = request
        return self.client.post(f"{path or self.made.path}{query}", content=body, headers=headers)

    def stored(self) -> int:
        with services_of(self.client).database.read() as session:
            wanted = text("SELECT count(*) FROM channel_inbound WHERE channel_id = :id AND state = 'waiting'")
            return int(session.execute(wanted, {"id": self.made.channel.id}).scalar_one())


@pytest.fixture(params=KINDS)
def there(request: pytest.FixtureRequest, shop: tuple[Client, dict[str, Made]]) -> Platform:
    client, made = shop
    return Platform(request.param, client, made[request.param])


def test_good_and_twice_at_the_same_moment(there: Platform) -> None:
    before = there.stored()
    request = there.request("good-1")
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(there.send, [request] * 4))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert there.stored() == before + 1


def flipped(data: bytes) -> bytes:
    at = len(data) // 2
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def test_what_is_not_genuine_leaves_no_trace(there: Platform) -> None:
    before = there.stored()
    query, headers, body = there.request("bad-1")
    late = HOURS[there.kind] * 3600
    wrong: list[tuple[str, Request]] = [
        ("stale", there.request("bad-1", at=-late)),
        ("early", there.request("bad-1", at=late)),
        ("another secret", there.request("bad-1", secret=SECRETS[there.kind][1])),
        *((f"without {name}", (query, without(headers, name), body)) for name in needed(there.kind, headers)),
        *((f"other {name}", (query, headers | {name: value + "0"}, body)) for name, value in headers.items()),
    ]
    if there.kind == "wecom":
        wrong += [
            ("unsigned", ("", headers, body)),
            ("other query", (query.replace("nonce=n1", "nonce=n2"), {}, body)),
        ]
    if there.kind != "dingtalk":  # whose signature leaves the body out
        wrong.append(("flipped", (query, headers, flipped(body))))
    harmless = ("x-chatwoot-delivery",)
    for what, request in wrong:
        if what.partition(" ")[2] in harmless:
            continue
        answer = there.send(request)
        assert (answer.status_code, answer.json()["code"]) == (401, "bad_signature"), what
    assert there.stored() == before


def needed(kind: str, headers: dict[str, str]) -> list[str]:
    return [name for name in headers if (kind, name) != ("chatwoot", "x-chatwoot-delivery")]


def without(headers: dict[str, str], name: str) -> dict[str, str]:
    return {other: value for other, value in headers.items() if other != name}


def test_too_big_in_pieces_unreadable_and_misdirected(there: Platform) -> None:
    before = there.stored()
    query, headers, _ = there.request("odd-1")

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(9):
            yield b"x" * 32 * 1024

    chunked: Callable[[], AsyncIterator[bytes]] = pieces
    assert (
        there.client.post(f"{there.made.path}{query}", content=chunked(), headers=headers).status_code == 413
    )
    unreadable = there.send(there.request("odd-2", content=b"\xff\xfe\x00"))
    poison = {"generic": 400, "chatwoot": 400, "wecom": 200, "feishu": 401, "dingtalk": 200}
    assert unreadable.status_code == poison[there.kind]
    other = next(kind for kind in KINDS if kind != there.kind)
    for path in (
        there.made.path.replace(f"/hooks/{there.kind}/", f"/hooks/{other}/"),
        f"/hooks/{there.kind}/nobody/x",
        f"{there.made.path}x",
    ):
        assert there.send(there.request("odd-3"), path).status_code == 404, path
    assert there.stored() == before


def test_the_old_secret_holds_for_a_day_and_the_new_one_at_once(there: Platform) -> None:
    before = there.stored()
    old, fresh = SECRETS[there.kind]
    manage.rotate(services_of(there.client).database, there.kind, by="测试", secret=fresh)
    for number, secret in (("turn-1", old), ("turn-2", fresh)):
        assert there.send(there.request(number, secret=secret)).status_code == 200, number
    assert there.stored() == before + 2
    with services_of(there.client).database.write() as session:
        session.execute(
            text("UPDATE channels SET old_until = created_at WHERE kind = :kind"), {"kind": there.kind}
        )
    assert there.send(there.request("turn-3", secret=old)).status_code == 401
    manage.rotate(services_of(there.client).database, there.kind, by="测试", secret=old)
