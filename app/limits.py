"""How often a program or an address may try something in a minute, counted over all replicas.

Asking never waits for the database: each process counts by itself and adds what the others counted about once a
second, so that the limit holds to within a second's worth of requests. While the database is away each counts alone.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Final

from app.background import Repeating
from app.errors import StoreUnavailable, TooManyRequests
from app.store import rates
from app.store.database import Database

_MINUTE: Final = 60
_EVERY: Final = 1.0
_KEPT_MINUTES: Final = 10


class Limiter:
    """clock: seconds since 1970; a clock that jumps begins a new minute, nothing more."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._minute = 0
        self._counted: Counter[str] = Counter()
        self._others: dict[str, int] = {}
        self._unsent: Counter[str] = Counter()
        self._repeating = Repeating("limits", _EVERY, self.share)

    def start(self) -> None:
        """Begin sharing counts with other processes, in the background."""
        self._repeating.start()

    def stop(self) -> None:
        """End that, after the round that is running."""
        self._repeating.stop()

    def count(self, key: str, most: int) -> None:
        """Count one try. Raises TooManyRequests, with the seconds to wait, once there were `most` (> 0) in this minute."""
        now = self._clock()
        with self._lock:
            self._turn(int(now // _MINUTE))
            if self._counted[key] + self._others.get(key, 0) >= most:
                wait = max(1, _MINUTE - int(now % _MINUTE))
                raise TooManyRequests(f"太频繁了，请 {wait} 秒后再试", retry_after=wait)
            self._counted[key] += 1
            self._unsent[key] += 1

    def share(self) -> None:
        """Tell the others what was counted here, and learn what they counted."""
        with self._lock:
            minute, unsent, keys = self._minute, self._unsent, list(self._counted)
            self._unsent = Counter()
        if not keys:
            return
        try:
            with self._database.write() as session:
                if unsent:
                    rates.add(session, minute, unsent)
                    rates.forget_before(session, minute - _KEPT_MINUTES)
                total = rates.of_minute(session, minute, keys)
        except StoreUnavailable:
            with self._lock:
                if minute == self._minute:
                    self._unsent.update(unsent)
            return
        with self._lock:
            if minute == self._minute:
                self._others = {
                    key: max(0, total.get(key, 0) - self._counted[key] + self._unsent[key]) for key in keys
                }

    def _turn(self, minute: int) -> None:
        if minute != self._minute:
            self._minute = minute
            self._counted, self._others, self._unsent = Counter(), {}, Counter()
