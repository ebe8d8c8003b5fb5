"""The pages beside the panel share one frame: the names of the areas on top, who is signed in, and the page's own files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fastapi import Request
from fastapi.responses import HTMLResponse

from app.accounts import allows
from app.store.people import Person, Role
from app.web.deps import Services
from app.web.pages import ZONE, page


@dataclass(frozen=True, slots=True)
class Entry:
    """An area of the product. role: who may open it, and sees it in the navigation."""

    path: str
    name: str
    role: Role


ENTRIES: Final[tuple[Entry, ...]] = (
    Entry("/", "回复面板", "agent"),
    Entry("/desk", "工作台", "agent"),
    Entry("/cases", "登记表", "agent"),
    Entry("/products", "商品", "agent"),
    Entry("/own", "我的话术", "agent"),
    Entry("/studio", "话术库", "trainer"),
    Entry("/channels", "接入", "admin"),
    Entry("/access", "账号", "admin"),
)


def entries_for(person: Person) -> tuple[Entry, ...]:
    """The areas that this person may open, in their order."""
    return tuple(entry for entry in ENTRIES if allows(person, entry.role))


def zone_of(request: Request) -> str:
    """The time zone that pages show times in: the first shop's; the usual one while the service is still starting."""
    services: Services | None = getattr(request.app.state, "services", None)
    assistant = services.live.current if services is not None else None
    return ZONE if assistant is None else assistant.content.shop.time_zone


def workspace_page(
    request: Request, person: Person, template: str, *, here: str, status: int = 200, **context: object
) -> HTMLResponse:
    """A page inside the frame. here: the path of the entry it belongs to; the template extends `workspace.html`."""
    return page(
        template,
        status=status,
        person=person,
        entries=entries_for(person),
        here=here,
        csrf_token=getattr(request.state, "csrf_token", ""),
        zone=zone_of(request),
        **context,
    )
