"""Every error as the visitor sees it: an RFC 9457 problem document for programs, a small page for people."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Scope

from app.errors import (
    AppError,
    BodyTooLarge,
    InvalidRequest,
    MalformedBody,
    NoAccounts,
    NotFound,
    SignInRequired,
)
from app.logs import REQUEST_ID
from app.web.measure import PROBLEM
from app.web.pages import message_page

_log = logging.getLogger(__name__)

_RETRY_AFTER: Final = "5"
_MAX_FIELDS: Final = 20
CREATE_ACCOUNT: Final = "huashu user add 名字 --role admin --data 数据文件夹"


class ProblemDocument(BaseModel):
    """出错时的回答。有的错还带别的项，例如 invalid_request 的 errors、not_allowed 的 scope 或 role、conflict 的 changed。"""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:huashu:problem:message_too_long",
                    "title": "消息太长",
                    "status": 422,
                    "detail": "一条消息最多 4000 个字，现在是 5200 个字",
                    "code": "message_too_long",
                    "request_id": "0f3c9a1b2d4e",
                }
            ]
        },
    )

    type: str = Field(description="问题的种类：urn:huashu:problem: 加 code")
    title: str = Field(description="一句话说是哪种错")
    status: int = Field(description="HTTP 状态，和回答的一样")
    detail: str = Field(description="中文说明：怎么了、接着怎么办，可以直接给人看")
    code: str = Field(description="不变的代号，程序按它判断，见 docs/api.md 的「出错」")
    request_id: Annotated[str, Field(description="这次请求的编号，和 X-Request-Id、日志里的一样")]


PROBLEM_REF: Final = "#/components/schemas/ProblemDocument"
RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    "default": {
        "description": "出错时：RFC 9457 问题文档，code 不变，detail 是中文说明",
        "content": {"application/problem+json": {"schema": {"$ref": PROBLEM_REF}}},
    }
}


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem document (RFC 9457) before it is written down as JSON or as a page."""

    status: int
    code: str
    title: str
    detail: str
    extra: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


_WAYS_ON: Final[Mapping[str, tuple[str, str] | None]] = {
    SignInRequired.code: ("/sign-in", "粘贴登录链接"),
    NoAccounts.code: None,
}
"""What a page that tells of a problem offers next, where it is not the way back."""
INTERNAL: Final = Problem(500, "internal", "出了意外", "话术助手出了意外，已经记下来了，请再试一次")


def install(app: FastAPI) -> None:
    """Answer all expected errors of the application's routes. Unexpected ones are the guard's."""

    @app.exception_handler(AppError)
    async def app_error(request: Request, error: AppError) -> Response:
        return respond(request.scope, of_error(error))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        return respond(request.scope, of_validation(error.errors()))

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> Response:
        if error.status_code == 400:
            return respond(request.scope, of_unreadable(error.__cause__))
        return respond(request.scope, of_status(error.status_code, error.headers or {}))


def of_error(error: AppError) -> Problem:
    """What is told of an error that is reported on purpose; 429 and 503 say when to come again."""
    headers: dict[str, str] = {}
    if error.status in (429, 503):
        headers["Retry-After"] = str(error.extra.get("retry_after", _RETRY_AFTER))
    return Problem(error.status, error.code, error.title, error.detail, error.extra, headers)


def of_status(status: int, headers: Mapping[str, str]) -> Problem:
    """What is told where only a status is known."""
    if status == 404:
        return of_error(NotFound("没有这个地址"))
    if status == 405:
        return Problem(
            405, "method_not_allowed", "请求方法不对", "这个地址不支持这种请求方法", headers=headers
        )
    if status == 413:
        return of_error(BodyTooLarge("请求太大了"))
    return Problem(status, "error", "请求有问题", "这个请求没法处理", headers=headers)


def of_unreadable(cause: BaseException | None) -> Problem:
    """cause: what reading the body raised, when it was not plainly bad JSON."""
    if isinstance(cause, RecursionError):
        return of_error(MalformedBody("请求内容的层次太深"))
    if isinstance(cause, ValueError) and not isinstance(cause, UnicodeError):
        return of_error(MalformedBody("请求内容里的数字太大"))
    return of_error(MalformedBody("请求内容读不出来，请检查是不是 UTF-8 编码的 JSON"))


def of_validation(errors: Sequence[Mapping[str, Any]]) -> Problem:
    """Names every wrong field; never repeats what was sent."""
    if any(error["type"] == "json_invalid" for error in errors):
        return of_error(MalformedBody("请求不是有效的 JSON"))
    found = [{"field": _field(error["loc"]), "detail": _explain(error)} for error in errors[:_MAX_FIELDS]]
    return of_error(InvalidRequest(_joined(found), errors=found))


