"""`backup`, `restore`: everything the service stored in one file. `downgrade`: the way back to an older version."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from app.backup import make, restore
from app.commands.data import settings_for
from app.config import Settings
from app.errors import UsageError
from app.store.channels import unseal
from app.store.database import Database, check_revision
from app.store.vault import Vault

_SEALED_SINCE: Final = "0013"
"""The schema from which on secrets of channels may be encrypted."""


def register(subparsers: argparse._SubParsersAction[Any]) -> None:
    """Add `backup`, `restore` and `downgrade` to the command line."""
    making = subparsers.add_parser("backup", help="把全部数据备份成一个文件，不用停服务")
    making.add_argument("target", type=Path, metavar="文件", help="写到哪里，例如 备份.zip")
    making.set_defaults(run=run_backup)
    restoring = subparsers.add_parser("restore", help="把备份恢复到空的数据文件夹或空的数据库")
    restoring.add_argument("source", type=Path, metavar="文件", help="备份文件")
    restoring.set_defaults(run=run_restore)
    going_back = subparsers.add_parser("downgrade", help="退回旧版程序之前：把数据改回旧的格式")
    going_back.add_argument("schema", metavar="编号", help="旧版程序认得的格式，它打不开数据时会写着")
    going_back.set_defaults(run=run_downgrade)
    for parser in (making, restoring, going_back):
        parser.add_argument("--data", type=Path, metavar="文件夹", help="数据文件夹（默认 data）")


def run_backup(options: argparse.Namespace) -> int:
    """`backup`: everything stored goes into one file; prints what it holds as JSON."""
    database = _existing(settings_for(options))
    database.upgrade()
    print(json.dumps(asdict(make(database, options.target))))
    return 0


def run_restore(options: argparse.Namespace) -> int:
    """`restore`: the file goes into an empty database; prints what it held as JSON."""
    settings = settings_for(options)
    _make_folder(settings)
    print(json.dumps(asdict(restore(Database(settings.database_address()), options.source))))
    return 0


def run_downgrade(options: argparse.Namespace) -> int:
    """`downgrade`: the schema goes back to an older one; prints {"schema": …}."""
    database = _existing(settings_for(options))
    check_revision(options.schema)
    if options.schema < _SEALED_SINCE:
        with database.write() as session:
            unseal(session)
    database.downgrade(options.schema)
    print(json.dumps({"schema": options.schema}))
    return 0


def _existing(settings: Settings) -> Database:
    if not settings.database_url and not (settings.data / "huashu.db").exists():
        raise UsageError(f"{settings.data} 里没有数据")
    return Database(settings.database_address(), Vault(settings.secret_key, settings.key_file()))


def _make_folder(settings: Settings) -> None:
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"数据文件夹 {settings.data} 用不了：{error.strerror}") from error
