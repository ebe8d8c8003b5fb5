"""Promises and clocks over HTTP: what was promised, kept or broken, and what runs out when."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app import clocks as running
from app import promises as ledger
from app.clocks import Clock
from app.errors import NotFound
from app.promises import Change
from app.store import promises as rows
from app.store.database import Database
from app.store.promises import Filter, Promise
from app.web.answers import Json, as_json, suggestion_json
from app.web.conversation_schemas import ConversationId, Moment
from app.web.deps import AssistantDep, CurrentPerson, DatabaseDep
from app.web.promise_answers import PromiseListOut, PromiseOut, as_time, promise_json
from app.web.schemas import Incoming, SuggestionOut

router = APIRouter(prefix="/api/v1", tags=["承诺和时钟"])

PromiseId = Annotated[str, Path(pattern=r"^[0-9]{1,9}$", description="承诺的编号")]
ClockId = Annotated[str, Path(max_length=80, description="时钟的 id，见 scripts_zh/clocks.yaml")]


class PromisePatchIn(Incoming):
    """What became of a promise. A reason is needed for broken and for a new time."""

    outcome: Annotated[
        Literal["kept", "broken", "undecided"] | None,
        Field(description="kept 已兑现，broken 没兑现，undecided 收回决定"),
    ] = None
    due_at: Annotated[Moment | None, Field(description="改到什么时候，带时区")] = None
    happened_at: Annotated[
        Moment | None, Field(description="等的那件事（如收到退货）是什么时候发生的，从那时起算")
    ] = None
    reason: Annotated[str, Field(max_length=500, description="为什么；没兑现、改时间时必填")] = ""


class ScriptListOut(BaseModel):
    """What fits to be sent when a promise is due."""

    items: list[SuggestionOut] = Field(description="话术，最合适的在前")


class ClockOut(BaseModel):
    """A running clock. left_seconds, over_seconds: never negative, one of them is 0. verified: the figure was checked."""

    id: str = Field(description="时钟的 id，见 scripts_zh/clocks.yaml")
    name: str = Field(description="中文名")
    side: Literal["店铺", "顾客", "平台"] = Field(description="该谁办")
    since: str = Field(description="从什么时候算起，带时区")
    due_at: str = Field(description="最晚什么时候，带时区")
    approximate: bool = Field(description="只是大约：算到了还没公布放假安排的年份")
    left_seconds: int = Field(description="还剩多少秒；过了为 0")
    over_seconds: int = Field(description="过了多少秒；没过为 0")
    time: str = Field(description="规定多久，例如 48 小时")
    stops: str = Field(description="什么算办完")
    source: list[str] = Field(description="依据")
    verified: bool = Field(description="这个数字核对过原文")


class ClockListOut(BaseModel):
    """The clocks going in a conversation, the first to run out on top."""

    items: list[ClockOut] = Field(description="先到的在前")


class ClockIn(Incoming):
    """When what starts a clock has happened; at most a minute ahead of the service."""

    since: Annotated[Moment, Field(description="事情是什么时候发生的，带时区，不能是将来")]


@router.get("/promises", responses={200: {"model": PromiseListOut}}, response_class=Response)
async def list_promises(
    assistant: AssistantDep,
    database: DatabaseDep,
    person: CurrentPerson,
    status: Annotated[
        Filter | None,
        Query(
            description="todo 还没了结，open 没到时间，due 今天到期，overdue 过了没了结，broken 没兑现（含过期），kept 已兑现"
        ),
    ] = None,
    agent: Annotated[str | None, Query(max_length=200, description="谁答应的；只有主管能看别人的")] = None,
    customer: Annotated[str | None, Query(max_length=200, description="顾客：会话的昵称")] = None,
    conversation: Annotated[str | None, Query(max_length=200, description="会话编号")] = None,
    shop: Annotated[str | None, Query(max_length=200, description="只看一家店，店铺 id；空为全部")] = None,
    limit: Annotated[int, Query(ge=1, le=500, description="最多几条")] = 100,
) -> Response:
    """答应过顾客的事，先到期的在前。客服看自己的，打开某个会话时看这个会话全部的；主管看所有人的。"""
    found = await run_in_threadpool(
        ledger.listing,
        database,
        assistant,
        person,
        status=status,
        agent=agent,
        customer=customer,
        conversation_id=conversation,
        shop=shop,
        limit=limit,
    )
    now = datetime.now(UTC)
    return as_json({"items": [promise_json(assistant, one, now) for one in found]})


@router.patch("/promises/{promise_id}", responses={200: {"model": PromiseOut}}, response_class=Response)
async def change_promise(
    promise_id: PromiseId,
    body: PromisePatchIn,
    assistant: AssistantDep,
    database: DatabaseDep,
    person: CurrentPerson,
) -> Response:
    """改一个承诺：兑现了、没兑现、改了时间，或者等的那件事发生了。谁改的、改成什么都有记录。"""
    change = Change(body.outcome, body.due_at, body.happened_at, body.reason)
    found = await run_in_threadpool(ledger.change, database, assistant, int(promise_id), change, person)
    return as_json(promise_json(assistant, found, datetime.now(UTC)))


@router.get(
    "/promises/{promise_id}/scripts", responses={200: {"model": ScriptListOut}}, response_class=Response
)
async def promise_scripts(
    promise_id: PromiseId, assistant: AssistantDep, database: DatabaseDep, person: CurrentPerson
) -> Response:
    """一个承诺到期时该发什么：没过期的跟进，过期的先认、再给新时间。"""
    found = await run_in_threadpool(_find, database, int(promise_id))
    return as_json({"items": [suggestion_json(one) for one in ledger.scripts(assistant, found, person)]})


def _find(database: Database, promise_id: int) -> Promise:
    with database.read() as session:
        found = rows.find(session, promise_id)
    if found is None:
        raise NotFound("没有这个承诺，可能那句话已经撤销了")
    return found


@router.get(
    "/conversations/{conversation_id}/clocks",
    responses={200: {"model": ClockListOut}},
    response_class=Response,
)
async def list_clocks(
    conversation_id: ConversationId, assistant: AssistantDep, database: DatabaseDep
) -> Response:
    """一个会话里正在走的时钟，先到的在前。"""
    found = await run_in_threadpool(running.read, database, assistant.content, conversation_id)
    return as_json(_clocks(found))


@router.put(
    "/conversations/{conversation_id}/clocks/{clock}",
    responses={200: {"model": ClockListOut}},
    response_class=Response,
)
async def start_clock(
    conversation_id: ConversationId,
    clock: ClockId,
    body: ClockIn,
    assistant: AssistantDep,
    database: DatabaseDep,
    person: CurrentPerson,
) -> Response:
    """开始一个时钟：一件事发生了（付款、收到退货、收到平台投诉……），从那时开始计时；再来一次就重新计。"""
    found = await run_in_threadpool(
        running.start, database, assistant.content, conversation_id, clock, body.since, person
    )
    return as_json(_clocks(found))


@router.delete(
    "/conversations/{conversation_id}/clocks/{clock}",
    responses={200: {"model": ClockListOut}},
    response_class=Response,
)
async def stop_clock(
    conversation_id: ConversationId,
    clock: ClockId,
    assistant: AssistantDep,
    database: DatabaseDep,
    person: CurrentPerson,
) -> Response:
    """停掉一个时钟：这件事办完了，不用再计时。"""
    found = await run_in_threadpool(running.stop, database, assistant.content, conversation_id, clock, person)
    return as_json(_clocks(found))


def _clocks(clocks: tuple[Clock, ...]) -> Json:
    now = datetime.now(UTC)
    return {
        "items": [
            {
                "id": clock.id,
                "name": clock.name,
                "side": clock.side,
                "since": as_time(clock.since),
                "due_at": as_time(clock.due_at),
                "approximate": not clock.sure,
                "left_seconds": clock.left(now),
                "over_seconds": clock.over(now),
                "time": clock.time,
                "stops": clock.stops,
                "source": clock.source,
                "verified": clock.verified,
            }
            for clock in clocks
        ]
    }
