"""Which scripts are offered, in what order, and how they read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.assist import Assistant, SuggestRequest
from app.errors import InvalidRequest
from app.reply.render import values_for
from app.types import Assistance, Slot, Turn
from tests.sample import WordEngine, assistant, content

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def help_with(message: str, *before: str, **more: object) -> Assistance:
    """The help for a message after these turns; an agent's turn begins with 「客服」."""
    turns = [Turn("agent", one[2:]) if one.startswith("客服") else Turn("customer", one) for one in before]
    return assistant().suggest(SuggestRequest(message, **more), turns, NOW)  # type: ignore[arg-type]


def ids(assistance: Assistance) -> list[str]:
    return [suggestion.script_id for suggestion in assistance.suggestions]


def test_the_stage_first_then_the_next_stages() -> None:
    found = help_with("毛衣缩水了", limit=10)
    stages = [suggestion.stage for suggestion in found.suggestions]
    assert stages == sorted(stages, key=["confirm", "apologise", "resolve"].index)
    assert set(ids(found)[:2]) == {"shrinkage.confirm.photo", "shrinkage.confirm.wash"}


def test_own_scripts_before_common_ones() -> None:
    found = ids(help_with("毛衣缩水了"))
    assert found.index("shrinkage.confirm.wash") < found.index("common.confirm.what")


def test_limit() -> None:
    for limit in (1, 2, 20):
        found = ids(help_with("缩水又起球", limit=limit))
        assert len(found) <= limit
        assert len(found) == len(set(found))


def test_primary_intent_first_and_all_intents_served() -> None:
    found = help_with("起球又缩水")
    assert found.suggestions[0].intent == "pilling"
    assert "shrinkage" in {suggestion.intent for suggestion in found.suggestions}


def test_also_for() -> None:
    assert "shrinkage.resolve.hold" in ids(help_with("起球了", stage="resolve"))


def test_scores_and_reasons() -> None:
    for suggestion in help_with("缩水又起球", limit=20).suggestions:
        assert 0 <= suggestion.score <= 1
        assert suggestion.reason
    assert help_with("缩水").suggestions[0].reason.startswith("缩水 · 确认，还没问过")


@pytest.mark.parametrize(
    ("fault", "there", "absent"),
    [
        ("店铺", "shrinkage.resolve.choice", "shrinkage.resolve.care"),
        ("顾客", "shrinkage.resolve.care", "shrinkage.resolve.choice"),
    ],
)
def test_conditions(fault: str, there: str, absent: str) -> None:
    found = ids(help_with("缩水了", stage="resolve", facts={"责任": fault}))
    assert there in found
    assert absent not in found


def test_an_unknown_fact_ranks_lower_without_excluding() -> None:
    found = ids(help_with("缩水了", stage="resolve"))
    assert found.index("shrinkage.resolve.hold") < found.index("shrinkage.resolve.choice")


def test_expired_scripts_are_not_offered() -> None:
    assert "shrinkage.resolve.old" not in ids(help_with("缩水了", stage="resolve", limit=20))


def test_no_apology_unless_the_shop_is_at_fault() -> None:
    assert "shrinkage.apologise.own" not in ids(help_with("缩水了", stage="apologise", limit=20))
    found = ids(help_with("缩水了", stage="apologise", limit=20, facts={"责任": "店铺"}))
    assert found[0] == "shrinkage.apologise.own"


def test_no_second_apology() -> None:
    said = "客服真的很抱歉，是我们的质量问题"
    found = ids(help_with("缩水了", "缩水", said, stage="apologise", limit=20, facts={"责任": "店铺"}))
    assert "shrinkage.apologise.own" not in found


@pytest.mark.parametrize(
    "before", [("缩水了", "客服麻烦拍张照片看看"), ("缩水了[图片]",)], ids=["asked already", "known already"]
)
def test_nothing_is_asked_twice(before: tuple[str, ...]) -> None:
    assert "shrinkage.confirm.photo" not in ids(help_with("嗯", *before, stage="confirm", limit=20))


def test_no_sentence_is_sent_twice() -> None:
    sent = "客服想问一下您当时是手洗还是机洗的呢？"
    found = help_with("嗯", "缩水了", sent, stage="confirm", limit=20)
    assert "shrinkage.confirm.wash" not in ids(found)


