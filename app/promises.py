"""The promise ledger: what agents' messages commit the shop to, kept or broken, and what to send when one is due.

A promise is recorded in the transaction that stores its turn. That one is broken is computed from its time, never set by
a job. A later message may propose that it is kept; a person decides, and the decision is audited.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from app.accounts import allows
from app.assist import Assistant
from app.clocks import moment_of
from app.content.shop import Shop
from app.errors import InvalidRequest, NotFound
from app.nlu.text import normalise
from app.reply.promise_check import calendar_of, due_of
from app.reply.promises import Promise as FoundPromise
from app.reply.promises import find_kept, find_promises
from app.reply.when import Length, Unit
from app.store import audit
from app.store import promises as rows
from app.store.conversations import StoredTurn
from app.store.database import Database, Transaction
from app.store.people import Person
from app.store.promises import Filter, NewPromise, Outcome, Promise
from app.types import Suggestion

Status = Literal["open", "due", "broken", "kept"]
Day = Literal["overdue", "today", "tomorrow", "later", "open"]

CALL_BACK: Final = timedelta(minutes=10)
"""How long after 「今天回您」 the next message may still belong to the same reply."""
_SPEAKS: Final = frozenset({"offered", "refused", "promised", "instructed", "checked_back"})
_FOLLOW_UPS: Final = {
    "refund": ("refund_progress", "return_refund"),
    "compensate": ("compensation", "refund_progress"),
    "dispatch": ("dispatch_delay", "delivery_delay"),
    "resend": ("missing_item", "wrong_item", "exchange"),
    "exchange": ("exchange", "wrong_item"),
    "pickup": ("return_refund", "aftersales_progress"),
    "reply": ("aftersales_progress", "no_response"),
    "other": ("aftersales_progress",),
}


@dataclass(frozen=True, slots=True)
class Change:
    """What a person says of a promise; None leaves it. happened_at: when the event it waits for happened."""

    outcome: Outcome | Literal["undecided"] | None = None
    due_at: datetime | None = None
    happened_at: datetime | None = None
    reason: str = ""


def record(session: Transaction, shop: Shop, conversation_id: str, turn: StoredTurn) -> None:
    """Store what an agent's turn promises, and what it seems to keep, in the transaction that stores the turn."""
    if turn.role != "agent" or not turn.text:
        return
    message, said = normalise(turn.text), moment_of(turn)
    kept = set[str](find_kept(message))
    if kept:
        rows.propose_kept(session, conversation_id, turn.id, kept)
    if kept or _SPEAKS & {act.partition("(")[0] for act in turn.acts}:
        rows.propose_kept(session, conversation_id, turn.id, ["reply"], made_before=said - CALL_BACK)
    found = [_new(one, said, shop) for one in find_promises(message)]
    if found:
        rows.add(session, conversation_id, turn.id, turn.agent, said, found)


def withdraw(session: Transaction, turn_ids: Sequence[int]) -> None:
    """Take back what turns that were undone promised."""
    rows.withdraw(session, turn_ids)


def _new(found: FoundPromise, said: datetime, shop: Shop) -> NewPromise:
    due = due_of(found, said, shop)
    length = found.term.length if found.term is not None and found.waits else None
    if length is None and found.waits and found.term is not None:
        length = Length("days", 0)
    return NewPromise(
        kind=found.kind,
        what=found.what,
        text=found.text,
        start=found.start,
        end=found.end,
        by=found.by,
        amount=found.amount,
        condition=found.condition,
        term={"unit": length.unit, "count": length.count, "sure": length.sure}
        if length is not None
        else None,
        due_at=max(due.at, said) if due is not None else None,
        sure=due is None or due.sure,
    )


def status_of(promise: Promise, now: datetime, zone: ZoneInfo) -> Status:
    """Kept or broken as decided, else by the time: broken once it has passed, due on its last day."""
    if promise.outcome is not None:
        return promise.outcome
    if promise.due_at is None:
        return "open"
    if promise.due_at < now:
        return "broken"
    return "due" if promise.due_at < day_end(now, zone) else "open"


def day_of(promise: Promise, now: datetime, zone: ZoneInfo) -> Day:
    """The group of an unsettled promise in a list of what is to be done."""
    if promise.due_at is None:
        return "open"
    if promise.due_at < now:
        return "overdue"
    days = (promise.due_at.astimezone(zone).date() - now.astimezone(zone).date()).days
    return "today" if days <= 0 else "tomorrow" if days == 1 else "later"


