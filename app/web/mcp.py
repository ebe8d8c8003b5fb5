"""MCP, the protocol by which assistants call tools: three tools written for it, over HTTP without sessions.

Protocol: Model Context Protocol, streamable HTTP, revisions 2025-03-26 and 2025-06-18; every answer is plain JSON.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Body
from pydantic import BaseModel, Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app.assist import Assistant, SuggestRequest
from app.content.fields import Tone
from app.types import Turn
from app.web.answers import Json, as_json, assistance_json, encoded, found_json
from app.web.conversation_answers import draft_json
from app.web.deps import AssistantDep
from app.web.problems import PROBLEM_REF, explain
from app.web.schemas import MESSAGE_LIMIT, Incoming, Short, TurnIn

VERSIONS: Final = ("2025-06-18", "2025-03-26")
"""Newest first; a client that asks for another one is offered the newest."""

_INVALID_REQUEST: Final = -32600
_NO_METHOD: Final = -32601
_BAD_PARAMETERS: Final = -32602
_ABOUT: Final = (
    "服装店客服的话术助手。顾客说了什么就用 suggest，拿到的话术要由客服看过再发；发之前用 check_draft 检查。"
)

_RPC: Final = {
    "type": "object",
    "description": "JSON-RPC 2.0 的回答：成功有 result，出错有 error",
    "properties": {
        "jsonrpc": {"const": "2.0", "description": "都是 2.0"},
        "id": {"type": ["string", "integer", "null"], "description": "和请求的一样"},
        "result": {"type": "object", "description": "方法给的结果"},
        "error": {"type": "object", "description": "code 和中文的 message"},
    },
}

router = APIRouter(prefix="/api/v1", tags=["接入"])

Text = Annotated[str, Field(max_length=MESSAGE_LIMIT)]


class SuggestArguments(Incoming):
    """What `suggest` takes: a message, what was said before it, how many scripts."""

    message: Annotated[Text, Field(description="顾客这条消息的原话")]
    history: Annotated[
        list[TurnIn], Field(max_length=100, description="这条消息之前双方说过的话，先说的在前")
    ] = []
    shop: Annotated[Short | None, Field(description="店铺 id，不写就是第一个店铺")] = None
    tone: Annotated[Tone | None, Field(description="不写就用店铺的语气")] = None
    limit: Annotated[int, Field(ge=1, le=20, description="最多几条话术")] = 5


class SearchArguments(Incoming):
    """What `search_scripts` takes."""

    query: Annotated[str, Field(max_length=200, description="标题、内容、意图名、拼音或首字母")]
    limit: Annotated[int, Field(ge=1, le=50, description="最多几条")] = 10


class CheckArguments(Incoming):
    """What `check_draft` takes."""

    text: Annotated[Text, Field(description="准备发给顾客的话")]
    shop: Annotated[Short | None, Field(description="店铺 id，不写就是第一个店铺")] = None


def _suggest(assistant: Assistant, given: SuggestArguments) -> Json:
    request = SuggestRequest(message=given.message, shop=given.shop, tone=given.tone, limit=given.limit)
    turns = tuple(Turn(turn.role, turn.text) for turn in given.history)
    return assistance_json(assistant.suggest(request, turns), None)


def _search(assistant: Assistant, given: SearchArguments) -> Json:
    return {"items": [found_json(item) for item in assistant.find_scripts(given.query, limit=given.limit)]}


def _check(assistant: Assistant, given: CheckArguments) -> Json:
    return draft_json(assistant.check_draft(given.text, given.shop, "agent", {}))


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool: what it is for, what it is given, and what it does."""

    description: str
    arguments: type[BaseModel]
    run: Callable[[Assistant, Any], Json]