def test_a_script_sent_is_known_with_its_acts() -> None:
    sent = Turn("agent", "新毛衣洗一次就小了换谁都心疼。\n麻烦把毛衣平铺拍一张给我看看。")
    state = assistant().read([Turn("customer", "缩水"), sent])
    assert state.sent_scripts == {"shrinkage.confirm.photo"}
    assert state.awaiting == ("照片",)


def test_the_requested_tone() -> None:
    found = help_with("缩水了", tone="正式", limit=1)
    assert found.suggestions[0].script_id == "shrinkage.confirm.formal"
    assert found.suggestions[0].tone == "正式"


def test_risks_first() -> None:
    found = help_with("缩水了，我打12315")
    assert ids(found)[0] == "authority_complaint.confirm.calm"
    assert [(risk.id, risk.banner, risk.advice) for risk in found.risks] == [
        ("authority_complaint", True, ("十分钟内告诉主管",))
    ]


def test_the_wish_for_the_lead_first() -> None:
    assert ids(help_with("缩水了，叫老板来"))[0] == "escalate_human.answer.lead"


def test_two_parts_of_follow_up() -> None:
    offer = "客服给您退货退款或者换货，您看选哪个"
    first = help_with("好的", "缩水了", offer)
    assert (first.stage.id, ids(first)[0]) == ("follow_up", "shrinkage.follow_up.how")  # type: ignore[union-attr]
    later = help_with("好的", "缩水了", offer, "好的", "客服您点申请售后，原因选质量问题")
    assert ids(later)[0] == "shrinkage.follow_up.back"


def test_questions_get_answers_only() -> None:
    assert ids(help_with("羊毛怎么洗")) == ["ask_care.answer.cold"]


def test_nothing_recognised() -> None:
    calm = help_with("啊")
    assert (calm.analysis.abstained, ids(calm)) == ("nothing_found", ["common.answer.clarify"])
    assert ids(help_with("气死"))[0] == "common.listen.hear"


def test_values_and_blanks() -> None:
    found = help_with("毛衣缩水", stage="resolve")
    hold = next(one for one in found.suggestions if one.script_id == "shrinkage.resolve.hold")
    assert hold.bubbles == ("我去问质检，〔时限〕前回您，电话 〔客服电话〕。",)
    assert hold.missing == ("时限", "客服电话")
    for blank in hold.blanks:
        assert hold.bubbles[blank.bubble][blank.start : blank.end] == f"〔{blank.name}〕"
    found = help_with(
        "毛衣缩水", stage="resolve", shop="second", tone="亲切", slots={"时限": "今天 18:00 前"}
    )
    hold = next(one for one in found.suggestions if one.script_id == "shrinkage.resolve.hold")
    assert (hold.text, hold.missing) == ("我去问质检，今天 18:00前回您，电话 400-1。", ())


def test_the_shops_limits_for_goods_that_are_named() -> None:
    shop = content().shop.model_copy(
        update={"limits": {"羊绒": "先送检再谈补偿", "定制款": "有质量问题照样退换"}}
    )
    careful = Assistant(replace(content(), shops={shop.id: shop}), WordEngine(), 1)
    earlier = (Turn("customer", "羊绒衫缩水了"), Turn("agent", "亲，拍张照片看看"))
    for turns, message in (((), "羊绒衫缩水了"), (earlier, "照片发了")):
        advice = careful.suggest(SuggestRequest(message), turns).guidance.do
        assert [line for line in advice if "：" in line] == ["羊绒：先送检再谈补偿"]
    assert "羊绒：先送检再谈补偿" not in careful.suggest(SuggestRequest("外套缩水了")).guidance.do


def test_the_product_named_earlier() -> None:
    found = help_with("缩水了", "上次买的毛衣", "客服怎么了呢", stage="confirm", limit=20)
    assert any("把毛衣平铺" in one.text for one in found.suggestions)
    assert [(slot.value, slot.origin) for slot in found.slots] == [("毛衣", "conversation")]


def test_facts_in_the_text() -> None:
    assert "附上照片" in help_with("缩水", stage="follow_up").suggestions[0].text
    assert "照片已经有了" in help_with("缩水[图片]", stage="follow_up").suggestions[0].text


