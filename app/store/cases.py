"""Cases with their timeline and photos, stored and found again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, undefer

from app.errors import Conflict, NotFound
from app.store.tables import TurnRow
from app.store.tables_cases import SETTLED, AttachmentRow, CaseEventRow, CaseNumberRow, CaseRow, CaseStatus

_WITHDRAWN: Final = "withdrawn"
_ESCAPE: Final = "\\"


@dataclass(frozen=True, slots=True)
class Case:
    """A case as stored. fields: the whole form, JSON-ready."""

    id: int
    number: str
    conversation_id: str | None
    version: int
    opened_by: str
    opened_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    fields: dict[str, Any]

    @property
    def owner(self) -> str:
        """Who answers for it (首诉负责人)."""
        return str(self.fields["owner"])

    @property
    def status(self) -> str:
        """One of `CaseStatus`."""
        return str(self.fields["status"])


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """One change of a case. version: the case's after it; changes: [{field, before, after}]."""

    version: int
    at: datetime
    who: str
    what: str
    changes: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class NewPhoto:
    """A photo to be stored, as it was sent. sha256: of `data`; has_location: it tells where it was taken."""

    name: str
    media_type: str
    width: int
    height: int
    sha256: str
    has_location: bool
    data: bytes
    thumbnail: bytes


@dataclass(frozen=True, slots=True)
class Photo:
    """A stored photo without its bytes; case_number and customer tell where it belongs."""

    id: int
    case_id: int
    case_number: str
    customer: str
    name: str
    media_type: str
    size: int
    width: int
    height: int
    sha256: str
    has_location: bool
    added_by: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class CaseQuery:
    """Which cases. text: part of a customer, order number, product, case number or contact; since, before: opened then."""

    text: str = ""
    statuses: tuple[CaseStatus, ...] = ()
    shop: str = ""
    owner: str = ""
    since: datetime | None = None
    before: datetime | None = None


def lock_numbers(session: Session, year: int) -> None:
    """Hold the numbers of a year until the transaction ends: whoever else opens a case waits."""
    session.execute(_insert(session)(CaseNumberRow).values(year=year, last=0).on_conflict_do_nothing())
    session.execute(select(CaseNumberRow).where(CaseNumberRow.year == year).with_for_update())


def next_number(session: Session, year: int) -> str:
    """The next number of a locked year: "2026-0001". None is lost when the transaction fails."""
    row = session.get_one(CaseNumberRow, year)
    row.last += 1
    return f"{year}-{row.last:04d}"


def open_case_of(session: Session, conversation_id: str) -> Case | None:
    """The unsettled case of a conversation; there is at most one."""
    row = session.scalar(select(CaseRow).where(CaseRow.open_for == conversation_id))
    return None if row is None else _case(row)


def cases_of(session: Session, conversation_id: str) -> list[Case]:
    """All cases of a conversation, newest first."""
    rows = session.scalars(
        select(CaseRow).where(CaseRow.conversation_id == conversation_id).order_by(CaseRow.id.desc())
    )
    return [_case(row) for row in rows]


def add(session: Session, number: str, conversation_id: str | None, fields: dict[str, Any], who: str) -> Case:
    """A new case at version 1, opened by `who`. Raises Conflict when the conversation has another open case."""
    now = datetime.now(UTC)
    row = CaseRow(
        number=number,
        conversation_id=conversation_id,
        version=1,
        opened_by=who,
        opened_at=now,
        updated_at=now,
        closed_at=None,
    )
    _fill(row, fields)
    session.add(row)
    _flush(session)
    add_event(session, row.id, 1, who, "opened", [])
    return _case(row)


def withdrawn_of(session: Session, conversation_id: str) -> Case | None:
    """The case of a conversation that was registered by mistake last; its number waits for a real one."""
    row = session.scalar(
        select(CaseRow)
        .where(CaseRow.conversation_id == conversation_id, CaseRow.status == _WITHDRAWN)
        .order_by(CaseRow.id.desc())
        .limit(1)
    )
    return None if row is None else _case(row)


def add_again(session: Session, case_id: int, fields: dict[str, Any], who: str) -> Case:
    """A withdrawn case registered after all, by `who` and from now on. Raises Conflict like `add`."""
    row = _row(session, case_id, lock=True)
    row.opened_by, row.opened_at = who, datetime.now(UTC)
    case = change(session, case_id, fields)
    add_event(session, case_id, case.version, who, "opened", [])
    return case


def get(session: Session, case_id: int, *, lock: bool = False) -> Case:
    """Raises NotFound."""
    return _case(_row(session, case_id, lock=lock))


