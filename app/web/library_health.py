"""The library's health: the page with its plots, the tables to take away, and the same as an API."""

from __future__ import annotations

import csv
import io
from itertools import groupby
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import AfterValidator, BaseModel, Field
from starlette.concurrency import run_in_threadpool

from app.accounts import allows
from app.sheets import Cell, write_workbook
from app.store import audit
from app.studio.figures import told
from app.studio.health import OFTEN_SHOWN, PERIODS, Looked
from app.studio.survey import SOON
from app.vocabulary import TONES
from app.web.deps import Services, ServicesDep, Trainer
from app.web.files import download
from app.web.plots import per_day, share_bar
from app.web.studio_pages import studio_page

router = APIRouter()


def _period(days: int) -> int:
    if days not in PERIODS:
        raise ValueError(f"天数只能是{'、'.join(map(str, PERIODS))}")
    return days


Period = Annotated[int, AfterValidator(_period), Field(json_schema_extra={"enum": list(PERIODS)})]
Days = Annotated[Period, Query(description="最近几天，含今天")]
_KINDS: Final = {"shop": "和店铺资料", "rule": "和处理规则", "scripts": "两条话术之间"}
_STATES: Final = {"over": "已经过期", "soon": "快过期", "later": "还没开始"}
_FIGURES: Final = ("显示", "照发", "改了发", "不合适", "用上的")


class FiguresOut(BaseModel):
    """How often scripts were shown and what became of that."""

    shown: int = Field(description="显示过几次")
    copied: int = Field(description="照发")
    edited: int = Field(description="改了再发")
    rejected: int = Field(description="点了不合适")
    share: float = Field(description="用上的（照发和改了发）占显示的，0 到 1")
    enough: bool = Field(description="次数够不够说明什么（至少 20 次）")


class DayOut(FiguresOut):
    """The figures of one day (UTC)."""

    day: str = Field(description="哪一天（UTC 日），例如 2026-11-22")


class ScriptNameOut(BaseModel):
    """A script as tables name it; `gone` once the draft has it no more."""

    id: str = Field(description="话术的 id")
    title: str = Field(description="标题")
    intent: str = Field(description="意图编号，空是通用话术")
    intent_name: str = Field(description="意图的中文名，通用话术为空")
    stage: str = Field(description="阶段的中文名")
    tone: str = Field(description="语气")
    gone: bool = Field(description="草稿里已经没有这条")


class ScriptUseOut(ScriptNameOut, FiguresOut):
    """The figures of one script."""


class IntentUseOut(FiguresOut):
    """The figures of one intent's scripts, or of the common ones."""

    id: str = Field(description="意图 id，空是通用话术")
    name: str = Field(description="意图的中文名")


class AgentUseOut(FiguresOut):
    """The figures of one agent, for leads only."""

    name: str = Field(description="客服")


class UnusedOut(ScriptNameOut):
    """A script that was shown 30 times and more and never used."""

    shown: int = Field(description="显示过几次")


class UnseenOut(BaseModel):
    """Published scripts that were never shown."""

    count: int = Field(description="一次也没显示过的有几条")
    of: int = Field(description="已发布的话术一共几条")
    items: list[ScriptNameOut] = Field(description="最多 200 条")


class EditedOut(ScriptNameOut):
    """A script that agents change before they send it, and what into; three like changes make a proposal."""

    edited: int = Field(description="改了再发几次")
    used: int = Field(description="一共发了几次")
    proposal: str | None = Field(description="采用时带上；null 是没有三次以上一样的改法")
    bubbles: list[str] = Field(description="最常改成的样子，空还是空")
    before: list[tuple[str, bool]] = Field(description="现在的话，一段一段，true 是改掉的")
    after: list[tuple[str, bool]] = Field(description="改成的话，true 是改出来的")
    times: int = Field(description="这样改了几次")
    read: int = Field(description="一共读懂了几次改动")


class ShouldBeOut(BaseModel):
    """The intent that agents named instead, and how often."""

    id: str = Field(description="意图 id")
    name: str = Field(description="意图的中文名")
    times: int = Field(description="说过几次")


