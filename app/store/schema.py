"""Every table of every area: with this imported, `Base.metadata` is complete. A new tables module is named here."""

from app.store import tables

__all__ = ["tables"]
