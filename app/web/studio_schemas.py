"""Bodies of the studio's API."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.content.fields import Tone
from app.web.schemas import MESSAGE_LIMIT, SpanOut

Name = Annotated[
    str, Field(min_length=3, max_length=300, description="哪一条内容，例如 script:shrinkage.confirm.photo")
]
Line = Annotated[str, Field(max_length=500)]
Id = Annotated[str, Field(max_length=100)]
Origin = Literal["golden", "held_out"]


class Body(BaseModel):
    """What studio requests share: a field that is not known is refused."""

    model_config = ConfigDict(extra="forbid")


class EntryIn(Body):
    """One entry as it shall be, against the `etag` it was seen with."""

    name: Name
    base: str = Field(default="", max_length=40, description="改之前看到的 etag；新增时为空")
    data: Any = Field(
        default=None,
        description="改成什么样，和内容文件里的写法一样；整个文件写文字，有表单的也可以写 form 的样子；null 表示删掉",
    )
    pack: str = Field(default="", max_length=41, description="新增时放在哪个包")
    at: int | None = Field(default=None, ge=0, le=10_000, description="新增时排第几，从 0 数；默认排最后")


class CheckIn(Body):
    """An entry while it is typed; nothing is stored."""

    name: Name
    data: Annotated[Any, Field(description="要检查的内容，和内容文件里的写法一样")] = None
    pack: str = Field(default="", max_length=41, description="还没有这一条时，放在哪个包")
    sample: str = Field(default="new", max_length=20, description="预览用哪位样例顾客")


class UndoIn(Body):
    """A step of the draft to be taken back."""

    edit: int = Field(ge=1, le=2**31 - 1, description="哪一步改动")


class ClashIn(Body):
    """Which side holds of what the draft and a release both changed."""

    name: Name
    side: Literal["mine", "theirs"] = Field(description="mine 用草稿里的，theirs 用刚发布的")


class TryIn(Body):
    """A message, or a pasted chat, to be tried in draft and release."""

    text: str = Field(
        min_length=1, max_length=20 * MESSAGE_LIMIT, description="一句顾客的话，或一段粘贴的聊天"
    )
    shop: str | None = Field(default=None, max_length=41, description="店铺 id；空为第一个店铺")
    tone: Annotated[Tone | None, Field(description="语气；空为店铺的语气")] = None
    sides: dict[str, Literal["customer", "agent"]] = Field(default={}, description="聊天里哪个名字是哪一边")


class FoundEntryOut(BaseModel):
    """An entry found by words."""

    name: str = Field(description="哪一条，例如 script:shrinkage.confirm.photo")
    title: str = Field(description="标题")
    place: str = Field(description="在哪个意图里，或「通用」")


class EntryUseOut(BaseModel):
    """An entry that uses another."""

    name: str = Field(description="用到它的是哪一条")
    title: str = Field(description="那一条的标题")
    example: str = Field(description="用到它的那句话或句式")


class UsesOut(BaseModel):
    """Where the parts of a file are used."""

    counts: dict[str, int] = Field(description="文件里的哪一项 → 几处用到")
    items: dict[str, list[EntryUseOut]] = Field(description="每一项最多列出 20 处")


class FoundEntriesOut(BaseModel):
    """Entries found by words, 50 at most."""

    items: list[FoundEntryOut] = Field(description="最多 50 条")


class TreeStageOut(BaseModel):
    """How many scripts an intent has for a stage."""

    id: str = Field(description="阶段 id")
    name: str = Field(description="中文名")
    own: int = Field(description="自己的话术几条")
    common: int = Field(description="能用的通用话术几条")


class TreeIntentOut(BaseModel):
    """An intent in the catalogue, with a badge for what is wrong."""

    id: str = Field(description="意图 id")
    name: str = Field(description="中文名")
    group: str = Field(description="分组 id")
    rank: int = Field(description="按分组排在第几，从 0 数")
    stages: list[TreeStageOut] = Field(description="这个意图要有话术的阶段")
    scripts: int = Field(description="自己的话术一共几条")
    problems: int = Field(description="几处错误")
    changed: bool = Field(description="草稿里改过")


class TreePackOut(BaseModel):
    """A pack in the catalogue."""

    id: str = Field(description="包的名字，例如 apparel")
    name: str = Field(description="中文名")
    intents: list[TreeIntentOut] = Field(description="按分组排")
    common: int = Field(description="通用话术几条")


class TreeListOut(BaseModel):
    """A list in the catalogue: cards, rules, the draft guard, images."""

    kind: str = Field(description="card、rule、guard 或 image")
    name: str = Field(description="中文名")
    count: int = Field(description="一共几条")
    problems: int = Field(description="几处错误")
    changed: bool = Field(description="草稿里改过")


class TreeTextOut(BaseModel):
    """A file that is one entry, such as the shop's data."""

    name: str = Field(description="哪一条，例如 text:scripts_zh/shop.yaml")
    title: str = Field(description="中文名")
    problems: int = Field(description="几处错误")
    changed: bool = Field(description="草稿里改过")


class TreeGroupOut(BaseModel):
    """A group of intents."""

    id: str = Field(description="分组 id")
    name: str = Field(description="中文名")


