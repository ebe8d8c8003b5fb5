"""Secrets of other systems, encrypted where they are stored, with a key that is not in the database.

The keys come from HUASHU_SECRET_KEY (several with commas between them, the newest first) or, beside an embedded database,
from a file that is made with the first secret. With neither, as on PostgreSQL without the setting, secrets stay readable.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import secrets
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.errors import UsageError
from app.later import Later

if TYPE_CHECKING:
    from cryptography import fernet
else:
    fernet = Later("cryptography.fernet")

SHORTEST: Final = 32
_SEALED: Final = "sealed:1:"
_PARTIAL: Final = ".{}.{}"
_PURPOSE: Final = b"huashu channel secrets\x00"


class Locked(Exception):
    """Something was sealed with a key that is not there."""


class Vault:
    """keys: as set; file: where a key may be kept, None for nowhere. Raises UsageError for a key that is too short."""

    def __init__(self, keys: str = "", file: Path | None = None) -> None:
        self._given = [key.strip() for key in keys.split(",") if key.strip()]
        if any(len(key) < SHORTEST for key in self._given):
            raise UsageError(
                f"HUASHU_SECRET_KEY 至少 {SHORTEST} 个字符，可以用 openssl rand -base64 32 产生；几个用逗号隔开"
            )
        self._file = file
        self._lock = threading.Lock()
        self._ring: list[fernet.Fernet] | None = None

    @property
    def seals(self) -> bool:
        """Whether there is a key, or a place to make one."""
        return bool(self._given) or self._file is not None

    def seal(self, text: str) -> str:
        """The text encrypted with the newest key; nothing stays nothing. Raises UsageError when no key can be made."""
        if not text or not self.seals:
            return text
        return _SEALED + self._keys(make=True)[0].encrypt(text.encode("utf-8", "surrogatepass")).decode()

    def open(self, stored: str) -> str:
        """The text again; what was never sealed comes back as it is. Raises Locked."""
        if not stored.startswith(_SEALED):
            return stored
        keys = self._keys(make=False)
        try:
            plain = fernet.MultiFernet(keys).decrypt(stored.removeprefix(_SEALED)) if keys else None
        except (fernet.InvalidToken, ValueError):
            plain = None
        if plain is None:
            raise Locked
        return plain.decode("utf-8", "surrogatepass")

    def is_fresh(self, stored: str) -> bool:
        """Whether there is nothing better: sealed with the newest key, or nothing to seal it with."""
        if not stored or not self.seals:
            return True
        if not stored.startswith(_SEALED):
            return False
        try:
            self._keys(make=True)[0].decrypt(stored.removeprefix(_SEALED))
        except fernet.InvalidToken:
            return False
        return True

    def _keys(self, *, make: bool) -> list[fernet.Fernet]:
        with self._lock:
            if self._ring is None:
                kept = _read(self._file)
                if kept is None and make and not self._given and self._file is not None:
                    kept = _make(self._file)
                if kept is not None and self._file is not None:
                    _sweep(self._file)
                texts = [*self._given, *([kept] if kept else [])]
                if not texts:
                    return []
                self._ring = [_fernet(text) for text in texts]
            return self._ring


def _fernet(text: str) -> fernet.Fernet:
    return fernet.Fernet(base64.urlsafe_b64encode(hashlib.sha256(_PURPOSE + text.encode()).digest()))


def _read(file: Path | None) -> str | None:
    """Raises UsageError when there is one that cannot be read."""
    if file is None or not file.exists():
        return None
    try:
        text = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"读不了 {file}，渠道的密钥解不开") from error
    if len(text) < SHORTEST:
        raise UsageError(f"{file} 不完整，渠道的密钥解不开：请从备份放回原来的那个")
    return text


def _make(file: Path) -> str:
    """A new key in a file for nobody but us; of two processes at once both get the same. Raises UsageError."""
    partial = file.with_name(_PARTIAL.format(file.name, secrets.token_hex(8)))
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
            opened.write(secrets.token_urlsafe(32))
            opened.flush()
            os.fsync(opened.fileno())
        # another process was first, and may have swept this one away
        with contextlib.suppress(FileExistsError, FileNotFoundError):
            os.link(partial, file)
    except OSError as error:
        raise UsageError(f"写不了 {file}：{error.strerror or error}") from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
    made = _read(file)
    assert made is not None, "it was just made"
    return made


def _sweep(file: Path) -> None:
    """Remove what was left of making the key when somebody was killed over it."""
    with contextlib.suppress(OSError):
        for left in file.parent.glob(_PARTIAL.format(file.name, "*")):
            left.unlink(missing_ok=True)
