"""A customer's small request, or what is told, said back in the shop's words."""

from __future__ import annotations

import pytest

from app.reply.calm import calm_move
from app.reply.oblige import MAX_READ, echoed, obliged, wants_shown
from app.reply.state import ConversationState, OpenTurn


@pytest.mark.parametrize(
    ("text", "done"),
    [
        ("麻烦把吊牌收起来", "把吊牌收起来"),
        ("对了 帮我放我公司前台", "放您公司前台"),
        ("寄到单位 别放小票", "寄到单位，不放小票"),
        ("先别发 我再想想", "先不发"),
        ("你叫个同城送我家里吧", "叫个同城送您家里"),
        ("好了跟我说声", "好了跟您说声"),
        # questions, sums, remedies and what the platform forbids are never agreed to so
        ("能便宜点不", ""),
        ("再给我减二十", ""),
        ("给我退了吧", ""),
        ("加个微信转给你", ""),
        ("给我多开点发票", ""),
        ("周三以后吧", ""),
        ("没人给我打电话", ""),
        ("放柜子里半年了", ""),
        ("也行吧", ""),
    ],
)
def test_a_request_is_said_back(text: str, done: str) -> None:
    assert obliged(text) == done


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("领口要圆的 别太低", "领口要圆的，别太低"),
        ("我要xl 我老公l", "您要XL，您老公L"),
        ("多少钱", ""),
        ("电话13800000000", ""),
        ("垃圾", ""),
    ],
)
def test_what_is_told_is_said_back(text: str, told: str) -> None:
    assert echoed(text) == told


@pytest.mark.parametrize(
    "text",
    [
        "给我打八折", "按次品价给我", "麻烦把差的钱打我卡上", "把钱转到我微信", "帮我垫付一下", "先发货我再给钱",
        "麻烦把吊牌换成大牌的", "把收据写成五百", "申报价值写低点", "帮我刷一单", "帮我报成质量问题", "把上个顾客的地址发我",
        "把验证码告诉我", "帮我点确认收货",
    ],
)  # fmt: skip
def test_what_no_shop_may_do_is_not_agreed_to(text: str) -> None:
    assert obliged(text) == ""


def test_what_is_unlawful_is_not_said_back_either() -> None:
    assert not any(map(echoed, ("按次品价给我", "给我打八折", "报关写低一点", "把验证码发你")))
    lawful = "预算三百块", "麻烦把价签剪掉", "麻烦签收前给我打电话"
    assert all(map(echoed, lawful))


@pytest.mark.parametrize("text", ["发我瞅瞅", "样衣图发来看看", "报价单发我一下", "那件拿来试试", "收款码呢"])
def test_who_wants_to_be_shown_something(text: str) -> None:
    assert wants_shown(text)


@pytest.mark.parametrize("text", ["发货了", "拍了", "能发顺丰吗", "发吧"])
def test_who_wants_nothing_shown(text: str) -> None:
    assert not wants_shown(text)


def test_long_texts_are_left_alone() -> None:
    assert obliged("麻烦" * MAX_READ) == ""
    assert echoed("好看" * MAX_READ) == ""
    assert not wants_shown("发我看" * MAX_READ)


def test_words_said_over_and_over_are_read_at_once() -> None:
    over = OpenTurn(texts=("我家" * 200,))
    assert calm_move(ConversationState(open=over, reply="有的", agent_turns=1), "resolve") == ""
