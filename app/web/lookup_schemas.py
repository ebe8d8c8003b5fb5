"""What is looked up besides suggestions: scripts found by words, the intents, knowledge cards."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from app.web.schemas import SuggestionOut


class MarkOut(BaseModel):
    """Where a search word was found: in the title, or in the text (bubbles joined by newlines)."""

    field: Literal["title", "text"] = Field(description="在标题还是正文")
    start: int = Field(description="位置")
    end: int = Field(description="不含这一位")


class FoundOut(SuggestionOut):
    """A script found by words, with the places they were found at."""

    intent_name: str = Field(description="意图的中文名")
    marks: list[MarkOut] = Field(description="搜的字在哪里")


class FoundListOut(BaseModel):
    """Scripts found by words, the closest on top."""

    items: list[FoundOut] = Field(description="最像的在前")


class IntentInfoOut(BaseModel):
    """An intent as it is chosen by hand."""

    id: str = Field(description="意图 id")
    name: str = Field(description="中文名")
    group: str = Field(description="分组 id")
    kind: str = Field(description="complaint、enquiry、question、dialogue 或 risk")
    pinyin: str = Field(description="全拼")
    initials: str = Field(description="拼音首字母")


class IntentListOut(BaseModel):
    """All intents of the running release."""

    items: list[IntentInfoOut] = Field(description="正在用的一版里的意图")


class CardOut(BaseModel):
    """A card with its whole text and where that comes from."""

    id: str = Field(description="知识卡 id")
    title: str = Field(description="标题")
    kind: str = Field(description="law 法律，platform 平台，procedure 流程，knowledge 知识，caution 提醒")
    text: str = Field(description="全文")
    source: list[str] = Field(description="依据")
    checked: str | None = Field(description="什么时候核对过原文；没核对过为空")
    regions: list[str] = Field(description="只对哪些地区的顾客显示；空为都显示")