class RejectedOut(ScriptNameOut):
    """A script that agents call unfitting."""

    rejected: int = Field(description="说不合适几次")
    shown: int = Field(description="显示过几次")
    should_be: list[ShouldBeOut] = Field(description="客服说应该是的意图")
    silent: int = Field(description="没说应该是什么的次数")


class GapOut(BaseModel):
    """Messages of the last 7 days that were not understood, by the intent they come closest to."""

    id: str = Field(description="意图编号，空是看不出")
    name: str = Field(description="意图的中文名")
    count: int = Field(description="一共几句")
    unsure: int = Field(description="拿不准")
    refused: int = Field(description="没认出来")
    corrected: int = Field(description="客服改过")
    examples: list[str] = Field(description="顾客的话，个人信息已遮住")


class LibraryUseOut(BaseModel):
    """How the library was used in the last 7, 30 or 90 days, today included."""

    days: int = Field(description="最近几天：7、30 或 90")
    first: str = Field(description="从哪天算起（UTC 日，北京时间早上 8 点起算）")
    total: FiguresOut = Field(description="合起来")
    by_day: list[DayOut] = Field(description="一天一条，从早到晚")
    by_script: list[ScriptUseOut] = Field(description="显示最多的 200 条")
    by_intent: list[IntentUseOut] = Field(description="按意图，显示多的在前")
    by_agent: list[AgentUseOut] | None = Field(description="主管和管理员才有，别人是 null")
    unused: list[UnusedOut] = Field(description="显示了 30 次以上，一次也没人用")
    unseen: UnseenOut = Field(description="一次也没显示过的")
    little: bool = Field(description="一共显示不到 200 次，没出来过的说明不了什么")
    edited: list[EditedOut] = Field(description="常改了再发的，改得多的在前")
    rejected: list[RejectedOut] = Field(description="常说不合适的，说得多的在前")
    gaps: list[GapOut] = Field(description="最近 7 天没认出来、拿不准、改过意图的消息")


class CellOut(BaseModel):
    """One stage and tone of an intent, and how many scripts there are for it."""

    stage: str = Field(description="阶段 id")
    stage_name: str = Field(description="阶段的中文名")
    tone: str = Field(description="语气")
    own: int = Field(description="自己的话术几条")
    common: int = Field(description="能用的通用话术几条")
    state: Literal["own", "common", "none"] = Field(description="有自己的、只有通用的、没有")


class CoverageOut(BaseModel):
    """One intent's row of the map."""

    id: str = Field(description="意图 id")
    name: str = Field(description="意图的中文名")
    pack: str = Field(description="在哪个包")
    group: str = Field(description="分组的中文名")
    cells: list[CellOut] = Field(description="阶段 × 语气，一格一条")


class PlaceOut(BaseModel):
    """Where a script stands."""

    id: str = Field(description="话术的 id")
    title: str = Field(description="标题")
    intent: str = Field(description="意图 id，通用话术为空")
    stage: str = Field(description="阶段的中文名")
    tone: str = Field(description="语气")


class DuplicateSideOut(PlaceOut):
    """One of two scripts almost the same, cut where they differ."""

    text: list[tuple[str, bool]] = Field(description="一段一段，true 是两条不一样的地方")


class DuplicateOut(BaseModel):
    """Two scripts almost the same; score: how much, in per cent."""

    score: float = Field(description="像到百分之几")
    sides: list[DuplicateSideOut] = Field(description="几乎一样的两条")


class ContradictionOut(BaseModel):
    """Scripts that contradict each other, the shop's data or a rule."""

    kind: Literal["shop", "rule", "scripts"] = Field(description="和店铺资料、和处理规则、两条话术之间")
    scripts: list[PlaceOut] = Field(description="哪几条话术")
    text: str = Field(description="怎么矛盾，一句话")


class DateOut(PlaceOut):
    """A script that is over, ends within 14 days, or has not begun."""

    state: Literal["over", "soon", "later"] = Field(description="过期了、14 天内过期、还没开始")
    day: str = Field(description="过期或开始的日子，例如 2026-11-30")
    days: int = Field(description="还有几天，负数是过了几天")


