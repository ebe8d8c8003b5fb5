"""What the API answers, as plain dicts turned into JSON once; `schemas.py` documents the same shapes."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable
from typing import Any, Final

import orjson
from pydantic_core import PydanticSerializationError, to_json
from starlette.responses import Response

from app.assist import Advised
from app.reply.counsel import Counsel
from app.reply.evidence import Checklist
from app.reply.goods import Product
from app.reply.search import Found
from app.types import Guidance, IntentMatch, Slot, Span, StageDecision, Suggestion
from app.vocabulary import EMOTION_NAMES, STAGE_NAMES

Json = dict[str, Any]

_AS_PYDANTIC: Final = (
    orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_SUBCLASS
)
"""orjson writes plain values, in a fifth of the time; what it would write otherwise than pydantic is left to that."""


def as_json(body: Json, status: int = 200) -> Response:
    """A JSON answer, encoded by the fast encoder."""
    return Response(encoded(body), status, media_type="application/json")


def encoded(body: Json) -> bytes:
    """JSON in UTF-8. A lone surrogate from a customer's text, which UTF-8 cannot carry, becomes a question mark."""
    with contextlib.suppress(orjson.JSONEncodeError):
        return orjson.dumps(body, option=_AS_PYDANTIC)
    try:
        return to_json(body)
    except PydanticSerializationError:
        return json.dumps(body, ensure_ascii=False).encode("utf-8", errors="replace")


def assistance_json(assistance: Advised, conversation_id: str | None) -> Json:
    """The whole answer of POST /suggest."""
    analysis = assistance.analysis
    return {
        "release": assistance.release,
        "conversation_id": conversation_id,
        "turn_id": None,
        "intents": [_intent(match) for match in analysis.intents],
        "candidates": [_intent(match) for match in analysis.candidates],
        "abstained": analysis.abstained is not None,
        "reason": analysis.abstained,
        "emotion": {
            "level": analysis.emotion.level,
            "name": EMOTION_NAMES[analysis.emotion.level],
            "trend": assistance.emotion_trend,
            "evidence": _spans(analysis.emotion.evidence),
        },
        "risks": [
            {"id": risk.id, "name": risk.name, "banner": risk.banner, "advice": risk.advice, "evidence": _spans(risk.evidence)}
            for risk in assistance.risks
        ],
        "slots": slots_json(assistance.slots),
        "facts": assistance.facts,
        "stage": stage_json(assistance.stage),
        "suggestions": [suggestion_json(suggestion) for suggestion in assistance.suggestions],
        "guidance": _guidance(assistance.guidance),
        **counsel_json(assistance.counsel),
        "order": {"state": assistance.order.state} if assistance.order is not None else None,
    }  # fmt: skip


def suggestion_json(suggestion: Suggestion) -> Json:
    """As `SuggestionOut` documents it."""
    tried = {"trial": suggestion.trial} if suggestion.trial else {}
    return {
        "script_id": suggestion.script_id,
        "intent": suggestion.intent,
        "stage": suggestion.stage,
        "title": suggestion.title,
        "tone": suggestion.tone,
        "bubbles": suggestion.bubbles,
        "text": suggestion.text,
        "blanks": [
            {"name": blank.name, "bubble": blank.bubble, "start": blank.start, "end": blank.end}
            for blank in suggestion.blanks
        ],
        "missing": suggestion.missing,
        "score": suggestion.score,
        "reason": suggestion.reason,
        "source": suggestion.source,
        "images": [
            {"url": image.url, "alt": image.alt, "width": image.width, "height": image.height}
            for image in suggestion.images
        ],
        **tried,
    }


def found_json(found: Found) -> Json:
    """One script of a search."""
    marks = [{"field": mark.field, "start": mark.start, "end": mark.end} for mark in found.marks]
    return {**suggestion_json(found.script), "intent_name": found.intent_name, "marks": marks}


def slots_json(slots: Iterable[Slot]) -> list[Json]:
    """As `SlotOut` documents them; places are code points of the message as it came, -1 outside it."""
    return [
        {"name": slot.name, "value": slot.value, "start": slot.start, "end": slot.end, "origin": slot.origin}
        for slot in slots
    ]


def stage_json(stage: StageDecision | None) -> Json | None:
    """As `StageOut` documents it."""
    if stage is None:
        return None
    return {"id": stage.id, "name": STAGE_NAMES[stage.id], "reason": stage.reason, "done": stage.done}


def _intent(match: IntentMatch) -> Json:
    return {
        "id": match.id,
        "name": match.name,
        "kind": match.kind,
        "score": match.score,
        "evidence": _spans(match.evidence),
    }


def _spans(spans: Iterable[Span]) -> list[Json]:
    return [{"start": span.start, "end": span.end, "text": span.text} for span in spans]


def _guidance(guidance: Guidance) -> Json:
    return {
        "ask": [{"fact": fact, "text": text} for fact, text in guidance.ask],
        "do": guidance.do,
        "dont": guidance.dont,
        "cards": [{"id": card.id, "title": card.title} for card in guidance.cards],
        "rules": [
            {"id": rule.id, "title": rule.title, "outcome": rule.outcome, "reason": rule.reason, "source": rule.source}
            for rule in guidance.rules
        ],
        "deadlines": [{"text": deadline.text, "due_at": deadline.due_at} for deadline in guidance.deadlines],
    }  # fmt: skip


def counsel_json(counsel: Counsel) -> Json:
    """product, sizes and evidence: what the shop's own data say."""
    about = counsel.about
    return {
        "product": None if about is None else {
            "known": _product(about.product) if about.product is not None else None,
            "how": about.how,
            "candidates": [{"code": product.code, "name": product.name} for product in about.candidates],
        },
        "sizes": [
            {
                "who": advice.who, "verdict": advice.verdict, "size": advice.size, "body": advice.body,
                "options": [{"wish": wish, "size": size} for wish, size in advice.options],
                "reason": advice.reason, "ask": [{"fact": fact, "text": text} for fact, text in advice.ask],
            }
            for advice in counsel.sizes
        ],
        "evidence": evidence_json(counsel.evidence) if counsel.evidence is not None else None,
    }  # fmt: skip


def evidence_json(found: Checklist) -> Json:
    """As `EvidenceOut` documents it."""
    return {
        "kit": found.kit,
        "title": found.title,
        "missing": found.missing,
        "items": [
            {
                "id": item.id, "text": item.text, "why": item.why, "status": item.status, "value": item.value,
                "photo": item.photo, "source": item.source, "by": item.ticked_by,
            }
            for item in found.items
        ],
        "shrinkage": [
            {
                "dimension": one.dimension, "before": one.before, "now": one.now, "percent": one.percent,
                "origin": one.origin, "within_error": one.within_error, "text": one.text,
            }
            for one in found.shrinkage
        ],
        "note": found.note,
        "lacking": found.lacking,
    }  # fmt: skip


def _product(product: Product) -> Json:
    return {
        "code": product.code,
        "name": product.name,
        "short": product.short,
        "category": product.category,
        "fabric": product.fabric,
        "care": product.care,
        "colours": product.colours,
        "notes": product.notes,
        "sizes": [size.name for size in product.sizes],
    }
