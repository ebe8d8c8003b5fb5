"""The HTTP API, version 1."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app.assist import Assistant, SuggestRequest
from app.content.fields import Tone
from app.errors import NotFound
from app.feedback import often
from app.pinyin import syllable
from app.reply.search import Found
from app.store.people import Person
from app.studio.own import OwnScripts
from app.types import Turn
from app.vocabulary import Stage
from app.web.answers import Json, as_json, assistance_json, found_json
from app.web.conversation_answers import with_given
from app.web.deps import (
    AssistantDep,
    CurrentPerson,
    Services,
    ServicesDep,
    assistant_of,
    current_person,
    services_of,
)
from app.web.lookup_schemas import CardOut, FoundListOut, IntentListOut
from app.web.schemas import SuggestIn, SuggestOut, check_length

router = APIRouter(prefix="/api/v1", tags=["话术"])

_QUERY_LIMIT: Final = 200
AT_ONCE: Final = 400
"""Up to this many characters a thread would cost more than the work it takes off the event loop."""


@router.post("/suggest", responses={200: {"model": SuggestOut}}, response_class=Response)
async def suggest(http: Request, body: SuggestIn) -> Response:
    """顾客一条消息的意图、情绪、风险、阶段和能发的话术；不写入任何东西。"""
    return as_json(await suggested(services_of(http), body, lambda: current_person(http)))


async def suggested(services: Services, body: SuggestIn, asker: Callable[[], Awaitable[Person]]) -> Json:
    """The answer to a message. asker: who asks, looked up only where it counts."""
    # asked directly: each dependency costs about as much as a tenth of the answer
    assistant = assistant_of(services)
    check_length(body.message)
    request = SuggestRequest(
        message=body.message,
        shop=body.shop,
        tone=body.tone,
        slots=body.slots,
        facts=body.facts,
        limit=body.limit,
        stage=body.stage,
        intents=body.intents,
        agent=body.agent,
        liking=services.ratings.current,
        ahead=services.trials.of(body.conversation_id),
        goods=services.products.current,
        orders=services.orders.of(body.conversation_id),
    )
    if body.conversation_id is not None and not body.turns:
        context = await run_in_threadpool(
            services.conversations.context, assistant, body.conversation_id, body.before_turn()
        )
        if context is not None:
            state = assistant.add(context.state, Turn("customer", body.message))
            answer = assistant.answer(with_given(request, context.given), state)
            if body.turn_id is not None:
                person = await asker()
                services.views.add(person.name, body.turn_id, (one.script_id for one in answer.suggestions))
            services.metrics.answered(answer)
            return assistance_json(answer, body.conversation_id)
    turns = tuple(Turn(turn.role, turn.text) for turn in body.turns)
    if len(body.message) + sum(len(turn.text) for turn in turns) > AT_ONCE:
        answer = await run_in_threadpool(assistant.suggest, request, turns)
    else:
        answer = assistant.suggest(request, turns)
    services.metrics.answered(answer)
    return assistance_json(answer, body.conversation_id)


@router.get("/scripts", responses={200: {"model": FoundListOut}}, response_class=Response)
async def scripts(
    assistant: AssistantDep,
    services: ServicesDep,
    person: CurrentPerson,
    q: Annotated[str, Query(max_length=_QUERY_LIMIT, description="标题、内容、意图名、拼音或首字母")] = "",
    intent: Annotated[str | None, Query(max_length=100, description="只要这个意图的，意图 id")] = None,
    stage: Annotated[Stage | None, Query(description="只要这个阶段的")] = None,
    tone: Annotated[Tone | None, Query(description="只要这种语气的")] = None,
    shop: Annotated[
        str | None, Query(max_length=100, description="按哪家店填空，店铺 id；空为第一个店铺")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="最多几条")] = 20,
    used: Annotated[
        bool, Query(description="true：只要自己最近 30 天发过的公司话术，常用的在前；不看 q 和别的条件")
    ] = False,
) -> Response:
    """找话术：边打边找，好的在前。自己的和团队的话术（`script_id` 是 own. 开头）最多 5 条，排在公司的前面。"""
    if used:
        return as_json({"items": await run_in_threadpool(_used, services, assistant, person, shop, limit)})
    own: list[Found] = []
    if q.strip() and not (intent or stage or tone):
        kept = OwnScripts(services.database, services.workshop.drafts)
        own = await run_in_threadpool(kept.find, assistant, person, q, shop)
    found = assistant.find_scripts(q, intent=intent, stage=stage, tone=tone, shop=shop, limit=limit)
    return as_json({"items": [found_json(item) for item in (*own, *found)][:limit]})


def _used(
    services: Services, assistant: Assistant, person: Person, shop: str | None, limit: int
) -> list[Json]:
    ids = often(services.database, person.name, limit)
    return [found_json(one) for one in assistant.scripts_named(ids, shop)]


@router.get("/intents", responses={200: {"model": IntentListOut}}, response_class=Response)
async def intents(assistant: AssistantDep) -> Response:
    """现在启用的所有意图。"""
    items: list[Json] = []
    for intent in assistant.content.intents.values():
        sounds = [syllable(char) or char for char in intent.name]
        items.append(
            {
                "id": intent.id,
                "name": intent.name,
                "group": intent.group,
                "kind": intent.kind,
                "pinyin": "".join(sounds),
                "initials": "".join(sound[0] for sound in sounds),
            }
        )
    return as_json({"items": items})


@router.get("/cards/{card_id}", responses={200: {"model": CardOut}}, response_class=Response)
async def card(
    assistant: AssistantDep,
    card_id: Annotated[str, Path(max_length=100, description="知识卡 id，在建议的 guidance.cards 里")],
) -> Response:
    """一张知识卡的全文。"""
    found = assistant.content.cards.get(card_id)
    if found is None:
        raise NotFound("没有这张知识卡")
    return as_json(
        {
            "id": found.ref,
            "title": found.title,
            "kind": found.kind,
            "text": found.text,
            "source": found.source,
            "checked": found.checked,
            "regions": found.regions,
        }
    )
