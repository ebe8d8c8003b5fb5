"""The images of scripts, each stored once however many releases show it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables import Base, UtcDateTime


class ImageRow(Base):
    """sha256: of data, lower case hex. Releases and the draft name images by it."""

    __tablename__ = "script_images"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    media_type: Mapped[str] = mapped_column(String(40))
    width: Mapped[int]
    height: Mapped[int]
    data: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
