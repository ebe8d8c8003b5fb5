"""The documents' registers as views over the cases: lost and damaged parcels, wrong shipments, shift handover, monthly
VIP calls, quality notices, problems named inside praise.

Sources: 000.2.10 (same goods, several customers), 000.2.12 (parcels, summed at the month's end), 000.2.13 (wrong
shipments), 000.2.14 (what the night left is done by noon), 000.2.15 (VIPs called monthly), 000.3.11b (praise read for problems).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from app.assist import Assistant
from app.cases.fields import clean
from app.content.model import Content
from app.errors import InvalidRequest
from app.masking import mask
from app.store import audit
from app.store import cases as stored_cases
from app.store import registers as rows
from app.store.cases import Case, CaseQuery
from app.store.database import Database
from app.store.people import Person
from app.store.registers import Handover, QualityMark, Vip
from app.store.tables_cases import CaseStatus

PARCELS: Final = {"delivery_failed": "丢件", "package_damaged": "破损", "missing_item": "少发"}
WRONG: Final = "wrong_item"
PRAISE: Final = "thanks_praise"
_CATEGORIES: Final = {
    "color_difference": "颜色",
    "size_fit": "尺码",
    "not_as_described": "款式",
    "counterfeit": "款式",
}
_QUALITY_GROUP: Final = "quality"
_NOON: Final = time(12)
_SHORTEST: Final = timedelta(hours=4)
_SAMPLES: Final = 5
MAX_TEXT: Final = 2000


@dataclass(frozen=True, slots=True)
class ParcelLine:
    """A case in the register of lost and damaged parcels. amount: yuan paid, by the loss written down, else by the remedies."""

    case: Case
    kind: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Notice:
    """The same product and category of trouble from several customers. mark: what was done, None while it is open."""

    shop: str
    product: str
    category: str
    customers: int
    cases: list[Case]
    intents: Mapping[str, int]
    details: str
    mark: QualityMark | None

    @property
    def last(self) -> int:
        """The newest case counted, up to which it is dealt with when somebody settles it."""
        return self.cases[-1].id


@dataclass(slots=True)
class PraiseGroup:
    """Problems of one category named inside praise. samples: masked."""

    category: str
    count: int = 0
    intents: dict[str, int] = field(default_factory=dict)
    samples: list[tuple[datetime, str]] = field(default_factory=list)


class Registers:
    """The registers of a database. All methods raise StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def parcels(self, query: CaseQuery) -> list[ParcelLine]:
        """Lost, damaged and incomplete parcels, as they were registered."""
        with self._database.read() as session:
            return [
                ParcelLine(case, kind, paid(case))
                for case in stored_cases.opened(session, query)
                if (kind := parcel_kind(case.fields))
            ]

    def wrong(self, query: CaseQuery) -> list[Case]:
        """Wrong shipments, as they were registered."""
        with self._database.read() as session:
            return [case for case in stored_cases.opened(session, query) if WRONG in case.fields["intents"]]

    def handovers(self, shop: str, now: datetime) -> list[Handover]:
        """What is still to be done, and what was left in the last two days."""
        with self._database.read() as session:
            return rows.handovers(session, shop, now - timedelta(days=2))

    def handovers_of(self, shop: str, since: datetime, before: datetime) -> list[Handover]:
        """Everything left between two moments."""
        with self._database.read() as session:
            return rows.handovers(session, shop, since, before)

    def due_cases(self, shop: str, until: datetime) -> list[Case]:
        """Cases not closed whose term ends by then, to be handed over."""
        statuses: tuple[CaseStatus, ...] = ("open", "waiting_customer", "resolving", "reopened")
        with self._database.read() as session:
            found = stored_cases.search(session, CaseQuery(statuses=statuses, shop=shop), limit=200)
        return [
            case
            for case in found
            if case.fields["due_at"] and datetime.fromisoformat(case.fields["due_at"]) <= until
        ]

    def leave(
        self, assistant: Assistant, shop: str, text: str, case_id: int | None, person: Person
    ) -> Handover | None:
        """Leave something to the next shift, due at the next noon; None when this case is waiting there already.

        Raises InvalidRequest without words, NotFound for an unknown case.
        """
        text = clean(text)[:MAX_TEXT]
        with self._database.write() as session:
            if case_id is not None:
                case = stored_cases.get(session, case_id)
                text = text or _summary(assistant.content, case)
                shop = shop or str(case.fields["shop"])
            if not text:
                raise InvalidRequest("请写下要接着办的事")
            place = assistant.content.shops.get(shop, assistant.content.shop)
            due = next_noon(datetime.now(UTC), ZoneInfo(place.time_zone))
            left = rows.leave(session, place.id, text, case_id, due, person.name)
            if left is not None:
                audit.record(session, person.name, "handover.left", item=left.id)
            return left

    def take(self, item_id: int, person: Person) -> None:
        """Raises Conflict, NotFound."""
        with self._database.write() as session:
            rows.take(session, item_id, person.name)
            audit.record(session, person.name, "handover.taken", item=item_id)

    def finish(self, item_id: int, outcome: str, person: Person) -> None:
        """Raises Conflict, NotFound."""
        with self._database.write() as session:
            rows.finish(session, item_id, clean(outcome)[:MAX_TEXT], person.name)
            audit.record(session, person.name, "handover.done", item=item_id)

    def vips(self, shop: str, month: str) -> tuple[list[Vip], list[tuple[str, str]]]:
        """The customers to be called this month, and those whose cases say VIP but who are not on the list."""
        with self._database.read() as session:
            return rows.vips(session, shop, month), rows.vip_candidates(session, shop)

    def add_vip(self, shop: str, customer: str, note: str, person: Person) -> None:
        """Raises InvalidRequest, Conflict."""
        customer = clean(customer)[:200]
        if not customer:
            raise InvalidRequest("请写顾客的昵称或编号")
        with self._database.write() as session:
            rows.add_vip(session, shop, customer, clean(note)[:MAX_TEXT], person.name)
            audit.record(session, person.name, "vip.added")

    def remove_vip(self, vip_id: int, person: Person) -> None:
        """Raises NotFound."""
        with self._database.write() as session:
            rows.remove_vip(session, vip_id)
            audit.record(session, person.name, "vip.removed", vip=vip_id)

    def called(self, vip_id: int, month: str, note: str, person: Person) -> None:
        """Raises Conflict when the call was made already, NotFound."""
        with self._database.write() as session:
            rows.called(session, vip_id, month, clean(note)[:MAX_TEXT], person.name)
            audit.record(session, person.name, "vip.called", vip=vip_id, month=month)

    def notices(
        self, content: Content, shop: str, now: datetime, *, days: int, customers: int
    ) -> list[Notice]:
        """Products with the same trouble from at least so many customers within these days; open ones first, largest first."""
        groups: dict[tuple[str, str, str], list[Case]] = defaultdict(list)
        with self._database.read() as session:
            for case in stored_cases.products_since(session, now - timedelta(days=days)):
                if shop and case.fields["shop"] != shop:
                    continue
                for category in categories(content, case.fields["intents"]):
                    groups[(case.fields["shop"], case.fields["product"], category)].append(case)
            marks = rows.quality_marks(session)
        found = [
            _notice(content, key, cases, marks.get(key))
            for key, cases in groups.items()
            if _customers(cases) >= customers
        ]
        return sorted(found, key=lambda one: (one.mark is not None, -one.customers, one.product))

    def settle_notice(
        self, shop: str, product: str, category: str, until_case: int, note: str, person: Person
    ) -> None:
        """Note what is done about a notice; cases after `until_case` raise it again."""
        shop, product, category = clean(shop), clean(product), clean(category)
        with self._database.write() as session:
            rows.mark_quality(
                session, shop, product, category, until_case, clean(note)[:MAX_TEXT], person.name
            )
            audit.record(session, person.name, "quality.settled", product=product[:80], category=category)

    def praise(self, content: Content, since: datetime, before: datetime) -> list[PraiseGroup]:
        """Problems that customers named while praising, by category, the most frequent first."""
        groups: dict[str, PraiseGroup] = {}
        with self._database.read() as session:
            for _, at, text, answer in stored_cases.praise_with_trouble(session, PRAISE, since, before):
                _count(groups, content, [str(one.get("id")) for one in answer.get("intents", ())], at, text)
        return sorted(groups.values(), key=lambda group: -group.count)

    def read_reviews(self, assistant: Assistant, texts: Iterable[str], now: datetime) -> list[PraiseGroup]:
        """The same for reviews pasted in, one text each. Nothing is stored; no database is asked."""
        groups: dict[str, PraiseGroup] = {}
        for text in texts:
            analysis = assistant.listen(assistant.read(()), text).open.analysis
            found = [match.id for match in analysis.intents] if analysis is not None else []
            _count(groups, assistant.content, found, now, text)
        return sorted(groups.values(), key=lambda group: -group.count)

    def record(self, person: Person, what: str, **detail: object) -> None:
        """Put an export into the audit log."""
        with self._database.write() as session:
            audit.record(session, person.name, what, **detail)


