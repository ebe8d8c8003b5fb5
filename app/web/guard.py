"""What every request passes before the application sees it, and what every answer carries.

Plain ASGI rather than a middleware base class: it runs for each request and must cost next to nothing.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.config import Settings
from app.errors import AppError, BodyTooLarge, CsrfFailed, MalformedBody, NoAccounts, NotAllowed
from app.logs import LEFT as GONE
from app.web.measure import LEFT, PROBLEM
from app.web.problems import CREATE_ACCOUNT, of_error, of_unexpected, respond

_log = logging.getLogger(__name__)

BODY_LIMIT: Final = 256 * 1024
UPLOAD_LIMIT: Final = 6 * 1024 * 1024
UPLOADS: Final = re.compile(
    r"^(?:/products/import|/api/v1/studio/(?:import|images)|/api/v1/cases/\d{1,9}/photos)$"
)
"""The paths that take a file; a file may be 5 MB."""
SANDBOX: Final = b"default-src 'none'; sandbox"
"""The content security policy of files that people sent in. Besides `WITH_SDK` the only one an answer may choose for itself."""
SDK: Final = "https://wwcdn.weixin.qq.com/node/open/js/wecom-jssdk-2.0.2.js"
"""WeCom's script, which it lets nobody keep a copy of. Source: developer.work.weixin.qq.com, document 98560."""
WITH_SDK: Final = b"with-sdk"
"""Set as its policy by the page that needs that script; it then gets the usual one with the script's address in it."""
POLICY: Final = "content-security-policy"
_POLICY: Final = POLICY.encode()
_SIGNED: Final = "/hooks/"
"""What comes here is signed over its very bytes."""
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_UNSTORED: Final = (b"cache-control", b"no-store")
_SENDERS: Final = 256
_SENDER_LENGTH: Final = 400
"""How many good senders are remembered: host, origin and what a browser says of the page."""
_HEALTH: Final = frozenset({"/healthz", "/readyz"})
_LOCAL_NAMES: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_ESCAPE: Final = re.compile(
    rb"(?P<pair>\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    rb"|(?P<bad>\\u(?:[dD][89a-fA-F][0-9a-fA-F]{2}|0000))"
    rb"|\\."
)
_CLOSED: Final = "the handler is closed"
"""What uvloop says of an answer to one of several requests sent at once, when the client is gone by then."""
_HALF: Final = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
"""Half a surrogate pair in bytes: no UTF-8, but what the JSON reader of Python lets through."""


class Guard:
    """Checks host, origin, accounts and body size; adds the security headers; turns any exception into an answer.

    has_accounts: whether anybody can sign in, asked only where accounts are required.
    """

    def __init__(self, app: ASGIApp, *, settings: Settings, has_accounts: Callable[[], bool]) -> None:
        self._app = app
        self._hosts = frozenset(settings.host_list())
        self._any_host = not settings.is_local and not self._hosts
        self._needs_account = not settings.is_local
        self._has_accounts = has_accounts
        self._passed: set[tuple[str | None, str | None, str | None, bool]] = set()
        self._headers = _security_headers(settings.frame_ancestors)
        own = dict(self._headers)
        self._names = frozenset(own)
        self._usual = [*self._headers, _UNSTORED]
        with_sdk = own[_POLICY].replace(b"script-src 'self'", f"script-src 'self' {SDK}".encode())
        self._chosen = {
            SANDBOX: list({**own, _POLICY: SANDBOX}.items()),
            WITH_SDK: list({**own, _POLICY: with_sdk}.items()),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = self._complete(message.get("headers", ()))
            try:
                await send(message)
            except RuntimeError as error:
                if not str(error).endswith(_CLOSED):
                    raise
                raise ClientDisconnect from error

        try:
            await self._check(scope)
            if scope["method"] not in SAFE_METHODS:
                receive = await _read_body(scope, receive)
            await self._app(scope, receive, send_guarded)
        except ClientDisconnect:
            # nobody is there to read an answer
            _log.info("left before the answer: %s", scope["method"])
            scope[PROBLEM] = LEFT
            GONE.set(True)
        except AppError as error:
            await respond(scope, of_error(error))(scope, receive, send_guarded)
        except Exception as error:
            problem = of_unexpected(error)
            if not started:
                await respond(scope, problem)(scope, receive, send_guarded)

    async def _check(self, scope: Scope) -> None:
        if scope["path"] in _HEALTH:
            return
        changes = scope["method"] not in SAFE_METHODS
        host, origin, site = given(scope, b"host", b"origin", b"sec-fetch-site")
        sender = (host, origin, site, changes)
        if sender not in self._passed:
            self._check_sender(*sender)
            if len(self._passed) < _SENDERS and sum(map(len, filter(None, sender[:3]))) < _SENDER_LENGTH:
                self._passed.add(sender)
        if self._needs_account:
            await self._check_accounts()

    def _check_sender(self, host: str | None, origin: str | None, site: str | None, changes: bool) -> None:
        if not self._any_host and not self._is_known(host or ""):
            raise NotAllowed("不认识这个网址。要用别的域名打开，请把它写进 HUASHU_HOSTS")
        if changes:
            self._check_origin(host or "", origin, site)

    def _is_known(self, host: str) -> bool:
        name = _host_name(host)
        return name in _LOCAL_NAMES or name in self._hosts

    def _check_origin(self, host: str, origin: str | None, site: str | None) -> None:
        """Refuse what another site's page makes a browser send. Programs send neither header."""
        if site is not None:
            allowed = site in ("same-origin", "none")
        else:
            allowed = origin is None or _is_same(origin, host) or _host_name(_site(origin)) in self._hosts
        if not allowed:
            raise CsrfFailed("这个请求来自别的网站，没有执行")

    async def _check_accounts(self) -> None:
        if not await run_in_threadpool(self._has_accounts):
            raise NoAccounts(
                f"还没有账号。请在装话术助手的电脑上运行：{CREATE_ACCOUNT}", command=CREATE_ACCOUNT
            )
        self._needs_account = False

    def _complete(self, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        names = {name.lower() for name, _ in headers}
        if b"cache-control" not in names and self._names.isdisjoint(names):
            return [*headers, *self._usual]
        asked = next((value for name, value in headers if name.lower() == _POLICY), b"")
        own = self._chosen.get(asked, self._headers)
        kept = [(name, value) for name, value in headers if name.lower() not in self._names]
        if b"cache-control" not in names:
            kept.append(_UNSTORED)
        return kept + own


def _security_headers(frame_ancestors: str) -> list[tuple[bytes, bytes]]:
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        f"base-uri 'none'; form-action 'self'; frame-ancestors {frame_ancestors}"
    )
    return [
        (_POLICY, policy.encode("latin-1", errors="replace")),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"cross-origin-opener-policy", b"same-origin"),
    ]


