"""The intents of an open turn: of several messages one after another, read together."""

from __future__ import annotations

from typing import Final

from app.types import Analysis, IntentMatch
from app.values import replace

SURE: Final = 0.85
LIKELY: Final = 0.6
"""From here on a complaint is certain; below this it is a guess."""


def own(intents: tuple[IntentMatch, ...], alone: Analysis | None) -> tuple[IntentMatch, ...]:
    """The intents without the dialogue that only the turn's earlier messages hold: 好的 was said then, not now."""
    if alone is None:
        return intents
    said = {intent.id for intent in alone.intents}
    return tuple(intent for intent in intents if intent.kind != "dialogue" or intent.id in said)


def merged(latest: tuple[IntentMatch, ...], earlier: tuple[IntentMatch, ...]) -> tuple[IntentMatch, ...]:
    """The intents of a turn's messages, the latest message first and mere dialogue last.

    A guess from half a sentence goes once it is plain what is wrong. Evidence stays only where it marks the latest text.
    """
    now = {intent.id for intent in latest}
    sure = any(intent.kind == "complaint" and intent.score >= SURE for intent in latest)
    kept = (one for one in earlier if not (sure and one.kind == "complaint" and one.score < LIKELY))
    before = tuple(replace(intent, evidence=()) for intent in kept if intent.id not in now)
    return tuple(sorted((*latest, *before), key=lambda intent: intent.kind == "dialogue"))
