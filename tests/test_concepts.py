"""Classes of meaning: what is found in a text, which features it makes, and that a word added to a class is understood."""

from __future__ import annotations

import numpy as np

from app.nlu.concepts import ConceptReader, Concepts
from app.nlu.linear import LinearReader
from app.nlu.model import LinearModel
from tests.sample import plain

CLASSES = {
    "洗": ("洗", "过水", "洗衣机"),
    "变小": ("缩", "短一截"),
    "小孩": ("闺女", "娃"),
    "机器": ("洗衣机",),
}


def features(text: str) -> set[str]:
    concepts = Concepts(CLASSES)
    return {concepts.name(code) for code in concepts.codes(concepts.find(text))}


def test_classes_and_their_order() -> None:
    assert features("过水就短一截") == {"洗", "变小", "洗→变小"}
    assert features("缩了才洗") == {"变小", "洗", "变小→洗"}
    assert features("今天天气好") == set()


def test_the_longer_word_counts_and_may_stand_in_two_classes() -> None:
    assert features("洗衣机") == {"洗", "机器"}


def test_negation_and_distance() -> None:
    assert features("没缩") == {"非变小"}
    assert "洗→变小" not in features("洗" + "啊" * 13 + "缩")


def test_no_classes_and_long_texts() -> None:
    assert Concepts({}).find("洗") == []
    assert Concepts({"空": ("，",)}).find("洗") == []
    concepts = Concepts(CLASSES)
    assert len(concepts.find("洗缩" * 2000)) <= 400


def test_rows_are_found_for_the_whole_and_clause_by_clause() -> None:
    reader = ConceptReader(CLASSES, {"洗": 0, "变小": 1, "洗→变小": 2, "非变小": 3}, first=10)
    whole, first, second = map(set, reader.rows("洗完缩，没缩", [(0, 3), (4, 6)]))
    assert whole == {10, 11, 12, 13}
    assert first == {10, 11, 12}
    assert second == {13}
    assert list(map(set, reader.rows("洗完缩", [(0, 3)]))) == [{10, 11, 12}]
    assert list(map(set, reader.rows("洗完缩，没缩", [(4, 6), (7, 9)]))) == [{10, 11, 12, 13}, {13}, set()]
    assert Concepts(CLASSES).single(3) == "非变小"


def test_the_words_of_a_row_are_found_again() -> None:
    reader = ConceptReader(CLASSES, {"洗": 0, "变小": 1, "洗→变小": 2}, first=10)
    text = "洗完缩了，又缩了"
    whole = (0, len(text))
    pair = reader.places(text, whole, {12})
    assert [text[start:end] for start, end in pair][:2] == ["洗", "缩"]
    assert reader.places(text, (5, len(text)), {11}) == [(6, 7)]
    assert reader.places(text, whole, set()) == []


def test_rows_are_added_up_as_they_were_learnt() -> None:
    about = LinearModel(
        {"洗": 0, "变小": 1, "洗→变小": 2, "非变小": 3},
        np.array([1, 2, 2, 1], dtype=np.float32),
        np.array([[0, 1], [0, 1], [3, 0], [-6, 0]], dtype=np.float32),
        np.array([-1, 0.5], dtype=np.float32),
        ("shrinkage", "other"),
    )
    model = LinearModel(
        {"洗": 0, "完": 1, "缩": 2, "没": 3},
        np.array([2, 2, 1, 1], dtype=np.float32),
        np.array([[1, 0], [0, 0], [2, 0], [-4, 1]], dtype=np.float32),
        np.array([-1, 1], dtype=np.float32),
        ("shrinkage", "other"),
        concepts=about,
    )
    linear = LinearReader(model, plain(), CLASSES).read("洗完缩，没缩", None)
    assert linear.parts == 3
    # 洗, 完, 缩 have the length 3, 没 and 缩 that of the root of 2
    np.testing.assert_allclose(linear.logits[1], [-1 + 3 / 3, 1], rtol=1e-5)
    np.testing.assert_allclose(linear.logits[2], [-1 - 2 / 2**0.5, 1 + 1 / 2**0.5], rtol=1e-5)
    # 洗, 变小, 洗→变小 have the length 3; under the negation 非变小 stands alone
    np.testing.assert_allclose(linear.logits[4], [-1 + 3 / 3, 0.5 + 2 / 3], rtol=1e-5)
    np.testing.assert_allclose(linear.logits[5], [-7, 0.5], rtol=1e-5)


def test_a_text_that_neither_model_knows() -> None:
    nothing = np.zeros(0, dtype=np.float32)
    bias = np.array([-1, 1], dtype=np.float32)
    model = LinearModel({}, nothing, np.zeros((0, 2), dtype=np.float32), bias, ("shrinkage", "other"))
    linear = LinearReader(model, plain(), CLASSES).read("洗", None)
    assert linear.silent
    assert linear.logits.tolist() == [[-10, -10], [-10, -10]]
    assert linear.evidence(0) == []


def test_runs_of_one_class_give_the_rows_that_training_saw() -> None:
    classes = {"数": tuple("0123456789"), "洗": ("洗",), "小": ("缩",)}
    concepts = Concepts(classes)
    names = [concepts.name(code) for code in range(concepts.count * (concepts.count + 1))]
    reader = ConceptReader(classes, {name: row for row, name in enumerate(names)}, first=0)
    for text in (
        "洗啊2026112200000000000啊缩",
        "洗12缩",
        "123缩4567洗",
        "没2026缩2026啊啊啊啊啊啊啊啊啊啊啊啊洗",
    ):
        (rows,) = reader.rows(text, [(0, len(text))])
        assert {names[row] for row in rows} == {
            concepts.name(code) for code in concepts.codes(concepts.find(text))
        }