TOOLS: Final[dict[str, Tool]] = {
    "suggest": Tool(
        "看懂顾客的一条消息，给出意图、情绪、风险、阶段和可以发的话术。不写入任何东西。",
        SuggestArguments,
        _suggest,
    ),
    "search_scripts": Tool("在话术库里找话术。", SearchArguments, _search),
    "check_draft": Tool(
        "发送前检查一段话：违规和不妥的说法、没填的空、说出去的承诺，以及可以换上的说法。",
        CheckArguments,
        _check,
    ),
}


@router.post(
    "/mcp",
    response_class=Response,
    responses={
        200: {"content": {"application/json": {"schema": _RPC}}},
        202: {"description": "通知，不用回答"},
        400: {
            "description": "不是 JSON，或者不是 JSON-RPC 2.0 的请求",
            "content": {
                "application/json": {"schema": _RPC},
                "application/problem+json": {"schema": {"$ref": PROBLEM_REF}},
            },
        },
    },
)
async def mcp(
    body: Annotated[Any, Body(description="JSON-RPC 2.0 的一个请求或一个通知")], assistant: AssistantDep
) -> Response:
    """MCP 的三个工具（模型上下文协议）：suggest、search_scripts、check_draft，都不写入任何东西。"""
    if not isinstance(body, dict) or body.get("jsonrpc") != "2.0" or not isinstance(body.get("method"), str):
        return as_json(_error(None, _INVALID_REQUEST, "要是一个 JSON-RPC 2.0 的请求"), status=400)
    number = body.get("id")
    if number is None:
        return Response(status_code=202)
    if isinstance(number, bool) or not isinstance(number, str | int):
        return as_json(_error(None, _INVALID_REQUEST, "id 要是文字或整数"), status=400)
    parameters = body.get("params", {})
    if not isinstance(parameters, dict):
        return as_json(_error(number, _BAD_PARAMETERS, "params 要是对象"))
    return as_json(await run_in_threadpool(_answer, assistant, number, body["method"], parameters))


def _answer(assistant: Assistant, number: str | int, method: str, parameters: Json) -> Json:
    if method == "initialize":
        return _result(number, _introduce(parameters))
    if method == "ping":
        return _result(number, {})
    if method == "tools/list":
        return _result(number, {"tools": [_described(name, tool) for name, tool in TOOLS.items()]})
    if method != "tools/call":
        return _error(number, _NO_METHOD, "没有这个方法")
    tool = TOOLS.get(str(parameters.get("name")))
    if tool is None:
        return _error(number, _BAD_PARAMETERS, f"没有这个工具，只有 {'、'.join(TOOLS)}")
    return _result(number, _call(assistant, tool, parameters.get("arguments") or {}))


def _introduce(parameters: Json) -> Json:
    wanted = parameters.get("protocolVersion")
    return {
        "protocolVersion": wanted if wanted in VERSIONS else VERSIONS[0],
        "capabilities": {"tools": {"listChanged": False}},
        "serverInfo": {"name": "huashu", "title": "话术助手", "version": "1"},
        "instructions": _ABOUT,
    }


def _described(name: str, tool: Tool) -> Json:
    return {
        "name": name,
        "description": tool.description,
        "inputSchema": tool.arguments.model_json_schema(),
        "annotations": {"readOnlyHint": True, "openWorldHint": False},
    }


def _call(assistant: Assistant, tool: Tool, arguments: object) -> Json:
    """What a tool found. Wrong arguments are the tool's own answer, so that the caller can read it and try again."""
    try:
        given = tool.arguments.model_validate(arguments)
    except ValidationError as error:
        return {"content": [{"type": "text", "text": explain(error.errors())}], "isError": True}
    found = tool.run(assistant, given)
    text = encoded(found).decode()
    return {"content": [{"type": "text", "text": text}], "structuredContent": found, "isError": False}


def _result(number: str | int, result: Json) -> Json:
    return {"jsonrpc": "2.0", "id": number, "result": result}


def _error(number: str | int | None, code: int, message: str) -> Json:
    return {"jsonrpc": "2.0", "id": number, "error": {"code": code, "message": message}}
