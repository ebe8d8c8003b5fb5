"""Models for commands that read content files: trained once per content, kept in the user's cache folder."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.content.folder import put_file
from app.content.model import Content
from app.later import Later
from app.nlu.learnt import Learnt

if TYPE_CHECKING:
    from app.nlu import train as training
else:
    training = Later("app.nlu.train")


def cache_folder() -> Path:
    """HUASHU_CACHE, or the platform's place for a user's caches."""
    given = os.environ.get("HUASHU_CACHE") or os.environ.get("XDG_CACHE_HOME")
    if given:
        return Path(given) / "huashu"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "huashu"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "huashu" / "cache"
    return Path.home() / ".cache" / "huashu"


def learn(content: Content) -> bytes:
    """See `app.nlu.train.train`, which is loaded here with its solver, and only where something is learnt."""
    return training.train(content)


def model_for(content: Content, trainer: Callable[[Content], bytes] = learn) -> bytes:
    """The model of this content, from the cache or trained now. A cache that can't be read or written is passed over."""
    path = cache_folder() / f"{content.nlu_digest}.npz"
    with contextlib.suppress(OSError, ValueError):
        blob = path.read_bytes()
        digest, blob = blob[:32], blob[32:]
        if hashlib.sha256(blob).digest() == digest:
            Learnt.from_bytes(blob)
            return blob
    blob = trainer(content)
    with contextlib.suppress(OSError):
        put_file(path, hashlib.sha256(blob).digest() + blob)
    return blob
