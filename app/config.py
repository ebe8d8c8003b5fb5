"""Settings from the environment (HUASHU_*), with safe defaults; nothing is read at import."""

from __future__ import annotations

import re
from ipaddress import ip_address
from pathlib import Path
from typing import Final, Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

_ORIGIN: Final = re.compile(r"https?://[^\s*/?#@]+")
_DEFAULT_PORT: Final = re.compile(r"^(https://.*):443$|^(http://.*):80$")


class Settings(BaseSettings):
    """All settings of a running service. docs/operate.md explains each; tests/test_docs.py checks that it does."""

    model_config = SettingsConfigDict(env_prefix="HUASHU_", extra="ignore")

    data: Path = Field(default=Path("data"), description="一切写入的文件都在这个文件夹")
    database_url: str = Field(default="", description="空：数据文件夹里的 SQLite；或 postgresql+psycopg://…")
    host: str = Field(default="127.0.0.1", description="监听地址；不是本机地址时必须先有账号")
    port: int = Field(default=8000, ge=0, le=65535, description="端口")
    auth: Literal["on", "off"] = Field(default="on", description="off 只给测试和工具用，而且只能监听本机")
    url: str = Field(
        default="", description="客服打开话术助手用的网址，写在登录链接里；空：用监听的地址和端口"
    )
    hosts: str = Field(
        default="", description="除本机地址外允许的域名，用逗号隔开；空：监听本机时只认本机地址，否则都认"
    )
    frame_ancestors: str = Field(
        default="'none'", description="哪些网址可以把面板嵌进自己的页面（CSP frame-ancestors）"
    )
    packs: str = Field(default="common,apparel", description="启用的内容包，用逗号隔开")
    outbound_allow: str = Field(
        default="",
        description="除公网外，服务可以主动连接的主机、地址和网段，用逗号隔开，例如 erp.local,192.168.1.0/24",
    )
    retention_days: int = Field(
        default=0, ge=0, description="多少天没有动静的会话自动删除，没结登记表的不删；0 一直留着"
    )
    keep_models: int = Field(
        default=10, ge=1, description="最近几版发布的模型一直留着；更早的清掉，退回去时重新学一遍"
    )
    token_rate: int = Field(default=6000, ge=0, description="一个接口令牌一分钟最多多少次请求，0 不限")
    log: Literal["text", "json"] = Field(default="text", description="日志的样子：一行文字，或一行一个 JSON")
    quality_days: int = Field(default=7, ge=1, le=90, description="质量通知看最近几天")
    quality_customers: int = Field(
        default=3, ge=2, le=100, description="几位顾客反映同一商品的同类问题就发质量通知"
    )
    secret_key: str = Field(
        default="", description="给渠道的密钥加密用的钥匙，至少 32 个字符；换的时候新的写前面，用逗号隔开"
    )
    order_hook: str = Field(default="", description="查订单的网址；空：不查")
    order_secret: str = Field(default="", description="给查订单的请求签名用的密钥，whsec_ 开头")
    oidc_issuer: str = Field(default="", description="公司账号系统的 issuer 网址；空：只用登录链接")
    oidc_client_id: str = Field(default="", description="在公司账号系统里登记的客户端编号")
    oidc_client_secret: str = Field(default="", description="那个客户端的密钥；公开的客户端没有")
    oidc_scopes: str = Field(default="openid profile", description="向公司账号系统要哪些范围，用空格隔开")
    oidc_login_claim: str = Field(
        default="preferred_username", description="ID token 里哪一项是公司账号的登录名"
    )
    oidc_name_claim: str = Field(default="name", description="ID token 里哪一项是名字")
    oidc_roles_claim: str = Field(
        default="",
        description="ID token 里哪一项是角色或组，例如 groups、realm_access.roles；空：角色在这里管",
    )
    oidc_roles: str = Field(
        default="", description="对方的角色或组对应这里的什么角色，例如 huashu-admin=admin,huashu-lead=lead"
    )
    oidc_default_role: Literal["agent", "trainer", "lead", "admin", "none"] = Field(
        default="agent", description="没有对应上的人是什么角色；none 不让进"
    )
    oidc_create: Literal["on", "off"] = Field(
        default="off", description="on：公司账号第一次登录时自动建账号；off：只让管理员加过的人进"
    )
    oidc_hours: int = Field(default=12, ge=1, le=720, description="用公司账号登录一次管几个小时")

    @property
    def is_local(self) -> bool:
        """Whether only programs on this machine can reach the address listened on."""
        try:
            return self.host == "localhost" or ip_address(self.host).is_loopback
        except ValueError:
            return False

    def host_list(self) -> tuple[str, ...]:
        """Host names of HUASHU_HOSTS, in lower case."""
        return tuple(part.strip().lower() for part in self.hosts.split(",") if part.strip())

    @property
    def is_framed(self) -> bool:
        """Whether pages of other sites may hold the panel."""
        return bool(set(self.frame_ancestors.split()) - {"'none'", "'self'"})

    def frame_origins(self) -> tuple[str, ...]:
        """The origins in frame_ancestors that name one site exactly: without wildcards, keywords and paths."""
        named = (part.lower().rstrip("/") for part in self.frame_ancestors.split())
        return tuple(_DEFAULT_PORT.sub(r"\1\2", part) for part in named if _ORIGIN.fullmatch(part))

    def database_address(self) -> str | Path:
        """The database URL as given, else the SQLite file in the data folder."""
        return self.database_url or self.data.resolve() / "huashu.db"

    def prepared_folder(self) -> Path:
        """Where a release is kept in a form that is quick to read."""
        return self.data / "cache"

    def key_file(self) -> Path | None:
        """Where a key for secrets may be kept: in the data folder, unless several machines share a database."""
        shared = self.database_url and not self.database_url.startswith("sqlite")
        return None if shared else self.data / "secret.key"

    def pack_list(self) -> tuple[str, ...]:
        """Packs of HUASHU_PACKS in their order."""
        return tuple(part.strip() for part in self.packs.split(",") if part.strip())
