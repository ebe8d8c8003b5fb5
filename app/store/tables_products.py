"""The tables of products, uploaded product lists waiting for their confirmation, and evidence ticked by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables import Base, UtcDateTime


class ProductRow(Base):
    """A product; shop is empty when every shop sells it. sizes: [{"name", "fits": {dimension: [from, to]}, "cm":
    {dimension: number}}].
    """

    __tablename__ = "products"
    __table_args__ = (UniqueConstraint("shop", "code", name="uq_products_code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    shop: Mapped[str] = mapped_column(String(200))
    code: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(200))
    aliases: Mapped[list[str]] = mapped_column(JSON)
    links: Mapped[list[str]] = mapped_column(JSON)
    category: Mapped[str] = mapped_column(String(80))
    fabric: Mapped[str] = mapped_column(Text)
    care: Mapped[str] = mapped_column(Text)
    colours: Mapped[str] = mapped_column(Text)
    notes: Mapped[str] = mapped_column(Text)
    sizes: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_by: Mapped[str] = mapped_column(String(80))


class ProductsVersionRow(Base):
    """One row whose mark changes with every change of products; whoever changes them holds it until the end."""

    __tablename__ = "products_version"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    mark: Mapped[str] = mapped_column(String(40))


class ProductUploadRow(Base):
    """An uploaded list between preview and confirmation, as it was uploaded."""

    __tablename__ = "product_uploads"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    who: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(200))
    data: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class EvidenceTickRow(Base):
    """What a person said of a piece of evidence: it is there, or it is not."""

    __tablename__ = "evidence_ticks"

    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True
    )
    item: Mapped[str] = mapped_column(String(90), primary_key=True)
    there: Mapped[bool]
    who: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
