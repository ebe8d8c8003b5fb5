"""The evidence of a conversation over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app import evidence
from app.store.conversations import unknown
from app.web.answers import Json, as_json, counsel_json, evidence_json
from app.web.conversation_schemas import ConversationId
from app.web.deps import AssistantDep, CurrentPerson, ServicesDep
from app.web.schemas import EvidenceOut, Incoming, ProductOut, SizeOut

router = APIRouter(prefix="/api/v1/conversations", tags=["会话"])


class EvidenceAnswerOut(BaseModel):
    """What the shop's own data say about a conversation; evidence is null when nothing is complained of that needs any."""

    conversation_id: str = Field(description="会话编号")
    product: ProductOut | None = Field(description="说的是哪一款；没提到为 null")
    sizes: list[SizeOut] = Field(description="问尺码时，每个要穿的人一条")
    evidence: EvidenceOut | None = Field(description="要的证据；用不着为 null")


class TickIn(Incoming):
    """Whether a piece of evidence is there; null takes the tick back."""

    there: Annotated[bool | None, Field(description="true 有了，false 没有，null 收回，按对话里读到的算")]


class TickOut(BaseModel):
    """How a piece of evidence is ticked now."""

    item: str = Field(description="证据单.条目")
    there: bool | None = Field(description="现在的勾：true 有了，false 没有，null 按对话里读到的算")


@router.get(
    "/{conversation_id}/evidence", responses={200: {"model": EvidenceAnswerOut}}, response_class=Response
)
async def read(conversation_id: ConversationId, assistant: AssistantDep, services: ServicesDep) -> Response:
    """这个会话要的证据：要问什么、来了什么、还缺什么，缩水按商品自己的尺码表算。"""

    def work() -> Json:
        state = services.conversations.state(assistant, conversation_id)
        if state is None:
            raise unknown()
        found, checklist = evidence.of_conversation(
            services.database,
            assistant,
            state,
            services.products.current,
            conversation_id=conversation_id,
            shop=services.conversations.shop_of(conversation_id),
            facts={},
        )
        answer = counsel_json(found)
        answer["evidence"] = evidence_json(checklist) if checklist is not None else None
        return {"conversation_id": conversation_id, **answer}

    return as_json(await run_in_threadpool(work))


@router.put(
    "/{conversation_id}/evidence/{item}", responses={200: {"model": TickOut}}, response_class=Response
)
async def tick(
    conversation_id: ConversationId,
    item: Annotated[str, Path(max_length=90, pattern=r"^[a-z0-9_]+\.[a-z0-9_]+$", description="证据单.条目")],
    body: TickIn,
    assistant: AssistantDep,
    services: ServicesDep,
    person: CurrentPerson,
) -> Response:
    """给一项证据打勾或去掉勾：图片是不是要的那张，只有看过的人知道。"""
    await run_in_threadpool(
        evidence.tick, services.database, assistant, conversation_id, item, body.there, person.name
    )
    return as_json({"item": item, "there": body.there})
