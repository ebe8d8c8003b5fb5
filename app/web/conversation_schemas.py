"""The JSON of conversations, like `schemas.py`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import Path
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    Field,
    StringConstraints,
)

from app.content.fields import Tone
from app.content.model import parse_act
from app.web.schemas import (
    MESSAGE_LIMIT,
    Facts,
    Incoming,
    Short,
    SlotOut,
    Slots,
    StageOut,
    SuggestOut,
    shown_as,
    told_facts,
    told_slots,
)

Printable = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
ConversationId = Annotated[
    str, Path(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$", description="您那边的会话编号")
]
Moment = Annotated[
    AwareDatetime,
    Field(ge=datetime(2000, 1, 1, tzinfo=UTC), le=datetime(2100, 1, 1, tzinfo=UTC)),
]


def _acts(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        parse_act(value)
    return values


class AttachmentIn(Incoming):
    """Something besides text that came with a message; it is named, never fetched."""

    type: Annotated[
        Short,
        Field(description="image 图片、video 视频、sticker 表情、order 订单卡、link 链接、recall 撤回 等"),
    ]
    name: Annotated[
        Short | None, Field(description="文件名；订单卡写订单号；撤回写那条消息的 message_id")
    ] = None
    url: Annotated[str | None, Field(max_length=2000, description="文件或链接的网址")] = None


class NewTurnIn(Incoming):
    """What one side said at once."""

    model_config = shown_as(
        role="customer",
        text="毛衣缩水了",
        message_id="m-1",
        label="小鱼儿",
        sent_at="2026-11-22T10:03:15+08:00",
    )

    role: Literal["customer", "agent"] = Field(description="customer 顾客，agent 客服")
    text: Annotated[
        str,
        Field(
            json_schema_extra={"maxLength": MESSAGE_LIMIT},
            description="这句话，最多 4000 字；有附件时可以空着",
        ),
    ] = ""
    message_id: Annotated[Printable, Field(description="这条消息在您那边的编号；同一个编号只存一次")]
    sent_at: Annotated[Moment | None, Field(description="带时区，例如 2026-11-22T10:03:15+08:00")] = None
    attachments: Annotated[
        tuple[AttachmentIn, ...], Field(max_length=20, description="一起发来的图片、订单卡等，最多 20 个")
    ] = ()
    label: Annotated[Short, Field(description="顾客的昵称或订单号；空为不改")] = ""
    shop: Annotated[Short | None, Field(description="店铺 id；空为第一个店铺")] = None
    channel: Annotated[Short, Field(description="从哪个渠道来，只作记号")] = "panel"
    script_id: Annotated[
        str | None, Field(max_length=100, pattern=r"^[a-z0-9_.]+$", description="客服发的是哪条话术")
    ] = None
    acts: Annotated[
        tuple[Short, ...],
        AfterValidator(_acts),
        Field(max_length=20, description='客服这句话做了什么，如 "asked(洗过)"；空为自动识别'),
    ] = ()
    tone: Annotated[Tone | None, Field(description="话术的语气；空为店铺的语气")] = None
    slots: Slots = {}
    facts: Facts = {}
    limit: Annotated[int, Field(ge=1, le=20, description="最多几条话术")] = 5
    agent: Annotated[Short, Field(description="客服自称")] = ""


class StateOut(BaseModel):
    """Where a conversation stands. next: who speaks next."""

    stage: StageOut = Field(description="下一句该走到哪一步")
    next: Literal["agent", "customer"] = Field(description="轮到谁说")
    facts: dict[str, str | int] = Field(description="已知的事实")
    slots: list[SlotOut] = Field(description="已知的值")
    awaiting: list[str] = Field(description="问了、顾客还没答的")
    offers: list[str] = Field(description="摆着的方案")
    refusals: int = Field(description="顾客拒绝过几次方案")
    cases: list[str] = Field(description="还没了结的投诉和诉求（意图 id）")
    emotion: int = Field(description="顾客最近的情绪，0 到 3")
    trend: Literal["rising", "flat", "falling"] = Field(description="情绪的走势")
    alert: str | None = Field(description="该告诉主管时的一句话，否则为空")


class CustomerTurnOut(SuggestOut):
    """The answer to a customer's turn: like `/suggest`, and what to tell the lead when the temper climbs."""

    alert: str | None = Field(description="情绪在升级、该告诉主管时的一句话，否则为空")
    reply_due_at: str | None = Field(description="最晚什么时候该回这位顾客，带时区；不计时为 null")


class AgentTurnOut(BaseModel):
    """The answer to an agent's turn: what it did, and where the conversation stands then."""

    release: int = Field(description="用的是第几版内容")
    conversation_id: str = Field(description="会话编号")
    turn_id: str = Field(description="这一句在会话里的编号")
    acts: list[str] = Field(description="这句话做了什么，例如 asked(照片)")
    script_id: str | None = Field(description="发的是哪条话术")
    state: StateOut = Field(description="存下以后，会话到哪一步了")


