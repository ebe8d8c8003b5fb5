"""`serve`: the service, its address and the link that signs the owner in."""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import errno
import gc
import logging
import multiprocessing
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable
from http.client import HTTPException
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final
from urllib.request import ProxyHandler, build_opener

import uvicorn

from app.accounts import any_account, owner_link
from app.commands.data import ADDRESS, open_data, settings_for, sign_in_link
from app.commands.workers import Supervisor, reserve
from app.config import Settings
from app.content.packs import packs_of
from app.errors import ContentInvalid, StoreUnavailable, UsageError
from app.heap import on_big_pages
from app.logs import log_to_stderr
from app.releases import newest_files
from app.store import settings as stored_settings
from app.store.database import Database
from app.vocabulary import PACKS
from app.web.app import create_app

_log = logging.getLogger(__name__)

_SERVER: Final[dict[str, Any]] = {
    "log_config": None,
    "access_log": False,
    "lifespan": "on",
    "server_header": False,
    "timeout_graceful_shutdown": 3,
}
_MOMENT: Final = 3.0
_BACKLOG: Final = 2048
_ARENA_MAX: Final = -8
_MMAP_THRESHOLD: Final = -3
"""M_ARENA_MAX and M_MMAP_THRESHOLD of glibc's malloc.h."""
_BIG: Final = 1 << 20
_SWITCH_SECONDS: Final = 0.001
"""How long a thread beside the requests may go on while one waits; Python's own 5 ms would be several answers long."""


def run_serve(options: argparse.Namespace) -> int:
    """Serve until stopped. Raises UsageError when the settings don't fit together or the port is taken."""
    settings = settings_for(options)
    _one_heap()
    if options.workers > 1:
        return _serve_together(settings, options)
    app = create_app(settings, content=options.content)
    log_to_stderr(settings.log)
    listener = _listen(settings)
    # what is loaded at the start stays: collecting it again and again would cost a tenth of the start
    gc.disable()
    try:
        welcome = _prepared(settings, options, listener)
        server = _Server(uvicorn.Config(app, **_SERVER), welcome.say, app.state.services.channels.feed.close)
        server.run(sockets=[listener])
    finally:
        gc.enable()
        listener.close()
    return 0 if server.started else 2


def _one_heap() -> None:
    """Have all threads allocate from one heap: glibc gives each its own, which costs 15 MB and gains nothing under the GIL.

    What is big (1 MB) is mapped by itself and given back when it is done with, instead of leaving a hole.
    """
    with contextlib.suppress(OSError, TypeError, AttributeError):
        heap = ctypes.CDLL(None)
        heap.mallopt(_ARENA_MAX, 1)
        heap.mallopt(_MMAP_THRESHOLD, _BIG)


