"""What every request is counted and timed by, and the number it is known by in logs and answers."""

from __future__ import annotations

import logging
import os
import re
import time
from functools import cache
from itertools import count
from secrets import token_hex
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.logs import REQUEST_ID
from app.types import Assistance

_log = logging.getLogger(__name__)

_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_SLOW_SECONDS: Final = 1.0
_ENDLESS: Final = "/api/v1/events"
_GIVEN_ID: Final = re.compile(rb"[0-9A-Za-z._-]{1,64}")
_HEADER: Final = b"x-request-id"


class Metrics:
    """The figures of a process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Histogram(
            "huashu_request_seconds",
            "Time to answer a request, by route and status class",
            ("method", "route", "status"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.answers = Counter(
            "huashu_answers_total",
            "Customer messages answered: understood, or why not",
            ("outcome",),
            registry=self.registry,
        )
        self.intents = Counter(
            "huashu_intents_total",
            "First intent of the messages understood",
            ("intent",),
            registry=self.registry,
        )
        # of several processes, the one that is behind counts
        self.release = Gauge(
            "huashu_release",
            "Number of the release being served",
            registry=self.registry,
            multiprocess_mode="livemin",
        )
        self.database = Gauge(
            "huashu_database_up",
            "1 while the database answers",
            registry=self.registry,
            multiprocess_mode="livemin",
        )

        # looked up once for each set of labels: `labels` builds and locks anew every time
        self._took: Final = cache(self.requests.labels)
        self._answered: Final = cache(self.answers.labels)
        self._meant: Final = cache(self.intents.labels)

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
        self._answered(analysis.abstained or "understood").inc()
        if analysis.intents:
            self._meant(analysis.intents[0].id).inc()


class Measured:
    """Times requests, and gives each a number: the caller's `X-Request-Id` where it is a plain one, else a new one."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics
        # this process's own beginning and a count, rather than a random number each: those ask the system every time
        self._beginning = token_hex(5).encode()
        self._numbers = count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        number = _given_number(scope) or b"%s%06x" % (self._beginning, next(self._numbers))
        REQUEST_ID.set(number.decode())
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

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        method = scope["method"] if route != "unmatched" else "other"
        self._metrics.took(method, route, status // 100, seconds)
        if seconds > _SLOW_SECONDS and route != _ENDLESS:
            _log.warning("slow: %s %s %s, %.1f s", method, route, status, seconds)


def _given_number(scope: Scope) -> bytes | None:
    for name, value in scope["headers"]:
        if name == _HEADER and _GIVEN_ID.fullmatch(value):
            return bytes(value)
    return None
