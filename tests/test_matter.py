"""What goes along with the matter of a message, and clauses without marks between them."""

from __future__ import annotations

import pytest

from app.nlu.matter import beside, closing, partings
from app.nlu.sounds import matter, parted, unthanked
from app.nlu.text import normalise


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("订单号2384710026659,洗完短了", "洗完短了"),
        ("2384710026659 洗完短了", "洗完短了"),
        ("洗完短了 订单:2384710026659", "洗完短了"),
        ("你好,在吗 洗完短了", "洗完短了"),
        ("我想问一下,洗完短了", "洗完短了"),
        ("洗完短了,在吗", "洗完短了"),
        ("[图片]洗完短了[流泪]", "洗完短了"),
        ("洗完短了(见图)", "洗完短了"),
        ("https://item.example.com/item.htm?id=68&a=1 洗完短了", "洗完短了"),
        ("洗完短了 m.example.cn/h.5xYz", "洗完短了"),
        ("【2026冬季新款】加厚羊毛衫女 洗完短了", "洗完短了"),
        ("「加厚羊毛衫女」 点击链接直接打开 洗完短了", "洗完短了"),
        ("tb83921 2026-11-12 10:22:33\n洗完短了", "洗完短了"),
        ("【质量问题】衣服起球 退货", "【质量问题】衣服起球 退货"),
        ("亲测好用", "亲测好用"),
        ("在线等 挺急的", "在线等 挺急的"),
        ("订单号2384710026659", "订单号2384710026659"),
        ("[图片]", "[图片]"),
        ("你好,在吗", "你好,在吗"),
        ("买了12345678件,洗完短了", "买了12345678件,洗完短了"),
        ("", ""),
    ],
)
def test_beside(text: str, kept: str) -> None:
    assert matter(normalise(text)).text.strip(" ,:\n") == kept


def test_places_lead_to_the_original() -> None:
    message = parted(matter(normalise("[图片]洗完短了【2026新款】羊毛衫 袖子也破了")))
    at = message.text.index("袖子")
    assert message.span(at, at + 2).text == "袖子"
    assert message.span(0, len(message.text)).text == message.original


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("请开发票,谢谢", "请开发票,"),
        ("请开发票 麻烦您了!", "请开发票 "),
        ("谢谢", "谢谢"),
        ("谢谢你们送的袜子", "谢谢你们送的袜子"),
        ("麻烦帮我改下地址", "麻烦帮我改下地址"),
    ],
)
def test_closing(text: str, kept: str) -> None:
    message = normalise(text)
    assert unthanked(message).text == kept == message.text[: closing(message.text)]


def test_clauses_without_marks() -> None:
    text = "衣服洗了一次就缩水了而且袖口还起球客服也不回消息"
    assert partings(text) == [10, 17]
    assert parted(normalise(text)).text == "衣服洗了一次就缩水了 而且袖口还起球 客服也不回消息"
    assert partings("洗了一次就缩水了,而且起球") == []
    assert parted(normalise("开衫缩水了能退吗")).text == "开衫缩水了 能退吗"
    assert parted(normalise("袖口磨破个洞给我换一件")).text == "袖口磨破个洞 给我换一件"
    assert partings("不能退吗") == partings("七天内能换吗") == partings("好了能穿") == []
    assert partings("客服客服客服客服客服客服客服客服") == [6]


@pytest.mark.parametrize(
    "text",
    [
        "[" * 4000,
        "谢" * 4000,
        "1" * 4000,
        "【款" * 2000,
        "「" * 4000,
        "我想问" * 1300,
        "a." * 2000,
        "亲亲亲 " * 900 + "x",
        "在不在" * 1200 + "x",
        "【款" * 2000 + "】",
    ],
)
def test_long_oddities_are_read_once(text: str) -> None:
    """They come to an end at once; nothing of them is dropped that was the only thing said."""
    assert beside(text) == [] or beside(text)[0][0] >= 0
    assert 0 <= closing(text) <= len(text)
    assert all(0 < at < len(text) for at in partings(text))
