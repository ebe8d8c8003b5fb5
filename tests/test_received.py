"""What pictures, stickers, links, cards and recalled messages stand for."""

from __future__ import annotations

import pytest

from app.reply.received import Received, attached, is_recall, receive, without_recalled
from app.types import Turn
from tests.sample import assistant


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("[图片]", "[图片]"),
        ("[照片]", "[图片]"),
        ("【图片】", "[图片]"),
        ("<image>", "[图片]"),
        ("[图片1]", "[图片]"),
        ("[IMG_2034.jpg]", "[IMG_2034.jpg]"),
        ("你看[视频]", "你看[视频]"),
        ("[video]", "[视频]"),
        ("好的[呲牙]", "好的"),
        ("[捂脸][捂脸]怎么办", "怎么办"),
        ("[语音]", ""),
        ("看这个 https://item.taobao.com/item.htm?id=612345678901 掉色", "看这个 [链接] 掉色"),
        ("这款www.abc.com/1还有吗", "这款[链接]还有吗"),
        ("[订单] 订单号：2233445566778899", "订单  订单号：2233445566778899"),
        ("[订单号:2233445566778899]", "订单号:2233445566778899"),
        ("对方撤回了一条消息", ""),
        ("衣服(左袖)破了", "衣服(左袖)破了"),
        ("尺码[大]一码", "尺码[大]一码"),
        ("缩水了", "缩水了"),
    ],
)
def test_marks_keep_every_place(text: str, read: str) -> None:
    received = receive(text)
    assert len(received.text) == len(text)
    assert "".join(received.text.split()) == "".join(read.split())


@pytest.mark.parametrize(
    "text", ["[呲牙]", "[捂脸] [流泪]", "😊", "😭😭", "[语音]", "", " ", "小鱼儿撤回了一条消息", "~"]
)
def test_what_says_nothing(text: str) -> None:
    assert not receive(text).says


@pytest.mark.parametrize(
    "text", ["[图片]", "???", "？", "...", "1", "好[呲牙]", "😡退钱", "[链接]", "[微笑着]"]
)
def test_what_says_something(text: str) -> None:
    assert receive(text).says


@pytest.mark.parametrize(
    ("text", "recalled"),
    [
        ("对方撤回了一条消息", True),
        ("小鱼儿 撤回了一条消息", True),
        ("「小鱼儿」撤回了一条消息", True),
        ("你撤回了一条消息 重新编辑", True),
        ("[此消息已撤回]", True),
        ("该消息已被撤回", True),
        ("你刚才撤回的是什么", False),
        ("你怎么撤回了一条消息，说的什么", False),
        ("货还能撤回吗", False),
    ],
)
def test_recalls(text: str, recalled: bool) -> None:
    assert is_recall(text) is recalled


def texts(*turns: Turn) -> list[tuple[str, str]]:
    return [(turn.role, turn.text) for turn in without_recalled(turns)]


def test_a_recalled_message_was_never_said() -> None:
    first, second = Turn("customer", "毛衣缩水"), Turn("customer", "退货")
    note = Turn("customer", "对方撤回了一条消息")
    assert texts(first, second, note) == [("customer", "毛衣缩水"), ("customer", "")]
    assert texts(first, Turn("agent", "您好"), note) == [("agent", "您好"), ("customer", "")]
    assert texts(first, Turn("agent", "您好"), Turn("agent", "你撤回了一条消息")) == [
        ("customer", "毛衣缩水")
    ]
    assert texts(note) == [("customer", "")]


def test_a_recall_that_names_its_message() -> None:
    turns = (
        Turn("customer", "毛衣缩水", message_id="1"),
        Turn("customer", "退货", message_id="2"),
        Turn("customer", "", attachments=({"type": "recall", "name": "1"},)),
    )
    assert texts(*turns) == [("customer", "退货"), ("customer", "")]


def test_attachments() -> None:
    assert attached([{"type": "image"}, {"type": "image"}, {"type": "sticker"}]) == ("[图片]",)
    assert attached([{"type": "order", "name": "2233445566778899"}]) == ("订单号 2233445566778899",)
    assert attached([{"type": "unheard-of"}]) == ()


def test_a_sticker_changes_nothing_in_a_conversation() -> None:
    helper = assistant()
    asked = (Turn("customer", "毛衣缩水"), Turn("agent", "麻烦拍张照片看看"))
    before = helper.read(asked)
    after = helper.read((*asked, Turn("customer", "[呲牙]")))
    assert after.missing == before.missing
    assert after.open.texts == ()
    assert after.emotions == before.emotions
    assert helper.read((*asked, Turn("customer", "", attachments=({"type": "image"},)))).missing == ()


@pytest.mark.parametrize("text", ["👌", "[OK]", "👍🏻👍🏻", "[强][强]"])
def test_a_thumb_up_says_yes(text: str) -> None:
    assert receive(text) == Received("好".ljust(len(text)))


def test_a_recalled_complaint_is_gone() -> None:
    state = assistant().read((Turn("customer", "毛衣缩水"), Turn("customer", "对方撤回了一条消息")))
    assert state.open.intents == ()