def day_end(now: datetime, zone: ZoneInfo) -> datetime:
    """The next midnight."""
    local = now.astimezone(zone)
    return datetime(local.year, local.month, local.day, tzinfo=zone) + timedelta(days=1)


def listing(
    database: Database,
    assistant: Assistant,
    person: Person,
    *,
    status: Filter | None = None,
    agent: str | None = None,
    customer: str | None = None,
    conversation_id: str | None = None,
    shop: str | None = None,
    limit: int = 100,
    now: datetime | None = None,
) -> list[Promise]:
    """Promises as a person may see them: leads everybody's, others their own, and all of a conversation they open.

    Raises StoreUnavailable.
    """
    moment = now or datetime.now(UTC)
    zone = ZoneInfo(assistant.shop(shop).time_zone)
    agents = [agent] if agent is not None else None
    if not allows(person, "lead") and conversation_id is None:
        agents = [person.name, ""]
    with database.read() as session:
        return rows.listing(
            session,
            status,
            moment,
            day_end(moment, zone),
            agents=agents,
            conversation_id=conversation_id,
            customer=customer,
            shops=shops_named(assistant, shop),
            limit=limit,
        )


def shops_named(assistant: Assistant, shop: str | None) -> list[str] | None:
    """The names under which conversations of a shop are stored: the first shop's have none when nobody chose."""
    if shop is None:
        return None
    return [shop, ""] if shop == assistant.content.shop.id else [shop]


def change(
    database: Database, assistant: Assistant, promise_id: int, change: Change, person: Person
) -> Promise:
    """Settle, move or wake a promise. Raises NotFound, InvalidRequest, StoreUnavailable."""
    with database.write() as session:
        promise = rows.find(session, promise_id, for_change=True)
        if promise is None:
            raise NotFound("没有这个承诺，可能那句话已经撤销了")
        values = _values(promise, change, assistant.shop(promise.shop), person)
        if values:
            rows.change(session, promise_id, **values)
            said = {
                name: value.isoformat() if isinstance(value, datetime) else value
                for name, value in values.items()
                if name in ("outcome", "due_at")
            }
            audit.record(session, person.name, "promise.changed", promise=promise_id, **said)
        found = rows.find(session, promise_id)
        assert found is not None, "held by this transaction"
        return found


def _values(promise: Promise, change: Change, shop: Shop, person: Person) -> dict[str, Any]:
    """The columns a change sets."""
    reason = change.reason.strip()
    values: dict[str, Any] = {}
    if change.happened_at is not None:
        values |= _woken(promise, change.happened_at, shop)
    if change.due_at is not None:
        if not reason:
            raise InvalidRequest("改时间要写一句原因，例如「和顾客说好改到明天」")
        if change.due_at <= datetime.now(UTC):
            raise InvalidRequest("新的时间已经过了，请选还没到的时间")
        values |= {
            "due_at": change.due_at,
            "sure": True,
            "first_due_at": promise.first_due_at or promise.due_at,
        }
    if change.outcome == "undecided":
        values |= {"outcome": None, "decided_at": None}
    elif change.outcome is not None:
        if change.outcome == "broken" and not reason:
            raise InvalidRequest("没兑现的，写一句原因，交接的同事好接着办")
        values |= {"outcome": change.outcome, "decided_at": datetime.now(UTC)}
    if values:
        values |= {"decided_by": person.name, "reason": reason[:500] or promise.reason}
    return values


def _woken(promise: Promise, happened_at: datetime, shop: Shop) -> dict[str, Any]:
    """The time of a conditional promise, now that its event has happened."""
    if promise.condition is None or promise.term is None:
        raise InvalidRequest("这个承诺没有写要等什么事")
    unit: Unit = promise.term["unit"]
    length = Length(unit, promise.term["count"], promise.term["sure"])
    due = length.due(happened_at.astimezone(ZoneInfo(shop.time_zone)), calendar_of(shop))
    return {"due_at": due.at, "sure": due.sure}


def scripts(
    assistant: Assistant, promise: Promise, person: Person, now: datetime | None = None
) -> list[Suggestion]:
    """What to send about a promise: an apology with a new time once it is broken, else how it stands. At most three."""
    late = promise.due_at is not None and promise.due_at < (now or datetime.now(UTC))
    intents = ("promise_broken",) if late else _FOLLOW_UPS.get(promise.kind, ("aftersales_progress",))
    values = {"方案": promise.what} if promise.kind not in ("reply", "other") else {}
    if promise.amount is not None:
        values["金额"] = f"{promise.amount:g}"
    return assistant.follow_ups(intents, promise.shop, values, person.name, late=late)
