"""What comes in through a channel: verified, read, stored once, acknowledged. Nothing here waits for a suggestion."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from app import promises
from app.assist import Assistant
from app.channels.adapter import (
    MAX_TEXT,
    Adapter,
    Channel,
    Feedback,
    Incoming,
    Item,
    Json,
    Message,
    Question,
    Read,
    Recall,
    Reply,
    Task,
    Unreadable,
    Unverified,
)
from app.channels.manage import channel_of
from app.channels.registry import adapters
from app.conversations import Conversations
from app.errors import (
    MethodNotAllowed,
    NotAllowed,
    NotFound,
    NotReady,
    SignatureRefused,
    StoreUnavailable,
    TooManyRequests,
    UnreadableMessage,
)
from app.store import channels as rows
from app.store import conversations as turns
from app.store import inbound as inbound_rows
from app.store.channels import StoredChannel
from app.store.conversations import Conversation, NewTurn
from app.store.database import Database, Transaction
from app.store.inbound import Inbound

_log = logging.getLogger(__name__)

RATE: Final = 100.0
BURST: Final = 500.0
"""Genuine requests per second that one channel may send, and how many at once."""

_COPIED_WITHIN: Final = timedelta(hours=1)
_REFUSAL_NOTED_EVERY: Final = 10.0
_LET_PASS: Final = 0.5
"""Seconds that a suggestion waits for acknowledgements at most; it comes all the same when they never end."""
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
_REFUSALS: Final = (MethodNotAllowed, NotAllowed, NotFound, NotReady, UnreadableMessage)


class _Changed(Exception):
    """The channel is no longer set up as it was when the request was verified."""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The answer to the sender. ids: what was stored for it just now or before."""

    reply: Reply
    told: Json
    ids: tuple[int, ...]


