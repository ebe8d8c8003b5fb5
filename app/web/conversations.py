"""Conversations over HTTP: turns of both sides, what was said so far, risks dealt with."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app.assist import Assistant, SuggestRequest
from app.errors import InvalidRequest, NotFound
from app.store.conversations import NewTurn
from app.store.people import Person
from app.web.answers import Json, as_json
from app.web.conversation_answers import (
    answering,
    given_json,
    history_json,
    info_json,
    item_json,
    replying_json,
    state_json,
)
from app.web.conversation_schemas import (
    AgentTurnOut,
    ConversationId,
    ConversationInfoOut,
    ConversationListOut,
    ConversationOut,
    ConversationPatchIn,
    CustomerTurnOut,
    GivenIn,
    GivenOut,
    NewTurnIn,
    RiskMarkIn,
    RiskMarkOut,
    UndoneOut,
)
from app.web.deps import AssistantDep, CurrentPerson, Services, ServicesDep
from app.web.schemas import check_length

router = APIRouter(prefix="/api/v1/conversations", tags=["会话"])

TurnId = Annotated[str, Path(pattern=r"^[0-9]{1,9}$", description="这一句在会话里的编号")]


@router.post(
    "/{conversation_id}/turns",
    responses={200: {"model": CustomerTurnOut | AgentTurnOut}},
    response_class=Response,
)
async def add_turn(
    conversation_id: ConversationId,
    body: NewTurnIn,
    assistant: AssistantDep,
    services: ServicesDep,
    person: CurrentPerson,
) -> Response:
    """存下一句话（没有的会话会建立），顾客的话接着给出建议。存好才回答；同一个 message_id 总是得到第一次的回答。"""
    check_length(body.text)
    if not body.text and not body.attachments:
        raise InvalidRequest("text 和 attachments 不能都空着")
    if body.shop is not None and body.shop not in assistant.content.shops:
        raise InvalidRequest(f"没有「{body.shop}」这个店铺，可选：{'、'.join(assistant.content.shops)}")
    answer = await run_in_threadpool(_take, services, assistant, conversation_id, body, person)
    return as_json(answer)


def _take(
    services: Services, assistant: Assistant, conversation_id: str, body: NewTurnIn, person: Person
) -> Json:
    new = NewTurn(
        role=body.role,
        text=body.text,
        message_id=body.message_id,
        sent_at=body.sent_at,
        attachments=tuple(part.model_dump(exclude_none=True) for part in body.attachments),
        acts=body.acts if body.role == "agent" else (),
        script_id=body.script_id if body.role == "agent" else None,
        agent=person.name if body.role == "agent" else "",
    )
    taken = services.conversations.take(
        assistant,
        conversation_id,
        new,
        shop=body.shop or "",
        channel=body.channel or "",
        label=body.label,
        who=person.name,
        holder=person.name if person.id >= 0 else "",
    )
    if taken.answer is not None:
        return taken.answer
    shop = body.shop or taken.conversation.shop
    request = SuggestRequest(
        message=body.text,
        shop=shop if shop in assistant.content.shops else None,
        tone=body.tone,
        slots=body.slots,
        facts=body.facts,
        limit=body.limit,
        agent=body.agent,
        liking=services.ratings.current,
        ahead=services.trials.of(conversation_id),
    )
    given = answering(services.products, services.orders)
    answer = services.conversations.keep(assistant, taken, given(assistant, request, taken))
    if body.role == "customer":
        intents = answer["intents"]
        services.metrics.counted(answer["reason"], intents[0]["id"] if intents else None)
        shown = (suggestion["script_id"] for suggestion in answer["suggestions"])
        services.views.add(person.name, answer["turn_id"], shown)
    return answer


@router.get("", responses={200: {"model": ConversationListOut}}, response_class=Response)
async def list_conversations(
    services: ServicesDep,
    q: Annotated[
        str, Query(max_length=100, description="顾客名字、会话编号、订单号或说过的话；空为全部")
    ] = "",
    shop: Annotated[str | None, Query(max_length=200, description="只看一家店，店铺 id；空为全部")] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="最多几个")] = 50,
) -> Response:
    """最近的会话，新的在前，各带最后一句话和接待过的客服；可以按名字、订单号、说过的话找。"""
    words = "".join(char for char in q if char >= " ")
    found = await run_in_threadpool(services.conversations.search, words, shop=shop, limit=limit)
    return as_json({"items": [item_json(item) for item in found]})


@router.get("/{conversation_id}", responses={200: {"model": ConversationOut}}, response_class=Response)
async def read_conversation(
    conversation_id: ConversationId, assistant: AssistantDep, services: ServicesDep, person: CurrentPerson
) -> Response:
    """一个会话的全部：双方的话（最多最近 200 句）、现在的阶段、已知的事实、摆着的方案、风险和处理标记。

    打开别人接待的会话会记入审计。
    """

    def read() -> Json:
        found = history_json(assistant, services.conversations.open(conversation_id, person))
        return found | replying_json(services.channels.replies.of(conversation_id, person.name))

    return as_json(await run_in_threadpool(read))


@router.patch("/{conversation_id}", responses={200: {"model": ConversationInfoOut}}, response_class=Response)
async def change_conversation(
    conversation_id: ConversationId, body: ConversationPatchIn, services: ServicesDep, person: CurrentPerson
) -> Response:
    """给会话改名、写交接备注，或者结束、重新打开；再来一句话会自动重新打开。"""

    def change() -> Json:
        return info_json(
            services.conversations.describe(
                conversation_id, label=body.label, closed=body.closed, note=body.note, by=person.name
            )
        )

    return as_json(await run_in_threadpool(change))


@router.put("/{conversation_id}/facts", responses={200: {"model": GivenOut}}, response_class=Response)
async def give_facts(
    conversation_id: ConversationId,
    body: GivenIn,
    assistant: AssistantDep,
    services: ServicesDep,
    person: CurrentPerson,
) -> Response:
    """记下客服知道的事（责任、洗过、尺码……），以后的建议都会用上；null 收回，没提到的不变。没有的会话会建立。"""

    def give() -> Json:
        found = services.conversations.give(conversation_id, body.facts, body.slots, person)
        state = services.conversations.state(assistant, conversation_id) or assistant.read(())
        return {
            "conversation_id": conversation_id,
            "given": given_json(found.given),
            "state": state_json(assistant, state, found),
        }

    return as_json(await run_in_threadpool(give))


@router.delete(
    "/{conversation_id}/turns/{turn_id}", responses={200: {"model": UndoneOut}}, response_class=Response
)
async def undo_turn(
    conversation_id: ConversationId,
    turn_id: TurnId,
    assistant: AssistantDep,
    services: ServicesDep,
    person: CurrentPerson,
) -> Response:
    """撤销一句以为发出去了的话：只能撤销自己的，主管可以撤销别人的。"""

    def undo() -> Json:
        services.conversations.undo(assistant, conversation_id, int(turn_id), person)
        history = services.conversations.history(conversation_id)
        state = services.conversations.state(assistant, conversation_id) or assistant.read(())
        return {
            "conversation_id": conversation_id,
            "turn_id": turn_id,
            "state": state_json(assistant, state, history.conversation),
        }

    return as_json(await run_in_threadpool(undo))


@router.put(
    "/{conversation_id}/risks/{intent}", responses={200: {"model": RiskMarkOut}}, response_class=Response
)
async def mark_risk(
    conversation_id: ConversationId,
    intent: Annotated[str, Path(max_length=80, description="风险意图的 id，例如 authority_complaint")],
    body: RiskMarkIn,
    assistant: AssistantDep,
    services: ServicesDep,
    person: CurrentPerson,
) -> Response:
    """标记一个风险已处理或误报。已处理之后顾客又提起，会重新亮起来。"""
    known = assistant.content.intents.get(intent)
    if known is None or known.kind != "risk":
        raise NotFound("没有这个风险")
    await run_in_threadpool(
        services.conversations.mark_risk, assistant, conversation_id, intent, body.mark, person
    )
    return as_json({"id": intent, "mark": body.mark})
