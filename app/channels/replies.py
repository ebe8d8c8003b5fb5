"""What an agent sends to a customer from the panel: kept with the turn it is, sent by the outbox, told to the panels.

The turn and what is to be sent are stored together, once for each `message_id`; when it cannot be sent the turn is taken
back, as if it had never been said, and the words stay for the agent until they are put away.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from app import clocks, promises
from app.assist import Assistant
from app.channels.adapter import Adapter, Channel
from app.channels.manage import channel_of, new_key
from app.channels.registry import adapters
from app.conversations import Conversations
from app.errors import CannotSend, Conflict, InvalidRequest
from app.store import channels as rows
from app.store import conversations as turns
from app.store import deliveries as delivery_rows
from app.store import events as event_rows
from app.store.channels import Place, StoredChannel
from app.store.conversations import NewTurn, StoredTurn
from app.store.database import Database, Transaction
from app.store.deliveries import REPLY, DeliveryState, StoredDelivery, StoredReply

PATIENCE: Final = timedelta(minutes=10)
"""What is not sent by then is given up: the conversation has gone on."""

_LOOK_BACK: Final = 50
_NO_WAY: Final = "这个会话不能从面板里发：复制了到聊天窗口粘贴"


@dataclass(frozen=True, slots=True)
class Replying:
    """How a conversation can be written to from the panel. channel: its name, "" where it cannot.

    open: what is on its way or could not be sent, oldest first.
    """

    channel: str
    open: tuple[StoredReply, ...]


class Replies:
    """assistant: the release in use, None before it is loaded. told: called when there is something for the panels."""

    def __init__(
        self,
        database: Database,
        conversations: Conversations,
        assistant: Callable[[], Assistant | None],
        told: Callable[[], None],
    ) -> None:
        self._database = database
        self._conversations = conversations
        self._assistant = assistant
        self._told = told

    def of(self, conversation_id: str, person: str) -> Replying:
        """What the panel needs to know of a conversation to offer 「发送」. Raises StoreUnavailable."""
        with self._database.read() as session:
            way = _way(session, conversation_id, person)
            found = tuple(delivery_rows.open_replies(session, conversation_id))
        return Replying(way[1].name if way else "", found)

    def send(self, assistant: Assistant, conversation_id: str, new: NewTurn) -> StoredReply:
        """Store an agent's turn and queue it for the customer; for a message_id sent before, what became of it.

        new.agent: who sends it. Raises NotFound, CannotSend, InvalidRequest, Conflict where the message_id is another
        message's, StoreUnavailable: then nothing is stored.
        """
        with self._database.write() as session:
            if turns.find(session, conversation_id) is None:
                raise turns.unknown()
            found = turns.lock(session, conversation_id)
            known = turns.find_message(session, conversation_id, new.message_id)
            if known is not None:
                return _known(session, known)
            way = _way(session, conversation_id, new.agent)
            if way is None:
                raise CannotSend(_NO_WAY)
            place, stored = way
            _check(session, adapters()[stored.kind], conversation_id, new.text)
            turn, _ = self._conversations.put(session, assistant, found, new)
            payload = {"data": _letter(new), "external_id": place.external_id, "reply_to": place.reply_to}
            delivery_rows.add(
                session,
                stored.id,
                new_key(),
                REPLY,
                payload,
                due_at=datetime.now(UTC),
                conversation_id=conversation_id,
                turn_id=turn.id,
            )
            return _known(session, turn)

    def put_away(self, conversation_id: str, message_id: str) -> None:
        """Forget the words of a reply that could not be sent; doing it twice is fine. Raises StoreUnavailable."""
        with self._database.write() as session:
            for reply in delivery_rows.open_replies(session, conversation_id):
                if reply.message_id == message_id and reply.state == "failed":
                    delivery_rows.put_away(session, reply.id)

    def settled(
        self, session: Transaction, delivery: StoredDelivery, state: DeliveryState, note: str
    ) -> None:
        """A reply was sent, or never will be: then it was not said, nor is what was to follow it."""
        conversation_id = delivery.conversation_id or ""
        if state == "failed":
            self._unsaid(session, conversation_id, delivery.turn_id or 0)
            for reply in delivery_rows.open_replies(session, conversation_id):
                if reply.id > delivery.id and reply.state == "waiting":
                    delivery_rows.give_up(session, reply.id, "前一条没有发成，这条也没有发")
                    self._unsaid(session, conversation_id, reply.turn_id)
        _tell(session, delivery.channel_id, conversation_id, delivery.turn_id, state, note)
        self._told()

    def give_up(self) -> None:
        """Stop what has waited too long, for example while its channel was switched off. Raises StoreUnavailable."""
        before = datetime.now(UTC) - PATIENCE
        with self._database.read() as session:
            if not delivery_rows.overdue_replies(session, before):
                return
        with self._database.write() as session:
            found = delivery_rows.overdue_replies(session, before)
            for reply in found:
                delivery_rows.give_up(session, reply.id, "等了 10 分钟还没发出去，没有再发")
                self._unsaid(session, reply.conversation_id, reply.turn_id)
            for reply in found:
                note = "等了 10 分钟还没发出去"
                _tell(session, reply.channel_id, reply.conversation_id, reply.turn_id, "failed", note)
        self._told()

    def _unsaid(self, session: Transaction, conversation_id: str, turn_id: int) -> None:
        if turns.find(session, conversation_id) is None:
            return
        turns.undo(session, conversation_id, turn_id)
        promises.withdraw(session, [turn_id])
        assistant = self._assistant()
        if assistant is not None:
            clocks.retrace(session, assistant, conversation_id)


def _way(session: Transaction, conversation_id: str, person: str) -> tuple[Place, StoredChannel] | None:
    """Where a conversation can be written to now, by this person."""
    for place in rows.places_of(session, conversation_id):
        stored = rows.find(session, place.channel_id)
        if stored is not None and _may_send(channel_of(stored), person):
            return place, stored
    return None


def _may_send(channel: Channel, person: str) -> bool:
    if channel.kind not in adapters() or not (channel.enabled and channel.sends):
        return False
    if channel.people and person not in channel.people:
        return False
    return adapters()[channel.kind].wants(REPLY, channel)


def _check(session: Transaction, adapter: Adapter, conversation_id: str, text: str) -> None:
    """Raises CannotSend, InvalidRequest for what the platform would refuse."""
    size = len(text.encode("utf-8", errors="replace"))
    if adapter.reply_bytes and size > adapter.reply_bytes:
        raise InvalidRequest(f"这句话太长，平台一条最多约 {adapter.reply_bytes // 3} 个汉字，请分成两条")
    if not (adapter.reply_within or adapter.reply_most):
        return
    said = turns.turns(session, conversation_id, limit=_LOOK_BACK)
    last = next((at for at in range(len(said) - 1, -1, -1) if said[at].role == "customer"), None)
    if last is None:
        raise CannotSend("顾客还没有说过话，平台不让先发")
    at = said[last].sent_at or said[last].stored_at
    if adapter.reply_within and datetime.now(UTC) - at > timedelta(seconds=adapter.reply_within):
        raise CannotSend(f"顾客 {int(adapter.reply_within // 3600)} 小时没有说话，平台不让再发")
    if adapter.reply_most and len(said) - 1 - last >= adapter.reply_most:
        raise CannotSend(f"顾客上次说话以后已经发了 {adapter.reply_most} 条，等他再说一句才能发")


def _letter(new: NewTurn) -> dict[str, Any]:
    letter: dict[str, Any] = {"message_id": new.message_id, "text": new.text, "agent": new.agent}
    return {**letter, "script_id": new.script_id} if new.script_id else letter


def _known(session: Transaction, turn: StoredTurn) -> StoredReply:
    """Raises Conflict for a turn that was not sent from the panel."""
    found = delivery_rows.reply_of(session, turn.id)
    if found is None:
        raise Conflict("这个 message_id 已经是另一句话的了，请换一个")
    return found


def _tell(
    session: Transaction, channel_id: int, conversation_id: str, turn_id: int | None, state: str, note: str
) -> None:
    event_rows.add(
        session,
        "reply",
        conversation_id,
        channel_id=channel_id,
        turn_id=turn_id,
        data={"role": "agent", "state": state, "why": note},
    )