class LookOut(BaseModel):
    """How the draft's library is: holes, doubles, contradictions, dates."""

    coverage: list[CoverageOut] = Field(description="覆盖图，一个意图一条")
    holes: int = Field(description="空着的有几格")
    cells: int = Field(description="一共几格")
    duplicates: list[DuplicateOut] = Field(description="最像的 300 对")
    contradictions: list[ContradictionOut] = Field(description="互相矛盾的")
    dates: list[DateOut] = Field(description="过期、快过期、还没开始的")
    scripts: int = Field(description="一共几条话术")


class HealthOut(BaseModel):
    """The last look at the draft, taken in the background; `fresh` is false until it is of this version."""

    version: int = Field(description="看的是草稿第几次改动")
    fresh: bool = Field(description="是不是草稿现在的样子；不是就在后台重看，过几秒再来")
    trouble: str = Field(description="上次没看成的原因，空是看成了")
    found: LookOut | None = Field(description="null 是还没看完第一遍")


class AdoptIn(BaseModel):
    """The usual change of a script to be taken over, as it was seen."""

    script: str = Field(max_length=100, description="话术的 id")
    proposal: str = Field(max_length=32, description="看到的改法的名字")
    days: Annotated[Period, Field(description="看的是最近几天的改法")] = 30


class AdoptedOut(BaseModel):
    """The draft with the change in it."""

    version: int = Field(description="现在是草稿的第几次改动")
    edit: int | None = Field(description="草稿里的这一步，撤销用")


@router.get("/studio/health", include_in_schema=False)
async def page(request: Request, services: ServicesDep, trainer: Trainer, days: Days = 30) -> HTMLResponse:
    """The library's health, drawn on the server. days: 7, 30 or 90."""
    used, looked = await run_in_threadpool(_both, services, days)
    return studio_page(
        request, trainer, "studio/health.html",
        days=days, periods=PERIODS, used=used, looked=looked, found=looked.found, told=told, share_bar=share_bar,
        plot=per_day(used["by_day"]), lead=allows(trainer, "lead"), tones=TONES, kinds=_KINDS, states=_STATES,
        coverage=_worst_first(looked, used), often=OFTEN_SHOWN, soon=SOON.days, by_stage=_by_stage,
        day_rows=[{**day, "name": day["day"]} for day in reversed(used["by_day"])],
    )  # fmt: skip


@router.get("/studio/health.xlsx", include_in_schema=False)
def workbook(services: ServicesDep, trainer: Trainer, days: Days = 30) -> Response:
    """The same as a workbook, agents for leads only; audited."""
    used, looked = _both(services, days)
    audit.note(services.database, trainer.name, "studio.health_exported", days=days, shape="xlsx")
    data = write_workbook(_tables(used, looked, lead=allows(trainer, "lead")))
    return download(data, f"话术库健康-{days}天.xlsx")


@router.get("/studio/health.csv", include_in_schema=False)
def table(services: ServicesDep, trainer: Trainer, days: Days = 30) -> Response:
    """The figures by script as CSV; what a spreadsheet would take for a formula is quoted; audited."""
    audit.note(services.database, trainer.name, "studio.health_exported", days=days, shape="csv")
    target = io.StringIO()
    writer = csv.writer(target)
    for row in _by_script(services.library_health.used(days)):
        writer.writerow([f"'{cell}" if str(cell).startswith(("=", "+", "-", "@")) else cell for cell in row])
    return download(target.getvalue().encode("utf-8-sig", errors="replace"), f"话术采用-{days}天.csv")  # fmt: skip


@router.get("/api/v1/studio/health", tags=["话术库"], response_model=HealthOut)
def read_library(services: ServicesDep, _trainer: Trainer) -> dict[str, Any]:
    """草稿里的话术怎么样：覆盖图、几乎一样的、互相矛盾的、过期和快过期的。在后台看，草稿改了会重看。"""
    looked = services.library_health.library()
    return {
        "version": looked.version,
        "fresh": looked.fresh,
        "trouble": looked.trouble,
        "found": looked.found,
    }


@router.get("/api/v1/studio/health/use", tags=["话术库"], response_model=LibraryUseOut)
def read_use(services: ServicesDep, trainer: Trainer, days: Days = 30) -> dict[str, Any]:
    """话术用得怎么样：按话术、意图、客服、日子的显示、照发、改了发、不合适；常改成什么，缺口在哪里。"""
    used = services.library_health.used(days)
    return used if allows(trainer, "lead") else {**used, "by_agent": None}


