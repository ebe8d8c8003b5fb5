"""Bodies of the studio's API."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.web.schemas import MESSAGE_LIMIT

Name = Annotated[
    str, Field(min_length=3, max_length=300, description="哪一条内容，例如 script:shrinkage.confirm.photo")
]
Line = Annotated[str, Field(max_length=500)]
Id = Annotated[str, Field(max_length=100)]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class EntryIn(Body):
    name: Name
    base: str = Field(default="", max_length=40, description="改之前看到的 etag；新增时为空")
    data: Any = Field(
        default=None,
        description="改成什么样，和内容文件里的写法一样；整个文件写文字，有表单的也可以写 form 的样子；null 表示删掉",
    )
    pack: str = Field(default="", max_length=41, description="新增时放在哪个包")
    at: int | None = Field(default=None, ge=0, le=10_000, description="新增时排第几，从 0 数；默认排最后")


class CheckIn(Body):
    name: Name
    data: Any = None
    pack: str = Field(default="", max_length=41)
    sample: str = Field(default="new", max_length=20, description="预览用哪位样例顾客")


class UndoIn(Body):
    edit: int = Field(ge=1, le=2**31 - 1, description="哪一步改动")


class ClashIn(Body):
    name: Name
    side: Literal["mine", "theirs"] = Field(description="mine 用草稿里的，theirs 用刚发布的")


class TryIn(Body):
    text: str = Field(
        min_length=1, max_length=20 * MESSAGE_LIMIT, description="一句顾客的话，或一段粘贴的聊天"
    )
    shop: str | None = Field(default=None, max_length=41)
    tone: Literal["亲切", "正式", "门店"] | None = None
    sides: dict[str, Literal["customer", "agent"]] = Field(default={}, description="聊天里哪个名字是哪一边")


class GoldenIn(Body):
    text: str = Field(min_length=1, max_length=1000, description="顾客的一句话；里面的个人信息会被遮住再存")
    intents: list[Id] = Field(default=[], max_length=10, description="它说的是哪些意图；都不是就留空")


class ReviewIn(Body):
    action: Literal["ask", "approve", "return"]
    version: int = Field(ge=0, description="看的是草稿的哪一次改动")
    note: Line = ""


class SettingsIn(Body):
    review: bool = Field(description="发布前要不要第二个人看过")


class ExamineIn(Body):
    version: int = Field(ge=0, description="看到的草稿是哪一次改动")


class PublishIn(ExamineIn):
    note: Line = Field(default="", description="这一版改了什么")
    reason: Line = Field(default="", description="没通过也要发布的理由，只有管理员能写")


class Found(BaseModel):
    name: str = Field(description="哪一条，例如 script:shrinkage.confirm.photo")
    title: str
    place: str = Field(description="在哪个意图里，或「通用」")


class UseOut(BaseModel):
    name: str
    title: str
    example: str = Field(description="用到它的那句话或句式")


class UsesOut(BaseModel):
    counts: dict[str, int] = Field(description="文件里的哪一项 → 几处用到")
    items: dict[str, list[UseOut]] = Field(description="每一项最多列出 20 处")


class FoundOut(BaseModel):
    items: list[Found]


class Open(BaseModel):
    """An answer whose parts are listed; each part is a plain JSON value."""

    model_config = ConfigDict(extra="allow")


class EntryOut(BaseModel):
    name: str
    title: str
    pack: str
    etag: str = Field(description="内容的指纹，改的时候原样带回来")
    data: Any
    form: Any = Field(
        default=None, description="店铺资料、时钟、词表这类文件的内容，一项一项的；没有表单的为空"
    )
    changed: bool = Field(description="草稿里是不是改过")


class EntriesOut(BaseModel):
    version: int = Field(description="草稿的第几次改动")
    items: list[EntryOut]


class SavedOut(BaseModel):
    version: int
    edit: int | None = Field(description="这一步的编号，撤销时用；没有变化时为 null")
    entry: EntryOut | None = Field(description="存好后的样子；删掉时为 null")


class ProblemOut(BaseModel):
    path: list[str | int] = Field(description="在这一条的哪一处")
    text: str
    level: Literal["error", "warning"]


class PlacedProblemOut(ProblemOut):
    entry: str
    file: str
    line: int


class BlankOut(BaseModel):
    name: str
    start: int
    end: int


class BubbleOut(BaseModel):
    text: str
    blanks: list[BlankOut]
    error: str


class CheckOut(BaseModel):
    problems: list[ProblemOut]
    bubbles: list[BubbleOut] = Field(description="话术在样例顾客那里的样子")


class ProblemsOut(BaseModel):
    items: list[PlacedProblemOut]


class RunOut(BaseModel):
    id: int
    version: int
    publishing: bool
    state: Literal["running", "passed", "refused", "published", "failed"]
    step: str
    note: str
    reason: str
    release: int | None
    who: str
    started_at: str
    result: Any = Field(description="考试结果；还没考完为 null")


class StudioOut(BaseModel):
    version: int
    base: int = Field(description="草稿改的是第几版，也就是正在用的一版")
    changes: int
    clashes: int
    errors: int
    learning: bool = Field(description="正在学习新样例")
    learnt: bool
    review: str = Field(description="空、asked、approved 或 returned")
    review_by: str
    review_note: str
    needs_review: bool
    run: RunOut | None


class LineOut(BaseModel):
    label: str
    before: str
    after: str


class ChangeOut(BaseModel):
    name: str
    title: str
    kind: str
    action: str
    lines: list[LineOut]
    more: int


class EditOut(BaseModel):
    id: int
    at: str
    who: str
    name: str
    title: str
    action: str
    open: bool
    undone: bool


class ClashOut(BaseModel):
    name: str
    title: str
    release: int
    lines: list[LineOut] = Field(description="before 是刚发布的，after 是草稿里的")


class ChangesOut(BaseModel):
    version: int
    items: list[ChangeOut]
    edits: list[EditOut]
    clashes: list[ClashOut]


class TryOut(BaseModel):
    message: str = Field(description="被分析的那句顾客的话")
    needs_side: list[str] = Field(description="分不清是哪一边的名字")
    draft: Any
    live: Any


class HitsOut(BaseModel):
    items: list[Any]


class GoldenOut(BaseModel):
    id: int
    text: str
    intents: list[str]
    who: str
    at: str


class GoldenListOut(BaseModel):
    items: list[GoldenOut]


class StartedOut(BaseModel):
    run: int


class ReleaseOut(BaseModel):
    number: int
    author: str
    note: str
    digest: str
    created_at: str
    live: bool
    run: RunOut | None = Field(description="发布前的检查；用命令行发布的没有")


class ReleasesOut(BaseModel):
    items: list[ReleaseOut]


class DiffOut(BaseModel):
    items: list[ChangeOut]


class PublishedOut(BaseModel):
    release: int
    changed: bool
