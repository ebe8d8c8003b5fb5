"""The page 「接入」: the channels, how to set each up, what came in and went out, and what went wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from app.channels import manage
from app.channels.adapter import Channel
from app.channels.manage import Made
from app.channels.registry import adapter_for, adapters
from app.errors import AppError
from app.store import channels as rows
from app.store import deliveries, people
from app.store.database import Database
from app.store.people import Person
from app.web.deps import Admin, DatabaseDep, LiveDep
from app.web.workspace import workspace_page

PATH: Final = "/channels"
_NEWEST: Final = 10
KIND_NAMES: Final = {
    "message": "消息",
    "recall": "撤回",
    "question": "同事的提问",
    "task": "拉取",
    "unread": "读不懂的消息",
    "suggestion.created": "建议",
    "conversation.alert": "提醒主管",
    "promise.due": "承诺到期",
    "answer": "给同事的回答",
    "reply.send": "发给顾客的话",
    "test": "测试",
}
STATE_NAMES: Final = {
    "waiting": "等着处理",
    "done": "好了",
    "ignored": "不用处理",
    "failed": "没成功",
    "dropped": "不用发了",
}

router = APIRouter(prefix=PATH, include_in_schema=False)


async def _form(request: Request) -> FormData:
    return await request.form()


Form = Annotated[FormData, Depends(_form)]


@router.get("")
async def show(request: Request, admin: Admin, database: DatabaseDep) -> HTMLResponse:
    """All channels, and the kinds that can be added."""
    found = await run_in_threadpool(manage.every, database)
    return workspace_page(
        request,
        admin,
        "channels/list.html",
        here=PATH,
        channels=[(channel, adapters().get(channel.kind)) for channel in found],
        adapters=list(adapters().values()),
    )


@router.get("/new/{kind}")
async def new(request: Request, admin: Admin, live: LiveDep, kind: str) -> HTMLResponse:
    """What to fill in for a channel of this kind. Raises NotFound for an unknown one."""
    return _new_page(request, admin, live, kind)


@router.post("/new/{kind}")
async def add(
    request: Request, admin: Admin, live: LiveDep, database: DatabaseDep, kind: str, form: Form
) -> HTMLResponse:
    """Sets a channel up and shows its secret, once; the form again, as typed, when something is wrong."""
    adapter = adapter_for(kind)
    options = {option.name: _text(form, f"option.{option.name}") for option in adapter.options}
    options["secret"] = _text(form, "secret")
    name, shop = _text(form, "name"), _text(form, "shop")
    try:
        made = await run_in_threadpool(manage.add, database, kind, name, options, by=admin.name, shop=shop)
    except AppError as error:
        if error.status >= 500:
            raise
        return _new_page(request, admin, live, kind, problem=error.detail, given=form, status=error.status)
    return await _page(request, admin, database, live, made.channel.name, made=made, notice="建好了")


@router.get("/{name}")
async def one(
    request: Request, admin: Admin, database: DatabaseDep, live: LiveDep, name: str
) -> HTMLResponse:
    """One channel: how it is set up, what came in and went out lately."""
    return await _page(request, admin, database, live, name)


@router.post("/{name}/{action}")
async def act(
    request: Request, admin: Admin, database: DatabaseDep, live: LiveDep, name: str, action: str, form: Form
) -> HTMLResponse:
    """Do what a button says, and show the page again with what came of it."""
    work, words = _work(database, name, action, form, admin.name)
    try:
        result = await run_in_threadpool(work)
    except AppError as error:
        if error.status >= 500 or error.status == 404:
            raise
        return await _page(request, admin, database, live, name, problem=error.detail, status=error.status)
    if action == "remove":
        return await show(request, admin, database)
    made = result if isinstance(result, Made) else None
    return await _page(request, admin, database, live, name, made=made, notice=words)


def _work(
    database: Database, name: str, action: str, form: FormData, by: str
) -> tuple[Callable[[], Any], str]:
    """What a button does, and what is said when it is done. Raises NotFound for another one."""
    if action == "change":
        return lambda: _change(database, name, form, by), "已保存"
    actions: dict[str, tuple[Callable[[], Any], str]] = {
        "rotate": (
            lambda: manage.rotate(database, name, by=by, secret=_text(form, "secret")),
            "换好了，旧密钥还能用 24 小时",
        ),
        "enable": (lambda: manage.change(database, name, by=by, enabled=True), "已启用"),
        "disable": (
            lambda: manage.change(database, name, by=by, enabled=False),
            "已停用，发来的消息一律不收",
        ),
        "resume": (lambda: manage.resume(database, name, by=by), "重新开始发了，没发成的也会再发"),
        "test": (lambda: manage.send_test(database, name), "排好了，几秒后刷新，在「最近发出的」里看结果"),
        "remove": (lambda: manage.remove(database, name, by=by), "已删除"),
    }
    if action not in actions:
        raise manage.unknown()
    return actions[action]


def _change(database: Database, name: str, form: FormData, by: str) -> Channel:
    adapter = adapter_for(manage.named(database, name).kind)
    options = {option.name: _text(form, f"option.{option.name}") for option in adapter.options}
    chosen = [value for value in form.getlist("people") if isinstance(value, str)]
    return manage.change(database, name, by=by, shop=_text(form, "shop"), people=chosen, options=options)


def _new_page(
    request: Request,
    admin: Person,
    live: LiveDep,
    kind: str,
    *,
    problem: str = "",
    given: FormData | None = None,
    status: int = 200,
) -> HTMLResponse:
    return workspace_page(
        request,
        admin,
        "channels/new.html",
        here=PATH,
        status=status,
        adapter=adapter_for(kind),
        shops=_shops(live),
        problem=problem,
        given=given or {},
        address=f"{_base(request)}/hooks/{kind}/…",
        channel=None,
    )


async def _page(
    request: Request,
    admin: Person,
    database: Database,
    live: LiveDep,
    name: str,
    *,
    made: Made | None = None,
    notice: str = "",
    problem: str = "",
    status: int = 200,
) -> HTMLResponse:
    found = await run_in_threadpool(_found, database, name)
    channel: Channel = found["channel"]
    adapter = adapter_for(channel.kind)
    return workspace_page(
        request,
        admin,
        "channels/one.html",
        here=PATH,
        status=status,
        adapter=adapter,
        address=_base(request) + manage.path_of(channel),
        secret=made.secret if made is not None else "",
        notice=notice,
        problem=problem,
        shops=_shops(live),
        may_test=not adapter.test(channel),
        kinds=KIND_NAMES,
        states=STATE_NAMES,
        **found,
    )


def _found(database: Database, name: str) -> dict[str, Any]:
    """What the page of a channel tells of it. Raises NotFound."""
    channel = manage.named(database, name)
    with database.read() as session:
        return {
            "channel": channel,
            "refused_at": datetime.fromisoformat(channel.refused["at"]) if channel.refused else None,
            "came_in": rows.came_in(session, channel.id, _NEWEST),
            "went_out": rows.went_out(session, channel.id, _NEWEST),
            "queued": deliveries.waiting(session, channel.id),
            "everybody": [
                account.person.name for account in people.everybody(session) if not account.disabled
            ],
        }


def _shops(live: LiveDep) -> list[tuple[str, str, str]]:
    """(id, name, platform) of the shops of the release in use."""
    assistant = live.current
    shops = assistant.content.shops.values() if assistant is not None else ()
    return [(shop.id, shop.name, shop.platform) for shop in shops]


def _base(request: Request) -> str:
    settings = request.app.state.services.settings
    return settings.url.rstrip("/") or str(request.base_url).rstrip("/")


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""
