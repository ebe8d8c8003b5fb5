"""`/healthz`: the process answers. `/readyz`: it can help with a message."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from app.web.deps import ServicesDep

router = APIRouter(tags=["运行"])


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """活着就是 200，不查别的。"""
    return {"status": "ok"}


@router.get("/readyz", responses={503: {"description": "还没有加载内容"}})
async def readyz(services: ServicesDep) -> JSONResponse:
    """200 while a release is loaded, even when the database is away (then nothing new can be stored)."""
    release = services.live.number
    reachable = await run_in_threadpool(services.database.ping)
    state = {
        "status": "starting" if release is None else "ready",
        "release": release,
        "database": "reachable" if reachable else "unreachable",
        "serving_from": None if release is None else "memory",
    }
    return JSONResponse(state, status_code=503 if release is None else 200)
