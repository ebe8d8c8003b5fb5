"""How much work waits in the database."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.store.tables_channels import DeliveryRow, InboundRow
from app.store.tables_learning import LessonRow
from app.store.tables_studio import RunRow


def depths(session: Session) -> dict[str, int]:
    """Rows that wait: messages come in, messages to go out, messages to be taught, examinations that run."""
    waiting = {
        "inbox": select(func.count()).select_from(InboundRow).where(InboundRow.state == "waiting"),
        "outbox": select(func.count()).select_from(DeliveryRow).where(DeliveryRow.state == "waiting"),
        "learning": select(func.count()).select_from(LessonRow).where(LessonRow.state == "waiting"),
        "training": select(func.count()).select_from(RunRow).where(RunRow.state == "running"),
    }
    return {name: session.scalar(query) or 0 for name, query in waiting.items()}
