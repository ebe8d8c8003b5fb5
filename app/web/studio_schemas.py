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
    data: Annotated[Any, Field(description="要检查的内容，和内容文件里的写法一样")] = None
    pack: str = Field(default="", max_length=41, description="还没有这一条时，放在哪个包")
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
    shop: str | None = Field(default=None, max_length=41, description="店铺 id；空为第一个店铺")
    tone: Annotated[Tone | None, Field(description="语气；空为店铺的语气")] = None
    sides: dict[str, Literal["customer", "agent"]] = Field(default={}, description="聊天里哪个名字是哪一边")


class GoldenIn(Body):
    text: str = Field(min_length=1, max_length=1000, description="顾客的一句话；里面的个人信息会被遮住再存")
    intents: list[Id] = Field(default=[], max_length=10, description="它说的是哪些意图；都不是就留空")


class ReviewIn(Body):
    action: Literal["ask", "approve", "return"] = Field(
        description="ask 请人看，approve 同意，return 退回去改"
    )
    version: int = Field(ge=0, description="看的是草稿的哪一次改动")
    note: Annotated[Line, Field(description="退回的理由")] = ""


class SettingsIn(Body):
    review: bool = Field(description="发布前要不要第二个人看过")


class ExamineIn(Body):
    version: int = Field(ge=0, description="看到的草稿是哪一次改动")


class PublishIn(ExamineIn):
    note: Line = Field(default="", description="这一版改了什么")
    reason: Line = Field(default="", description="没通过也要发布的理由，只有管理员能写")


class FoundEntryOut(BaseModel):
    name: str = Field(description="哪一条，例如 script:shrinkage.confirm.photo")
    title: str = Field(description="标题")
    place: str = Field(description="在哪个意图里，或「通用」")


class EntryUseOut(BaseModel):
    name: str = Field(description="用到它的是哪一条")
    title: str = Field(description="那一条的标题")
    example: str = Field(description="用到它的那句话或句式")


class UsesOut(BaseModel):
    counts: dict[str, int] = Field(description="文件里的哪一项 → 几处用到")
    items: dict[str, list[EntryUseOut]] = Field(description="每一项最多列出 20 处")


class FoundEntriesOut(BaseModel):
    items: list[FoundEntryOut] = Field(description="最多 50 条")


class TreeStageOut(BaseModel):
    id: str = Field(description="阶段 id")
    name: str = Field(description="中文名")
    own: int = Field(description="自己的话术几条")
    common: int = Field(description="能用的通用话术几条")


class TreeIntentOut(BaseModel):
    id: str = Field(description="意图 id")
    name: str = Field(description="中文名")
    group: str = Field(description="分组 id")
    rank: int = Field(description="按分组排在第几，从 0 数")
    stages: list[TreeStageOut] = Field(description="这个意图要有话术的阶段")
    scripts: int = Field(description="自己的话术一共几条")
    problems: int = Field(description="几处错误")
    changed: bool = Field(description="草稿里改过")


class TreePackOut(BaseModel):
    id: str = Field(description="包的名字，例如 apparel")
    name: str = Field(description="中文名")
    intents: list[TreeIntentOut] = Field(description="按分组排")
    common: int = Field(description="通用话术几条")


class TreeListOut(BaseModel):
    kind: str = Field(description="card、rule、guard 或 image")
    name: str = Field(description="中文名")
    count: int = Field(description="一共几条")
    problems: int = Field(description="几处错误")
    changed: bool = Field(description="草稿里改过")


class TreeTextOut(BaseModel):
    name: str = Field(description="哪一条，例如 text:scripts_zh/shop.yaml")
    title: str = Field(description="中文名")
    problems: int = Field(description="几处错误")
    changed: bool = Field(description="草稿里改过")


class TreeGroupOut(BaseModel):
    id: str = Field(description="分组 id")
    name: str = Field(description="中文名")


class TreeOut(BaseModel):
    version: int = Field(description="草稿的第几次改动")
    packs: list[TreePackOut] = Field(description="内容包和里面的意图")
    groups: list[TreeGroupOut] = Field(description="意图的分组")
    lists: list[TreeListOut] = Field(description="知识卡、处理规则、发送前检查、图片")
    texts: list[TreeTextOut] = Field(description="整个文件一条的，例如店铺资料")


class VersionOut(BaseModel):
    version: int = Field(description="现在是草稿的第几次改动")


class ReviewedOut(VersionOut):
    review: str = Field(description="空、asked、approved 或 returned")


class SettingsOut(BaseModel):
    review: bool = Field(description="发布前要不要第二个人看过")


class GoldenRemovedOut(BaseModel):
    removed: int = Field(description="删掉的编号")


class EntryOut(BaseModel):
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
    version: int = Field(description="草稿的第几次改动")
    items: list[EntryOut] = Field(description="按文件里的顺序")


