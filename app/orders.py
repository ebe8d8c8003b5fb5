"""Orders looked up in the shop's own system through one signed hook; a message never waits for it.

What is asked for comes in the background and is there for the next look. Answers are kept for a minute; after that they are
fetched anew, and meanwhile, or while the hook is away, the last one serves for ten minutes more. Five failures in a row
rest the hook for half a minute.

The request is `POST {"order_no": …, "customer": …, "conversation_id": …}`, signed as Standard Webhooks; the answer
`{"found": true, "facts": {"订单状态": "已签收", "签收天数": 3}, "slots": {"订单号": …, "款号": …, "尺码": …}}`.
"""

from __future__ import annotations

import json
import logging
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from app.outbound import Outbound, OutboundError, sign
from app.reply.order import LookUp, Order
from app.types import Slot
from app.vocabulary import FACTS, NO, NUMBER_FACTS, YES

SECONDS: Final = 1.5
FRESH: Final = 60.0
STALE: Final = 600.0
FAILURES: Final = 5
REST: Final = 30.0
MAX_KEPT: Final = 2_000
MAX_WAITING: Final = 100
MAX_SLOTS: Final = 20
_MAX_NAME: Final = 20
_MAX_VALUE: Final = 200
_MAX_NUMBER: Final = 9_999
_WORKERS: Final = 4
_KNOWN: Final = "订单已知"

_log = logging.getLogger(__name__)

Key = tuple[str, str]
"""("order_no" or "customer", its value)"""


@dataclass(frozen=True, slots=True)
class _Kept:
    order: Order
    at: float


class Orders:
    """The hook with what it last said. Without a URL nothing is ever asked."""

    def __init__(
        self, url: str, secret: str, http: Outbound, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """clock: seconds that only go forward."""
        self._url = url.strip()
        self._secret = secret
        self._http = http
        self._clock = clock
        self._kept: OrderedDict[Key, _Kept] = OrderedDict()
        self._asking: set[Key] = set()
        self._failures = 0
        self._rests_until = 0.0
        self._lock = threading.Lock()
        self._workers = ThreadPoolExecutor(_WORKERS, thread_name_prefix="huashu-orders")

    def start(self) -> None:
        """Nothing runs before the first look."""

    def stop(self) -> None:
        """Ask for no more orders; what is being asked is not waited for."""
        self._workers.shutdown(wait=False, cancel_futures=True)

    def of(self, conversation_id: str | None, customer: str = "") -> LookUp | None:
        """How a conversation looks its order up; None without a hook. customer: who they are for the shop's system."""
        if not self._url:
            return None
        place = conversation_id or ""

        def look_up(order_no: str) -> Order | None:
            key = ("order_no", order_no) if order_no else ("customer", customer)
            return self.get(key, place) if key[1] else None

        return look_up

    def get(self, key: Key, conversation_id: str = "") -> Order:
        """What is known now, without waiting; asks in the background when that is nothing or no longer fresh."""
        now = self._clock()
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None and now - kept.at < FRESH:
                return kept.order
            resting = now < self._rests_until
            ask = not resting and key not in self._asking and len(self._asking) < MAX_WAITING
            if ask:
                self._asking.add(key)
        if ask:
            self._submit(key, conversation_id)
        if kept is not None and now - kept.at < STALE:
            return kept.order
        return Order("failed" if resting else "pending")

    def _submit(self, key: Key, conversation_id: str) -> None:
        try:
            self._workers.submit(self._fetch, key, conversation_id)
        except RuntimeError:  # shutting down
            with self._lock:
                self._asking.discard(key)

    def _fetch(self, key: Key, conversation_id: str) -> None:
        try:
            order = self._ask(key, conversation_id)
        except (OutboundError, ValueError) as error:
            self._failed(key, getattr(error, "kind", "bad_answer"))
            return
        except Exception as error:
            self._failed(key, type(error).__name__)
            return
        with self._lock:
            self._asking.discard(key)
            self._failures = 0
            self._kept[key] = _Kept(order, self._clock())
            self._kept.move_to_end(key)
            if len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)

    def _failed(self, key: Key, kind: str) -> None:
        _log.warning("order lookup failed: %s", kind)
        with self._lock:
            self._asking.discard(key)
            self._failures += 1
            if self._failures >= FAILURES:
                self._rests_until = self._clock() + REST
                # one more failure after the rest is enough to rest again
                self._failures = FAILURES - 1
            if key not in self._kept:
                self._kept[key] = _Kept(Order("failed"), self._clock() - FRESH + 5)

    def _ask(self, key: Key, conversation_id: str) -> Order:
        """Raises OutboundError, ValueError for an answer that is not as agreed."""
        body = json.dumps({key[0]: key[1], "conversation_id": conversation_id}, ensure_ascii=False).encode()
        headers = sign(self._secret, f"msg_{secrets.token_hex(12)}", int(time.time()), body)
        reply = self._http.post(self._url, body, headers, seconds=SECONDS)
        if reply.status == 404:
            return Order("unknown", {_KNOWN: NO} if key[0] == "order_no" else {})
        if reply.status != 200:
            raise ValueError(f"status {reply.status}")
        return read_order(json.loads(reply.body))


def read_order(answer: Any) -> Order:
    """An answer of the hook; what is not in the vocabulary is passed over. Raises ValueError when it is no object."""
    if not isinstance(answer, dict):
        raise ValueError("no object")
    if not answer.get("found", True):
        return Order("unknown")
    facts: dict[str, str | int] = {_KNOWN: YES}
    given = answer.get("facts")
    for name, value in given.items() if isinstance(given, dict) else ():
        read = _fact(name, value)
        if read is not None:
            facts[name] = read
    slots = answer.get("slots")
    found = [
        Slot(name, str(value).strip()[:_MAX_VALUE], origin="channel")
        for name, value in (slots.items() if isinstance(slots, dict) else ())
        if 0 < len(name) <= _MAX_NAME and isinstance(value, str | int | float) and str(value).strip()
    ]
    return Order("known", facts, tuple(found[:MAX_SLOTS]))


def _fact(name: str, value: Any) -> str | int | None:
    if name not in FACTS:
        return None
    if isinstance(value, bool):
        value = YES if value else NO
    if name in NUMBER_FACTS:
        text = str(value)
        return int(text) if text.isascii() and text.isdigit() and int(text) <= _MAX_NUMBER else None
    allowed = FACTS[name]
    if not isinstance(value, str) or len(value) > _MAX_VALUE or (allowed and value not in allowed):
        return None
    return value
