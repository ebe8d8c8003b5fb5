"""What every request is counted and timed by, and the number it is known by in logs and answers."""

from __future__ import annotations

import logging
import os
import re
import time
from functools import cache
from itertools import count
from secrets import token_hex
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.logs import REQUEST_ID
from app.steps import Watch, carry
from app.types import Assistance

_log = logging.getLogger(__name__)

_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_STEP_BUCKETS: Final = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 1.0)
_WATCHED: Final = 16
"""One request in so many is timed step by step, which costs some 30 microseconds; the others pay one."""
PROBLEM: Final = "huashu.problem"
"""Where in the scope of a request the code of the problem it was answered with is noted."""
LEFT: Final = "client_left"
"""The code of a request whose sender was gone before all of it had come: nobody is there to be answered."""
_SLOW_SECONDS: Final = 1.0
_ENDLESS: Final = "/api/v1/events"
_GIVEN_ID: Final = re.compile(rb"[0-9A-Za-z._-]{1,64}")
_HEADER: Final = b"x-request-id"


class Metrics:
    """The figures of a process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = self._times(
            "request_seconds", "Time to answer a request", ("method", "route", "status"), _BUCKETS
        )
        self.steps = self._times(
            "step_seconds",
            f"Time of the steps of an answer, of one request in {_WATCHED}",
            ("step",),
            _STEP_BUCKETS,
        )
        self.answers = self._counter("answers", "Customer messages: understood, or why not", "outcome")
        self.intents = self._counter("intents", "First intent of the messages understood", "intent")
        self.feedback = self._counter("feedback", "Scripts copied, edited or rejected by agents", "kind")
        self.problems = self._counter("problems", "Requests refused or failed, by code", "code")
        # of several processes: what was counted last, and of the rest the one that is behind
        self.waiting = self._gauge("waiting", "Work that waits in the database", "livemostrecent", "queue")
        self.release = self._gauge("release", "Number of the release being served", "livemin")
        self.database = self._gauge("database_up", "1 while the database answers", "livemin")

        # looked up once for each set of labels: `labels` builds and locks anew every time
        self._took: Final = cache(self.requests.labels)
        self._answered: Final = cache(self.answers.labels)
        self._meant: Final = cache(self.intents.labels)
        self._step: Final = cache(self.steps.labels)

    def _times(self, name: str, text: str, labels: tuple[str, ...], buckets: tuple[float, ...]) -> Histogram:
        return Histogram(f"huashu_{name}", text, labels, buckets=buckets, registry=self.registry)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"huashu_{name}_total", text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, mode: Any, *labels: str) -> Gauge:
        return Gauge(f"huashu_{name}", text, labels, registry=self.registry, multiprocess_mode=mode)

    def written(self) -> bytes:
        """All figures as Prometheus reads them; those of all processes where several serve together (`serve --workers`)."""
        if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
            return generate_latest(self.registry)
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]
        return generate_latest(together)

    def took(self, method: str, route: str, status_class: int, seconds: float) -> None:
        """Count a request; method and route are of those there are, so that labels stay few."""
        self._took(method, route, f"{status_class}xx").observe(seconds)

    def answered(self, answer: Assistance) -> None:
        """Count what became of a customer's message."""
        analysis = answer.analysis
        self.counted(analysis.abstained, analysis.intents[0].id if analysis.intents else None)

    def counted(self, reason: str | None, first: str | None) -> None:
        """reason: why nothing was asserted; first: the first intent."""
        self._answered(reason or "understood").inc()
        if first is not None:
            self._meant(first).inc()

    def walked(self, watch: Watch) -> None:
        """Note what each step took."""
        for step, seconds in watch.laps.items():
            self._step(step).observe(seconds)


class Measured:
    """Times requests, and gives each a number: the caller's `X-Request-Id` where it is a plain one, else a new one."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics
        # this process's own beginning and a count, rather than a random number each: those ask the system every time
        self._beginning = token_hex(5).encode()
        self._numbers = count(1)
        self._turns = count()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        number = _given_number(scope) or b"%s%06x" % (self._beginning, next(self._numbers))
        REQUEST_ID.set(number.decode())
        watch = None if next(self._turns) % _WATCHED else Watch()
        carry(watch)
        began = time.perf_counter()
        status = 500

        async def send_numbered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (_HEADER, number)]
            await send(message)

        try:
            await self._app(scope, receive, send_numbered)
        finally:
            self._note(scope, status, time.perf_counter() - began)
            if watch is not None and watch.laps:
                watch.lap("answer")
                self._metrics.walked(watch)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        if scope.get(PROBLEM) == LEFT:
            status = 499
        route = getattr(scope.get("route"), "path", "unmatched")
        method = scope["method"] if route != "unmatched" else "other"
        self._metrics.took(method, route, status // 100, seconds)
        if PROBLEM in scope:
            self._metrics.problems.labels(scope[PROBLEM]).inc()
        if seconds > _SLOW_SECONDS and route != _ENDLESS:
            _log.warning("slow: %s %s %s, %.1f s", method, route, status, seconds)


def _given_number(scope: Scope) -> bytes | None:
    for name, value in scope["headers"]:
        if name == _HEADER and _GIVEN_ID.fullmatch(value):
            return bytes(value)
    return None
