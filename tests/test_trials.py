"""Trials of two wordings: honest figures, the same draw everywhere, ends that are told, and nothing hidden by them."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from app.assist import Assistant, SuggestRequest
from app.content.check import check
from app.content.entries import Ref
from app.content.load import load
from app.content.model import Content
from app.errors import Conflict, InvalidRequest, NotFound
from app.releases import publish
from app.store import privacy
from app.store.database import Database
from app.store.tables import FeedbackRow
from app.store.tables_trials import TrialPlaceRow, TrialRow
from app.store.trials import Trial
from app.studio.betting import judge
from app.studio.drafts import Drafts
from app.studio.trials import Trials, side_of
from app.types import Ahead
from tests.learning import hear
from tests.sample import WordEngine
from tests.studio import FINE

A, B = "shrinkage.confirm.photo", "shrinkage.confirm.wash"


def content_of(files: dict[str, str]) -> Content:
    loaded = load(files)
    assert loaded.content is not None, loaded.problems
    return loaded.content


CONTENT = content_of(FINE)


def train(content: Content) -> bytes:
    return b"model"


def helper(content: Content = CONTENT, release: int = 1) -> Assistant:
    return Assistant(content, WordEngine(), release)


def flips(chance: float, count: int, luck: random.Random) -> list[float]:
    return [float(luck.random() < chance) for _ in range(count)]


def test_of_two_that_are_equal_hardly_ever_one_wins_however_often_one_looks() -> None:
    luck = random.Random(20261122)
    for chance in (0.1, 0.5):
        wrong = sum(
            judge(flips(chance, 300, luck), flips(chance, 300, luck), 10).outcome != "" for _ in range(200)
        )
        assert wrong <= 0.05 * 200


def test_the_better_one_wins_soon_and_the_worse_one_never() -> None:
    luck = random.Random(7)
    found = [judge(flips(0.3, 400, luck), flips(0.5, 400, luck), 30) for _ in range(60)]
    assert Counter(one.outcome for one in found)["b"] >= 0.9 * 60
    assert Counter(one.outcome for one in found)["a"] == 0
    assert sorted(one.pairs for one in found)[30] < 200
    assert min(one.pairs for one in found) >= 30


def test_what_is_said_while_nobody_can_tell() -> None:
    nothing = judge([], [], 30)
    assert (nothing.outcome, nothing.pairs, nothing.more) == ("", 0, 60)
    assert judge([1.0, 0.0] * 100, [0.0, 1.0] * 100, 30).more is None
    early = judge([0.0] * 12, [1.0] * 12, 30)
    assert early.outcome == ""
    assert early.more is not None
    assert early.more >= 2 * 18
    halves = judge([0.5, 0.0] * 60, [1.0, 0.5] * 60, 30)
    assert halves.outcome == "b"
    assert judge([0.5, 0.0] * 90, [1.0, 0.5] * 60 + [0.0] * 60, 30) == halves


def shown(
    *ahead: Ahead, content: Content = CONTENT, message: str = "毛衣缩水了"
) -> list[tuple[str, float, int]]:
    request = SuggestRequest(message, limit=9, ahead=ahead)
    return [(one.script_id, one.score, one.trial) for one in helper(content).suggest(request).suggestions]


def test_the_drawn_one_comes_first_and_nothing_else_moves() -> None:
    plain = shown()
    first, second = shown(Ahead(A, B, 3)), shown(Ahead(B, A, 3))
    places = [name for name, _, _ in plain]
    for order, names in ((first, (A, B)), (second, (B, A))):
        assert [name for name, _, _ in order if name in names] == list(names)
        assert [name if name not in (A, B) else "" for name, _, _ in order] == [
            name if name not in (A, B) else "" for name in places
        ]
        assert [score for _, score, _ in order] == [score for _, score, _ in plain]
        assert [trial for name, _, trial in order if trial] == [3]
        assert next(name for name, _, trial in order if trial) == names[0]


def test_no_trial_touches_risks_or_what_may_not_be_sent() -> None:
    risky = "authority_complaint.confirm.calm"
    plain = shown(message="毛衣缩水了，我打12315")
    assert plain[0][0] == risky
    assert shown(Ahead(A, risky, 1), Ahead(B, risky, 2), message="毛衣缩水了，我打12315") == plain
    alone = [one for one in shown(Ahead(A, "shrinkage.resolve.choice", 1)) if one[2]]
    assert alone == []
    asked = SuggestRequest("毛衣缩水了", limit=9, ahead=(Ahead(A, B, 1),), facts={"洗过": "是"})
    assert all(one.trial == 0 for one in helper().suggest(asked).suggestions)


def test_a_script_may_say_that_it_comes_first() -> None:
    scripts = dict(CONTENT.scripts)
    for winner, loser in ((A, B), (B, A)):
        scripts[winner] = CONTENT.scripts[winner].model_copy(update={"ahead_of": (loser, "gone.confirm.x")})
        scripts[loser] = CONTENT.scripts[loser]
        names = [name for name, _, _ in shown(content=replace(CONTENT, scripts=scripts))]
        assert names.index(winner) < names.index(loser)
        tried = [
            name for name, _, _ in shown(Ahead(loser, winner, 1), content=replace(CONTENT, scripts=scripts))
        ]
        assert tried.index(loser) < tried.index(winner)
    path = "scripts_zh/apparel/shrinkage.yaml"
    text = FINE[path].replace("title: 问怎么洗,", "title: 问怎么洗, ahead_of: [gone.confirm.x],")
    problems = check(load({**FINE, path: text}), datetime(2026, 11, 22, tzinfo=UTC).date())
    assert [problem.text for problem in problems if "gone.confirm.x" in problem.text] == [
        "「gone.confirm.x」已经没有了，不用排在它前面"
    ]


class Shop:
    """A database with a release, the assistant that serves it, and its trials."""

    def __init__(self, database: Database) -> None:
        publish(database, FINE, author="甲", trainer=train)
        self.database = database
        self.live = helper()
        self.drafts = Drafts(database)
        self.trials = Trials(database, self.drafts, lambda: self.live)

    def begin(self, least: int = 10, days: int = 28) -> Trial:
        trial = self.trials.begin(A, B, measure="half", least=least, days=days, who="乙")
        self.trials.refresh()
        return trial

    def talk(self, place: str, kind: str = "", hours: float = 3) -> str:
        """A conversation in which the trial showed a script, and what the agent did with it; returns the script."""
        at = datetime.now(UTC) - timedelta(hours=hours)
        (ahead,) = self.trials.of(place)
        suggestion = {"script_id": ahead.first, "trial": ahead.trial}
        answer = {"release": 1, "intents": [], "candidates": [], "suggestions": [suggestion]}
        turn = hear(self.database, "毛衣缩水了", answer, place=place, at=at)
        if kind:
            with self.database.write() as session:
                session.add(
                    FeedbackRow(
                        script_id=ahead.first, kind=kind, conversation_id=place, turn_id=turn, agent="甲", sent_text=None,
                        diff=[], right_intent=None, release=1, at=at + timedelta(minutes=1),
                    )
                )  # fmt: skip
        return ahead.first


@pytest.fixture
def shop(database: Database) -> Shop:
    return Shop(database)


def test_the_draw_is_the_same_everywhere_and_even(shop: Shop) -> None:
    trial = shop.begin()
    other = Trials(shop.database, shop.drafts, lambda: shop.live)
    other.refresh()
    places = [f"会话-{number}" for number in range(400)]
    drawn = [shop.trials.of(place) for place in places]
    assert drawn == [other.of(place) for place in places]
    assert 150 < sum(side_of(trial, place) == "a" for place in places) < 250
    assert shop.trials.of(None) == ()


def test_a_trial_from_the_start_to_the_better_one_in_the_draft(shop: Shop) -> None:
    trial = shop.begin()
    for number in range(60):
        place = f"会话-{number}"
        shop.talk(place, "copied" if side_of(trial, place) == "b" else "rejected" if number % 3 else "")
    shop.talk("刚来的", "copied", hours=1)
    replicas = [Trials(shop.database, shop.drafts, lambda: shop.live) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(Trials.refresh, replicas))
    shop.trials.refresh()
    (standing,) = shop.trials.listing()
    assert (standing.trial.state, standing.trial.outcome) == ("ended", "b")
    assert standing.sides["b"]["copied"] == standing.sides["b"]["count"] > 15
    assert sum(one["count"] for one in standing.sides.values()) == 60
    assert standing.sides["a"]["share"] == 0
    assert standing.verdict.pairs >= 10
    shop.trials.refresh()
    assert shop.trials.of("另一个") == ()
    with shop.database.read() as session:
        assert session.scalar(select(func.count()).where(TrialPlaceRow.conversation_id.is_not(None))) == 0
    version, edit = shop.trials.use(trial.id, "b", "乙")
    assert shop.drafts.snapshot().now.data(Ref("script", B))["ahead_of"] == [A]
    assert shop.drafts.snapshot().draft.version == version
    assert edit is not None
    shop.trials.use(trial.id, "a", "乙")
    now = shop.drafts.snapshot().now
    assert now.data(Ref("script", A))["ahead_of"] == [B]
    assert "ahead_of" not in now.data(Ref("script", B))
    with pytest.raises(NotFound):
        shop.trials.use(99, "a", "乙")


def test_each_conversation_counts_once_and_by_the_first_time(shop: Shop) -> None:
    trial = shop.begin()
    for kind in ("edited", "copied", ""):
        shop.talk("甲-1", kind)
    for _ in range(2):
        shop.trials.refresh()
    (standing,) = shop.trials.listing()
    side = side_of(trial, "甲-1")
    assert (standing.sides[side]["count"], standing.sides[side]["copied"]) == (1, 1)
    shop.talk("甲-2", "edited")
    shop.trials.refresh()
    (standing,) = shop.trials.listing()
    assert sum(one["edited"] for one in standing.sides.values()) == 1
    assert sum(one["share"] * one["count"] for one in standing.sides.values()) == pytest.approx(1.5)


def test_a_script_that_is_changed_or_taken_away_ends_it_with_a_reason(shop: Shop) -> None:
    shop.begin()
    script = CONTENT.scripts[B].model_copy(update={"bubbles": ("您当时怎么洗的呢？",)})
    shop.live = helper(replace(CONTENT, scripts={**CONTENT.scripts, B: script}), 2)
    assert shop.trials.of("甲-1") == ()
    shop.trials.refresh()
    (standing,) = shop.trials.listing()
    assert standing.trial.reason == "B「问怎么洗」在第 2 版里改过了"
    assert (standing.trial.state, standing.trial.outcome) == ("ended", "stopped")
    shop.live = helper()
    shop.begin()
    shop.live = helper(replace(CONTENT, scripts={k: v for k, v in CONTENT.scripts.items() if k != A}), 3)
    shop.trials.refresh()
    assert shop.trials.listing()[0].trial.reason == "A「请拍平铺照」在第 3 版里删掉了"


def test_it_ends_when_time_is_up_or_by_hand(shop: Shop) -> None:
    trial = shop.begin()
    for number in range(30):
        shop.talk(f"会话-{number}", "copied", hours=5)
    with shop.database.write() as session:
        session.execute(update(TrialRow).values(ends_at=datetime.now(UTC) - timedelta(hours=1)))
    shop.trials.refresh()
    assert shop.trials.of("甲-9") == ()
    assert shop.trials.listing()[0].trial.state == "running"
    with shop.database.write() as session:
        session.execute(update(TrialRow).values(ends_at=datetime.now(UTC) - timedelta(hours=3)))
    shop.trials.refresh()
    (standing,) = shop.trials.listing()
    assert (standing.trial.outcome, standing.trial.reason) == ("same", "到期了，还看不出差别")
    with pytest.raises(Conflict, match="已经结束"):
        shop.trials.end(trial.id, "乙")
    again = shop.begin()
    with pytest.raises(Conflict, match="还没有结束"):
        shop.trials.use(again.id, "a", "乙")
    shop.trials.end(again.id, "乙")
    assert shop.trials.listing()[0].trial.outcome == "stopped"


def test_only_two_for_the_same_moment(shop: Shop) -> None:
    for one, other, reason in (
        (A, A, "两条不同"),
        (A, "shrinkage.confirm.formal", "同一种语气"),
        (A, "shrinkage.resolve.hold", "同一个阶段"),
        (A, "no.such.script", "已经发布"),
        ("authority_complaint.confirm.calm", A, "同一个意图"),
    ):
        with pytest.raises(InvalidRequest, match=reason):
            shop.trials.begin(one, other, measure="copied", least=10, days=7, who="乙")


def test_no_risks_and_no_script_in_two_trials(shop: Shop) -> None:
    calm = CONTENT.scripts["authority_complaint.confirm.calm"]
    twin = calm.model_copy(update={"id": "authority_complaint.confirm.two"})
    shop.live = helper(replace(CONTENT, scripts={**CONTENT.scripts, twin.id: twin}))
    with pytest.raises(InvalidRequest, match="风险"):
        shop.trials.begin(calm.id, twin.id, measure="copied", least=10, days=7, who="乙")
    assert shop.trials.choices("authority_complaint") == []
    assert {one["id"] for one in shop.trials.choices("shrinkage")} >= {A, B}
    shop.live = helper()
    shop.begin()
    with pytest.raises(Conflict, match="另一个试验"):
        shop.trials.begin(B, A, measure="copied", least=10, days=7, who="乙")
    assert len(shop.trials.listing()) == 1


def test_a_customer_who_is_erased_is_not_in_it_any_more(shop: Shop) -> None:
    shop.begin()
    shop.talk("甲-1", "copied", hours=1)
    shop.trials.refresh()
    with shop.database.write() as session:
        privacy.erase(session, None, ["甲-1"], [])
    with shop.database.read() as session:
        assert session.scalar(select(func.count()).select_from(TrialPlaceRow)) == 0


def test_nothing_is_tried_before_a_release_is_loaded(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.begin()

    monkeypatch.setattr(shop.trials, "_live", lambda: None)
    shop.trials.refresh()
    assert shop.trials.of("甲-1") == ()


def test_what_another_process_settled_before_it_died_is_judged_after_the_start(shop: Shop) -> None:
    trial = shop.begin()
    with shop.database.write() as session:
        for number in range(2 * 30):
            side = "ab"[number % 2]
            session.add(
                TrialPlaceRow(
                    trial_id=trial.id, place=str(number), conversation_id=None, side=side, at=trial.started_at,
                    kind="copied" if side == "a" else "none", value=100 if side == "a" else 0,
                )
            )  # fmt: skip
    Trials(shop.database, shop.drafts, lambda: shop.live).refresh()
    assert shop.trials.listing()[0].trial.outcome == "a"
