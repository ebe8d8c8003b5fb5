"""The content of a published release as a service needs it, in one file that is read twenty times as fast as the YAML.

The sentences that only learning and examining read are left out: the release's model has what counts of them. A cache and
nothing more: what is missing, damaged or written by another version is passed over.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Final

from app.content.folder import UNFINISHED, put_file
from app.content.load import NLU_FORMAT, Files, Loaded, as_plain, from_plain
from app.content.model import Content
from app.heap import undisturbed

_SUFFIX: Final = ".content.json"
_FORMAT: Final = [2, NLU_FORMAT]
"""Raised when what is kept changes; the digests of what is learnt from depend on the other number."""
_LEFT_OUT: Final = ("examples", "not_examples", "held_out")
_CHECKSUM: Final = hashlib.sha256().digest_size


def read(folder: Path, digest: str) -> Content | None:
    """The content with this digest as `served` has it, or None when the folder does not hold it whole."""
    try:
        kept = memoryview((folder / (digest + _SUFFIX)).read_bytes())
        if hashlib.sha256(kept[_CHECKSUM:]).digest() != kept[:_CHECKSUM]:
            return None
        with undisturbed():
            said = json.loads(bytes(kept[_CHECKSUM:]))
            if said["format"] != _FORMAT or said["digest"] != digest:
                return None
            content = from_plain(said["data"], said["texts"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return content and replace(content, digest=digest, nlu_digest=said["nlu_digest"])


def write(folder: Path, loaded: Loaded, files: Files) -> None:
    """Keep what was loaded without errors, in place of older releases. A folder that cannot be written is passed over."""
    if loaded.content is None:
        return
    data, texts = as_plain(loaded.parsed, files, _LEFT_OUT)
    digest, nlu_digest = loaded.content.digest, loaded.content.nlu_digest
    said = {"format": _FORMAT, "digest": digest, "nlu_digest": nlu_digest, "data": data, "texts": texts}
    # half a character that a YAML escape spells cannot be written, and is read from the YAML every time
    with contextlib.suppress(OSError, UnicodeEncodeError):
        packed = json.dumps(said, ensure_ascii=False).encode()
        put_file(folder / (digest + _SUFFIX), hashlib.sha256(packed).digest() + packed)
        for old in (*folder.glob("*" + _SUFFIX), *folder.glob(UNFINISHED)):
            if old.name != digest + _SUFFIX:
                old.unlink(missing_ok=True)


def served(content: Content) -> Content:
    """The content without the sentences that are left out."""
    nothing: dict[str, tuple[()]] = dict.fromkeys(_LEFT_OUT, ())
    intents = {name: intent.model_copy(update=nothing) for name, intent in content.intents.items()}
    return replace(content, intents=intents)
