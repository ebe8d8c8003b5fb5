"""Telling a conversation's own system that a promise is due within the hour, or that its time has passed (`promise.due`).

Each is told once: the delivery's number is made of the promise, what is told and its time, so that a promise that was moved
is told of again. Several processes may look at the same moment.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from app.background import Repeating
from app.channels import outbox
from app.store import channels as rows
from app.store import deliveries as delivery_rows
from app.store import promises as promise_rows
from app.store.database import Database
from app.store.promises import Promise

KIND: Final = "promise.due"
EVERY: Final = 60.0
AHEAD: Final = timedelta(hours=1)
BEHIND: Final = timedelta(days=2)
"""What passed longer ago is no longer told; shorter than deliveries are remembered, or it would be told twice."""


class Reminders:
    """Looks every minute for promises to tell of. sender: the outbox, woken when there is something to send."""

    def __init__(self, database: Database, sender: outbox.Outbox) -> None:
        self._database = database
        self._sender = sender
        self._repeating = Repeating("reminders", EVERY, self.round)

    def start(self) -> None:
        """Begin watching for promises that become due, in the background."""
        self._repeating.start()

    def stop(self) -> None:
        """End that, after the round that is running."""
        self._repeating.stop()

    def round(self, now: datetime | None = None) -> int:
        """Queue what is to be told now; of how many promises. Raises StoreUnavailable."""
        moment = now or datetime.now(UTC)
        fresh = self._fresh(moment)
        for promise in fresh:
            key = _key(promise, moment)
            outbox.tell(self._database, promise.conversation_id, KIND, _told(promise, moment), key=key)
        if fresh:
            self._sender.wake()
        return len(fresh)

    def _fresh(self, now: datetime) -> list[Promise]:
        """Promises that have not been told of yet, of conversations whose channel wants to know."""
        with self._database.read() as session:
            wanting = [stored.id for stored in rows.every(session) if outbox.wants(stored, KIND)]
            if not wanting:
                return []
            found = promise_rows.coming(session, now - BEHIND, now + AHEAD, wanting)
            known = delivery_rows.known(
                session, [_key(promise, now, channel) for promise in found for channel in wanting]
            )
        return [
            promise
            for promise in found
            if not any(_key(promise, now, channel) in known for channel in wanting)
        ]


def _state(promise: Promise, now: datetime) -> str:
    return "broken" if promise.due_at is not None and promise.due_at < now else "due"


def _key(promise: Promise, now: datetime, channel_id: int | None = None) -> str:
    assert promise.due_at is not None, "only those with a time are looked for"
    key = f"promise-{promise.id}-{_state(promise, now)}-{int(promise.due_at.timestamp())}"
    return key if channel_id is None else outbox.key_for(key, channel_id)


def _told(promise: Promise, now: datetime) -> dict[str, Any]:
    assert promise.due_at is not None, "only those with a time are looked for"
    return {
        "promise_id": str(promise.id),
        "status": _state(promise, now),
        "kind": promise.kind,
        "what": promise.what,
        "text": promise.text,
        "agent": promise.agent,
        "made_at": promise.made_at.isoformat(timespec="seconds"),
        "due_at": promise.due_at.isoformat(timespec="seconds"),
        "approximate": not promise.sure,
    }