class Inbox:
    """woken: called when something was stored that has to be gone on with. assistant: the release in use, None before
    it is loaded.
    """

    def __init__(
        self,
        database: Database,
        conversations: Conversations,
        assistant: Callable[[], Assistant | None],
        woken: Callable[[], None],
    ) -> None:
        self._database = database
        self._conversations = conversations
        self._assistant = assistant
        self._woken = woken
        self._rates = Rates(RATE, BURST)
        self._gate = Gate()
        self._refusal_noted: dict[int, float] = {}
        self._remembered: dict[str, StoredChannel] = {}

    def receive(self, kind: str, name: str, token: str, incoming: Incoming) -> Acknowledged:
        """Take a request of a chat system: whatever is answered with 2xx is stored, and stored once.

        Raises NotFound, SignatureRefused, TooManyRequests, NotAllowed, UnreadableMessage, NotReady, StoreUnavailable.
        """
        with self._gate.passing():
            return self._receive(kind, name, token, incoming)

    def let_pass(self) -> None:
        """Wait a moment while requests are being acknowledged: what comes after that has time."""
        self._gate.wait(_LET_PASS)

    def _receive(self, kind: str, name: str, token: str, incoming: Incoming) -> Acknowledged:
        """By the channel as remembered; what that refuses is decided again by what is stored, so nothing is out of date."""
        remembered = self._remembered.get(name)
        if remembered is not None:
            with suppress(_Changed, Unverified, *_REFUSALS):
                return self._take(remembered, kind, token, incoming)
        stored = self._find(name)
        try:
            return self._take(stored, kind, token, incoming)
        except Unverified as error:
            self._note_refusal(channel_of(stored), str(error))
            raise SignatureRefused("没有通过签名检查，请核对密钥、时间和签名的写法") from error
        except _Changed as error:
            raise NotReady("渠道的设置正在改，请过几秒重发") from error

    def _take(self, stored: StoredChannel, kind: str, token: str, incoming: Incoming) -> Acknowledged:
        """Raises Unverified, _Changed and what `receive` does."""
        channel, adapter = channel_of(stored), adapters().get(kind)
        if adapter is None or channel.kind != kind or not _same(channel.token, token):
            raise _unknown_address()
        if incoming.method not in adapter.methods:
            raise MethodNotAllowed("这个地址不支持这种请求方法")
        if channel.locked:
            raise NotReady("这个渠道的密钥读不出来，请管理员看「接入」页面")
        body = adapter.verify(incoming, channel, datetime.now(UTC))
        self._rates.take(channel.id)
        if not channel.enabled:
            raise NotAllowed("这个渠道已经停用，请在话术助手的「接入」页面启用")
        read = self._read(adapter, channel, incoming, body)
        told, ids = self._store_once(stored, read)
        if ids:
            self._woken()
        reply = read.reply or Reply(json.dumps(told, ensure_ascii=False).encode())
        return Acknowledged(reply, told, ids)

    def store_items(
        self, session: Transaction, stored: StoredChannel, items: tuple[Item, ...]
    ) -> list[Inbound]:
        """Store what a task brought, in the caller's transaction."""
        return [self._store(session, stored, _clean(item)) for item in items]

    def _find(self, name: str) -> StoredChannel:
        """As it is stored now; remembered from then on. Raises NotFound."""
        with self._database.read() as session:
            stored = rows.by_name(session, name)
        if stored is None:
            self._remembered.pop(name, None)
            raise _unknown_address()
        self._remembered[name] = stored
        return stored

    def _note_refusal(self, channel: Channel, why: str) -> None:
        """Tell the administrator why, without letting a stranger make the service write all the time."""
        now = time.monotonic()
        if now - self._refusal_noted.get(channel.id, -_REFUSAL_NOTED_EVERY) < _REFUSAL_NOTED_EVERY:
            return
        self._refusal_noted[channel.id] = now
        _log.warning("channel %s: refused a request", channel.name)
        refused = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "why": why[:200]}
        try:
            with self._database.write() as session:
                rows.change(session, channel.id, refused=refused)
        except StoreUnavailable:
            return

    def _read(self, adapter: Adapter, channel: Channel, incoming: Incoming, body: bytes) -> Read:
        try:
            return adapter.read(body, incoming, channel)
        except Unreadable as error:
            if adapter.acknowledges_poison:
                return self._dead_letter(channel, body, str(error))
            raise UnreadableMessage(str(error)) from error

    def _dead_letter(self, channel: Channel, body: bytes, why: str) -> Read:
        """Noted as failed, for a platform that would send the same again and again."""
        with self._database.write() as session:
            found, is_new = inbound_rows.add(session, channel.id, key_of("unread", body.hex()), "unread", {})
            if is_new:
                inbound_rows.give_up(session, found.id, why)
        return Read(note=why)

    def _store_once(self, channel: StoredChannel, read: Read) -> tuple[Json, tuple[int, ...]]:
        """What is told to the sender; the same again for a delivery that was stored before.

        channel: by which it was verified. Raises _Changed where that is no longer how it is set up.
        """
        receipt = key_of("delivery", read.delivery) if read.delivery else ""
        with self._database.write() as session:
            known = rows.with_receipt(session, channel.id, receipt)
            if known is None or _set_up(known[0]) != _set_up(channel):
                raise _Changed
            stored, before = known
            if before is not None:
                return before["told"], tuple(before["ids"])
            found = self.store_items(session, stored, read.items)
            told = _told(found, read)
            ids = [inbound.id for inbound in found]
            if receipt:
                inbound_rows.keep_receipt(session, channel.id, receipt, {"told": told, "ids": ids})
        return told, tuple(ids)

    def _store(self, session: Transaction, channel: StoredChannel, item: Item) -> Inbound:
        if isinstance(item, Message):
            return self._store_message(session, channel, item)
        if isinstance(item, Recall):
            return self._store_recall(session, channel, item)
        if isinstance(item, Question):
            given = {"text": item.text, "reply_to": dict(item.reply_to)}
            return inbound_rows.add(
                session, channel.id, key_of("question", item.message_id), "question", given
            )[0]
        if isinstance(item, Feedback):
            said = {"script_id": item.script_id, "kind": item.kind, "person": item.person}
            return inbound_rows.add(session, channel.id, key_of("feedback", item.number), "feedback", said)[0]
        return _store_task(session, channel, item)

    def _store_message(self, session: Transaction, channel: StoredChannel, message: Message) -> Inbound:
        given: Json = {"slots": dict(message.slots), "facts": dict(message.facts), "agent": message.agent}
        key = key_of("message", message.conversation_id, message.message_id)
        found, is_new = inbound_rows.add(session, channel.id, key, "message", given)
        if not is_new:
            return found
        _, conversation = rows.place(
            session,
            channel,
            message.conversation_id,
            self._wanted_id(channel, message),
            dict(message.reply_to),
            label=message.label,
        )
        turn_id = self._copied(session, conversation.id, message)
        if turn_id is None:
            turn_id = self._put(session, conversation, message)
            if inbound_rows.exists(session, channel.id, _recall_key(message)):
                turns.undo(session, conversation.id, turn_id)
                promises.withdraw(session, [turn_id])
        return inbound_rows.belongs(session, found.id, conversation.id, turn_id)

    def _put(self, session: Transaction, conversation: Conversation, message: Message) -> int:
        """Where it was sent earlier than what came before it, it goes in front of that."""
        assistant = self._ready()
        late = message.sent_at and inbound_rows.later_position(session, conversation.id, message.sent_at)
        new = NewTurn(
            role=message.role,
            text=message.text,
            message_id=message.message_id,
            sent_at=message.sent_at,
            attachments=message.attachments,
            agent=message.agent if message.role == "agent" else "",
        )
        return self._conversations.put(session, assistant, conversation, new, before=late or None)[0].id

    def _copied(self, session: Transaction, conversation_id: str, message: Message) -> int | None:
        """The turn that was noted when an agent copied these words in the panel: they are not said twice."""
        if message.role != "agent" or not message.text.strip():
            return None
        since = datetime.now(UTC) - _COPIED_WITHIN
        return inbound_rows.copied_turn(session, conversation_id, message.text, since)

    def _store_recall(self, session: Transaction, channel: StoredChannel, recall: Recall) -> Inbound:
        """A message that has not come yet is taken back when it comes."""
        found, is_new = inbound_rows.add(session, channel.id, _recall_key(recall), "recall", {})
        key = key_of("message", recall.conversation_id, recall.message_id)
        message = inbound_rows.find(session, channel.id, key) if is_new else None
        if message is None or message.turn_id is None or message.conversation_id is None:
            return found
        conversation = turns.lock(session, message.conversation_id)
        turn = turns.find_turn(session, message.conversation_id, message.turn_id)
        if turn is None:
            return found
        note = NewTurn(
            role=turn.role,
            text="",
            message_id=f"{rows.RECALL}{turn.message_id}"[:200],
            attachments=({"type": "recall", "name": turn.message_id},),
        )
        stored, _ = self._conversations.put(session, self._ready(), conversation, note)
        return inbound_rows.belongs(session, found.id, message.conversation_id, stored.id)

    def _wanted_id(self, channel: StoredChannel, message: Message) -> str:
        if adapters()[channel.kind].own_ids:
            return message.conversation_id
        return f"{channel.kind}:{channel.name}:{message.conversation_id}"[:200]

    def _ready(self) -> Assistant:
        assistant = self._assistant()
        if assistant is None:
            raise NotReady("话术助手正在启动，请稍等几秒")
        return assistant


