"""A message that arrives by itself, from the request to the suggestion that goes out again.

`Channels.receive` verifies, reads, stores once and acknowledges; `Channels.follow_up` suggests and hands on for
delivery. Between the two lies the database, so a killed process loses nothing: whoever comes next goes on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from time import sleep
from typing import Any, Final

from app.assist import Assistant, SuggestRequest
from app.background import Repeating
from app.channels import outbox
from app.channels.adapter import Channel, ChatClient, Incoming, Json, PageSignature, Task
from app.channels.feed import Feed
from app.channels.inbox import Acknowledged, Inbox
from app.channels.manage import channel_of, named
from app.channels.outbox import Outbox
from app.channels.registry import adapters
from app.channels.reminders import Reminders
from app.channels.replies import Replies
from app.conversations import Conversations, Taken
from app.errors import NotAllowed, NotFound, PlatformUnavailable, StoreUnavailable
from app.outbound import Outbound, OutboundError
from app.store import channels as rows
from app.store import deliveries as delivery_rows
from app.store import events as event_rows
from app.store import feedback as feedback_rows
from app.store import inbound as inbound_rows
from app.store.channels import Place
from app.store.database import Database, Transaction
from app.store.feedback import Feedback
from app.store.inbound import Inbound
from app.types import Ahead

_log = logging.getLogger(__name__)

EVERY: Final = 1.0
KEPT: Final = timedelta(days=8)
"""How long what came in and went out is remembered, longer than anybody sends anything again (76 hours)."""

_AT_ONCE: Final = 10
ANSWER_LOOKS: Final = 40
ANSWER_PAUSE: Final = 0.05
"""Seconds between looks for an answer that another thread is working out; two seconds in all."""
_ATTEMPTS: Final = 6
_AGAIN: Final = timedelta(seconds=5)
_CLEAN_EVERY: Final = timedelta(hours=1)

Answer = Callable[[Assistant, SuggestRequest, Taken], Json]
"""Turns what is said of a turn into the JSON of the API."""

Consult = Callable[[Assistant, SuggestRequest], Json]
"""The same for a message that belongs to no conversation."""


class Channels:
    """All channels of a database. assistant: the release in use, None before it is loaded; ahead: scripts that a
    conversation gets before others.
    """

    def __init__(
        self,
        database: Database,
        conversations: Conversations,
        assistant: Callable[[], Assistant | None],
        answer: Answer,
        consult: Consult,
        liking: Callable[[], Mapping[str, float]],
        http: Outbound,
        ahead: Callable[[str], tuple[Ahead, ...]] = lambda _conversation: (),
    ) -> None:
        self._database = database
        self._conversations = conversations
        self._assistant = assistant
        self._answer = answer
        self._consult = consult
        self._liking = liking
        self._ahead = ahead
        self._http = http
        self._repeating = Repeating("channels", EVERY, self.round)
        self._tasks = Repeating("channel tasks", EVERY, self.run_tasks)
        self._inbox = Inbox(database, conversations, assistant, self._wake)
        self._cleaned = datetime.min.replace(tzinfo=UTC)
        self.feed = Feed(database)
        self.replies = Replies(database, conversations, assistant, self.feed.wake)
        self.outbox = Outbox(database, http, self.replies.settled)
        self.reminders = Reminders(database, self.outbox)

    def start(self) -> None:
        """Begin reading, sending and reminding in the background."""
        self._repeating.start()
        self._tasks.start()
        self.outbox.start()
        self.feed.start()
        self.reminders.start()

    def stop(self) -> None:
        """End all of it; what waits is stored and goes on at the next start."""
        self._repeating.stop()
        self._tasks.stop()
        self.outbox.stop()
        self.feed.stop()
        self.reminders.stop()

    def receive(self, kind: str, name: str, token: str, incoming: Incoming) -> Acknowledged:
        """Take a request of a chat system; see `Inbox.receive`."""
        return self._inbox.receive(kind, name, token, incoming)

    def sign_page(self, name: str, url: str, person: str) -> PageSignature:
        """Let a page of ours use a channel's script. url: one of ours. person: who has it open.

        Raises NotFound, also where the kind of channel has no such script; NotAllowed, InvalidRequest where something is not
        filled in, PlatformUnavailable, StoreUnavailable.
        """
        channel = self._open_to(name, person)
        try:
            signed = adapters()[channel.kind].sign_page(url, channel, self._http)
        except OutboundError as error:
            raise PlatformUnavailable("企业微信没有回应，或者不认渠道里填的设置，请稍后再试") from error
        if signed is None:
            raise NotFound("这种渠道不用给页面签名")
        return signed

    def client_of(self, name: str, person: str) -> ChatClient:
        """The chat client whose script a page of ours may use. Raises NotFound, NotAllowed, StoreUnavailable."""
        channel = self._open_to(name, person)
        found = adapters()[channel.kind].client(channel)
        if found is None:
            raise NotFound("这个渠道没有聊天工具栏；企业微信的要先在「接入」页面填上应用的 AgentId")
        return found

    def conversation_with(self, name: str, customer: str, person: str) -> str:
        """The conversation with a customer, by the platform's number. Raises NotFound, NotAllowed, StoreUnavailable."""
        channel = self._open_to(name, person)
        with self._database.read() as session:
            found = rows.conversation_with(session, channel.id, customer)
        if found is None:
            raise NotFound("这位顾客还没有说过话")
        return found

    def _open_to(self, name: str, person: str) -> Channel:
        """Raises NotFound, NotAllowed."""
        channel = named(self._database, name)
        if not channel.enabled or (channel.people and person not in channel.people):
            raise NotAllowed("这个渠道停用了，或者不是给您用的")
        return channel

    def any(self) -> bool:
        """Whether there is a channel. Raises StoreUnavailable."""
        with self._database.read() as session:
            return rows.any_enabled(session)

    def answer_to(self, acknowledged: Acknowledged) -> Json | None:
        """What is said of the message just stored, worked out now for a sender that waits for it; None for other things.

        None too when another thread or a starting service needs longer than a sender is kept waiting.
        """
        self._claim_and_follow_up(only=list(acknowledged.ids))
        conversation_id, turn_id = acknowledged.told.get("conversation_id"), acknowledged.told.get("turn_id")
        if conversation_id is None or turn_id is None:
            return None
        for _ in range(ANSWER_LOOKS):
            assistant = self._assistant()
            if assistant is not None:
                taken = self._conversations.resume(assistant, str(conversation_id), int(turn_id))
                if taken.answer is not None or taken.turn.role != "customer":
                    return taken.answer
            sleep(ANSWER_PAUSE)
        return None

    def round(self) -> None:
        """Go on with everything that waits, and forget what is old."""
        if self._assistant() is None:
            return
        while self._claim_and_follow_up():
            pass
        self.replies.give_up()
        self._clean()

    def run_tasks(self) -> None:
        """Do what other machines are asked for, apart from the rest since they may be slow; poll where that is needed."""
        if self._assistant() is None:
            return
        self._poll()
        while self._claim_and_follow_up(tasks=True):
            pass

    def _wake(self) -> None:
        self._repeating.wake()
        self._tasks.wake()

    def follow_up(self, inbound: Inbound) -> None:
        """Go on with something that was stored and acknowledged: suggest, then queue what goes out and tell the panels."""
        if inbound.kind in ("message", "recall"):
            self._suggest(inbound)
        elif inbound.kind == "question":
            self._answer_question(inbound)
        elif inbound.kind == "feedback":
            self._record(inbound)
        elif inbound.kind == "task":
            self._run(inbound)
        self.outbox.wake()
        self.feed.wake()

    def _claim_and_follow_up(self, *, tasks: bool = False, only: list[int] | None = None) -> bool:
        """Whether there was anything to do."""
        with self._database.read() as session:
            if not inbound_rows.any_waiting(session, tasks=tasks):
                return False
        with self._database.write() as session:
            claimed = inbound_rows.claim(session, 1 if tasks else _AT_ONCE, tasks=tasks, only=only)
        for inbound in claimed:
            self._try(inbound)
        return bool(claimed)

    def _try(self, inbound: Inbound) -> None:
        """What goes wrong is tried again a little later, six times at most."""
        self._inbox.let_pass()
        try:
            self.follow_up(inbound)
        except StoreUnavailable:
            raise
        except Exception as error:
            _log.error("%s %s failed: %s", inbound.kind, inbound.id, type(error).__name__)
            with self._database.write() as session:
                if inbound.attempts >= _ATTEMPTS:
                    inbound_rows.settle(session, inbound, "failed", f"处理不了：{type(error).__name__}")
                else:
                    until = datetime.now(UTC) + _AGAIN * inbound.attempts
                    inbound_rows.put_back(session, inbound, until, type(error).__name__)

    def _suggest(self, inbound: Inbound) -> None:
        if inbound.conversation_id is None or inbound.turn_id is None:
            with self._database.write() as session:
                inbound_rows.settle(session, inbound, "ignored", "撤回的消息还没有来")
            return
        assistant = self._loaded()
        taken = self._conversations.resume(assistant, inbound.conversation_id, inbound.turn_id)
        answer = taken.answer or self._conversations.keep(
            assistant, taken, self._answered(assistant, inbound, taken)
        )
        speaks = inbound.kind == "message" and taken.turn.role == "customer" and not taken.turn.undone
        with self._database.write() as session:
            if not inbound_rows.settle(session, inbound, "done"):
                return
            for place in rows.places_of(session, inbound.conversation_id) if speaks else ():
                if place.channel_id == inbound.channel_id:
                    _queue_answer(session, place, taken, answer)
            event_rows.add(
                session,
                inbound.kind,
                inbound.conversation_id,
                channel_id=inbound.channel_id,
                turn_id=inbound.turn_id,
                data={"role": taken.turn.role, **(_gist(answer) if speaks else {})},
            )

    def _answered(self, assistant: Assistant, inbound: Inbound, taken: Taken) -> Json:
        shop = taken.conversation.shop
        request = SuggestRequest(
            message=taken.turn.text,
            shop=shop if shop in assistant.content.shops else None,
            slots=inbound.given.get("slots", {}),
            facts=inbound.given.get("facts", {}),
            attachments=taken.turn.attachments,
            liking=self._liking(),
            ahead=self._ahead(taken.conversation.id),
        )
        return self._answer(assistant, request, taken)

    def _answer_question(self, inbound: Inbound) -> None:
        """Scripts for a colleague who asks what to say; nothing becomes a conversation."""
        assistant = self._loaded()
        with self._database.read() as session:
            stored = rows.find(session, inbound.channel_id)
        if stored is None:
            return
        shop = stored.shop if stored.shop in assistant.content.shops else None
        request = SuggestRequest(message=inbound.given["text"], shop=shop, liking=self._liking())
        data = {**self._consult(assistant, request), "text": inbound.given["text"]}
        with self._database.write() as session:
            if inbound_rows.settle(session, inbound, "done"):
                place = Place(stored.id, "", "", inbound.given["reply_to"])
                outbox.queue(session, place, "answer", data)

    def _record(self, inbound: Inbound) -> None:
        """What a colleague said of a script. One that is no longer there is passed over."""
        said = inbound.given
        known = said["script_id"] in self._loaded().content.scripts
        with self._database.write() as session:
            if inbound_rows.settle(session, inbound, "done" if known else "ignored") and known:
                agent = f"机器人 {said['person']}"[:80]
                feedback_rows.add(session, Feedback(said["script_id"], said["kind"], agent))

    def _run(self, inbound: Inbound) -> None:
        """Let the adapter do it; what it brings and remembers is stored together with the task being done."""
        with self._database.read() as session:
            stored = rows.find(session, inbound.channel_id)
        if stored is None or stored.kind not in adapters():
            return
        task = Task(inbound.given["key"], inbound.given["data"])
        ran = adapters()[stored.kind].run(task, channel_of(stored), self._http)
        with self._database.write() as session:
            if not inbound_rows.settle(session, inbound, "done"):
                return
            self._inbox.store_items(session, stored, ran.items)
            if ran.state is not None:
                rows.change(session, stored.id, state=ran.state)
        if ran.items:
            self._wake()

    def _poll(self) -> None:
        """Where a platform has to be asked, ask it every now and then, one process at a time."""
        polled = {kind: adapter.poll for kind, adapter in adapters().items() if adapter.poll}
        if not polled:
            return
        now = datetime.now(UTC)
        with self._database.read() as session:
            found = [stored for stored in rows.every(session) if stored.kind in polled and stored.enabled]
        for stored in found:
            with self._database.write() as session:
                if not rows.take_poll(session, stored.id, now, now - timedelta(seconds=polled[stored.kind])):
                    continue
                self._inbox.store_items(session, stored, (Task(f"poll {now.isoformat()}"),))

    def _clean(self) -> None:
        now = datetime.now(UTC)
        if now - self._cleaned < _CLEAN_EVERY:
            return
        self._cleaned = now
        with self._database.write() as session:
            inbound_rows.forget(session, now - KEPT)
            delivery_rows.forget(session, now - KEPT)
            event_rows.forget(session, now - KEPT)

    def _loaded(self) -> Assistant:
        assistant = self._assistant()
        assert assistant is not None, "nothing is gone on with before a release is loaded"
        return assistant


def _queue_answer(session: Transaction, place: Place, taken: Taken, answer: Json) -> None:
    told = {**answer, "message_id": taken.turn.message_id}
    outbox.queue(session, place, "suggestion.created", told, taken.turn.id)
    banners = [risk for risk in answer.get("risks", ()) if risk.get("banner") and risk.get("evidence")]
    if answer.get("alert") or banners:
        warning: dict[str, Any] = {
            "message_id": taken.turn.message_id,
            "alert": answer.get("alert"),
            "emotion": answer["emotion"]["level"],
            "risks": [{"id": risk["id"], "name": risk["name"], "advice": risk["advice"]} for risk in banners],
        }
        outbox.queue(session, place, "conversation.alert", warning, taken.turn.id)


def _gist(answer: Json) -> Json:
    """What a panel shows of a conversation that is not looked at; none of the customer's words."""
    stage = answer.get("stage") or {}
    return {
        "emotion": answer["emotion"]["level"],
        "risks": [risk["name"] for risk in answer.get("risks", ()) if risk.get("banner")],
        "intents": [intent["name"] for intent in answer.get("intents", ())[:3]],
        "stage": stage.get("id"),
        "alert": answer.get("alert"),
    }
