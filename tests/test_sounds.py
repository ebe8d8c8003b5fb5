"""Slips of the keyboard and pinyin read as what they stand for, with positions kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.nlu.sounds import heard
from app.nlu.text import normalise
from tests.sample import plain


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("洗了就缩税", "洗了就缩水"),
        ("衣服起逑", "衣服起球"),
        ("我要推货", "我要退货"),
        ("tui货", "退货"),
        ("diao se好严重", "掉色好严重"),
        ("wo要tuikuan", "我要退款"),
        ("气球", "气球"),
        ("别发火", "别发火"),
        ("克服困难", "克服困难"),
        ("一起求你", "一起求你"),
        ("有没有发活动", "有没有发活动"),
        ("nice", "nice"),
        ("XL码", "xl码"),
    ],
)
def test_reading(typed: str, meant: str) -> None:
    assert heard(normalise(typed), plain()).text == meant


def test_evidence_points_at_what_was_typed() -> None:
    message = heard(normalise("太 tuihuo 了"), plain())
    at = message.text.index("退货")
    assert message.span(at, at + 2).text.strip() == "tuihuo"


@given(st.text(alphabet="缩税起求ab tuihuo，。退货掉色se\u200b", max_size=40))
def test_every_character_stands_somewhere(text: str) -> None:
    message = heard(normalise(text), plain())
    for at in range(len(message.text)):
        span = message.span(at, at + 1)
        assert 0 <= span.start <= span.end <= len(text)
