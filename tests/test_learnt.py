"""What learning stores for the start: the same words and sentences as the content gives, and never another content's."""

from __future__ import annotations

from functools import cache

import pytest

from app.content.load import load
from app.content.model import Content
from app.nlu.engine import Engine
from app.nlu.learnt import Learnt
from app.nlu.taught import Taught, lessons
from app.nlu.text import Tokeniser
from app.nlu.train import Sample, clause_by_clause, train
from app.nlu.words import dictionary

GROUPS = "groups: [{id: quality, name: 商品质量, stages: [confirm], tones: [亲切]}]\n"
INTENT = "{{id: {0}, name: {0}, group: quality, kind: complaint, examples: [{1}]}}\n"
FILES = {
    "intents/_groups.yaml": GROUPS,
    "intents/apparel/pilling.yaml": INTENT.format("pilling", "袖口全是小球球！, 都是同一句, 吵架的一句"),
    "intents/apparel/shrinkage.yaml": INTENT.format(
        "shrinkage", "洗完短一截, {text: 都是同一句, also: [pilling]}"
    ),
    "intents/apparel/fading.yaml": INTENT.format("fading", "吵架的一句, 水都变蓝了"),
    "intents/catering/hair.yaml": INTENT.format("hair", "汤里有头发, 都是同一句"),
    "scripts_zh/lexicon.txt": "小球球险\n",
}


@cache
def content(sentence: str = "袖口全是小球球！") -> Content:
    files = {name: text.replace("袖口全是小球球！", sentence) for name, text in FILES.items()}
    found = load(files).content
    assert found is not None
    return found


@cache
def model() -> bytes:
    return train(content())


def asserted(engine: Engine, text: str) -> list[tuple[str, str]]:
    return [(match.id, match.reason) for match in engine.analyse(text).intents]


def test_what_is_stored_is_what_the_content_says() -> None:
    stored, made = Learnt.from_bytes(model()), dictionary(content().lexicon)
    assert stored.of == content().nlu_digest
    assert (tuple(stored.dictionary.words), stored.dictionary.total) == (made.words, made.total)
    assert stored.dictionary.counts.tolist() == made.counts.tolist()
    assert stored.dictionary.own == {"小球球险"}
    assert Tokeniser(stored.dictionary).cut("买了小球球险") == ["买", "了", "小球球险"]
    assert stored.lessons.kinds == lessons(content()).kinds
    assert asserted(Engine(content(), model()), "袖口全是小球球") == [("pilling", "和样例一样")]


def test_another_contents_model_does_not_hide_its_examples() -> None:
    other = content("肩膀起了一层毛毛")
    assert asserted(Engine(other, model()), "肩膀起了一层毛毛")[0] == ("pilling", "和样例一样")
    assert ("pilling", "和样例一样") not in asserted(Engine(other, model()), "袖口全是小球球")


def test_lessons_count_among_the_intents_that_are_on() -> None:
    learnt = lessons(content())
    clothes = Taught(learnt, {"pilling", "shrinkage", "fading"})
    assert clothes.find("汤里有头发") is None
    assert clothes.find("吵架的一句") is None, "two intents claim it"
    assert clothes.find("都是同一句") is None
    assert Taught(learnt, {"pilling", "hair"}).find("汤里，有头发") == ("hair",)
    assert Taught(learnt, {"shrinkage", "pilling"}).find("") is None
    assert Taught(learnt, {"shrinkage", "fading"}).find("都是同一句") == ("shrinkage",)


@pytest.mark.parametrize("cut", [0, 100, -1])
def test_a_damaged_model_is_refused(cut: int) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        Learnt.from_bytes(model()[:cut])


def test_long_messages_teach_clause_by_clause_what_they_are_not() -> None:
    both = frozenset({"shrinkage", "return_refund"})
    given = [
        Sample("我妈七十了，毛衣洗一次就短一截，给我退钱", both),
        Sample("短一截，退", both),
        Sample("给我退钱", frozenset({"return_refund"})),
        Sample("今天下雨，出门带伞，路上小心", frozenset({"other"})),
    ]
    found = clause_by_clause(given)
    assert [sample.text for sample in found] == ["我妈七十了", "毛衣洗一次就短一截"]
    assert all(not sample.labels and sample.open == both for sample in found)
