"""Alerts to the lead over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app.alerts import all_alerts, open_alerts, take_notice
from app.web.answers import as_json
from app.web.conversation_answers import alert_json
from app.web.conversation_schemas import AlertListOut, SeenOut
from app.web.deps import DatabaseDep, Lead

router = APIRouter(prefix="/api/v1/alerts", tags=["会话"])


@router.get("", responses={200: {"model": AlertListOut}}, response_class=Response)
async def list_alerts(
    database: DatabaseDep,
    _lead: Lead,
    seen: Annotated[bool, Query(description="true 连看过的也列出")] = False,
    limit: Annotated[int, Query(ge=1, le=200, description="最多几条")] = 50,
) -> Response:
    """情绪升级的顾客，新的在前。没看过的每个会话只列一条。"""
    found = await run_in_threadpool(all_alerts if seen else open_alerts, database, limit)
    return as_json({"items": [alert_json(alert) for alert in found]})


@router.put("/{alert_id}/seen", responses={200: {"model": SeenOut}}, response_class=Response)
async def see_alert(
    alert_id: Annotated[str, Path(pattern=r"^[0-9]{1,9}$", description="提醒的编号")],
    database: DatabaseDep,
    lead: Lead,
) -> Response:
    """看过一条提醒：这个会话到这条为止的提醒都不再亮。"""
    await run_in_threadpool(take_notice, database, int(alert_id), lead)
    return as_json({"id": alert_id})
