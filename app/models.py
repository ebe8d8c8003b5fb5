"""Models of releases: learnt by one process at a time, found by all, forgotten once only old releases need them."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Final

from app.background import Repeating
from app.content.model import Content
from app.errors import Conflict, StoreUnavailable
from app.store import models as rows
from app.store.database import Database
from app.training import Trainer

_log = logging.getLogger(__name__)

LEASE: Final = 15.0
"""Seconds after which a process that was killed while learning is given up; one that lives says so thrice meanwhile."""
PATIENCE: Final = 600.0
"""Seconds to wait for another process; then it hangs, and whoever waits learns by itself."""
SETTLED: Final = timedelta(days=1)
"""Younger models are never forgotten: however many releases there were today, somebody may be loading one."""
UNUSED: Final = timedelta(days=30)
"""Models of drafts that never became a release, and of older versions of the program, are kept so long."""
DRAFTS: Final = timedelta(hours=6)
"""The same while a draft is worked on, which makes many."""
_LOOK: Final = 0.25
_EVERY: Final = 3600.0


def model_of(database: Database, nlu_digest: str) -> bytes | None:
    """The stored model of this digest, if it is there whole. Raises StoreUnavailable."""
    with database.read() as session:
        return rows.find(session, nlu_digest)


def learnt(database: Database, content: Content, trainer: Trainer) -> bytes:
    """The stored model that fits the content; learnt and stored now when there is none.

    While another process learns it, this one waits, and goes on in its place if it was killed. Raises what `trainer` raises,
    StoreUnavailable.
    """
    digest = content.nlu_digest
    deadline = time.monotonic() + PATIENCE
    lease: str | None = None
    told = False
    while (model := model_of(database, digest)) is None:
        lease = _claimed(database, digest)
        if lease is not None or time.monotonic() > deadline:
            break
        if not told:
            _log.info("another process is learning the same examples, waiting for it")
            told = True
        time.sleep(_LOOK)
    if model is not None:
        return model
    with _held(database, digest, lease or ""):
        # whoever had the lease may have been done just before it was claimed
        model = model_of(database, digest) or trainer(content)
        _keep(database, digest, model)
    return model


def forget_unused(database: Database, keep: str) -> None:
    """Drop what drafts have left behind; `keep`: the digest of the draft as it is now. Raises StoreUnavailable."""
    with database.write() as session:
        rows.remove_unused(session, keep, datetime.now(UTC) - DRAFTS)


class Forgetting:
    """Drops the models that none of the `newest` (≥ 1) releases needs; looks once an hour.

    Going back to an older release learns its model again.
    """

    def __init__(self, database: Database, newest: int) -> None:
        self._database = database
        self._newest = newest
        self._repeating = Repeating("models", _EVERY, self.forget)

    def start(self) -> None:
        """Begin removing old models in the background."""
        self._repeating.start()

    def stop(self) -> None:
        """End that, after the round that is running."""
        self._repeating.stop()

    def forget(self) -> int:
        """One round; returns how many models went. Raises StoreUnavailable."""
        now = datetime.now(UTC)
        with self._database.write() as session:
            count = rows.forget(session, self._newest, now - SETTLED, now - UNUSED)
        if count:
            _log.info("%d models that only old releases need are forgotten", count)
        return count


def _claimed(database: Database, digest: str) -> str | None:
    try:
        with database.write() as session:
            return rows.claim(session, digest, LEASE)
    except Conflict:
        return None


@contextmanager
def _held(database: Database, digest: str, lease: str) -> Iterator[None]:
    """Say again and again that the lease is still needed, and give it back at the end."""

    def renew(seconds: float = LEASE) -> None:
        with database.write() as session:
            rows.renew(session, digest, lease, seconds)

    renewing = Repeating("learning", LEASE / 3, renew)
    renewing.start()
    try:
        yield
    finally:
        renewing.stop()
        with contextlib.suppress(StoreUnavailable):
            renew(0)


def _keep(database: Database, digest: str, model: bytes) -> None:
    try:
        with database.write() as session:
            rows.put(session, digest, model)
    except Conflict:
        _log.info("another process stored the model first")
