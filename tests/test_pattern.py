"""The pattern language, and matching that stays linear whatever a pattern's author writes."""

import pytest

from app.content.pattern import parse
from app.nlu.match import PatternSet

CLASSES = {"洗": ("洗", "过水"), "商品": ("衣服", "裤子")}


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("掉色", "又掉色了", ["掉色"]),
        ("掉色|褪色", "褪色", ["褪色"]),
        ("<洗> …8 短了|小了", "洗了一次就短了", ["洗了一次就短了"]),
        ("<洗> …8 短了", "洗了。短了", []),
        ("<洗> …2 短了", "洗了好多次短了", []),
        ("<商品> 破了", "衣服破了", ["衣服破了"]),
        ("<商品> 破了", "衣服又破了", []),
        ("掉色 !手", "掉色,手都蓝了", ["掉色"]),
        ("掉色 !手", "手上掉色", []),
        ("^ 好的|行 $", "好的！", ["好的"]),
        ("^ 好的|行 $", "好的吗", []),
        ("^ 好的|行 $", "不好的", []),
        ("^ 好的 …2 $", "好的亲亲", ["好的"]),
        ("^ 好的 …2 $", "好的但是不行", []),
        ("退 … 钱", "退我的钱", ["退我的钱"]),
        ("XL", "xl码", ["xl"]),
        ("縮水", "缩水", ["缩水"]),
    ],
)
def test_matching(pattern: str, text: str, found: list[str]) -> None:
    assert [text[hit.start : hit.end] for hit in PatternSet([parse(pattern, CLASSES)]).find(text)] == found


@pytest.mark.parametrize(
    ("pattern", "complaint"),
    [
        ("", "至少要有一个词"),
        ("…4 掉色", "不能放在最前面"),
        ("掉色 …4", "后面还要有词"),
        ("掉 …4 !没", "后面还要有词"),
        ("掉 … …3 色", "不能挨着"),
        ("掉 …13 色", "1 到 12"),
        ("<没有的> 掉色", "没有「没有的」这个词类"),
        ("掉色|", "「|」两边"),
        ("!没", "至少要有一个词"),
        ("掉色 ^", "「^」只能放在最前面"),
        ("掉色 $ 好", "要放在最后"),
        ("a b c d e f g h i", "太长"),
        ("掉…色", "要和词用空格隔开"),
        ("|".join(f"词{n}" for n in range(601)), "词太多"),
    ],
)
def test_malformed_patterns_say_what_is_wrong(pattern: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint.replace("|", r"\|").replace("^", r"\^")):
        parse(pattern, CLASSES)


def test_the_worst_pattern_on_the_worst_text_is_bounded() -> None:
    worst = PatternSet(
        [
            parse("啊 " + "…12 啊 " * 6 + "…12 吧", {}),
            parse("啊|啊啊|啊啊啊 …12 啊啊|啊啊啊 …12 啊啊啊啊", {}),
        ]
    )
    assert len(worst.find("啊" * 4000)) <= 4000


def test_an_anchor_looks_at_every_word_that_could_start_the_message() -> None:
    assert PatternSet([parse("^ 在|在不在 $", {})]).find("在不在")
