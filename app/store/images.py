"""Images of scripts by what they are: bytes stored once, found by their sha256."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.errors import Conflict, StoreUnavailable
from app.store.tables_images import ImageRow

MAX_IMAGES: Final = 2_000


def known(session: Session, digests: Iterable[str]) -> set[str]:
    """Those of the digests that are stored."""
    wanted = list(digests)
    if not wanted:
        return set()
    return set(session.scalars(select(ImageRow.sha256).where(ImageRow.sha256.in_(wanted))))


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(ImageRow)) or 0


def add(session: Session, data: bytes, media_type: str, width: int, height: int) -> str:
    """Store an image unless it is there; returns its sha256. Raises Conflict when somebody stores it right now: try again."""
    digest = hashlib.sha256(data).hexdigest()
    if session.get(ImageRow, digest) is None:
        row = ImageRow(
            sha256=digest, media_type=media_type, width=width, height=height, data=data, added_at=datetime.now(UTC)
        )  # fmt: skip
        session.add(row)
        try:
            session.flush()
        except IntegrityError as error:
            raise Conflict("别人刚刚传了同一张图片，请再试一次") from error
    return digest


def find(session: Session, digest: str) -> tuple[str, bytes] | None:
    """(media type, bytes) of an image. Raises StoreUnavailable when the stored bytes are damaged."""
    found = session.execute(
        select(ImageRow.media_type, ImageRow.data).where(ImageRow.sha256 == digest)
    ).one_or_none()
    if found is None:
        return None
    if hashlib.sha256(found[1]).hexdigest() != digest:
        raise StoreUnavailable("存着的图片损坏了，请从备份恢复数据")
    return found[0], found[1]
