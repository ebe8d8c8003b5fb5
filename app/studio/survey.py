"""What a look over all scripts finds: holes, scripts almost the same, contradictions, dates. Plain values, so that it can be
made in a process of its own (`app.studio.bench`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, Final

from app.content.coverage import cells
from app.content.model import Content, Script
from app.studio.contradictions import contradictions
from app.studio.likeness import alike, marked
from app.vocabulary import STAGE_NAMES

SOON: Final = timedelta(days=14)
"""How long before its last day a script is told of."""


def survey(content: Content, today: date) -> dict[str, Any]:
    """→ {"coverage", "duplicates", "contradictions", "dates", "scripts"}. today: in the shop's time zone."""
    coverage = _coverage(content)
    return {
        "coverage": coverage,
        "holes": sum(cell["state"] == "none" for row in coverage for cell in row["cells"]),
        "cells": sum(len(row["cells"]) for row in coverage),
        "duplicates": _duplicates(list(content.scripts.values())),
        "contradictions": [
            {
                "kind": found.kind,
                "scripts": [_named(content.scripts[name]) for name in found.scripts],
                "text": found.text,
            }
            for found in contradictions(content)
        ],
        "dates": sorted(_dates(content.scripts.values(), today), key=lambda one: (one["day"], one["id"])),
        "scripts": len(content.scripts),
    }


def _coverage(content: Content) -> list[dict[str, Any]]:
    """Every intent with its cells. state: own, common (only scripts that fit any complaint) or none."""
    rows: dict[str, dict[str, Any]] = {}
    for cell in cells(content):
        intent = content.intents[cell.intent]
        row = rows.setdefault(
            cell.intent,
            {
                "id": intent.id,
                "name": intent.name,
                "pack": intent.pack,
                "group": content.groups[intent.group].name,
                "cells": [],
            },
        )
        row["cells"].append(
            {
                "stage": cell.stage,
                "stage_name": STAGE_NAMES[cell.stage],
                "tone": cell.tone,
                "own": cell.own,
                "common": cell.common,
                "state": "own" if cell.own else "common" if cell.common else "none",
            }
        )
    return list(rows.values())


def _duplicates(scripts: list[Script]) -> list[dict[str, Any]]:
    texts = ["\n".join(script.bubbles) for script in scripts]
    found = []
    for one, other, score in alike(texts, [(script.intent, script.stage) for script in scripts]):
        left, right = marked(texts[one], texts[other])
        sides = [
            {**_named(scripts[index]), "text": pieces} for index, pieces in ((one, left), (other, right))
        ]
        found.append({"score": score, "sides": sides})
    return found


def _dates(scripts: Iterable[Script], today: date) -> Iterable[dict[str, Any]]:
    """state: over, soon (within SOON), later (not yet begun). day: the one it is about."""
    for script in scripts:
        if script.valid is None:
            continue
        until, begins = script.valid.until, script.valid.from_
        if until is not None and until <= today + SOON:
            state = "over" if until < today else "soon"
            yield {**_named(script), "state": state, "day": until.isoformat(), "days": (until - today).days}
        elif begins is not None and begins > today:
            days = (begins - today).days
            yield {**_named(script), "state": "later", "day": begins.isoformat(), "days": days}


def _named(script: Script) -> dict[str, Any]:
    return {
        "id": script.id,
        "title": script.title,
        "intent": script.intent,
        "stage": STAGE_NAMES[script.stage],
        "tone": script.tone,
    }
