"""Bodies of the studio's API about what becomes of a draft: changes, the examination, publishing, releases."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from app.web.studio_schemas import Body, Id, Line, Origin, VersionOut


class GoldenIn(Body):
    """A message for the shop's own examination; stored masked."""

    text: str = Field(min_length=1, max_length=1000, description="顾客的一句话；里面的个人信息会被遮住再存")
    intents: list[Id] = Field(default=[], max_length=10, description="它说的是哪些意图；都不是就留空")


class ReviewIn(Body):
    """A step of the review by a second person."""

    action: Literal["ask", "approve", "return"] = Field(
        description="ask 请人看，approve 同意，return 退回去改"
    )
    version: int = Field(ge=0, description="看的是草稿的哪一次改动")
    note: Annotated[Line, Field(description="退回的理由")] = ""


class SettingsIn(Body):
    """Whether that review is needed."""

    review: bool = Field(description="发布前要不要第二个人看过")


class ExamineIn(Body):
    """The draft to be examined, by the version it was seen in."""

    version: int = Field(ge=0, description="看到的草稿是哪一次改动")


class PublishIn(ExamineIn):
    """A draft to be published once it passes. reason: publishes all the same, for admins only."""

    note: Line = Field(default="", description="这一版改了什么")
    reason: Line = Field(default="", description="没通过也要发布的理由，只有管理员能写")


class ReviewedOut(VersionOut):
    """Where the review stands."""

    review: str = Field(description="空、asked、approved 或 returned")


class SettingsOut(BaseModel):
    """Whether a review is needed."""

    review: bool = Field(description="发布前要不要第二个人看过")


class GoldenRemovedOut(BaseModel):
    """A message that is no longer asked."""

    removed: int = Field(description="删掉的编号")


class DifferenceOut(BaseModel):
    """A message that draft and release answer differently."""

    text: str = Field(description="考题")
    origin: Origin = Field(description="golden 店里的考题，held_out 意图自带的考题")
    right: list[str] = Field(description="对的意图，中文名")
    before: list[str] = Field(description="正在用的一版的回答")
    after: list[str] = Field(description="草稿的回答")


class FloorOut(BaseModel):
    """An intent that is known too rarely; one that became worse stops the publish."""

    intent: str = Field(description="意图 id")
    name: str = Field(description="中文名")
    before: float = Field(description="正在用的一版认得出多少，0 到 1")
    after: float = Field(description="草稿认得出多少，0 到 1")
    falls: bool = Field(description="变差了，会拦下发布")


class MissedRiskOut(BaseModel):
    """A risk that was not heard."""

    text: str = Field(description="考题")
    origin: Origin = Field(description="golden 店里的考题，held_out 意图自带的考题")
    risk: str = Field(description="没认出来的风险，中文名")
    refused: bool = Field(description="会拦下发布")


class ExaminedOut(BaseModel):
    """How the draft did, beside the running release."""

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
    """One examination, of a publish or by itself."""

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
    """Where the draft stands."""

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
    """A part of an entry before and after."""

    label: str = Field(description="哪一部分，例如 气泡")
    before: str = Field(description="原来的；没有为空")
    after: str = Field(description="现在的；没有为空")


class ChangeOut(BaseModel):
    """An entry that two versions differ in."""

    name: str = Field(description="哪一条")
    title: str = Field(description="标题")
    kind: str = Field(description="种类：意图、话术、提醒、知识卡、处理规则、发送前检查、文件、图片")
    action: str = Field(description="新增、修改或删除")
    lines: list[LineOut] = Field(description="差在哪里，最多 40 处")
    more: int = Field(description="还有几处没列出来")


class EditOut(BaseModel):
    """One step in the history of the draft."""

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
    """An entry that the draft and a newer release both changed."""

    name: str = Field(description="哪一条")
    title: str = Field(description="标题")
    release: int = Field(description="和第几版冲突")
    lines: list[LineOut] = Field(description="before 是刚发布的，after 是草稿里的")


class ChangesOut(BaseModel):
    """What the draft changes, the steps that led there, what is to be settled."""

    version: int = Field(description="草稿的第几次改动")
    items: list[ChangeOut] = Field(description="改了哪些，一条一条")
    edits: list[EditOut] = Field(description="最近的每一步，新的在前")
    clashes: list[ClashOut] = Field(description="要选一边的冲突")


class GoldenOut(BaseModel):
    """A message of the shop's own examination, masked."""

    id: int = Field(description="考题的编号")
    text: str = Field(description="顾客的话，个人信息已遮住")
    intents: list[str] = Field(description="它是哪些意图；空是不该答")
    who: str = Field(description="谁加的")
    at: str = Field(description="什么时候，带时区")


class GoldenListOut(BaseModel):
    """The shop's own examination."""

    items: list[GoldenOut] = Field(description="店里自己的考题")


class StartedOut(BaseModel):
    """An examination has begun; it goes on in the background."""

    run: int = Field(description="这次检查的编号；做到哪一步看 GET /api/v1/studio 的 run")


class ReleaseOut(BaseModel):
    """A release: immutable, numbered."""

    number: int = Field(description="第几版")
    author: str = Field(description="谁发布的")
    note: str = Field(description="这一版改了什么")
    digest: str = Field(description="内容的指纹；内容一样就一样")
    created_at: str = Field(description="什么时候，带时区")
    live: bool = Field(description="正在用")
    learnt: bool = Field(description="它的样例学好了还留着；清掉了的，退回去要重新学一遍")
    run: RunOut | None = Field(description="发布前的检查；用命令行发布的没有")


class ReleasesOut(BaseModel):
    """Releases, newest first."""

    items: list[ReleaseOut] = Field(description="新的在前")


class DiffOut(BaseModel):
    """What two versions differ in."""

    items: list[ChangeOut] = Field(description="不一样的，一条一条")


class PublishedOut(BaseModel):
    """The release that holds now; unchanged content makes no new one."""

    release: int = Field(description="发布成了第几版")
    changed: bool = Field(description="和正在用的一版不一样；一样就没有新的一版")