class UndoneOut(BaseModel):
    """An agent's turn that was not sent after all, and where the conversation stands without it."""

    conversation_id: str = Field(description="会话编号")
    turn_id: str = Field(description="取消的是哪一句")
    state: StateOut = Field(description="撤销以后，会话到哪一步了")


class TurnIntentOut(BaseModel):
    """An intent asserted in an earlier turn; its places in the text are not kept."""

    id: str = Field(description="意图 id")
    name: str = Field(description="中文名")
    kind: str = Field(description="complaint、enquiry、question、dialogue 或 risk")
    score: float = Field(description="把握，0 到 1")


class AttachmentOut(BaseModel):
    """Something besides text that came with a message, as it was named."""

    type: str = Field(description="image、video、sticker、order、link、recall 等")
    name: Annotated[str | None, Field(description="文件名、订单号，或被撤回的 message_id")] = None
    url: Annotated[str | None, Field(description="文件或链接的网址")] = None


class TurnOut(BaseModel):
    """intents, emotion: of a customer's turn; acts, script_id, agent: of an agent's."""

    turn_id: str = Field(description="在会话里的编号")
    role: Literal["customer", "agent"] = Field(description="customer 顾客，agent 客服")
    text: str = Field(description="原话")
    message_id: str = Field(description="您那边的编号")
    sent_at: str | None = Field(description="您那边发出的时间，带时区；没给为空")
    stored_at: str = Field(description="存下的时间，带时区")
    attachments: list[AttachmentOut] = Field(description="附件")
    recalled: bool = Field(description="对方撤回了，不再算数")
    intents: list[TurnIntentOut] = Field(description="顾客这句话的意图")
    emotion: int | None = Field(description="顾客这句话的情绪，0 到 3")
    acts: list[str] = Field(description="客服这句话做了什么")
    script_id: str | None = Field(description="客服发的是哪条话术")
    agent: str = Field(description="客服自称")


class RiskStateOut(BaseModel):
    """open: still to be dealt with. turn_id: where it was last heard."""

    id: str = Field(description="风险意图的 id")
    name: str = Field(description="中文名")
    banner: bool = Field(description="要不要亮红条")
    advice: list[str] = Field(description="该做什么")
    turn_id: str = Field(description="最近一次在哪一句听到")
    open: bool = Field(description="还没处理")
    mark: Literal["dealt_with", "false_alarm"] | None = Field(description="标成了已处理还是误报")
    by: str | None = Field(description="谁标的")
    at: str | None = Field(description="什么时候标的，带时区")


class LastOut(BaseModel):
    """The newest turn of a conversation."""

    turn_id: str = Field(description="在会话里的编号")
    role: Literal["customer", "agent"] = Field(description="customer 顾客，agent 客服")
    text: str = Field(description="原话")
    stored_at: str = Field(description="存下的时间，带时区")


class ConversationInfoOut(BaseModel):
    """A conversation without its turns."""

    id: str = Field(description="您那边的会话编号")
    label: str = Field(description="顾客的昵称或订单号")
    shop: str = Field(description="店铺 id")
    channel: str = Field(description="从哪个渠道来")
    created_at: str = Field(description="建立的时间，带时区")
    updated_at: str = Field(description="最近有动静的时间，带时区")
    closed: bool = Field(description="已经结束")
    note: str = Field(description="给接着接待的同事的备注")


class ConversationItemOut(ConversationInfoOut):
    """agents: who answered in it, the first one first."""

    last: LastOut | None = Field(description="最近一句")
    agents: list[str] = Field(description="接待过的客服，先来的在前")


class ConversationListOut(BaseModel):
    """Conversations, the one changed last on top."""

    items: list[ConversationItemOut] = Field(description="最近有动静的在前")


class ToldOut(BaseModel):
    """A value an agent gave, and who gave it when."""

    value: str | int = Field(description="值")
    by: str = Field(description="谁填的")
    at: str = Field(description="什么时候填的，带时区")


class ValuesOut(BaseModel):
    """What agents know besides the turns."""

    facts: dict[str, ToldOut] = Field(description="客服说明的事实")
    slots: dict[str, ToldOut] = Field(description="客服填的值")


class GivenOut(BaseModel):
    """All that agents know of a conversation, and where it stands with that."""

    conversation_id: str = Field(description="会话编号")
    given: ValuesOut = Field(description="客服记下的全部")
    state: StateOut = Field(description="记下以后，会话到哪一步了")


class AlertOut(BaseModel):
    """A temper that climbed to `level`. seen_by is null while nobody has taken notice."""

    id: str = Field(description="提醒的编号")
    conversation_id: str = Field(description="会话编号")
    label: str = Field(description="顾客的昵称或订单号")
    shop: str = Field(description="店铺 id")
    turn_id: str = Field(description="在哪一句升级的")
    level: int = Field(description="升到几级，0 到 3")
    name: str = Field(description="这一级的叫法")
    at: str = Field(description="什么时候，带时区")
    seen_by: str | None = Field(description="谁看过；没人看过为空")
    seen_at: str | None = Field(description="什么时候看的")


