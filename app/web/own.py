"""「我的话术」: what agents keep for themselves and for the team, as a page and over the API."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from app.accounts import allows
from app.assist import Assistant
from app.errors import AppError
from app.store.own_scripts import OwnScript
from app.store.people import Person
from app.studio.own import MAX_BUBBLES, OwnScripts, Words, blocked
from app.vocabulary import STAGE_NAMES, TONES, Stage
from app.web.deps import AssistantDep, CurrentPerson, RowNumber, ServicesDep
from app.web.workspace import workspace_page

PATH: Final = "/own"
API: Final = "/api/v1/own-scripts"
NO_WORDS: Final = Words("", (), "", "resolve", team=False)

router = APIRouter(tags=["话术"])

Text = Annotated[str, Form(max_length=20_000)]


class OwnIn(BaseModel):
    """A script of one's own, or of the team's: a title and up to as many bubbles as scripts have."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(max_length=200, description="标题，最多 40 个字")
    bubbles: list[Annotated[str, Field(max_length=2000)]] = Field(
        max_length=20, description="要发的话，一项一条消息；可以写 {{ 时限 }} 这样的空"
    )
    intent: str = Field(default="", max_length=80, description="回答哪个意图，可以空着")
    stage: Annotated[Stage, Field(description="用在哪个阶段")] = "resolve"
    team: bool = Field(default=False, description="同事也能用")

    def words(self) -> Words:
        """The same without the web's types."""
        return Words(self.title, tuple(self.bubbles), self.intent, self.stage, self.team)


class OwnChangeIn(OwnIn):
    """Another wording, with the version it was seen in."""

    version: int = Field(ge=1, description="看到的是第几次改动")


class OwnOut(BaseModel):
    """A script of somebody's own as its owner and the team see it."""

    id: int = Field(description="编号；搜到时 script_id 是 own.编号")
    title: str = Field(description="标题")
    bubbles: list[str] = Field(description="一项一条消息")
    intent: str = Field(description="回答哪个意图；空是不限")
    stage: str = Field(description="用在哪个阶段")
    team: bool = Field(description="同事也能用")
    owner: str = Field(description="谁写的")
    mine: bool = Field(description="是不是自己的")
    version: int = Field(description="第几次改动，从 1 起；改的时候带上")
    entry: str = Field(description="放进公司话术草稿以后叫什么，没放为空")
    blocked: str = Field(description="现在为什么不能发；能发为空。不能发的搜不到")
    changed_at: str = Field(description="最近一次改动，带时区")


class OwnListOut(BaseModel):
    """One's own scripts and the team's."""

    items: list[OwnOut] = Field(description="新的在前")


class OwnRemovedOut(BaseModel):
    """A script is gone."""

    removed: int = Field(description="删掉的编号")


def _own(services: ServicesDep) -> OwnScripts:
    return OwnScripts(services.database, services.workshop.drafts)


OwnDep = Annotated[OwnScripts, Depends(_own)]


@router.get(API, response_model=OwnListOut)
def read_own(own: OwnDep, assistant: AssistantDep, person: CurrentPerson) -> dict[str, Any]:
    """自己的话术和团队的话术，新的在前。"""
    return {"items": [_shown(script, assistant, person) for script in own.listing(person)]}


@router.post(API, response_model=OwnOut)
def add_own(body: OwnIn, own: OwnDep, assistant: AssistantDep, person: CurrentPerson) -> dict[str, Any]:
    """加一条自己的话术。违规的话不能存，答 422 说明是哪一句、为什么。"""
    return _shown(own.add(assistant, person, body.words()), assistant, person)


@router.put(f"{API}/{{number}}", response_model=OwnOut)
def change_own(
    number: RowNumber, body: OwnChangeIn, own: OwnDep, assistant: AssistantDep, person: CurrentPerson
) -> dict[str, Any]:
    """改自己的一条；别人的不能改。刚在别处改过时答 409，什么也不写。"""
    return _shown(own.change(assistant, person, number, body.version, body.words()), assistant, person)


@router.delete(f"{API}/{{number}}", response_model=OwnRemovedOut)
def remove_own(number: RowNumber, own: OwnDep, person: CurrentPerson) -> dict[str, Any]:
    """删掉自己的一条；主管也能删团队的。"""
    own.remove(person, number)
    return {"removed": number}


