"""`channel`: connections to chat systems, beside a running service or without one."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import unquote

from app.channels import manage
from app.channels.manage import Made
from app.channels.registry import adapters
from app.commands.data import add_data_options, address_of, open_data, settings_for
from app.errors import UsageError
from app.store.database import Database

_COMMAND_LINE: Final = "命令行"


def register(subparsers: argparse._SubParsersAction[Any]) -> None:
    """Add `channel add`, `list`, `rotate`, `test` and `remove` to the command line."""
    channel = subparsers.add_parser("channel", help="接入聊天系统")
    actions = channel.add_subparsers(title="动作", metavar="动作", required=True)
    adding = actions.add_parser("add", help="新建一个渠道，打印接收地址和密钥")
    adding.add_argument("kind", metavar="种类", choices=list(adapters()), help="、".join(_kinds()))
    _register(adding, run_add)
    adding.add_argument("--shop", default="", help="属于哪个店铺（店铺 id）")
    adding.add_argument(
        "--option", action="append", default=[], metavar="KEY=VALUE", help="要填的选项，可以写多次"
    )
    listing = actions.add_parser("list", help="列出所有渠道")
    add_data_options(listing)
    listing.set_defaults(run=run_list)
    rotating = actions.add_parser("rotate", help="换一个新密钥，旧的再用 24 小时")
    _register(rotating, run_rotate)
    rotating.add_argument("--secret", default="", help="平台上显示的新密钥（密钥由平台产生时）")
    _register(actions.add_parser("test", help="往外发一条测试消息，或者检查连接"), run_test)
    _register(actions.add_parser("remove", help="删除渠道，会话都留着"), run_remove)


def _kinds() -> list[str]:
    return [f"{adapter.kind} {adapter.title}" for adapter in adapters().values()]


def _register(parser: argparse.ArgumentParser, run: Callable[[argparse.Namespace], int]) -> None:
    parser.add_argument("name", metavar="名字", help="渠道的名字")
    add_data_options(parser)
    parser.set_defaults(run=run)


def run_add(options: argparse.Namespace) -> int:
    """`channel add`: prints {"path": …, "secret": …}, the only time the secret is shown. Raises
    InvalidRequest, Conflict.
    """
    given: dict[str, str] = {}
    for pair in options.option:
        key, equals, value = pair.partition("=")
        if not equals or not key.strip():
            raise UsageError(f"--option 要写成 KEY=VALUE，现在是 {pair}")
        given[key.strip()] = value
    data = _data(options)
    made = manage.add(data, options.kind, options.name, given, by=_COMMAND_LINE, shop=options.shop)
    _print(made, address_of(settings_for(options), data))
    return 0


def run_list(options: argparse.Namespace) -> int:
    """`channel list`: name, kind, path and state of each, with tabs between."""
    for channel in manage.every(_data(options)):
        state = channel.trouble or ("启用" if channel.enabled else "停用")
        print(f"{channel.name}\t{channel.kind}\t{manage.path_of(channel)}\t{state}")
    return 0


def run_rotate(options: argparse.Namespace) -> int:
    """`channel rotate`: another secret, printed once; the old one is good for 24 hours more. Raises NotFound."""
    data = _data(options)
    made = manage.rotate(data, options.name, by=_COMMAND_LINE, secret=options.secret)
    _print(made, address_of(settings_for(options), data))
    return 0


def run_test(options: argparse.Namespace) -> int:
    """`channel test`: a test is put into the queue, which the running service sends. Raises NotFound."""
    manage.send_test(_data(options), options.name)
    print("排好了，服务开着就会马上去试；结果看「接入」页面里这个渠道的「最近发出的」")
    return 0


def run_remove(options: argparse.Namespace) -> int:
    """`channel remove`: its conversations stay. Raises NotFound."""
    manage.remove(_data(options), options.name, by=_COMMAND_LINE)
    print(f"已删除「{options.name}」")
    return 0


def _data(options: argparse.Namespace) -> Database:
    return open_data(settings_for(options), options.content)


def _print(made: Made, base: str) -> None:
    print(f"接收地址：{base}{unquote(made.path)}", file=sys.stderr)
    if made.secret:
        print("密钥只显示这一次，请现在抄到对方系统里。", file=sys.stderr)
    else:
        print("还没有密钥：在平台上建好以后，用 channel rotate 名字 --secret … 填进来。", file=sys.stderr)
    print(json.dumps({"path": made.path, "secret": made.secret}, ensure_ascii=False))
