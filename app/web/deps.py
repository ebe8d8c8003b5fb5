"""What routes ask for: the services behind them, and who is asking.

Routes write `person: CurrentPerson`, or `person: Lead` where not everybody may.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Path, Request
from starlette.concurrency import run_in_threadpool

from app.accounts import LOCAL_USER, ROLE_NAMES, Sessions, allows, csrf_matches, csrf_token
from app.assist import Assistant
from app.channels.service import Channels
from app.company import Company
from app.config import Settings
from app.conversations import Conversations
from app.errors import CsrfFailed, NotAllowed, NotReady, SignInRequired
from app.feedback import Ratings
from app.limits import Limiter
from app.orders import Orders
from app.products.catalogue import Products
from app.releases import Live
from app.store.database import Database
from app.store.people import Person, Role
from app.studio.health import Health
from app.studio.learning import Learning
from app.studio.trials import Trials
from app.studio.workshop import Workshop
from app.tokens import SCOPES, Programs, scope_of
from app.usage import Views
from app.web.guard import SAFE_METHODS
from app.web.measure import Metrics

COOKIE: Final = "huashu_session"
_WRONG_TOKENS: Final = 60
"""How many wrong tokens an address may show in a minute before it is told to wait; spares the database."""
_FORM_TYPES: Final = ("application/x-www-form-urlencoded", "multipart/form-data")


@dataclass(frozen=True, slots=True)
class Services:
    """What a running application is made of; one per application, in `app.state.services`."""

    settings: Settings
    database: Database
    live: Live[Assistant]
    sessions: Sessions
    conversations: Conversations
    ratings: Ratings
    products: Products
    views: Views
    orders: Orders
    programs: Programs
    metrics: Metrics
    limiter: Limiter
    channels: Channels
    workshop: Workshop
    learning: Learning
    library_health: Health
    trials: Trials
    company: Company | None = None


def services_of(request: Request) -> Services:
    """What the application runs on; made before the first request."""
    services: Services = request.app.state.services
    return services


async def _services(request: Request) -> Services:
    return services_of(request)


ServicesDep = Annotated[Services, Depends(_services)]


async def _database(services: ServicesDep) -> Database:
    return services.database


async def _live(services: ServicesDep) -> Live[Assistant]:
    return services.live


def assistant_of(services: Services) -> Assistant:
    """The release being served. Raises NotReady."""
    assistant = services.live.current
    if assistant is None:
        raise NotReady("话术助手正在启动，请稍等几秒")
    return assistant


async def _assistant(services: ServicesDep) -> Assistant:
    return assistant_of(services)


async def current_person(request: Request) -> Person:
    """Who is signed in, or which program showed its token. Puts the CSRF token for pages into `request.state.csrf_token`.

    Raises SignInRequired, NotAllowed when the token is not good for this address, CsrfFailed when the request changes
    something without the token of the page, StoreUnavailable.
    """
    services = services_of(request)
    request.state.csrf_token = ""
    if services.settings.auth == "off":
        return LOCAL_USER
    authorization = request.headers.get("authorization")
    if authorization is not None:
        address = request.client.host if request.client else "unknown"
        return await _program(authorization, request.url.path, address, services)
    token = request.cookies.get(COOKIE, "")
    person = services.sessions.remembered(token) if token else None
    if token and person is None:
        person = await run_in_threadpool(services.sessions.person, token)
    if person is None:
        raise SignInRequired("请用管理员发的登录链接登录；程序要带接口令牌")
    if request.method not in SAFE_METHODS and not csrf_matches(token, await _sent_csrf_token(request)):
        raise CsrfFailed("页面放得太久了，请刷新后再试")
    request.state.csrf_token = csrf_token(token)
    return person


async def _program(authorization: str, path: str, address: str, services: Services) -> Person:
    """The program of a token. Wrong ones count against the address they come from; a right one always gets in."""
    kind, _, token = authorization.partition(" ")
    token = token.strip()
    program = services.programs.remembered(token)
    if program is None and kind.lower() == "bearer":
        program = await run_in_threadpool(services.programs.program, token)
    if program is None:
        services.limiter.count(f"wrong-token:{address}", _WRONG_TOKENS)
        raise SignInRequired("接口令牌不对、过期了或者已经停用，请管理员再发一个")
    needed = scope_of(path)
    if needed is None:
        raise NotAllowed("接口令牌只能用来调接口，页面请用登录链接打开")
    if needed not in program.scopes:
        raise NotAllowed(f"这个接口令牌没有「{SCOPES[needed]}」的权限（{needed}）", scope=needed)
    if services.settings.token_rate:
        services.limiter.count(f"token:{program.person.id}", services.settings.token_rate)
    return program.person


async def _sent_csrf_token(request: Request) -> str:
    header = request.headers.get("x-csrf-token")
    if header is not None or not request.headers.get("content-type", "").startswith(_FORM_TYPES):
        return header or ""
    field = (await request.form()).get("csrf_token")
    return field if isinstance(field, str) else ""


DatabaseDep = Annotated[Database, Depends(_database)]
LiveDep = Annotated[Live[Assistant], Depends(_live)]
AssistantDep = Annotated[Assistant, Depends(_assistant)]
CurrentPerson = Annotated[Person, Depends(current_person)]
RowNumber = Annotated[int, Path(ge=1, le=2**31 - 1, description="列表里给的编号")]
"""A number of the database in an address."""


ROLE_CHECKS: Final[dict[Callable[..., object], Role]] = {}
"""The dependencies of `_require_role` and what they ask for, so that the API's description can say it."""


def _require_role(role: Role) -> Callable[[Person], Awaitable[Person]]:
    """A dependency that lets only people through who may do what needs `role`. Raises NotAllowed."""

    async def check(person: CurrentPerson) -> Person:
        if not allows(person, role):
            raise NotAllowed(f"这一步要{ROLE_NAMES[role]}来做", role=role)
        return person

    ROLE_CHECKS[check] = role
    return check


Trainer = Annotated[Person, Depends(_require_role("trainer"))]
Lead = Annotated[Person, Depends(_require_role("lead"))]
Admin = Annotated[Person, Depends(_require_role("admin"))]
