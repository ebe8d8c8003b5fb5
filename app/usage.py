"""How often scripts are offered to agents, counted in memory and written now and then: it never slows an answer.

What was counted since the last write (at most 20 seconds) is lost when the process is killed.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter, OrderedDict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from app.background import Repeating
from app.errors import StoreUnavailable
from app.store import usage as rows
from app.store.database import Database
from app.store.usage import View

_EVERY: Final = 20.0
_KNOWN: Final = 20_000
_MOST: Final = 50_000
_log = logging.getLogger(__name__)


class Views:
    """Counts what was offered for a stored message, each script once per message and agent."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._counts: Counter[View] = Counter()
        self._seen: OrderedDict[tuple[str, str, str], None] = OrderedDict()
        self._lock = threading.Lock()
        self._repeating = Repeating("views", _EVERY, self.flush)

    def start(self) -> None:
        """Begin writing what was shown in the background."""
        self._repeating.start()

    def stop(self) -> None:
        """End that and write what is left."""
        self._repeating.stop()
        self.flush()

    def add(self, agent: str, turn_id: str, scripts: Iterable[str]) -> None:
        """Count scripts shown to an agent as answers to a turn."""
        today = datetime.now(UTC).date()
        with self._lock:
            for script in scripts:
                key = (agent, turn_id, script)
                if key in self._seen:
                    continue
                self._seen[key] = None
                if len(self._seen) > _KNOWN:
                    self._seen.popitem(last=False)
                if len(self._counts) < _MOST:
                    self._counts[today, script, agent] += 1

    def flush(self) -> None:
        """Write what was counted; while the database is away it waits."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        if not counts:
            return
        try:
            with self._database.write() as session:
                rows.add_views(session, counts)
        except StoreUnavailable:
            with self._lock:
                self._counts.update(counts)
            _log.warning("views wait for the database")
