"""The studio's pages: the editor, publishing, releases. Everything on them comes through the API."""

from __future__ import annotations

import json
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from app.accounts import allows
from app.store.people import Person
from app.studio.compare import LABELS
from app.studio.preview import SAMPLES, variables
from app.vocabulary import ACTS, ASKABLE, FACTS, NUMBER_FACTS, PACKS, REMEDIES, STAGE_NAMES, TONES, TURN_FACTS
from app.web.deps import Trainer
from app.web.workspace import workspace_page

PATH: Final = "/studio"
KIND_NAMES: Final = {
    "complaint": "投诉",
    "enquiry": "售后询问",
    "question": "售前咨询",
    "dialogue": "对话",
    "risk": "风险",
}
ACT_NAMES: Final = {
    "asked": "问了",
    "empathised": "表示理解",
    "apologised": "认错道歉",
    "held": "先去核实",
    "offered": "给了方案",
    "refused": "拒绝了",
    "instructed": "教了怎么办",
    "promised": "答应了",
    "checked_back": "回访",
    "closed": "收尾",
}

TABS: Final = {
    PATH: "编辑",
    f"{PATH}/publish": "草稿与发布",
    f"{PATH}/releases": "版本",
    f"{PATH}/learning": "学习",
    f"{PATH}/health": "健康",
    f"{PATH}/trials": "试验",
    f"{PATH}/tables": "表格",
}

router = APIRouter(prefix=PATH, include_in_schema=False)


@router.get("")
async def editor(request: Request, trainer: Trainer) -> HTMLResponse:
    """The page where entries are edited."""
    return studio_page(request, trainer, "studio/editor.html")


@router.get("/publish")
async def publishing(request: Request, trainer: Trainer) -> HTMLResponse:
    """The page where the draft is examined and published."""
    return studio_page(request, trainer, "studio/publish.html")


@router.get("/releases")
async def releases(request: Request, trainer: Trainer) -> HTMLResponse:
    """The page of earlier releases."""
    return studio_page(request, trainer, "studio/releases.html")


def studio_page(request: Request, trainer: Person, template: str, **context: object) -> HTMLResponse:
    """A page of the studio, with the tab it belongs to."""
    return workspace_page(
        request,
        trainer,
        template,
        here=PATH,
        status=200,
        at=request.url.path,
        tabs=TABS.items(),
        tab_name=TABS.get(request.url.path, ""),
        words=json.dumps(_words(trainer), ensure_ascii=False, separators=(",", ":")),
        **context,
    )


def _words(trainer: Person) -> dict[str, object]:
    """The word lists the pages need."""
    return {
        "me": trainer.name,
        "admin": allows(trainer, "admin"),
        "stages": STAGE_NAMES,
        "tones": TONES,
        "facts": FACTS | TURN_FACTS,
        "numberFacts": sorted(NUMBER_FACTS),
        "acts": [{"id": name, "name": ACT_NAMES[name], "about": about} for name, about in ACTS.items()],
        "askable": sorted(ASKABLE),
        "remedies": REMEDIES,
        "variables": variables(),
        "samples": [{"id": sample.id, "name": sample.name} for sample in SAMPLES],
        "packs": PACKS,
        "kinds": KIND_NAMES,
        "labels": LABELS,
    }
