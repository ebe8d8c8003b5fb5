"""One file with everything the service stored, made while it runs, and put back into an empty database of either kind.

The file is a ZIP with `manifest.json` (format, schema, rows, sha256) and `rows.jsonl`; it holds customers' words.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final

from app.errors import UsageError
from app.store import archive
from app.store.database import Database

FORMAT: Final = 1
_ROWS: Final = "rows.jsonl"
_MANIFEST: Final = "manifest.json"


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup file says of itself. rows: how many, of all tables; sha256: of `rows.jsonl`."""

    schema: str
    made_at: str
    rows: int
    sha256: str


def make(database: Database, target: Path) -> Backup:
    """Write a backup to `target`, which is replaced only once the new file is whole and on disk.

    Raises UsageError when it cannot be written, StoreUnavailable.
    """
    partial = target.with_name(f".{target.name}.partial")
    try:
        with partial.open("wb") as file:
            os.chmod(partial, 0o600)
            made = _write(database, file)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
    except OSError as error:
        raise UsageError(f"备份写不了 {target}：{error.strerror or error}") from error
    finally:
        partial.unlink(missing_ok=True)
    return made


def restore(database: Database, source: Path) -> Backup:
    """Put a backup into an empty database and bring it up to date.

    Raises UsageError when the file is not a whole backup, was made by a newer version, or the database holds something;
    then nothing is changed. Raises StoreUnavailable.
    """
    try:
        with zipfile.ZipFile(source) as archived:
            found = _manifest(archived)
            _check_whole(archived, found)
            database.upgrade(found.schema)
            if archive.revision(database) != found.schema or not archive.is_empty(database):
                raise UsageError("这里已经有数据了。要恢复备份，请换一个空的数据文件夹或空的数据库")
            with archived.open(_ROWS) as rows:
                archive.restore(database, _lines(rows))
    except (OSError, zipfile.BadZipFile, EOFError) as error:
        raise UsageError(f"备份 {source} 打不开或者不完整") from error
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{source} 不是话术助手的备份，或者内容被改过") from error
    database.upgrade()
    return found


def _write(database: Database, file: IO[bytes]) -> Backup:
    digest = hashlib.sha256()
    count = 0
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archived:
        with archived.open(_ROWS, "w", force_zip64=True) as rows:
            for line in archive.lines(database):
                data = line.encode() + b"\n"
                digest.update(data)
                rows.write(data)
                count += not line.startswith('{"table"')
        made = Backup(archive.revision(database), datetime.now(UTC).isoformat(), count, digest.hexdigest())
        manifest = {
            "format": FORMAT,
            "schema": made.schema,
            "made_at": made.made_at,
            "rows": count,
            "sha256": made.sha256,
        }
        archived.writestr(_MANIFEST, json.dumps(manifest, indent=2) + "\n")
    return made


def _manifest(archived: zipfile.ZipFile) -> Backup:
    read = json.loads(archived.read(_MANIFEST))
    if read["format"] != FORMAT:
        raise UsageError("这份备份是更新版本的话术助手做的，请升级程序后再恢复")
    return Backup(str(read["schema"]), str(read["made_at"]), int(read["rows"]), str(read["sha256"]))


def _check_whole(archived: zipfile.ZipFile, found: Backup) -> None:
    digest = hashlib.sha256()
    with archived.open(_ROWS) as rows:
        while block := rows.read(1 << 20):
            digest.update(block)
    if digest.hexdigest() != found.sha256:
        raise ValueError("sha256")


def _lines(rows: IO[bytes]) -> Iterator[str]:
    yield from io.TextIOWrapper(rows, encoding="utf-8", newline="\n")
