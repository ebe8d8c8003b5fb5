"""The desk: the page at `/desk`, and what it asks for every few seconds."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app import desk as cases
from app.accounts import allows
from app.assist import Assistant
from app.desk import Item, Scope
from app.vocabulary import EMOTION_NAMES, STAGE_NAMES
from app.web.answers import Json, as_json
from app.web.deps import AssistantDep, CurrentPerson, DatabaseDep
from app.web.promise_answers import PromiseOut, promise_json
from app.web.workspace import workspace_page

router = APIRouter(tags=["工作台"])

UNNAMED: Final = "没写名字的顾客"
_MADE_UP: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{2,12}){3,4}")


class DeskRiskOut(BaseModel):
    id: str
    name: str
    banner: bool


class DeskLineOut(BaseModel):
    """One open conversation. words: its last message with personal data covered.

    due_at: the first of all its times; time_of: what that time is for. left_seconds, over_seconds: never negative.
    """

    conversation_id: str
    customer: str
    shop: str
    shop_name: str
    channel: str
    agent: str
    last_role: Literal["customer", "agent"]
    words: str
    last_at: str
    waiting_since: str | None
    due_at: str | None
    time_of: str
    left_seconds: int
    over_seconds: int
    stage: str
    stage_name: str
    emotion: int
    emotion_name: str
    rising: bool
    risks: list[DeskRiskOut]
    weight: int


class DeskOut(BaseModel):
    """now: the service's time, which the counts are from. lines: the most urgent first. promises: what is to be done."""

    now: str
    lines: list[DeskLineOut]
    promises: list[PromiseOut]


@router.get("/api/v1/desk", responses={200: {"model": DeskOut}}, response_class=Response)
async def read_desk(
    assistant: AssistantDep,
    database: DatabaseDep,
    person: CurrentPerson,
    scope: Annotated[Scope, Query(description="mine 我的；all 客服：我的和没人接的，主管：所有人的")] = "all",
    shop: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=300)] = 100,
) -> Response:
    """没结束的会话，最急的在前；还有今天、明天到期和已经过期的承诺。"""

    def answer() -> Json:
        desk = cases.read(database, assistant, person, scope=scope, shop=shop, limit=limit)
        return {
            "now": desk.now.isoformat(timespec="seconds"),
            "lines": [_line(assistant, item, desk.now) for item in desk.items],
            "promises": [promise_json(assistant, one, desk.now) for one in desk.todo],
        }

    return as_json(await run_in_threadpool(answer))


@router.get("/desk", include_in_schema=False)
async def desk_page(request: Request, person: CurrentPerson, assistant: AssistantDep) -> HTMLResponse:
    return workspace_page(
        request,
        person,
        "desk/desk.html",
        here="/desk",
        lead=allows(person, "lead"),
        shops=tuple(assistant.content.shops.values()),
    )


def _unnamed(conversation_id: str) -> str:
    """What stands for a customer nobody has named: a chat system's own number says something, the panel's does not."""
    return UNNAMED if _MADE_UP.fullmatch(conversation_id) else conversation_id


def _line(assistant: Assistant, item: Item, now: datetime) -> Json:
    line, intents = item.line, assistant.content.intents
    left = int((line.due_at - now).total_seconds()) if line.due_at is not None else 0
    return {
        "conversation_id": line.conversation_id,
        "customer": line.customer or _unnamed(line.conversation_id),
        "shop": line.shop,
        "shop_name": assistant.shop(line.shop).name,
        "channel": line.channel,
        "agent": line.agent,
        "last_role": line.last_role,
        "words": item.words,
        "last_at": line.last_at.isoformat(timespec="seconds"),
        "waiting_since": line.waiting_since.isoformat(timespec="seconds") if line.waiting_since else None,
        "due_at": line.due_at.isoformat(timespec="seconds") if line.due_at else None,
        "time_of": item.time_of,
        "left_seconds": max(0, left),
        "over_seconds": max(0, -left),
        "stage": line.stage,
        "stage_name": STAGE_NAMES.get(line.stage, ""),
        "emotion": line.emotion,
        "emotion_name": EMOTION_NAMES[line.emotion],
        "rising": item.rising,
        "risks": [
            {"id": name, "name": intents[name].name, "banner": intents[name].banner}
            for name in line.risks
            if name in intents
        ],
        "weight": line.weight,
    }
