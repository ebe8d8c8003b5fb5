"""One customer's data: looked up, handed over, erased. For administrators."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app import privacy
from app.web.deps import Admin, DatabaseDep
from app.web.files import ZIP, bodies, download
from app.web.schemas import Incoming

router = APIRouter(prefix="/api/v1/customers", tags=["顾客数据"])

Customer = Annotated[str, Query(max_length=200, description="顾客的昵称、订单号或会话编号")]


class StoredOut(BaseModel):
    """What is stored about a customer: names and counts, no words. held: cases that must be settled first."""

    conversations: Annotated[list[str], Field(description="会话编号")]
    cases: Annotated[list[str], Field(description="登记表编号")]
    held: Annotated[list[str], Field(description="还没结、所以不能删除的登记表")]
    rows: Annotated[dict[str, int], Field(description="每张表里有多少条")]


class ErasedOut(BaseModel):
    """How many rows of each table are gone."""

    rows: Annotated[dict[str, int], Field(description="每张表里删了多少条")]


class CustomerIn(Incoming):
    """A customer, by nickname, order number or conversation."""

    customer: Annotated[str, Field(max_length=200, description="顾客的昵称、订单号或会话编号")]


@router.get("")
async def look_up(customer: Customer, database: DatabaseDep, _admin: Admin) -> StoredOut:
    """这位顾客存了些什么。"""
    found = await run_in_threadpool(privacy.look_up, database, customer)
    return StoredOut(
        conversations=list(found.conversations),
        cases=list(found.cases),
        held=list(found.held),
        rows=found.rows,
    )


@router.post("/export", response_class=Response, responses={200: {"content": bodies(ZIP)}})
async def export(body: CustomerIn, database: DatabaseDep, admin: Admin) -> Response:
    """把这位顾客的全部记录打包成 ZIP：data.json 和照片，原样不遮盖；会记进操作记录。"""
    packed = await run_in_threadpool(privacy.export, database, body.customer, by=admin.name)
    return download(packed, "customer.zip")


@router.post("/erase")
async def erase(body: CustomerIn, database: DatabaseDep, admin: Admin) -> ErasedOut:
    """删除这位顾客的全部记录。还有没结的登记表时不删，回答 409，`held` 写着是哪些。"""
    return ErasedOut(rows=await run_in_threadpool(privacy.erase, database, body.customer, by=admin.name))
