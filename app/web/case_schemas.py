"""The JSON of cases, like `schemas.py`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from app.cases.fields import CaseFields
from app.web.conversation_schemas import Printable
from app.web.schemas import Incoming


class NewCaseIn(Incoming):
    """Either a conversation to fill the form from, or the fields of a case that came by phone or in person."""

    conversation_id: Annotated[Printable | None, Field(description="从这个会话登记，能填的先填好")] = None
    fields: Annotated[
        dict[str, Any], Field(description="没有会话时：登记表的各项，键和回答里的 fields 一样")
    ] = {}


class CaseChangeIn(Incoming):
    version: Annotated[
        int | None, Field(ge=1, le=2**31 - 1, description="您看到的版本；也可以写在 If-Match 里")
    ] = None
    changes: Annotated[dict[str, Any], Field(description="要改的各项，键和回答里的 fields 一样")]


class NamedOut(BaseModel):
    id: str
    name: str


class CaseOut(BaseModel):
    id: int
    number: Annotated[str, Field(description="登记表编号，例如 2026-0001")]
    conversation_id: str | None
    version: int
    opened_by: str
    opened_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    intents: list[NamedOut]
    risks: list[NamedOut]
    fields: CaseFields


class CaseOpenedOut(CaseOut):
    created: Annotated[bool, Field(description="false：这个会话已经有一张没结案的，就是这张")]
    url: Annotated[str, Field(description="登记表的页面")]


class CaseListOut(BaseModel):
    items: list[CaseOut]
    total: int
    statuses: Annotated[dict[str, int], Field(description="同样条件下各状态有几张")]


class CaseTimelineOut(BaseModel):
    at: datetime
    who: str
    kind: Annotated[Literal["event", "turn"], Field(description="event 登记表的改动，turn 会话里的一句话")]
    text: str
    changes: list[dict[str, Any]]


class PhotoOut(BaseModel):
    id: int
    case_id: int
    case_number: str
    customer: str
    name: str
    media_type: Literal["image/png", "image/jpeg", "image/webp", "image/gif"]
    size: Annotated[int, Field(description="字节")]
    width: int
    height: int
    sha256: str
    has_location: Annotated[bool, Field(description="照片里带着拍摄地点")]
    added_by: str
    added_at: datetime
    url: str


class PhotoListOut(BaseModel):
    items: list[PhotoOut]


class CaseFileOut(CaseOut):
    timeline: list[CaseTimelineOut]
    photos: list[PhotoOut]
    others: Annotated[list[NamedOut], Field(description="同一个会话的其他登记表")]


class RemovedOut(BaseModel):
    removed: bool
