"""What goes out through channels: stored first, then sent again and again until it has arrived or is given up.

Several processes share the work by leases. Something may be sent twice when a process dies in between: it keeps its
number (`webhook-id`), by which the other side knows it.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any, Final

from app.background import Repeating
from app.channels.adapter import LAN, Adapter, Channel, Delivery, Outcome
from app.channels.manage import channel_of, new_key
from app.channels.registry import adapters
from app.errors import StoreUnavailable
from app.outbound import Outbound, OutboundError
from app.store import audit
from app.store import channels as rows
from app.store import deliveries as delivery_rows
from app.store.channels import Place, StoredChannel
from app.store.database import Database, Transaction
from app.store.deliveries import REPLY, DeliveryState, StoredDelivery

_log = logging.getLogger(__name__)

EVERY: Final = 1.0
_AT_ONCE: Final = 4
_SENDERS: Final = 4
_JITTER: Final = 0.1
_LONGEST_WAIT: Final = 86400.0
_TROUBLE: Final = {
    "refused": f"网址不能用：没有放行的只连公网地址。{LAN}",
    "unreachable": "连不上对方的服务器",
    "timeout": "对方没有及时回应",
    "too_large": "对方的回答太长",
    "bad_answer": "对方的回答看不懂",
}
_STATES: Final[dict[str, DeliveryState]] = {
    "done": "done",
    "dropped": "dropped",
    "failed": "failed",
    "gone": "failed",
    "retry": "failed",
}
_SYSTEM: Final = "系统"

Settled = Callable[[Transaction, StoredDelivery, DeliveryState, str], None]
"""Told of a reply, what became of it, and why."""


class Outbox:
    """Sends what is due, from a few threads, one channel at a time in each process; replies do not wait for the rest.

    settled: called at the end of the transaction in which a reply is sent or given up.
    """

    def __init__(self, database: Database, http: Outbound, settled: Settled | None = None) -> None:
        self._database = database
        self._http = http
        self._settled = settled
        self._busy: set[tuple[int, bool]] = set()
        self._lock = threading.Lock()
        self._pools = {
            True: ThreadPoolExecutor(_SENDERS, thread_name_prefix="huashu-reply"),
            False: ThreadPoolExecutor(_SENDERS, thread_name_prefix="huashu-send"),
        }
        self._repeating = Repeating("deliveries", EVERY, self.round)

    def start(self) -> None:
        """Begin sending what is due in the background."""
        self._repeating.start()

    def stop(self) -> None:
        """End that; what was not sent stays for the next start or another process."""
        self._repeating.stop()
        for pool in self._pools.values():
            pool.shutdown(wait=False, cancel_futures=True)

    def wake(self) -> None:
        """Send what is due at once, after a commit in this process."""
        self._repeating.wake()

    def round(self, submit: Callable[..., Any] | None = None) -> None:
        """Send everything that is due now. submit: how a channel's deliveries are handed to a thread."""
        while any(self._begin(replies, submit) for replies in (True, False)):
            pass

    def _begin(self, replies: bool, submit: Callable[..., Any] | None) -> bool:
        """Hand what is due to the threads; whether there was anything."""
        claimed = self._claim(replies)
        for channel_id, group in groupby(sorted(claimed, key=_channel_then_age), lambda one: one.channel_id):
            with self._lock:
                self._busy.add((channel_id, replies))
            work = submit or self._pools[replies].submit
            work(self._send_all, (channel_id, replies), list(group))
        return bool(claimed)

    def _claim(self, replies: bool) -> list[StoredDelivery]:
        with self._lock:
            busy = sorted(channel_id for channel_id, kind in self._busy if kind == replies)
        if len(busy) >= _SENDERS:
            return []
        with self._database.read() as session:
            if not delivery_rows.any_due(session, busy, replies=replies):
                return []
        with self._database.write() as session:
            return delivery_rows.claim(session, 1 if replies else _AT_ONCE, busy, replies=replies)

    def _send_all(self, lane: tuple[int, bool], claimed: list[StoredDelivery]) -> None:
        try:
            for delivery in claimed:
                self._send(lane[0], delivery)
        except StoreUnavailable:
            _log.warning("deliveries wait: the database is away")
        finally:
            with self._lock:
                self._busy.discard(lane)
            self._repeating.wake()

    def _send(self, channel_id: int, delivery: StoredDelivery) -> None:
        with self._database.read() as session:
            stored = rows.find(session, channel_id)
            if stored is None or stored.locked or not (stored.enabled and stored.sends):
                return
            adapter = adapters()[stored.kind]
            needless = _needless(session, adapter, delivery)
        channel = channel_of(stored)
        if needless:
            outcome = Outcome("dropped", note=needless)
        else:
            outcome = self._attempt(adapter, channel, delivery)
        self._settle(adapter, channel, delivery, outcome)

    def _attempt(self, adapter: Adapter, channel: Channel, delivery: StoredDelivery) -> Outcome:
        told = Delivery(
            id=delivery.id,
            key=delivery.key,
            kind=delivery.kind,
            external_id=str(delivery.payload.get("external_id", "")),
            payload=delivery.payload,
            attempts=delivery.attempts,
            created_at=delivery.created_at,
        )
        try:
            return adapter.deliver(told, channel, self._http, datetime.now(UTC))
        except OutboundError as error:
            note = _TROUBLE.get(error.kind, "没有发成")
            return Outcome("failed", note=note) if error.kind == "refused" else Outcome("retry", note=note)
        except Exception as error:
            _log.error("channel %s: delivery failed: %s", channel.name, type(error).__name__)
            return Outcome("retry", note="发送时出了意外")

    def _settle(self, adapter: Adapter, channel: Channel, delivery: StoredDelivery, outcome: Outcome) -> None:
        result, is_reply = outcome.result, delivery.kind == REPLY
        schedule = adapter.reply_schedule if is_reply else adapter.schedule
        wait = _wait(schedule, delivery.attempts, outcome.after) if result == "retry" else None
        due_at = None if wait is None else datetime.now(UTC) + timedelta(seconds=wait)
        state: DeliveryState = "waiting" if wait is not None else _STATES[result]
        with self._database.write() as session:
            ours = delivery_rows.settle(
                session, delivery, state, status=outcome.status, note=outcome.note, due_at=due_at
            )
            exhausted = result == "retry" and wait is None and bool(schedule) and not is_reply
            if ours and (result == "gone" or exhausted):
                trouble = outcome.note or "一直没有发成"
                rows.change(session, channel.id, sends=False, trouble=f"已经停止往外发：{trouble}")
                audit.record(session, _SYSTEM, "channel.stopped", name=channel.name, status=outcome.status)
                _log.warning("channel %s: stopped sending", channel.name)
            if ours and is_reply and state != "waiting" and self._settled is not None:
                self._settled(session, delivery, state, outcome.note)


