"""What a release or the draft makes of a message, as plain values to be shown side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from app.assist import Assistant, SuggestRequest
from app.types import IntentMatch, Span, Suggestion, Turn
from app.vocabulary import EMOTION_NAMES, STAGE_NAMES

WHY_SILENT: Final = {
    "nothing_found": "没认出和店铺有关的问题",
    "too_low": "有点像，但把握不够",
    "ambiguous": "几种都像，分不清",
}
_SHOWN: Final = 5


def tried(
    assistant: Assistant, message: str, turns: Sequence[Turn], options: Mapping[str, Any]
) -> dict[str, Any]:
    """options: shop, tone, as `SuggestRequest` takes them. Raises InvalidRequest."""
    request = SuggestRequest(
        message,
        shop=options.get("shop"),
        tone=options.get("tone"),
        limit=_SHOWN,
        agent=str(options.get("agent", "")),
    )
    answer = assistant.suggest(request, turns)
    analysis, stage = answer.analysis, answer.stage
    return {
        "intents": [_intent(match) for match in analysis.intents],
        "candidates": [_intent(match) for match in analysis.candidates],
        "silent": WHY_SILENT.get(analysis.abstained or "", ""),
        "emotion": EMOTION_NAMES[analysis.emotion.level],
        "risks": [risk.name for risk in answer.risks],
        "stage": STAGE_NAMES[stage.id] if stage is not None else "",
        "why_stage": stage.reason if stage is not None else "",
        "suggestions": [_suggestion(suggestion) for suggestion in answer.suggestions],
    }


def _intent(match: IntentMatch) -> dict[str, Any]:
    return {
        "id": match.id,
        "name": match.name,
        "score": round(match.score, 3),
        "reason": match.reason,
        "evidence": [_span(span) for span in match.evidence],
    }


def _span(span: Span) -> dict[str, Any]:
    return {"start": span.start, "end": span.end, "text": span.text}


def _suggestion(suggestion: Suggestion) -> dict[str, Any]:
    return {
        "script_id": suggestion.script_id,
        "title": suggestion.title,
        "stage": STAGE_NAMES[suggestion.stage],
        "reason": suggestion.reason,
        "bubbles": list(suggestion.bubbles),
    }
