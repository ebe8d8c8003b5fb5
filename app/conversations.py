"""Conversations: storing what both sides say before anything else, and reading it back as context.

A turn is committed before it is answered, and its first answer is kept: whoever sends the same message again, even at
the same moment, gets that answer.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from app import clocks, promises
from app.accounts import allows
from app.assist import MAX_TURNS, Assistant
from app.clocks import Clock
from app.content.model import parse_act
from app.errors import NotAllowed, NotFound, StoreUnavailable
from app.reply.received import recalls
from app.reply.standing import worries
from app.reply.state import ConversationState
from app.steps import ended
from app.store import alerts, audit, desk
from app.store import conversations as rows
from app.store.conversations import Conversation, Given, Mark, NewTurn, RiskMark, StoredTurn
from app.store.database import Database, Transaction
from app.store.people import Person
from app.types import Act, Turn

_REMEMBERED: Final = 2000
_OPENED_SECONDS: Final = 900.0

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Taken:
    """A turn that is stored. state: where the conversation stands with it; answer: the first one, None if there is none yet.

    clocks: those going with it.
    """

    conversation: Conversation
    turn: StoredTurn
    state: ConversationState
    answer: Answer | None = None
    clocks: tuple[Clock, ...] = ()


@dataclass(frozen=True, slots=True)
class History:
    """A conversation as stored, its turns oldest first. agents: who answered in it; reply_due_at: until when the customer
    is to be answered, None when nobody waits.
    """

    conversation: Conversation
    turns: tuple[StoredTurn, ...]
    marks: Mapping[str, RiskMark]
    agents: tuple[str, ...] = ()
    reply_due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of the list of conversations: its last turn, and who answered in it."""

    conversation: Conversation
    last: StoredTurn | None
    agents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Context:
    """Where a conversation stands, and what agents know of it besides its turns."""

    state: ConversationState
    given: Given


@dataclass(frozen=True, slots=True)
class _Remembered:
    release: int
    version: int
    state: ConversationState
    given: Given


