"""Every table of every area: with this imported, `Base.metadata` is complete. A new tables module is named here."""

from app.store import (
    tables,
    tables_access,
    tables_cases,
    tables_channels,
    tables_company,
    tables_images,
    tables_learning,
    tables_own,
    tables_products,
    tables_promises,
    tables_service,
    tables_studio,
    tables_trials,
)

__all__ = [
    "tables",
    "tables_access",
    "tables_cases",
    "tables_channels",
    "tables_company",
    "tables_images",
    "tables_own",
    "tables_learning",
    "tables_products",
    "tables_promises",
    "tables_service",
    "tables_studio",
    "tables_trials",
]
