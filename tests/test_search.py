"""Script search as the agent types."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reply.search import ScriptSearch
from tests.sample import assistant, content


def titles(query: str) -> list[str]:
    return [found.script.title for found in assistant().find_scripts(query)]


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("起球", "问起球位置"),
        ("qq", "问起球位置"),
        ("qiqiu", "问起球位置"),
        ("qiqi", "问起球位置"),
        ("suoshui", "请拍平铺照"),
        ("suo shui", "请拍平铺照"),
        ("suoshi", "请拍平铺照"),
        ("缩税", "请拍平铺照"),
        ("縮水", "请拍平铺照"),
        ("缩水 平铺", "请拍平铺照"),
        ("ss hf", "回访"),
        ("手洗还是机洗", "问怎么洗"),
        ("平铺晾干", "冷水手洗"),
        ("12315", "稳住"),
    ],
)
def test_finds(query: str, title: str) -> None:
    assert title in titles(query)


@pytest.mark.parametrize("query", ["完全没有的话", "xyzxyz", "缩水 完全没有"])
def test_finds_nothing(query: str) -> None:
    assert titles(query) == []


def test_titles_and_names_before_texts() -> None:
    found = assistant().find_scripts("退货")
    assert [one.script.score for one in found] == sorted((one.script.score for one in found), reverse=True)


def test_scripts_of_an_intent_before_those_that_also_fit_it() -> None:
    script = content().scripts["shrinkage.confirm.photo"]
    both = {
        "a": script.model_copy(update={"id": "a", "title": "看一看", "also_for": ("pilling",)}),
        "b": script.model_copy(update={"id": "b", "title": "看一看", "intent": "pilling"}),
    }
    search = ScriptSearch(replace(content(), scripts=both), ("apparel",))
    assert [hit.script.id for hit in search.find("qq")] == ["b", "a"]


def test_marks() -> None:
    (first, *_) = assistant().find_scripts("平铺", intent="shrinkage")
    texts = {"title": first.script.title, "text": first.script.text}
    assert [texts[mark.field][mark.start : mark.end] for mark in first.marks] == ["平铺", "平铺"]
    by_sound = assistant().find_scripts("qiqiu")[0]
    assert [
        by_sound.script.title[mark.start : mark.end] for mark in by_sound.marks if mark.field == "title"
    ] == ["起球"]
    assert by_sound.intent_name == "起球"


def test_filters() -> None:
    found = assistant().find_scripts("", intent="shrinkage", stage="confirm", tone="正式")
    assert [one.script.script_id for one in found] == ["shrinkage.confirm.formal"]
    assert len(assistant().find_scripts("", limit=3)) == 3


def test_fills_in_the_shop() -> None:
    (found,) = assistant().find_scripts("稳住", shop="main")
    assert found.script.text == "您的权利我们尊重，我马上请张店长跟进，〔时限〕给您答复。"
    assert found.script.missing == ("时限",)


@given(st.text(max_size=30))
def test_any_query(query: str) -> None:
    for found in assistant().find_scripts(query):
        texts = {"title": found.script.title, "text": found.script.text}
        for mark in found.marks:
            assert 0 <= mark.start < mark.end <= len(texts[mark.field])


def test_among_ten_thousand_scripts() -> None:
    script = content().scripts["shrinkage.confirm.photo"]
    words = "缩水起球掉色开线退货换货补发道歉核实质检仓库快递"
    many = {
        f"s{number}": script.model_copy(
            update={
                "id": f"s{number}",
                "title": f"{words[number % 20 :]}{number}",
                "bubbles": (f"{words * 3}{number}",),
            }
        )
        for number in range(10_000)
    }
    search = ScriptSearch(replace(content(), scripts=many), ("apparel",))
    search.find("qq")
    for query in ("qq", "suoshui", "缩水", "zhijian cangku", "没有这个"):
        assert len(search.find(query)) <= 20
