"""The pages of the registers. What people do on them are plain forms that lead back to the page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool

from app.accounts import allows
from app.cases.fields import STATUS_NAMES
from app.cases.wording import wording
from app.errors import AppError
from app.registers import paid
from app.store.people import Person
from app.web.deps import AssistantDep, CurrentPerson, ServicesDep
from app.web.register_tabs import TABS
from app.web.registers import TITLES, Asked, AskedDep, Name, RegistersDep, notices, query_of
from app.web.workspace import workspace_page

router = APIRouter(prefix="/registers", include_in_schema=False)

_HERE: Final = "/cases"
_SAID: Final = 200
Words = Annotated[str, Form(max_length=2000)]
Number = Annotated[int, Form(ge=1, le=2**31 - 1)]


@router.get("/parcels")
async def parcels(
    request: Request, which: AskedDep, assistant: AssistantDep, registers: RegistersDep, person: CurrentPerson
) -> HTMLResponse:
    """丢件破损，月底合计。"""
    lines = await run_in_threadpool(registers.parcels, query_of(which))
    by_kind = {kind: sum(1 for line in lines if line.kind == kind) for kind in ("丢件", "破损", "少发")}
    total = sum(line.amount for line in lines)
    return _page(
        request, person, assistant, "parcels", which, lines=lines, by_kind=by_kind, total=f"{total:.2f}"
    )


@router.get("/wrong")
async def wrong(
    request: Request, which: AskedDep, assistant: AssistantDep, registers: RegistersDep, person: CurrentPerson
) -> HTMLResponse:
    """错发。"""
    cases = await run_in_threadpool(registers.wrong, query_of(which))
    lines = [(case, f"{paid(case):.2f}") for case in cases]
    return _page(request, person, assistant, "wrong", which, lines=lines)


@router.get("/handover")
async def handover(
    request: Request, which: AskedDep, assistant: AssistantDep, registers: RegistersDep, person: CurrentPerson
) -> HTMLResponse:
    """交接班：上一班留下的，中午前办完。"""
    now = datetime.now(UTC)
    items = await run_in_threadpool(registers.handovers, which.shop, now)
    due = await run_in_threadpool(registers.due_cases, which.shop, now + timedelta(days=1))
    waiting = {item.case_id for item in items if item.done_at is None}
    due = [case for case in due if case.id not in waiting]
    return _page(request, person, assistant, "handover", which, items=items, due=due, now=now)


@router.post("/handover/leave")
async def leave(
    request: Request,
    assistant: AssistantDep,
    registers: RegistersDep,
    person: CurrentPerson,
    text: Words = "",
    shop: Annotated[str, Form(max_length=200)] = "",
    case_id: Annotated[int | None, Form(ge=1, le=2**31 - 1)] = None,
) -> RedirectResponse:
    """Something for the next shift, due at noon; refused without words or a case."""
    return await _done(request, "handover", lambda: registers.leave(assistant, shop, text, case_id, person))


@router.post("/handover/take")
async def take(
    request: Request, registers: RegistersDep, person: CurrentPerson, item: Number
) -> RedirectResponse:
    """Somebody of the next shift sees to it. Refused when somebody else was quicker."""
    return await _done(request, "handover", lambda: registers.take(item, person))


@router.post("/handover/finish")
async def finish(
    request: Request, registers: RegistersDep, person: CurrentPerson, item: Number, outcome: Words = ""
) -> RedirectResponse:
    """It is done, with what came of it."""
    return await _done(request, "handover", lambda: registers.finish(item, outcome, person))


@router.get("/vip")
async def vip(
    request: Request, which: AskedDep, assistant: AssistantDep, registers: RegistersDep, person: CurrentPerson
) -> HTMLResponse:
    """VIP 每月回访。"""
    listed, candidates = await run_in_threadpool(registers.vips, which.shop, which.month)
    left = sum(1 for one in listed if one.call_at is None)
    return _page(request, person, assistant, "vip", which, listed=listed, candidates=candidates, left=left)


@router.post("/vip/add")
async def add_vip(
    request: Request,
    assistant: AssistantDep,
    registers: RegistersDep,
    person: CurrentPerson,
    customer: Words,
    note: Words = "",
    shop: Annotated[str, Form(max_length=200)] = "",
) -> RedirectResponse:
    """A customer to be called every month. Refused when they are on the list."""
    place = assistant.content.shops.get(shop, assistant.content.shop).id
    return await _done(request, "vip", lambda: registers.add_vip(place, customer, note, person))


@router.post("/vip/call")
async def called(
    request: Request,
    registers: RegistersDep,
    person: CurrentPerson,
    vip: Number,
    month: Annotated[str, Form(pattern=r"^20\d\d-(?:0[1-9]|1[0-2])$")],
    note: Words = "",
) -> RedirectResponse:
    """A month's call was made. Refused when it was made already."""
    return await _done(request, "vip", lambda: registers.called(vip, month, note, person))


