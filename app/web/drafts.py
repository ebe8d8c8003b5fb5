"""What surrounds a message: pasted chat excerpts, the check of a draft before it is sent, feedback on scripts."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app.accounts import allows
from app.assist import Assistant
from app.content.model import Script
from app.conversations import History
from app.errors import InvalidRequest, NotFound
from app.feedback import difference, record
from app.reply.excerpt import parse_excerpt
from app.reply.promise_check import Authority
from app.store.database import Database
from app.store.feedback import Feedback
from app.store.people import Person
from app.web.answers import as_json
from app.web.conversation_answers import draft_json, excerpt_json
from app.web.deps import AssistantDep, CurrentPerson, ServicesDep
from app.web.draft_schemas import DraftIn, DraftOut, ExcerptIn, ExcerptOut, FeedbackIn, FeedbackOut
from app.web.schemas import check_length

router = APIRouter(prefix="/api/v1", tags=["会话"])


@router.post("/excerpts", responses={200: {"model": ExcerptOut}}, response_class=Response)
async def read_excerpt(body: ExcerptIn, assistant: AssistantDep, services: ServicesDep) -> Response:
    """拆开粘贴的聊天：把从聊天窗口复制的一段（昵称、时间、内容）拆成双方的话；分不清哪边是店铺时列出名字来问。不写入任何东西。"""
    stored: History | None = None
    if body.conversation_id is not None:
        stored = await run_in_threadpool(services.conversations.find, body.conversation_id)
    shop = assistant.content.shops.get(body.shop or "", assistant.content.shop)
    label = stored.conversation.label if stored is not None else ""
    excerpt = await run_in_threadpool(
        parse_excerpt,
        body.text,
        shop_names={shop.name, *body.shop_names} - {"", "本店"},
        customer_names={label} - {""},
        sides=body.sides,
        zone=ZoneInfo(shop.time_zone),
    )
    return as_json(excerpt_json(excerpt, stored.turns if stored is not None else ()))


@router.post("/check-draft", responses={200: {"model": DraftOut}}, response_class=Response)
async def check_draft(
    body: DraftIn, assistant: AssistantDep, services: ServicesDep, person: CurrentPerson
) -> Response:
    """发送前检查：违规和不妥的说法（在哪里、为什么、怎么改）、没填的空、说出去的承诺。不写入任何东西。"""
    check_length(body.text)
    name = body.shop
    if name is None and body.conversation_id is not None:
        name = await run_in_threadpool(services.conversations.shop_of, body.conversation_id)
    check = assistant.check_draft(body.text, name, authority_of(person), body.facts)
    return as_json(draft_json(check))


def authority_of(person: Person) -> Authority:
    """What a person may promise without asking anybody."""
    if allows(person, "admin"):
        return "admin"
    return "lead" if allows(person, "lead") else "agent"


@router.post("/feedback", responses={200: {"model": FeedbackOut}}, response_class=Response)
async def give_feedback(
    body: FeedbackIn, assistant: AssistantDep, services: ServicesDep, person: CurrentPerson
) -> Response:
    """话术反馈：照发了、改了再发（记下改了哪里）、不对。用来给同一阶段的话术排先后，不影响风险话术。"""
    script = assistant.content.scripts.get(body.script_id)
    if script is None:
        raise NotFound("没有这条话术")
    if body.right_intent is not None and body.right_intent not in assistant.content.intents:
        raise InvalidRequest(f"没有「{body.right_intent}」这个意图")
    number, diff = await run_in_threadpool(_record, services.database, assistant, body, script, person.name)
    services.metrics.feedback.labels(body.kind).inc()
    return as_json({"id": str(number), "diff": diff})


def _record(
    database: Database, assistant: Assistant, body: FeedbackIn, script: Script, agent: str
) -> tuple[int, tuple[tuple[str, str], ...]]:
    original = body.text if body.text is not None else "\n".join(script.bubbles)
    diff = difference(original, body.sent_text) if body.kind == "edited" and body.sent_text else ()
    feedback = Feedback(
        script_id=body.script_id,
        kind=body.kind,
        agent=agent,
        conversation_id=body.conversation_id,
        turn_id=int(body.turn_id) if body.turn_id is not None else None,
        sent_text=body.sent_text,
        diff=diff,
        right_intent=body.right_intent,
        release=assistant.release,
    )
    return record(database, feedback), diff
