"""What the open panels are told, read once per process however many panels are open.

Each panel is a `Listener`: it says up to which number it has heard, and gets everything after that, in order. Who falls
behind, or comes back later, reads on from the database by the number it knows.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from app.background import Repeating
from app.errors import StoreUnavailable
from app.store import channels as rows
from app.store import conversations as conversation_rows
from app.store import desk as desk_rows
from app.store import events as event_rows
from app.store.database import Database, Transaction
from app.store.events import Event

EVERY: Final = 0.5
PER_PERSON: Final = 4
"""Panels of one person that are told at once; a browser opens no more than six connections to a site."""

_KEPT: Final = 500
_LAST_WORDS: Final = 60


@dataclass(frozen=True, slots=True)
class Told:
    """An event with what a panel needs to show it. people: whom it is for, empty for everybody."""

    id: int
    kind: str
    people: tuple[str, ...]
    data: dict[str, Any]

    def is_for(self, person: str) -> bool:
        """Whether a person's panel is told: the channel names nobody, or names them."""
        return not self.people or person in self.people


class Listener:
    """One open panel. called: asked, from another thread, to come and take what is new."""

    def __init__(self, person: str, called: Callable[[], None]) -> None:
        self.person = person
        self.called = called
        self.replaced = False


class Feed:
    """What panels are told, in order: read from the database by one thread and handed to every open panel of this process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._recent: deque[Told] = deque(maxlen=_KEPT)
        self._from = 0
        self._newest: int | None = None
        self._listeners: list[Listener] = []
        self._lock = threading.Lock()
        self._repeating = Repeating("events", EVERY, self._round)
        self.closed = False

    def start(self) -> None:
        """Begin reading what is new in the background."""
        self._repeating.start()

    def stop(self) -> None:
        """End every stream and the reading."""
        self.close()
        self._repeating.stop()

    def close(self) -> None:
        """End every stream: the service is about to stop."""
        self.closed = True
        self._call()

    def wake(self) -> None:
        """Read what is new at once, after a commit in this process."""
        self._repeating.wake()

    def join(self, person: str, called: Callable[[], None]) -> Listener:
        """A new panel; the oldest of a person who has too many is told to go."""
        listener = Listener(person, called)
        with self._lock:
            theirs = [one for one in self._listeners if one.person == person and not one.replaced]
            for oldest in theirs[: max(0, len(theirs) - PER_PERSON + 1)]:
                oldest.replaced = True
                oldest.called()
            self._listeners.append(listener)
        return listener

    def leave(self, listener: Listener) -> None:
        """Tell this listener nothing more."""
        with self._lock:
            self._listeners.remove(listener)

    def after(self, number: int) -> list[Told] | None:
        """What follows a number; None when that is too long ago to tell. Raises StoreUnavailable."""
        with self._lock:
            if self._newest is not None and self._from <= number <= self._newest:
                return [told for told in self._recent if told.id > number]
        with self._database.read() as session:
            lowest, highest = event_rows.bounds(session)
            if number > highest or number + 1 < lowest:
                return None
            found = event_rows.after(session, number, _KEPT + 1)
            return None if len(found) > _KEPT else tell(session, found)

    def newest(self) -> int:
        """The number of the newest event. Raises StoreUnavailable."""
        with self._database.read() as session:
            return event_rows.bounds(session)[1]

    def waiting(self, since: datetime) -> list[Told]:
        """Conversations of channels, changed since then, whose customer waits for an answer; `unread` tells how long.

        Raises StoreUnavailable.
        """
        with self._database.read() as session:
            found = dict(rows.waiting_conversations(session, since))
            unread = rows.unanswered(session, list(found))
            waiting = [
                event for event in event_rows.latest(session, list(unread)) if event.conversation_id in found
            ]
            told = tell(session, waiting)
        return [
            replace(one, data={**one.data, "unread": unread[one.data["conversation_id"]]}) for one in told
        ]

    def _round(self) -> None:
        """Read what is new and call the panels. With nobody there the next one starts afresh."""
        with self._lock:
            nobody = not self._listeners
        if nobody:
            self._forget()
            return
        try:
            with self._database.read() as session:
                if self._newest is None:
                    newest = event_rows.bounds(session)[1]
                    with self._lock:
                        self._from = self._newest = newest
                    self._call()
                    return
                found = tell(session, event_rows.after(session, self._newest))
        except StoreUnavailable:
            return
        if not found:
            return
        with self._lock:
            if len(self._recent) + len(found) > _KEPT:
                self._from = max(self._from, (*self._recent, *found)[-_KEPT].id - 1)
            self._recent.extend(found)
            self._newest = found[-1].id
        self._call()

    def _forget(self) -> None:
        with self._lock:
            self._recent.clear()
            self._from, self._newest = 0, None

    def _call(self) -> None:
        with self._lock:
            listeners = list(self._listeners)
        for listener in listeners:
            listener.called()


def tell(session: Transaction, events: list[Event]) -> list[Told]:
    """Events with the names and last words of their conversations as they are now."""
    channels = {channel.id: channel for channel in rows.every(session)} if events else {}
    ids = list({event.conversation_id for event in events})
    found = {conversation.id: conversation for conversation in conversation_rows.those(session, ids)}
    last = conversation_rows.last_turns(session, ids)
    due = desk_rows.reply_due(session, ids)
    told: list[Told] = []
    for event in events:
        channel = channels.get(event.channel_id or 0)
        conversation = found.get(event.conversation_id)
        turn = last.get(event.conversation_id)
        data = {
            "conversation_id": event.conversation_id,
            "turn_id": str(event.turn_id) if event.turn_id is not None else None,
            "at": event.at.isoformat(timespec="seconds"),
            "channel": channel.name if channel is not None else "",
            "label": conversation.label if conversation is not None else "",
            "shop": conversation.shop if conversation is not None else "",
            "last": turn.text[:_LAST_WORDS] if turn is not None else "",
            "reply_due_at": due[event.conversation_id].isoformat(timespec="seconds")
            if event.conversation_id in due
            else None,
            **event.data,
        }
        told.append(Told(event.id, event.kind, channel.people if channel is not None else (), data))
    return told
