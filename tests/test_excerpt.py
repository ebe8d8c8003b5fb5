"""Pasted chats become turns of both sides."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.reply.excerpt import parse_excerpt

ZONE = ZoneInfo("Asia/Shanghai")
C, A = "customer", "agent"


def turns(text: str, **more: object) -> list[tuple[str | None, str]]:
    found = parse_excerpt(text, zone=ZONE, **more)  # type: ignore[arg-type]
    return [(turn.role, turn.text) for turn in found.turns]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("小鱼儿 (2026-11-22 10:03:15):\n在吗\n某某旗舰店:小美 (2026-11-22 10:03:40):\n在的亲", [(C, "在吗"), (A, "在的亲")]),
        ("tb123456 2026-11-22 10:03:15\n毛衣缩水了\n客服小美 2026-11-22 10:04:01\n您别急", [(C, "毛衣缩水了"), (A, "您别急")]),
        ("客服小美 10:03\n您好\n阿May 10:04\n衣服起球", [(A, "您好"), (C, "衣服起球")]),
        ("小鱼儿：在吗\n客服：在的\n小鱼儿：衣服缩水", [(C, "在吗"), (A, "在的"), (C, "衣服缩水")]),
        ("小鱼儿:\n在吗\n\n客服小美:\n您好", [(C, "在吗"), (A, "您好")]),
        ("小鱼儿 2026/11/22 10:03\n第一行\n第二行\n\n第四行\n店长 2026/11/22 10:05\n好", [(C, "第一行\n第二行\n\n第四行"), (A, "好")]),
        ("[2026-11-22 10:03:15] 小鱼儿: 在吗\n[2026-11-22 10:03:20] 客服: 在", [(C, "在吗"), (A, "在")]),
        ("2026-11-22 10:03:15 小鱼儿\n在吗\n2026-11-22 10:03:20 售后客服\n在", [(C, "在吗"), (A, "在")]),
        ("10:03 小鱼儿：在吗\n10:04 客服：在", [(C, "在吗"), (A, "在")]),
        ("小鱼儿 昨天 10:03\n在吗\n客服 昨天 10:05\n在", [(C, "在吗"), (A, "在")]),
        ("小鱼儿 11-22 10:03:15\n在吗\n客服 11-22 10:05:00\n在", [(C, "在吗"), (A, "在")]),
        ("小鱼儿 2026年11月22日 10:03\n在吗\n客服 2026年11月22日 10:05\n在", [(C, "在吗"), (A, "在")]),
        ("小鱼儿 下午 3:05\n在吗\n客服 下午 3:06\n在", [(C, "在吗"), (A, "在")]),
        ("小鱼儿\n10:03\n在吗\n客服小美\n10:04\n在的", [(C, "在吗"), (A, "在的")]),
        ("—— 2026-11-22 ——\n小鱼儿 10:03\n在吗\n以下为新消息\n客服 10:05\n在", [(C, "在吗"), (A, "在")]),
        ("小鱼儿 10:03\n在吗\n已读\n客服 10:05 已读\n在", [(C, "在吗"), (A, "在")]),
        ("买家：在吗\n卖家：在", [(C, "在吗"), (A, "在")]),
        ("我：您好\n小鱼儿：缩水了\n我：拍张照", [(A, "您好"), (C, "缩水了"), (A, "拍张照")]),
        ("t***3 2026-11-22 10:03:15\n[图片]\n官方客服 2026-11-22 10:03:16\n收到", [(C, "[图片]"), (A, "收到")]),
        ("jd_5f3a 2026-11-22 10:03:15\n发货没\n京东小二 2026-11-22 10:03:16\n查一下", [(C, "发货没"), (A, "查一下")]),
        ("用户3847 10:03\n订单号：2233445566\n客服 10:04\n好", [(C, "订单号：2233445566"), (A, "好")]),
        ("小鱼儿 10:03:15\n缩水了\n对方撤回了一条消息\n客服 10:04:00\n您说", [(C, "缩水了"), (C, "对方撤回了一条消息"), (A, "您说")]),
        ("客服 10:03\n打错了\n你撤回了一条消息\n小鱼儿 10:04\n?", [(A, "打错了"), (A, "你撤回了一条消息"), (C, "?")]),
        ("客服 10:03\n您好\n客服 10:04\n在吗", [(A, "您好"), (A, "在吗")]),
        ("小鱼儿（2026-11-22 10:03:15）\r\n在吗\r\n客服（2026-11-22 10:03:16）\r\n在", [(C, "在吗"), (A, "在")]),
        ("小鱼儿 2026-11-22 10:03:15: 在吗\n客服 2026-11-22 10:03:15: 在", [(C, "在吗"), (A, "在")]),
        ("小鱼儿 10:03 AM\n在吗\n客服 10:04 AM\n在", [(C, "在吗"), (A, "在")]),
        ("小鱼儿 说：在吗\n客服 说：在", [(C, "在吗"), (A, "在")]),
        ("Amy Li 2026-11-22 10:03:15\nhello\n客服小美 2026-11-22 10:03:18\n您好", [(C, "hello"), (A, "您好")]),
        ("小鱼儿 10:03\n\n客服 10:04\n在吗", [(A, "在吗")]),
    ],
)  # fmt: skip
def test_both_sides(text: str, expected: list[tuple[str, str]]) -> None:
    assert turns(text) == expected
    assert parse_excerpt(text).needs_side == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n\n",
        "上次买的毛衣缩水了还起球，那么贵",
        "毛衣缩水了\n还起球\n怎么办",
        "订单号：2233445566778899",
        "尺码：L\n颜色：黑色\n身高：165\n体重：110",
        "收件人：张三\n电话：13812345678\n地址：杭州市余杭区",
        "我昨天 10:03 收到的",
        "衣服是昨天 10:03",
        "下单时间 2026-11-22 10:03:15",
        "订单时间：2026-11-22 10:03:15\n商品：毛衣",
        "问题：缩水了",
        "10:03",
        "https://item.taobao.com/item.htm?id=1",
        "注意：不要机洗",
        "::::\n：：：\n:",
        "我说：你们到底管不管",
    ],
)
def test_a_message_is_no_excerpt(text: str) -> None:
    assert parse_excerpt(text).turns == ()


def test_unknown_names_are_asked_about() -> None:
    text = "小鱼儿 10:03\n在吗\n小美 10:04\n在的"
    found = parse_excerpt(text)
    assert found.needs_side == ("小鱼儿", "小美")
    assert [turn.role for turn in found.turns] == [None, None]
    assert turns(text, sides={"小美": "agent"}) == [(C, "在吗"), (A, "在的")]
    assert turns(text, shop_names=["小美"]) == [(C, "在吗"), (A, "在的")]
    assert turns(text, customer_names=["小鱼儿"]) == [(C, "在吗"), (A, "在的")]


def test_a_shops_sub_accounts_begin_with_its_name() -> None:
    text = "小鱼儿 10:03\n在吗\n甲店:小美 10:04\n在的\n甲店:小王 10:05\n我来"
    assert [role for role, _ in turns(text, shop_names=["甲店"])] == [C, A, A]


def test_one_sided() -> None:
    assert turns("tb123456 10:03\n在吗\ntb123456 10:04\n人呢") == [(C, "在吗"), (C, "人呢")]
    assert parse_excerpt("小鱼儿 10:03\n在吗\n小鱼儿 10:04\n人呢").needs_side == ("小鱼儿",)


def test_times_and_names() -> None:
    [first, second] = parse_excerpt(
        "小鱼儿 (2026-11-22 10:03:15):\n在吗\n客服 下午 3:05\n在", zone=ZONE
    ).turns
    assert first.name == "小鱼儿"
    assert first.sent_at is not None
    assert first.sent_at.isoformat() == "2026-11-22T10:03:15+08:00"
    assert second.sent_at is None


def test_the_same_paste_has_the_same_ids() -> None:
    text = "小鱼儿：在吗\n客服：在\n小鱼儿：在吗"
    first, again = parse_excerpt(text), parse_excerpt(text + "\n客服：您说")
    ids = [turn.message_id for turn in first.turns]
    assert len(set(ids)) == 3
    assert [turn.message_id for turn in again.turns][:3] == ids


@settings(deadline=None, max_examples=200)
@given(st.text(alphabet="小鱼儿客服 :：\n10:0321-()（）在吗订单已读撤回一条消息\r\u2028", max_size=120))
def test_any_text(text: str) -> None:
    found = parse_excerpt(text, zone=ZONE)
    assert all(turn.text for turn in found.turns)


@pytest.mark.parametrize(
    "piece",
    [
        " ",
        "\u3000\t",
        " -",
        "—",
        "· ",
        "1",
        "12:",
        "10:30 ",
        "a: ",
        "[",
        "2026-11-22 ",
        "客服：",
        "撤回",
        "系统消息：",
        "接入",
    ],
)
def test_long_garbage_is_taken_apart_at_once(piece: str) -> None:
    text = piece * (60_000 // len(piece))
    for end in ("", "x", " 10:30", "："):
        parse_excerpt(text + end)
    parse_excerpt(f"{piece * 90}x\n" * (60_000 // (len(piece) * 90 + 2)))