def parcel_kind(fields: Mapping[str, Any]) -> str:
    """丢件, 破损 or 少发; empty when the case is about no parcel. Goods damaged on the courier's account count."""
    for intent, kind in PARCELS.items():
        if intent in fields["intents"]:
            return kind
    return "破损" if "damage" in fields["intents"] and fields["responsibility"] == "快递" else ""


def paid(case: Case) -> Decimal:
    """Yuan: the loss written down, else what the remedies add up to."""
    if case.fields["loss"] is not None:
        return Decimal(case.fields["loss"])
    return sum((Decimal(one["amount"]) for one in case.fields["remedies"] if one["amount"]), Decimal(0))


def next_noon(now: datetime, zone: ZoneInfo) -> datetime:
    """The next noon that leaves time to work, at least four hours off."""
    local = now.astimezone(zone)
    noon = datetime.combine(local.date(), _NOON, zone)
    while noon - local < _SHORTEST:
        noon = datetime.combine(noon.date() + timedelta(days=1), _NOON, zone)
    return noon


def category_of(content: Content, intent: str) -> str:
    """质量, 款式, 尺码 or 颜色; empty for what is nothing about the goods."""
    known = content.intents.get(intent)
    return _CATEGORIES.get(intent) or ("质量" if known is not None and known.group == _QUALITY_GROUP else "")