def change(session: Session, case_id: int, fields: dict[str, Any]) -> Case:
    """Put new fields in place of a locked case's; its version grows by one."""
    row = _row(session, case_id, lock=True)
    now = datetime.now(UTC)
    row.version += 1
    row.updated_at = now
    closes = fields["status"] in SETTLED
    row.closed_at = (row.closed_at or now) if closes else None
    _fill(row, fields)
    _flush(session)
    return _case(row)


def touch(session: Session, case_id: int) -> Case:
    """Count a change that is not in the fields, a photo for example."""
    row = _row(session, case_id, lock=True)
    row.version += 1
    row.updated_at = datetime.now(UTC)
    session.flush()
    return _case(row)


def add_event(
    session: Session, case_id: int, version: int, who: str, what: str, changes: list[dict[str, Any]]
) -> None:
    """Note what made `version` of a case. what: opened, changed and so on."""
    session.add(
        CaseEventRow(
            case_id=case_id, version=version, at=datetime.now(UTC), who=who, what=what, changes=changes
        )
    )


def events(session: Session, case_id: int, *, after: int = 0) -> list[CaseEvent]:
    """What happened to a case, oldest first; after: only what made a version later than this."""
    rows = session.scalars(
        select(CaseEventRow)
        .where(CaseEventRow.case_id == case_id, CaseEventRow.version > after)
        .order_by(CaseEventRow.id)
    )
    return [CaseEvent(row.version, row.at, row.who, row.what, row.changes) for row in rows]


def search(session: Session, query: CaseQuery, *, limit: int, offset: int = 0) -> list[Case]:
    """Open cases first, the one due soonest on top; then the settled ones, newest first."""
    is_settled = CaseRow.status.in_(SETTLED)
    wanted = (
        _where(select(CaseRow), query)
        .order_by(is_settled, CaseRow.closed_at.desc(), CaseRow.due_at.is_(None), CaseRow.due_at, CaseRow.id.desc())
        .limit(limit)
        .offset(offset)
    )  # fmt: skip
    return [_case(row) for row in session.scalars(wanted)]


def count(session: Session, query: CaseQuery) -> int:
    """How many cases a query finds."""
    return session.scalar(_where(select(func.count()).select_from(CaseRow), query)) or 0


def count_by_status(session: Session, query: CaseQuery) -> dict[str, int]:
    """How many cases a query finds in each status; none for a status without any."""
    counted = _where(select(CaseRow.status, func.count()), query).group_by(CaseRow.status)
    return {str(status): int(number) for status, number in session.execute(counted)}


def opened(session: Session, query: CaseQuery) -> Iterator[Case]:
    """All cases of a query but withdrawn ones in the order they were opened, read piece by piece."""
    rows = session.scalars(
        _where(select(CaseRow).where(CaseRow.status != _WITHDRAWN), query)
        .order_by(CaseRow.id)
        .execution_options(yield_per=500)
    )
    return (_case(row) for row in rows)


def products_since(session: Session, since: datetime) -> Iterator[Case]:
    """Cases with a product opened since then, oldest first; no withdrawn ones."""
    rows = session.scalars(
        select(CaseRow)
        .where(CaseRow.opened_at >= since, CaseRow.product != "", CaseRow.status != _WITHDRAWN)
        .order_by(CaseRow.id)
    )
    return (_case(row) for row in rows)


def add_photo(session: Session, case_id: int, new: NewPhoto, who: str) -> tuple[int, bool]:
    """Store a photo of a locked case; returns its id and whether it is new: the same one is stored once."""
    known = session.scalar(
        select(AttachmentRow.id).where(AttachmentRow.case_id == case_id, AttachmentRow.sha256 == new.sha256)
    )
    if known is not None:
        return known, False
    row = AttachmentRow(
        case_id=case_id,
        name=new.name,
        media_type=new.media_type,
        size=len(new.data),
        width=new.width,
        height=new.height,
        sha256=new.sha256,
        has_location=new.has_location,
        added_by=who,
        added_at=datetime.now(UTC),
        data=new.data,
        thumbnail=new.thumbnail,
    )
    session.add(row)
    session.flush()
    return row.id, True


def remove_photo(session: Session, case_id: int, photo_id: int) -> None:
    """Raises NotFound."""
    session.delete(_photo_row(session, case_id, photo_id))


def photo(session: Session, case_id: int, photo_id: int) -> Photo:
    """Raises NotFound."""
    row = _photo_row(session, case_id, photo_id)
    return _photo(row, _row(session, case_id))


def photo_bytes(session: Session, case_id: int, photo_id: int, *, small: bool) -> tuple[str, bytes]:
    """The media type and the bytes, of the thumbnail (a JPEG) when `small`. Raises NotFound."""
    column = AttachmentRow.thumbnail if small else AttachmentRow.data
    row = session.scalar(
        select(AttachmentRow)
        .where(AttachmentRow.id == photo_id, AttachmentRow.case_id == case_id)
        .options(undefer(column))
    )
    if row is None:
        raise no_photo()
    return ("image/jpeg", row.thumbnail) if small else (row.media_type, row.data)


