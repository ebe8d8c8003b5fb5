"""The cookie of a session: set, taken back, and where to go on."""

from __future__ import annotations

import re
from typing import Final, Literal, TypedDict

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from app.web.deps import COOKIE, Services

_OURS: Final = re.compile(r"/(?:[^/\\\s\x00-\x1f][^\\\s\x00-\x1f]{0,500})?")


class Attributes(TypedDict):
    """What is said with every cookie; deleting one takes the same."""

    httponly: bool
    samesite: Literal["lax", "none"]
    secure: bool


def next_address(given: object) -> str:
    """Where to go on after signing in: an address of ours, "/" for anything else."""
    ours = isinstance(given, str) and _OURS.fullmatch(given) and not given.startswith("/sign-")
    return str(given) if ours else "/"


def let_in(request: Request, services: Services, session_token: str, after: str, seconds: float) -> Response:
    """On to `after` with the cookie of a session. seconds: how long the browser keeps it."""
    response = RedirectResponse(after, status_code=303)
    response.set_cookie(COOKIE, session_token, max_age=int(seconds), **_attributes(request, services))
    _partition(response, request, services)
    return response


def let_out(request: Request, services: Services) -> Response:
    """To the sign-in page, without the session's cookie."""
    response = RedirectResponse("/sign-in", status_code=303)
    response.delete_cookie(COOKIE, **_attributes(request, services))
    _partition(response, request, services)
    return response


def _attributes(request: Request, services: Services) -> Attributes:
    """Those of the cookie. A page of another site may only hold the panel with its session over https."""
    return {
        "httponly": True,
        "samesite": "none" if _is_embedded(request, services) else "lax",
        "secure": request.url.scheme == "https",
    }


def _is_embedded(request: Request, services: Services) -> bool:
    return services.settings.is_framed and request.url.scheme == "https"


def _partition(response: Response, request: Request, services: Services) -> None:
    """Mark the cookie just set as partitioned: browsers keep one for each site that holds the panel (CHIPS).

    Starlette does it itself from Python 3.14 on.
    """
    if _is_embedded(request, services):
        name, value = response.raw_headers[-1]
        response.raw_headers[-1] = (name, value + b"; Partitioned")
