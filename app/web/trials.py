"""Trials of two wordings: the page and its API."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from app.studio.betting import ALPHA, BAR
from app.studio.figures import told
from app.studio.likeness import VARIABLE
from app.studio.trials import DAYS, PAIRS, Standing, strength
from app.web.deps import RowNumber, ServicesDep, Trainer
from app.web.studio_pages import studio_page

router = APIRouter()
ScriptId = Annotated[str, Field(max_length=100)]
_API: Final = "/api/v1/studio/trials"
_MEASURES: Final = {"copied": "照发算成，改了发不算", "half": "照发算成，改了发算一半"}


class TrialSideOut(BaseModel):
    """One wording in a trial: what became of it, and how sure that is."""

    script: str = Field(description="话术的 id")
    title: str = Field(description="标题")
    count: int = Field(description="几个会话先看到它，已经有结果的")
    copied: int = Field(description="照发")
    edited: int = Field(description="改了再发")
    rejected: int = Field(description="点了不合适")
    none: int = Field(description="没用")
    share: float = Field(description="成的占多少，0 到 1")
    low: float = Field(description="误差范围的下端")
    high: float = Field(description="误差范围的上端")
    evidence: float = Field(description="说它更好的证据有多强，到 40 就下结论")
    strength: float = Field(description="证据走到结论的几成，0 到 1，每一步翻同样的倍数")


class TrialOut(BaseModel):
    """A trial of two wordings, running or over."""

    id: int = Field(description="试验的编号")
    state: Literal["running", "ended"] = Field(description="running 在比，ended 结束了")
    outcome: Literal["", "a", "b", "same", "stopped"] = Field(
        description="a、b 更好，same 看不出差别，stopped 没比完就结束，空是还在比"
    )
    words: str = Field(description="结果，一句话")
    reason: str = Field(description="为什么结束")
    measure: Literal["copied", "half"] = Field(description="照发算成；half 是改了发算一半")
    least: int = Field(description="至少比几对会话才下结论")
    pairs: int = Field(description="已经比了几对")
    more: int | None = Field(description="照现在的差距大概还要几个会话，null 是差得太小，比不出来")
    waiting: int = Field(description="还没满两小时、没有结果的会话")
    a: TrialSideOut = Field(description="第一种说法")
    b: TrialSideOut = Field(description="第二种说法")
    started_by: str = Field(description="谁开始的")
    started_at: str = Field(description="什么时候开始的，带时区")
    ends_at: str = Field(description="最晚什么时候结束，带时区")
    ended_by: str = Field(description="谁结束的；自己结束的为空")
    ended_at: str | None = Field(description="什么时候结束的，带时区；还在比为 null")


class TrialsOut(BaseModel):
    """Trials, running ones first, 50 at most."""

    items: list[TrialOut] = Field(description="在比的在前，最多 50 个")


class TrialIn(BaseModel):
    """Two published scripts of one intent, stage and tone to be tried against each other."""

    a: ScriptId = Field(description="一条已发布的话术的 id")
    b: ScriptId = Field(description="另一条，同意图、同阶段、同语气")
    measure: Annotated[
        Literal["copied", "half"], Field(description="怎么算成：copied 只算照发，half 改了再发算一半")
    ] = "copied"
    least: Annotated[int, Field(ge=PAIRS[0], le=PAIRS[1], description="至少比几对会话才下结论")] = 30
    days: Annotated[int, Field(ge=DAYS[0], le=DAYS[1], description="最多比几天")] = 28


class StartedTrialOut(BaseModel):
    """A trial that was begun or ended."""

    id: int = Field(description="试验的编号")


class TrialChoiceOut(BaseModel):
    """A script that may be tried."""

    id: str = Field(description="话术的 id")
    title: str = Field(description="标题")
    text: str = Field(description="几条气泡用换行连起来")
    place: str = Field(description="阶段 · 语气，一样的才能比")


class ChoicesOut(BaseModel):
    """Scripts of an intent that may be tried; none of a risk."""

    items: list[TrialChoiceOut] = Field(description="能拿来比的话术")


class UseIn(BaseModel):
    """Which wording is put first from now on."""

    side: Literal["a", "b"] = Field(description="用 a 还是 b")


class UsedOut(BaseModel):
    """The draft with that wording first."""

    version: int = Field(description="现在是草稿的第几次改动")
    edit: int | None = Field(description="草稿里的这一步，撤销用；null 是本来就这样")


@router.get("/studio/trials", include_in_schema=False)
async def page(request: Request, services: ServicesDep, trainer: Trainer) -> HTMLResponse:
    """The trials, drawn on the server."""
    standings = await run_in_threadpool(services.trials.listing)
    live = services.live.current
    scripts = live.content.scripts if live is not None else {}
    return studio_page(
        request, trainer, "studio/trials.html",
        trials=[_trial(standing) for standing in standings], moments=[one.trial for one in standings],
        texts={
            name: VARIABLE.sub(r"〔\1〕", "\n".join(scripts[name].bubbles))
            for one in standings
            for name in (one.trial.script_a, one.trial.script_b)
            if name in scripts
        },
        told=told, measures=_MEASURES, bar=int(BAR), alpha=ALPHA, pairs=PAIRS, days=DAYS,
    )  # fmt: skip


@router.get(_API, tags=["话术库"], response_model=TrialsOut)
def read(services: ServicesDep, _trainer: Trainer) -> dict[str, Any]:
    """两种说法的试验：在比的和比完的，各用了几次、证据多强、大概还要几个会话。"""
    return {"items": [_trial(standing) for standing in services.trials.listing()]}


@router.get(f"{_API}/choices", tags=["话术库"], response_model=ChoicesOut)
def choices(
    services: ServicesDep,
    _trainer: Trainer,
    intent: Annotated[str, Query(max_length=80, description="意图编号，空是通用话术")] = "",
) -> dict[str, Any]:
    """一个意图里能拿来试的话术：已发布的，同一阶段同一语气至少有两条。风险的没有。"""
    return {"items": services.trials.choices(intent)}


@router.post(_API, tags=["话术库"], response_model=StartedTrialOut)
def begin(body: TrialIn, services: ServicesDep, trainer: Trainer) -> dict[str, Any]:
    """开始一个试验：每个会话按编号抽签，两条都能用时先出抽到的那条。其中一条正在别的试验里答 409。"""
    trial = services.trials.begin(
        body.a, body.b, measure=body.measure, least=body.least, days=body.days, who=trainer.name
    )
    return {"id": trial.id}


@router.post(f"{_API}/{{number}}/end", tags=["话术库"], response_model=StartedTrialOut)
def end(number: RowNumber, services: ServicesDep, trainer: Trainer) -> dict[str, Any]:
    """结束一个试验，不比了。已经结束的答 409。"""
    services.trials.end(number, trainer.name)
    return {"id": number}


@router.post(f"{_API}/{{number}}/use", tags=["话术库"], response_model=UsedOut)
def use(number: RowNumber, body: UseIn, services: ServicesDep, trainer: Trainer) -> dict[str, Any]:
    """用试验里的一条：结束以后，在草稿里把它排到另一条前面，发布以后生效。"""
    version, edit = services.trials.use(number, body.side, trainer.name)
    return {"version": version, "edit": edit}


def _trial(standing: Standing) -> dict[str, Any]:
    trial, verdict = standing.trial, standing.verdict
    sides = {}
    for side, script, title, evidence in (
        ("a", trial.script_a, trial.title_a, verdict.evidence_a),
        ("b", trial.script_b, trial.title_b, verdict.evidence_b),
    ):
        figures = standing.sides["a" if side == "a" else "b"]
        sides[side] = {
            "script": script, "title": title, **figures, "evidence": round(evidence, 2),
            "strength": round(strength(evidence), 3),
        }  # fmt: skip
    return {
        "id": trial.id,
        "state": trial.state,
        "outcome": trial.outcome,
        "words": _words(standing),
        "reason": trial.reason,
        "measure": trial.measure,
        "least": trial.least,
        "pairs": verdict.pairs,
        "more": verdict.more,
        "waiting": standing.waiting,
        **sides,
        "started_by": trial.started_by,
        "started_at": trial.started_at.isoformat(),
        "ends_at": trial.ends_at.isoformat(),
        "ended_by": trial.ended_by,
        "ended_at": trial.ended_at.isoformat() if trial.ended_at is not None else None,
    }


def _words(standing: Standing) -> str:
    trial, verdict = standing.trial, standing.verdict
    if trial.state == "ended":
        return {"a": "A 更好", "b": "B 更好", "same": "看不出差别"}.get(trial.outcome, "没比完就结束了")
    if verdict.outcome:
        return "够分出高下了，马上出结果"
    if not verdict.pairs:
        return f"还没有会话用到这两条，至少比 {trial.least} 对会话才下结论"
    if verdict.pairs < trial.least:
        return f"比了 {verdict.pairs} 对会话，至少 {trial.least} 对才下结论"
    if verdict.more is None:
        return "到现在看不出差别，照这样多半比不出来"
    return f"还看不出，照现在的差距大概还要 {verdict.more} 个会话"
