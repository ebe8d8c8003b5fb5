"""Two requests at once, in every order that can make a difference: one is held before each of its statements in turn.

The one that is held is known by its `X-Request-Id`. In PostgreSQL it is held before every statement; in SQLite, where a
transaction keeps all others out, before each that writes.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from sqlalchemy import event

from app.logs import REQUEST_ID
from app.store.database import Database
from tests.conftest import Client, run_sql

HELD = "held"
PATIENCE = 60.0
WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
)

Ask = Callable[[dict[str, str]], httpx.Response]
"""Sends a request with these headers besides its own."""


@dataclass
class Gate:
    """Stops the held request before its `number`-th statement (from 1) until it is let through."""

    number: int
    seen: int = 0
    reached: threading.Event = field(default_factory=threading.Event)
    through: threading.Event = field(default_factory=threading.Event)

    def pass_by(self) -> None:
        self.seen += 1
        if self.seen == self.number:
            self.reached.set()
            assert self.through.wait(PATIENCE)


@dataclass(frozen=True)
class Met:
    """What both were answered. number: where the first was held, None when it had no so many statements."""

    number: int | None
    first: httpx.Response
    second: httpx.Response


@contextmanager
def gated(database: Database, gate: Gate) -> Iterator[None]:
    def stop(*_: Any) -> None:
        if REQUEST_ID.get() == HELD:
            gate.pass_by()

    @contextmanager
    def in_turn() -> Iterator[None]:
        stop()
        with Database._in_turn(database):
            yield

    if database._file is not None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(database, "_in_turn", in_turn)
            yield
        return
    event.listen(database._engine, "before_cursor_execute", stop)
    yield
    event.remove(database._engine, "before_cursor_execute", stop)


class Sent(threading.Thread):
    """A request in a thread of its own."""

    def __init__(self, ask: Ask, headers: dict[str, str]) -> None:
        super().__init__()
        self._ask, self._headers = ask, headers
        self.answer: httpx.Response | None = None

    def run(self) -> None:
        self.answer = self._ask(self._headers)

    def answered(self) -> httpx.Response:
        self.join(PATIENCE)
        assert self.answer is not None
        return self.answer


def meet(client: Client, first: Ask, second: Ask, number: int, postgres: str | None) -> Met:
    """Hold the first request before its `number`-th statement, let the second one go as far as it comes, then both."""
    gate = Gate(number)
    with gated(client.app.state.services.database, gate):
        held = Sent(first, {"X-Request-Id": HELD})
        held.start()
        while held.is_alive() and not gate.reached.is_set():
            gate.reached.wait(0.002)
        other = Sent(second, {})
        other.start()
        if gate.reached.is_set():
            _until_done_or_stuck(other, postgres)
        gate.through.set()
        return Met(number if gate.reached.is_set() else None, held.answered(), other.answered())


def _until_done_or_stuck(sent: Sent, postgres: str | None) -> None:
    deadline = time.monotonic() + PATIENCE
    while sent.is_alive() and time.monotonic() < deadline:
        sent.join(0.01)
        if sent.is_alive() and postgres is not None and run_sql(postgres, WAITING)[0][0]:
            return


def every_way(
    client: Client, postgres: str | None, prepare: Callable[[], tuple[Ask, Ask]], *, most: int = 60
) -> Iterator[Met]:
    """The two requests that `prepare` makes anew each time, for every place where the first can be held."""
    for number in range(1, most):
        first, second = prepare()
        met = meet(client, first, second, number, postgres)
        yield met
        if met.number is None:
            return
