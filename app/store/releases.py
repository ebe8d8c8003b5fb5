"""Releases and their models: what is published, whole and numbered."""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, undefer

from app.errors import Conflict, StoreUnavailable
from app.store.tables import ModelRow, ReleaseRow


@dataclass(frozen=True, slots=True)
class Release:
    """A stored release without its files."""

    number: int
    digest: str
    nlu_digest: str
    note: str
    author: str
    created_at: datetime


def newest_number(session: Session) -> int | None:
    return session.scalar(select(func.max(ReleaseRow.number)))


def newest(session: Session) -> Release | None:
    row = session.scalar(select(ReleaseRow).order_by(ReleaseRow.number.desc()).limit(1))
    return None if row is None else _release(row)


def find(session: Session, number: int) -> Release | None:
    row = session.get(ReleaseRow, number)
    return None if row is None else _release(row)


def latest(session: Session, limit: int = 50) -> list[Release]:
    """The newest releases, newest first."""
    rows = session.scalars(select(ReleaseRow).order_by(ReleaseRow.number.desc()).limit(limit))
    return [_release(row) for row in rows]


def files(session: Session, number: int) -> dict[str, str]:
    """The files of release `number`, which must exist."""
    packed = session.scalars(select(ReleaseRow.files).where(ReleaseRow.number == number)).one()
    unpacked: dict[str, str] = json.loads(zlib.decompress(packed))
    return unpacked


def add(
    session: Session, *, digest: str, nlu_digest: str, note: str, author: str, files: dict[str, str]
) -> Release:
    """Store the next release. Raises Conflict when another publisher took the number first: try again."""
    row = ReleaseRow(
        number=(newest_number(session) or 0) + 1,
        digest=digest,
        nlu_digest=nlu_digest,
        note=note,
        author=author,
        created_at=datetime.now(UTC),
        files=zlib.compress(json.dumps(files, sort_keys=True).encode()),
    )
    session.add(row)
    _flush(session)
    return _release(row)


def find_model(session: Session, nlu_digest: str) -> bytes | None:
    """The model trained from this digest, or None. Raises StoreUnavailable when the stored bytes are damaged."""
    row = session.get(ModelRow, nlu_digest, options=[undefer(ModelRow.data)])
    if row is None:
        return None
    if hashlib.sha256(row.data).hexdigest() != row.sha256:
        raise StoreUnavailable("存着的模型损坏了，请从备份恢复数据")
    return row.data


def has_model(session: Session, nlu_digest: str) -> bool:
    return session.get(ModelRow, nlu_digest) is not None


def add_model(session: Session, nlu_digest: str, data: bytes) -> None:
    """Store a model unless it is there. Raises Conflict when another publisher stores it right now: try again."""
    if has_model(session, nlu_digest):
        return
    checksum = hashlib.sha256(data).hexdigest()
    session.add(ModelRow(nlu_digest=nlu_digest, sha256=checksum, data=data, created_at=datetime.now(UTC)))
    _flush(session)


def _flush(session: Session) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict("别人刚刚也发布了，请再试一次") from error


def _release(row: ReleaseRow) -> Release:
    return Release(row.number, row.digest, row.nlu_digest, row.note, row.author, row.created_at)
