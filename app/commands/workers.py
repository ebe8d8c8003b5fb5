"""Several processes that serve one address: started, replaced when one ends, stopped together.

Each has a listening socket of its own on the one port (SO_REUSEPORT), and Linux deals connections out among them: with one
socket between them, whoever woke first took nearly all.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import socket
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any, Final

from prometheus_client.multiprocess import mark_process_dead

_FIGURES: Final = "PROMETHEUS_MULTIPROC_DIR"
"""Where processes add their figures together (prometheus_client's name for it)."""
_PATIENCE: Final = 10.0
"""Seconds a process may take to end what it is doing."""
_PAUSE: Final = 1.0
"""Seconds before another is tried in place of one that could not start, while the others serve."""


@dataclass(slots=True)
class _Worker:
    process: SpawnProcess
    signs: Connection
    ready: bool = False


class Supervisor:
    """Keeps `count` (> 0) processes running `target(*arguments, signs)`; each sends something through `signs` once it serves."""

    def __init__(self, count: int, target: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        self._context = multiprocessing.get_context("spawn")
        self._count = count
        self._target = target
        self._arguments = arguments
        self._stopping = False
        self._woken, self._waker = self._context.Pipe(duplex=False)

    def run(self, say: Callable[[], None]) -> bool:
        """Until SIGINT or SIGTERM. say: called once, when all of them serve. False when one could not start."""
        with tempfile.TemporaryDirectory(prefix="huashu-figures-") as figures:
            os.environ[_FIGURES] = figures
            try:
                return self._run(say)
            finally:
                del os.environ[_FIGURES]

    def _run(self, say: Callable[[], None]) -> bool:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        workers = [self._start() for _ in range(self._count)]
        said = failed = False
        try:
            while not self._stopping and not failed:
                wait([self._woken, *self._awaited(workers)])
                failed = self._look_after(workers, serving=said)
                if not said and all(worker.ready for worker in workers):
                    said = True
                    say()
        finally:
            _end(workers)
        return not failed

    def _stop(self, _number: int, _frame: object) -> None:
        if not self._stopping:
            self._stopping = True
            self._waker.send(None)

    def _start(self) -> _Worker:
        receiver, sender = self._context.Pipe(duplex=False)
        process = self._context.Process(target=self._target, args=(*self._arguments, sender))
        process.start()
        sender.close()
        return _Worker(process, receiver)

    def _awaited(self, workers: list[_Worker]) -> list[Connection | int]:
        signs = [worker.signs for worker in workers if not worker.ready]
        return [*signs, *(worker.process.sentinel for worker in workers)]

    def _look_after(self, workers: list[_Worker], *, serving: bool) -> bool:
        """Note who serves, and replace who ended; True when one ended before they ever served."""
        for place, worker in enumerate(workers):
            if not worker.ready and worker.signs.poll():
                worker.ready = _said_so(worker.signs)
            if self._stopping or worker.process.is_alive():
                continue
            if not serving and not worker.ready:
                return True
            if not worker.ready and self._woken.poll(_PAUSE):
                continue
            worker.signs.close()
            _forget(worker.process)
            workers[place] = self._start()
        return False


def reserve(host: str, port: int, family: socket.AddressFamily) -> socket.socket:
    """A socket that holds the port for the processes without taking connections itself."""
    holder = socket.socket(family)
    try:
        for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):
            holder.setsockopt(socket.SOL_SOCKET, option, 1)
        if family == socket.AF_INET6:
            holder.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        holder.bind((host, port))
    except OSError:
        holder.close()
        raise
    return holder


def _forget(process: SpawnProcess) -> None:
    """Drop the figures that only a living process has; what it has counted stays."""
    if process.pid is not None:
        with contextlib.suppress(OSError):
            mark_process_dead(process.pid)  # type: ignore[no-untyped-call]


def _said_so(signs: Connection) -> bool:
    try:
        signs.recv()
    except (EOFError, OSError):
        return False
    return True


def _end(workers: list[_Worker]) -> None:
    for worker in workers:
        worker.process.terminate()
    for worker in workers:
        worker.process.join(_PATIENCE)
        if worker.process.is_alive():
            worker.process.kill()
            worker.process.join()
        worker.signs.close()
