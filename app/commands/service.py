"""`serve`, `publish`, `export`, `user`: everything that works on a data folder."""

from __future__ import annotations

import argparse
import errno
import json
import logging
import socket
import sys
import webbrowser
from pathlib import Path
from typing import Any, Final

import uvicorn
from pydantic import ValidationError

from app.accounts import ROLES, add_person, any_account, disable, new_link, owner_link
from app.config import Settings
from app.content.load import read_folder
from app.errors import UsageError
from app.releases import Published, export, publish, republish, seed
from app.store import settings as stored_settings
from app.store.database import Database
from app.web.app import create_app

_COMMAND_LINE: Final = "命令行"
_ADDRESS: Final = "address"


def register(subparsers: argparse._SubParsersAction[Any]) -> None:
    serve = subparsers.add_parser("serve", help="启动话术助手")
    serve.add_argument("--host", help="监听地址（默认只有本机能打开）")
    serve.add_argument("--port", type=int, help="端口（默认 8000；0 表示随便挑一个空的）")
    serve.add_argument("--open", action="store_true", help="启动后用浏览器打开")
    serve.set_defaults(run=run_serve)
    publishing = subparsers.add_parser("publish", help="检查并发布内容，成为新的一版")
    publishing.add_argument("source", nargs="?", type=Path, help="放着 intents/ 和 scripts_zh/ 的文件夹")
    publishing.add_argument("--release", type=int, metavar="N", help="不读文件夹，重新发布第 N 版（回退）")
    publishing.add_argument("--note", default="", help="这一版改了什么")
    publishing.set_defaults(run=run_publish)
    exporting = subparsers.add_parser("export", help="把正在用的这一版写回文件夹")
    exporting.add_argument("target", type=Path, help="写到哪个文件夹；只改写其中的 intents/ 和 scripts_zh/")
    exporting.set_defaults(run=run_export)
    user = subparsers.add_parser("user", help="管理账号")
    actions = user.add_subparsers(title="动作", metavar="动作", required=True)
    adding = actions.add_parser("add", help="新建账号，打印一次性登录链接")
    adding.add_argument(
        "--role",
        required=True,
        choices=ROLES,
        help="角色：agent 客服，trainer 话术师，lead 主管，admin 管理员",
    )
    adding.set_defaults(run=run_user_add)
    linking = actions.add_parser("link", help="给已有的账号再打印一个登录链接")
    linking.set_defaults(run=run_user_link)
    disabling = actions.add_parser("disable", help="停用账号，立刻退出所有登录")
    disabling.set_defaults(run=run_user_disable)
    for parser in (adding, linking, disabling):
        parser.add_argument("name", help="名字")
    for parser in (serve, publishing, exporting, adding, linking, disabling):
        parser.add_argument("--data", type=Path, help="数据文件夹（默认 data）")
        parser.add_argument("--content", type=Path, help="第一次使用时从哪个文件夹取内容")


def run_serve(options: argparse.Namespace) -> int:
    """Serve until stopped. Raises UsageError when the settings don't fit together or the port is taken."""
    settings = _settings(options)
    if settings.auth == "off" and not settings.is_local:
        raise UsageError("HUASHU_AUTH=off 只能监听本机地址，例如 --host 127.0.0.1")
    _log_to_stderr()
    listener = _listen(settings)
    try:
        database = open_data(settings, options.content)
        address = _address(settings, listener)
        with database.write() as session:
            stored_settings.put(session, _ADDRESS, address)
        welcome = _Welcome(address, database, settings, open_browser=options.open)
        server = _Server(_uvicorn_config(settings, options.content), welcome)
        server.run(sockets=[listener])
    finally:
        listener.close()
    return 0 if server.started else 2


def run_publish(options: argparse.Namespace) -> int:
    if (options.source is None) == (options.release is None):
        raise UsageError("要写一个文件夹，或者用 --release 指定第几版，两个里写一个")
    database = open_data(_settings(options), options.content)
    if options.release is not None:
        published = republish(database, options.release, author=_COMMAND_LINE)
    else:
        files = read_folder(_readable(options.source))
        published = publish(database, files, author=_COMMAND_LINE, note=options.note)
    _print_release(published)
    return 0


def run_export(options: argparse.Namespace) -> int:
    _print_release(export(open_data(_settings(options), options.content), options.target))
    return 0


