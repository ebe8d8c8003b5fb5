"""The desk: the page at `/desk`, and what it asks for every few seconds."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app import desk as board
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
    """A risk of a conversation that nobody has dealt with."""

    id: str = Field(description="风险意图的 id")
    name: str = Field(description="中文名")
    banner: bool = Field(description="要不要亮红条")


class DeskLineOut(BaseModel):
    """One open conversation. words: its last message with personal data covered.

    due_at: the first of all its times; time_of: what that time is for. left_seconds, over_seconds: never negative.
    """

    conversation_id: str = Field(description="会话编号")
    customer: str = Field(description="顾客的昵称或订单号；都没有就是会话编号或「没写名字的顾客」")
    shop: str = Field(description="店铺 id")
    shop_name: str = Field(description="店铺名")
    channel: str = Field(description="从哪个渠道来")
    agent: str = Field(description="最近接待的客服；没人接为空")
    last_role: Literal["customer", "agent"] = Field(description="最后一句是谁说的")
    words: str = Field(description="最后一句的开头，个人信息已遮住")
    last_at: str = Field(description="最后一句的时间，带时区")
    waiting_since: str | None = Field(description="顾客从什么时候等起，带时区；没在等为 null")
    due_at: str | None = Field(description="最近的期限，带时区；没有为 null")
    time_of: str = Field(description="那是什么的期限，例如 首次回复；没有期限为空")
    left_seconds: int = Field(description="还剩多少秒；过了或没有期限为 0")
    over_seconds: int = Field(description="过了多少秒；没过或没有期限为 0")
    stage: str = Field(description="阶段 id；还没有为空")
    stage_name: str = Field(description="阶段的中文名")
    emotion: int = Field(description="情绪，0 平静到 3 激烈")
    emotion_name: str = Field(description="情绪的叫法")
    rising: bool = Field(description="情绪在升级")
    risks: list[DeskRiskOut] = Field(description="还没处理的风险")
    weight: int = Field(description="有多要紧，1 到 12，按情绪和风险")


class DeskOut(BaseModel):
    """now: the service's time, which the counts are from. lines: the most urgent first. promises: what is to be done."""

    now: str = Field(description="服务器现在的时间，秒数从它算起，带时区")
    lines: list[DeskLineOut] = Field(description="没结束的会话，最急的在前")
    promises: list[PromiseOut] = Field(description="过期的、今天和明天到期的承诺")


@router.get("/api/v1/desk", responses={200: {"model": DeskOut}}, response_class=Response)
async def read_desk(
    assistant: AssistantDep,
    database: DatabaseDep,
    person: CurrentPerson,
    scope: Annotated[Scope, Query(description="mine 我的；all 客服：我的和没人接的，主管：所有人的")] = "all",
    shop: Annotated[str | None, Query(max_length=200, description="只看一家店，店铺 id；空为全部")] = None,
    limit: Annotated[int, Query(ge=1, le=300, description="最多几个会话")] = 100,
) -> Response:
    """没结束的会话，最急的在前；还有今天、明天到期和已经过期的承诺。"""

    def answer() -> Json:
        desk = board.read(database, assistant, person, scope=scope, shop=shop, limit=limit)
        return {
            "now": desk.now.isoformat(timespec="seconds"),
            "lines": [_line(assistant, item, desk.now) for item in desk.items],
            "promises": [promise_json(assistant, one, desk.now) for one in desk.todo],
        }

    return as_json(await run_in_threadpool(answer))


@router.get("/desk", include_in_schema=False)
async def desk_page(request: Request, person: CurrentPerson, assistant: AssistantDep) -> HTMLResponse:
    """The desk's page; what is on it comes from the API, again and again."""
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
