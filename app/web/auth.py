"""Signing in with a one-time link, and out."""

from __future__ import annotations

import re
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from app.accounts import SESSION, find_link, redeem
from app.errors import SignInRequired
from app.store.people import LoginLink
from app.web.cookies import let_in, let_out, next_address
from app.web.deps import COOKIE, Services, ServicesDep, current_person
from app.web.pages import page, sign_in_page

_WRONG_LINKS: Final = 30
_LINK: Final = re.compile(r"(?:https?://\S{1,300}/sign-in/)?([\w-]{20,100})", re.ASCII)

router = APIRouter(include_in_schema=False)


@router.get("/sign-in")
async def how_to_sign_in(request: Request, services: ServicesDep) -> Response:
    """Where a one-time link is pasted, and the way to the company's own sign-in where there is one."""
    company = _offers_company(request, services)
    lines = (
        "有公司账号的用公司账号登录；没有的打开管理员发给您的登录链接，每个链接只能用一次。"
        if company
        else "请打开管理员发给您的登录链接。每个链接只能用一次，登录后 30 天内不用再登。",
        "在装话术助手的电脑上，重新启动它会打印一个新的链接。",
    )
    return sign_in_page(lines, after=next_address(request.query_params.get("next")), company=company)


@router.post("/sign-in")
async def paste_link(request: Request, services: ServicesDep) -> Response:
    """Open a link that was pasted: where the panel is part of another page there is no address bar to paste it into."""
    form = await request.form()
    given, after = form.get("link"), next_address(form.get("next"))
    found = _LINK.fullmatch(given.strip()) if isinstance(given, str) else None
    if found is None:
        lines = ("这不像登录链接。请把管理员发的链接整个复制过来。",)
        return sign_in_page(lines, after=after, company=_offers_company(request, services), status=400)
    query = f"?{urlencode({'next': after})}" if after != "/" else ""
    return RedirectResponse(f"/sign-in/{found[1]}{query}", status_code=303)


def _offers_company(request: Request, services: Services) -> bool:
    """Whether the page offers company accounts: a provider's own page does not open in a frame."""
    return services.company is not None and request.headers.get("sec-fetch-dest") != "iframe"


@router.get("/sign-in/{token}")
async def open_link(token: str, request: Request, services: ServicesDep) -> Response:
    """The link printed at start signs in at once; one that was sent waits for a click, so that scanners don't use it up."""
    link = await _known_link(token, request, services)
    if link.direct and services.settings.is_local and "sec-purpose" not in request.headers:
        return await sign_in(token, request, services)
    return page("sign_in.html", title="登录", lines=(f"您好，{link.person.name}。",), code="", action=None)


@router.post("/sign-in/{token}")
async def sign_in(token: str, request: Request, services: ServicesDep) -> Response:
    """Uses a one-time link up and opens a session. Raises SignInRequired, TooManyRequests after many wrong ones."""
    await _known_link(token, request, services)
    session_token = await run_in_threadpool(redeem, services.database, token)
    after = next_address(request.query_params.get("next"))
    return let_in(request, services, session_token, after, SESSION.total_seconds())


async def _known_link(token: str, request: Request, services: Services) -> LoginLink:
    """The link; each that is wrong counts against the address it came from, and a right one always gets in.

    Raises SignInRequired, TooManyRequests. Links are 256 random bits: the limit spares the database, it guards nothing.
    """
    try:
        return await run_in_threadpool(find_link, services.database, token)
    except SignInRequired:
        address = request.client.host if request.client else "unknown"
        services.limiter.count(f"sign-in:{address}", _WRONG_LINKS)
        raise


@router.post("/sign-out")
async def sign_out(
    request: Request, services: ServicesDep, _person: Annotated[object, Depends(current_person)]
) -> Response:
    """Ends the session here; that of a company account goes on at its provider."""
    token = request.cookies.get(COOKIE)
    if token:
        await run_in_threadpool(services.sessions.end, token)
    return let_out(request, services)
