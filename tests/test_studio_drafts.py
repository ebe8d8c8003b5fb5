"""The shared draft: edits meet without loss, undo, review, and publishing underneath."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.content.entries import Ref
from app.content.model import Content
from app.errors import AppError, Conflict, InvalidRequest, NotFound
from app.releases import publish
from app.store.database import Database
from app.studio.compare import compare
from app.studio.drafts import Drafts, EditClash, Snapshot
from tests.sample import FILES

PHOTO = Ref("script", "shrinkage.confirm.photo")
WASH = Ref("script", "shrinkage.confirm.wash")
SCRIPTS = "scripts_zh/apparel/shrinkage.yaml"


def train(content: Content) -> bytes:
    return b"model"


@pytest.fixture
def drafts(database: Database) -> Drafts:
    publish(database, FILES, author="甲", trainer=train)
    return Drafts(database)


def retitle(drafts: Drafts, ref: Ref, title: str, who: str = "甲", base: str | None = None) -> Snapshot:
    entry = drafts.snapshot().now.find(ref)
    assert entry is not None
    data = {**entry.data, "title": title}
    return drafts.put(ref, data, base=entry.etag if base is None else base, who=who)[0]


def title(drafts: Drafts, ref: Ref) -> str:
    return str(drafts.snapshot().now.data(ref)["title"])


def etag(drafts: Drafts, ref: Ref) -> str:
    entry = drafts.snapshot().now.find(ref)
    assert entry is not None
    return entry.etag


def test_an_edit_is_seen_by_everybody_and_changes_one_entry(drafts: Drafts, database: Database) -> None:
    assert drafts.snapshot().changed == []
    snapshot = retitle(drafts, PHOTO, "平铺拍照")
    assert snapshot.changed == [PHOTO]
    assert Drafts(database).snapshot().changed == [PHOTO]
    (change,) = compare(snapshot.base, snapshot.now)
    assert [(line.label, line.before, line.after) for line in change.lines] == [
        ("标题", "请拍平铺照", "平铺拍照")
    ]
    (edit,) = drafts.edits(only_open=True)
    assert (edit.who, edit.action, edit.entry) == ("甲", "changed", str(PHOTO))


def test_two_people_on_one_entry_are_told_and_nothing_is_lost(drafts: Drafts) -> None:
    seen = etag(drafts, PHOTO)
    retitle(drafts, PHOTO, "甲的标题", "甲", seen)
    with pytest.raises(EditClash) as caught:
        retitle(drafts, PHOTO, "乙的标题", "乙", seen)
    extra = caught.value.extra
    assert isinstance(extra["mine"], dict)
    assert isinstance(extra["theirs"], dict)
    assert (extra["mine"]["title"], extra["theirs"]["title"], extra["who"]) == ("乙的标题", "甲的标题", "甲")
    retitle(drafts, PHOTO, "两人商量好的", "乙", str(extra["etag"]))
    assert title(drafts, PHOTO) == "两人商量好的"


def test_two_people_on_different_entries_both_win(drafts: Drafts) -> None:
    first, second = etag(drafts, PHOTO), etag(drafts, WASH)
    retitle(drafts, PHOTO, "甲的标题", "甲", first)
    retitle(drafts, WASH, "乙的标题", "乙", second)
    assert (title(drafts, PHOTO), title(drafts, WASH)) == ("甲的标题", "乙的标题")


def test_many_at_once_lose_nothing(drafts: Drafts, database: Database) -> None:
    refs = [entry.ref for entry in drafts.snapshot().now if entry.ref.kind == "script"][:6]

    def change(ref: Ref) -> None:
        for _ in range(20):
            try:
                retitle(Drafts(database), ref, f"新的 {ref.id[-8:]}")
                return
            except AppError:
                continue
        raise AssertionError("never got through")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(change, refs))
    assert set(drafts.snapshot().changed) == set(refs)


def test_adding_removing_and_undoing(drafts: Drafts) -> None:
    new = Ref("script", "shrinkage.resolve.new")
    data = {"title": "新的", "stage": "resolve", "tone": "亲切", "bubbles": ["好。"], "source": ["practice"]}
    _, added = drafts.put(new, data, base="", who="甲")
    assert added is not None
    snapshot, removed = drafts.put(PHOTO, None, base=etag(drafts, PHOTO), who="乙")
    assert removed is not None
    assert set(snapshot.changed) == {new, PHOTO}
    drafts.undo(removed.id, "甲")
    snapshot, _ = drafts.undo(added.id, "甲")
    assert snapshot.changed == []
    assert snapshot.now.find(PHOTO).path == ("scripts", 0)  # type: ignore[union-attr]
    with pytest.raises(NotFound):
        drafts.undo(added.id, "甲")


def test_undo_never_tramples_on_a_later_edit(drafts: Drafts) -> None:
    retitle(drafts, PHOTO, "第一次")
    first = drafts.edits(only_open=True)[0]
    retitle(drafts, PHOTO, "第二次", "乙")
    with pytest.raises(EditClash):
        drafts.undo(first.id, "甲")
    assert title(drafts, PHOTO) == "第二次"


def test_saving_what_is_there_is_no_edit(drafts: Drafts) -> None:
    entry = drafts.snapshot().now.find(PHOTO)
    assert entry is not None
    assert drafts.put(PHOTO, dict(entry.data), base=entry.etag, who="甲")[1] is None
    assert drafts.edits() == []


def test_an_intent_with_scripts_stays(drafts: Drafts) -> None:
    ref = Ref("intent", "shrinkage")
    with pytest.raises(InvalidRequest, match="还有 11 条话术"):
        drafts.put(ref, None, base=etag(drafts, ref), who="甲")


def test_a_publish_underneath_moves_the_draft_on_top(drafts: Drafts, database: Database) -> None:
    retitle(drafts, PHOTO, "草稿里的")
    other = {**FILES, SCRIPTS: FILES[SCRIPTS].replace("title: 问怎么洗", "title: 文件里的")}
    assert publish(database, other, author="命令行", trainer=train).number == 2
    snapshot = drafts.snapshot()
    assert (snapshot.draft.base, snapshot.changed) == (2, [PHOTO])
    assert (title(drafts, PHOTO), title(drafts, WASH)) == ("草稿里的", "文件里的")
    assert drafts.clashes() == []


def test_a_publish_of_the_same_entry_clashes_until_somebody_chooses(
    drafts: Drafts, database: Database
) -> None:
    retitle(drafts, PHOTO, "草稿里的")
    retitle(drafts, WASH, "也改了")
    other = (
        FILES[SCRIPTS].replace("请拍平铺照", "文件里的").replace("title: 问怎么洗", "title: 也在文件里改了")
    )
    publish(database, {**FILES, SCRIPTS: other}, author="命令行", trainer=train)
    assert len(drafts.snapshot().changed) == 2
    clash = {clash.entry: clash for clash in drafts.clashes()}
    assert clash[str(PHOTO)].mine["title"] == "草稿里的"
    assert clash[str(PHOTO)].theirs["title"] == "文件里的"
    drafts.choose(PHOTO, "theirs", "甲")
    drafts.choose(WASH, "mine", "甲")
    assert drafts.clashes() == []
    assert drafts.snapshot().changed == [WASH]
    assert title(drafts, PHOTO) == "文件里的"
    with pytest.raises(NotFound):
        drafts.choose(PHOTO, "mine", "甲")


def test_publishing_the_draft_empties_it(drafts: Drafts, database: Database) -> None:
    snapshot = retitle(drafts, PHOTO, "草稿里的")
    publish(database, snapshot.now.files, author="甲", trainer=train)
    assert drafts.snapshot().changed == []
    assert drafts.edits(only_open=True) == []
    assert [edit.action for edit in drafts.edits()] == ["changed"]


def test_discarding(drafts: Drafts) -> None:
    retitle(drafts, PHOTO, "草稿里的")
    assert drafts.discard("甲").changed == []
    assert title(drafts, PHOTO) == "请拍平铺照"


def test_a_second_person_reviews_what_they_saw(drafts: Drafts) -> None:
    with pytest.raises(InvalidRequest):
        drafts.ask_review("甲")
    retitle(drafts, PHOTO, "草稿里的")
    asked = drafts.ask_review("甲")
    version = asked.draft.version
    with pytest.raises(InvalidRequest, match="另一位"):
        drafts.decide_review("甲", approve=True, note="", version=version)
    assert drafts.decide_review("乙", approve=True, note="好", version=version).draft.review == "approved"
    retitle(drafts, PHOTO, "又改了")
    assert drafts.snapshot().draft.review == ""
    with pytest.raises(Conflict):
        drafts.decide_review("乙", approve=True, note="", version=version)
