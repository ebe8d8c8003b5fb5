"""Models of releases and drafts, by the digest of what they are learnt from.

A row without bytes is a model that is not there: it is being learnt for the first time, or was forgotten because only old
releases need it. Whoever learns one holds the row's lease meanwhile, so that nobody else does the same work.
"""

from __future__ import annotations

import hashlib
import logging
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import ColumnElement, Select, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, undefer

from app.errors import Conflict
from app.store.tables import ModelRow, ReleaseRow

_log = logging.getLogger(__name__)

_AHEAD: Final = 5
"""So many times as long as a lease is, it may end from now: the clocks of several machines differ."""


def find(session: Session, nlu_digest: str) -> bytes | None:
    """The model learnt from this digest; None when there is none, or when the stored bytes are damaged."""
    row = session.get(ModelRow, nlu_digest, options=[undefer(ModelRow.data)])
    if row is None or not row.sha256:
        return None
    if hashlib.sha256(row.data).hexdigest() != row.sha256:
        _log.error("the model stored for %s is damaged", nlu_digest[:12])
        return None
    return row.data


def known(session: Session, nlu_digests: set[str]) -> set[str]:
    """Those whose models are stored, whole or damaged."""
    stored = select(ModelRow.nlu_digest).where(ModelRow.nlu_digest.in_(nlu_digests), ModelRow.sha256 != "")
    return set(session.scalars(stored))


def hold(session: Session, nlu_digest: str) -> bool:
    """Whether it is stored; then it stays at least until the end of this write transaction."""
    kept = select(ModelRow.sha256).where(ModelRow.nlu_digest == nlu_digest).with_for_update(read=True)
    return bool(session.scalar(kept))


def put(session: Session, nlu_digest: str, data: bytes) -> None:
    """Store a model unless it is there whole; nobody learns it any more.

    Raises Conflict when another process stores it right now: try again.
    """
    if find(session, nlu_digest) is not None:
        return
    row = session.get(ModelRow, nlu_digest) or ModelRow(nlu_digest=nlu_digest)
    row.data, row.sha256 = data, hashlib.sha256(data).hexdigest()
    row.created_at, row.lease, row.lease_until = datetime.now(UTC), "", None
    session.add(row)
    _flush(session)


def claim(session: Session, nlu_digest: str, seconds: float) -> str | None:
    """The lease for learning a model that is not there whole, None while another process has it. Needs a write transaction.

    Raises Conflict when another process claims it right now.
    """
    now = datetime.now(UTC)
    row = session.get(ModelRow, nlu_digest)
    if row is None:
        row = ModelRow(nlu_digest=nlu_digest, sha256="", data=b"", created_at=now)
        session.add(row)
    elif session.scalar(_row(nlu_digest).where(_is_free(now, seconds)).with_for_update()) is None:
        return None
    row.lease, row.lease_until = uuid4().hex, now + timedelta(seconds=seconds)
    _flush(session)
    return row.lease


def renew(session: Session, nlu_digest: str, lease: str, seconds: float) -> None:
    """Hold the lease for `seconds` from now, if it is still ours; with 0 it is given back."""
    until = datetime.now(UTC) + timedelta(seconds=seconds) if seconds else None
    ours = update(ModelRow).where(ModelRow.nlu_digest == nlu_digest, ModelRow.lease == lease)
    session.execute(ours.values(lease_until=until))


def forget(session: Session, newest: int, before: datetime, unused_before: datetime) -> int:
    """Drop what is hardly needed any more; returns how many models went. Needs a write transaction.

    Of a model stored before `before` that none of the `newest` (≥ 1) releases needs, the bytes; of one stored before
    `unused_before` that no release names, the row.
    """
    old = select(ModelRow.nlu_digest, ModelRow.created_at).where(
        ModelRow.created_at < before, ModelRow.nlu_digest.not_in(_needed(newest))
    )
    stored = old.where(ModelRow.sha256 != "").with_for_update(skip_locked=True)
    locked = {row.nlu_digest: row.created_at for row in session.execute(stored)}
    # a release may have come to need one until it was locked; from then on `hold` has whoever publishes wait and look
    free = locked.keys() - set(session.scalars(_needed(newest)))
    named = set(session.scalars(select(ReleaseRow.nlu_digest).distinct()))
    unused = [digest for digest in free - named if locked[digest] < unused_before]
    session.execute(update(ModelRow).where(ModelRow.nlu_digest.in_(free & named)).values(sha256="", data=b""))
    session.execute(delete(ModelRow).where(ModelRow.nlu_digest.in_(unused)))
    return len(free & named) + len(unused)


def remove_unused(session: Session, keep: str, before: datetime) -> None:
    """Drop models stored before `before` that no release names; `keep`: the draft's."""
    session.execute(
        delete(ModelRow).where(
            ModelRow.nlu_digest.not_in(select(ReleaseRow.nlu_digest)),
            ModelRow.nlu_digest != keep,
            ModelRow.created_at < before,
        )
    )


def _row(nlu_digest: str) -> Select[Any]:
    return select(ModelRow).where(ModelRow.nlu_digest == nlu_digest)


def _is_free(now: datetime, seconds: float) -> ColumnElement[bool]:
    """Nobody learns it: no lease, one that ended, or one that ends so late that its clock had jumped ahead."""
    until = ModelRow.lease_until
    return until.is_(None) | (until < now) | (until > now + timedelta(seconds=_AHEAD * seconds))


def _needed(newest: int) -> Select[Any]:
    return select(ReleaseRow.nlu_digest).order_by(ReleaseRow.number.desc()).limit(newest)


def _flush(session: Session) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict("别人刚刚也存了，请再试一次") from error
