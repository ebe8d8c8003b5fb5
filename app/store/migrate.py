"""Bringing the tables up to date with Alembic; only imported where they are not, since importing it slows every start."""

from __future__ import annotations

from typing import Final

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection

from app.errors import StoreUnavailable, UsageError
from app.store.database import MIGRATIONS

_NEWER: Final = "这份数据是更新版本的话术助手写的，请升级程序后再打开；要用回这个版本，请用新版程序运行 huashu downgrade {}"


def upgrade(connection: Connection, revision: str) -> None:
    """Migrate in the transaction of `connection`. Raises StoreUnavailable when a newer version wrote the database."""
    config = _config(connection)
    try:
        command.upgrade(config, revision)
    except CommandError as error:
        newest = ScriptDirectory.from_config(config).get_current_head()
        raise StoreUnavailable(_NEWER.format(newest)) from error


def downgrade(connection: Connection, revision: str) -> None:
    """Back to the tables of an older version; what only newer ones know goes. Raises UsageError for a newer revision."""
    try:
        command.downgrade(_config(connection), revision)
    except CommandError as error:
        raise UsageError(f"没有「{revision}」这个数据格式，或者它比现在的还新") from error


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