@router.get(PATH, include_in_schema=False)
async def page(
    request: Request,
    own: OwnDep,
    assistant: AssistantDep,
    person: CurrentPerson,
    edit: Annotated[int, Query(ge=0)] = 0,
    done: Annotated[str, Query(max_length=20)] = "",
) -> HTMLResponse:
    """自己的话术和团队的话术。"""
    return await run_in_threadpool(
        _page, request, own, assistant, person, edit=edit, done=_DONE.get(done, "")
    )


_DONE: Final = {
    "saved": "存好了，在面板上搜得到",
    "removed": "删掉了",
    "moved": "放进公司话术的草稿了，发布以后大家都能用",
}


@router.post(PATH, include_in_schema=False)
async def save(
    request: Request,
    own: OwnDep,
    assistant: AssistantDep,
    person: CurrentPerson,
    title: Text = "",
    said: Text = "",
    intent: Annotated[str, Form(max_length=80)] = "",
    stage: Annotated[str, Form(max_length=20)] = "resolve",
    team: Annotated[str, Form(max_length=5)] = "",
    number: Annotated[int, Form(ge=0, le=2**31 - 1)] = 0,
    version: Annotated[int, Form(ge=0, le=2**31 - 1)] = 0,
) -> Response:
    """Keeps the form's script, new or changed; the page again, as typed, when something is wrong with it."""
    words = Words(title, tuple(said.splitlines()), intent, stage, bool(team))

    def put() -> Response:
        try:
            if number:
                own.change(assistant, person, number, version, words)
            else:
                own.add(assistant, person, words)
        except AppError as error:
            return _page(request, own, assistant, person, edit=number, typed=words, problem=error.detail)
        return _to("saved")

    return await run_in_threadpool(put)


@router.post(f"{PATH}/remove", include_in_schema=False)
async def remove(
    own: OwnDep, person: CurrentPerson, number: Annotated[int, Form(ge=1, le=2**31 - 1)]
) -> Response:
    """Deletes a script of one's own; leads delete anybody's. Raises NotAllowed, NotFound."""
    await run_in_threadpool(own.remove, person, number)
    return _to("removed")


@router.post(f"{PATH}/move", include_in_schema=False)
async def move(
    request: Request,
    own: OwnDep,
    assistant: AssistantDep,
    person: CurrentPerson,
    number: Annotated[int, Form(ge=1, le=2**31 - 1)],
    intent: Annotated[str, Form(max_length=80)] = "",
    tone: Annotated[str, Form(max_length=5)] = TONES[0],
) -> Response:
    """Puts a script into the draft of the shop's own scripts, for trainers; it stays where it was, marked."""

    def put() -> Response:
        try:
            own.move(person, number, intent, tone if tone in TONES else TONES[0])
        except AppError as error:
            return _page(request, own, assistant, person, problem=error.detail)
        return _to("moved")

    return await run_in_threadpool(put)


def _to(done: str) -> RedirectResponse:
    return RedirectResponse(f"{PATH}?done={done}", status_code=303)


def _page(
    request: Request,
    own: OwnScripts,
    assistant: Assistant,
    person: Person,
    *,
    edit: int = 0,
    typed: Words | None = None,
    problem: str = "",
    done: str = "",
) -> HTMLResponse:
    listed = own.listing(person)
    editing = next((one for one in listed if one.id == edit and one.owner_id == person.id), None)
    if typed is None and editing is not None:
        typed = Words(editing.title, tuple(editing.bubbles), editing.intent, editing.stage, team=editing.team)
    return workspace_page(
        request, person, "own.html",
        status=422 if problem else 200,
        here=PATH,
        scripts=[(one, blocked(assistant, one.bubbles, person)) for one in listed],
        editing=editing,
        typed=typed or NO_WORDS,
        problem=problem,
        done=done,
        intents=sorted((intent.name, intent.id) for intent in assistant.content.intents.values()),
        names={intent.id: intent.name for intent in assistant.content.intents.values()},
        stages=STAGE_NAMES,
        tones=TONES,
        most=MAX_BUBBLES,
        trainer=allows(person, "trainer"),
        lead=allows(person, "lead"),
    )  # fmt: skip


def _shown(script: OwnScript, assistant: Assistant, person: Person) -> dict[str, Any]:
    shown = {
        name: getattr(script, name)
        for name in ("id", "title", "bubbles", "intent", "stage", "team", "owner", "version", "entry")
    }
    return {
        **shown,
        "mine": script.owner_id == person.id,
        "blocked": blocked(assistant, script.bubbles, person),
        "changed_at": script.changed_at.isoformat(),
    }
