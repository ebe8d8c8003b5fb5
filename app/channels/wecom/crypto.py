"""WeCom's callbacks: signature and encryption. Source: developer.work.weixin.qq.com, documents 90968 and 91144.

The key is 43 characters of base64; AES-256-CBC with the key's first half as IV and PKCS#7 padding to 32 bytes. The plain text
is 16 random bytes, the length of the message (4 bytes, big-endian), the message, and whom it is for.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
from typing import TYPE_CHECKING, Final

from app.later import Later

if TYPE_CHECKING:
    from cryptography.hazmat.primitives import ciphers, padding
    from cryptography.hazmat.primitives.ciphers import algorithms, modes
else:
    _HOME = "cryptography.hazmat.primitives"
    ciphers, padding = Later(f"{_HOME}.ciphers"), Later(f"{_HOME}.padding")
    algorithms, modes = Later(f"{_HOME}.ciphers.algorithms"), Later(f"{_HOME}.ciphers.modes")

KEY_LENGTH: Final = 43
_PADDED_TO: Final = 32
_HEAD: Final = 20
_RANDOM: Final = 16


def key_of(encoding_aes_key: str) -> bytes:
    """The 32 bytes of an EncodingAESKey. Raises ValueError for anything but 43 characters of base64."""
    if len(encoding_aes_key) != KEY_LENGTH:
        raise ValueError("EncodingAESKey 是 43 个字符")
    try:
        return base64.b64decode(encoding_aes_key + "=", validate=True)
    except ValueError as error:
        raise ValueError("EncodingAESKey 只有字母和数字") from error


def signature(token: str, timestamp: str, nonce: str, encrypted: str) -> str:
    """The `msg_signature` of a callback: SHA-1 over the four parts sorted, as WeCom's document 90968 has it."""
    joined = "".join(sorted((token, timestamp, nonce, encrypted)))
    return hashlib.sha1(joined.encode(), usedforsecurity=False).hexdigest()


def is_signed(given: str, token: str, timestamp: str, nonce: str, encrypted: str) -> bool:
    """Whether `given` is that signature; in a time that tells nothing of how far it is right."""
    expected = signature(token, timestamp, nonce, encrypted)
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", errors="replace"))


def decrypt(key: bytes, encrypted: str, receiver: str) -> bytes:
    """The message. Raises ValueError, the same for every reason, when it was not encrypted for `receiver` with this key."""
    try:
        raw = base64.b64decode(encrypted, validate=True)
        decryptor = ciphers.Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
        padded = decryptor.update(raw) + decryptor.finalize()
        unpadder = padding.PKCS7(8 * _PADDED_TO).unpadder()
        plain = unpadder.update(padded) + unpadder.finalize()
        (length,) = struct.unpack(">I", plain[_RANDOM:_HEAD])
        message, given = plain[_HEAD : _HEAD + length], plain[_HEAD + length :]
        if len(message) != length or not hmac.compare_digest(given, receiver.encode()):
            raise ValueError
    except (ValueError, struct.error):
        raise ValueError("not for us") from None
    return message


def encrypt(key: bytes, message: bytes, receiver: str, random: bytes) -> str:
    """What `decrypt` reads. random: 16 bytes."""
    plain = random + struct.pack(">I", len(message)) + message + receiver.encode()
    padder = padding.PKCS7(8 * _PADDED_TO).padder()
    padded = padder.update(plain) + padder.finalize()
    encryptor = ciphers.Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()


def page_signature(ticket: str, nonce: str, timestamp: int, url: str) -> str:
    """What the JS-SDK wants for a page (document 90506). url: without the part from `#` on."""
    text = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={url}"
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
