"""The side panel at `/`: one server-rendered page; everything else happens in the browser through the API."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool

from app.accounts import allows
from app.content.clocks import ClockRule
from app.content.shop import UNNAMED, Shop
from app.errors import StoreUnavailable
from app.store.people import Person
from app.vocabulary import FACTS, NUMBER_FACTS, SLOT_NAMES, STAGE_NAMES, TONES
from app.web.deps import CurrentPerson, Services, ServicesDep
from app.web.guard import POLICY, SDK, WITH_SDK
from app.web.pages import page
from app.web.workspace import entries_for, zone_of

MESSAGE_LIMIT: Final = 4000
SETUP: Final = (
    (
        "/studio#text=text%3Ascripts_zh%2Fshop.yaml",
        "填店铺资料",
        "店名、退货地址、几天退换、客服能答应多少元",
    ),
    ("/access", "给同事开账号", "每人一个登录链接"),
    ("/products", "导入商品和尺码表", "面板就能按款报码"),
    ("/channels", "接聊天系统", "不接也能用，粘贴就行"),
)
"""What an owner does first, until the shop has a name: (where, what, why)."""

router = APIRouter(include_in_schema=False)


@router.get("/")
async def panel(request: Request, person: CurrentPerson) -> HTMLResponse:
    """The side panel, for everybody who is signed in."""
    return await _panel(request, person)


@router.get("/toolbar/{name}")
async def toolbar(name: str, request: Request, person: CurrentPerson, services: ServicesDep) -> HTMLResponse:
    """The panel in WeCom's chat toolbar: the only page that loads a script from elsewhere, and only where it is set up."""
    found = await run_in_threadpool(services.channels.client_of, name, person.name)
    client = {"channel": name, "corpId": found.corp_id, "agentId": found.agent_id}
    answer = await _panel(request, person, client=client)
    answer.headers[POLICY] = WITH_SDK.decode()
    return answer


async def _panel(
    request: Request, person: Person, *, client: Mapping[str, str] | None = None
) -> HTMLResponse:
    shops = _shops(request)
    live = await run_in_threadpool(_any_channel, request)
    return page(
        "panel.html",
        csrf_token=getattr(request.state, "csrf_token", ""),
        sdk=SDK if client else "",
        vocabulary=vocabulary(
            shops,
            live=live,
            lead=allows(person, "lead"),
            frames=_frames(request),
            client=client,
            events=_events(request),
        ),
        tones=TONES,
        shops=shops,
        entries=entries_for(person),
        setup=SETUP if allows(person, "admin") and any(shop.name == UNNAMED for shop in shops) else (),
        zone=zone_of(request),
    )


def vocabulary(
    shops: Iterable[Shop],
    *,
    live: bool = False,
    lead: bool = False,
    frames: Iterable[str] = (),
    client: Mapping[str, str] | None = None,
    events: Iterable[ClockRule] = (),
) -> str:
    """The word lists the page needs, as JSON for a data attribute (escaped by the template).

    live: whether messages may arrive by themselves. lead: whether it is for a lead. frames: whose pages may tell which
    conversation they show. client: the chat client around the page, whose script sends. events: the clocks that start
    with something that happens.
    """
    words = {
        "stages": STAGE_NAMES,
        "tones": TONES,
        "facts": FACTS,
        "numberFacts": sorted(NUMBER_FACTS),
        "messageLimit": MESSAGE_LIMIT,
        "live": live,
        "slots": sorted(SLOT_NAMES),
        "lead": lead,
        "frames": list(frames),
        "client": client,
        "events": [{"id": rule.id, "event": rule.event, "name": rule.name} for rule in events],
        "shops": [{"id": shop.id, "tone": shop.tone} for shop in shops],
    }
    return json.dumps(words, ensure_ascii=False, separators=(",", ":"))


def _shops(request: Request) -> tuple[Shop, ...]:
    """The shops of the running release; none while it is still starting, when the page opens all the same."""
    services: Services | None = getattr(request.app.state, "services", None)
    assistant = services.live.current if services is not None else None
    return tuple(assistant.content.shops.values()) if assistant is not None else ()


def _events(request: Request) -> tuple[ClockRule, ...]:
    """The clocks of the running release that start with something that happens."""
    services: Services | None = getattr(request.app.state, "services", None)
    assistant = services.live.current if services is not None else None
    clocks = assistant.content.clocks.values() if assistant is not None else ()
    return tuple(rule for rule in clocks if rule.starts == "event")


def _frames(request: Request) -> tuple[str, ...]:
    services: Services | None = getattr(request.app.state, "services", None)
    return services.settings.frame_origins() if services is not None else ()


def _any_channel(request: Request) -> bool:
    services: Services | None = getattr(request.app.state, "services", None)
    try:
        return services is not None and services.channels.any()
    except StoreUnavailable:
        return False
