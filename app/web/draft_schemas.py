"""The JSON of feedback, excerpts and draft checks, like `schemas.py`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from app.web.conversation_schemas import Printable
from app.web.schemas import MESSAGE_LIMIT, Facts, Incoming, Short, shown_as

EXCERPT_LIMIT = 60_000


class FeedbackIn(Incoming):
    """What became of a suggestion; `sent_text` is what was sent instead of `text`."""

    model_config = shown_as(
        script_id="shrinkage.confirm.flat_photo",
        kind="edited",
        text="面板上的原文",
        sent_text="实际发的话",
        conversation_id="tb-1127",
    )

    script_id: Annotated[str, Field(max_length=100, description="哪条话术")]
    kind: Annotated[
        Literal["copied", "edited", "rejected"],
        Field(description="copied 照发，edited 改了再发，rejected 不对"),
    ]
    conversation_id: Annotated[Printable | None, Field(description="在哪个会话里用的")] = None
    turn_id: Annotated[str | None, Field(pattern=r"^[0-9]{1,9}$", description="回答顾客的哪一句")] = None
    text: Annotated[
        str | None, Field(max_length=MESSAGE_LIMIT, description="面板上显示的原文；空为话术原文")
    ] = None
    sent_text: Annotated[str | None, Field(max_length=MESSAGE_LIMIT, description="实际发出去的话")] = None
    right_intent: Annotated[Short | None, Field(description="不对的话，应该是哪个意图")] = None


class FeedbackOut(BaseModel):
    """The feedback's number and how the sent text differs."""

    id: str = Field(description="反馈的编号")
    diff: Annotated[
        list[Annotated[list[str], Field(min_length=2, max_length=2)]],
        Field(description="改动：每处是原来的字和改成的字"),
    ]


class ExcerptIn(Incoming):
    """A pasted piece of a chat. sides: whose a name is, once that was asked."""

    model_config = shown_as(
        text="小鱼儿 2026-11-22 10:03:15\n在吗\n小美 2026-11-22 10:03:40\n在的", sides={"小美": "agent"}
    )

    text: Annotated[str, Field(max_length=EXCERPT_LIMIT, description="从聊天窗口复制的一段，双方都有")]
    conversation_id: Annotated[Printable | None, Field(description="已经存过的话会标出来")] = None
    shop: Annotated[Short | None, Field(description="店铺 id；空为第一个店铺")] = None
    shop_names: Annotated[
        tuple[Short, ...], Field(max_length=50, description="店铺这边在聊天窗口里显示的名字")
    ] = ()
    sides: Annotated[
        dict[str, Literal["customer", "agent"]], Field(max_length=50, description="名字各是哪一边")
    ] = {}


class ExcerptTurnOut(BaseModel):
    """role is null while it is not known whose side the name is on. known: the conversation holds it already."""

    role: Literal["customer", "agent"] | None = Field(description="哪一边说的；还不知道名字是哪一边的为空")
    name: str = Field(description="聊天窗口里的名字")
    text: str = Field(description="原话")
    sent_at: str | None = Field(description="聊天窗口里的时间，带时区；没有为空")
    message_id: str = Field(description="存的时候用的编号")
    known: bool = Field(description="会话里已经有这一句")


class ExcerptOut(BaseModel):
    """The turns of an excerpt; none when it is no excerpt but one message."""

    is_excerpt: bool = Field(description="看起来是不是一段聊天")
    turns: list[ExcerptTurnOut] = Field(description="每一句，从早到晚")
    needs_side: list[str] = Field(description="要问清是哪一边的名字")


class DraftIn(Incoming):
    """An agent's own words before they are sent."""

    model_config = shown_as(text="加我微信，〔时限〕前给您补偿 50 元")

    text: Annotated[
        str, Field(json_schema_extra={"maxLength": MESSAGE_LIMIT}, description="准备发的话，最多 4000 字")
    ]
    conversation_id: Annotated[Printable | None, Field(description="发到哪个会话：用那家店的平台和承诺")] = (
        None
    )
    shop: Annotated[Short | None, Field(description="店铺 id；空为会话的店铺，没有会话为第一个店铺")] = None
    facts: Facts = {}


class FindingOut(BaseModel):
    """text[start:end] is what is wrong; rewrite replaces text[replace_start:replace_end], null when there is none."""

    rule: str = Field(description="规则 id")
    title: str = Field(description="哪里不妥")
    level: Literal["block", "warn"] = Field(description="block 改了才能发，warn 提醒")
    start: int = Field(description="有问题的文字的位置")
    end: int = Field(description="不含这一位")
    text: str = Field(description="有问题的原文")
    reason: str = Field(description="为什么不妥")
    source: list[str] = Field(description="依据")
    rewrite: str | None = Field(description="可以直接发的说法；没有为空")
    replace_start: int = Field(description="用它换掉从这里")
    replace_end: int = Field(description="到这里（不含）的文字")


class DraftBlankOut(BaseModel):
    """A value still to be filled in: text[start:end] shows 〔name〕."""

    name: str = Field(description="没填的空的名字")
    start: int = Field(description="位置")
    end: int = Field(description="不含这一位")


PromiseKind = Literal["dispatch", "refund", "compensate", "reply", "resend", "exchange", "pickup", "other"]


class DraftPromiseOut(BaseModel):
    """A promise at text[start:end]. by: the time as said; condition: the event it waits for; amount in yuan.

    due_at: when it would have to be kept if sent now, null while it waits or names no time; approximate: only about then.
    """

    what: str = Field(description="答应了什么")
    kind: PromiseKind = Field(description="哪一类")
    by: str | None = Field(description="说的时间，原话")
    amount: float | None = Field(description="元")
    condition: str | None = Field(description="要等哪件事发生")
    start: int = Field(description="位置")
    end: int = Field(description="不含这一位")
    text: str = Field(description="原文")
    due_at: str | None = Field(
        description="现在发的话，最晚什么时候要做到，带时区；等别的事、没说时间时为 null"
    )
    approximate: bool = Field(description="时间是估的")
    verdict: Literal["ok", "later_than_policy", "earlier_than_policy", "already_past", "over_authority"] = (
        Field(description="和店里的规定、客服的权限比下来怎样")
    )


class DraftOut(BaseModel):
    """What is wrong with a draft, what it lacks, what it promises; `blocked`: it must not be sent so."""

    findings: list[FindingOut] = Field(description="不妥的地方")
    blanks: list[DraftBlankOut] = Field(description="没填的空")
    promises: list[DraftPromiseOut] = Field(description="里面答应的事")
    blocked: bool = Field(description="有必须改的，不能发")
