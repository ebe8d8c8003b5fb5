"""The case file over HTTP: opened from a conversation, changed, with photos, exported."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header, Path, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app.assist import Assistant
from app.cases import exports
from app.cases.casebook import Casebook, sees_originals
from app.cases.fields import clean
from app.cases.photos import ENDINGS
from app.cases.wording import wording
from app.errors import InvalidRequest
from app.store.cases import CaseQuery
from app.store.people import Person
from app.store.tables_cases import CaseStatus
from app.web.answers import Json, as_json
from app.web.case_answers import case_json, file_json, photo_json
from app.web.case_schemas import (
    CaseChangeIn,
    CaseFileOut,
    CaseListOut,
    CaseOpenedOut,
    CaseOut,
    NewCaseIn,
    PhotoListOut,
    PhotoOut,
    PhotoRemovedOut,
)
from app.web.deps import AssistantDep, CurrentPerson, Lead, ServicesDep
from app.web.files import XLSX, ZIP, bodies, download, picture
from app.web.months import Month, month_edges

router = APIRouter(prefix="/api/v1/cases", tags=["登记表"])

MAX_EXPORTED: Final = 20_000
_IMAGES: Final = bodies(*sorted(ENDINGS))
_XLSX: Final = bodies(XLSX)


async def _casebook(services: ServicesDep) -> Casebook:
    return Casebook(services.database)


CasebookDep = Annotated[Casebook, Depends(_casebook)]
CaseId = Annotated[int, Path(ge=1, le=2**31 - 1, description="登记表在接口里的编号（id），不是 2026-0001")]
PhotoId = Annotated[int, Path(ge=1, le=2**31 - 1, description="照片的编号")]


async def case_query(
    assistant: AssistantDep,
    q: Annotated[str, Query(max_length=100, description="顾客、联系方式、订单号、商品、编号里的几个字")] = "",
    status: Annotated[list[CaseStatus], Query(description="状态，可以写几个")] = [],  # noqa: B006
    shop: Annotated[str, Query(max_length=200, description="只看一家店，店铺 id；空为全部")] = "",
    owner: Annotated[str, Query(max_length=80, description="首诉负责人")] = "",
    month: Month = "",
) -> CaseQuery:
    """Which cases the address asks for; a month is one of the shop that is named, else of the first."""
    q, shop, owner = clean(q), clean(shop), clean(owner)
    since, before = month_edges(month, assistant.content.shops.get(shop, assistant.content.shop).time_zone)
    return CaseQuery(q, tuple(status), shop, owner, since=since, before=before)


CaseQueryDep = Annotated[CaseQuery, Depends(case_query)]


@router.post("", responses={200: {"model": CaseOpenedOut}}, response_class=Response)
async def open_case(
    body: NewCaseIn, assistant: AssistantDep, casebook: CasebookDep, person: CurrentPerson
) -> Response:
    """登记一件投诉。写会话编号：从会话里把能填的填好，已经有没结案的就给那一张；不写：按 fields 新开一张。"""

    def open_it() -> Json:
        if body.conversation_id is not None:
            case, created = casebook.open(assistant, body.conversation_id, person)
        else:
            case, created = casebook.open_blank(assistant, body.fields, person), True
        url = f"/cases/{case.id}"
        return {**case_json(case, wording(assistant)), "created": created, "url": url}

    return as_json(await run_in_threadpool(open_it))


@router.get("", responses={200: {"model": CaseListOut}}, response_class=Response)
async def list_cases(
    query: CaseQueryDep,
    assistant: AssistantDep,
    casebook: CasebookDep,
    limit: Annotated[int, Query(ge=1, le=200, description="一页最多几张")] = 50,
    offset: Annotated[int, Query(ge=0, le=1_000_000, description="跳过前几张，翻页用")] = 0,
) -> Response:
    """登记表清单：没结案的在前，期限近的在前。"""
    found, total, statuses = await run_in_threadpool(casebook.search, query, limit=limit, offset=offset)
    words = wording(assistant)
    return as_json(
        {"items": [case_json(case, words) for case in found], "total": total, "statuses": statuses}
    )


@router.get("/export.xlsx", responses={200: {"content": _XLSX}}, response_class=Response)
async def export_cases(
    query: CaseQueryDep, assistant: AssistantDep, casebook: CasebookDep, person: Lead
) -> Response:
    """一批登记表的 Excel（主管）：顾客的个人信息都遮住，导出会记下来。一次最多 20000 张。"""

    def export() -> bytes:
        found, total, _ = casebook.search(query, limit=MAX_EXPORTED)
        casebook.record(person, "cases.exported", count=len(found), total=total, masked=True)
        return exports.list_workbook(found, wording(assistant))

    return download(await run_in_threadpool(export), "顾客投诉登记表.xlsx")


@router.get("/photos", responses={200: {"model": PhotoListOut}}, response_class=Response)
async def find_photos(
    casebook: CasebookDep,
    q: Annotated[str, Query(min_length=1, max_length=100, description="顾客昵称或编号、订单号、登记表编号")],
) -> Response:
    """按顾客昵称或编号、订单号、登记表编号找照片，新的在前，最多 100 张。"""
    found = await run_in_threadpool(casebook.find_photos, clean(q))
    return as_json({"items": [photo_json(photo) for photo in found]})


@router.get("/{case_id}", responses={200: {"model": CaseFileOut}}, response_class=Response)
async def read_case(case_id: CaseId, assistant: AssistantDep, casebook: CasebookDep) -> Response:
    """一张登记表的全部：各项内容、照片、经过（登记表的改动和会话里的话排在一起）。"""

    def read() -> Json:
        file = casebook.file(case_id)
        talk = file.case.conversation_id
        others = casebook.of_conversation(talk) if talk else []
        return file_json(file, wording(assistant, str(file.case.fields["shop"])), others)

    return as_json(await run_in_threadpool(read))


@router.patch("/{case_id}", responses={200: {"model": CaseOut}}, response_class=Response)
async def change_case(
    case_id: CaseId,
    body: CaseChangeIn,
    assistant: AssistantDep,
    casebook: CasebookDep,
    person: CurrentPerson,
    if_match: Annotated[str | None, Header(max_length=40, description="您看到的版本")] = None,
) -> Response:
    """改登记表的几项，负责人本人和主管可以改。带上看到的版本；别人先改过就回答 409，`changed` 里是他改了什么，什么也没有覆盖。"""
    version = _version(body, if_match)

    def change() -> Json:
        shop = str(body.changes.get("shop") or casebook.get(case_id).fields["shop"])
        limits = assistant.content.shops.get(shop, assistant.content.shop).authority
        case = casebook.change(
            case_id, version, body.changes, person, {str(role): limit for role, limit in limits.items()}
        )
        return case_json(case, wording(assistant, shop))

    return as_json(await run_in_threadpool(change))


@router.post("/{case_id}/take-over", responses={200: {"model": CaseOut}}, response_class=Response)
async def take_over(
    case_id: CaseId, assistant: AssistantDep, casebook: CasebookDep, person: CurrentPerson
) -> Response:
    """接手一张登记表：从现在起由您负责到底。从谁手里接的，记在登记表的经过和操作记录里。"""

    def take() -> Json:
        case = casebook.take_over(case_id, person)
        return case_json(case, wording(assistant, str(case.fields["shop"])))

    return as_json(await run_in_threadpool(take))


@router.post("/{case_id}/withdraw", responses={200: {"model": CaseOut}}, response_class=Response)
async def withdraw(
    case_id: CaseId, assistant: AssistantDep, casebook: CasebookDep, person: CurrentPerson
) -> Response:
    """登记错了，作废：只有还没填过东西的能作废，编号留着，记在经过和操作记录里。同一个会话再登记，还用这张。"""

    def void() -> Json:
        case = casebook.withdraw(case_id, person)
        return case_json(case, wording(assistant, str(case.fields["shop"])))

    return as_json(await run_in_threadpool(void))


def _version(body: CaseChangeIn, if_match: str | None) -> int:
    if body.version is not None:
        return body.version
    text = (if_match or "").strip().removeprefix("W/").strip('"')
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise InvalidRequest("要写上您看到的版本：version 或者 If-Match")
    return int(text)


@router.post(
    "/{case_id}/photos",
    responses={200: {"model": PhotoOut}},
    response_class=Response,
    openapi_extra={"requestBody": {"required": True, "content": _IMAGES}},
)
async def add_photo(
    case_id: CaseId,
    request: Request,
    casebook: CasebookDep,
    person: CurrentPerson,
    name: Annotated[str, Query(max_length=200, description="文件名")] = "",
) -> Response:
    """加一张照片：请求正文就是照片，最多 5 MB，JPG、PNG、WebP、GIF。按内容认，原样存进数据库；同一张只存一次。"""
    data = await request.body()
    return as_json(photo_json(await run_in_threadpool(casebook.add_photo, case_id, data, name, person)))


@router.get("/{case_id}/photos/{photo_id}", responses={200: {"content": _IMAGES}}, response_class=Response)
async def read_photo(
    case_id: CaseId,
    photo_id: PhotoId,
    casebook: CasebookDep,
    small: Annotated[bool, Query(description="true 要小图")] = False,
) -> Response:
    """一张照片：原样；small=true 是小图。"""
    media_type, data = await run_in_threadpool(casebook.photo_bytes, case_id, photo_id, small=small)
    return picture(data, media_type, f"{case_id}-{photo_id}.{ENDINGS[media_type]}")


@router.delete(
    "/{case_id}/photos/{photo_id}", responses={200: {"model": PhotoRemovedOut}}, response_class=Response
)
async def remove_photo(
    case_id: CaseId, photo_id: PhotoId, casebook: CasebookDep, person: CurrentPerson
) -> Response:
    """删一张照片：自己传的，或者主管来删。"""
    await run_in_threadpool(casebook.remove_photo, case_id, photo_id, person)
    return as_json({"removed": True})


@router.get("/{case_id}/export.xlsx", responses={200: {"content": _XLSX}}, response_class=Response)
async def export_case(
    case_id: CaseId, assistant: AssistantDep, casebook: CasebookDep, person: CurrentPerson
) -> Response:
    """一张登记表的 Excel。负责人、登记人和主管看到原文，其他人看到的个人信息是遮住的；导出会记下来。"""

    def export() -> tuple[bytes, str]:
        file = casebook.file(case_id)
        original = sees_originals(file.case, person)
        casebook.record(person, "case.exported", case=file.case.number, masked=not original)
        words = wording(assistant, str(file.case.fields["shop"]))
        return exports.case_workbook(file, words, original=original), f"登记表 {file.case.number}.xlsx"

    return download(*await run_in_threadpool(export))


@router.get(
    "/{case_id}/appeal.zip",
    responses={200: {"content": bodies(ZIP)}},
    response_class=Response,
)
async def export_appeal(
    case_id: CaseId, assistant: AssistantDep, casebook: CasebookDep, person: Lead
) -> Response:
    """平台申诉材料（主管）：登记表、带时间的全部聊天记录、编号的证据清单和照片原件，附每个文件的校验值。"""
    return download(*await run_in_threadpool(_appeal, assistant, casebook, case_id, person))


def _appeal(assistant: Assistant, casebook: Casebook, case_id: int, person: Person) -> tuple[bytes, str]:
    file = casebook.file(case_id)
    photos = {photo.id: casebook.photo_bytes(case_id, photo.id, small=False)[1] for photo in file.photos}
    casebook.record(person, "case.appeal_exported", case=file.case.number, photos=len(photos))
    words = wording(assistant, str(file.case.fields["shop"]))
    packet = exports.appeal_packet(file, photos, words, by=person.name, now=datetime.now(UTC))
    return packet, f"申诉材料 {file.case.number}.zip"
