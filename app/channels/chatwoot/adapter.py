"""Chatwoot: its account webhook in, a private note with the best scripts out.

Signature since v4.11.2: `X-Chatwoot-Signature: sha256=<hex HMAC-SHA256(secret, "{timestamp}.{body}")>` with
`X-Chatwoot-Timestamp` (github.com/chatwoot/chatwoot/pull/13573). An account webhook is delivered once and never again,
so what is genuine is not refused. Private notes come back as `message_created`: only what a contact wrote counts.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from app.channels.adapter import (
    LAN,
    Adapter,
    Channel,
    Delivery,
    Incoming,
    Message,
    Option,
    Outcome,
    Read,
    Unreadable,
    Unverified,
    reply_option,
)
from app.channels.staff import note_of
from app.outbound import Outbound, OutboundError, Reply
from app.store.deliveries import REPLY

TOLERANCE: Final = 300
SECONDS: Final = 10.0
_CLOCKS: Final = timedelta(seconds=60)
"""How far Chatwoot's clock may be from ours."""
_UNKNOWN: Final = "Chatwoot 里没有这个会话，或者账号编号不对"
_KINDS: Final = {"image": "image", "video": "video", "audio": "voice", "file": "file", "location": "location"}


class Chatwoot(Adapter):
    """Chatwoot: webhooks signed with its secret come in, replies and private notes go out through its API."""

    kind = "chatwoot"
    title = "Chatwoot"
    options = (
        Option(
            "url", "Chatwoot 的网址", f"例如 https://chat.example.com；写私信备注用，空着就只收消息。{LAN}"
        ),
        Option("account", "账号编号", "Chatwoot 网址里 accounts/ 后面的数字"),
        Option("token", "访问令牌", "客服或机器人的 access token，在个人资料里", secret=True),
        reply_option("开了以后，客服在面板里点「发送」，话就用上面的访问令牌发给顾客"),
        Option(
            "signature",
            "签名检查",
            "4.11.2 以前的 Chatwoot 不签名，才选「不检查」：这时只靠地址里那段猜不到的字",
            default="required",
            choices=("required", "off"),
            names={"required": "要检查", "off": "不检查"},
        ),
    )
    settle = 2
    test_words = "检查连接"

    def verify(self, incoming: Incoming, channel: Channel, now: datetime) -> bytes:
        if channel.option("signature", "required") == "off":
            return incoming.body
        timestamp = incoming.headers.get("x-chatwoot-timestamp", "")
        given = incoming.headers.get("x-chatwoot-signature", "")
        if not timestamp or not given:
            raise Unverified("没有签名：Chatwoot 要 4.11.2 以上，或者把「签名检查」改成「不检查」")
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
            raise Unverified("X-Chatwoot-Timestamp 要是整数秒")
        if abs(now.timestamp() - int(timestamp)) > TOLERANCE:
            raise Unverified("X-Chatwoot-Timestamp 和这台电脑的时间差了 5 分钟以上")
        if not channel.secrets:
            raise Unverified("还没有填 Chatwoot 显示的密钥")
        expected = [sign(secret, timestamp, incoming.body) for secret in channel.secrets]
        if not any(hmac.compare_digest(one.encode(), given.encode()) for one in expected):
            raise Unverified("签名和密钥对不上")
        return incoming.body

    def read(self, body: bytes, incoming: Incoming, channel: Channel) -> Read:
        delivery = incoming.headers.get("x-chatwoot-delivery", "")
        try:
            told = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise Unreadable("内容不是 UTF-8 编码的 JSON") from error
        if not isinstance(told, dict):
            raise Unreadable("内容不是一个 JSON 对象")
        if told.get("event") != "message_created":
            return Read(delivery=delivery, note="只看新消息")
        if told.get("private") or told.get("message_type") not in ("incoming", "outgoing"):
            return Read(delivery=delivery, note="备注和系统消息不看")
        account = channel.option("account")
        if account and str(_part(told, "account").get("id", account)) != account:
            return Read(delivery=delivery, note="不是这个账号的消息")
        message = _message(told)
        if not message.text.strip() and not message.attachments:
            return Read(delivery=delivery, note="没有文字也没有附件")
        return Read((message,), delivery)

    def wants(self, kind: str, channel: Channel) -> bool:
        ready = all(channel.option(name) for name in ("url", "account", "token"))
        return ready and (kind in ("suggestion.created", "test") or (kind == REPLY and channel.lets_reply()))

    def test(self, channel: Channel) -> str:
        return "" if self.wants("test", channel) else "先填 Chatwoot 的网址、账号编号和访问令牌"

    def deliver(self, delivery: Delivery, channel: Channel, http: Outbound, now: datetime) -> Outcome:  # noqa: ARG002
        """Once, and once more only when there was no connection at all: a note must not appear twice."""
        if delivery.kind == "test":
            return _look(channel, http)
        if delivery.kind == REPLY:
            return _reply(delivery, channel, http)
        note = note_of(delivery.payload.get("data", {}))
        if not note:
            return Outcome("dropped", note="没有可以发的话术")
        try:
            status = _write(delivery, channel, http, note, private=True)
        except OutboundError as error:
            if error.sent or error.kind == "refused":
                raise
            status = _write(delivery, channel, http, note, private=True)
        return _outcome(status, _UNKNOWN)