class SavedOut(BaseModel):
    version: int = Field(description="现在是草稿的第几次改动")
    edit: int | None = Field(description="这一步的编号，撤销时用；没有变化时为 null")
    entry: EntryOut | None = Field(description="存好后的样子；删掉时为 null")


class ProblemOut(BaseModel):
    path: list[str | int] = Field(description="在这一条的哪一处")
    text: str = Field(description="有什么问题，一句话")
    level: Literal["error", "warning"] = Field(description="error 不改不能发布，warning 提醒")


class PlacedProblemOut(ProblemOut):
    entry: str = Field(description="哪一条内容；属于整个文件的为空")
    file: str = Field(description="在哪个文件")
    line: int = Field(description="第几行，从 1 数；0 是整个文件")


class PreviewBlankOut(BaseModel):
    name: str = Field(description="空的名字，例如 时限")
    start: int = Field(description="在 text 里的位置，按 Unicode 字符从 0 数")
    end: int = Field(description="不含这一位")


class BubbleOut(BaseModel):
    text: str = Field(description="填好样例顾客以后的话")
    blanks: list[PreviewBlankOut] = Field(description="还没填的空在哪里")
    error: str = Field(description="为什么显示不出来；显示得出为空")


class CheckOut(BaseModel):
    problems: list[ProblemOut] = Field(description="有什么问题；没有为空")
    bubbles: list[BubbleOut] = Field(description="话术在样例顾客那里的样子")


class ProblemsOut(BaseModel):
    items: list[PlacedProblemOut] = Field(description="整份草稿的问题")


class DifferenceOut(BaseModel):
    text: str = Field(description="考题")
    origin: Origin = Field(description="golden 店里的考题，held_out 意图自带的考题")
    right: list[str] = Field(description="对的意图，中文名")
    before: list[str] = Field(description="正在用的一版的回答")
    after: list[str] = Field(description="草稿的回答")


class FloorOut(BaseModel):
    intent: str = Field(description="意图 id")
    name: str = Field(description="中文名")
    before: float = Field(description="正在用的一版认得出多少，0 到 1")
    after: float = Field(description="草稿认得出多少，0 到 1")
    falls: bool = Field(description="变差了，会拦下发布")


class MissedRiskOut(BaseModel):
    text: str = Field(description="考题")
    origin: Origin = Field(description="golden 店里的考题，held_out 意图自带的考题")
    risk: str = Field(description="没认出来的风险，中文名")
    refused: bool = Field(description="会拦下发布")


class ExaminedOut(BaseModel):
    messages: int = Field(description="考了几条")
    golden: int = Field(description="其中店里的考题几条")
    right_before: int = Field(description="正在用的一版全对几条")
    right_after: int = Field(description="草稿全对几条")
    better: list[DifferenceOut] = Field(description="变好的，最多 200 条")
    worse: list[DifferenceOut] = Field(description="变差的，最多 200 条")
    floors: list[FloorOut] = Field(description="认得出不到 60% 的意图")
    missed: list[MissedRiskOut] = Field(description="没认出来的风险，最多 200 条")
    refusals: list[str] = Field(description="为什么拦下发布，一条一句；空是通过了")


class RunOut(BaseModel):
    id: int = Field(description="这次检查的编号")
    version: int = Field(description="查的是草稿的第几次改动")
    publishing: bool = Field(description="通过了就发布")
    state: Literal["running", "passed", "refused", "published", "failed"] = Field(
        description="running 在查，passed 通过（不发布），refused 没通过，published 已发布，failed 没查成"
    )
    step: str = Field(description="做到哪一步，一句话")
    note: str = Field(description="这一版改了什么")
    reason: str = Field(description="没通过也要发布的理由；没有为空")
    release: int | None = Field(description="发布成了第几版；没发布为 null")
    who: str = Field(description="谁开始的")
    started_at: str = Field(description="什么时候开始的，带时区")
    result: ExaminedOut | None = Field(description="考试结果；还没考完为 null")


class StudioOut(BaseModel):
    version: int = Field(description="草稿的第几次改动")
    base: int = Field(description="草稿改的是第几版，也就是正在用的一版")
    changes: int = Field(description="改了几条")
    clashes: int = Field(description="有几处冲突要选")
    errors: int = Field(description="有几处错误，有错误不能发布")
    learning: bool = Field(description="正在学习新样例")
    learnt: bool = Field(description="现在的样例已经学好，试一句、考试不用等")
    review: str = Field(description="空、asked、approved 或 returned")
    review_by: str = Field(description="谁请的或谁看过的")
    review_note: str = Field(description="看的人写的话")
    needs_review: bool = Field(description="发布前要第二个人看过")
    run: RunOut | None = Field(description="最近一次检查；没查过为 null")


class LineOut(BaseModel):
    label: str = Field(description="哪一部分，例如 气泡")
    before: str = Field(description="原来的；没有为空")
    after: str = Field(description="现在的；没有为空")


