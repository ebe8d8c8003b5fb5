"""The pages of the case file: the list, one case, its print view, photos found by customer."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool

from app.accounts import allows
from app.assist import Assistant
from app.cases.casebook import CaseFile, answers_for, sees_originals
from app.cases.exports import number, text_of
from app.cases.fields import CONFIRMATIONS, NAMES, PARTIES, STATUS_NAMES, clean
from app.cases.steps import steps
from app.cases.wording import wording
from app.store.cases import Case
from app.store.tables_cases import SETTLED
from app.vocabulary import EMOTION_NAMES, FACTS, REMEDIES
from app.web.case_answers import timeline
from app.web.cases import CasebookDep, CaseId, CaseQueryDep
from app.web.deps import AssistantDep, CurrentPerson
from app.web.register_tabs import TABS
from app.web.workspace import workspace_page

router = APIRouter(include_in_schema=False)

PATH: Final = "/cases"
PAGE_SIZE: Final = 50
_PRINTED: Final = tuple(
    field for field in NAMES if field not in ("status", "owner", "due_at", "emotion", "risks")
)


@router.get(PATH)
async def list_page(
    request: Request,
    query: CaseQueryDep,
    assistant: AssistantDep,
    casebook: CasebookDep,
    person: CurrentPerson,
    month: str = "",
    page: Annotated[int, Query(ge=1, le=20_000)] = 1,
) -> HTMLResponse:
    """顾客投诉登记表的清单。"""
    found, total, counts = await run_in_threadpool(
        casebook.search, query, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE
    )
    words = wording(assistant, query.shop)
    kept = {"q": query.text, "shop": query.shop, "owner": query.owner, "month": month}
    asked = urlencode({name: value for name, value in kept.items() if value})
    statuses = [("status", status) for status in query.statuses]
    return workspace_page(
        request,
        person,
        "cases/list.html",
        here=PATH,
        tabs=TABS,
        tab=PATH,
        lines=[(case, _due(case)) for case in found],
        total=total,
        counts=counts,
        page_number=page,
        pages=max(1, -(-total // PAGE_SIZE)),
        query=query,
        month=month,
        asked=asked,
        asked_all="&".join(part for part in (asked, urlencode(statuses)) if part),
        words=words,
        status_names=STATUS_NAMES,
        shops=words.shops,
        may_export=allows(person, "lead"),
    )


@router.get(f"{PATH}/photos")
async def photos_page(
    request: Request,
    casebook: CasebookDep,
    assistant: AssistantDep,
    person: CurrentPerson,
    q: Annotated[str, Query(max_length=100)] = "",
) -> HTMLResponse:
    """按顾客找照片。"""
    text = clean(q)
    found = await run_in_threadpool(casebook.find_photos, text)
    return workspace_page(
        request,
        person,
        "cases/photos.html",
        here=PATH,
        tabs=TABS,
        tab=f"{PATH}/photos",
        photos=found,
        text=text,
        words=wording(assistant),
    )


@router.get(f"{PATH}/{{case_id}}")
async def case_page(
    request: Request, case_id: CaseId, assistant: AssistantDep, casebook: CasebookDep, person: CurrentPerson
) -> HTMLResponse:
    """一张登记表。"""
    file = await run_in_threadpool(casebook.file, case_id)
    words = wording(assistant, str(file.case.fields["shop"]))
    return workspace_page(
        request,
        person,
        "cases/case.html",
        here=PATH,
        file=file,
        case=file.case,
        fields=file.case.fields,
        due=_due(file.case),
        steps=steps(file),
        timeline=timeline(file, words),
        words=words,
        names=NAMES,
        form=json.dumps(_form(file.case, assistant), ensure_ascii=False),
        parties=PARTIES,
        confirmations=CONFIRMATIONS,
        platforms=FACTS["平台"],
        remedies=REMEDIES,
        emotions=EMOTION_NAMES,
        status_names=STATUS_NAMES,
        may_appeal=allows(person, "lead"),
        may_change=answers_for(file.case, person),
        may_withdraw=answers_for(file.case, person) and file.events[-1].what == "opened",
        settled=file.case.status in SETTLED,
    )


@router.get(f"{PATH}/{{case_id}}/print")
async def print_page(
    request: Request, case_id: CaseId, assistant: AssistantDep, casebook: CasebookDep, person: CurrentPerson
) -> HTMLResponse:
    """给打印的一张登记表：A4、白底、有签名栏。打开就记进审计。"""

    def read() -> tuple[CaseFile, bool]:
        file = casebook.file(case_id)
        original = sees_originals(file.case, person)
        casebook.record(person, "case.printed", case=file.case.number, masked=not original)
        return file, original

    file, original = await run_in_threadpool(read)
    words = wording(assistant, str(file.case.fields["shop"]))
    told = {field: text_of(field, file.case.fields, words, original=original) for field in _PRINTED}
    return workspace_page(
        request,
        person,
        "cases/print.html",
        here=PATH,
        case=file.case,
        told=told,
        names=NAMES,
        photos=[(number(at), photo) for at, photo in enumerate(file.photos, 1)],
        words=words,
        original=original,
        printed_at=words.shown(datetime.now(UTC)),
    )


def _due(case: Case) -> tuple[str, str]:
    """How the due date stands: a CSS class and the words; both empty when there is nothing to wait for."""
    if not case.fields["due_at"] or case.status in SETTLED:
        return "", ""
    left = (datetime.fromisoformat(case.fields["due_at"]) - datetime.now(UTC)).total_seconds()
    if left < 0:
        return "late", f"超期 {_span(-left)}"
    return ("soon" if left < 12 * 3600 else ""), f"还剩 {_span(left)}"


def _span(seconds: float) -> str:
    minutes = int(seconds // 60)
    if minutes >= 2 * 24 * 60:
        return f"{minutes // (24 * 60)} 天"
    return f"{minutes // 60} 小时" if minutes >= 60 else f"{max(minutes, 1)} 分钟"


def _form(case: Case, assistant: Assistant) -> dict[str, Any]:
    """What the page's script starts from."""
    intents = [
        [intent.id, intent.name]
        for intent in assistant.content.intents.values()
        if intent.kind in ("complaint", "enquiry")
    ]
    return {
        "id": case.id,
        "version": case.version,
        "fields": case.fields,
        "intents": intents,
        "remedies": REMEDIES,
    }
