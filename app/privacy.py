"""One customer's data: found, handed over, erased; and conversations forgotten once they are old enough.

An open case holds its records: the shop still needs them to settle it.
"""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import PurePath
from typing import Final

from app.background import Repeating
from app.errors import Conflict, InvalidRequest, NotFound
from app.store import audit, privacy
from app.store.database import Database, Transaction
from app.store.tables_cases import SETTLED

_LIMIT: Final = 500
_MAX_NAME: Final = 200
_EVERY: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Stored:
    """What is stored about a customer. rows: how many of each table; held: numbers of the cases that keep it."""

    customer: str
    conversations: tuple[str, ...]
    cases: tuple[str, ...]
    held: tuple[str, ...]
    rows: dict[str, int]


def look_up(database: Database, customer: str) -> Stored:
    """What is stored about a customer known by this nickname, order number or conversation. Raises InvalidRequest,
    StoreUnavailable.
    """
    customer = _named(customer)
    with database.read() as session:
        conversations = _conversations(session, customer)
        cases = privacy.cases_of(session, customer, conversations)
        rows = privacy.rows(session, customer, conversations, [case.id for case in cases])
        return Stored(
            customer,
            tuple(conversations),
            tuple(case.number for case in cases),
            tuple(case.number for case in cases if case.status not in SETTLED),
            {table: len(listed) for table, listed in rows},
        )


def export(database: Database, customer: str, *, by: str) -> bytes:
    """All of it as a ZIP with `data.json` and the photos, as it was said; audited. Raises NotFound when there is nothing."""
    customer = _named(customer)
    with database.write() as session:
        conversations = _conversations(session, customer)
        cases = [case.id for case in privacy.cases_of(session, customer, conversations)]
        found = dict(privacy.rows(session, customer, conversations, cases))
        if not found:
            raise NotFound("没有这位顾客的记录")
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("data.json", json.dumps(found, ensure_ascii=False, indent=1))
            for number, name, data in privacy.photos(session, cases):
                archive.writestr(f"photos/{number}{PurePath(name).suffix[:10]}", data)
        audit.record(session, by, "customer.exported", conversations=len(conversations), cases=len(cases))
    return packed.getvalue()


def erase(database: Database, customer: str, *, by: str) -> dict[str, int]:
    """Delete all of it, whole or not at all; returns how many rows of each table; audited without the name.

    Raises NotFound when there is nothing, Conflict while a case is open.
    """
    customer = _named(customer)
    with database.write() as session:
        conversations = _conversations(session, customer)
        privacy.hold(session, conversations)
        cases = privacy.cases_of(session, customer, conversations, held=True)
        held = [case.number for case in cases if case.status not in SETTLED]
        if held:
            raise Conflict(f"登记表 {'、'.join(held)} 还没结，结了才能删除", held=held)
        gone = privacy.erase(session, customer, conversations, [case.id for case in cases])
        if not gone:
            raise NotFound("没有这位顾客的记录")
        audit.record(session, by, "customer.erased", rows=sum(gone.values()))
    return gone


class Retention:
    """Forgets conversations untouched for `days` (0: never), some every hour, never those with an open case."""

    def __init__(self, database: Database, days: int) -> None:
        self._database = database
        self._days = days
        self._repeating = Repeating("retention", _EVERY, self.forget)

    def start(self) -> None:
        """Begin forgetting in the background, unless everything is kept for ever."""
        if self._days:
            self._repeating.start()

    def stop(self) -> None:
        """End that, after the round that is running."""
        self._repeating.stop()

    def forget(self) -> int:
        """One round; returns how many conversations went. Raises StoreUnavailable.

        Age is counted from the newest conversation, so that a clock that jumps ahead by years erases nothing.
        """
        with self._database.write() as session:
            newest = privacy.newest(session)
            if newest is None:
                return 0
            before = min(datetime.now(UTC), newest) - timedelta(days=self._days)
            conversations = privacy.old(session, before, _LIMIT)
            if not conversations:
                return 0
            cases = [case.id for case in privacy.cases_of(session, None, conversations, held=True)]
            privacy.erase(session, None, conversations, cases)
            audit.record(session, "系统", "conversations.forgotten", count=len(conversations))
        return len(conversations)


def _conversations(session: Transaction, customer: str) -> list[str]:
    """All of them. Raises InvalidRequest for a name that so many share that it cannot be one customer's."""
    found = privacy.conversations_of(session, customer, _LIMIT + 1)
    if len(found) > _LIMIT:
        raise InvalidRequest(f"这个名字下有 {_LIMIT} 个以上的会话，不像同一位顾客；请按订单号或会话编号来查")
    return found


def _named(customer: str) -> str:
    customer = customer.strip()
    if not 0 < len(customer) <= _MAX_NAME:
        raise InvalidRequest("写顾客的昵称、订单号或会话编号")
    return customer
