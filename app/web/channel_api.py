"""Channels over the API, for programs that set them up: the same as the page 「接入」."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field, StringConstraints
from starlette.concurrency import run_in_threadpool

from app.channels import manage
from app.channels.adapter import Channel
from app.channels.manage import Made
from app.channels.registry import adapter_for, adapters
from app.errors import InvalidRequest, UsageError
from app.store import channels as rows
from app.store import deliveries
from app.store.channels import Happened
from app.web.deps import Admin, Services, ServicesDep
from app.web.schemas import Incoming, shown_as

router = APIRouter(prefix="/api/v1", tags=["渠道"])

T = TypeVar("T")
Line = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
ChannelName = Annotated[
    str, Path(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$", description="渠道的名字")
]


class OptionOut(BaseModel):
    """Something to fill in when a channel of a kind is set up."""

    name: str = Field(description="选项的名字，写进 options 的键")
    title: str = Field(description="中文名")
    hint: str = Field(description="填什么、在哪里找")
    required: bool = Field(description="必填")
    secret: Annotated[bool, Field(description="填了以后不再显示")]
    default: str = Field(description="不填时用的值")
    choices: list[str] = Field(description="只能选这些；空为随便填")


class KindOut(BaseModel):
    """A chat system that can be connected, and what that takes."""

    kind: str = Field(description="种类，新建时写它")
    title: str = Field(description="中文名")
    options: list[OptionOut] = Field(description="要填的选项")
    secret_from: Annotated[
        Literal["us", "platform"], Field(description="us 由话术助手产生，platform 由平台产生，要填进来")
    ]


class KindsOut(BaseModel):
    """All chat systems that can be connected."""

    items: list[KindOut] = Field(description="能接的聊天系统")


class RefusedOut(BaseModel):
    """The last request of a channel that was not taken: mostly a wrong signature or clock."""

    at: str = Field(description="什么时候，带时区")
    why: str = Field(description="为什么没收")


class ChannelOut(BaseModel):
    """A channel as it is set up; never a secret."""

    name: str = Field(description="渠道的名字")
    kind: str = Field(description="种类，见 /api/v1/channel-kinds")
    path: Annotated[str, Field(description="接收地址在话术助手网址后面的部分")]
    shop: Annotated[str, Field(description="店铺 id；空为第一个店铺")]
    people: Annotated[list[str], Field(description="消息到谁的面板；空为所有人")]
    enabled: bool = Field(description="启用着")
    sends: Annotated[bool, Field(description="false：出了问题，停止往外发了，见 trouble")]
    trouble: str = Field(description="停止往外发的原因；没停为空")
    refused: Annotated[RefusedOut | None, Field(description="最近一次没收的请求和原因")]
    locked: Annotated[bool, Field(description="密钥读不出来：给它加密的钥匙不在了")]
    has_secret: bool = Field(description="有密钥了")
    options: Annotated[dict[str, str], Field(description="填了的选项，不含密码一类的")]
    hidden_options: Annotated[list[str], Field(description="填了、但不显示的选项")]
    queued: Annotated[int, Field(description="还有多少条等着往外发")]
    created_at: str = Field(description="什么时候建的，带时区")


class ChannelsOut(BaseModel):
    """All channels."""

    items: list[ChannelOut] = Field(description="全部渠道")


class MadeOut(BaseModel):
    """secret: told this once; empty where the platform's is still to be filled in."""

    channel: ChannelOut = Field(description="渠道")
    secret: str = Field(description="密钥，只在这个回答里；平台产生、还没填的为空")


class HappenedOut(BaseModel):
    """One message or delivery of a channel, as the table of recent events shows it."""

    at: str = Field(description="什么时候，带时区")
    kind: str = Field(description="什么事，例如 message")
    state: Literal["waiting", "done", "ignored", "failed", "dropped"] = Field(
        description="waiting 等着，done 好了，ignored 不用管的，failed 没成，dropped 放弃了"
    )
    status: Annotated[int | None, Field(description="对方的 HTTP 回答")]
    note: str = Field(description="说明，不含顾客的话")


