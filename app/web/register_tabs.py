"""The registers' own navigation."""

from __future__ import annotations

from typing import Final

TABS: Final[tuple[tuple[str, str], ...]] = (
    ("/cases", "投诉登记"),
    ("/cases/photos", "找照片"),
)
"""Path and name of each register, in the order they are shown."""