class ChangeOut(BaseModel):
    name: str = Field(description="哪一条")
    title: str = Field(description="标题")
    kind: str = Field(description="种类：意图、话术、提醒、知识卡、处理规则、发送前检查、文件、图片")
    action: str = Field(description="新增、修改或删除")
    lines: list[LineOut] = Field(description="差在哪里，最多 40 处")
    more: int = Field(description="还有几处没列出来")


class EditOut(BaseModel):
    id: int = Field(description="这一步的编号，撤销时用")
    at: str = Field(description="什么时候，带时区")
    who: str = Field(description="谁改的")
    name: str = Field(description="哪一条")
    title: str = Field(description="标题")
    action: str = Field(
        description="added 新增，changed 修改，removed 删除，undone 撤销，settled 选了冲突的一边"
    )
    open: bool = Field(description="还在草稿里，没有发布也没有放弃")
    undone: bool = Field(description="已经撤销")


class ClashOut(BaseModel):
    name: str = Field(description="哪一条")
    title: str = Field(description="标题")
    release: int = Field(description="和第几版冲突")
    lines: list[LineOut] = Field(description="before 是刚发布的，after 是草稿里的")


class ChangesOut(BaseModel):
    version: int = Field(description="草稿的第几次改动")
    items: list[ChangeOut] = Field(description="改了哪些，一条一条")
    edits: list[EditOut] = Field(description="最近的每一步，新的在前")
    clashes: list[ClashOut] = Field(description="要选一边的冲突")


class TriedIntentOut(BaseModel):
    id: str = Field(description="意图 id")
    name: str = Field(description="中文名")
    score: float = Field(description="把握，0 到 1")
    reason: str = Field(description="凭什么，一句话")
    evidence: list[SpanOut] = Field(description="凭哪几个字")


class TriedScriptOut(BaseModel):
    script_id: str = Field(description="话术的 id")
    title: str = Field(description="标题")
    stage: str = Field(description="阶段的中文名")
    reason: str = Field(description="为什么推这一条")
    bubbles: list[str] = Field(description="一条一条发出去的话")


class TriedOut(BaseModel):
    intents: list[TriedIntentOut] = Field(description="认定的意图，最要紧的在前")
    candidates: list[TriedIntentOut] = Field(description="其次的可能")
    silent: str = Field(description="为什么没认出来；认出来了为空")
    emotion: str = Field(description="情绪的叫法")
    risks: list[str] = Field(description="风险，中文名")
    stage: str = Field(description="阶段的中文名；没有为空")
    why_stage: str = Field(description="为什么是这个阶段")
    suggestions: list[TriedScriptOut] = Field(description="会出的话术，最多 5 条")


class TryOut(BaseModel):
    message: str = Field(description="被分析的那句顾客的话")
    needs_side: list[str] = Field(description="分不清是哪一边的名字")
    draft: TriedOut = Field(description="在草稿里的结果")
    live: TriedOut = Field(description="在正在用的一版里的结果")


class HitOut(BaseModel):
    text: str = Field(description="消息，个人信息已遮住")
    origin: Literal["golden", "recent", "held_out"] = Field(
        description="golden 店里的考题，recent 最近顾客的话，held_out 意图自带的考题"
    )
    rank: int = Field(description="在这个阶段排第几，1 到 5")
    intents: list[str] = Field(description="认出的意图，中文名")


class HitsOut(BaseModel):
    items: list[HitOut] = Field(description="会用到这条话术的消息")


class GoldenOut(BaseModel):
    id: int = Field(description="考题的编号")
    text: str = Field(description="顾客的话，个人信息已遮住")
    intents: list[str] = Field(description="它是哪些意图；空是不该答")
    who: str = Field(description="谁加的")
    at: str = Field(description="什么时候，带时区")


class GoldenListOut(BaseModel):
    items: list[GoldenOut] = Field(description="店里自己的考题")


class StartedOut(BaseModel):
    run: int = Field(description="这次检查的编号；做到哪一步看 GET /api/v1/studio 的 run")


class ReleaseOut(BaseModel):
    number: int = Field(description="第几版")
    author: str = Field(description="谁发布的")
    note: str = Field(description="这一版改了什么")
    digest: str = Field(description="内容的指纹；内容一样就一样")
    created_at: str = Field(description="什么时候，带时区")
    live: bool = Field(description="正在用")
    learnt: bool = Field(description="它的样例学好了还留着；清掉了的，退回去要重新学一遍")
    run: RunOut | None = Field(description="发布前的检查；用命令行发布的没有")


class ReleasesOut(BaseModel):
    items: list[ReleaseOut] = Field(description="新的在前")


class DiffOut(BaseModel):
    items: list[ChangeOut] = Field(description="不一样的，一条一条")


class PublishedOut(BaseModel):
    release: int = Field(description="发布成了第几版")
    changed: bool = Field(description="和正在用的一版不一样；一样就没有新的一版")