class EventsOut(BaseModel):
    """Newest first, never with a customer's words."""

    came_in: list[HappenedOut] = Field(description="收到的，新的在前")
    went_out: list[HappenedOut] = Field(description="发出的，新的在前")


class ResumedOut(BaseModel):
    """What was given up is tried again."""

    again: Annotated[int, Field(description="重新排队的有几条")]


class DoneOut(BaseModel):
    """The channel it was done to."""

    name: str = Field(description="渠道的名字")


class NewChannelIn(Incoming):
    """A channel to be set up; options as the kind names them, 50 at most."""

    model_config = shown_as(kind="generic", name="shop", options={"url": "https://shop.example.com/huashu"})

    kind: Annotated[str, Field(max_length=30, description="种类，见 /channel-kinds")]
    name: Annotated[str, Field(max_length=200, description="1 到 40 个字母、数字、汉字、_ 或 -")]
    shop: Annotated[Line, Field(description="店铺 id；空为第一个店铺")] = ""
    secret: Annotated[str, Field(max_length=500, description="平台产生的密钥；可以以后再填")] = ""
    options: Annotated[
        dict[Line, str], Field(max_length=50, description="各项设置，键见 /api/v1/channel-kinds")
    ] = {}


class ChannelPatchIn(Incoming):
    """What to change of a channel; what is not named stays, an option that is null is removed."""

    shop: Annotated[Line | None, Field(description="换一个店铺（店铺 id）")] = None
    people: Annotated[list[Line] | None, Field(max_length=200, description="消息到谁的面板；空为所有人")] = (
        None
    )
    enabled: Annotated[bool | None, Field(description="true 启用，false 停用")] = None
    options: Annotated[
        dict[Line, str | None] | None, Field(max_length=50, description="只改写了的；null 为清掉")
    ] = None


class SecretIn(Incoming):
    """A secret made by the platform; none has one made here."""

    secret: Annotated[str, Field(max_length=500, description="平台上显示的新密钥；由我们产生的空着")] = ""


@router.get("/channel-kinds")
async def list_kinds(_admin: Admin) -> KindsOut:
    """能接的聊天系统，和各要填什么。"""
    return KindsOut.model_validate(
        {
            "items": [
                {
                    "kind": adapter.kind,
                    "title": adapter.title,
                    "secret_from": adapter.secret_from,
                    "options": [
                        {name: getattr(option, name) for name in OptionOut.model_fields}
                        for option in adapter.options
                    ],
                }
                for adapter in adapters().values()
            ]
        }
    )


@router.get("/channels")
async def list_channels(_admin: Admin, services: ServicesDep) -> ChannelsOut:
    """全部渠道。"""

    def read() -> ChannelsOut:
        found = manage.every(services.database)
        return ChannelsOut(items=[_out(services, one) for one in found if one.kind in adapters()])

    return await run_in_threadpool(read)


@router.post("/channels")
async def add_channel(body: NewChannelIn, admin: Admin, services: ServicesDep) -> MadeOut:
    """新建一个渠道。密钥只在这个回答里。"""
    _check_shop(services, body.shop)
    given = {**body.options, "secret": body.secret}
    return await _changed(
        services,
        lambda: manage.add(services.database, body.kind, body.name, given, by=admin.name, shop=body.shop),
    )


@router.get("/channels/{name}")
async def read_channel(name: ChannelName, _admin: Admin, services: ServicesDep) -> ChannelOut:
    """一个渠道。"""
    return await run_in_threadpool(lambda: _out(services, manage.named(services.database, name)))


@router.patch("/channels/{name}")
async def change_channel(
    name: ChannelName, body: ChannelPatchIn, admin: Admin, services: ServicesDep
) -> ChannelOut:
    """改一个渠道，只改写了的；停用、启用也在这里。往外发停了的会重新开始。"""
    _check_shop(services, body.shop or "")
    options = None if body.options is None else {key: value or "" for key, value in body.options.items()}

    def change() -> ChannelOut:
        return _out(
            services,
            manage.change(
                services.database,
                name,
                by=admin.name,
                shop=body.shop,
                people=body.people,
                enabled=body.enabled,
                options=options,
                merge=True,
            ),
        )

    return await run_in_threadpool(_plainly, change)