def explain(errors: Sequence[Mapping[str, Any]]) -> str:
    """Validation errors of a value that did not come as a request body, in a sentence."""
    return (
        _joined(
            [
                {"field": str(error["loc"][-1]), "detail": _explain(error)}
                for error in errors[:_MAX_FIELDS]
                if error["loc"]
            ]
        )
        or "写得不对"
    )


def _joined(found: Sequence[Mapping[str, str]]) -> str:
    return "；".join(f"{item['field']} {item['detail']}" for item in found)


def of_unexpected(error: Exception) -> Problem:
    """Logged with the place but without the message: that may hold a customer's words."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    _log.error("unexpected %s\n%s", type(error).__name__, frames)
    return INTERNAL


def respond(scope: Scope, problem: Problem) -> Response:
    """A page when a person's browser asked for one, else a problem document; either carries the number of the request."""
    scope[PROBLEM] = problem.code
    if not wants_page(scope):
        body = {
            **problem.extra,
            "type": f"urn:huashu:problem:{problem.code}",
            "title": problem.title,
            "status": problem.status,
            "detail": problem.detail,
            "code": problem.code,
            "request_id": REQUEST_ID.get(),
        }
        content = json.dumps(body, ensure_ascii=False).encode("utf-8", errors="replace")
        return Response(content, problem.status, problem.headers, "application/problem+json")
    page = message_page(
        problem.title,
        (problem.detail,),
        status=problem.status,
        code=CREATE_ACCOUNT if problem.code == NoAccounts.code else "",
        action=_way_on(scope, problem),
    )
    page.headers.update(problem.headers)
    return page


def _way_on(scope: Scope, problem: Problem) -> tuple[str, str] | None:
    """What a page of trouble offers next; after signing in it goes on where somebody wanted to go."""
    found = _WAYS_ON.get(problem.code, ("/", "回到话术助手"))
    query = scope["query_string"].decode("latin-1")
    wanted = scope["path"] + (f"?{query}" if query else "")
    if found is None or problem.code != SignInRequired.code or scope["method"] != "GET" or wanted == "/":
        return found
    return f"{found[0]}?{urlencode({'next': wanted})}", found[1]


def wants_page(scope: Scope) -> bool:
    """Whether a browser waits for a page, and not a program for JSON."""
    if scope["path"].startswith(("/api/", "/hooks/")):
        return False
    return "text/html" in Headers(scope=scope).get("accept", "")


def _field(location: Sequence[str | int]) -> str:
    parts = location[1:] if len(location) > 1 else location
    return ".".join(str(part) for part in parts)


def _explain(error: Mapping[str, Any]) -> str:
    context: Mapping[str, Any] = error.get("ctx", {})
    kind = str(error["type"])
    if tuple(error["loc"]) == ("body",) and kind.startswith("model"):
        return "要是 JSON 对象，请求头要有 Content-Type: application/json"
    if kind == "value_error":
        return str(error["msg"]).removeprefix("Value error, ")
    for start, text in _EXPLANATIONS.items():
        if kind.startswith(start):
            return text.format_map(_Blanks(context)).replace("', '", "'、'").replace("' or '", "' 或 '")
    return "写得不对"


class _Blanks(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return ""


_EXPLANATIONS: Final = {
    "missing": "必须填写",
    "extra_forbidden": "是没有的字段",
    "string_too_long": "太长，最多 {max_length} 个字",
    "string_too_short": "太短，至少 {min_length} 个字",
    "string_pattern": "格式不对",
    "string": "要是文字",
    "int_parsing_size": "太大了",
    "int": "要是整数",
    "float": "要是数字",
    "bool": "要是 true 或 false",
    "datetime": "要是日期和时间，例如 2026-01-31T18:00:00+08:00",
    "date": "要是日期，例如 2026-01-31",
    "timezone": "要带时区，例如 +08:00",
    "literal_error": "只能是 {expected}",
    "enum": "只能是 {expected}",
    "greater_than_equal": "不能小于 {ge}",
    "greater_than": "要大于 {gt}",
    "less_than_equal": "不能大于 {le}",
    "less_than": "要小于 {lt}",
    "too_long": "太多，最多 {max_length} 个",
    "too_short": "太少，至少 {min_length} 个",
    "list": "要是列表",
    "tuple": "要是列表",
    "dict": "要是对象",
    "model": "要是对象",
}