@router.post("/vip/remove")
async def remove_vip(
    request: Request, registers: RegistersDep, person: CurrentPerson, vip: Number
) -> RedirectResponse:
    """A customer to be called no more; the calls made stay."""
    return await _done(request, "vip", lambda: registers.remove_vip(vip, person))


@router.get("/quality")
async def quality(
    request: Request,
    which: AskedDep,
    assistant: AssistantDep,
    services: ServicesDep,
    registers: RegistersDep,
    person: CurrentPerson,
) -> HTMLResponse:
    """质量通知：同一商品的同类问题，几天内几位顾客反映。"""
    settings = services.settings
    found = await run_in_threadpool(notices, registers, assistant, settings, which.shop)
    return _page(
        request,
        person,
        assistant,
        "quality",
        which,
        notices=found,
        days=settings.quality_days,
        customers=settings.quality_customers,
    )


@router.post("/quality/settle")
async def settle(
    request: Request,
    registers: RegistersDep,
    person: CurrentPerson,
    product: Annotated[str, Form(max_length=200)],
    category: Annotated[str, Form(max_length=20)],
    until: Number,
    shop: Annotated[str, Form(max_length=200)] = "",
    note: Words = "",
) -> RedirectResponse:
    """Something is done about a quality notice; cases after `until` raise it again."""
    return await _done(
        request, "quality", lambda: registers.settle_notice(shop, product, category, until, note, person)
    )


@router.get("/praise")
async def praise(
    request: Request, which: AskedDep, assistant: AssistantDep, registers: RegistersDep, person: CurrentPerson
) -> HTMLResponse:
    """好评和夸奖里顺带提到的问题。"""
    groups = await run_in_threadpool(registers.praise, assistant.content, which.since, which.before)
    return _page(request, person, assistant, "praise", which, groups=groups)


def _page(
    request: Request, person: Person, assistant: AssistantDep, name: Name, which: Asked, **context: Any
) -> HTMLResponse:
    words = wording(assistant, which.shop)
    return workspace_page(
        request,
        person,
        f"cases/{name}.html",
        here=_HERE,
        tabs=TABS,
        tab=f"/registers/{name}",
        name=name,
        title=TITLES[name],
        which=which,
        words=words,
        shops=words.shops,
        status_names=STATUS_NAMES,
        may_export=allows(person, "lead"),
        problem=request.query_params.get("problem", "")[:_SAID],
        **context,
    )


async def _done(request: Request, name: str, work: Any) -> RedirectResponse:
    """Back to the page; what could not be done is said there."""
    target = request.url_for(name).path
    try:
        await run_in_threadpool(work)
    except AppError as error:
        if error.status >= 500:
            raise
        return RedirectResponse(
            str(request.url.replace(path=target, query="").include_query_params(problem=error.detail)), 303
        )
    return RedirectResponse(target, 303)
