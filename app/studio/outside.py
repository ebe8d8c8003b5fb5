"""A bench in a process of its own: checking a draft and building its engine takes seconds of a core that serves customers."""

from __future__ import annotations

import logging
import multiprocessing
import signal
import threading
import time
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, Final

from app.background import Repeating
from app.errors import AppError, NotReady
from app.studio.bench import Bench

_log = logging.getLogger(__name__)

PATIENCE: Final = 120.0
"""Seconds after which a call is given up and the process ended."""
IDLE: Final = 600.0
"""Seconds without a call after which the process is ended to give its memory back."""


class Outside:
    """Calls a bench's methods in a process that is started when needed, and again after it died.

    Calls come one after the other. What the bench raises is raised here.
    """

    def __init__(self, packs: tuple[str, ...]) -> None:
        self._packs = packs
        self._lock = threading.Lock()
        self._process: BaseProcess | None = None
        self._line: Connection | None = None
        self._used = time.monotonic()
        self._key: object = None
        self._state: dict[str, Any] = {}
        self._sweeping = Repeating("studio-idle", IDLE / 10, self._sweep)
        self._sweeping.start()

    def use(self, key: object, files: dict[str, str]) -> dict[str, Any]:
        """Turn to these files unless they are in use. key: names them. → what `Bench.use` gives."""
        with self._lock:
            return self._use(key, files)

    def call(self, key: object, files: dict[str, str], *steps: tuple[Any, ...]) -> Any:
        """Call methods of the bench on these files, each step a name and its arguments; gives the last one's answer.

        Raises what the bench raises, NotReady when its process dies or takes too long.
        """
        with self._lock:
            self._use(key, files)
            answer: Any = None
            for name, *arguments in steps:
                answer = self._ask(name, *arguments)
            return answer

    def stop(self) -> None:
        """End the process, whatever it is doing; the next call would start another."""
        self._sweeping.stop()
        with self._lock:
            self._end()

    def _use(self, key: object, files: dict[str, str]) -> dict[str, Any]:
        if self._process is None or not self._process.is_alive():
            self._begin()
        if self._key != key:
            self._key = None
            self._state = self._ask("use", files)
            self._key = key
        return self._state

    def _ask(self, name: str, *arguments: Any) -> Any:
        line = self._line
        if line is None:
            raise NotReady("检查程序正在启动，请再试一次")
        self._used = time.monotonic()
        try:
            line.send((name, arguments))
            if not line.poll(PATIENCE):
                raise EOFError
            good, answer = line.recv()
        except (EOFError, OSError) as error:
            _log.warning("the bench died or took too long in %s", name)
            self._end()
            raise NotReady("检查没有做完，请再试一次") from error
        if good:
            return answer
        raise answer

    def _begin(self) -> None:
        self._end()
        context = multiprocessing.get_context("spawn")
        self._line, theirs = context.Pipe()
        self._process = context.Process(
            target=_work, args=(self._packs, theirs), name="huashu-studio", daemon=True
        )
        self._process.start()
        theirs.close()

    def _end(self) -> None:
        if self._line is not None:
            self._line.close()
        if self._process is not None:
            self._process.terminate()
            self._process.join(timeout=5)
        self._line = self._process = self._key = None

    def _sweep(self) -> None:
        if self._process is None or time.monotonic() - self._used < IDLE:
            return
        if self._lock.acquire(blocking=False):
            try:
                self._end()
            finally:
                self._lock.release()


def _work(packs: tuple[str, ...], line: Connection) -> None:
    """The other side: answers calls until nobody listens any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    bench = Bench(packs)
    while True:
        try:
            name, arguments = line.recv()
        except (EOFError, OSError):
            return
        try:
            answer: tuple[bool, Any] = (True, getattr(bench, name)(*arguments))
        except AppError as error:
            answer = (False, error)
        except Exception as error:
            _log.error("the bench failed in %s: %s", name, type(error).__name__)
            answer = (False, NotReady("检查时出了意外，请再试一次"))
        try:
            line.send(answer)
        except OSError:
            return
