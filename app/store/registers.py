"""What the registers keep beside the cases: handed-over items, customers called every month, notices dealt with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import String, cast, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.errors import Conflict, NotFound
from app.store import upsert
from app.store.tables_cases import CaseRow, HandoverRow, QualityMarkRow, VipCallRow, VipRow

_LOOKED_AT: Final = 1_000


@dataclass(frozen=True, slots=True)
class Handover:
    """taken_at, done_at: None while nobody has."""

    id: int
    shop: str
    case_id: int | None
    case_number: str
    text: str
    left_by: str
    left_at: datetime
    due_at: datetime
    taken_by: str
    taken_at: datetime | None
    done_by: str
    done_at: datetime | None
    outcome: str


@dataclass(frozen=True, slots=True)
class Vip:
    """call: of the month asked for, None while it is due."""

    id: int
    shop: str
    customer: str
    note: str
    added_by: str
    call_by: str
    call_at: datetime | None
    call_note: str


@dataclass(frozen=True, slots=True)
class QualityMark:
    """What was done about a quality notice. until_case: the newest case counted then."""

    until_case: int
    who: str
    at: datetime
    note: str


def leave(
    session: Session, shop: str, text: str, case_id: int | None, due_at: datetime, who: str
) -> Handover | None:
    """An item for the next shift; None when the case is in it already."""
    if case_id is not None:
        waiting = select(HandoverRow.id).where(HandoverRow.case_id == case_id, HandoverRow.done_at.is_(None))
        if session.scalar(waiting) is not None:
            return None
    row = HandoverRow(
        shop=shop,
        case_id=case_id,
        text=text,
        left_by=who,
        left_at=datetime.now(UTC),
        due_at=due_at,
        taken_by="",
        taken_at=None,
        done_by="",
        done_at=None,
        outcome="",
    )
    session.add(row)
    session.flush()
    return _handover(row, "")


def take(session: Session, item_id: int, who: str) -> None:
    """Raises Conflict when somebody else has taken it, NotFound."""
    row = _item(session, item_id)
    if row.taken_by not in ("", who):
        raise Conflict(f"{row.taken_by}已经接手了")
    row.taken_by, row.taken_at = who, row.taken_at or datetime.now(UTC)


def finish(session: Session, item_id: int, outcome: str, who: str) -> None:
    """Raises Conflict when it is done already, NotFound."""
    row = _item(session, item_id)
    if row.done_at is not None:
        raise Conflict(f"{row.done_by}已经办完了")
    now = datetime.now(UTC)
    row.taken_by, row.taken_at = row.taken_by or who, row.taken_at or now
    row.done_by, row.done_at, row.outcome = who, now, outcome


def handovers(session: Session, shop: str, since: datetime, before: datetime | None = None) -> list[Handover]:
    """What is not done, and what was left since then; the earliest due first."""
    wanted = (
        select(HandoverRow, CaseRow.number)
        .outerjoin(CaseRow, CaseRow.id == HandoverRow.case_id)
        .where(or_(HandoverRow.done_at.is_(None), HandoverRow.left_at >= since))
        .order_by(HandoverRow.done_at.is_not(None), HandoverRow.due_at, HandoverRow.id)
    )
    if before is not None:
        wanted = wanted.where(HandoverRow.left_at >= since, HandoverRow.left_at < before)
    if shop:
        wanted = wanted.where(HandoverRow.shop == shop)
    return [_handover(row, number or "") for row, number in session.execute(wanted)]


def add_vip(session: Session, shop: str, customer: str, note: str, who: str) -> None:
    """Put a customer on the list, or back on it. Raises Conflict when two do so at once."""
    row = session.scalar(select(VipRow).where(VipRow.shop == shop, VipRow.customer == customer))
    if row is None:
        now = datetime.now(UTC)
        session.add(
            VipRow(shop=shop, customer=customer, note=note, added_by=who, added_at=now, removed_at=None)
        )
    else:
        row.removed_at, row.note = None, note or row.note
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict("这位顾客刚刚已经加进来了") from error


def remove_vip(session: Session, vip_id: int) -> str:
    """Returns the customer. Raises NotFound."""
    row = _vip(session, vip_id)
    row.removed_at = row.removed_at or datetime.now(UTC)
    return row.customer


def called(session: Session, vip_id: int, month: str, note: str, who: str) -> None:
    """Note this month's call. Raises Conflict when it was made already, NotFound."""
    _vip(session, vip_id)
    known = session.get(VipCallRow, (vip_id, month))
    if known is not None:
        raise Conflict(f"{known.done_by}这个月已经回访过了")
    session.add(VipCallRow(vip_id=vip_id, month=month, done_by=who, done_at=datetime.now(UTC), note=note))
    session.flush()