class Conversations:
    """The conversations of a database. What was read is remembered for as long as it is the newest."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._states: OrderedDict[str, _Remembered] = OrderedDict()
        self._opened: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._lock = threading.Lock()

    def take(
        self,
        assistant: Assistant,
        conversation_id: str,
        new: NewTurn,
        *,
        shop: str = "",
        channel: str = "",
        label: str = "",
        who: str = "",
        holder: str = "",
    ) -> Taken:
        """Store a turn, or find the one stored under its message id. who: the person or program it came through;
        holder: the person whose the conversation is from now on, unless it is somebody's.

        Raises StoreUnavailable: then nothing is stored.
        """
        with self._database.write() as session:
            found = rows.lock(session, conversation_id, shop=shop, channel=channel, label=label, who=who)
            turn, known = self.put(session, assistant, found, new)
            if holder:
                desk.hold(session, conversation_id, holder)
            answer = rows.find_answer(session, turn.id) if known else None
            going = clocks.running(session, assistant.content, assistant.shop(found.shop), conversation_id)
        ended("store")
        if answer is not None:
            return Taken(found, turn, ConversationState(), answer)
        state = self._state_with(assistant, found, turn, known=known)
        return Taken(found, turn, state, clocks=going)

    def put(
        self,
        session: Transaction,
        assistant: Assistant,
        found: Conversation,
        new: NewTurn,
        *,
        before: int | None = None,
    ) -> tuple[StoredTurn, bool]:
        """Store a turn of a locked conversation in the caller's transaction; whether it was there already.

        before: the position of the turn it belongs in front of, when it came late.
        """
        known = rows.find_message(session, found.id, new.message_id)
        if known is not None:
            return known, True
        if new.role == "agent" and not new.acts:
            new = replace(new, acts=tuple(spelt(act) for act in _acts_of(assistant, new)))
        new = replace(new, release=assistant.release)
        turn = rows.add_turn(session, found.id, new, before=before)
        _note(session, assistant, found, turn, late=before is not None)
        return turn, False

    def resume(self, assistant: Assistant, conversation_id: str, turn_id: int) -> Taken:
        """A stored turn that is still to be answered. Raises NotFound, StoreUnavailable."""
        with self._database.read() as session:
            found = rows.find(session, conversation_id)
            turn = rows.find_turn(session, conversation_id, turn_id)
            if found is None or turn is None:
                raise rows.unknown()
            answer = rows.find_answer(session, turn_id)
            going = clocks.running(session, assistant.content, assistant.shop(found.shop), conversation_id)
        if answer is not None:
            return Taken(found, turn, ConversationState(), answer)
        return Taken(found, turn, self._state_with(assistant, found, turn, known=True), clocks=going)

    def keep(self, assistant: Assistant, taken: Taken, answer: Answer) -> Answer:
        """Store the answer to a turn, and an alert for the lead when the temper climbs with it; returns the one that
        was stored first. Of a conversation that was erased meanwhile nothing is kept. Raises StoreUnavailable.
        """
        ended("write")
        turn = taken.turn
        with self._database.write() as session:
            known = rows.hold(session, taken.conversation.id)
            kept = rows.keep_answer(session, turn.id, answer) if known else None
            if kept is None:
                return answer
            clocks.note_standing(session, assistant, taken.conversation, turn, taken.state)
            if turn.role == "customer" and worries(taken.state):
                alerts.add(session, taken.conversation.id, turn.id, taken.state.emotions[-1])
        ended("store")
        return kept

    def state(
        self, assistant: Assistant, conversation_id: str, before_turn: int | None = None
    ) -> ConversationState | None:
        """Like `context`, without what agents gave."""
        found = self.context(assistant, conversation_id, before_turn)
        return found.state if found is not None else None

    def context(
        self, assistant: Assistant, conversation_id: str, before_turn: int | None = None
    ) -> Context | None:
        """Where a conversation stands, before a turn if one is given; None for an unknown one.

        While the database is away, what is remembered. Raises NotFound for an unknown turn.
        """
        try:
            with self._database.read() as session:
                found = rows.find(session, conversation_id)
                if found is None:
                    return None
                if before_turn is None:
                    remembered = self._recall(assistant, found.id, found.version)
                    if remembered is not None:
                        return Context(remembered, found.given)
                    turns = rows.turns(session, found.id, limit=MAX_TURNS)
                else:
                    edge = rows.find_turn(session, found.id, before_turn)
                    if edge is None:
                        raise NotFound("没有这句话")
                    turns = rows.turns(session, found.id, before=edge.position, limit=MAX_TURNS)
        except StoreUnavailable:
            last = self._states.get(conversation_id)
            return Context(last.state, last.given) if last is not None else None
        state = assistant.read([as_turn(turn) for turn in turns])
        if before_turn is None:
            self._remember(assistant, found, found.version, state)
        return Context(state, found.given)

    def history(self, conversation_id: str) -> History:
        """A conversation with its last turns. Raises NotFound, StoreUnavailable."""
        with self._database.read() as session:
            found = rows.find(session, conversation_id)
            if found is None:
                raise rows.unknown()
            turns = rows.turns(session, conversation_id, limit=MAX_TURNS)
            agents = rows.agents_of(session, [conversation_id]).get(conversation_id, ())
            going = [conversation_id] if found.closed_at is None else []
            due = desk.reply_due(session, going).get(conversation_id)
            return History(found, tuple(turns), rows.risk_marks(session, conversation_id), agents, due)

    def open(self, conversation_id: str, person: Person) -> History:
        """Like `history`, for a person to read: another's conversation being opened is audited, once in 15 minutes.

        Raises NotFound, StoreUnavailable.
        """
        found = self.history(conversation_id)
        if person.name in (found.conversation.started_by, *found.agents):
            return found
        key, now = (person.name, conversation_id), time.monotonic()
        with self._lock:
            last = self._opened.get(key)
        if last is None or now - last > _OPENED_SECONDS:
            with self._database.write() as session:
                audit.record(session, person.name, "conversation.opened", conversation=conversation_id)
            with self._lock:
                self._opened[key] = now
                self._opened.move_to_end(key)
                if len(self._opened) > _REMEMBERED:
                    self._opened.popitem(last=False)
        return found

    def find(self, conversation_id: str) -> History | None:
        """Like `history`; None for an unknown conversation or while the database is away."""
        try:
            return self.history(conversation_id)
        except (NotFound, StoreUnavailable):
            return None

    def shop_of(self, conversation_id: str) -> str | None:
        """The shop a conversation belongs to; None when it is unknown or nobody can be asked."""
        try:
            with self._database.read() as session:
                found = rows.find(session, conversation_id)
        except StoreUnavailable:
            return None
        return (found.shop or None) if found is not None else None

    def search(self, words: str, *, shop: str | None = None, limit: int = 50) -> list[Listed]:
        """The conversations changed last, newest first, whose name, number or turns hold all the words."""
        with self._database.read() as session:
            found = rows.find_conversations(session, words, shop=shop, limit=limit)
            ids = [conversation.id for conversation in found]
            last, agents = rows.last_turns(session, ids), rows.agents_of(session, ids)
        return [Listed(one, last.get(one.id), agents.get(one.id, ())) for one in found]

    def describe(
        self,
        conversation_id: str,
        *,
        label: str | None,
        closed: bool | None,
        note: str | None = None,
        by: str,
    ) -> Conversation:
        """Rename or close a conversation, leave a note for whoever takes over. Raises NotFound, StoreUnavailable."""
        with self._database.write() as session:
            found = rows.describe(session, conversation_id, label, closed, note)
            changed = {"label": label is not None, "closed": closed, "note": note is not None}
            audit.record(session, by, "conversation.changed", conversation=conversation_id, **changed)
            return found

    def give(
        self,
        conversation_id: str,
        facts: Mapping[str, str | int | None],
        slots: Mapping[str, str | None],
        person: Person,
    ) -> Conversation:
        """Keep what an agent knows, making the conversation if it is unknown; None takes a value back.

        Raises StoreUnavailable: then nothing is stored.
        """
        with self._database.write() as session:
            rows.lock(session, conversation_id, who=person.name)
            found = rows.give(session, conversation_id, facts, slots, person.name)
            audit.record(
                session,
                person.name,
                "conversation.given",
                conversation=conversation_id,
                names=sorted((*facts, *slots)),
            )
            return found

    def undo(self, assistant: Assistant, conversation_id: str, turn_id: int, person: Person) -> None:
        """Take back an agent's turn that was not sent after all; doing it twice is fine.

        Raises NotFound, NotAllowed for a customer's turn or another agent's, StoreUnavailable.
        """
        with self._database.write() as session:
            if not rows.hold(session, conversation_id):
                raise NotFound("没有这句话")
            turn = rows.find_turn(session, conversation_id, turn_id)
            if turn is None:
                raise NotFound("没有这句话")
            if turn.role != "agent":
                raise NotAllowed("顾客说的话不能撤销")
            if turn.agent != person.name and not allows(person, "lead"):
                raise NotAllowed("只能撤销自己发的话")
            if not turn.undone:
                rows.undo(session, conversation_id, turn_id)
                audit.record(session, person.name, "turn.undone", conversation=conversation_id, turn=turn_id)
                promises.withdraw(session, [turn_id])
                clocks.retrace(session, assistant, conversation_id)

    def mark_risk(
        self, assistant: Assistant, conversation_id: str, risk: str, mark: Mark | None, person: Person
    ) -> None:
        """Note that a risk is dealt with or a false alarm; None takes the note back. Raises NotFound, StoreUnavailable."""
        with self._database.write() as session:
            if not rows.hold(session, conversation_id):
                raise rows.unknown()
            if mark is None:
                rows.unmark_risk(session, conversation_id, risk)
            else:
                rows.mark_risk(session, conversation_id, risk, mark, person.name)
                clocks.drop_risk(session, assistant.content, conversation_id, risk)
            audit.record(
                session, person.name, "risk.marked", conversation=conversation_id, risk=risk, mark=mark
            )

    def _state_with(
        self, assistant: Assistant, found: Conversation, turn: StoredTurn, *, known: bool
    ) -> ConversationState:
        """Where the conversation stands with this turn as its last. known: it was stored before."""
        latest = as_turn(turn)
        takes_back = recalls(turn.text, turn.attachments)
        before = None if known or takes_back else self._recall(assistant, found.id, found.version)
        if before is not None:
            state = assistant.add(before, latest)
        else:
            with self._database.read() as session:
                turns = rows.turns(session, found.id, before=turn.position, limit=MAX_TURNS - 1)
            state = assistant.read([*map(as_turn, turns), latest])
        if not known:
            self._remember(assistant, found, found.version + 1, state)
        return state

    def _recall(self, assistant: Assistant, conversation_id: str, version: int) -> ConversationState | None:
        if version == 0:
            return ConversationState()
        remembered = self._states.get(conversation_id)
        if remembered is None or (remembered.release, remembered.version) != (assistant.release, version):
            return None
        return remembered.state

    def _remember(
        self, assistant: Assistant, found: Conversation, version: int, state: ConversationState
    ) -> None:
        with self._lock:
            self._states[found.id] = _Remembered(assistant.release, version, state, found.given)
            self._states.move_to_end(found.id)
            if len(self._states) > _REMEMBERED:
                self._states.popitem(last=False)


def _note(
    session: Transaction, assistant: Assistant, found: Conversation, turn: StoredTurn, *, late: bool
) -> None:
    """What follows from a new turn, in its transaction: promises, and the clocks it starts and stops.

    late: it belongs in front of others.
    """
    shop = assistant.shop(found.shop)
    if turn.role == "agent" and recalls(turn.text, turn.attachments):
        promises.withdraw(session, rows.recalled(session, found.id, turn))
        return
    if late:
        clocks.retrace(session, assistant, found.id)
    else:
        clocks.note_turn(session, assistant.content, shop, found.id, turn)
    promises.record(session, shop, found.id, turn)


def as_turn(turn: StoredTurn) -> Turn:
    """A stored turn as the analysis reads it; acts that nobody knows any more are left out."""
    return Turn(
        turn.role, turn.text, _known_acts(turn.acts), turn.message_id, turn.script_id, turn.attachments
    )


def spelt(act: Act) -> str:
    """An act as content files write it: asked(洗过)."""
    return f"{act.name}({act.about})" if act.about else act.name


def _acts_of(assistant: Assistant, new: NewTurn) -> tuple[Act, ...]:
    acts = assistant.acts_of(new.text)
    script = assistant.content.scripts.get(new.script_id or "")
    return acts or (script.acts if script is not None else ())


def _known_acts(acts: tuple[str, ...]) -> tuple[Act, ...]:
    known: list[Act] = []
    for text in acts:
        try:
            known.append(parse_act(text))
        except ValueError:
            continue
    return tuple(known)