class TreeOut(BaseModel):
    """The catalogue of the draft."""

    version: int = Field(description="草稿的第几次改动")
    packs: list[TreePackOut] = Field(description="内容包和里面的意图")
    groups: list[TreeGroupOut] = Field(description="意图的分组")
    lists: list[TreeListOut] = Field(description="知识卡、处理规则、发送前检查、图片")
    texts: list[TreeTextOut] = Field(description="整个文件一条的，例如店铺资料")


class VersionOut(BaseModel):
    """The draft after a change."""

    version: int = Field(description="现在是草稿的第几次改动")


class EntryOut(BaseModel):
    """An entry of the draft as it stands."""

    name: str = Field(description="哪一条，例如 script:shrinkage.confirm.photo")
    title: str = Field(description="给人看的标题")
    pack: str = Field(description="在哪个包")
    etag: str = Field(description="内容的指纹，改的时候原样带回来")
    data: Any = Field(description="内容，和内容文件里的写法一样；整个文件是文字")
    form: Any = Field(
        default=None, description="店铺资料、时钟、词表这类文件的内容，一项一项的；没有表单的为空"
    )
    changed: bool = Field(description="草稿里是不是改过")


class EntriesOut(BaseModel):
    """Entries of one intent or list."""

    version: int = Field(description="草稿的第几次改动")
    items: list[EntryOut] = Field(description="按文件里的顺序")


class SavedOut(BaseModel):
    """The draft with an entry stored in it."""

    version: int = Field(description="现在是草稿的第几次改动")
    edit: int | None = Field(description="这一步的编号，撤销时用；没有变化时为 null")
    entry: EntryOut | None = Field(description="存好后的样子；删掉时为 null")


class ProblemOut(BaseModel):
    """Something wrong within an entry."""

    path: list[str | int] = Field(description="在这一条的哪一处")
    text: str = Field(description="有什么问题，一句话")
    level: Literal["error", "warning"] = Field(description="error 不改不能发布，warning 提醒")


class PlacedProblemOut(ProblemOut):
    """Something wrong, with its file and line."""

    entry: str = Field(description="哪一条内容；属于整个文件的为空")
    file: str = Field(description="在哪个文件")
    line: int = Field(description="第几行，从 1 数；0 是整个文件")


class PreviewBlankOut(BaseModel):
    """A value still to be filled in: text[start:end] shows 〔name〕."""

    name: str = Field(description="空的名字，例如 时限")
    start: int = Field(description="在 text 里的位置，按 Unicode 字符从 0 数")
    end: int = Field(description="不含这一位")


class BubbleOut(BaseModel):
    """A bubble as a sample customer sees it."""

    text: str = Field(description="填好样例顾客以后的话")
    blanks: list[PreviewBlankOut] = Field(description="还没填的空在哪里")
    error: str = Field(description="为什么显示不出来；显示得出为空")


class CheckOut(BaseModel):
    """What is wrong with an entry, and what it looks like."""

    problems: list[ProblemOut] = Field(description="有什么问题；没有为空")
    bubbles: list[BubbleOut] = Field(description="话术在样例顾客那里的样子")


class ProblemsOut(BaseModel):
    """Everything wrong with the draft."""

    items: list[PlacedProblemOut] = Field(description="整份草稿的问题")


class TriedIntentOut(BaseModel):
    """An intent of a tried message, with why."""

    id: str = Field(description="意图 id")
    name: str = Field(description="中文名")
    score: float = Field(description="把握，0 到 1")
    reason: str = Field(description="凭什么，一句话")
    evidence: list[SpanOut] = Field(description="凭哪几个字")


class TriedScriptOut(BaseModel):
    """A script that a tried message gets, with why."""

    script_id: str = Field(description="话术的 id")
    title: str = Field(description="标题")
    stage: str = Field(description="阶段的中文名")
    reason: str = Field(description="为什么推这一条")
    bubbles: list[str] = Field(description="一条一条发出去的话")


class TriedOut(BaseModel):
    """What a message means and gets, in one version of the content."""

    intents: list[TriedIntentOut] = Field(description="认定的意图，最要紧的在前")
    candidates: list[TriedIntentOut] = Field(description="其次的可能")
    silent: str = Field(description="为什么没认出来；认出来了为空")
    emotion: str = Field(description="情绪的叫法")
    risks: list[str] = Field(description="风险，中文名")
    stage: str = Field(description="阶段的中文名；没有为空")
    why_stage: str = Field(description="为什么是这个阶段")
    suggestions: list[TriedScriptOut] = Field(description="会出的话术，最多 5 条")


class TryOut(BaseModel):
    """A message in the draft and in the running release."""

    message: str = Field(description="被分析的那句顾客的话")
    needs_side: list[str] = Field(description="分不清是哪一边的名字")
    draft: TriedOut = Field(description="在草稿里的结果")
    live: TriedOut = Field(description="在正在用的一版里的结果")


class HitOut(BaseModel):
    """A message that would get this script, and at which place."""

    text: str = Field(description="消息，个人信息已遮住")
    origin: Literal["golden", "recent", "held_out"] = Field(
        description="golden 店里的考题，recent 最近顾客的话，held_out 意图自带的考题"
    )
    rank: int = Field(description="在这个阶段排第几，1 到 5")
    intents: list[str] = Field(description="认出的意图，中文名")


class HitsOut(BaseModel):
    """Messages that would get this script."""

    items: list[HitOut] = Field(description="会用到这条话术的消息")