def wants(stored: StoredChannel, kind: str) -> bool:
    """Whether something of this kind would be sent through a channel."""
    if stored.kind not in adapters() or not stored.enabled:
        return False
    return adapters()[stored.kind].wants(kind, channel_of(stored))


def queue(
    session: Transaction,
    place: Place,
    kind: str,
    data: dict[str, Any],
    turn_id: int | None = None,
    *,
    key: str = "",
) -> bool:
    """Queue something about a conversation for its channel, in the caller's transaction; whether the channel wants it.

    key: what is queued under the same key for the second time is left out; at most 50 characters.
    """
    stored = rows.find(session, place.channel_id)
    if stored is None or not wants(stored, kind):
        return False
    delivery_rows.add(
        session,
        place.channel_id,
        key_for(key, place.channel_id) if key else new_key(),
        kind,
        {"data": data, "external_id": place.external_id, "reply_to": place.reply_to},
        due_at=datetime.now(UTC) + timedelta(seconds=adapters()[stored.kind].settle),
        conversation_id=place.conversation_id or None,
        turn_id=turn_id,
    )
    return True


def tell(database: Database, conversation_id: str, kind: str, data: dict[str, Any], *, key: str = "") -> None:
    """Tell the system that a conversation came from about something, for example `promise.due`; key: see `queue`.

    Raises StoreUnavailable.
    """
    with database.write() as session:
        for place in rows.places_of(session, conversation_id):
            queue(session, place, kind, data, key=key)


def key_for(key: str, channel_id: int) -> str:
    """The number of a delivery that must not be queued twice for a channel."""
    return f"{key}-{channel_id}"


def _needless(session: Transaction, adapter: Adapter, delivery: StoredDelivery) -> str:
    """Why something is not to be sent any more, "" if it is."""
    if delivery.kind == REPLY:
        return "已经撤销" if delivery.turn_id and delivery_rows.taken_back(session, delivery.turn_id) else ""
    if adapter.settle and delivery.turn_id and delivery_rows.outdated(session, delivery.turn_id):
        return "后面又有新的话"
    return ""


def _wait(schedule: Sequence[float], attempts: int, after: float | None) -> float | None:
    """Seconds until the next attempt, a little earlier or later each time; None when there is none."""
    if attempts > len(schedule):
        return None
    planned = schedule[attempts - 1] * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311
    return max(planned, min(after or 0.0, _LONGEST_WAIT))


def _channel_then_age(delivery: StoredDelivery) -> tuple[int, int]:
    return delivery.channel_id, delivery.id
