"""Products as stored, uploaded lists waiting for confirmation, and evidence ticked by hand."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.store.tables_products import EvidenceTickRow, ProductRow, ProductsVersionRow, ProductUploadRow

KEPT_UPLOADS: Final = timedelta(hours=2)
_FIELDS: Final = (
    "shop", "code", "name", "aliases", "links", "category", "fabric", "care", "colours", "notes", "sizes",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stored:
    """A product as stored. values: the columns that people fill in, lists and mappings as JSON knows them."""

    id: int
    values: Mapping[str, Any]
    updated_at: datetime
    updated_by: str


@dataclass(frozen=True, slots=True)
class Upload:
    """A product list waiting for its confirmation. name: of the file; data: as it was uploaded."""

    id: str
    who: str
    name: str
    data: bytes


def version(session: Session) -> str:
    """A mark that differs whenever products have changed."""
    return session.scalar(select(ProductsVersionRow.mark).where(ProductsVersionRow.id == 1)) or ""


def change(session: Session) -> None:
    """Hold off everybody else who changes products until this transaction ends, and give a new version mark."""
    mark = secrets.token_hex(8)
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(insert(ProductsVersionRow).values(id=1, mark="").on_conflict_do_nothing())
    session.execute(update(ProductsVersionRow).where(ProductsVersionRow.id == 1).values(mark=mark))


def every(session: Session) -> list[Stored]:
    """All products, by shop and number."""
    return [
        _stored(row) for row in session.scalars(select(ProductRow).order_by(ProductRow.shop, ProductRow.code))
    ]


def find(session: Session, product_id: int) -> Stored | None:
    """The product with this number, None when there is none."""
    row = session.get(ProductRow, product_id)
    return None if row is None else _stored(row)


def put(session: Session, values: Iterable[Mapping[str, Any]], who: str) -> None:
    """Insert products, or replace those of the same shop and number. Call `change` first in the transaction."""
    now = datetime.now(UTC)
    known = {(row.shop, row.code): row for row in session.scalars(select(ProductRow))}
    for given in values:
        row = known.get((given["shop"], given["code"]))
        if row is None:
            row = ProductRow(**{name: given[name] for name in _FIELDS})
            session.add(row)
            known[given["shop"], given["code"]] = row
        else:
            for name in _FIELDS:
                setattr(row, name, given[name])
        row.updated_at, row.updated_by = now, who
    session.flush()


def remove(session: Session, product_id: int) -> None:
    """Call `change` first in the transaction."""
    session.execute(delete(ProductRow).where(ProductRow.id == product_id))


def keep_upload(session: Session, who: str, name: str, data: bytes) -> str:
    """Store an uploaded list; returns its id. Uploads nobody confirmed in time are forgotten."""
    now = datetime.now(UTC)
    session.execute(delete(ProductUploadRow).where(ProductUploadRow.at < now - KEPT_UPLOADS))
    upload_id = secrets.token_urlsafe(18)
    session.add(ProductUploadRow(id=upload_id, who=who, name=name[:200], data=data, at=now))
    return upload_id


def find_upload(session: Session, upload_id: str) -> Upload | None:
    """None when it is gone or older than KEPT_UPLOADS."""
    row = session.get(ProductUploadRow, upload_id)
    if row is None or row.at < datetime.now(UTC) - KEPT_UPLOADS:
        return None
    return Upload(row.id, row.who, row.name, row.data)


def forget_upload(session: Session, upload_id: str) -> bool:
    """Whether it was there: true for exactly one caller."""
    gone = session.scalars(
        delete(ProductUploadRow).where(ProductUploadRow.id == upload_id).returning(ProductUploadRow.id)
    )
    return gone.one_or_none() is not None


def ticks(session: Session, conversation_id: str) -> dict[str, tuple[bool, str]]:
    """Piece of evidence -> whether it is there, and who said so."""
    rows = session.scalars(select(EvidenceTickRow).where(EvidenceTickRow.conversation_id == conversation_id))
    return {row.item: (row.there, row.who) for row in rows}


def tick(session: Session, conversation_id: str, item: str, there: bool | None, who: str) -> None:
    """Note whether a piece of evidence is there; None takes the note back. The conversation must exist."""
    if there is None:
        session.execute(
            delete(EvidenceTickRow).where(
                EvidenceTickRow.conversation_id == conversation_id, EvidenceTickRow.item == item
            )
        )
        return
    session.merge(
        EvidenceTickRow(
            conversation_id=conversation_id, item=item, there=there, who=who, at=datetime.now(UTC)
        )
    )


def _stored(row: ProductRow) -> Stored:
    return Stored(row.id, {name: getattr(row, name) for name in _FIELDS}, row.updated_at, row.updated_by)