def _host_name(host: str) -> str:
    """The name in a Host header, without port and brackets, in lower case."""
    name = host.lower().rsplit(":", 1)[0] if not host.endswith("]") else host.lower()
    return name.strip("[]") or host.lower()


def _is_same(origin: str, host: str) -> bool:
    return _site(origin) == host.lower() != ""


def _site(origin: str) -> str:
    """Host and port of an Origin header in lower case; empty when it is not readable as one."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


async def _read_body(scope: Scope, receive: Receive) -> Receive:
    """Read the whole body, however it is sent, and hand it on as one piece. Raises BodyTooLarge, ClientDisconnect."""
    upload = UPLOADS.match(scope["path"]) is not None
    limit = UPLOAD_LIMIT if upload else BODY_LIMIT
    too_large = BodyTooLarge("文件太大了，最多 5 MB" if upload else "请求太大了，最多 256 KB")
    length, kind = given(scope, b"content-length", b"content-type")
    if length is not None and length.isdecimal() and int(length) > limit:
        raise too_large
    pieces: list[bytes] = []
    total = 0
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise ClientDisconnect
        pieces.append(message.get("body", b""))
        total += len(pieces[-1])
        if total > limit:
            raise too_large
        more = message.get("more_body", False)
    body = b"".join(pieces)
    if (
        (b"\\u" in body or b"\xed" in body or b"\x00" in body)
        and not scope["path"].startswith(_SIGNED)
        and "json" in (kind or "")
    ):
        body = _whole_characters(body)
    return once({"type": "http.request", "body": body, "more_body": False}, receive)


def given(scope: Scope, *names: bytes) -> list[str | None]:
    """Headers by name in lower case, the first of each where there are several; None for one that was not sent."""
    found: list[str | None] = [None] * len(names)
    for name, value in scope["headers"]:
        if name in names:
            place = names.index(name)
            if found[place] is None:
                found[place] = value.decode("latin-1")
    return found


def once(message: Message, receive: Receive) -> Receive:
    """`message` first, then whatever comes."""
    waiting = [message]

    async def next_message() -> Message:
        return waiting.pop() if waiting else await receive()

    return next_message


def _whole_characters(body: bytes) -> bytes:
    r"""Half a surrogate pair or NUL, written as an escape or in bytes, becomes U+FFFD: neither can be stored or sent on.

    Raises MalformedBody for UTF-16 and UTF-32, whose bytes hide both.

    >>> _whole_characters(rb'"\ud83d\ude00 \ud83d \\ud83d"')
    b'"\\ud83d\\ude00 \\ufffd \\\\ud83d"'
    """
    if b"\x00" in body:
        raise MalformedBody("请求内容读不出来，请检查是不是 UTF-8 编码的 JSON")
    body = _HALF.sub("\ufffd".encode(), body)
    return _ESCAPE.sub(lambda found: rb"\ufffd" if found["bad"] else found[0], body)