def photos(session: Session, case_ids: Iterable[int]) -> list[Photo]:
    """The photos of these cases in the order they came."""
    found = session.execute(
        select(AttachmentRow, CaseRow)
        .join(CaseRow, CaseRow.id == AttachmentRow.case_id)
        .where(AttachmentRow.case_id.in_(list(case_ids)))
        .order_by(AttachmentRow.id)
    )
    return [_photo(row, case) for row, case in found]


def find_photos(session: Session, text: str, *, limit: int) -> list[Photo]:
    """Photos of the cases whose customer, contact, order or number contains the text, newest first."""
    found = session.execute(
        select(AttachmentRow, CaseRow)
        .join(CaseRow, CaseRow.id == AttachmentRow.case_id)
        .where(_contains(text))
        .order_by(AttachmentRow.id.desc())
        .limit(limit)
    )
    return [_photo(row, case) for row, case in found]


def praise_with_trouble(
    session: Session, praise: str, since: datetime, before: datetime
) -> Iterator[tuple[str, datetime, str, dict[str, Any]]]:
    """Conversation, moment, words and answer of the customers' turns whose answer names the intent `praise`."""
    rows = session.execute(
        select(TurnRow.conversation_id, TurnRow.stored_at, TurnRow.text, TurnRow.answer)
        .where(
            TurnRow.role == "customer",
            TurnRow.undone_at.is_(None),
            TurnRow.stored_at >= since,
            TurnRow.stored_at < before,
            TurnRow.answer["intents"].as_string().contains(f'"{praise}"'),
        )
        .order_by(TurnRow.id)
        .execution_options(yield_per=500)
    )
    return ((row[0], row[1], row[2], row[3]) for row in rows)


def no_photo() -> NotFound:
    """The error for a photo that is not there, or not of this case."""
    return NotFound("没有这张照片，可能刚被删掉")


def _insert(session: Session) -> Any:
    return sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert


def _fill(row: CaseRow, fields: dict[str, Any]) -> None:
    due = fields["due_at"]
    row.fields = fields
    row.status = fields["status"]
    row.owner, row.shop, row.customer = fields["owner"], fields["shop"], fields["customer"]
    row.order_number, row.product = fields["order_number"], fields["product"]
    row.due_at = datetime.fromisoformat(due) if due else None
    row.open_for = None if row.status in SETTLED else row.conversation_id


def _flush(session: Session) -> None:
    """Raises Conflict when the conversation has another open case."""
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict("这个会话已经有一张没结案的登记表，请在那一张上接着处理") from error


def _row(session: Session, case_id: int, *, lock: bool = False) -> CaseRow:
    row = session.get(CaseRow, case_id, with_for_update=True if lock else None)
    if row is None:
        raise NotFound("没有这张登记表")
    return row


def _photo_row(session: Session, case_id: int, photo_id: int) -> AttachmentRow:
    row = session.get(AttachmentRow, photo_id)
    if row is None or row.case_id != case_id:
        raise no_photo()
    return row


def _where(wanted: Any, query: CaseQuery) -> Any:
    if query.text:
        wanted = wanted.where(_contains(query.text))
    if query.statuses:
        wanted = wanted.where(CaseRow.status.in_(query.statuses))
    if query.shop:
        wanted = wanted.where(CaseRow.shop == query.shop)
    if query.owner:
        wanted = wanted.where(CaseRow.owner == query.owner)
    if query.since is not None:
        wanted = wanted.where(CaseRow.opened_at >= query.since)
    if query.before is not None:
        wanted = wanted.where(CaseRow.opened_at < query.before)
    return wanted


def _contains(text: str) -> ColumnElement[bool]:
    part = "".join(_ESCAPE + letter if letter in "%_\\" else letter for letter in text)
    columns = (
        CaseRow.customer,
        CaseRow.order_number,
        CaseRow.number,
        CaseRow.product,
        CaseRow.fields["contact"].as_string(),
    )
    return or_(*(column.ilike(f"%{part}%", escape=_ESCAPE) for column in columns))


def _case(row: CaseRow) -> Case:
    return Case(
        row.id,
        row.number,
        row.conversation_id,
        row.version,
        row.opened_by,
        row.opened_at,
        row.updated_at,
        row.closed_at,
        row.fields,
    )


def _photo(row: AttachmentRow, case: CaseRow) -> Photo:
    return Photo(
        row.id,
        row.case_id,
        case.number,
        case.customer,
        row.name,
        row.media_type,
        row.size,
        row.width,
        row.height,
        row.sha256,
        row.has_location,
        row.added_by,
        row.added_at,
    )
