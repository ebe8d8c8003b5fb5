"""`publish`, `export`, `user`: what works on a data folder, beside a running service or without one."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from app.accounts import ROLES, add_person, disable, new_link
from app.channels.manage import protect
from app.company import add_expected, expect, issuer_of
from app.config import Settings
from app.content.folder import content_folder, unexpected
from app.content.load import read_folder
from app.content.model import Content
from app.errors import ContentInvalid, UsageError
from app.releases import Published, export, is_empty, keep_images, publish, republish, seed
from app.store import settings as stored_settings
from app.store.database import Database
from app.store.vault import Vault
from app.training import Trainer, train_outside

ADDRESS: Final = "address"
"""The stored setting that holds where the service was last reachable."""

_COMMAND_LINE: Final = "命令行"


def register(subparsers: argparse._SubParsersAction[Any]) -> None:
    """Add `publish`, `export` and `user …` to the command line."""
    publishing = subparsers.add_parser("publish", help="检查并发布内容，成为新的一版")
    publishing.add_argument("source", nargs="?", type=Path, help="放着 intents/ 和 scripts_zh/ 的文件夹")
    publishing.add_argument("--release", type=int, metavar="N", help="不读文件夹，重新发布第 N 版（回退）")
    publishing.add_argument("--note", default="", help="这一版改了什么")
    publishing.set_defaults(run=run_publish)
    exporting = subparsers.add_parser("export", help="把正在用的这一版写回文件夹")
    exporting.add_argument("target", type=Path, help="写到哪个文件夹；只改写其中的 intents/ 和 scripts_zh/")
    exporting.set_defaults(run=run_export)
    for parser in (publishing, exporting):
        add_data_options(parser)
    _register_user(subparsers.add_parser("user", help="管理账号"))


def _register_user(user: argparse.ArgumentParser) -> None:
    actions = user.add_subparsers(title="动作", metavar="动作", required=True)
    adding = actions.add_parser("add", help="新建账号，打印一次性登录链接")
    adding.add_argument(
        "--role", required=True, choices=ROLES, help="agent 客服，trainer 话术师，lead 主管，admin 管理员"
    )
    adding.add_argument("--company", metavar="公司账号", help="也可以用公司账号登录：登录公司系统时用的名字")
    adding.set_defaults(run=run_user_add)
    expecting = actions.add_parser("company", help="让已有的账号用公司账号登录，或者换一个公司账号")
    expecting.set_defaults(run=run_user_company)
    linking = actions.add_parser("link", help="给已有的账号再打印一个登录链接")
    linking.set_defaults(run=run_user_link)
    disabling = actions.add_parser("disable", help="停用账号，立刻退出所有登录")
    disabling.set_defaults(run=run_user_disable)
    for parser in (adding, expecting, linking, disabling):
        parser.add_argument("name", metavar="名字", help="账号的名字")
        add_data_options(parser)
    expecting.add_argument("login", metavar="公司账号", help="登录公司系统时用的名字")


def add_data_options(parser: argparse.ArgumentParser) -> None:
    """--data and --content: the data folder, and what its first release is made of."""
    parser.add_argument("--data", type=Path, metavar="文件夹", help="数据文件夹（默认 data）")
    parser.add_argument("--content", type=Path, metavar="文件夹", help="第一次使用时从哪个文件夹取内容")


def run_publish(options: argparse.Namespace) -> int:
    """`publish`: last line {"release", "digest", "changed"}. Raises ContentInvalid with every problem."""
    if (options.source is None) == (options.release is None):
        raise UsageError("要写一个文件夹，或者用 --release 指定第几版，两个里写一个")
    if options.source is not None:
        _refuse_unexpected(content_folder(options.source))
    settings = settings_for(options)
    database, cache = open_data(settings, options.content), settings.prepared_folder()
    if options.release is not None:
        published = republish(
            database, options.release, author=_COMMAND_LINE, trainer=announced(train_outside), cache=cache
        )
    else:
        source = content_folder(options.source)
        files = keep_images(database, source, read_folder(source))
        published = publish(
            database,
            files,
            author=_COMMAND_LINE,
            note=options.note,
            trainer=announced(train_outside),
            cache=cache,
        )
    _print_release(published)
    return 0


def _refuse_unexpected(folder: Path) -> None:
    problems = unexpected(folder)
    if problems:
        lines = "\n".join(map(str, problems))
        raise ContentInvalid(f"内容有 {len(problems)} 处错误，没有发布：\n{lines}")


def run_export(options: argparse.Namespace) -> int:
    """`export`: the running release as files; last line like that of `publish`, nothing is changed."""
    _print_release(export(open_data(settings_for(options), options.content), options.target))
    return 0


def run_user_add(options: argparse.Namespace) -> int:
    """`user add`: last line {"link": …}, good once and for 24 hours. Raises InvalidRequest, Conflict."""
    settings = settings_for(options)
    database = open_data(settings, options.content)
    if options.company:
        company = (issuer_of(settings), options.company)
        link = add_expected(database, options.name, options.role, *company, by=_COMMAND_LINE)
    else:
        link = add_person(database, options.name, options.role, by=_COMMAND_LINE)
    _print_link(settings, database, link)
    return 0


def run_user_company(options: argparse.Namespace) -> int:
    """`user company`: the person may sign in with this company account. Raises Conflict, NotFound."""
    settings = settings_for(options)
    issuer = issuer_of(settings)
    expect(open_data(settings, options.content), issuer, options.name, options.login, by=_COMMAND_LINE)
    print(f"「{options.name}」以后可以用公司账号「{options.login}」登录")
    return 0


def run_user_link(options: argparse.Namespace) -> int:
    """`user link`: last line {"link": …}, another one-time link. Raises NotFound."""
    settings = settings_for(options)
    database = open_data(settings, options.content)
    _print_link(settings, database, new_link(database, options.name, by=_COMMAND_LINE))
    return 0


def run_user_disable(options: argparse.Namespace) -> int:
    """`user disable`: no sign-in any more, open sessions end. Raises NotFound."""
    disable(open_data(settings_for(options), options.content), options.name, by=_COMMAND_LINE)
    print(f"已停用「{options.name}」")
    return 0


def settings_for(options: argparse.Namespace) -> Settings:
    """The settings from the environment, with what the command line says instead. Raises UsageError."""
    given = {name: getattr(options, name, None) for name in ("data", "host", "port")}
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        names = "、".join("HUASHU_" + "_".join(map(str, item["loc"])).upper() for item in error.errors())
        raise UsageError(f"设置写得不对：{names}") from error


def open_data(settings: Settings, content: Path | None = None) -> Database:
    """The database of the data folder, up to date and with at least release 1.

    Raises UsageError when the folder cannot be written, StoreUnavailable, ContentInvalid.
    """
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"数据文件夹 {settings.data} 用不了：{error.strerror}") from error
    database = Database(settings.database_address(), Vault(settings.secret_key, settings.key_file()))
    database.upgrade()
    protect(database)
    if is_empty(database):
        print("第一次使用，正在整理内容，要十几秒……", file=sys.stderr, flush=True)
        seed(database, content, cache=settings.prepared_folder())
    return database


def sign_in_link(address: str, token: str) -> str:
    """Where a person signs in once. address: of the service, without a slash at the end."""
    return f"{address}/sign-in/{token}"


def address_of(settings: Settings, database: Database) -> str:
    """Where people open the service: as set, else as it was last served, without a slash at the end."""
    with database.read() as session:
        served_at = stored_settings.get(session, ADDRESS)
    return settings.url.rstrip("/") or served_at or f"http://{settings.host}:{settings.port}"


def announced(trainer: Trainer) -> Trainer:
    """The same trainer, which first tells whoever waits on stderr."""

    def train(content: Content) -> bytes:
        print("正在学习样例，要十几秒到半分钟……", file=sys.stderr, flush=True)
        return trainer(content)

    return train


def _print_link(settings: Settings, database: Database, token: str) -> None:
    address = address_of(settings, database)
    print("登录链接 24 小时内有效，只能用一次，请发给本人。", file=sys.stderr)
    print(json.dumps({"link": sign_in_link(address, token)}, ensure_ascii=False))


def _print_release(published: Published) -> None:
    line = {"release": published.number, "digest": published.digest, "changed": published.changed}
    print(json.dumps(line, ensure_ascii=False))
