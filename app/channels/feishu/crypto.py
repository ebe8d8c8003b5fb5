"""Feishu's encryption of events and its signature. Source: open.feishu.cn, 「配置 Encrypt Key」."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Final

from app.later import Later

if TYPE_CHECKING:
    from cryptography.hazmat.primitives import ciphers, padding
    from cryptography.hazmat.primitives.ciphers import algorithms, modes
else:
    _HOME = "cryptography.hazmat.primitives"
    ciphers, padding = Later(f"{_HOME}.ciphers"), Later(f"{_HOME}.padding")
    algorithms, modes = Later(f"{_HOME}.ciphers.algorithms"), Later(f"{_HOME}.ciphers.modes")

_BLOCK: Final = 16


def decrypt(encrypt_key: str, encrypted: str) -> bytes:
    """The plain text of the `encrypt` field. Raises ValueError for what was not encrypted with this key."""
    raw = base64.b64decode(encrypted, validate=True)
    if len(raw) < 2 * _BLOCK or len(raw) % _BLOCK:
        raise ValueError("length")
    key = hashlib.sha256(encrypt_key.encode()).digest()
    decryptor = ciphers.Cipher(algorithms.AES(key), modes.CBC(raw[:_BLOCK])).decryptor()
    padded = decryptor.update(raw[_BLOCK:]) + decryptor.finalize()
    unpadder = padding.PKCS7(8 * _BLOCK).unpadder()
    return unpadder.update(padded) + unpadder.finalize()


def encrypt(encrypt_key: str, plain: bytes, iv: bytes) -> str:
    """The `encrypt` field of a plain text. iv: 16 random bytes."""
    padder = padding.PKCS7(8 * _BLOCK).padder()
    padded = padder.update(plain) + padder.finalize()
    key = hashlib.sha256(encrypt_key.encode()).digest()
    encryptor = ciphers.Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    return base64.b64encode(iv + encryptor.update(padded) + encryptor.finalize()).decode()


def sign(timestamp: str, nonce: str, encrypt_key: str, body: bytes) -> str:
    """The value of `X-Lark-Signature` for a body as it is sent."""
    return hashlib.sha256(f"{timestamp}{nonce}{encrypt_key}".encode() + body).hexdigest()