@pytest.mark.parametrize(
    ("message", "facts", "words"),
    [
        ("縮水了", {}, "換誰都心疼"),
        ("縮水了", {"地区": "香港"}, "換誰都心疼"),
        ("缩水了", {"地区": "台湾"}, "換誰都心疼"),
        ("縮水了", {"地区": "大陆"}, "換誰都心疼"),
        ("缩水了", {}, "换谁都心疼"),
    ],
)
def test_characters_of_the_customer(message: str, facts: dict[str, str | int], words: str) -> None:
    found = help_with(message, facts=facts, intents=("shrinkage",))
    assert any(words in suggestion.text for suggestion in found.suggestions)


def test_blanks_stay_right_in_traditional() -> None:
    found = help_with("縮水", stage="resolve", facts={"地区": "台湾"}, intents=("shrinkage",))
    hold = next(one for one in found.suggestions if one.script_id == "shrinkage.resolve.hold")
    assert "質檢" in hold.text
    for blank in hold.blanks:
        assert hold.bubbles[blank.bubble][blank.start : blank.end] == f"〔{blank.name}〕"


def test_an_agents_correction() -> None:
    found = help_with("缩水了", intents=("pilling",))
    assert [intent.id for intent in found.analysis.intents] == ["pilling"]
    assert ids(found)[0] == "pilling.confirm.where"
    nothing = help_with("缩水了", intents=())
    assert (nothing.analysis.intents, nothing.analysis.abstained) == ((), "nothing_found")
    chosen = help_with("缩水了", stage="follow_up")
    assert chosen.stage is not None
    assert (chosen.stage.id, chosen.suggestions[0].stage) == ("follow_up", "follow_up")


@pytest.mark.parametrize("wrong", [{"shop": "nowhere"}, {"intents": ("nothing",)}])
def test_what_the_release_does_not_have(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidRequest, match="没有"):
        help_with("缩水", **wrong)


def test_evidence_stays_with_the_latest_message() -> None:
    found = help_with("还起球", "缩水了")
    assert [(one.id, [span.text for span in one.evidence]) for one in found.analysis.intents] == [
        ("pilling", ["起球"]),
        ("shrinkage", []),
    ]


def test_only_enabled_packs() -> None:
    found = Assistant(content(), WordEngine(), 1, ("common",)).suggest(SuggestRequest("缩水了", limit=20))
    assert all(suggestion.script_id.startswith("common.") for suggestion in found.suggestions)


def test_variants_differ() -> None:
    script = content().scripts["shrinkage.confirm.photo"]
    twin = script.model_copy(
        update={"id": "shrinkage.confirm.twin", "bubbles": ("再拍一张照片给我吧，谢谢您。",)}
    )
    scripts = {script.id: script, twin.id: twin, **content().scripts}
    found = Assistant(replace(content(), scripts=scripts), WordEngine(), 1).suggest(SuggestRequest("缩水了"))
    assert ids(found)[:3] == ["shrinkage.confirm.photo", "shrinkage.confirm.wash", "shrinkage.confirm.twin"]


@given(
    st.text(max_size=60),
    st.dictionaries(st.sampled_from(["商品", "时限", "客服电话", "称呼"]), st.text(max_size=30)),
)
def test_any_text_and_any_value(message: str, slots: dict[str, str]) -> None:
    found = assistant().suggest(
        SuggestRequest("缩水" + message, slots=slots, limit=20, stage="resolve"), now=NOW
    )
    assert found.suggestions
    for suggestion in found.suggestions:
        for blank in suggestion.blanks:
            assert suggestion.bubbles[blank.bubble][blank.start : blank.end] == f"〔{blank.name}〕"
        assert "{{" not in suggestion.text or any("{{" in value for value in slots.values())


@pytest.mark.parametrize(
    ("name", "typed", "used"),
    [
        ("时限", "今天 18:00 前", "今天 18:00"),
        ("时限", "明天之前", "明天"),
        ("金额", "20 元", "20"),
        ("原因", "缺货前", "缺货前"),
    ],
)
def test_a_value_does_not_repeat_what_scripts_say_after_it(name: str, typed: str, used: str) -> None:
    assert values_for({}, [Slot(name, typed, origin="typed")])[name] == used


def test_an_amount_the_customer_demands_is_none_we_offer() -> None:
    assert "金额" not in values_for({}, [Slot("金额", "50", 0, 2, "message")])
