"""Work that is done again and again beside the requests."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

_log = logging.getLogger(__name__)


class Repeating:
    """A thread that calls `work` every `seconds` (> 0) until stopped.

    After an error the next round is tried all the same; of several of one kind in a row the first is logged, and when it is over.

    name: what the log and the thread call it. `wake` starts the next round at once.
    """

    def __init__(self, name: str, seconds: float, work: Callable[[], object]) -> None:
        self._name = name
        self._seconds = seconds
        self._work = work
        self._woken = threading.Event()
        self._stopping = False
        self._failing = ""
        self._thread = threading.Thread(target=self._run, name=f"huashu-{name}", daemon=True)

    def start(self) -> None:
        """Begin in a thread of its own; once only."""
        self._thread.start()

    def wake(self) -> None:
        """Start the next round at once, or after the one that is running."""
        self._woken.set()

    def stop(self, patience: float = 5) -> None:
        """End it; waits up to `patience` seconds for a round that is running."""
        self._stopping = True
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join(timeout=patience)

    def _run(self) -> None:
        while True:
            self._woken.wait(self._seconds)
            self._woken.clear()
            if self._stopping:
                return
            self._failing = self._round()

    def _round(self) -> str:
        """Work once; returns the kind of the error there was, empty when there was none."""
        try:
            self._work()
        except Exception as error:
            kind = type(error).__name__
            if kind != self._failing:
                _log.error("%s failed: %s", self._name, kind)
            return kind
        if self._failing:
            _log.info("%s works again", self._name)
        return ""
