"""The registers' own navigation."""

from __future__ import annotations

from typing import Final

TABS: Final[tuple[tuple[str, str], ...]] = (
    ("/cases", "投诉登记"),
    ("/registers/parcels", "丢件破损"),
    ("/registers/wrong", "错发"),
    ("/registers/handover", "交接班"),
    ("/registers/vip", "VIP 回访"),
    ("/registers/quality", "质量通知"),
    ("/registers/praise", "好评里的问题"),
    ("/cases/photos", "找照片"),
)
"""Path and name of each register, in the order they are shown."""
