"""Bringing the tables up to date with Alembic; only imported where they are not, since importing it slows every start."""

from __future__ import annotations

from typing import Final

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection

from app.errors import StoreUnavailable
from app.store.database import MIGRATIONS

_NEWER: Final = "这份数据是更新版本的话术助手写的，请升级程序后再打开"


def upgrade(connection: Connection, revision: str) -> None:
    """Migrate in the transaction of `connection`. Raises StoreUnavailable when a newer version wrote the database."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, revision)
    except CommandError as error:
        raise StoreUnavailable(_NEWER) from error
