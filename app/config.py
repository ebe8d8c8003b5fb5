"""Settings from the environment (HUASHU_*), with safe defaults; nothing is read at import."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """All settings of a running service. docs/operate.md explains each; tests/test_docs.py checks that it does."""

    model_config = SettingsConfigDict(env_prefix="HUASHU_", extra="ignore")

    data: Path = Field(default=Path("data"), description="一切写入的文件都在这个文件夹")
    database_url: str = Field(default="", description="空：数据文件夹里的 SQLite；或 postgresql+psycopg://…")
    host: str = Field(default="127.0.0.1", description="监听地址；不是本机地址时必须先有账号")
    port: int = Field(default=8000, ge=0, le=65535, description="端口")
    auth: Literal["on", "off"] = Field(default="on", description="off 只给测试和工具用，而且只能监听本机")
    packs: str = Field(default="common,apparel", description="启用的内容包，用逗号隔开")
    cache: Path | None = Field(
        default=None, description="命令行读文件时模型的缓存位置；默认在系统的用户缓存里"
    )

    def pack_list(self) -> tuple[str, ...]:
        return tuple(part.strip() for part in self.packs.split(",") if part.strip())
