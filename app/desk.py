"""The desk: every open conversation as one line, the most urgent first, with the promises that are due on top.

Leads see everybody's; others their own and what nobody has answered yet. The order is docs/desk.md's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

from app import promises
from app.accounts import allows
from app.assist import Assistant
from app.masking import mask
from app.promises import shops_named
from app.store import desk as rows
from app.store import promises as promise_rows
from app.store.database import Database
from app.store.desk import Line, StartedClock
from app.store.people import Person
from app.store.promises import Promise

Scope = Literal["mine", "all"]

WORRYING: Final = 2
TODO_LIMIT: Final = 60
_SHOWN: Final = 60
_READ: Final = 240


@dataclass(frozen=True, slots=True)
class Item:
    """A line with what it says in words. time_of: the name of the clock or promise that runs out first."""

    line: Line
    words: str
    time_of: str
    rising: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """todo: unsettled promises until the end of tomorrow and those that have passed, earliest first."""

    now: datetime
    zone: ZoneInfo
    items: tuple[Item, ...]
    todo: tuple[Promise, ...]


def read(
    database: Database,
    assistant: Assistant,
    person: Person,
    *,
    scope: Scope = "all",
    shop: str | None = None,
    limit: int = 100,
    now: datetime | None = None,
) -> Desk:
    """The desk of a person. Raises StoreUnavailable."""
    moment = now or datetime.now(UTC)
    zone = ZoneInfo(assistant.shop(shop).time_zone)
    agents = seen_by(person, scope)
    shops = shops_named(assistant, shop)
    with database.read() as session:
        lines = rows.board(session, moment, agents=agents, shops=shops, limit=limit)
        todo = promise_rows.listing(
            session, "todo", moment, moment, agents=agents, shops=shops, limit=TODO_LIMIT
        )
        others = [line.conversation_id for line in lines if line.due_at not in (None, line.reply_due_at)]
        clocks = rows.clocks(session, others) if others else []
        promised = promise_rows.of_conversations(session, others) if others else {}
    soon = ("overdue", "today", "tomorrow")
    return Desk(
        now=moment,
        zone=zone,
        items=tuple(_item(assistant, line, clocks, promised.get(line.conversation_id, ())) for line in lines),
        todo=tuple(one for one in todo if promises.day_of(one, moment, zone) in soon),
    )


def seen_by(person: Person, scope: Scope) -> list[str] | None:
    """Whose conversations a person sees; None for everybody's."""
    if scope == "mine":
        return [person.name]
    return None if allows(person, "lead") else [person.name, ""]


def _item(
    assistant: Assistant, line: Line, clocks: Sequence[StartedClock], promised: Sequence[Promise]
) -> Item:
    words = mask(line.last_text[:_READ]).replace("\n", " ")
    return Item(
        line=line,
        words=words if len(words) <= _SHOWN else f"{words[:_SHOWN]}…",
        time_of=_time_of(assistant, line, clocks, promised),
        rising=line.trend == "rising" and line.emotion >= WORRYING,
    )


def _time_of(
    assistant: Assistant, line: Line, clocks: Sequence[StartedClock], promised: Sequence[Promise]
) -> str:
    if line.due_at is None:
        return ""
    if line.due_at == line.reply_due_at:
        return "回复" if line.answered else "首次回复"
    for promise in promised:
        if promise.due_at == line.due_at:
            return f"答应的{promise.what}"
    known = assistant.content.clocks
    names = [
        known[clock.clock].name
        for clock in clocks
        if (clock.conversation_id, clock.due_at) == (line.conversation_id, line.due_at)
        and clock.clock in known
    ]
    return names[0] if names else ""
