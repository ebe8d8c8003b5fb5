from __future__ import annotations

import pytest

from app.later import Later
from app.pinyin import syllable

pypinyin = Later("pypinyin")


@pytest.mark.parametrize(
    ("text", "reading"), [("缩水", "suo shui"), ("起球", "qi qiu"), ("女", "nv"), ("颜色", "yan se")]
)
def test_reads_common_words(text: str, reading: str) -> None:
    assert " ".join(syllable(char) for char in text) == reading


@pytest.mark.parametrize("char", ["a", "1", "，", "😊", "", "缩水"])
def test_anything_else_has_no_reading(char: str) -> None:
    assert syllable(char) == ""


def test_agrees_with_pypinyin_on_the_trade_words() -> None:
    text = "毛衣缩水起球掉毛开线破洞退货退款换货快递物流运费补偿差评客服质量面料拉链扣子"
    assert [syllable(char) for char in text] == pypinyin.lazy_pinyin(text)