def run_user_add(options: argparse.Namespace) -> int:
    settings = _settings(options)
    database = open_data(settings, options.content)
    _print_link(settings, database, add_person(database, options.name, options.role, by=_COMMAND_LINE))
    return 0


def run_user_link(options: argparse.Namespace) -> int:
    settings = _settings(options)
    database = open_data(settings, options.content)
    _print_link(settings, database, new_link(database, options.name, by=_COMMAND_LINE))
    return 0


def run_user_disable(options: argparse.Namespace) -> int:
    disable(open_data(_settings(options), options.content), options.name, by=_COMMAND_LINE)
    print(f"已停用「{options.name}」")
    return 0


def open_data(settings: Settings, content: Path | None = None) -> Database:
    """The database of the data folder, up to date and with at least release 1.

    Raises UsageError when the folder cannot be written, StoreUnavailable, ContentInvalid.
    """
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"数据文件夹 {settings.data} 用不了：{error.strerror}") from error
    database = Database(settings.database_address())
    database.upgrade()
    seeded = seed(database, content)
    if seeded is not None:
        print(f"第一次使用，已经存好第 {seeded.number} 版内容", file=sys.stderr)
    return database


class _Welcome:
    """What is said once the service answers."""

    def __init__(self, address: str, database: Database, settings: Settings, *, open_browser: bool) -> None:
        self._address = address
        self._database = database
        self._settings = settings
        self._open_browser = open_browser

    def say(self) -> None:
        print(f"话术助手已启动：{self._address}/", flush=True)
        link = f"{self._address}/"
        if self._settings.auth == "off":
            print("登录已关闭，只供测试", flush=True)
        elif self._settings.is_local:
            link = _link(self._address, owner_link(self._database))
            print(f"打开这个链接就能登录（10 分钟内有效，只能用一次）：\n{link}", flush=True)
        elif not any_account(self._database):
            print("还没有账号，先运行：huashu user add 名字 --role admin --data 数据文件夹", flush=True)
        if self._open_browser:
            webbrowser.open(link)


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, welcome: _Welcome) -> None:
        super().__init__(config)
        self._welcome = welcome

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._welcome.say()


def _uvicorn_config(settings: Settings, content: Path | None) -> uvicorn.Config:
    return uvicorn.Config(
        create_app(settings, content=content),
        log_config=None,
        access_log=False,
        lifespan="on",
        server_header=False,
        timeout_graceful_shutdown=3,
    )


def _settings(options: argparse.Namespace) -> Settings:
    given = {name: getattr(options, name, None) for name in ("data", "host", "port")}
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        names = "、".join("HUASHU_" + "_".join(map(str, item["loc"])).upper() for item in error.errors())
        raise UsageError(f"设置写得不对：{names}") from error


def _listen(settings: Settings) -> socket.socket:
    """A listening socket, taken before anything else so that a second start says at once what is wrong."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise UsageError(
                f"端口 {settings.port} 已经被占用：话术助手可能已经开着；也可以换一个，例如 --port {settings.port + 1}"
            ) from error
        raise UsageError(f"不能监听 {settings.host}:{settings.port}：{error.strerror or error}") from error


def _address(settings: Settings, listener: socket.socket) -> str:
    """What to type into a browser."""
    if settings.url:
        return settings.url.rstrip("/")
    host = settings.host
    if host in ("0.0.0.0", "::"):  # noqa: S104
        host = socket.gethostname()
    return f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"


def _link(address: str, token: str) -> str:
    return f"{address}/sign-in/{token}"


def _print_link(settings: Settings, database: Database, token: str) -> None:
    with database.read() as session:
        served_at = stored_settings.get(session, _ADDRESS)
    address = settings.url.rstrip("/") or served_at or f"http://{settings.host}:{settings.port}"
    print("登录链接 24 小时内有效，只能用一次，请发给本人。", file=sys.stderr)
    print(json.dumps({"link": _link(address, token)}, ensure_ascii=False))


def _print_release(published: Published) -> None:
    line = {"release": published.number, "digest": published.digest, "changed": published.changed}
    print(json.dumps(line, ensure_ascii=False))


def _readable(source: Path) -> Path:
    if not source.is_dir():
        raise UsageError(f"没有这个文件夹：{source}")
    return source


def _log_to_stderr() -> None:
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    for name in ("alembic", "jieba", "uvicorn"):
        logging.getLogger(name).setLevel(logging.WARNING)
