"""The studio's API: what trainers do to the draft, its trials, examinations and releases."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query

from app.accounts import allows
from app.assist import Assistant
from app.content.entries import KINDS, Catalogue, Entry, Ref
from app.errors import InvalidRequest, NotAllowed, NotFound
from app.reply.excerpt import parse_excerpt
from app.store.studio import Edit, Run
from app.studio.compare import Change, compare, describe
from app.studio.files import MAX_SHOWN, text_of, uses
from app.studio.tree import entry_json, find_scripts, intent_entries, tree
from app.studio.tried import tried
from app.studio.workshop import Workshop
from app.types import Turn
from app.web.deps import Admin, AssistantDep, LiveDep, RowNumber, ServicesDep, Trainer
from app.web.release_schemas import (
    ChangesOut,
    DiffOut,
    ExamineIn,
    GoldenIn,
    GoldenListOut,
    GoldenOut,
    GoldenRemovedOut,
    PublishedOut,
    PublishIn,
    ReleasesOut,
    ReviewedOut,
    ReviewIn,
    SettingsIn,
    SettingsOut,
    StartedOut,
    StudioOut,
)
from app.web.schemas import MESSAGE_LIMIT
from app.web.studio_schemas import (
    CheckIn,
    CheckOut,
    ClashIn,
    EntriesOut,
    EntryIn,
    EntryOut,
    FoundEntriesOut,
    HitsOut,
    ProblemsOut,
    SavedOut,
    TreeOut,
    TryIn,
    TryOut,
    UndoIn,
    UsesOut,
    VersionOut,
)

router = APIRouter(prefix="/api/v1/studio", tags=["话术库"])

Number = Annotated[int, Query(ge=0, le=2**31 - 1, description="第几版；0 是草稿")]
DRAFT: Final = 0
"""Stands for the draft where the number of a release is asked for."""


def _workshop(services: ServicesDep) -> Workshop:
    return services.workshop


WorkshopDep = Annotated[Workshop, Depends(_workshop)]


@router.get("", response_model=StudioOut)
def overview(workshop: WorkshopDep, _trainer: Trainer) -> dict[str, Any]:
    """草稿现在怎么样：改了几处、有几处错误、学好了没有、有没有人看过、最近一次检查。"""
    snapshot = workshop.drafts.snapshot()
    state, draft, run = workshop.state(snapshot), snapshot.draft, workshop.latest_run()
    errors = sum(one["level"] == "error" for one in workshop.problems(snapshot))
    return {
        "version": draft.version,
        "base": draft.base,
        "changes": len(snapshot.changed),
        "clashes": len(workshop.drafts.clashes()),
        "errors": errors,
        "learning": state.learning,
        "learnt": state.learnt,
        "review": draft.review,
        "review_by": draft.review_by,
        "review_note": draft.review_note,
        "needs_review": workshop.drafts.needs_review(),
        "run": None if run is None else _run(run),
    }


@router.get("/tree", response_model=TreeOut)
def read_tree(
    workshop: WorkshopDep,
    _trainer: Trainer,
    problems: Annotated[bool, Query(description="带上每一条的错误数（第一次要等几秒）")] = True,
) -> dict[str, Any]:
    """草稿的目录：包、意图、每个阶段有没有话术、哪里有问题。"""
    snapshot = workshop.drafts.snapshot()
    workshop.warm()
    found = workshop.problems(snapshot) if problems else []
    return {"version": snapshot.draft.version, **tree(snapshot, found)}


@router.get("/entries", response_model=EntriesOut)
def read_entries(
    workshop: WorkshopDep,
    _trainer: Trainer,
    intent: Annotated[
        str, Query(max_length=100, description="这个意图、它的提醒和话术；_common.包 是通用话术")
    ] = "",
    kind: Annotated[str, Query(max_length=20, description="这一种的全部：card、rule、guard")] = "",
) -> dict[str, Any]:
    """草稿里的内容，一条一条的。"""
    snapshot = workshop.drafts.snapshot()
    found: list[Entry] = []
    if intent:
        found = intent_entries(snapshot.now, intent)
    elif kind in KINDS:
        found = [entry for entry in snapshot.now if entry.ref.kind == kind]
    changed = set(snapshot.changed)
    return {"version": snapshot.draft.version, "items": [entry_json(entry, changed) for entry in found]}


@router.get("/find", response_model=FoundEntriesOut)
def find(
    workshop: WorkshopDep,
    _trainer: Trainer,
    q: Annotated[str, Query(max_length=100, description="几个词用空格隔开")],
) -> dict[str, Any]:
    """标题或气泡里有这些词的话术，最多 50 条。"""
    return {"items": find_scripts(workshop.drafts.snapshot().now, q)}


@router.get("/entry", response_model=EntryOut)
def read_entry(
    workshop: WorkshopDep,
    _trainer: Trainer,
    name: Annotated[str, Query(max_length=300, description="哪一条，例如 script:shrinkage.confirm.photo")],
) -> dict[str, Any]:
    """一条内容。"""
    snapshot = workshop.drafts.snapshot()
    entry = snapshot.now.find(Ref.parse(name))
    if entry is None:
        raise NotFound("草稿里没有这一条，可能刚被删掉")
    return entry_json(entry, snapshot.changed)


@router.get("/uses", response_model=UsesOut)
def read_uses(
    workshop: WorkshopDep,
    _trainer: Trainer,
    name: Annotated[str, Query(max_length=300, description="哪个文件，例如 text:scripts_zh/shop.yaml")],
) -> dict[str, Any]:
    """店铺资料的每一项有哪些话术用到，每个词类有哪些句式用到。"""
    found = uses(workshop.drafts.snapshot().now, Ref.parse(name).id)
    return {
        "counts": {value: len(all_) for value, all_ in found.items()},
        "items": {value: [asdict(use) for use in all_[:MAX_SHOWN]] for value, all_ in found.items()},
    }


@router.put("/entry", response_model=SavedOut)
def save_entry(body: EntryIn, workshop: WorkshopDep, trainer: Trainer) -> dict[str, Any]:
    """改、加、删一条内容，只进草稿。别人先改过这一条时答 409，两边的内容都带回来，什么也不写。"""
    ref = Ref.parse(body.name)
    if ref.kind == "image" and body.data is not None:
        raise InvalidRequest("图片要上传，不能直接写")
    data = body.data
    if ref.kind == "text" and isinstance(data, dict):
        data = text_of(ref.id, workshop.drafts.snapshot().now.files.get(ref.id, ""), data)
    if data is not None and not isinstance(data, str if ref.kind == "text" else dict):
        raise InvalidRequest("内容的样子不对")
    snapshot, edit = workshop.drafts.put(
        ref, data, base=body.base, who=trainer.name, pack=body.pack, at=body.at
    )
    entry = snapshot.now.find(ref)
    return {
        "version": snapshot.draft.version,
        "edit": None if edit is None else edit.id,
        "entry": None if entry is None else entry_json(entry, snapshot.changed),
    }


@router.post("/check", response_model=CheckOut)
def check(body: CheckIn, workshop: WorkshopDep, trainer: Trainer) -> dict[str, Any]:
    """边改边查：一条内容写成这样有什么问题，话术发出去是什么样子。不写入任何东西。"""
    return workshop.check_entry(
        workshop.drafts.snapshot(), Ref.parse(body.name), body.data,
        pack=body.pack, sample=body.sample, agent=trainer.name,
    )  # fmt: skip


@router.get("/problems", response_model=ProblemsOut)
def problems(workshop: WorkshopDep, _trainer: Trainer) -> dict[str, Any]:
    """整份草稿的问题，和 huashu check 查的一样。"""
    return {"items": workshop.problems(workshop.drafts.snapshot())}


@router.get("/changes", response_model=ChangesOut)
def changes(workshop: WorkshopDep, _trainer: Trainer) -> dict[str, Any]:
    """草稿和正在用的一版差在哪里，谁什么时候改的，有哪些冲突要选。"""
    snapshot = workshop.drafts.snapshot()
    clashes = [
        {
            "name": clash.entry,
            "title": clash.title,
            "release": clash.release,
            "lines": [
                asdict(line) for line in describe(Ref.parse(clash.entry), clash.theirs, clash.mine).lines
            ],
        }
        for clash in workshop.drafts.clashes()
    ]
    return {
        "version": snapshot.draft.version,
        "items": [_change(change) for change in compare(snapshot.base, snapshot.now)],
        "edits": [_edit(edit) for edit in workshop.drafts.edits()],
        "clashes": clashes,
    }


@router.post("/undo", response_model=SavedOut)
def undo(body: UndoIn, workshop: WorkshopDep, trainer: Trainer) -> dict[str, Any]:
    """撤销一步改动；之后又有人改过这一条时答 409。"""
    snapshot, edit = workshop.drafts.undo(body.edit, trainer.name)
    entry = snapshot.now.find(Ref.parse(edit.entry)) if edit is not None else None
    return {
        "version": snapshot.draft.version,
        "edit": None if edit is None else edit.id,
        "entry": None if entry is None else entry_json(entry, snapshot.changed),
    }


@router.post("/discard", response_model=VersionOut)
def discard(body: ExamineIn, workshop: WorkshopDep, trainer: Trainer) -> dict[str, Any]:
    """放弃草稿里的全部改动；改动记录还在。"""
    if workshop.drafts.snapshot().draft.version != body.version:
        raise InvalidRequest("草稿刚刚又改过了，请看过再决定")
    return {"version": workshop.drafts.discard(trainer.name).draft.version}


@router.post("/clashes", response_model=VersionOut)
def settle(body: ClashIn, workshop: WorkshopDep, trainer: Trainer) -> dict[str, Any]:
    """选冲突的一边：草稿和刚发布的一版改了同一条，用哪个。"""
    snapshot = workshop.drafts.choose(Ref.parse(body.name), body.side, trainer.name)
    return {"version": snapshot.draft.version}


@router.post("/try", response_model=TryOut)
def try_message(
    body: TryIn, workshop: WorkshopDep, assistant: AssistantDep, trainer: Trainer
) -> dict[str, Any]:
    """试一句话或一段聊天：在草稿里和在正在用的一版里各是什么意图、为什么、会出哪些话术。不写入任何东西。"""
    message, turns, needs_side = _conversation(body, assistant)
    options = {"shop": body.shop, "tone": body.tone, "agent": trainer.name}
    draft = workshop.try_draft(workshop.drafts.snapshot(), message, turns, options)
    live = tried(assistant, message, turns, options)
    return {"message": message, "needs_side": needs_side, "draft": draft, "live": live}


@router.get("/hits", response_model=HitsOut)
def hits(
    workshop: WorkshopDep,
    _trainer: Trainer,
    script: Annotated[str, Query(max_length=100, description="话术的 id")],
) -> dict[str, Any]:
    """哪些消息会用到这条话术：考题、最近顾客的话（遮住个人信息）里，它排进前五的。"""
    return {"items": workshop.hits(workshop.drafts.snapshot(), script)}


@router.get("/golden", response_model=GoldenListOut)
def read_golden(workshop: WorkshopDep, _trainer: Trainer) -> dict[str, Any]:
    """店里自己的考题。"""
    return {"items": [_dated(asdict(message)) for message in workshop.golden()]}


@router.post("/golden", response_model=GoldenOut)
def add_golden(body: GoldenIn, workshop: WorkshopDep, trainer: Trainer) -> dict[str, Any]:
    """加一条考题；同一句话再加一次，就换成新的意图。"""
    return _dated(asdict(workshop.add_golden(body.text, body.intents, trainer.name)))


@router.delete("/golden/{number}", response_model=GoldenRemovedOut)
def remove_golden(number: RowNumber, workshop: WorkshopDep, trainer: Trainer) -> dict[str, Any]:
    """删掉一条考题。"""
    workshop.remove_golden(number, trainer.name)
    return {"removed": number}


@router.post("/review", response_model=ReviewedOut)
def review(body: ReviewIn, workshop: WorkshopDep, trainer: Trainer) -> dict[str, Any]:
    """请另一位同事看草稿；同意，或退回去改。"""
    drafts = workshop.drafts
    if body.action == "ask":
        snapshot = drafts.ask_review(trainer.name)
    else:
        approve = body.action == "approve"
        snapshot = drafts.decide_review(trainer.name, approve=approve, note=body.note, version=body.version)
    return {"version": snapshot.draft.version, "review": snapshot.draft.review}


@router.put("/settings", response_model=SettingsOut)
def change_settings(body: SettingsIn, workshop: WorkshopDep, admin: Admin) -> dict[str, Any]:
    """改设置：发布前要不要第二个人看过。"""
    workshop.drafts.set_review(body.review, admin.name)
    return {"review": body.review}


@router.post("/examine", response_model=StartedOut)
def examine(body: ExamineIn, workshop: WorkshopDep, trainer: Trainer) -> dict[str, Any]:
    """检查草稿：先查错，再考试，不发布。做到哪一步看 GET /api/v1/studio 的 run。"""
    return {"run": workshop.examine(trainer.name, publishing=False, version=body.version)}


@router.post("/publish", response_model=StartedOut)
def publish(body: PublishIn, workshop: WorkshopDep, trainer: Trainer) -> dict[str, Any]:
    """检查草稿，通过就发布。没通过时只有管理员写明理由才能发布，理由会记下来。"""
    if body.reason and not allows(trainer, "admin"):
        raise NotAllowed("没通过检查还要发布，要管理员来决定")
    number = workshop.examine(
        trainer.name, publishing=True, version=body.version, note=body.note, reason=body.reason
    )
    return {"run": number}


@router.get("/releases", response_model=ReleasesOut)
def releases(workshop: WorkshopDep, live: LiveDep, _trainer: Trainer) -> dict[str, Any]:
    """发布过的每一版，新的在前。"""
    return {
        "items": [
            {
                "number": release.number,
                "author": release.author,
                "note": release.note,
                "digest": release.digest,
                "created_at": release.created_at.isoformat(),
                "live": release.number == live.number,
                "learnt": learnt,
                "run": None if run is None else _run(run),
            }
            for release, run, learnt in workshop.releases()
        ]
    }


@router.get("/diff", response_model=DiffOut)
def diff(workshop: WorkshopDep, _trainer: Trainer, before: Number, after: Number) -> dict[str, Any]:
    """两版之间差在哪里，一条一条说；0 表示草稿。"""
    sides = [
        workshop.drafts.snapshot().now if number == DRAFT else Catalogue(workshop.release_files(number))
        for number in (before, after)
    ]
    return {"items": [_change(change) for change in compare(*sides)]}


@router.post("/releases/{number}/take-back", response_model=PublishedOut)
def take_back(number: RowNumber, workshop: WorkshopDep, trainer: Trainer) -> dict[str, Any]:
    """回退：把以前的一版作为新的一版发布。草稿里没发布的改动留着。"""
    published = workshop.take_back(number, trainer.name)
    return {"release": published.number, "changed": published.changed}


def _conversation(body: TryIn, assistant: Assistant) -> tuple[str, tuple[Turn, ...], list[str]]:
    """The customer's latest message, what came before it, and the names nobody can place."""
    shop = assistant.content.shops.get(body.shop or "", assistant.content.shop)
    excerpt = parse_excerpt(
        body.text, shop_names={shop.name} - {"", "本店"}, sides=body.sides, zone=ZoneInfo(shop.time_zone)
    )
    turns = [Turn(turn.role or "customer", turn.text) for turn in excerpt.turns]
    while turns and turns[-1].role == "agent":
        turns.pop()
    message = turns.pop().text if turns else body.text
    if len(message) > MESSAGE_LIMIT:
        raise InvalidRequest(f"一条消息最多 {MESSAGE_LIMIT} 个字")
    return message, tuple(turns), list(excerpt.needs_side)


def _run(run: Run) -> dict[str, Any]:
    return _dated(asdict(run))


def _edit(edit: Edit) -> dict[str, Any]:
    shown = {key: getattr(edit, key) for key in ("id", "who", "title", "action", "open", "undone")}
    return {**shown, "at": edit.at.isoformat(), "name": edit.entry}


def _change(change: Change) -> dict[str, Any]:
    return {**asdict(change), "name": str(change.ref)}


def _dated(value: dict[str, Any]) -> dict[str, Any]:
    """Moments as ISO 8601."""
    return {key: item.isoformat() if hasattr(item, "isoformat") else item for key, item in value.items()}
