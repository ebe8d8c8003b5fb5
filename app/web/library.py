"""The library as a whole: tables of scripts and examples in and out."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from app.store import audit
from app.studio.exchange import Note, Plan, export_csv, export_workbook, template
from app.studio.workshop import Workshop
from app.web.deps import ServicesDep, Trainer
from app.web.files import bodies, download
from app.web.studio_pages import studio_page

router = APIRouter()
_LISTED: Final = 200
_BODY: Final = {"requestBody": {"required": True, "content": bodies("application/octet-stream")}}


class NoteOut(BaseModel):
    """What is to be said of one row of a table."""

    sheet: str = Field(description="哪张表：话术或样例")
    row: int = Field(description="Excel 里的行号")
    text: str = Field(description="有什么问题，一句话")


class PlanOut(BaseModel):
    """What an import does, or would do: nothing is written without the `digest` of what was shown."""

    summary: str = Field(description="新增 32，重复 5，3 行有错")
    new: list[str] = Field(description="新增的，最多列 200 条")
    changed: list[str] = Field(description="会改的，最多列 200 条")
    same: int = Field(description="一模一样、不用动的有几条")
    duplicates: list[NoteOut] = Field(description="和已有的几乎一样的，最多列 200 行")
    errors: list[NoteOut] = Field(description="有错的行，最多列 200 行")
    digest: str = Field(description="导入时带上：保证做的就是看到的")
    done: bool = Field(description="已经导入；false 是预览")


@router.get("/studio/tables", include_in_schema=False)
async def page(request: Request, trainer: Trainer) -> HTMLResponse:
    """The page where tables are taken out and brought in."""
    return studio_page(request, trainer, "studio/tables.html")


@router.get("/studio/template.xlsx", include_in_schema=False)
def download_template(_trainer: Trainer) -> Response:
    """An empty workbook with the columns an import reads."""
    return download(template(), "话术模板.xlsx")


@router.get("/studio/export.xlsx", include_in_schema=False)
def download_workbook(services: ServicesDep, trainer: Trainer) -> Response:
    """Scripts and examples of the draft as a workbook; audited."""
    audit.note(services.database, trainer.name, "studio.exported", shape="xlsx")
    return download(export_workbook(services.workshop.drafts.snapshot().now), "话术和样例.xlsx")


@router.get("/studio/export.csv", include_in_schema=False)
def download_csv(services: ServicesDep, trainer: Trainer) -> Response:
    """Scripts of the draft as CSV; audited."""
    audit.note(services.database, trainer.name, "studio.exported", shape="csv")
    return download(export_csv(services.workshop.drafts.snapshot().now), "话术.csv")


@router.post("/api/v1/studio/import", tags=["话术库"], response_model=PlanOut, openapi_extra=_BODY)
async def import_table(
    request: Request,
    services: ServicesDep,
    trainer: Trainer,
    name: Annotated[str, Query(max_length=300, description="文件名")] = "",
    digest: Annotated[str, Query(max_length=64, description="预览给的；空着只预览，什么也不写")] = "",
    skip: Annotated[bool, Query(description="跳过有错的行，导入其余")] = False,
) -> dict[str, Any]:
    """导入话术和样例的表格（.xlsx、.csv，整个文件作请求体）进草稿：先预览，再带 digest 导入。有错的行不跳过就一行也不导入。"""
    data = await request.body()
    made = await run_in_threadpool(_import, services.workshop, data, name, digest, skip, trainer.name)
    return {
        "summary": made.summary,
        "new": made.new[:_LISTED],
        "changed": made.changed[:_LISTED],
        "same": made.same,
        "duplicates": [_note(note) for note in made.duplicates[:_LISTED]],
        "errors": [_note(note) for note in made.errors[:_LISTED]],
        "digest": made.digest,
        "done": bool(digest),
    }


def _import(workshop: Workshop, data: bytes, name: str, digest: str, skip: bool, who: str) -> Plan:
    if digest:
        return workshop.import_table(data, name, digest=digest, skip=skip, who=who)
    return workshop.plan_import(workshop.drafts.snapshot(), data, name)


def _note(note: Note) -> dict[str, Any]:
    return {"sheet": note.sheet, "row": note.row, "text": note.text}
