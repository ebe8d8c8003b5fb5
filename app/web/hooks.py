"""Where chat systems send their messages. No session and no token of ours: each request proves itself by its signature."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app.channels.adapter import Incoming
from app.web.answers import as_json
from app.web.deps import Services, ServicesDep

router = APIRouter(tags=["渠道"])

Wanted = Annotated[bool, Query(description="等建议算好，放在回答的 answer 里")]


@router.api_route("/hooks/{kind}/{name}", methods=["GET", "POST"], include_in_schema=False)
@router.api_route("/hooks/{kind}/{name}/{token}", methods=["GET", "POST"], include_in_schema=False)
async def receive(
    kind: str, name: str, request: Request, services: ServicesDep, token: str = "", answer: Wanted = False
) -> Response:
    """收一条消息：验签、存好，马上回答。"""
    incoming = Incoming(
        method=request.method,
        headers=dict(request.headers),
        query=dict(request.query_params),
        body=await request.body(),
    )
    wanted = answer or "return=representation" in request.headers.get("prefer", "")
    return await run_in_threadpool(_receive, services, kind, name, token, incoming, wanted)


def _receive(
    services: Services, kind: str, name: str, token: str, incoming: Incoming, wanted: bool
) -> Response:
    acknowledged = services.channels.receive(kind, name, token, incoming)
    if wanted and acknowledged.ids:
        return as_json({**acknowledged.told, "answer": services.channels.answer_to(acknowledged)})
    reply = acknowledged.reply
    return Response(reply.body, reply.status, media_type=reply.content_type)