def categories(content: Content, intents: Iterable[str]) -> list[str]:
    """The kinds of defect these intents are, each once, in their order."""
    found = (category_of(content, intent) for intent in intents)
    return list(dict.fromkeys(category for category in found if category))


def _summary(content: Content, case: Case) -> str:
    names = "、".join(content.intents[one].name for one in case.fields["intents"] if one in content.intents)
    return (
        "，".join(part for part in (case.fields["customer"], case.fields["product"], names) if part)
        or case.number
    )


def _customers(cases: Iterable[Case]) -> int:
    return len({case.fields["customer"] or f"#{case.id}" for case in cases})


def _notice(
    content: Content, key: tuple[str, str, str], cases: list[Case], mark: QualityMark | None
) -> Notice:
    shop, product, category = key
    counts: dict[str, int] = defaultdict(int)
    for case in cases:
        for intent in case.fields["intents"]:
            if category_of(content, intent) == category:
                counts[content.intents[intent].name] += 1
    settled = mark if mark is not None and cases[-1].id <= mark.until_case else None
    details = "；".join(_tallied(cases))
    return Notice(shop, product, category, _customers(cases), cases, dict(counts), details, settled)


def _tallied(cases: list[Case]) -> Iterator[str]:
    for name, told in (("batch", "批次"), ("colour", "颜色"), ("size", "尺码")):
        counts: dict[str, int] = defaultdict(int)
        for case in cases:
            if case.fields[name]:
                counts[case.fields[name]] += 1
        if counts:
            most = sorted(counts.items(), key=lambda item: -item[1])[:_SAMPLES]
            yield f"{told} " + "、".join(f"{value} {count} 件" for value, count in most)


def _count(
    groups: dict[str, PraiseGroup], content: Content, intents: list[str], at: datetime, text: str
) -> None:
    troubles = [
        one
        for one in dict.fromkeys(intents)
        if one in content.intents and content.intents[one].kind == "complaint"
    ]
    for category in dict.fromkeys(category_of(content, one) or "服务和物流" for one in troubles):
        group = groups.setdefault(category, PraiseGroup(category))
        group.count += 1
        for one in troubles:
            if (category_of(content, one) or "服务和物流") == category:
                name = content.intents[one].name
                group.intents[name] = group.intents.get(name, 0) + 1
        if len(group.samples) < _SAMPLES:
            group.samples.append((at, mask(text)[:120]))
