"""The registers over HTTP: as JSON, as Excel, and what people do in them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app.assist import Assistant
from app.cases.exports import hidden
from app.cases.fields import STATUS_NAMES, clean
from app.cases.wording import Wording, wording
from app.config import Settings
from app.masking import mask
from app.registers import Notice, PraiseGroup, Registers
from app.sheets import Cell, write_workbook
from app.store.cases import CaseQuery
from app.web.answers import as_json
from app.web.deps import AssistantDep, CurrentPerson, Lead, ServicesDep
from app.web.files import XLSX, bodies, download
from app.web.months import Month, month_edges, this_month
from app.web.schemas import Incoming, Short

router = APIRouter(prefix="/api/v1/registers", tags=["登记表"])

Name = Literal["parcels", "wrong", "handover", "vip", "quality", "praise"]
TITLES: Final[dict[Name, str]] = {
    "parcels": "丢件破损登记",
    "wrong": "错发登记",
    "handover": "交接班",
    "vip": "VIP 回访",
    "quality": "质量通知",
    "praise": "好评里的问题",
}
_XLSX: Final = bodies(XLSX)
_PERSONAL: Final = frozenset({"顾客", "订单号", "快递单号"})
_FREE: Final = frozenset({"事项", "结果", "备注", "说明", "例句"})


class Asked(BaseModel):
    """Which register is asked for: a month (the running one if none is given) and a shop (all if none)."""

    month: str
    since: datetime
    before: datetime
    shop: str


class RegisterOut(BaseModel):
    """A register as a table of text, of one month and shop."""

    title: str = Field(description="表的名字")
    month: str = Field(description="哪个月，例如 2026-11")
    columns: list[str] = Field(description="每列的名字")
    rows: list[list[str]] = Field(description="一件一行，每格是文字，和 columns 对应")
    total: Annotated[str | None, Field(description="丢件破损：当月金额合计（元）")]


class HandoverIn(Incoming):
    """Something for the next shift: words, a case, or both."""

    text: Annotated[str, Field(max_length=2000, description="要接着办的事；写了 case_id 可以空着")] = ""
    case_id: Annotated[int | None, Field(ge=1, le=2**31 - 1, description="把这张登记表交过去")] = None
    shop: Annotated[Short, Field(description="店铺 id；空为登记表的店铺，没有登记表为第一个店铺")] = ""


class ReviewsIn(Incoming):
    """Reviews pasted in, up to 200; they are read and not stored."""

    texts: Annotated[
        list[Annotated[str, Field(max_length=1000)]], Field(max_length=200, description="一条评价一项")
    ]


class PraiseOut(BaseModel):
    """A kind of trouble that customers named while praising."""

    category: str = Field(description="问题的类别")
    count: int = Field(description="几条评价提到")
    intents: dict[str, int] = Field(description="意图的中文名 → 几次")
    samples: list[str] = Field(description="例句")


class ReviewsOut(BaseModel):
    """Trouble named while praising, the most frequent on top."""

    items: list[PraiseOut] = Field(description="提到得多的在前")


class LeftOut(BaseModel):
    """Whether it was left; a case is left once."""

    left: Annotated[bool, Field(description="false：这张登记表已经在交接里")]
    due_at: datetime | None = Field(description="接班的人最晚什么时候办；没交成为 null")


async def _registers(services: ServicesDep) -> Registers:
    return Registers(services.database)


async def asked(
    assistant: AssistantDep,
    month: Month = "",
    shop: Annotated[str, Query(max_length=200, description="只看一家店，店铺 id；空为全部")] = "",
) -> Asked:
    """What the address asks for: the running month and all shops, unless it says otherwise."""
    shop = clean(shop)
    zone = assistant.content.shops.get(shop, assistant.content.shop).time_zone
    month = month or this_month(zone)
    since, before = month_edges(month, zone)
    assert since is not None
    assert before is not None
    return Asked(month=month, since=since, before=before, shop=shop)


RegistersDep = Annotated[Registers, Depends(_registers)]
AskedDep = Annotated[Asked, Depends(asked)]
Which = Annotated[Name, Path(description="parcels 丢件破损、wrong 错发、handover 交接班、vip 回访、quality 质量通知、praise 好评里的问题")]  # fmt: skip


@router.get("/{name}", responses={200: {"model": RegisterOut}}, response_class=Response)
async def read_register(
    name: Which, which: AskedDep, assistant: AssistantDep, services: ServicesDep, registers: RegistersDep
) -> Response:
    """一张登记表，一行一件。month 不写是这个月；quality 看最近几天，和月份无关。"""
    columns, lines, total = await run_in_threadpool(
        table, name, which, assistant, services.settings, registers
    )
    body = {"title": TITLES[name], "month": which.month, "columns": columns, "rows": lines, "total": total}
    return as_json(body)


@router.get("/{name}/export.xlsx", responses={200: {"content": _XLSX}}, response_class=Response)
async def export_register(
    name: Which,
    which: AskedDep,
    assistant: AssistantDep,
    services: ServicesDep,
    registers: RegistersDep,
    person: Lead,
) -> Response:
    """同一张表的 Excel（主管）：个人信息遮住，导出会记下来。"""

    def export() -> bytes:
        columns, lines, total = table(name, which, assistant, services.settings, registers)
        registers.record(person, "register.exported", register=name, month=which.month, rows=len(lines))
        shown: list[list[Cell]] = [list(columns)]
        shown += [_masked(columns, line) for line in lines]
        if total is not None:
            shown.append(["合计", *("" for _ in columns[2:]), total])
        return write_workbook({TITLES[name]: shown}, {TITLES[name]: [16] * len(columns)})

    return download(await run_in_threadpool(export), f"{TITLES[name]} {which.month}.xlsx")


@router.post("/handover", responses={200: {"model": LeftOut}}, response_class=Response)
async def leave(
    body: HandoverIn, assistant: AssistantDep, registers: RegistersDep, person: CurrentPerson
) -> Response:
    """交给下一班：期限是下一个中午 12 点。"""
    left = await run_in_threadpool(registers.leave, assistant, body.shop, body.text, body.case_id, person)
    return as_json({"left": left is not None, "due_at": left.due_at if left is not None else None})


@router.post("/praise", responses={200: {"model": ReviewsOut}}, response_class=Response)
async def read_reviews(body: ReviewsIn, assistant: AssistantDep, registers: RegistersDep) -> Response:
    """把贴来的评价里提到的问题分类汇总，一次最多 200 条；不写入任何东西。"""
    texts = [text for text in body.texts if text.strip()]
    groups = await run_in_threadpool(registers.read_reviews, assistant, texts, datetime.now(UTC))
    return as_json({"items": [_praise(group) for group in groups]})


def _praise(group: PraiseGroup) -> dict[str, Any]:
    samples = [text for _, text in group.samples]
    return {"category": group.category, "count": group.count, "intents": group.intents, "samples": samples}


Lines = tuple[list[str], list[list[str]], str | None]


def table(name: Name, which: Asked, assistant: Assistant, settings: Settings, registers: Registers) -> Lines:
    """The columns and rows of a register as text, and the total of its last column where it has one."""
    words = wording(assistant, which.shop)
    makers: dict[Name, Callable[[], Lines]] = {
        "parcels": lambda: _parcels(registers, which, words),
        "wrong": lambda: _wrong(registers, which, words),
        "handover": lambda: _handover(registers, which, words),
        "vip": lambda: _vip(registers, which, words),
        "quality": lambda: _quality(registers, which, assistant, settings, words),
        "praise": lambda: _praises(registers, which, assistant),
    }
    return makers[name]()


def query_of(which: Asked) -> CaseQuery:
    """The cases of that month and shop."""
    return CaseQuery(shop=which.shop, since=which.since, before=which.before)


def _parcels(registers: Registers, which: Asked, words: Wording) -> Lines:
    found = registers.parcels(query_of(which))
    lines = []
    for one in found:
        fields = one.case.fields
        lines.append(
            [one.case.number, words.moment(one.case.opened_at)[:10], one.kind, fields["customer"], fields["order_number"],
             fields["product"], fields["quantity"], fields["courier"], fields["tracking_number"], fields["responsibility"],
             STATUS_NAMES[fields["status"]], f"{one.amount:.2f}"]
        )  # fmt: skip
    columns = [
        "编号",
        "日期",
        "类型",
        "顾客",
        "订单号",
        "商品",
        "数量",
        "快递公司",
        "快递单号",
        "责任",
        "状态",
        "金额",
    ]
    return columns, lines, f"{sum(one.amount for one in found):.2f}"


def _wrong(registers: Registers, which: Asked, words: Wording) -> Lines:
    lines = []
    for case in registers.wrong(query_of(which)):
        fields = case.fields
        lines.append(
            [case.number, words.moment(case.opened_at)[:10], fields["customer"], fields["order_number"], fields["product"],
             f"{fields['colour']} {fields['size']}".strip(), fields["description"], words.value("remedies", fields["remedies"]),
             STATUS_NAMES[fields["status"]]]
        )  # fmt: skip
    return ["编号", "日期", "顾客", "订单号", "商品", "颜色尺码", "说明", "处理方案", "状态"], lines, None


def _handover(registers: Registers, which: Asked, words: Wording) -> Lines:
    lines = [
        [words.moment(one.left_at), one.left_by, one.text, one.case_number, words.moment(one.due_at), one.taken_by,
         words.moment(one.done_at) if one.done_at else "", one.done_by, one.outcome]
        for one in registers.handovers_of(which.shop, which.since, which.before)
    ]  # fmt: skip
    return (
        ["交班时间", "交班人", "事项", "登记表", "期限", "接手人", "办完时间", "办理人", "结果"],
        lines,
        None,
    )


def _vip(registers: Registers, which: Asked, words: Wording) -> Lines:
    listed, _ = registers.vips(which.shop, which.month)
    lines = [
        [words.shops.get(one.shop, one.shop), one.customer, one.note, words.moment(one.call_at) if one.call_at else "还没回访",
         one.call_by, one.call_note]
        for one in listed
    ]  # fmt: skip
    return ["店铺", "顾客", "说明", "回访时间", "回访人", "备注"], lines, None


def _quality(
    registers: Registers, which: Asked, assistant: Assistant, settings: Settings, words: Wording
) -> Lines:
    lines = [
        [words.shops.get(one.shop, one.shop), one.product, one.category, str(one.customers),
         "、".join(f"{name} {count}" for name, count in one.intents.items()), one.details,
         "、".join(case.number for case in one.cases), one.mark.note or "已处理" if one.mark else "没处理"]
        for one in notices(registers, assistant, settings, which.shop)
    ]  # fmt: skip
    return ["店铺", "商品", "类别", "顾客数", "问题", "集中在", "登记表", "处理"], lines, None


def notices(registers: Registers, assistant: Assistant, settings: Settings, shop: str) -> list[Notice]:
    """The quality notices by the service's own measure of days and customers."""
    return registers.notices(
        assistant.content,
        shop,
        datetime.now(UTC),
        days=settings.quality_days,
        customers=settings.quality_customers,
    )


def _praises(registers: Registers, which: Asked, assistant: Assistant) -> Lines:
    lines = [
        [one.category, str(one.count), "、".join(f"{name} {count}" for name, count in one.intents.items()),
         "\n".join(text for _, text in one.samples)]
        for one in registers.praise(assistant.content, which.since, which.before)
    ]  # fmt: skip
    return ["类别", "次数", "问题", "例句"], lines, None


def _masked(columns: list[str], line: list[str]) -> list[Cell]:
    return [
        hidden(value) if column in _PERSONAL else mask(value) if column in _FREE else value
        for column, value in zip(columns, line, strict=True)
    ]
