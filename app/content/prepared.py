"""The content of a published release as plain data in one file, which is read ten times as fast as its YAML.

A cache and nothing more: what is missing, damaged or written by another version is passed over. That it is the release's
content is known by the release's digest, which is computed anew from what was read.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from app.content.load import Files, Loaded, from_plain
from app.content.model import Content
from app.heap import undisturbed

_SUFFIX: Final = ".content.json"


def read(folder: Path, digest: str, files: Files) -> Content | None:
    """The content with this digest, or None when the folder does not hold it whole."""
    try:
        with undisturbed():
            data = json.loads((folder / (digest + _SUFFIX)).read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return from_plain(data, files, digest) if isinstance(data, dict) else None


def write(folder: Path, digest: str, loaded: Loaded) -> None:
    """Keep what was loaded, in place of older releases. A folder that cannot be written is passed over."""
    data: Mapping[str, object] = {name: parsed.data for name, parsed in loaded.parsed.items()}
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, suffix=".new", delete=False) as target:
            target.write(json.dumps(data, ensure_ascii=False).encode("utf-8", errors="replace"))
        Path(target.name).replace(folder / (digest + _SUFFIX))
        for old in folder.glob("*" + _SUFFIX):
            if old.name != digest + _SUFFIX:
                old.unlink(missing_ok=True)