@router.delete("/channels/{name}")
async def remove_channel(name: ChannelName, admin: Admin, services: ServicesDep) -> DoneOut:
    """删掉一个渠道，会话都留着。"""
    await run_in_threadpool(manage.remove, services.database, name, by=admin.name)
    return DoneOut(name=name)


@router.post("/channels/{name}/secret")
async def renew_secret(name: ChannelName, body: SecretIn, admin: Admin, services: ServicesDep) -> MadeOut:
    """换密钥，旧的再用 24 小时。新的只在这个回答里。"""
    return await _changed(
        services, lambda: manage.rotate(services.database, name, by=admin.name, secret=body.secret)
    )


@router.post("/channels/{name}/test")
async def try_channel(name: ChannelName, _admin: Admin, services: ServicesDep) -> DoneOut:
    """发一条测试消息，或者检查连接；几秒后在 events 里看结果。"""
    await run_in_threadpool(manage.send_test, services.database, name)
    services.channels.outbox.wake()
    return DoneOut(name=name)


@router.post("/channels/{name}/resume")
async def resume_channel(name: ChannelName, admin: Admin, services: ServicesDep) -> ResumedOut:
    """修好以后重新往外发，没发成的也再发。"""
    again = await run_in_threadpool(manage.resume, services.database, name, by=admin.name)
    services.channels.outbox.wake()
    return ResumedOut(again=again)


@router.get("/channels/{name}/events")
async def channel_events(
    name: ChannelName,
    _admin: Admin,
    services: ServicesDep,
    limit: Annotated[int, Query(ge=1, le=100, description="各最多几条")] = 20,
) -> EventsOut:
    """最近收到的和发出的，新的在前，不含顾客的话。"""

    def read() -> EventsOut:
        channel = manage.named(services.database, name)
        with services.database.read() as session:
            came_in = rows.came_in(session, channel.id, limit)
            went_out = rows.went_out(session, channel.id, limit)
        return EventsOut(
            came_in=[_happened(one) for one in came_in], went_out=[_happened(one) for one in went_out]
        )

    return await run_in_threadpool(read)


async def _changed(services: Services, work: Callable[[], Made]) -> MadeOut:
    def do() -> MadeOut:
        made = work()
        return MadeOut(channel=_out(services, made.channel), secret=made.secret)

    return await run_in_threadpool(_plainly, do)


def _plainly(work: Callable[[], T]) -> T:
    """What is wrong with what was filled in, as an answer to a request. Raises InvalidRequest."""
    try:
        return work()
    except UsageError as error:
        raise InvalidRequest(error.detail) from error


def _check_shop(services: Services, shop: str) -> None:
    """Raises InvalidRequest for a shop there is not."""
    assistant = services.live.current
    if shop and assistant is not None and shop not in assistant.content.shops:
        raise InvalidRequest(f"没有「{shop}」这个店铺，可选：{'、'.join(assistant.content.shops)}")


def _out(services: Services, channel: Channel) -> ChannelOut:
    hidden = {option.name for option in adapter_for(channel.kind).options if option.secret}
    with services.database.read() as session:
        queued = deliveries.waiting(session, channel.id)
    shown: dict[str, Any] = {
        name: getattr(channel, name)
        for name in ("name", "kind", "shop", "people", "enabled", "sends", "trouble", "refused", "locked")
    }
    return ChannelOut.model_validate(
        {
            **shown,
            "path": manage.path_of(channel),
            "has_secret": bool(channel.secrets),
            "options": {name: value for name, value in channel.options.items() if name not in hidden},
            "hidden_options": sorted(hidden & channel.options.keys()),
            "queued": queued,
            "created_at": channel.created_at.isoformat(timespec="seconds"),
        }
    )


def _happened(one: Happened) -> HappenedOut:
    at = one.at.isoformat(timespec="seconds")
    return HappenedOut.model_validate(
        {"at": at, "kind": one.kind, "state": one.state, "status": one.status, "note": one.note}
    )
