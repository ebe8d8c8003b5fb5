"""What panels are told while they are open, over server-sent events, and what waits when they open."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Query, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from app.channels.feed import Feed, Told
from app.errors import AppError, StoreUnavailable
from app.store.people import Person
from app.web.answers import Json, as_json
from app.web.deps import CurrentPerson, Services, ServicesDep, current_person

router = APIRouter(prefix="/api/v1/events", tags=["渠道"])

HEARTBEAT: Final = 15.0
"""Seconds without news after which something is sent all the same, and the sign-in looked at again."""

RECENT: Final = timedelta(hours=24)
_NUMBER: Final = r"^[0-9]{1,15}$"
_HEADERS: Final = {"X-Accel-Buffering": "no"}


class WaitingOut(BaseModel):
    """A conversation that waits for an answer."""

    conversation_id: str = Field(description="会话编号")
    turn_id: str | None = Field(description="最后一句的编号")
    role: str = Field(description="都是 customer")
    at: str = Field(description="最后一句的时间，带时区")
    channel: str = Field(description="渠道的名字")
    label: str = Field(description="顾客的昵称或订单号")
    shop: str = Field(description="店铺 id")
    last: Annotated[str, Field(description="最后一句话的开头")]
    unread: Annotated[int, Field(description="客服最后一次回答之后，顾客说了几句")]
    emotion: Annotated[int, Field(description="情绪，0 平静到 3 激烈")] = 0
    risks: Annotated[list[str], Field(description="亮红条的风险，中文名")] = []
    intents: Annotated[list[str], Field(description="最后一句的意图，中文名，最多三个")] = []
    stage: Annotated[str | None, Field(description="下一句该走到的阶段 id")] = None
    alert: Annotated[str | None, Field(description="该告诉主管时的一句话，否则为 null")] = None
    reply_due_at: Annotated[str | None, Field(description="最晚什么时候该回话，带时区；不计时为 null")]


class WaitingListOut(BaseModel):
    """after: where to start listening, so that nothing is missed or told twice."""

    items: list[WaitingOut] = Field(description="还在等客服回答的会话")
    after: int = Field(description="事件流从这个编号之后听起，不丢也不重复")


@router.get(
    "",
    responses={
        200: {
            "description": "事件流，一直开着：`message`、`recall`（一句新的话、一次撤回），`reply`（发给顾客的一句有了结果），`reset`（离开太久，请重新取 `/events/waiting`），"
            "`replaced`（同一个人开得太多，最早的一个结束了）",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        }
    },
    response_class=Response,
)
async def events(
    request: Request,
    services: ServicesDep,
    person: CurrentPerson,
    after: Annotated[str, Query(pattern=_NUMBER, description="从这个编号之后说起；空为从现在起")] = "",
    last_event_id: Annotated[str, Header(pattern=_NUMBER, description="断线重连时浏览器自己带上")] = "",
) -> Response:
    """渠道里的新消息，随来随到。断线后带着 `Last-Event-ID` 再来，不丢也不重复。"""
    feed = services.channels.feed
    start = last_event_id or after
    number = int(start) if start else await run_in_threadpool(feed.newest)

    async def still_welcome() -> bool:
        try:
            await current_person(request)
        except StoreUnavailable:
            return True
        except AppError:
            return False
        return True

    stream = _stream(feed, person, number, still_welcome)
    return StreamingResponse(stream, media_type="text/event-stream", headers=_HEADERS)


@router.get("/waiting", responses={200: {"model": WaitingListOut}}, response_class=Response)
async def waiting(services: ServicesDep, person: CurrentPerson) -> Response:
    """渠道里还在等客服回答的会话：一天之内的，和事件流从哪里听起。打开面板时用。"""
    return as_json(await run_in_threadpool(_waiting, services, person))


def _waiting(services: Services, person: Person) -> Json:
    feed = services.channels.feed
    after = feed.newest()
    items = [
        {"role": "customer", **told.data}
        for told in feed.waiting(datetime.now(UTC) - RECENT)
        if told.is_for(person.name)
    ]
    return {"items": items, "after": after}


async def _stream(
    feed: Feed, person: Person, number: int, still_welcome: Callable[[], Any]
) -> AsyncIterator[str]:
    loop, news = asyncio.get_running_loop(), asyncio.Event()

    def call() -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(news.set)

    listener = feed.join(person.name, call)
    try:
        yield "retry: 3000\n\n"
        while not feed.closed:
            news.clear()
            if listener.replaced:
                yield "event: replaced\ndata: {}\n\n"
                return
            try:
                found = await run_in_threadpool(feed.after, number)
                if found is None:
                    number = await run_in_threadpool(feed.newest)
                    yield f"id: {number}\nevent: reset\ndata: {{}}\n\n"
                    continue
            except StoreUnavailable:
                found = []
            for told in found:
                number = told.id
                if told.is_for(person.name):
                    yield _written(told)
            try:
                await asyncio.wait_for(news.wait(), HEARTBEAT)
            except TimeoutError:
                if not await still_welcome():
                    return
                yield f"id: {number}\n: \n\n"
    finally:
        feed.leave(listener)


def _written(told: Told) -> str:
    data = json.dumps(told.data, ensure_ascii=False).encode("utf-8", errors="replace").decode()
    return f"id: {told.id}\nevent: {told.kind}\ndata: {data}\n\n"
