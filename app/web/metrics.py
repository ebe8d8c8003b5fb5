"""`/metrics`: figures for Prometheus."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.concurrency import run_in_threadpool

from app.errors import StoreUnavailable
from app.store.database import Database
from app.store.queues import depths
from app.web.deps import ServicesDep

router = APIRouter(tags=["运行"])


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def metrics(services: ServicesDep) -> Response:
    """运行指标，给 Prometheus 抓取；不含顾客的话。"""
    figures = services.metrics
    figures.release.set(services.live.number or 0)
    waiting = await run_in_threadpool(_waiting, services.database)
    figures.database.set(waiting is not None)
    for queue, depth in (waiting or {}).items():
        figures.waiting.labels(queue).set(depth)
    return Response(figures.written(), media_type=CONTENT_TYPE_LATEST)


def _waiting(database: Database) -> dict[str, int] | None:
    """None while the database is away."""
    try:
        with database.read() as session:
            return depths(session)
    except StoreUnavailable:
        return None
