"""`serve`, as it is written on the command line; `app.commands.service` does it, and with it comes the whole web part."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, Final

from app.commands.data import add_data_options
from app.heap import undisturbed
from app.later import Later

if TYPE_CHECKING:
    from app.commands import service
else:
    service = Later("app.commands.service")

_MOST_WORKERS: Final = 16


def register(subparsers: argparse._SubParsersAction[Any]) -> None:
    """Add `serve` to the command line."""
    serve = subparsers.add_parser("serve", help="启动话术助手")
    serve.add_argument("--host", help="监听地址（默认只有本机能打开）")
    serve.add_argument("--port", type=int, help="端口（默认 8000；0 表示随便挑一个空的）")
    serve.add_argument("--open", action="store_true", help="启动后用浏览器打开")
    serve.add_argument(
        "--workers",
        type=_few,
        default=1,
        metavar="几个",
        help="用几个进程一起服务（默认 1，最多 16；只在 Linux 上）",
    )
    add_data_options(serve)
    serve.set_defaults(run=run_serve)


def run_serve(options: argparse.Namespace) -> int:
    """See `app.commands.service.run_serve`."""
    with undisturbed():
        run = service.run_serve
    return run(options)


def _few(written: str) -> int:
    number = int(written)
    if not 1 <= number <= _MOST_WORKERS:
        raise ValueError(written)
    return number
