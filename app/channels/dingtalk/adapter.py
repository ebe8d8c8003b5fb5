"""DingTalk: a bot for the staff. 「客户说……怎么回」 in a group or to the bot is answered with scripts.

Signature: `sign = base64(HMAC-SHA256(appSecret, "{timestamp}\\n{appSecret}"))`, timestamp in milliseconds, at most an hour
off (open.dingtalk.com/document/isvapp/receive-message). It does not cover the body: hence the unguessable address, and
answers go only to DingTalk's own hosts. What is not acknowledged within a minute comes again with the same msgId.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from app.channels.adapter import (
    Adapter,
    Channel,
    Delivery,
    Incoming,
    Option,
    Outcome,
    Question,
    Read,
    Unreadable,
    Unverified,
)
from app.channels.staff import HELP, customer_words, note_of
from app.outbound import Outbound

TOLERANCE: Final = 3600
SECONDS: Final = 10.0
HOSTS: Final = frozenset({"oapi.dingtalk.com", "api.dingtalk.com"})
_TOO_FAST: Final = 130101
_MAX_NOTE: Final = 5000


class DingTalk(Adapter):
    """A DingTalk bot for the staff: somebody asks in a group, the scripts are the answer."""

    kind = "dingtalk"
    title = "钉钉机器人（同事问怎么回）"
    options = (
        Option(
            "answer_hosts",
            "只往这些主机回答",
            "一般不用改；测试时可以加自己的主机，用逗号隔开",
            default=",".join(sorted(HOSTS)),
        ),
    )
    acknowledges_poison = True
    schedule = (5, 30)

    def verify(self, incoming: Incoming, channel: Channel, now: datetime) -> bytes:
        timestamp = incoming.headers.get("timestamp", "")
        given = incoming.headers.get("sign", "")
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 15):
            raise Unverified("没有 timestamp 请求头，不是钉钉发来的")
        if abs(now.timestamp() - int(timestamp) / 1000) > TOLERANCE:
            raise Unverified("timestamp 和这台电脑的时间差了 1 小时以上")
        if not channel.secrets:
            raise Unverified("还没有填机器人的 AppSecret")
        if not any(
            hmac.compare_digest(sign(secret, timestamp), given.encode()) for secret in channel.secrets
        ):
            raise Unverified("签名和 AppSecret 对不上")
        return incoming.body

    def read(self, body: bytes, incoming: Incoming, channel: Channel) -> Read:  # noqa: ARG002
        try:
            told = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise Unreadable("内容不是 UTF-8 编码的 JSON") from error
        if not isinstance(told, dict) or not isinstance(told.get("msgId"), str) or not told["msgId"]:
            raise Unreadable("没有 msgId")
        words = customer_words(_text_of(told))
        if not words:
            return Read(delivery=told["msgId"], note="没有文字")
        reply_to = {
            "webhook": str(told.get("sessionWebhook") or ""),
            "until": _milliseconds(told.get("sessionWebhookExpiredTime")),
            "person": str(told.get("senderStaffId") or ""),
        }
        return Read((Question(told["msgId"][:200], words, reply_to),), told["msgId"])

    def wants(self, kind: str, channel: Channel) -> bool:  # noqa: ARG002
        return kind == "answer"

    def test(self, channel: Channel) -> str:  # noqa: ARG002
        return "在钉钉里 @机器人 发一句「客户说毛衣缩水了怎么回」，就能看到回答"

    def deliver(self, delivery: Delivery, channel: Channel, http: Outbound, now: datetime) -> Outcome:
        reply_to: Mapping[str, Any] = delivery.payload.get("reply_to", {})
        webhook = str(reply_to.get("webhook", ""))
        if not _is_ours(webhook, channel):
            return Outcome("failed", note="回答的地址不是钉钉的，没有发")
        if reply_to.get("until") and now.timestamp() * 1000 > reply_to["until"]:
            return Outcome("failed", note="钉钉给的回答地址过期了")
        note = note_of(delivery.payload.get("data", {})) or f"这句话没看懂。{HELP}"
        content: dict[str, Any] = {
            "msgtype": "text",
            "text": {"content": note[:_MAX_NOTE]},
            "at": {"atUserIds": [reply_to["person"]] if reply_to.get("person") else []},
        }
        body = json.dumps(content, ensure_ascii=False).encode("utf-8", errors="replace")
        answer = http.post(webhook, body, {"Content-Type": "application/json"}, seconds=SECONDS)
        if not 200 <= answer.status < 300:
            return Outcome("retry", answer.status, f"钉钉回答 {answer.status}")
        code = _code(answer.body)
        if code == _TOO_FAST:
            return Outcome("retry", answer.status, "发得太快，一分钟最多 20 条", 60)
        return (
            Outcome("done", answer.status)
            if code == 0
            else Outcome("failed", answer.status, f"钉钉说错误 {code}")
        )


def sign(secret: str, timestamp: str) -> bytes:
    """The value of the `sign` header. timestamp: milliseconds since 1970, in digits."""
    digest = hmac.new(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256).digest()
    return base64.b64encode(digest)


def _text_of(told: Mapping[str, Any]) -> str:
    if told.get("msgtype") == "text":
        text = told.get("text")
        return str(text.get("content") or "") if isinstance(text, dict) else ""
    content = told.get("content")
    parts = content.get("richText") if isinstance(content, dict) else None
    if not isinstance(parts, list):
        return ""
    return "".join(str(part.get("text") or "") for part in parts if isinstance(part, dict))


def _milliseconds(given: object) -> int:
    return given if isinstance(given, int) and not isinstance(given, bool) and given > 0 else 0


def _is_ours(webhook: str, channel: Channel) -> bool:
    """Whether an answer may go to this address: the body it came in is not signed."""
    try:
        parts = urlsplit(webhook)
        host = parts.netloc.lower()
    except ValueError:
        return False
    named = channel.option("answer_hosts")
    hosts = {one.strip().lower() for one in named.split(",") if one.strip()} or HOSTS
    return host in hosts and (parts.scheme == "https" or host not in HOSTS)


def _code(body: bytes) -> int:
    """DingTalk's own error code; 0 is fine. An answer that can't be read counts as fine: the status was."""
    try:
        told = json.loads(body)
    except ValueError:
        return 0
    code = told.get("errcode", 0) if isinstance(told, dict) else 0
    return code if isinstance(code, int) else -1


ADAPTER = DingTalk()
