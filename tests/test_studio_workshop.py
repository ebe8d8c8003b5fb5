"""The draft at work: problems where they belong, trying, examining, publishing, overriding, taking back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from app.content.entries import Ref
from app.content.load import load
from app.content.model import Content
from app.errors import Conflict, InvalidRequest, NotFound
from app.nlu.train import train
from app.releases import newest_files, publish
from app.store import audit, models
from app.store import studio as rows
from app.store.database import Database
from app.store.studio import Run
from app.store.tables import ReleaseRow
from app.store.tables_studio import RunRow
from app.studio.outside import Outside
from app.studio.tree import find_scripts
from app.studio.workshop import Workshop
from tests.studio import FINE, Inside

PHOTO = Ref("script", "shrinkage.confirm.photo")
RISK = Ref("intent", "authority_complaint")
PACKS = ("common", "apparel")
MODELS: dict[str, bytes] = {}


def trained(content: Content) -> bytes:
    """Training, once for each content."""
    if content.nlu_digest not in MODELS:
        MODELS[content.nlu_digest] = train(content)
    return MODELS[content.nlu_digest]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(tmp_path / "huashu.db")
    opened.upgrade()
    publish(opened, FINE, author="系统", trainer=trained)
    yield opened
    opened.close()


@pytest.fixture
def workshop(database: Database) -> Workshop:
    return Workshop(database, PACKS, trainer=trained, bench=Inside)


def put(workshop: Workshop, ref: Ref, who: str = "甲", **changes: Any) -> int:
    """Change keys of an entry; returns the draft's version."""
    entry = workshop.drafts.snapshot().now.find(ref)
    assert entry is not None
    return workshop.drafts.put(ref, {**entry.data, **changes}, base=entry.etag, who=who)[0].draft.version


def finish(workshop: Workshop) -> Run:
    for thread in workshop._threads:
        thread.join(300)
    run = workshop.latest_run()
    assert run is not None
    assert run.state != "running"
    return run


def version(workshop: Workshop) -> int:
    return workshop.drafts.snapshot().draft.version


def test_an_examination_whose_process_died_is_soon_known_to_have_failed(
    workshop: Workshop, database: Database
) -> None:
    seen = put(workshop, PHOTO, title="平铺拍照")
    for moved in (timedelta(minutes=2), timedelta(days=-400)):
        with database.write() as session:
            number = rows.begin_run(
                session, workshop.drafts.snapshot().draft, publishing=True, note="", reason="", who="甲"
            )
        with pytest.raises(Conflict, match="正在检查"):
            workshop.examine("乙", publishing=False, version=seen)
        with database.write() as session:
            session.execute(
                update(RunRow).where(RunRow.id == number).values(updated_at=datetime.now(UTC) - moved)
            )
        run = workshop.latest_run()
        assert run is not None
        assert (run.id, run.state, run.step) == (number, "failed", "检查中断了，请再来一次")
    workshop.examine("乙", publishing=False, version=seen)
    assert finish(workshop).who == "乙"


def test_the_sample_shop_has_no_errors() -> None:
    assert load(FINE).errors == ()


def test_problems_are_told_at_the_entry_and_field(workshop: Workshop) -> None:
    put(workshop, PHOTO, bubbles=["好的。", "我们是全网最低价。"])
    found = [one for one in workshop.problems(workshop.drafts.snapshot()) if one["level"] == "error"]
    assert [(one["entry"], one["path"]) for one in found] == [(str(PHOTO), ["bubbles", 1])]
    assert "绝对化" in found[0]["text"]


