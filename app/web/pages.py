"""HTML pages and static files. The security headers are the guard's.

Static files are served under `/static/<digest>/…`, where the digest covers them all: browsers may keep them for ever,
and because modules import each other by relative address a changed release is fetched as a whole.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from starlette.staticfiles import StaticFiles

from app.moments import moment_text, month_text

_HERE: Final = Path(__file__).parent
ZONE: Final = "Asia/Shanghai"
"""The time zone of pages that are shown before anything is known of the shop."""


def _static_digest() -> str:
    total = hashlib.sha256()
    for path in sorted((_HERE / "static").rglob("*")):
        if path.is_file():
            total.update(path.relative_to(_HERE).as_posix().encode())
            total.update(path.read_bytes())
    return total.hexdigest()[:12]


STATIC_DIGEST: Final = _static_digest()
STATIC_URL: Final = f"/static/{STATIC_DIGEST}"
_files: Final = StaticFiles(directory=_HERE / "static")
_environment: Final = Environment(
    loader=FileSystemLoader([_HERE / "templates", _HERE.parent / "channels"]),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.globals.update(
    static=STATIC_URL,
    zone=ZONE,
    moment=lambda: datetime.now(UTC).isoformat(timespec="milliseconds"),
    modules=tuple(sorted(path.name for path in (_HERE / "static" / "js").glob("*.js"))),
)


@pass_context
def _shown(context: Context, moment: datetime) -> str:
    return moment_text(moment, ZoneInfo(str(context["zone"])))


_environment.filters["shown"] = _shown
_environment.filters["month"] = month_text

router = APIRouter(include_in_schema=False)


@router.get("/static/{digest}/{path:path}")
async def static_file(request: Request, digest: str, path: str) -> Response:
    """A file of the interface; kept for ever by browsers under the digest of this version."""
    response = await _files.get_response(path, request.scope)
    fresh = digest == STATIC_DIGEST
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if fresh else "no-cache"
    return response


def page(template: str, *, status: int = 200, **context: object) -> HTMLResponse:
    """A rendered page. Names a template uses must all be given."""
    return HTMLResponse(_environment.get_template(template).render(context), status_code=status)


def message_page(
    title: str,
    lines: tuple[str, ...],
    *,
    status: int = 200,
    code: str = "",
    action: tuple[str, str] | None = None,
) -> HTMLResponse:
    """A small page that says one thing. code: a command to show as is; action: (address, label) of the way on."""
    return page("message.html", status=status, title=title, lines=lines, code=code, action=action)


def sign_in_page(lines: tuple[str, ...], *, after: str, company: bool, status: int = 200) -> HTMLResponse:
    """Where a sign-in link is pasted. after: where to go once signed in; company: whether company accounts are offered."""
    context = {"lines": lines, "after": after, "company": company}
    return page("sign_in_link.html", status=status, title="登录", code="", action=None, **context)
