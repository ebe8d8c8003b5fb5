"""Images of scripts by what they are: bytes stored once, found by their sha256."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.errors import Conflict, StoreUnavailable
from app.store import releases
from app.store.tables import ReleaseRow
from app.store.tables_images import ImageRow
from app.store.tables_studio import ClashRow, DraftFileRow, EditRow

MAX_IMAGES: Final = 2_000
_DIGEST: Final = re.compile("[0-9a-f]{64}")


def known(session: Session, digests: Iterable[str]) -> set[str]:
    """Those of the digests that are stored."""
    wanted = list(digests)
    if not wanted:
        return set()
    return set(session.scalars(select(ImageRow.sha256).where(ImageRow.sha256.in_(wanted))))


def count(session: Session) -> int:
    """How many images are kept."""
    return session.scalar(select(func.count()).select_from(ImageRow)) or 0


def add(session: Session, data: bytes, media_type: str, width: int, height: int) -> str:
    """Store an image, or note that it is wanted again; returns its sha256. Raises Conflict when somebody stores it right
    now: try again.
    """
    digest = hashlib.sha256(data).hexdigest()
    if not touch(session, [digest]):
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


def touch(session: Session, digests: Iterable[str]) -> set[str]:
    """Those of the digests that are stored; they count as stored now, so that `remove` leaves them alone for a while."""
    found = session.scalars(
        update(ImageRow)
        .where(ImageRow.sha256.in_(list(digests)))
        .values(added_at=datetime.now(UTC))
        .returning(ImageRow.sha256)
    )
    return set(found)


def unused(session: Session, before: datetime) -> set[str]:
    """Images stored before then that no release, no draft and no change that can be taken back names."""
    left = set(session.scalars(select(ImageRow.sha256).where(ImageRow.added_at < before)))
    for text in _naming(session) if left else ():
        left.difference_update(_DIGEST.findall(text))
        if not left:
            break
    return left


def remove(session: Session, digests: Iterable[str], before: datetime) -> int:
    """Forget images, unless they were wanted again since `before`; returns how many went."""
    gone = session.scalars(
        delete(ImageRow)
        .where(ImageRow.sha256.in_(list(digests)), ImageRow.added_at < before)
        .returning(ImageRow.sha256)
    )
    return len(gone.all())


def _naming(session: Session) -> Iterator[str]:
    """Every text that may name an image: the draft's, what undoing brings back, then release by release, newest first."""
    yield from session.scalars(select(DraftFileRow.text))
    for row in session.execute(select(EditRow.before, EditRow.after).where(EditRow.open)):
        yield json.dumps(list(row))
    for row in session.execute(select(ClashRow.mine, ClashRow.theirs)):
        yield json.dumps(list(row))
    for number in session.scalars(select(ReleaseRow.number).order_by(ReleaseRow.number.desc())).all():
        yield from (text for text in releases.files(session, number).values() if text.startswith("image "))