@pytest.mark.parametrize(
    ("changes", "path", "told"),
    [
        ({"title": ""}, ("title",), "缺少「标题」"),
        ({"bubbles": ["{{ 没有的 }}"]}, ("bubbles", 0), "没有「没有的」这个变量"),
        ({"bubbles": ["{% for x in y %}{% endfor %}"]}, ("bubbles", 0), "不能用循环"),
        ({"bubbles": ["好。" * 100]}, ("bubbles", 0), "请拆开"),
        ({"when": {"责任": "天气"}}, ("when",), "只能是"),
        ({"acts": ["asked(星座)"]}, ("acts",), "没有「星座」"),
        ({"valid": {"until": "2020-01-01"}}, ("valid",), "过期"),
        ({"also_for": ["nothing"]}, ("also_for",), "没有「nothing」这个意图"),
        ({"bubbles": ["想问一下您当时是手洗还是机洗的呢？"]}, ("bubbles",), "几乎一样"),
    ],
)
def test_what_is_typed_is_checked_before_it_is_saved(
    workshop: Workshop, changes: dict[str, Any], path: tuple[str | int, ...], told: str
) -> None:
    snapshot = workshop.drafts.snapshot()
    data = {**snapshot.now.data(PHOTO), **changes}
    found = workshop.check_entry(snapshot, PHOTO, data, pack="apparel", sample="new", agent="甲")
    assert any(tuple(one["path"])[: len(path)] == path and told in one["text"] for one in found["problems"])
    assert workshop.drafts.snapshot().changed == []


def test_a_small_rewording_may_stand_beside_its_original_when_one_of_them_comes_first(
    workshop: Workshop,
) -> None:
    snapshot = workshop.drafts.snapshot()
    new = Ref("script", f"{PHOTO.id}_2")
    _, *rest = snapshot.now.data(PHOTO)["bubbles"]
    data = {**snapshot.now.data(PHOTO), "id": new.id, "title": "请拍照二"}
    found = workshop.check_entry(snapshot, new, data, pack="apparel", sample="new", agent="甲")
    assert found["problems"][0]["text"].startswith("这条话术和「请拍平铺照」几乎一样")
    assert f"就在「排在这些话术前面」里写上 {PHOTO.id}" in found["problems"][0]["text"]
    data["ahead_of"] = [PHOTO.id]
    found = workshop.check_entry(snapshot, new, data, pack="apparel", sample="new", agent="甲")
    assert "几乎一样" in found["problems"][0]["text"], "the very same words"
    data["bubbles"] = ["新毛衣洗一次就小了换谁都会心疼。", *rest]
    found = workshop.check_entry(snapshot, new, data, pack="apparel", sample="new", agent="甲")
    assert found["problems"] == []
    del data["id"]
    workshop.drafts.put(new, data, base="", who="甲", pack="apparel")
    now = workshop.drafts.snapshot()
    assert [one for one in workshop.problems(now) if one["level"] == "error"] == []
    found = workshop.check_entry(now, PHOTO, now.now.data(PHOTO), pack="apparel", sample="new", agent="甲")
    assert found["problems"] == []


def test_a_new_entry_needs_no_id_of_its_own(workshop: Workshop) -> None:
    new = Ref("script", "shrinkage.confirm.own_1")
    data = {
        "title": "问问近照",
        "stage": "confirm",
        "tone": "亲切",
        "bubbles": ["拍张近照好吗？"],
        "source": ["practice"],
    }
    found = workshop.check_entry(
        workshop.drafts.snapshot(), new, data, pack="apparel", sample="new", agent=""
    )
    assert found["problems"] == []


def test_scripts_are_found_by_what_they_say(workshop: Workshop) -> None:
    now = workshop.drafts.snapshot().now
    assert [one["title"] for one in find_scripts(now, "答一句 return_refund")] == ["答一句return_refund"]
    assert find_scripts(now, "答一句 没有的词") == find_scripts(now, " ") == []


def test_intents_and_files_are_checked_too(workshop: Workshop) -> None:
    snapshot = workshop.drafts.snapshot()
    data = {**snapshot.now.data(RISK), "patterns": ["<没有的词类>"], "examples": ["缩水了"]}
    found = workshop.check_entry(snapshot, RISK, data, pack="common", sample="new", agent="")["problems"]
    assert [one["path"] for one in found] == [("patterns", 0)]
    shop = Ref("text", "scripts_zh/shop.yaml")
    found = workshop.check_entry(
        snapshot, shop, "name: 甲店\nplatform: 地摊\n", pack="", sample="", agent=""
    )["problems"]
    assert found == [
        {"path": [2], "text": "平台只能是淘宝、京东、抖音、拼多多、微信、其他", "level": "error"}
    ]


