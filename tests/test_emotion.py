"""The tone of a message: word lists, the fitted numbers, odd input."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from app.content.model import Emotions
from app.nlu import emotion
from app.nlu.emotion import FIERCE, LISTS, EmotionReader
from app.nlu.text import normal_words, normalise
from app.types import IntentMatch

ROOT = Path(__file__).parent.parent
READER = EmotionReader(Emotions(mild=("有点失望",), strong=("气死",), fierce=("你个鳖孙",), calm=("谢谢",)))


def level(text: str, *intents: IntentMatch) -> int:
    return READER.read(normalise(text), intents).level


def broken(name: str) -> IntentMatch:
    return IntentMatch(name, name, "complaint", "quality", 0.9, ())


def test_no_shipped_word_is_read_as_a_single_character_of_everyday_words() -> None:
    """嬲 is read as 气, which 天气, 空气层 and 客气 hold."""
    words = yaml.safe_load((ROOT / "intents" / "_emotion.yaml").read_text(encoding="utf-8"))
    for name in LISTS:
        short = {
            word for word, read in zip(words[name], normal_words(words[name]), strict=True) if len(read) == 1
        }
        assert short <= {"唉", "肏", "婊", "😡", "🤬", "😤", "💢"}


def test_abuse_is_fierce_whatever_else_is_said_and_shown_where_it_stands() -> None:
    found = READER.read(normalise("谢谢你个鳖孙"), ())
    assert found.level == FIERCE
    assert [(span.start, span.text) for span in found.evidence] == [(2, "你个鳖孙")]


@pytest.mark.parametrize("text", ["", "   ", "\n", "　"])
def test_nothing_said_is_calm(text: str) -> None:
    assert level(text) == 0


@pytest.mark.parametrize(
    ("calmer", "angrier"),
    [
        ("毛衣起球了", "毛衣起球了，气死了"),
        ("请问什么时候发货", "什么破店，还不发货！！！"),
        ("谢谢，裙子很好看", "裙子很好看才怪，凭什么不退，气死了"),
    ],
)
def test_words_and_marks_raise_the_tone(calmer: str, angrier: str) -> None:
    assert level(calmer, broken("pilling")) < level(angrier, broken("pilling"))


def test_more_that_is_wrong_is_never_calmer() -> None:
    complaints = [broken("pilling"), broken("fading"), broken("damage"), broken("odor")]
    levels = [level("都坏了", *complaints[:number]) for number in range(len(complaints) + 1)]
    assert all(earlier <= later for earlier, later in pairwise(levels))


@given(st.text(max_size=60))
def test_any_text_has_a_level(text: str) -> None:
    assert 0 <= level(text) <= FIERCE


def test_the_stored_numbers_are_one_for_each_level_and_name_the_lists() -> None:
    stored = json.loads(Path(emotion.__file__).with_name("emotion.json").read_text(encoding="utf-8"))
    assert all(len(weights) == FIERCE + 1 for part in stored.values() for weights in part.values())
    assert set(LISTS) <= set(stored["signals"])
    assert all(1 <= len(gram) <= 2 for gram in stored["grams"])  # noqa: PLR2004
