"""The JSON of conversations, feedback, excerpts and draft checks, like `schemas.py`."""

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

from app.content.model import parse_act
from app.web.schemas import (
    MESSAGE_LIMIT,
    Incoming,
    Short,
    SlotOut,
    StageOut,
    SuggestOut,
    Tone,
    few,
    filled_slots,
    known_facts,
    told_facts,
    told_slots,
)

EXCERPT_LIMIT = 60_000
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
    type: Annotated[
        Short,
        Field(description="image 图片、video 视频、sticker 表情、order 订单卡、link 链接、recall 撤回 等"),
    ]
    name: Annotated[
        Short | None, Field(description="文件名；订单卡写订单号；撤回写那条消息的 message_id")
    ] = None
    url: Annotated[str | None, Field(max_length=2000)] = None


class NewTurnIn(Incoming):
    """What one side said at once."""

    role: Literal["customer", "agent"]
    text: Annotated[str, Field(json_schema_extra={"maxLength": MESSAGE_LIMIT})] = ""
    message_id: Annotated[Printable, Field(description="这条消息在您那边的编号；同一个编号只存一次")]
    sent_at: Annotated[Moment | None, Field(description="带时区，例如 2026-11-22T10:03:15+08:00")] = None
    attachments: Annotated[tuple[AttachmentIn, ...], Field(max_length=20)] = ()
    label: Annotated[Short, Field(description="顾客的昵称或订单号；空为不改")] = ""
    shop: Annotated[Short | None, Field(description="店铺 id；空为第一个店铺")] = None
    channel: Short = "panel"
    script_id: Annotated[
        str | None, Field(max_length=100, pattern=r"^[a-z0-9_.]+$", description="客服发的是哪条话术")
    ] = None
    acts: Annotated[
        tuple[Short, ...],
        AfterValidator(_acts),
        Field(max_length=20, description='客服这句话做了什么，如 "asked(洗过)"；空为自动识别'),
    ] = ()
    tone: Tone | None = None
    slots: Annotated[dict[str, Short], BeforeValidator(filled_slots), AfterValidator(few)] = {}
    facts: Annotated[dict[str, str | int], BeforeValidator(known_facts)] = {}
    limit: Annotated[int, Field(ge=1, le=20)] = 5
    agent: Annotated[Short, Field(description="客服自称")] = ""


class StateOut(BaseModel):
    """Where a conversation stands. next: who speaks next."""

    stage: StageOut
    next: Literal["agent", "customer"]
    facts: dict[str, str | int]
    slots: list[SlotOut]
    awaiting: list[str]
    offers: list[str]
    refusals: int
    cases: list[str]
    emotion: int
    trend: Literal["rising", "flat", "falling"]
    alert: str | None


class CustomerTurnOut(SuggestOut):
    """The answer to a customer's turn: like `/suggest`, and what to tell the lead when the temper climbs."""

    alert: str | None


class AgentTurnOut(BaseModel):
    release: int
    conversation_id: str
    turn_id: str
    acts: list[str]
    script_id: str | None
    state: StateOut


class UndoneOut(BaseModel):
    conversation_id: str
    turn_id: str
    state: StateOut


class TurnIntentOut(BaseModel):
    id: str
    name: str
    kind: str
    score: float


class AttachmentOut(BaseModel):
    type: str
    name: str | None = None
    url: str | None = None


class TurnOut(BaseModel):
    """intents, emotion: of a customer's turn; acts, script_id, agent: of an agent's."""

    turn_id: str
    role: Literal["customer", "agent"]
    text: str
    message_id: str
    sent_at: str | None
    stored_at: str
    attachments: list[AttachmentOut]
    recalled: bool
    intents: list[TurnIntentOut]
    emotion: int | None
    acts: list[str]
    script_id: str | None
    agent: str


class RiskStateOut(BaseModel):
    """open: still to be dealt with. turn_id: where it was last heard."""

    id: str
    name: str
    banner: bool
    advice: list[str]
    turn_id: str
    open: bool
    mark: Literal["dealt_with", "false_alarm"] | None
    by: str | None
    at: str | None


class LastOut(BaseModel):
    turn_id: str
    role: Literal["customer", "agent"]
    text: str
    stored_at: str


class ConversationInfoOut(BaseModel):
    id: str
    label: str
    shop: str
    channel: str
    created_at: str
    updated_at: str
    closed: bool
    note: str


class ConversationItemOut(ConversationInfoOut):
    """agents: who answered in it, the first one first."""

    last: LastOut | None
    agents: list[str]


class ConversationListOut(BaseModel):
    items: list[ConversationItemOut]


class ToldOut(BaseModel):
    """A value an agent gave, and who gave it when."""

    value: str | int
    by: str
    at: str


class ValuesOut(BaseModel):
    """What agents know besides the turns."""

    facts: dict[str, ToldOut]
    slots: dict[str, ToldOut]


class GivenOut(BaseModel):
    conversation_id: str
    given: ValuesOut
    state: StateOut


class AlertOut(BaseModel):
    """A temper that climbed to `level`. seen_by is null while nobody has taken notice."""

    id: str
    conversation_id: str
    label: str
    shop: str
    turn_id: str
    level: int
    name: str
    at: str
    seen_by: str | None
    seen_at: str | None


class AlertListOut(BaseModel):
    items: list[AlertOut]


class SeenOut(BaseModel):
    id: str


