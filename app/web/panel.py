"""The side panel at `/`: one server-rendered page; everything else happens in the browser through the API."""

from __future__ import annotations

import json
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from app.vocabulary import EMOTION_NAMES, FACTS, NUMBER_FACTS, STAGE_NAMES, TONES
from app.web.pages import page

MESSAGE_LIMIT: Final = 4000

router = APIRouter(include_in_schema=False)


def vocabulary() -> str:
    """The word lists the page needs, as JSON for a data attribute (escaped by the template)."""
    words = {
        "stages": STAGE_NAMES,
        "tones": TONES,
        "emotions": EMOTION_NAMES,
        "facts": FACTS,
        "numberFacts": sorted(NUMBER_FACTS),
        "messageLimit": MESSAGE_LIMIT,
    }
    return json.dumps(words, ensure_ascii=False, separators=(",", ":"))


@router.get("/")
async def panel(request: Request) -> HTMLResponse:
    return page(
        "panel.html",
        csrf_token=getattr(request.state, "csrf_token", ""),
        vocabulary=vocabulary(),
        tones=TONES,
        shops=(),
    )
