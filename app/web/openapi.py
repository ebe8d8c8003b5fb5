"""The description of the API as `/api/openapi.json` gives it: FastAPI's own, and what it cannot know.

Added to each operation: a Chinese summary, who may call it and with which token. The documentation strings of models are
for who works on the code and are left out; what a caller must know stands at each field.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from app.accounts import ROLES
from app.store.people import Role
from app.tokens import SCOPES, role_of, scope_of
from app.web.deps import COOKIE, ROLE_CHECKS
from app.web.problems import ProblemDocument

ABOUT: Final = (
    "服装店客服的实时话术建议。位置都按 Unicode 字符从 0 数；时间是带时区的 ISO 8601；出错时是 RFC 9457 问题文档，`code` 不变。"
    "例子和出错的代号见接口手册 docs/api.md。"
)
TAGS: Final = [
    {"name": "话术", "description": "一条消息的建议，找话术、意图和知识卡"},
    {"name": "会话", "description": "存双方的话，发送前检查，反馈，风险和证据"},
    {"name": "承诺和时钟", "description": "答应过顾客的事，和正在走的时限"},
    {"name": "工作台", "description": "没结束的会话，最急的在前"},
    {"name": "登记表", "description": "顾客投诉登记表（工单）和从它看的各种登记表"},
    {"name": "商品", "description": "店里的商品"},
    {"name": "渠道", "description": "接进来的聊天系统，和面板听的事件流"},
    {"name": "接入", "description": "MCP 工具"},
    {"name": "话术库", "description": "草稿、检查、考试、发布、回退、学习、健康、试验"},
    {"name": "顾客数据", "description": "一位顾客的数据：查、打包、删除"},
    {"name": "运行", "description": "健康检查和指标"},
]
_SECURITY: Final = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "hs_…",
        "description": "接口令牌：`huashu token add 名字 --scope assist`。权限："
        + "；".join(f"{scope} {meaning}" for scope, meaning in SCOPES.items()),
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "页面登录；会改东西的请求另带 X-CSRF-Token",
    },
}
_WHO: Final[dict[Role, str]] = {
    "agent": "登录的人",
    "trainer": "话术师以上",
    "lead": "主管以上",
    "admin": "管理员",
}
_CHINESE: Final = re.compile(r"[\u4e00-\u9fff]")
_FIRST_PART: Final = re.compile(r"[^。；：（]+")


class Application(FastAPI):
    """FastAPI whose description of itself is finished by `finish`. told: the routers whose routes ask who calls."""

    told: tuple[APIRouter, ...] = ()

    def openapi(self) -> dict[str, Any]:
        """The finished document, made once."""
        if self.openapi_schema is None:
            self.openapi_schema = finish(super().openapi(), self.told)
        return self.openapi_schema


def finish(document: dict[str, Any], routers: Iterable[APIRouter]) -> dict[str, Any]:
    """FastAPI's document with the rest filled in, in place. routers: whose routes ask who calls."""
    roles = {
        (route.path, method.lower()): _role(route.dependant)
        for router in routers
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    }
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if said := _FIRST_PART.match(operation.get("description", "")):
                operation["summary"] = said.group()
            for answer in operation["responses"].values():
                if answer["description"] == "Successful Response":
                    answer["description"] = "成功"
            if (path, method) in roles:
                _say_who(operation, scope_of(path), roles[path, method])
    components = document["components"]
    components["securitySchemes"] = _SECURITY
    components["schemas"]["ProblemDocument"] = ProblemDocument.model_json_schema()
    for model in components["schemas"].values():
        if not _CHINESE.search(model.get("description", "")):
            model.pop("description", None)
    return document


def _say_who(operation: dict[str, Any], scope: str | None, role: Role) -> None:
    """Who may call, in words and as the security of the operation. scope: None where tokens may not go."""
    tokens = [] if scope is None else [{"token": _scopes(scope, role)}]
    operation["security"] = [*tokens, {"session": []}]
    with_token = " 和 ".join(f"`{name}`" for one in tokens for name in one["token"])
    operation["description"] += f"\n\n谁能用：{_WHO[role]}" + (
        f"；接口令牌要有 {with_token}。" if with_token else "。"
    )


def _scopes(scope: str, role: Role) -> list[str]:
    """What a token needs for an address of this scope that asks for this role."""
    for more in ([], ["content"], ["cases"], ["admin"]):
        scopes = [scope, *(one for one in more if one != scope)]
        if ROLES.index(role_of(scopes)) >= ROLES.index(role):
            return scopes
    raise AssertionError(role)


def _role(dependant: Dependant) -> Role:
    """The highest role that the dependencies of a route ask for."""
    asked = [ROLE_CHECKS[one.call] for one in _within(dependant) if one.call in ROLE_CHECKS]
    return max(asked, key=ROLES.index, default=ROLES[0])


def _within(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for inner in dependant.dependencies:
        yield from _within(inner)
