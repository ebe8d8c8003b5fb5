"""The JSON of cases, like `schemas.py`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from app.cases.fields import CaseFields
from app.web.conversation_schemas import Printable
from app.web.schemas import Incoming, shown_as


class NewCaseIn(Incoming):
    """Either a conversation to fill the form from, or the fields of a case that came by phone or in person."""

    model_config = shown_as(fields={"customer": "门店王女士", "description": "毛衣洗一次短了一截"})

    conversation_id: Annotated[Printable | None, Field(description="从这个会话登记，能填的先填好")] = None
    fields: Annotated[
        dict[str, Any], Field(description="没有会话时：登记表的各项，键和回答里的 fields 一样")
    ] = {}


class CaseChangeIn(Incoming):
    """Some fields of the form, with the version they were seen in; what is not named stays."""

    model_config = shown_as(
        version=1,
        changes={
            "responsibility": "店铺",
            "remedies": [{"kind": "部分退款", "amount": "20", "freight": "店铺"}],
        },
    )

    version: Annotated[
        int | None, Field(ge=1, le=2**31 - 1, description="您看到的版本；也可以写在 If-Match 里")
    ] = None
    changes: Annotated[dict[str, Any], Field(description="要改的各项，键和回答里的 fields 一样")]


class CaseNameOut(BaseModel):
    """Something with a number or id and what people call it."""

    id: str = Field(description="编号：意图 id，或登记表的数字编号")
    name: str = Field(description="中文名，或登记表编号")


class CaseOut(BaseModel):
    """A case with its whole form, unmasked. Amounts are text in yuan with two decimals."""

    id: int = Field(description="登记表在接口里的编号，地址里用")
    number: Annotated[str, Field(description="登记表编号，例如 2026-0001")]
    conversation_id: str | None = Field(description="来自哪个会话；电话、当面登记的为 null")
    version: int = Field(description="第几次改动，从 1 起；改的时候带上")
    opened_by: str = Field(description="谁登记的")
    opened_at: datetime = Field(description="登记的时间（UTC）")
    updated_at: datetime = Field(description="最近一次改动的时间（UTC）")
    closed_at: datetime | None = Field(description="结案或作废的时间（UTC）；还没有为 null")
    intents: list[CaseNameOut] = Field(description="投诉类别，和 fields.intents 一样，带中文名")
    risks: list[CaseNameOut] = Field(description="风险，和 fields.risks 一样，带中文名")
    fields: CaseFields = Field(description="登记表的各项")


class CaseOpenedOut(CaseOut):
    """The case of a conversation, new or found again."""

    created: Annotated[bool, Field(description="false：这个会话已经有一张没结案的，就是这张")]
    url: Annotated[str, Field(description="登记表的页面")]


class CaseListOut(BaseModel):
    """A page of cases, open ones first, by their term."""

    items: list[CaseOut] = Field(description="这一页的登记表，没结案的在前，期限近的在前")
    total: int = Field(description="同样条件下一共几张，不管翻到第几页")
    statuses: Annotated[dict[str, int], Field(description="同样条件下各状态有几张")]


class CaseTimelineOut(BaseModel):
    """One thing that happened: a change of the case, or something said in its conversation."""

    at: datetime = Field(description="什么时候（UTC）")
    who: str = Field(description="谁：客服的名字，或「顾客」")
    kind: Annotated[Literal["event", "turn"], Field(description="event 登记表的改动，turn 会话里的一句话")]
    text: str = Field(description="改了什么，或那句话的原文")
    changes: list[dict[str, Any]] = Field(
        description="登记表的改动：每项有 field、before、after；会话里的话为空"
    )


class PhotoOut(BaseModel):
    """A photo of a case without its bytes; they are at `url`."""

    id: int = Field(description="照片的编号")
    case_id: int = Field(description="哪张登记表")
    case_number: str = Field(description="登记表编号，例如 2026-0001")
    customer: str = Field(description="登记表上的顾客")
    name: str = Field(description="文件名")
    media_type: Literal["image/png", "image/jpeg", "image/webp", "image/gif"] = Field(
        description="按内容认出的格式"
    )
    size: Annotated[int, Field(description="字节")]
    width: int = Field(description="像素")
    height: int = Field(description="像素")
    sha256: str = Field(description="照片内容的 SHA-256，十六进制")
    has_location: Annotated[bool, Field(description="照片里带着拍摄地点")]
    added_by: str = Field(description="谁传的")
    added_at: datetime = Field(description="什么时候传的（UTC）")
    url: str = Field(description="取照片的地址，加 ?small=true 是小图")


class PhotoListOut(BaseModel):
    """Photos found by customer, newest first, 100 at most."""

    items: list[PhotoOut] = Field(description="照片，新的在前，最多 100 张")


class CaseFileOut(CaseOut):
    """A case with everything that belongs to it."""

    timeline: list[CaseTimelineOut] = Field(description="登记表的改动和会话里的话，从早到晚")
    photos: list[PhotoOut] = Field(description="全部照片")
    others: Annotated[list[CaseNameOut], Field(description="同一个会话的其他登记表")]


class PhotoRemovedOut(BaseModel):
    """A photo is gone."""

    removed: bool = Field(description="删掉了")
