"""What a conversation's turns add up to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reply import answers
from app.reply.acts import recognise, spoken
from app.reply.stage import decide
from app.reply.state import ConversationState, hear, speak
from app.types import Act, Slot
from app.values import replace
from app.vocabulary import STAGES
from tests.sample import KIND, analysis, match


@pytest.mark.parametrize(
    ("text", "asked", "answers_"),
    [
        ("机洗的", ["洗过", "照片"], ["洗过"]),
        ("[图片]", ["洗过", "照片", "有凭证"], ["照片", "有凭证"]),
        ("[图片] 手洗的", ["洗过", "照片"], ["洗过", "照片"]),
        ("昨天收到的", ["签收天数"], ["签收天数"]),
        ("168 105斤", ["身高", "体重"], ["身高", "体重"]),
        ("XL", ["尺码"], ["尺码"]),
        ("2026110212345678", ["订单号"], ["订单号"]),
        ("吊牌都在", ["吊牌在"], ["吊牌在"]),
        ("还在", ["吊牌在"], ["吊牌在"]),
        ("没有", ["穿过"], ["穿过"]),
        ("想退", ["期望方案"], ["期望方案"]),
        ("袖子那里", ["问题描述"], ["问题描述"]),
        ("不记得了", ["洗过", "签收天数"], ["洗过", "签收天数"]),
        ("照片没有，衣服扔了", ["照片"], ["照片"]),
        ("就那样洗的呗", ["洗过"], ["洗过"]),
        ("好的", ["照片"], []),
        ("稍等", ["照片"], []),
        ("晚上回去拍给你", ["照片"], []),
        ("我去找找", ["订单号"], []),
        ("[图片]", [], []),
    ],
)
def test_answers(text: str, asked: list[str], answers_: list[str]) -> None:
    assert list(answers.answered(text, asked)) == answers_


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("昨天刚收到，没洗过", {"洗过": "否"}),
        ("机洗了一次", {"洗过": "是"}),
        ("穿了两次", {"穿过": "是"}),
        ("没穿，吊牌都在", {"穿过": "否", "吊牌在": "是"}),
        ("吊牌剪了", {"吊牌在": "否"}),
        ("三天前收到的", {"签收天数": 3}),
        ("昨天收到的", {"签收天数": 1}),
        ("你们客服推荐我拍L码", {"客服推荐尺码": "是"}),
        ("就要换一件", {"坚持换货": "是"}),
        ("在你们专柜买的", {"场所": "门店"}),
        ("[图片]", {"有凭证": "是"}),
    ],
)
def test_facts_told(text: str, facts: dict[str, str | int]) -> None:
    told = answers.told(text)
    assert {name: told.get(name) for name in facts} == facts


def test_an_open_turn_is_read_together() -> None:
    state = ConversationState()
    for text, intents in (("在吗", ["greeting"]), ("衣服缩水", ["shrinkage"]), ("还要退", ["return_refund"])):
        state = hear(state, text, analysis(text, *intents))
    assert [intent.id for intent in state.open.intents] == ["return_refund", "shrinkage", "greeting"]
    assert state.cases == ()
    state = speak(state, "麻烦拍张照片", recognise("麻烦拍张照片"))
    assert state.cases == ("return_refund", "shrinkage")
    assert state.open.texts == ()


@pytest.mark.parametrize(
    ("text", "score", "heard"),
    [
        ("[订单卡片] 还没发货 周六要穿", 0.9, True),
        ("[订单卡片] 修身毛衣 灰 m", 0.6, False),
        ("[订单卡片] 起球毛衣 ¥129 待发货", 0.9, False),
    ],
)
def test_words_beside_a_card_are_the_customers_own(text: str, score: float, heard: bool) -> None:
    found = replace(analysis(text), intents=(match("pilling", score),))
    state = hear(ConversationState(), text, found)
    assert bool(state.open.intents) is heard


def test_moving_on_ends_waiting() -> None:
    state = hear(ConversationState(), "缩水", analysis("缩水", "shrinkage"))
    state = speak(state, "", [Act("asked", "照片"), Act("asked", "洗过")])
    assert state.missing == ("照片", "洗过")
    state = hear(state, "手洗的", analysis("手洗的", "provide_info"))
    assert state.missing == ("照片",)
    assert state.facts["洗过"] == "是"
    state = speak(state, "", [Act("offered", "换货")])
    assert state.missing == ()
    assert state.offers == ("换货",)


def test_refusals_are_counted() -> None:
    state = hear(ConversationState(), "缩水", analysis("缩水", "shrinkage"))
    for number in (1, 2):
        state = speak(state, "", [Act("offered", "部分退款")])
        state = hear(state, "不行", analysis("不行", "reject_solution"))
        assert state.refusals == number - 1
    assert speak(state, "", []).refusals == 2


@pytest.mark.parametrize(
    ("levels", "trend"),
    [
        ([1], "flat"),
        ([0, 2], "rising"),
        ([2, 1], "falling"),
        ([1, 1], "flat"),
        ([0, 0, 1, 2], "rising"),
        ([2, 2, 0, 2], "flat"),
        ([0, 2, 2], "rising"),
        ([2, 2, 2], "flat"),
        ([0, 3, 0], "falling"),
        ([1, 2, 2, 2, 2], "flat"),
    ],
)
def test_trend(levels: list[int], trend: str) -> None:
    state = ConversationState()
    for level in levels:
        state = hear(state, "唉", analysis("唉", emotion=level))
    assert state.trend == trend


def test_remembers_slots_and_sentences() -> None:
    slot = Slot("订单号", "123456789", 0, 9)
    state = hear(ConversationState(), "123456789", analysis("123456789", "provide_info", slots=(slot,)))
    state = speak(state, "我马上帮您核实这一单。好的", [])
    assert state.slots == (slot,)
    assert state.sent == {"我马上帮您核实这一单"}
    assert spoken("好的。嗯！") == ()


TURNS = st.lists(
    st.one_of(
        st.tuples(
            st.just("c"),
            st.text(max_size=40),
            st.lists(st.sampled_from(sorted(KIND)), max_size=3, unique=True),
        ),
        st.tuples(
            st.just("a"),
            st.sampled_from(
                [
                    "麻烦拍张照片",
                    "给您退货退款",
                    "我去查一下",
                    "没办法给您退",
                    "您点申请售后",
                    "祝您生活愉快",
                    "",
                ]
            ),
            st.just([]),
        ),
    ),
    max_size=12,
)


@given(TURNS, st.integers(0, 3))
def test_any_conversation_has_a_stage(turns: list[tuple[str, str, list[str]]], emotion: int) -> None:
    state = ConversationState()
    for role, text, intents in turns:
        if role == "a":
            state = speak(state, text, recognise(text))
            assert state.open.texts == ()
            assert set(state.missing) <= state.asked
            continue
        before = state
        state = hear(state, text, analysis(text, *intents, emotion=emotion))
        assert set(state.open.answered) <= set(before.awaiting)
        decision = decide(state, {})
        assert decision.id in STAGES
        assert decision.reason
        assert "answer" not in decision.done


@pytest.mark.parametrize("part", ["没", "还没", "就换", "[图片", "1", "上", "好的吧", "收到", "等"])
def test_long_repetition_comes_to_an_end(part: str) -> None:
    text = part * 4000
    answers.answered(text, ["照片", "洗过", "签收天数", "地址"])
    answers.told(text)
    hear(ConversationState(offers=("换货",), due=True, agent_turns=1), text, analysis(text))