def _look(channel: Channel, http: Outbound) -> Outcome:
    """Whether the address, the account and the token are right, without writing anything."""
    answer = _ask("GET", "inboxes", None, channel, http)
    return _outcome(answer.status, "没有这个账号编号，或者网址不是 Chatwoot 的")


def _reply(delivery: Delivery, channel: Channel, http: Outbound) -> Outcome:
    """An agent's words to the customer, at most once: before another attempt it is looked whether they are there."""
    words = str(delivery.payload.get("data", {}).get("text", ""))
    if delivery.attempts > 1:
        answer = _ask("GET", f"conversations/{delivery.external_id}/messages", None, channel, http)
        if answer.status >= 500 or answer.status == 429:
            return Outcome("retry", answer.status, f"Chatwoot 回答 {answer.status}")
        if answer.status != 200:
            return Outcome("failed", answer.status, "不知道刚才发出去没有：到 Chatwoot 里看一眼再说")
        if _is_there(answer.body, words, delivery.created_at):
            return Outcome("done", answer.status)
    status = _write(delivery, channel, http, words, private=False)
    if status >= 500 or status == 429:
        return Outcome("retry", status, f"Chatwoot 回答 {status}")
    return _outcome(status, _UNKNOWN)


def _write(delivery: Delivery, channel: Channel, http: Outbound, words: str, *, private: bool) -> int:
    """Write into the conversation; the status of the answer."""
    content = {"content": words, "message_type": "outgoing", "private": private, "content_type": "text"}
    body = json.dumps(content, ensure_ascii=False).encode("utf-8", errors="replace")
    return _ask("POST", f"conversations/{delivery.external_id}/messages", body, channel, http).status


def _ask(method: str, path: str, body: bytes | None, channel: Channel, http: Outbound) -> Reply:
    base, account = channel.option("url").rstrip("/"), channel.option("account")
    headers = {"Api-Access-Token": channel.option("token"), "Content-Type": "application/json"}
    return http.send(method, f"{base}/api/v1/accounts/{account}/{path}", body, headers, seconds=SECONDS)


def _is_there(body: bytes, words: str, since: datetime) -> bool:
    """Whether these words were said to the customer since then, by a list of messages as Chatwoot answers it."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return False
    listed = told.get("payload") if isinstance(told, dict) else None
    for part in listed if isinstance(listed, list) else ():
        if (
            not isinstance(part, dict)
            or part.get("private")
            or part.get("message_type") not in (1, "outgoing")
        ):
            continue
        at = _moment(part.get("created_at"))
        recent = at is None or at >= since - _CLOCKS
        if recent and str(part.get("content") or "").split() == words.split():
            return True
    return False


def _outcome(status: int, unknown: str) -> Outcome:
    if 200 <= status < 300:
        return Outcome("done", status)
    reasons = {401: "访问令牌不对，或者不是这个账号的", 403: "这个令牌没有权限", 404: unknown}
    return Outcome("failed", status, reasons.get(status, f"Chatwoot 回答 {status}"))


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The value of `X-Chatwoot-Signature` for a body; timestamp: seconds since 1970, as in its own header."""
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    return f"sha256={digest.hexdigest()}"


def _message(told: Mapping[str, Any]) -> Message:
    """Raises Unreadable when it has no number."""
    conversation, sender = _part(told, "conversation"), _part(told, "sender")
    # the number in the address of the conversation, which the API wants too
    number, message_id = conversation.get("id"), told.get("id")
    if (
        not isinstance(number, int | str)
        or not isinstance(message_id, int | str)
        or not number
        or not message_id
    ):
        raise Unreadable("没有会话或消息的编号")
    incoming = told.get("message_type") == "incoming"
    contact = sender if incoming else _part(_part(conversation, "meta"), "sender")
    return Message(
        conversation_id=str(number),
        message_id=str(message_id),
        role="customer" if incoming else "agent",
        text=str(told.get("content") or ""),
        sent_at=_moment(told.get("created_at")),
        attachments=_attachments(told.get("attachments")),
        label=str(contact.get("name") or ""),
        agent="" if incoming else str(sender.get("name") or ""),
    )


def _part(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = told.get(name)
    return found if isinstance(found, dict) else {}


def _attachments(given: object) -> tuple[dict[str, str], ...]:
    found = [part for part in given if isinstance(part, dict)] if isinstance(given, list) else []
    return tuple({"type": _KINDS.get(str(part.get("file_type")), "file")} for part in found[:20])


def _moment(given: object) -> datetime | None:
    """ISO 8601 in webhooks; Unix seconds in older ones."""
    try:
        if isinstance(given, int | float):
            return datetime.fromtimestamp(given, UTC)
        found = datetime.fromisoformat(str(given).removesuffix(" UTC").replace("Z", "+00:00"))
    except (ValueError, OverflowError, OSError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


ADAPTER = Chatwoot()
