"""Files as forms: what a form says goes back into the file with its comments, and what depends on a value is told."""

from __future__ import annotations

from typing import Any

import pytest

from app.content.entries import Catalogue, Ref
from app.content.load import load, read_folder
from app.errors import InvalidRequest
from app.studio.bench import Bench
from app.studio.files import CLOCKS, EMOTION, FORMS, LEXICON, SHOP, WORDS, form_of, text_of, uses
from tests.conftest import ROOT
from tests.studio import FINE

REAL = {file: (ROOT / file).read_text(encoding="utf-8") for file in FORMS}


@pytest.mark.parametrize("file", sorted(FORMS))
def test_a_form_that_is_not_changed_changes_nothing(file: str) -> None:
    assert text_of(file, REAL[file], form_of(file, REAL[file])) == REAL[file]


def changed(file: str, change: Any) -> list[str]:
    """The lines that are not in the file as it was."""
    form = form_of(file, REAL[file])
    change(form)
    text = text_of(file, REAL[file], form)
    assert form_of(file, text) == form
    assert text.count("#") == REAL[file].count("#")
    before = REAL[file].splitlines()
    return [line for line in text.splitlines() if line not in before]


def test_only_the_line_that_says_it_changes() -> None:
    assert changed(SHOP, lambda form: form["policy"].update(return_days="15")) == [
        "  return_days: 15               # 无理由退货天数，从签收次日算起"
    ]
    [line] = changed(SHOP, lambda form: form.update(phone="400-800"))
    assert line.startswith("phone: 400-800")
    assert changed(CLOCKS, lambda form: form["items"][0].update(time="2 分钟")) == ["  time: 2 分钟"]
    [line] = changed(WORDS, lambda form: form["items"][1]["words"].append("浸泡"))
    assert line.startswith("洗: [")
    assert line.endswith(", 浸泡]")
    [line] = changed(EMOTION, lambda form: form["mild"].append("有点遗憾啊"))
    assert line.startswith("mild: [")
    assert changed(LEXICON, lambda form: form["words"].append("牛角扣子")) == ["牛角扣子"]


def test_a_word_that_goes_takes_its_line_with_it() -> None:
    form = form_of(LEXICON, "# 说明\n毛衣\n卫衣 # 有帽子的\n\n帽衫\n")
    assert form == {"words": ["毛衣", "卫衣", "帽衫"]}
    assert text_of(
        LEXICON, "# 说明\n毛衣\n卫衣 # 有帽子的\n\n帽衫\n", {"words": ["帽衫", "毛衣", "新词"]}
    ) == ("# 说明\n毛衣\n\n帽衫\n新词\n")


@pytest.mark.parametrize(
    ("file", "data"),
    [
        (SHOP, ["x"]), (CLOCKS, {"items": "x"}), (CLOCKS, {}), (WORDS, {"items": [{"words": ["x"]}]}),
        (WORDS, {"items": [{"name": "洗"}, {"name": "洗"}]}), ("intents/_groups.yaml", {}), (WORDS, {"items": ["x"]}),
    ],
)  # fmt: skip
def test_what_is_no_such_form_is_refused(file: str, data: Any) -> None:
    with pytest.raises(InvalidRequest):
        text_of(file, "", data)
    assert form_of(SHOP, "a: [") is None


@pytest.fixture(scope="module")
def bench() -> Bench:
    made = Bench(("common", "apparel"))
    made.use({**FINE, WORDS: "洗: [洗, 泡]\n", "scripts_zh/guard/own.yaml": GUARD, CLOCKS: REAL_CLOCK})
    return made


GUARD = "- {id: one, title: 洗, level: warn, patterns: [<洗> …2 坏], reason: 别说, source: [practice]}\n"
REAL_CLOCK = "- id: reply\n  name: 人工回复\n  starts: message\n  time: 5 分钟\n  source: [practice]\n"


@pytest.mark.parametrize(
    ("file", "form", "path", "told"),
    [
        (SHOP, {"name": "甲店", "platform": "地摊"}, ["platform"], "平台只能是"),
        (SHOP, {"name": "甲店", "policy": {"return_days": "3"}}, ["policy", "return_days"], "「无理由退货天数」不能小于 7"),
        (CLOCKS, {"items": [{"id": "reply", "name": "人工回复", "starts": "message", "time": "很快", "source": ["x"]}]},
         ["items", 0, "time"], "时间要写成"),
        (WORDS, {"items": [{"name": "泡", "words": ["泡"]}]}, [], "别处会有 1 处错误"),
    ],
)  # fmt: skip
def test_a_form_is_checked_while_it_is_filled_in(
    bench: Bench, file: str, form: Any, path: list[Any], told: str
) -> None:
    found = bench.check_entry(f"text:{file}", form)["problems"]
    assert any(one["path"] == path and told in one["text"] for one in found), found


def test_what_depends_on_a_value_is_told() -> None:
    now = Catalogue(read_folder(ROOT))
    shop = uses(now, SHOP)
    assert len(shop["policy.return_days"]) > 3
    assert all("无理由天数" in use.example for use in shop["policy.return_days"])
    assert all(now.find(Ref.parse(use.name)) is not None for use in shop["policy.return_days"])
    words = uses(now, WORDS)
    assert any("<洗>" in use.example for use in words["洗"])
    assert uses(now, LEXICON) == {}
    assert load(FINE).errors == ()
