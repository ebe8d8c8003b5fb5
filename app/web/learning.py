"""The learning queue: the page, and what it asks for."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from app.studio.learning import Bunch
from app.web.deps import ServicesDep, Trainer
from app.web.studio_pages import studio_page

router = APIRouter()
Lessons = Annotated[
    list[Annotated[int, Field(ge=1, le=2**31 - 1)]],
    Field(min_length=1, max_length=600, description="一组里每句的编号"),
]
SHOWN = 60


class LessonOut(BaseModel):
    """A customer's words to be taught, masked, and why they are here."""

    id: int = Field(description="这一句的编号")
    text: str = Field(description="顾客的话，个人信息已遮住")
    reason: str = Field(description="unsure 拿不准，refused 没认出来，corrected 客服改过")
    at: str = Field(description="顾客什么时候说的，带时区")


class GuessOut(BaseModel):
    """An intent that words may mean."""

    id: str = Field(description="意图 id")
    name: str = Field(description="意图的中文名")
    score: float = Field(description="系统觉得像不像，0 到 1")
    said: bool = Field(description="客服说是这个意图")


class GroupOut(BaseModel):
    """Words that say much the same, to be taught at once."""

    text: str = Field(description="代表这一组的一句")
    lessons: list[LessonOut] = Field(description="组里的每一句")
    choices: list[GuessOut] = Field(description="可能是哪些意图，最像的在前")


class IntentNameOut(BaseModel):
    """An intent that words can be taught as."""

    id: str = Field(description="意图 id")
    name: str = Field(description="意图的中文名")


class LearningOut(BaseModel):
    """What waits to be taught, in groups, the largest first."""

    waiting: int = Field(description="一共多少句在等")
    groups: list[GroupOut] = Field(description="相近的在一组，多的在前，最多 60 组")
    intents: list[IntentNameOut] = Field(description="可以教成的全部意图")


class TeachIn(BaseModel):
    """Words to be taught as one intent, or one sentence in their place."""

    lessons: Lessons
    intent: str = Field(max_length=80, description="是什么意图，意图 id")
    text: str = Field("", max_length=500, description="用这一句代替顾客的原话")


class TaughtOut(BaseModel):
    """What was added to the draft, and which words are settled by it."""

    version: int = Field(description="现在是草稿的第几次改动")
    edit: int | None = Field(description="草稿里的这一步，撤销用；null 是早就都是样例了")
    examples: list[str] = Field(description="新加的样例，个人信息已遮住")
    settled: list[int] = Field(description="处理完了的每句的编号")


class SettleIn(BaseModel):
    """Words to be put away, or back."""

    lessons: Lessons


class SettledOut(BaseModel):
    """Words that were put away, or back."""

    settled: list[int] = Field(description="处理完了的每句的编号")


@router.get("/studio/learning", include_in_schema=False)
async def page(request: Request, trainer: Trainer) -> HTMLResponse:
    """The page of what waits to be taught; what is on it comes from the API."""
    return studio_page(request, trainer, "studio/learning.html")


@router.get("/api/v1/studio/learning", tags=["话术库"], response_model=LearningOut)
def read(services: ServicesDep, _trainer: Trainer) -> dict[str, Any]:
    """系统拿不准、没认出来、客服改过的话，相近的在一组。"""
    waiting, bunches = services.learning.waiting()
    return {
        "waiting": waiting,
        "groups": [_group(bunch) for bunch in bunches[:SHOWN]],
        "intents": services.learning.intents(),
    }


@router.post("/api/v1/studio/learning/teach", tags=["话术库"], response_model=TaughtOut)
def teach(body: TeachIn, services: ServicesDep, trainer: Trainer) -> dict[str, Any]:
    """教一组话：是什么意图；遮住个人信息后成为草稿里的样例。和别的样例、考题冲突时答 409，什么也不写。"""
    taught = services.learning.teach(body.lessons, body.intent, trainer.name, body.text)
    return {
        "version": taught.version,
        "edit": taught.edit,
        "examples": taught.examples,
        "settled": taught.settled,
    }


@router.post("/api/v1/studio/learning/dismiss", tags=["话术库"], response_model=SettledOut)
def dismiss(body: SettleIn, services: ServicesDep, trainer: Trainer) -> dict[str, Any]:
    """这一组不学。"""
    return {"settled": services.learning.dismiss(body.lessons, trainer.name)}


@router.post("/api/v1/studio/learning/reopen", tags=["话术库"], response_model=SettledOut)
def reopen(body: SettleIn, services: ServicesDep, trainer: Trainer) -> dict[str, Any]:
    """把处理过的放回来；草稿里的样例不动，要撤销的用 `POST /api/v1/studio/undo`。"""
    services.learning.reopen(body.lessons, trainer.name)
    return {"settled": body.lessons}


def _group(bunch: Bunch) -> dict[str, Any]:
    return {
        "text": bunch.text,
        "lessons": [
            {"id": lesson.id, "text": lesson.text, "reason": lesson.reason, "at": lesson.at.isoformat()}
            for lesson in bunch.lessons
        ],
        "choices": [
            {"id": choice.id, "name": choice.name, "score": choice.score, "said": choice.said}
            for choice in bunch.choices
        ],
    }