@router.post("/api/v1/studio/health/adopt", tags=["话术库"], response_model=AdoptedOut)
def adopt(body: AdoptIn, services: ServicesDep, trainer: Trainer) -> dict[str, Any]:
    """把大家最常的改法写进草稿。改法或话术刚又变了答 409，过不了检查答 422，都什么也不写。"""
    version, edit = services.library_health.adopt(body.script, body.proposal, body.days, trainer.name)
    return {"version": version, "edit": None if edit is None else edit.id}


def _both(services: Services, days: int) -> tuple[dict[str, Any], Looked]:
    return services.library_health.used(days), services.library_health.library()


def _worst_first(looked: Looked, used: dict[str, Any]) -> list[dict[str, Any]]:
    """The map's rows, those with holes first, and of those the ones that last week's customers missed most."""
    missed = {gap["id"]: gap["count"] for gap in used["gaps"]}
    rows = [
        {**row, "missed": missed.get(row["id"], 0)}
        for row in (looked.found["coverage"] if looked.found is not None else ())
    ]
    return sorted(
        rows,
        key=lambda row: (all(cell["state"] != "none" for cell in row["cells"]), -row["missed"]),
    )


def _by_stage(cells: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    return [(stage, list(each)) for stage, each in groupby(cells, key=lambda cell: str(cell["stage_name"]))]


def _tables(used: dict[str, Any], looked: Looked, *, lead: bool) -> dict[str, list[list[Cell]]]:
    """The sheets of the workbook."""
    found: dict[str, Any] = looked.found or {}
    sheets: dict[str, list[list[Cell]]] = {
        "按话术": _by_script(used),
        "按意图": [["意图", *_FIGURES], *([one["name"], *_row(one)] for one in used["by_intent"])],
        "按天": [["日期", *_FIGURES], *([one["day"], *_row(one)] for one in used["by_day"])],
    }
    if lead:
        sheets["按客服"] = [["客服", *_FIGURES], *([one["name"], *_row(one)] for one in used["by_agent"])]
    sheets["缺口"] = [
        ["像是", "几句", "拿不准", "没认出来", "客服改过", "例子（已遮住个人信息）"],
        *(
            [one["name"], one["count"], one["unsure"], one["refused"], one["corrected"], "\n".join(one["examples"])]
            for one in used["gaps"]
        ),
    ]  # fmt: skip
    sheets["空着的格子"] = [
        ["意图", "阶段", "语气"],
        *(
            [row["name"], cell["stage_name"], cell["tone"]]
            for row in found.get("coverage", ())
            for cell in row["cells"]
            if cell["state"] == "none"
        ),
    ]
    sheets["几乎一样"] = [
        ["像到（%）", "编号", "内容", "编号", "内容"],
        *(
            [pair["score"], *(cell for side in pair["sides"] for cell in (side["id"], "".join(piece for piece, _ in side["text"])))]
            for pair in found.get("duplicates", ())
        ),
    ]  # fmt: skip
    sheets["矛盾"] = [
        ["哪里", "话术", "怎么矛盾"],
        *(
            [_KINDS[one["kind"]], "、".join(script["id"] for script in one["scripts"]), one["text"]]
            for one in found.get("contradictions", ())
        ),
    ]
    sheets["有效期"] = [
        ["话术", "状态", "日期"],
        *([one["title"], _STATES[one["state"]], one["day"]] for one in found.get("dates", ())),
    ]
    return sheets


def _by_script(used: dict[str, Any]) -> list[list[Cell]]:
    return [
        ["编号", "标题", "意图", "阶段", "语气", *_FIGURES],
        *(
            [one["id"], one["title"], one["intent_name"], one["stage"], one["tone"], *_row(one)]
            for one in used["by_script"]
        ),
    ]


def _row(one: dict[str, Any]) -> list[Cell]:
    share: Cell = told(one["share"], one["shown"])
    return [one["shown"], one["copied"], one["edited"], one["rejected"], share]