def test_a_script_is_shown_to_sample_customers(workshop: Workshop) -> None:
    snapshot = workshop.drafts.snapshot()
    data = {
        **snapshot.now.data(PHOTO),
        "bubbles": ["{{ 商品 }}{{ 时限 }}前寄出", "<script>alert(1)</script>"],
    }
    plain = workshop.check_entry(snapshot, PHOTO, data, pack="apparel", sample="new", agent="")["bubbles"]
    assert (plain[0]["text"], plain[0]["blanks"][0]["name"]) == ("衣服〔时限〕前寄出", "时限")
    assert plain[1]["text"] == "<script>alert(1)</script>"
    full = workshop.check_entry(snapshot, PHOTO, data, pack="apparel", sample="filled", agent="")["bubbles"]
    assert (full[0]["text"], full[0]["blanks"]) == ("羊毛大衣今天 18:00前寄出", [])


def test_the_draft_answers_before_it_is_published(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(workshop, Ref("intent", "pilling"), patterns=["起球", "长毛毛"])
    snapshot = workshop.drafts.snapshot()
    answer = workshop.try_draft(snapshot, "袖子长毛毛", (), {})
    assert [one["id"] for one in answer["intents"]] == ["pilling"]
    assert answer["learnt"] is False
    assert workshop.state(snapshot).learning
    monkeypatch.setattr("app.studio.workshop.QUIET", timedelta(0))
    workshop._learn()
    assert workshop.try_draft(snapshot, "袖子长毛毛", (), {})["learnt"] is True
    assert workshop.state(snapshot).learnt


def test_which_messages_would_bring_a_script(workshop: Workshop) -> None:
    workshop.add_golden("毛衣缩水了，我电话13812345678", ["shrinkage"], "甲")
    found = workshop.hits(workshop.drafts.snapshot(), "shrinkage.confirm.photo")
    assert {one["origin"] for one in found} == {"golden", "held_out"}
    assert all("13812345678" not in one["text"] for one in found)


def test_a_good_draft_is_published_and_the_draft_is_empty(workshop: Workshop, database: Database) -> None:
    put(workshop, PHOTO, title="平铺拍照")
    workshop.examine("甲", publishing=True, version=version(workshop), note="换个标题")
    run = finish(workshop)
    assert (run.state, run.release) == ("published", 2), run.step
    assert "平铺拍照" in newest_files(database)["scripts_zh/apparel/shrinkage.yaml"]
    assert workshop.drafts.snapshot().changed == []
    (newest, old) = workshop.releases()
    assert (newest[0].note, newest[0].author, newest[1].result["messages"]) == ("换个标题", "甲", 15)  # type: ignore[index, union-attr]
    assert old[1] is None


def test_a_model_of_an_older_program_is_not_asked(workshop: Workshop, database: Database) -> None:
    """The release was stored by a version that learnt differently; serving has learnt it again since."""
    with database.write() as session:
        models.put(session, "older", b"not readable any more")
        session.execute(update(ReleaseRow).values(nlu_digest="older"))
    put(workshop, Ref("intent", "pilling"), patterns=["起球", "长毛毛"])
    workshop.examine("甲", publishing=False, version=version(workshop))
    assert finish(workshop).state == "passed", finish(workshop).step


def test_a_draft_with_errors_is_not_published(workshop: Workshop, database: Database) -> None:
    put(workshop, PHOTO, bubbles=["全网最低价"])
    workshop.examine("甲", publishing=True, version=version(workshop))
    assert (finish(workshop).state, finish(workshop).step) == ("failed", "草稿里有 1 处错误，改好以后再来")
    assert newest_files(database) == FINE


def test_nothing_to_publish_and_an_older_draft_are_refused(workshop: Workshop) -> None:
    with pytest.raises(InvalidRequest, match="没有改动"):
        workshop.examine("甲", publishing=True, version=version(workshop))
    seen = version(workshop)
    put(workshop, PHOTO, title="平铺拍照")
    with pytest.raises(Conflict):
        workshop.examine("甲", publishing=True, version=seen)


def test_a_missed_risk_is_refused_unless_an_administrator_says_why(
    workshop: Workshop, database: Database
) -> None:
    put(workshop, RISK, patterns=["十二三一五"], examples=["我要告你们"])
    workshop.examine("甲", publishing=True, version=version(workshop))
    run = finish(workshop)
    assert run.state == "refused"
    assert run.result is not None
    assert run.result["worse"]
    assert any("风险「12315与法律」没有认出来" in text for text in run.result["refusals"])
    assert newest_files(database) == FINE
    workshop.examine("店主", publishing=True, version=version(workshop), reason="样例还在补")
    run = finish(workshop)
    assert (run.state, run.reason) == ("published", "样例还在补")
    with database.read() as session:
        assert "studio.gate_overridden" in {entry.what for entry in audit.latest(session)}


def test_taking_a_hard_sentence_out_does_not_help(workshop: Workshop) -> None:
    put(workshop, RISK, patterns=["十二三一五"], examples=["我要告你们"], held_out=["我去告你们哦"])
    workshop.examine("甲", publishing=False, version=version(workshop))
    assert finish(workshop).state == "refused"


def test_the_shops_own_risks_may_never_be_missed(workshop: Workshop) -> None:
    added = workshop.add_golden("我去工商那里反映", ["authority_complaint"], "甲")
    put(workshop, PHOTO, title="平铺拍照")
    workshop.examine("甲", publishing=True, version=version(workshop))
    assert finish(workshop).state == "refused"
    workshop.remove_golden(added.id, "甲")
    with pytest.raises(NotFound):
        workshop.remove_golden(added.id, "甲")
    workshop.examine("甲", publishing=True, version=version(workshop))
    assert finish(workshop).state == "published"


def test_golden_messages_hold_what_can_be_seen(workshop: Workshop) -> None:
    added = workshop.add_golden("起\x00球\x1b[31m\u202e了\n真的", ["pilling"], "甲")
    assert added.text == "起球[31m了 真的"
    with pytest.raises(InvalidRequest, match="先写一句"):
        workshop.add_golden("\x07\u200b \n", [], "甲")


def test_golden_messages_are_masked_and_known_intents_only(workshop: Workshop) -> None:
    workshop.add_golden("我叫13812345678", [], "甲")
    workshop.add_golden("我叫13812345678", ["shrinkage"], "乙")
    (only,) = workshop.golden()
    assert ("13812345678" in only.text, only.intents, only.who) == (False, ["shrinkage"], "乙")
    with pytest.raises(InvalidRequest):
        workshop.add_golden("你好", ["nothing"], "甲")
    with pytest.raises(InvalidRequest):
        workshop.add_golden("  ", [], "甲")


def test_a_review_is_demanded_where_the_shop_wants_it(workshop: Workshop) -> None:
    workshop.drafts.set_review(True, "店主")
    put(workshop, PHOTO, title="平铺拍照")
    with pytest.raises(InvalidRequest, match="另一位同事"):
        workshop.examine("甲", publishing=True, version=version(workshop))
    workshop.drafts.ask_review("甲")
    workshop.drafts.decide_review("乙", approve=True, note="", version=version(workshop))
    workshop.examine("甲", publishing=True, version=version(workshop))
    assert finish(workshop).state == "published"


def test_going_back_keeps_the_draft(workshop: Workshop, database: Database) -> None:
    put(workshop, PHOTO, title="平铺拍照")
    workshop.examine("甲", publishing=True, version=version(workshop))
    finish(workshop)
    wash = Ref("script", "shrinkage.confirm.wash")
    put(workshop, wash, title="还没发布的")
    back = workshop.take_back(1, "甲")
    assert (back.number, back.changed) == (3, True)
    assert newest_files(database) == FINE
    assert workshop.drafts.snapshot().changed == [wash]
    with pytest.raises(NotFound):
        workshop.take_back(99, "甲")


def test_a_bench_outside_answers_raises_and_comes_back() -> None:
    bench = Outside(PACKS)
    try:
        assert bench.use(1, FINE)["errors"] == 0
        with pytest.raises(InvalidRequest):
            bench.call(1, FINE, ("check_entry", "text:pyproject.toml", "x"))
        assert bench._process is not None
        bench._process.kill()
        bench._process.join()
        assert bench.call(1, FINE, ("problems",)) is not None
    finally:
        bench.stop()