def _give_back() -> None:
    """Return to the system what the start has left free."""
    with contextlib.suppress(OSError, TypeError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def _prepared(settings: Settings, options: argparse.Namespace, listener: socket.socket) -> _Welcome:
    database = open_data(settings, options.content)
    _check_packs(settings, database)
    address = _address(settings, listener)
    _store_address(database, address)
    return _Welcome(address, database, settings, open_browser=options.open)


def _serve_together(settings: Settings, options: argparse.Namespace) -> int:
    """Several processes at one address. They share nothing but the database, like replicas on several machines."""
    if sys.platform != "linux":
        raise UsageError("--workers 只在 Linux 上能用；这里请去掉它")
    log_to_stderr(settings.log)
    _listen(settings).close()
    try:
        holder = reserve(settings.host, settings.port, _family(settings))
    except OSError as error:
        raise _cannot_listen(settings, error) from error
    with holder:
        welcome = _prepared(settings, options, holder)
        port = holder.getsockname()[1]
        together = Supervisor(options.workers, _serve_one, (settings, options.content, port))
        return 0 if together.run(welcome.say) else 2


def _serve_one(settings: Settings, content: Path | None, port: int, signs: Connection) -> None:
    """What each of several processes does: serve, and end when the one that started it is gone, however that ended."""
    log_to_stderr(settings.log)
    _one_heap()
    gc.disable()
    app = create_app(settings, content=content)
    config = uvicorn.Config(app, **_SERVER)
    server = _Server(config, lambda: signs.send(None), app.state.services.channels.feed.close)
    threading.Thread(target=_end_with_parent, args=(server,), daemon=True).start()
    family = _family(settings)
    with socket.create_server(
        (settings.host, port), family=family, backlog=_BACKLOG, reuse_port=True
    ) as listener:
        server.run(sockets=[listener])
    if not server.started:
        sys.exit(2)


def _end_with_parent(server: uvicorn.Server) -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        server.should_exit = True


def _check_packs(settings: Settings, database: Database) -> None:
    """Refuse misspelt packs; one that exists but that this release dropped is not worth refusing to start."""
    if set(settings.pack_list()) <= set(PACKS):
        return
    try:
        packs = packs_of(newest_files(database))
    except ContentInvalid:
        return  # a damaged release: an older one will be served
    unknown = set(settings.pack_list()) - {*packs, *PACKS}
    if unknown:
        raise UsageError(
            f"HUASHU_PACKS 里没有这个内容包：{'、'.join(sorted(unknown))}。现有：{'、'.join(packs)}"
        )


def _store_address(database: Database, address: str) -> None:
    """Store where sign-in links lead, warning when another service on this data folder would lose them."""
    with database.write() as session:
        before = stored_settings.get(session, ADDRESS)
        stored_settings.put(session, ADDRESS, address)
    if before and before != address and _answers(before):
        print(f"提醒：{before} 上还有一个话术助手在用这份数据；新的登录链接会指向 {address}", file=sys.stderr)


def _answers(address: str) -> bool:
    """Whether a service answers at `address`, asked directly and only for a moment."""
    opener = build_opener(ProxyHandler({}))
    try:
        with opener.open(f"{address}/healthz", timeout=_MOMENT) as answer:
            return bool(answer.status == 200)
    except (OSError, ValueError, HTTPException):
        return False


class _Welcome:
    """What is said once the service answers."""

    def __init__(self, address: str, database: Database, settings: Settings, *, open_browser: bool) -> None:
        self._address = address
        self._database = database
        self._settings = settings
        self._open_browser = open_browser

    def say(self) -> None:
        """Print it. When the disk is full or read-only, or the reader gone, the service serves all the same."""
        try:
            self._print()
        except StoreUnavailable as error:
            print(f"登录链接现在做不出来：{error.detail}。已经登录的人照常能用", file=sys.stderr)
        except OSError as error:
            _log.warning("the address could not be printed: %s", error.strerror or type(error).__name__)

    def _print(self) -> None:
        print(f"话术助手已启动：{self._address}/", flush=True)
        link = f"{self._address}/"
        if self._settings.auth == "off":
            print("登录已关闭，只供测试", flush=True)
        elif self._settings.is_local:
            link = sign_in_link(self._address, owner_link(self._database))
            print(f"打开这个链接就能登录（10 分钟内有效，只能用一次）：\n{link}", flush=True)
        elif not any_account(self._database):
            print("还没有账号，先运行：huashu user add 名字 --role admin --data 数据文件夹", flush=True)
        if self._open_browser:
            webbrowser.open(link)


class _Server(uvicorn.Server):
    """say: called once it serves. close: called before the connections are, to end those that would stay open for ever."""

    def __init__(self, config: uvicorn.Config, say: Callable[[], None], close: Callable[[], None]) -> None:
        super().__init__(config)
        self._say = say
        self._close = close

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        _give_back()
        gc.freeze()
        gc.enable()
        sys.setswitchinterval(_SWITCH_SECONDS)
        threading.Thread(target=on_big_pages, name="pages", daemon=True).start()
        if self.started:
            self._say()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._close()
        await super().shutdown(sockets)


def _family(settings: Settings) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in settings.host else socket.AF_INET


def _listen(settings: Settings) -> socket.socket:
    """A listening socket, taken before anything else so that a second start says at once what is wrong."""
    try:
        return socket.create_server(
            (settings.host, settings.port), family=_family(settings), backlog=_BACKLOG
        )
    except OSError as error:
        raise _cannot_listen(settings, error) from error


def _cannot_listen(settings: Settings, error: OSError) -> UsageError:
    if error.errno == errno.EADDRINUSE:
        return UsageError(
            f"端口 {settings.port} 已经被占用：话术助手可能已经开着；也可以换一个，例如 --port {settings.port + 1}"
        )
    return UsageError(f"不能监听 {settings.host}:{settings.port}：{error.strerror or error}")


def _address(settings: Settings, listener: socket.socket) -> str:
    """What to type into a browser."""
    if settings.url:
        return settings.url.rstrip("/")
    host = settings.host
    if host in ("0.0.0.0", "::"):  # noqa: S104
        host = socket.gethostname()
    return f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
