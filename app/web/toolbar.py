"""What the panel needs inside a chat client's own window, such as WeCom's chat toolbar."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from app.errors import InvalidRequest
from app.web.channel_api import ChannelName
from app.web.conversation_schemas import Printable
from app.web.deps import CurrentPerson, ServicesDep

_LONGEST: Final = 2000

router = APIRouter(prefix="/api/v1/channels", tags=["渠道"])


class PageSignatureOut(BaseModel):
    """What `ww.register` or `wx.config` and `wx.agentConfig` want for a page of ours."""

    corp_id: str = Field(description="企业 id")
    agent_id: str = Field(description="应用 id")
    timestamp: Annotated[int, Field(description="签名的时间，Unix 秒")]
    nonce: str = Field(description="签名用的随机字")
    config_signature: Annotated[str, Field(description="企业的签名，给 config")]
    agent_config_signature: Annotated[str, Field(description="应用的签名，给 agentConfig")]


@router.get("/{name}/page-signature")
async def page_signature(
    name: ChannelName,
    person: CurrentPerson,
    services: ServicesDep,
    url: Annotated[
        str, Query(max_length=_LONGEST, description="打开的这一页的网址，只签话术助手自己的（HUASHU_URL）")
    ],
) -> PageSignatureOut:
    """企业微信聊天工具栏里的页面用 JS-SDK 前要的签名。"""
    page = own_page(url, services.settings.url)
    signed = await run_in_threadpool(services.channels.sign_page, name, page, person.name)
    return PageSignatureOut(
        corp_id=signed.corp_id,
        agent_id=signed.agent_id,
        timestamp=signed.timestamp,
        nonce=signed.nonce,
        config_signature=signed.config_signature,
        agent_config_signature=signed.agent_config_signature,
    )


class ConversationOfOut(BaseModel):
    """The conversation of the customer the toolbar was opened for; null before their first message."""

    conversation_id: str = Field(description="会话编号")


@router.get("/{name}/conversation")
async def conversation_of(
    name: ChannelName,
    person: CurrentPerson,
    services: ServicesDep,
    customer: Annotated[Printable, Query(description="顾客在聊天系统里的编号，企业微信是 external_userid")],
) -> ConversationOfOut:
    """和一位顾客最近的会话。"""
    found = await run_in_threadpool(services.channels.conversation_with, name, customer, person.name)
    return ConversationOfOut(conversation_id=found)


def own_page(url: str, own: str) -> str:
    """The part of an address that is signed, without `#` and after. Raises InvalidRequest unless it is under our own.

    own: the address our people use, from the settings.
    """
    if not own:
        raise InvalidRequest("还没有设置话术助手的网址，请管理员设置 HUASHU_URL")
    given, _, _ = url.partition("#")
    base = own.rstrip("/")
    plain = given.isascii() and given.isprintable() and " " not in given and "\\" not in given
    if not plain or not (given == base or given.startswith((f"{base}/", f"{base}?"))):
        raise InvalidRequest(f"只给话术助手自己的网址签名（{urlsplit(base).netloc}）")
    return given
