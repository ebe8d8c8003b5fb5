"""Feishu: a bot for the staff. 「客户说……怎么回」 is answered with a card; its buttons tell which script was used.

Signature: `X-Lark-Signature = hex(SHA-256(timestamp + nonce + encrypt key + body))` over the body as received, with an
encrypt key only; events come encrypted with AES-256-CBC under SHA-256 of the key, the first block being the IV. The
check of the address is not signed. Answered within 3 s, else sent again up to four times within about 7 hours.
Source: open.feishu.cn, 「配置 Encrypt Key」, 「接收消息」, 「卡片回传交互」.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from app.channels.adapter import (
    Adapter,
    Channel,
    Delivery,
    Feedback,
    Incoming,
    Option,
    Outcome,
    Question,
    Read,
    Reply,
    Unreadable,
    Unverified,
)
from app.channels.feishu.card import card_of
from app.channels.feishu.crypto import decrypt, sign
from app.channels.staff import HELP, customer_words
from app.outbound import Outbound, OutboundError

TOLERANCE: Final = 8 * 3600
"""Longer than the last repetition; what was handled before is known by its number."""
SECONDS: Final = 10.0
_HOME: Final = "https://open.feishu.cn"
_EARLY: Final = 300
_NO_TOKEN: Final = (99991661, 99991663, 99991668)


class Feishu(Adapter):
    """A Feishu bot for the staff: somebody asks in a chat, the scripts are the answer."""

    kind = "feishu"
    title = "飞书机器人（同事问怎么回）"
    options = (
        Option("app_id", "App ID", "应用的「凭证与基础信息」里", required=True),
        Option("app_secret", "App Secret", "同一个地方", required=True, secret=True),
        Option("token", "Verification Token", "「事件与回调 → 加密策略」里", required=True, secret=True),
        Option("url", "飞书的网址", "一般不用改；海外版 Lark 填 https://open.larksuite.com", default=_HOME),
    )
    acknowledges_poison = True
    schedule = (5, 30)
    test_words = "检查连接"

    def __init__(self) -> None:
        self._tokens: dict[tuple[str, ...], tuple[str, float]] = {}
        self._lock = threading.Lock()

    def verify(self, incoming: Incoming, channel: Channel, now: datetime) -> bytes:
        """With an encrypt key (the channel's secret) the signature and the cipher prove it, else the verification token."""
        body = incoming.body
        encrypted = _encrypted(body)
        if encrypted is None:
            if channel.secrets:
                raise Unverified("这个渠道填了 Encrypt Key，来的内容却没有加密")
            if not _has_token(body, channel):
                raise Unverified("Verification Token 对不上")
            return body
        for key in channel.secrets:
            try:
                plain = decrypt(key, encrypted)
            except ValueError:
                continue
            if _is_address_check(plain) and _has_token(plain, channel):
                return plain
            if _is_signed(key, incoming, now) and _has_token(plain, channel):
                return plain
        raise Unverified("签名、Encrypt Key 或 Verification Token 对不上")

    def read(self, body: bytes, incoming: Incoming, channel: Channel) -> Read:  # noqa: ARG002
        try:
            told = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise Unreadable("内容不是 UTF-8 编码的 JSON") from error
        if not isinstance(told, dict):
            raise Unreadable("内容不是一个 JSON 对象")
        if told.get("type") == "url_verification":
            challenge = json.dumps({"challenge": str(told.get("challenge", ""))[:500]}).encode()
            return Read(reply=Reply(challenge), note="地址检查")
        header, event = _part(told, "header"), _part(told, "event")
        number = str(header.get("event_id") or "")[:200]
        if not number:
            raise Unreadable("没有 event_id")
        kind = header.get("event_type")
        if kind == "card.action.trigger":
            return _clicked(event, number)
        if kind != "im.message.receive_v1":
            return Read(delivery=number, note="只看消息和卡片按钮")
        return _asked(event, number)

    def wants(self, kind: str, channel: Channel) -> bool:  # noqa: ARG002
        return kind in ("answer", "test")

    def deliver(self, delivery: Delivery, channel: Channel, http: Outbound, now: datetime) -> Outcome:  # noqa: ARG002
        if delivery.kind == "test":
            return self._look(channel, http)
        message_id = str(delivery.payload.get("reply_to", {}).get("message_id", ""))
        if not message_id.replace("_", "").replace("-", "").isalnum():
            return Outcome("failed", note="不知道回哪条消息")
        card = card_of(delivery.payload.get("data", {}))
        content = (
            {"msg_type": "interactive", "content": json.dumps(card, ensure_ascii=False)}
            if card
            else {"msg_type": "text", "content": json.dumps({"text": f"这句话没看懂。{HELP}"})}
        )
        base = channel.option("url", _HOME).rstrip("/")
        try:
            token = self._token(channel, base, http)
        except ValueError as error:
            return Outcome("failed", note=str(error))
        body = json.dumps(
            {**content, "uuid": hashlib.sha256(delivery.key.encode()).hexdigest()[:40]}
        ).encode()
        answer = http.post(
            f"{base}/open-apis/im/v1/messages/{message_id}/reply",
            body,
            {"Authorization": f"Bearer {token}", "Content-Type": "application/json; charset=utf-8"},
            seconds=SECONDS,
        )
        code = _code(answer.body)
        if code in _NO_TOKEN:
            self._forget(channel)
            return Outcome("retry", answer.status, "访问凭证过期，换一个再发")
        if answer.status in (429,) or answer.status >= 500:
            return Outcome("retry", answer.status, f"飞书回答 {answer.status}")
        return (
            Outcome("done", answer.status)
            if code == 0
            else Outcome("failed", answer.status, f"飞书说错误 {code}")
        )

    def _look(self, channel: Channel, http: Outbound) -> Outcome:
        """Whether Feishu knows the app and its secret."""
        self._forget(channel)
        try:
            self._token(channel, channel.option("url", _HOME).rstrip("/"), http)
        except ValueError as error:
            return Outcome("failed", note=str(error))
        return Outcome("done")

    def _token(self, channel: Channel, base: str, http: Outbound) -> str:
        """The tenant access token, kept until shortly before it expires. Raises ValueError, OutboundError."""
        key = _account(channel)
        with self._lock:
            known = self._tokens.get(key)
        if known is not None and known[1] > time.monotonic():
            return known[0]
        body = json.dumps({"app_id": key[1], "app_secret": key[2]}).encode()
        answer = http.post(
            f"{base}/open-apis/auth/v3/tenant_access_token/internal",
            body,
            {"Content-Type": "application/json; charset=utf-8"},
            seconds=SECONDS,
        )
        try:
            told = json.loads(answer.body)
            token, seconds = str(told["tenant_access_token"]), float(told["expire"])
        except (ValueError, KeyError, TypeError) as error:
            if answer.status >= 500:
                raise OutboundError("bad_answer") from error
            raise ValueError("飞书不认 App ID 或 App Secret") from error
        with self._lock:
            self._tokens[key] = (token, time.monotonic() + max(0.0, seconds - _EARLY))
        return token

    def _forget(self, channel: Channel) -> None:
        with self._lock:
            self._tokens.pop(_account(channel), None)


def _account(channel: Channel) -> tuple[str, ...]:
    return (channel.option("url", _HOME), channel.option("app_id"), channel.option("app_secret"))


def _encrypted(body: bytes) -> str | None:
    """The cipher text of an encrypted body; None for any other. Raises nothing."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return None
    found = told.get("encrypt") if isinstance(told, dict) else None
    return found if isinstance(found, str) else None


def _is_signed(key: str, incoming: Incoming, now: datetime) -> bool:
    timestamp = incoming.headers.get("x-lark-request-timestamp", "")
    nonce = incoming.headers.get("x-lark-request-nonce", "")
    given = incoming.headers.get("x-lark-signature", "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE:
        return False
    return hmac.compare_digest(sign(timestamp, nonce, key, incoming.body).encode(), given.encode())


def _is_address_check(plain: bytes) -> bool:
    try:
        told = json.loads(plain)
    except (ValueError, RecursionError):
        return False
    return isinstance(told, dict) and told.get("type") == "url_verification"


def _has_token(body: bytes, channel: Channel) -> bool:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return False
    if not isinstance(told, dict):
        return False
    given = _part(told, "header").get("token") or told.get("token") or ""
    expected = channel.option("token")
    return bool(expected) and hmac.compare_digest(str(given).encode(), expected.encode())


def _asked(event: Mapping[str, Any], number: str) -> Read:
    message = _part(event, "message")
    message_id = str(message.get("message_id") or "")
    if not message_id:
        raise Unreadable("没有 message_id")
    if _part(event, "sender").get("sender_type") not in (None, "user"):
        return Read(delivery=number, note="机器人说的话不看")
    words = customer_words(_text_of(message))
    if not words:
        return Read(delivery=number, note="没有文字")
    return Read((Question(message_id[:200], words, {"message_id": message_id}),), number)


def _text_of(message: Mapping[str, Any]) -> str:
    """The words of a text or of a post, without those who are mentioned."""
    try:
        content = json.loads(message.get("content") or "{}")
    except (ValueError, TypeError, RecursionError):
        return ""
    if not isinstance(content, dict):
        return ""
    text = content.get("text")
    if not isinstance(text, str):
        lines = content.get("content")
        parts = (
            [part for line in lines if isinstance(line, list) for part in line]
            if isinstance(lines, list)
            else []
        )
        text = "".join(
            str(part.get("text") or "")
            for part in parts
            if isinstance(part, dict) and part.get("tag") == "text"
        )
    mentions = message.get("mentions")
    for mention in mentions if isinstance(mentions, list) else ():
        if isinstance(mention, dict) and mention.get("key"):
            text = text.replace(str(mention["key"]), "")
    return text.strip()


def _clicked(event: Mapping[str, Any], number: str) -> Read:
    value = _part(_part(event, "action"), "value")
    script, used = str(value.get("script_id") or ""), value.get("used")
    if not script or used not in ("yes", "no"):
        return Read(delivery=number, note="不认识的按钮")
    person = str(_part(event, "operator").get("open_id") or "")
    words = "记下了，谢谢" if used == "yes" else "记下了，会少推荐这条"
    toast = json.dumps({"toast": {"type": "success", "content": words}}, ensure_ascii=False).encode()
    feedback = Feedback(number, script[:200], "copied" if used == "yes" else "rejected", person[:60])
    return Read((feedback,), number, Reply(toast))


def _part(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = told.get(name)
    return found if isinstance(found, dict) else {}


def _code(body: bytes) -> int:
    try:
        told = json.loads(body)
    except ValueError:
        return -1
    code = told.get("code", 0) if isinstance(told, dict) else -1
    return code if isinstance(code, int) else -1


ADAPTER = Feishu()
