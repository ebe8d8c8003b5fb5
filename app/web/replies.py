"""Sending an agent's words to the customer through the chat system the conversation came from."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app.assist import Assistant
from app.errors import DraftBlocked, InvalidRequest
from app.store.conversations import NewTurn
from app.store.people import Person
from app.web.answers import Json, as_json
from app.web.conversation_schemas import ConversationId, PutAwayOut, ReplyIn, ReplySentOut
from app.web.deps import AssistantDep, CurrentPerson, Services, ServicesDep
from app.web.drafts import authority_of
from app.web.schemas import check_length

router = APIRouter(prefix="/api/v1/conversations", tags=["会话"])


@router.post("/{conversation_id}/replies", responses={200: {"model": ReplySentOut}}, response_class=Response)
async def send_reply(
    conversation_id: ConversationId,
    body: ReplyIn,
    assistant: AssistantDep,
    services: ServicesDep,
    person: CurrentPerson,
) -> Response:
    """把客服的话经聊天系统发给顾客：先存成客服说的一句，再发。违规的、有空没填的不发；同一个 message_id 只发一次。"""
    return as_json(await run_in_threadpool(_send, services, assistant, conversation_id, body, person))


def _send(
    services: Services, assistant: Assistant, conversation_id: str, body: ReplyIn, person: Person
) -> Json:
    text = body.text.strip()
    if not text:
        raise InvalidRequest("text 不能空着")
    check_length(text)
    _check_draft(services, assistant, conversation_id, text, body, person)
    new = NewTurn(
        role="agent",
        text=text,
        message_id=body.message_id,
        script_id=body.script_id,
        agent=person.name,
    )
    reply = services.channels.replies.send(assistant, conversation_id, new)
    services.channels.outbox.wake()
    return {
        "conversation_id": conversation_id,
        "turn_id": str(reply.turn_id),
        "message_id": body.message_id,
        "state": reply.state,
        "why": reply.note,
    }


def _check_draft(
    services: Services, assistant: Assistant, conversation_id: str, text: str, body: ReplyIn, person: Person
) -> None:
    """Raises DraftBlocked, saying what must be changed."""
    shop = services.conversations.shop_of(conversation_id)
    check = assistant.check_draft(text, shop, authority_of(person), body.facts)
    if check.blanks:
        names = "、".join(dict.fromkeys(blank.name for blank in check.blanks))
        raise DraftBlocked(f"还缺{names}，填上才能发")
    stopped = next((finding for finding in check.findings if finding.level == "block"), None)
    if stopped is not None:
        raise DraftBlocked(f"「{stopped.text}」不能这样发：{stopped.reason}")


@router.delete(
    "/{conversation_id}/replies/{message_id}", responses={200: {"model": PutAwayOut}}, response_class=Response
)
async def put_reply_away(
    conversation_id: ConversationId,
    message_id: Annotated[str, Path(max_length=200, description="发的时候给的编号")],
    services: ServicesDep,
) -> Response:
    """把没发成的一句收起来：改了再发、复制了自己发，或者不发了。"""
    await run_in_threadpool(services.channels.replies.put_away, conversation_id, message_id)
    return as_json({"conversation_id": conversation_id, "message_id": message_id})
