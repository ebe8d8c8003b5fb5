"""The library's health: what a look over the scripts finds, what agents usually make of them, the figures of their use."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from app.content.entries import Ref
from app.content.load import load
from app.content.model import Content
from app.errors import Conflict, InvalidRequest
from app.releases import publish
from app.store import feedback, usage
from app.store.database import Database
from app.store.feedback import Feedback
from app.studio.contradictions import contradictions
from app.studio.figures import interval, told
from app.studio.health import Health
from app.studio.likeness import alike, marked
from app.studio.survey import survey
from app.studio.usual_edits import usual
from app.studio.workshop import Workshop
from tests.learning import answer, hear
from tests.studio import FINE, Inside

PACKS = ("common", "apparel")
PHOTO = "shrinkage.confirm.photo"
TODAY = date(2026, 11, 22)


def train(content: Content) -> bytes:
    return b"model"


def with_scripts(*scripts: str, **files: str) -> Content:
    """FINE with more scripts for shrinkage, each the inside of a YAML mapping."""
    path = "scripts_zh/apparel/shrinkage.yaml"
    more = "".join(f"  - {{{script}, source: [practice]}}\n" for script in scripts)
    loaded = load({**FINE, path: FINE[path].rstrip("\n") + "\n" + more, **files})
    assert loaded.content is not None, loaded.problems
    return loaded.content


def script(slug: str, bubble: str, more: str = "", stage: str = "resolve") -> str:
    return f'id: shrinkage.{stage}.{slug}, title: {slug}, stage: {stage}, tone: 亲切, bubbles: ["{bubble}"]{more}'


def test_alike_are_found_without_comparing_all() -> None:
    texts = [
        "我去问质检，{{ 时限 }}前回您，您别着急。",
        "您把吊牌拍给我看看。",
        "我去问质检，{{ 时限 }}前回您，您先别着急。",
        "您把吊牌拍给我看看。",
        "完全不相干的一句话放在这里。",
    ]
    pairs = alike(texts, [("a", "confirm")] * 5)
    assert [(one, other) for one, other, _ in pairs] == [(1, 3), (0, 2)]
    assert pairs[0][2] == 100
    assert alike([], []) == []
    assert marked("我去问", "我去查") == ([("我去", False), ("问", True)], [("我去", False), ("查", True)])
    many = [f"第{number}单{number * 7919 % 10007}的事我记着，回头给您说" for number in range(1500)]
    assert len(alike([*many, texts[0], texts[2]], [("a", "b")] * 1502)) <= 300


def test_contradictions_with_the_shop_the_rules_and_each_other() -> None:
    rule = (
        "- {id: fault, title: 店铺的责任, intents: ['@quality'], when: {责任: 店铺}, "
        "outcome: {freight: 店铺}, reason: 法律, source: [practice]}\n"
    )
    content = with_scripts(
        script("days", "30 天无理由退，您放心。"),
        script("ship", "换的那件 72 小时内发出。"),
        script("late", "换的那件 5 天内发出。"),
        script("pay", "寄回运费由您承担。", ", when: {责任: 店铺}"),
        script("both", "质量问题运费我们出，不喜欢的运费由您承担。", ", when: {责任: 店铺}"),
        script("mine", "寄回运费由您承担。", ", when: {责任: 顾客}"),
        script("fast", "一般 2 小时内到账。"),
        script("slow", "退款 1 到 2 个工作日原路退回。"),
        script("slower", "退款 5 个工作日原路退回。"),
        script("never", "退款 9 个工作日原路退回。", ", when: {责任: 顾客}"),
        script("not", "这种情况运费不让您出。"),
        script("gift", "这次补偿您 50 元。"),
        script("little", "这次补偿您 10 元。"),
        **{"scripts_zh/apparel/rules/own.yaml": rule},
    )
    found = {
        (one.kind, tuple(name.rsplit(".", 1)[1] for name in one.scripts)) for one in contradictions(content)
    }
    assert {("shop", ("days",)), ("shop", ("gift",))} <= found
    assert ("shop", ("little",)) not in found
    assert {("shop", ("ship",)), ("shop", ("late",)), ("scripts", ("ship", "late"))} <= found
    assert ("rule", ("pay",)) in found
    assert ("scripts", ("slow", "slower")) in found
    assert not {names for kind, names in found if kind == "rule"} - {("pay",)}
    assert not any("both" in names or "not" in names for _, names in found)
    assert ("scripts", ("fast", "slow")) not in found


def test_a_look_over_the_scripts() -> None:
    content = with_scripts(
        script("gone", "活动价到昨天。", ', valid: {until: "2026-11-21"}'),
        script("last", "活动价到今天。", ', valid: {until: "2026-11-22"}'),
        script("next", "新年活动。", ', valid: {from: "2027-01-01", until: "2027-02-01"}'),
        script("far", "长期有效。", ', valid: {until: "2027-11-22"}'),
    )
    found = survey(content, TODAY)
    assert [(one["title"], one["state"], one["days"]) for one in found["dates"]] == [
        ("gone", "over", -1),
        ("last", "soon", 0),
        ("next", "later", 40),
    ]
    states = {(row["id"], cell["stage"]): cell["state"] for row in found["coverage"] for cell in row["cells"]}
    assert states["shrinkage", "confirm"] == "own"
    assert found["holes"] == sum(state == "none" for state in states.values()) > 0


def test_the_usual_edit_is_a_script_again() -> None:
    bubbles = ["看到您说{{ 商品 }}缩水了。", "我去问质检，{{ 时限 }}前回您。"]
    sent = [
        "看到您说毛衣缩水了，别急。\n我去问仓库，今天18:00前一定回您。",
        "看到您说裤子缩水了，别急。\n我去问仓库，明天中午前一定回您",
        "看到您说T恤缩水了，别急。\n我去问仓库，20:00前一定回您。",
        "换成完全另外的话",
    ]
    found = usual(bubbles, sent)
    assert found is not None
    assert found.bubbles == ("看到您说{{ 商品 }}缩水了，别急。", "我去问仓库，{{ 时限 }}前一定回您。")
    assert found.times == 3
    one = usual(bubbles, ["我去问老板，今天18:00前回您。"] * 3)
    assert one is not None
    assert one.bubbles == (bubbles[0], "我去问老板，{{ 时限 }}前回您。")
    assert usual(bubbles, sent[:2]) is None
    assert usual(bubbles, ["我去问质检，今天18:00前回您，打13812345678找我。"] * 5) is None
    assert usual(bubbles, ["我去问质检，{{ 客服 }}前回您。"] * 5) is None
    assert usual(["{% if 有凭证 %}收到{% endif %}了"], ["收到啦"] * 5) is None
    assert usual(bubbles, ["", "\n", "x" * 5000]) is None


def test_small_numbers_are_told_as_such() -> None:
    assert told(3 / 7, 7) == "才 7 次，看不出"
    assert told(0, 0) == "还没有"
    assert told(0.5, 100) == "50%（40%–60%）"
    assert interval(0, 0) == (0, 1)
    assert interval(1.0, 10)[1] == 1


def use(database: Database, script_id: str, shown: int, agent: str = "甲", ago: int = 0) -> None:
    day = (datetime.now(UTC) - timedelta(days=ago)).date()
    with database.write() as session:
        usage.add_views(session, {(day, script_id, agent): shown})


def tell(database: Database, script_id: str, kind: feedback.Kind, times: int = 1, **more: str) -> None:
    told_by = Feedback(script_id, kind, **{"agent": "甲", **more})  # type: ignore[arg-type]
    with database.write() as session:
        for _ in range(times):
            feedback.add(session, told_by)


@pytest.fixture
def health(database: Database) -> Health:
    publish(database, FINE, author="甲", trainer=train)
    workshop = Workshop(database, PACKS, trainer=train, bench=Inside)
    return Health(database, workshop, PACKS, Inside)


def test_the_look_is_made_once_for_each_version(health: Health, database: Database) -> None:
    assert health.library().found is None
    health.look()
    looked = health.library()
    assert looked.fresh
    assert looked.found is not None
    drafts = health._workshop.drafts
    ref = Ref("script", PHOTO)
    entry = drafts.snapshot().now.find(ref)
    assert entry is not None
    drafts.put(ref, {**entry.data, "bubbles": [entry.data["bubbles"][0]]}, base=entry.etag, who="乙")
    again = health.library()
    assert (again.fresh, again.found) == (False, looked.found)
    health.look()
    assert health.library().version == looked.version + 1


def test_figures_by_script_intent_agent_and_day(health: Health, database: Database) -> None:
    use(database, PHOTO, 40)
    use(database, PHOTO, 10, agent="乙", ago=3)
    use(database, PHOTO, 99, ago=20)
    use(database, "shrinkage.confirm.wash", 35)
    use(database, "nowhere.confirm.gone", 3)
    tell(database, PHOTO, "copied", 5)
    tell(database, PHOTO, "rejected", 2, right_intent="pilling")
    tell(database, PHOTO, "rejected")
    tell(database, "pilling.confirm.none", "copied", 2, agent="丙")
    hear(database, "衣服怎么变小了", answer(("shrinkage", 0.5)))
    report = health.used(7)
    photo = next(one for one in report["by_script"] if one["id"] == PHOTO)
    assert (photo["shown"], photo["copied"], photo["rejected"], photo["enough"]) == (50, 5, 3, True)
    assert report["total"]["shown"] == 50 + 35 + 3 + 2
    assert {one["name"]: one["shown"] for one in report["by_agent"]} == {"甲": 78, "乙": 10, "丙": 2}
    assert [one["shown"] for one in report["by_day"]] == [0, 0, 0, 10, 0, 0, 80]
    assert report["by_intent"][0]["name"] == "缩水"
    assert [one["id"] for one in report["unused"]] == ["shrinkage.confirm.wash"]
    (rejected,) = report["rejected"]
    assert rejected["should_be"] == [{"id": "pilling", "name": "起球", "times": 2}]
    assert rejected["silent"] == 1
    assert next(one for one in report["by_script"] if "gone" in one["id"])["gone"]
    unseen = {one["id"] for one in report["unseen"]["items"]}
    assert PHOTO not in unseen
    assert "shrinkage.resolve.hold" in unseen
    assert report["little"]


def test_the_usual_edit_lands_in_the_draft_as_it_was_shown(health: Health, database: Database) -> None:
    use(database, PHOTO, 40)
    text = "新毛衣洗一次就小了换谁都心疼呀。\n麻烦把毛衣平铺拍一张给我看看。"
    tell(database, PHOTO, "edited", 4, sent_text=text)
    (offered,) = health.used(30)["edited"]
    assert offered["bubbles"][1] == "麻烦把{{ 商品 }}平铺拍一张给我看看。"
    assert ("呀", True) in [tuple(piece) for piece in offered["after"]]
    with pytest.raises(Conflict):
        health.adopt(PHOTO, "another", 30, "乙")
    version, edit = health.adopt(PHOTO, offered["proposal"], 30, "乙")
    assert edit is not None
    assert edit.who == "乙"
    draft = health._workshop.drafts.snapshot()
    assert draft.draft.version == version
    assert draft.now.data(Ref("script", PHOTO))["bubbles"] == offered["bubbles"]
    assert health.used(30)["edited"][0]["proposal"] is None
    with pytest.raises(Conflict):
        health.adopt(PHOTO, offered["proposal"], 30, "乙")


def test_an_edit_that_must_not_be_sent_is_no_script(health: Health, database: Database) -> None:
    text = "新毛衣洗一次就小了换谁都心疼。\n麻烦把毛衣平铺拍一张，五星好评返现10元。"
    tell(database, PHOTO, "edited", 4, sent_text=text)
    (offered,) = health.used(30)["edited"]
    with pytest.raises(InvalidRequest, match="过不了检查"):
        health.adopt(PHOTO, offered["proposal"], 30, "乙")
    assert health._workshop.drafts.snapshot().changed == []