class ReplyIn(Incoming):
    """What an agent says to the customer, through the chat system."""

    text: Annotated[str, Field(min_length=1, json_schema_extra={"maxLength": MESSAGE_LIMIT})]
    message_id: Annotated[Printable, Field(description="这句话的编号，自己起；同一个编号只发一次")]
    script_id: Annotated[
        str | None, Field(max_length=100, pattern=r"^[a-z0-9_.]+$", description="发的是哪条话术")
    ] = None
    facts: Annotated[dict[str, str | int], BeforeValidator(known_facts)] = {}


class ReplySentOut(BaseModel):
    conversation_id: str
    turn_id: str
    message_id: str
    state: Annotated[
        Literal["waiting", "done", "failed", "dropped"],
        Field(description="waiting 正在发，done 发出去了，failed 没发成，dropped 没发成而且收起来了"),
    ]
    why: Annotated[str, Field(description="没发成的原因")]


class ReplyOut(BaseModel):
    """An agent's words on their way to the customer."""

    turn_id: str
    message_id: str
    text: str
    state: Literal["waiting", "failed"]
    why: str
    at: str


class PutAwayOut(BaseModel):
    conversation_id: str
    message_id: str


class ConversationOut(ConversationInfoOut):
    agents: list[str]
    reply_through: Annotated[
        str | None, Field(description="能从面板里发给顾客时，是经哪个渠道；不能发为 null")
    ]
    replies: Annotated[list[ReplyOut], Field(description="正在发的，和没发成、还没收起来的")]
    given: ValuesOut
    turns: list[TurnOut]
    state: StateOut
    risks: list[RiskStateOut]


class ConversationPatchIn(Incoming):
    label: Annotated[Short | None, Field(description="改名")] = None
    closed: Annotated[bool | None, Field(description="true 结束，false 重新打开")] = None
    note: Annotated[str | None, Field(max_length=500, description="交接备注，给接着接待的同事；空为删掉")] = (
        None
    )


class GivenIn(Incoming):
    """What an agent knows of a conversation."""

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
    mark: Annotated[
        Literal["dealt_with", "false_alarm"] | None,
        Field(description="dealt_with 已处理，false_alarm 误报，null 取消标记"),
    ]


class RiskMarkOut(BaseModel):
    id: str
    mark: Literal["dealt_with", "false_alarm"] | None


class FeedbackIn(Incoming):
    script_id: Annotated[str, Field(max_length=100)]
    kind: Annotated[
        Literal["copied", "edited", "rejected"],
        Field(description="copied 照发，edited 改了再发，rejected 不对"),
    ]
    conversation_id: Printable | None = None
    turn_id: Annotated[str | None, Field(pattern=r"^[0-9]{1,9}$")] = None
    text: Annotated[
        str | None, Field(max_length=MESSAGE_LIMIT, description="面板上显示的原文；空为话术原文")
    ] = None
    sent_text: Annotated[str | None, Field(max_length=MESSAGE_LIMIT, description="实际发出去的话")] = None
    right_intent: Annotated[Short | None, Field(description="不对的话，应该是哪个意图")] = None


class FeedbackOut(BaseModel):
    id: str
    diff: Annotated[
        list[Annotated[list[str], Field(min_length=2, max_length=2)]],
        Field(description="改动：每处是原来的字和改成的字"),
    ]


class ExcerptIn(Incoming):
    text: Annotated[str, Field(max_length=EXCERPT_LIMIT, description="从聊天窗口复制的一段，双方都有")]
    conversation_id: Annotated[Printable | None, Field(description="已经存过的话会标出来")] = None
    shop: Short | None = None
    shop_names: Annotated[
        tuple[Short, ...], Field(max_length=50, description="店铺这边在聊天窗口里显示的名字")
    ] = ()
    sides: Annotated[
        dict[str, Literal["customer", "agent"]], Field(max_length=50, description="名字各是哪一边")
    ] = {}


class ExcerptTurnOut(BaseModel):
    """role is null while it is not known whose side the name is on. known: the conversation holds it already."""

    role: Literal["customer", "agent"] | None
    name: str
    text: str
    sent_at: str | None
    message_id: str
    known: bool


class ExcerptOut(BaseModel):
    is_excerpt: bool
    turns: list[ExcerptTurnOut]
    needs_side: list[str]


class DraftIn(Incoming):
    text: Annotated[str, Field(json_schema_extra={"maxLength": MESSAGE_LIMIT})]
    conversation_id: Printable | None = None
    shop: Short | None = None
    facts: Annotated[dict[str, str | int], BeforeValidator(known_facts)] = {}


class FindingOut(BaseModel):
    """text[start:end] is what is wrong; rewrite replaces text[replace_start:replace_end], null when there is none."""

    rule: str
    title: str
    level: Literal["block", "warn"]
    start: int
    end: int
    text: str
    reason: str
    source: list[str]
    rewrite: str | None
    replace_start: int
    replace_end: int


class DraftBlankOut(BaseModel):
    name: str
    start: int
    end: int


PromiseKind = Literal["dispatch", "refund", "compensate", "reply", "resend", "exchange", "pickup", "other"]


class DraftPromiseOut(BaseModel):
    """A promise at text[start:end]. by: the time as said; condition: the event it waits for; amount in yuan.

    due_at: when it would have to be kept if sent now, null while it waits or names no time; approximate: only about then.
    """

    what: str
    kind: PromiseKind
    by: str | None
    amount: float | None
    condition: str | None
    start: int
    end: int
    text: str
    due_at: str | None
    approximate: bool
    verdict: Literal["ok", "later_than_policy", "earlier_than_policy", "already_past", "over_authority"]


class DraftOut(BaseModel):
    findings: list[FindingOut]
    blanks: list[DraftBlankOut]
    promises: list[DraftPromiseOut]
    blocked: bool
