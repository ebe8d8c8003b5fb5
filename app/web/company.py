"""Signing in with a company account: to the provider, and back with a code."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import urlencode, urlsplit

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import APIRouter, Cookie, Query, Request
from fastapi.responses import RedirectResponse, Response

from app.company import TRIP, Company
from app.errors import AppError, NotFound, SignInRequired
from app.web.cookies import let_in, next_address
from app.web.deps import Services, ServicesDep
from app.web.pages import sign_in_page

PATH: Final = "/sign-in/company"
RETURN: Final = f"{PATH}/return"
COOKIE: Final = "huashu_company"
"""What tells the browser that left from any other; it is sent to these addresses only."""
_TRIES: Final = 120
_AT_ONCE: Final = 8
"""Requests that wait for the provider at the same time: a slow one must not keep the others' threads."""
_CANCELLED: Final = "在公司账号系统那边没有登录成，没有登录话术助手。请再试一次，还不行请找公司的账号管理员"

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Query(max_length=4000)]
Held = Annotated[str, Cookie(alias=COOKIE, max_length=100)]


@router.get(PATH)
async def leave(
    request: Request, services: ServicesDep, after: Annotated[str, Query(alias="next")] = "", held: Held = ""
) -> Response:
    """Send the browser to the provider, from the address that it will come back to."""
    company, after = _company(services), next_address(after)
    _count(request, services)
    if _is_elsewhere(request, services):
        query = urlencode({"next": after, "moved": 1})
        return RedirectResponse(f"{_base(request, services)}{PATH}?{query}", status_code=303)
    redirect_uri = _base(request, services) + RETURN
    try:
        leaving = await run_sync(company.leave, held, redirect_uri, after, limiter=_waiting(request))
    except AppError as error:
        return _problem(error, after)
    response = RedirectResponse(leaving.address, status_code=303)
    response.set_cookie(
        COOKIE,
        leaving.browser,
        max_age=int(TRIP.total_seconds()),
        path=PATH,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return response


@router.get(RETURN)
async def come_back(
    request: Request,
    services: ServicesDep,
    state: Text = "",
    code: Text = "",
    iss: Text = "",
    held: Held = "",
) -> Response:
    """Sign in who comes back from the provider; who was refused there, or did not leave from here, is told so."""
    company = _company(services)
    _count(request, services)
    after = "/"
    try:
        after = await run_sync(company.returned, held, state, limiter=_waiting(request))
        if not code or (iss and iss != company.issuer):
            raise SignInRequired(_CANCELLED)
        redirect_uri = _base(request, services) + RETURN
        token = await run_sync(company.arrive, held, state, code, redirect_uri, limiter=_waiting(request))
    except AppError as error:
        return _problem(error, after)
    return let_in(request, services, token, after, company.lifetime.total_seconds())


def _waiting(request: Request) -> CapacityLimiter:
    """The threads that may wait for the provider, one limit per application."""
    state = request.app.state
    if not hasattr(state, "company_waiting"):
        state.company_waiting = CapacityLimiter(_AT_ONCE)
    limiter: CapacityLimiter = state.company_waiting
    return limiter


def _company(services: Services) -> Company:
    if services.company is None:
        raise NotFound("这里没有设置公司账号登录，请用管理员发的登录链接")
    return services.company


def _count(request: Request, services: Services) -> None:
    address = request.client.host if request.client else "unknown"
    services.limiter.count(f"company:{address}", _TRIES)


def _base(request: Request, services: Services) -> str:
    """Where people open the service, without a slash at the end."""
    return (services.settings.url or str(request.base_url)).rstrip("/")


def _is_elsewhere(request: Request, services: Services) -> bool:
    """Whether the page was opened under another name than the one to come back to, where cookies would be missing."""
    there = urlsplit(_base(request, services)).netloc.lower()
    return there != request.url.netloc.lower() and "moved" not in request.query_params


def _problem(error: AppError, after: str) -> Response:
    """The page to sign in, with what went wrong; the link still works."""
    response = sign_in_page((error.detail,), after=after, company=True, status=error.status)
    if error.status in (429, 503):
        response.headers["Retry-After"] = "5"
    return response
