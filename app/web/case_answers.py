"""What the API answers about cases, as plain dicts; `case_schemas.py` documents the same shapes."""

from __future__ import annotations

from collections.abc import Iterable

from app.cases.casebook import CaseFile
from app.cases.exports import said
from app.cases.wording import Wording
from app.store.cases import Case, Photo
from app.web.answers import Json


def case_json(case: Case, words: Wording) -> Json:
    """As `CaseOut` documents it."""
    return {
        "id": case.id,
        "number": case.number,
        "conversation_id": case.conversation_id,
        "version": case.version,
        "opened_by": case.opened_by,
        "opened_at": case.opened_at,
        "updated_at": case.updated_at,
        "closed_at": case.closed_at,
        "intents": _named(case.fields["intents"], words),
        "risks": _named(case.fields["risks"], words),
        "fields": case.fields,
    }


def file_json(file: CaseFile, words: Wording, others: Iterable[Case]) -> Json:
    """As `CaseFileOut` documents it. others: all cases of the same conversation."""
    return {
        **case_json(file.case, words),
        "timeline": timeline(file, words),
        "photos": [photo_json(photo) for photo in file.photos],
        "others": [{"id": str(case.id), "name": case.number} for case in others if case.id != file.case.id],
    }


def timeline(file: CaseFile, words: Wording) -> list[Json]:
    """The case's changes and the conversation's turns together, oldest first."""
    happened = [
        {
            "at": event.at,
            "who": event.who,
            "kind": "event",
            "text": words.event(event),
            "changes": event.changes,
        }
        for event in file.events
    ] + [
        {
            "at": turn.sent_at or turn.stored_at,
            "who": "顾客" if turn.role == "customer" else turn.agent or "客服",
            "kind": "turn",
            "text": said(turn),
            "changes": [],
        }
        for turn in file.turns
    ]
    return sorted(happened, key=lambda one: one["at"])


def photo_json(photo: Photo) -> Json:
    """As `PhotoOut` documents it."""
    return {
        "id": photo.id,
        "case_id": photo.case_id,
        "case_number": photo.case_number,
        "customer": photo.customer,
        "name": photo.name,
        "media_type": photo.media_type,
        "size": photo.size,
        "width": photo.width,
        "height": photo.height,
        "sha256": photo.sha256,
        "has_location": photo.has_location,
        "added_by": photo.added_by,
        "added_at": photo.added_at,
        "url": f"/api/v1/cases/{photo.case_id}/photos/{photo.id}",
    }


def _named(ids: Iterable[str], words: Wording) -> list[Json]:
    return [{"id": name, "name": words.intents.get(name, name)} for name in ids]
