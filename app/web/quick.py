"""POST /suggest as plain ASGI: on the way that every customer message takes, routing and dependencies would cost a third.

Whatever is not plainly a good request goes on to the documented route of `api.py`, which says what is wrong with it; so
both ways answer the same, and tests/test_api.py holds them together.
"""

from __future__ import annotations

from typing import Final

from pydantic import ValidationError
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.web.answers import encoded
from app.web.api import suggested
from app.web.deps import Services, current_person
from app.web.guard import once
from app.web.schemas import SuggestIn

PATH: Final = "/api/v1/suggest"
_JSON: Final = (b"content-type", b"application/json")
_read_json: Final = SuggestIn.__pydantic_validator__.validate_json
"""Reads and checks in one go, in half the time of doing one after the other."""


class _Route:
    """What figures name the request by."""

    path: Final = PATH


class Quick:
    """Answers POST /suggest, passes everything else on. Raises what the route raises, for the guard to answer."""

    def __init__(self, app: ASGIApp, *, services: Services) -> None:
        self._app = app
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != PATH or not _is_plain(scope):
            await self._app(scope, receive, send)
            return
        message = await receive()
        body = _read(message)
        if body is None:
            await self._app(scope, once(message, receive), send)
            return
        scope["route"] = _Route
        request = Request(scope, receive)
        if self._services.settings.auth != "off":
            await current_person(request)
        answer = encoded(await suggested(self._services, body, lambda: current_person(request)))
        headers = [(b"content-length", b"%d" % len(answer)), _JSON]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer, "more_body": False})


def _is_plain(scope: Scope) -> bool:
    return scope["method"] == "POST" and not scope.get("root_path") and _JSON in scope["headers"]


def _read(message: Message) -> SuggestIn | None:
    """The request body, which the guard hands on in one piece; None unless it is right."""
    if message["type"] != "http.request" or message.get("more_body", False):
        return None
    try:
        body: SuggestIn = _read_json(message["body"])
    except (ValidationError, ValueError, RecursionError):
        return None
    return body
