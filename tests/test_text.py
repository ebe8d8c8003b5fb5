"""Normalising keeps positions: whatever is found can be marked in the text as received."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.nlu.bags import Bags
from app.nlu.features import LONG_WORD, Spotter
from app.nlu.text import Tokeniser, clauses, normal_words, normalise
from app.nlu.words import dictionary
from tests.sample import plain

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize(
    ("original", "normal"),
    [
        ("這件衣服掉色，洗完縮水了", "这件衣服掉色,洗完缩水了"),
        ("ＡＢＣ１２３", "abc123"),
        ("T恤 XXL", "t恤 xxl"),
        ("差差差差差差", "差差差"),
        ("123333333", "123333333"),
        ("掉\u200b色", "掉色"),
        ("[数字x]天了还不补差#E-s[数字x]", "0天了还不补差 "),
        ("[ORDERID_20251107]", "订单号"),
        ("[姓名x]之家", "某之家"),
        ("甚至著名", "甚至著名"),
        ("起毬了", "起球了"),
        ("", ""),
    ],
)
def test_spelling(original: str, normal: str) -> None:
    assert normalise(original).text == normal


@given(st.lists(st.text(alphabet="縮水ＡB\n\t著甚至[数字x]差差差\u200b", max_size=6), max_size=6))
def test_many_words_are_spelt_as_one_by_one(words: list[str]) -> None:
    assert normal_words(words) == [normalise(word).text for word in words]


def test_spans_point_into_the_original() -> None:
    message = normalise("垃圾！！！！！！[数字x]次就缩水了")
    at = message.text.index("缩水")
    span = message.span(at, at + 2)
    assert message.original[span.start : span.end] == span.text == "缩水"


@given(st.text(alphabet=st.characters(), max_size=60))
def test_any_text_is_fine(original: str) -> None:
    message = normalise(original)
    whole = message.span(0, len(message.text))
    assert whole.text == original[whole.start : whole.end]
    for clause in clauses(message.text):
        span = message.span(clause.start, clause.end)
        assert 0 <= span.start < span.end <= len(original)


@pytest.mark.parametrize(
    ("text", "traditional"),
    [
        ("這件衣服縮水了", True),
        ("退貨", True),
        ("衣服缩水了，退不退？行！", False),
        ("hello", False),
        ("著", False),
        ("我想要這件的XL号缩水了没", False),
    ],
)
def test_traditional(text: str, traditional: bool) -> None:
    assert normalise(text).traditional is traditional


def test_clauses() -> None:
    found = [(clause.start, clause.end) for clause in clauses("缩水了,还起球。 差评!")]
    assert found == [(0, 3), (4, 7), (9, 11)]


Feature = tuple[str, int, int]
"""A feature's name and where it stands: text[start:end]."""


def features(text: str) -> list[Feature]:
    """What is learnt of a normalised text, as plainly as it can be said; nothing crosses a punctuation mark."""
    found = [(letter, at, at + 1) for at, letter in enumerate(text) if letter in "?!"]
    for start, end in clauses(text):
        runs = [(at, at + size) for size in (1, 2, 3) for at in range(start, end - size + 1)]
        found += [(text[at:to], at, to) for at, to in runs]
        found += [("^" + text[start], start, start + 1), (text[end - 1] + "$", end - 1, end)]
        words = plain().cut(text[start:end])
        places = [start + sum(map(len, words[:number])) for number in range(len(words) + 1)]
        found += [
            (f"w:{word}", places[number], places[number + 1])
            for number, word in enumerate(words)
            if len(word) > LONG_WORD
        ]
        found += [
            (f"{one} {two}", places[number], places[number + 2])
            for number, (one, two) in enumerate(pairwise(words))
        ]
    return found


TEXTS = st.lists(st.sampled_from("缩水起球了?!,。^$a1 w:的毛衣\n"), max_size=40).map("".join)


@given(st.lists(TEXTS, max_size=5))
def test_what_is_learnt_is_what_is_there(texts: list[str]) -> None:
    bags = Bags(texts, plain())
    found: list[set[str]] = [set() for _ in texts]
    for name, text in zip(bags.names(bags.found), bags.of_text.tolist(), strict=True):
        found[text].add(name)
    assert found == [{name for name, _, _ in features(text)} for text in texts]


@given(TEXTS)
def test_what_is_spotted_is_what_is_learnt(text: str) -> None:
    found = features(text)
    spotter = Spotter({name for name, _, _ in found}, plain())
    known = {name: row for row, name in enumerate(spotter.names)}
    whole, *parts = spotter.parts(text)
    assert {(place.row, place.start, place.end) for place in spotter.places(whole, whole.rows)} == {
        (known[name], start, end) for name, start, end in found
    }
    assert len(whole.rows) == len(set(whole.rows)) == len(known)
    for part, clause in zip(parts, clauses(text) if parts else (), strict=True):
        own = {known[name] for name, _, _ in features(text[clause.start : clause.end])}
        assert own <= set(part.rows) <= set(whole.rows)


def test_the_lexicon_is_private() -> None:
    trained = Tokeniser(dictionary(["起毛球险"]))
    assert trained.cut("买了起毛球险") == ["买", "了", "起毛球险"]
    assert "起毛球险" not in plain().cut("买了起毛球险")