class Gate:
    """Who is passing, and somebody who waits until nobody is."""

    def __init__(self) -> None:
        self._passing = 0
        self._clear = threading.Condition()

    @contextmanager
    def passing(self) -> Iterator[None]:
        """Passes through for as long as the block runs."""
        with self._clear:
            self._passing += 1
        try:
            yield
        finally:
            with self._clear:
                self._passing -= 1
                if not self._passing:
                    self._clear.notify_all()

    def wait(self, seconds: float) -> bool:
        """Whether nobody is passing any more; at most `seconds`."""
        with self._clear:
            return self._clear.wait_for(lambda: not self._passing, seconds)


class Rates:
    """How much each channel may send to this process: `rate` a second, `burst` at once."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._burst = rate, burst
        self._left: dict[int, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def take(self, channel_id: int) -> None:
        """Raises TooManyRequests."""
        now = time.monotonic()
        with self._lock:
            left, at = self._left.get(channel_id, (self._burst, now))
            left = min(self._burst, left + (now - at) * self._rate)
            self._left[channel_id] = (max(0.0, left - 1), now)
        if left < 1:
            raise TooManyRequests("这个渠道发得太快了，请慢一点", retry_after=1)


def _unknown_address() -> NotFound:
    return NotFound("没有这个接收地址，请从「接入」页面重新复制")


def _set_up(stored: StoredChannel) -> StoredChannel:
    """What verifying and reading go by: without what changes while a channel is at work."""
    return replace(stored, state={}, trouble="", refused=None, sends=True)


def key_of(*parts: str) -> str:
    """A name of fixed length for what several parts together stand for; the same parts always give the same."""
    return hashlib.sha256("\x00".join(parts).encode("utf-8", errors="replace")).hexdigest()


def _recall_key(item: Message | Recall) -> str:
    return key_of("recall", item.conversation_id, item.message_id)


def _store_task(session: Transaction, channel: StoredChannel, task: Task) -> Inbound:
    given = {"key": task.key, "data": dict(task.data)}
    return inbound_rows.add(session, channel.id, key_of("task", task.key), "task", given)[0]


def _told(found: list[Inbound], read: Read) -> Json:
    if not found:
        return {"status": "ignored", "reason": read.note}
    first = found[0]
    told: Json = {"status": "stored"}
    if first.conversation_id is not None:
        told |= {"conversation_id": first.conversation_id, "turn_id": str(first.turn_id)}
    return told


def _clean(item: Item) -> Item:
    """Without what no database takes, and no longer than a message may be."""
    if isinstance(item, Question):
        return replace(item, text=_UNSTORABLE.sub("\ufffd", item.text)[:MAX_TEXT])
    if not isinstance(item, Message):
        return item
    values: dict[str, Any] = {
        "text": _UNSTORABLE.sub("\ufffd", item.text)[:MAX_TEXT],
        "label": _UNSTORABLE.sub("\ufffd", item.label)[:200],
        "agent": _UNSTORABLE.sub("\ufffd", item.agent)[:80],
        "conversation_id": _UNSTORABLE.sub("\ufffd", item.conversation_id)[:200],
        "message_id": _UNSTORABLE.sub("\ufffd", item.message_id)[:200],
        "attachments": tuple(
            {name: _UNSTORABLE.sub("\ufffd", value) for name, value in part.items()}
            for part in item.attachments
        ),
    }
    return replace(item, **values)


def _same(stored: str, given: str) -> bool:
    return hmac.compare_digest(stored.encode(), given.encode("utf-8", errors="replace"))