class AlertListOut(BaseModel):
    """Alerts for the lead, newest first."""

    items: list[AlertOut] = Field(description="新的在前")


class SeenOut(BaseModel):
    """An alert that somebody has seen."""

    id: str = Field(description="提醒的编号")


class ReplyIn(Incoming):
    """What an agent says to the customer, through the chat system."""

    model_config = shown_as(
        text="麻烦把衣服平铺拍一张，旁边放把尺子", message_id="r-1", script_id="shrinkage.confirm.flat_photo"
    )

    text: Annotated[
        str,
        Field(
            min_length=1,
            json_schema_extra={"maxLength": MESSAGE_LIMIT},
            description="要发给顾客的话，最多 4000 字",
        ),
    ]
    message_id: Annotated[Printable, Field(description="这句话的编号，自己起；同一个编号只发一次")]
    script_id: Annotated[
        str | None, Field(max_length=100, pattern=r"^[a-z0-9_.]+$", description="发的是哪条话术")
    ] = None
    facts: Facts = {}


class ReplySentOut(BaseModel):
    """Words on their way to a customer; the same `message_id` twice is sent once."""

    conversation_id: str = Field(description="会话编号")
    turn_id: str = Field(description="存成了会话里的哪一句")
    message_id: str = Field(description="您给的编号")
    state: Annotated[
        Literal["waiting", "done", "failed", "dropped"],
        Field(description="waiting 正在发，done 发出去了，failed 没发成，dropped 没发成而且收起来了"),
    ]
    why: Annotated[str, Field(description="没发成的原因")]


class ReplyOut(BaseModel):
    """An agent's words on their way to the customer."""

    turn_id: str = Field(description="存成了会话里的哪一句")
    message_id: str = Field(description="这句话的编号")
    text: str = Field(description="原话")
    state: Literal["waiting", "failed"] = Field(description="waiting 正在发，failed 没发成")
    why: str = Field(description="没发成的原因")
    at: str = Field(description="什么时候说的，带时区")


class PutAwayOut(BaseModel):
    """A failed reply that is shown no more."""

    conversation_id: str = Field(description="会话编号")
    message_id: str = Field(description="收起来的是哪一句")


class ConversationOut(ConversationInfoOut):
    """A conversation with its last turns, at most 200."""

    agents: list[str] = Field(description="接待过的客服，先来的在前")
    reply_through: Annotated[
        str | None, Field(description="能从面板里发给顾客时，是经哪个渠道；不能发为 null")
    ]
    replies: Annotated[list[ReplyOut], Field(description="正在发的，和没发成、还没收起来的")]
    given: ValuesOut = Field(description="客服记下的事实和值")
    turns: list[TurnOut] = Field(description="每一句，从早到晚")
    state: StateOut = Field(description="会话到哪一步了")
    risks: list[RiskStateOut] = Field(description="听到过的风险")
    reply_due_at: str | None = Field(description="最晚什么时候该回这位顾客，带时区；没人在等为 null")


class ConversationPatchIn(Incoming):
    """What to change of a conversation; what is not named stays."""

    model_config = shown_as(label="小张", note="等仓库回话，明天 12 点前答复", closed=False)

    label: Annotated[Short | None, Field(description="改名")] = None
    closed: Annotated[bool | None, Field(description="true 结束，false 重新打开")] = None
    note: Annotated[str | None, Field(max_length=500, description="交接备注，给接着接待的同事；空为删掉")] = (
        None
    )


class GivenIn(Incoming):
    """What an agent knows of a conversation."""

    model_config = shown_as(facts={"责任": "店铺", "洗过": None}, slots={"尺码": "L"})

    facts: Annotated[
        dict[str, str | int | None],
        BeforeValidator(told_facts),
        Field(
            description='事实，如 {"责任": "店铺", "洗过": null}；问过的别的事（如期望方案）已经知道就写 "是"；null 收回'
        ),
    ] = {}
    slots: Annotated[
        dict[str, Short | None],
        BeforeValidator(told_slots),
        Field(description='值，如 {"尺码": "L"}；null 或空字收回'),
    ] = {}


class RiskMarkIn(Incoming):
    """Whether a risk is dealt with or was none; null takes the mark back."""

    model_config = shown_as(mark="dealt_with")

    mark: Annotated[
        Literal["dealt_with", "false_alarm"] | None,
        Field(description="dealt_with 已处理，false_alarm 误报，null 取消标记"),
    ]


class RiskMarkOut(BaseModel):
    """How a risk is marked now."""

    id: str = Field(description="风险意图的 id")
    mark: Literal["dealt_with", "false_alarm"] | None = Field(description="现在的标记")
