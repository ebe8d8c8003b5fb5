"""`/healthz`: the process answers. `/readyz`: it can help with a message."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from app.web.deps import ServicesDep

router = APIRouter(tags=["运行"])


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """活着就是 200，不查别的。"""
    return {"status": "ok"}


class ReadyOut(BaseModel):
    """serving_from: releases are answered from memory, so a database that is away does not stop suggestions."""

    status: Literal["starting", "ready"] = Field(description="ready 已经加载好内容")
    release: int | None = Field(description="正在用第几版；还没加载为 null")
    database: Literal["reachable", "unreachable"] = Field(
        description="数据库连不连得上；连不上时不能存，照样给建议"
    )
    serving_from: Literal["memory"] | None = Field(description="建议从内存里的一版给出；还没加载为 null")


@router.get(
    "/readyz",
    response_model=ReadyOut,
    responses={503: {"model": ReadyOut, "description": "还没有加载内容"}},
)
async def readyz(services: ServicesDep) -> JSONResponse:
    """加载好内容是 200，数据库连不上也是（只是不能存）；还没加载是 503。"""
    release = services.live.number
    reachable = await run_in_threadpool(services.database.ping)
    state = {
        "status": "starting" if release is None else "ready",
        "release": release,
        "database": "reachable" if reachable else "unreachable",
        "serving_from": None if release is None else "memory",
    }
    return JSONResponse(state, status_code=503 if release is None else 200)