def vips(session: Session, shop: str, month: str) -> list[Vip]:
    """The customers to be called, those still to call first."""
    wanted = (
        select(VipRow, VipCallRow)
        .outerjoin(VipCallRow, (VipCallRow.vip_id == VipRow.id) & (VipCallRow.month == month))
        .where(VipRow.removed_at.is_(None))
        .order_by(VipCallRow.done_at.is_not(None), VipRow.customer)
    )
    if shop:
        wanted = wanted.where(VipRow.shop == shop)
    return [
        Vip(
            row.id,
            row.shop,
            row.customer,
            row.note,
            row.added_by,
            call.done_by if call else "",
            call.done_at if call else None,
            call.note if call else "",
        )
        for row, call in session.execute(wanted)
    ]


def vip_candidates(session: Session, shop: str, limit: int = 50) -> list[tuple[str, str]]:
    """Shop and customer of cases that say VIP and are not on the list, newest first."""
    listed = select(VipRow.id).where(
        VipRow.shop == CaseRow.shop, VipRow.customer == CaseRow.customer, VipRow.removed_at.is_(None)
    )
    wanted = (
        select(CaseRow)
        .where(
            cast(CaseRow.fields, String).contains('"VIP"'),
            CaseRow.customer != "",
            CaseRow.status != "withdrawn",
            ~listed.exists(),
        )
        .order_by(CaseRow.id.desc())
        .limit(_LOOKED_AT)
    )
    if shop:
        wanted = wanted.where(CaseRow.shop == shop)
    found = (
        (row.shop, row.customer)
        for row in session.scalars(wanted)
        if row.fields["facts"].get("会员") == "VIP"  # SQLite does not find a key that is stored escaped
    )
    return list(dict.fromkeys(found))[:limit]


def mark_quality(
    session: Session, shop: str, product: str, category: str, until_case: int, note: str, who: str
) -> None:
    """Note that the notice of a product and category has been dealt with up to case `until_case`."""
    upsert.put(
        session,
        QualityMarkRow,
        {"shop": shop, "product": product, "category": category},
        {"until_case": until_case, "who": who, "at": datetime.now(UTC), "note": note},
    )


def quality_marks(session: Session) -> dict[tuple[str, str, str], QualityMark]:
    """What was done about notices, by shop, product and category."""
    rows = session.scalars(select(QualityMarkRow))
    return {
        (row.shop, row.product, row.category): QualityMark(row.until_case, row.who, row.at, row.note)
        for row in rows
    }


def _item(session: Session, item_id: int) -> HandoverRow:
    row = session.get(HandoverRow, item_id, with_for_update=True)
    if row is None:
        raise NotFound("没有这条交接")
    return row


def _vip(session: Session, vip_id: int) -> VipRow:
    row = session.get(VipRow, vip_id, with_for_update=True)
    if row is None:
        raise NotFound("没有这位 VIP 顾客")
    return row


def _handover(row: HandoverRow, number: str) -> Handover:
    return Handover(
        row.id,
        row.shop,
        row.case_id,
        number,
        row.text,
        row.left_by,
        row.left_at,
        row.due_at,
        row.taken_by,
        row.taken_at,
        row.done_by,
        row.done_at,
        row.outcome,
    )
