"""Signatures of the Standard Webhooks specification 1.0.0, symmetric (`v1`).

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from app.channels.adapter import Unverified
from app.outbound import SECRET_PREFIX, sign

TOLERANCE: Final = 300
"""How many seconds the sender's clock may differ, either way."""

_SIGNATURE: Final = "webhook-signature"
_MAX_HEADER: Final = 2000
_MIN_KEY, _MAX_KEY = 24, 64


def new_secret() -> str:
    """A secret of 32 random bytes as the specification writes it: `whsec_` and Base64."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def key_of(secret: str) -> bytes:
    """The bytes of a secret. Raises ValueError unless it is `whsec_` and base64 of 24 to 64 bytes."""
    if not secret.startswith(SECRET_PREFIX):
        raise ValueError("密钥要以 whsec_ 开头")
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except ValueError as error:
        raise ValueError("密钥的 whsec_ 后面要是 base64") from error
    if not _MIN_KEY <= len(key) <= _MAX_KEY:
        raise ValueError(f"密钥要有 {_MIN_KEY} 到 {_MAX_KEY} 个字节")
    return key


def signed(secrets_in_force: Iterable[str], message_id: str, now: datetime, body: bytes) -> dict[str, str]:
    """The headers of a message, signed with every secret in force."""
    timestamp = int(now.timestamp())
    headers = [sign(secret, message_id, timestamp, body) for secret in secrets_in_force]
    return {**headers[0], _SIGNATURE: " ".join(each[_SIGNATURE] for each in headers)}


def verify(secrets_in_force: Iterable[str], headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    """Raises Unverified unless one of the signatures is right and the timestamp is recent. headers by lower-case name."""
    message_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    given = headers.get("webhook-signature", "")
    if not message_id or not timestamp or not given:
        raise Unverified("缺少 webhook-id、webhook-timestamp 或 webhook-signature")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise Unverified("webhook-timestamp 要是整数秒")
    if len(given) > _MAX_HEADER or len(message_id) > _MAX_HEADER or not (message_id + given).isascii():
        raise Unverified("签名的格式不对")
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE:
        raise Unverified("webhook-timestamp 和这台电脑的时间差了 5 分钟以上")
    expected = [sign(secret, message_id, int(timestamp), body)[_SIGNATURE] for secret in secrets_in_force]
    candidates = given.split(" ")
    if not any(hmac.compare_digest(one, other) for one in expected for other in candidates):
        raise Unverified("签名和密钥对不上")
