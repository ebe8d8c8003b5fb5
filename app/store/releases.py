"""Releases and their models: what is published, whole and numbered."""

from __future__ import annotations

import hashlib
import json
import logging
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, undefer

from app.errors import Conflict, ContentInvalid
from app.store.tables import ModelRow, ReleaseRow

_log = logging.getLogger(__name__)


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
    """The files of release `number`, which must exist. Raises ContentInvalid when the stored bytes are damaged."""
    packed = session.scalars(select(ReleaseRow.files).where(ReleaseRow.number == number)).one()
    try:
        unpacked: dict[str, str] = json.loads(zlib.decompress(packed))
    except (zlib.error, ValueError) as error:
        raise ContentInvalid(f"存着的第 {number} 版损坏了，请从备份恢复，或者重新发布") from error
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
    """The model trained from this digest; None when there is none, or when the stored bytes are damaged."""
    row = session.get(ModelRow, nlu_digest, options=[undefer(ModelRow.data)])
    if row is None:
        return None
    if hashlib.sha256(row.data).hexdigest() != row.sha256:
        _log.error("the model stored for %s is damaged", nlu_digest[:12])
        return None
    return row.data


def has_model(session: Session, nlu_digest: str) -> bool:
    return session.get(ModelRow, nlu_digest) is not None


def add_model(session: Session, nlu_digest: str, data: bytes) -> None:
    """Store a model unless it is there whole. Raises Conflict when another publisher stores it right now: try again."""
    checksum = hashlib.sha256(data).hexdigest()
    if has_model(session, nlu_digest):
        if find_model(session, nlu_digest) is None:
            row = session.get_one(ModelRow, nlu_digest)
            row.data, row.sha256, row.created_at = data, checksum, datetime.now(UTC)
        return
    session.add(ModelRow(nlu_digest=nlu_digest, sha256=checksum, data=data, created_at=datetime.now(UTC)))
    _flush(session)


def name_model(session: Session, number: int, nlu_digest: str) -> None:
    """Note that release `number` uses this model from now on, so that it is kept and the one before it need not be."""
    session.get_one(ReleaseRow, number).nlu_digest = nlu_digest


def _flush(session: Session) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict("别人刚刚也发布了，请再试一次") from error


def _release(row: ReleaseRow) -> Release:
    return Release(row.number, row.digest, row.nlu_digest, row.note, row.author, row.created_at)
