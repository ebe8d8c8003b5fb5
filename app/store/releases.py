"""Releases: what is published, whole and numbered."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.errors import Conflict, ContentInvalid
from app.store.tables import ReleaseRow


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
    """The number of the newest release, None before the first."""
    return session.scalar(select(func.max(ReleaseRow.number)))


def newest(session: Session) -> Release | None:
    """The newest release, None before the first."""
    row = session.scalar(select(ReleaseRow).order_by(ReleaseRow.number.desc()).limit(1))
    return None if row is None else _release(row)


def find(session: Session, number: int) -> Release | None:
    """The release with this number, None when there is none."""
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
