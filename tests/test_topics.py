"""Within one intent, the script whose title names what the customer names comes first."""

from __future__ import annotations

import pytest

from app.content.load import Loaded
from app.reply.facts import fit
from app.reply.shelf import COMMON, JUST_NOW, REACTING, Shelf, letter_pairs, telling


def test_letters_that_tell_something() -> None:
    assert telling("会不会起球") == {"起球"}
    assert telling("透不透") == {"透"}
    assert telling("有没有甲醛?") == {"甲醛"}


@pytest.mark.parametrize(
    ("message", "script"),
    [
        ("有甲醛吗", "ask_quality.answer.safety_class"),
        ("这件透不透", "ask_quality.answer.see_through"),
        ("起球不", "ask_quality.answer.pilling"),
        ("纯棉的吗", "ask_quality.answer.fabric"),
        ("洗了掉不掉色", "ask_quality.answer.fade"),
    ],
)
def test_titles_tell_scripts_apart(shipped: Loaded, message: str, script: str) -> None:
    assert shipped.content is not None
    shelf = Shelf(shipped.content, shipped.content.packs)
    heard = letter_pairs(message)
    fitting = [
        placed.entry.script.id
        for placed in shelf.find("ask_quality", "answer", "亲切", "")
        if not heard.isdisjoint(placed.entry.topics)
    ]
    assert fitting
    assert all(name.startswith(script) for name in fitting)


@pytest.mark.parametrize("just_now", ["不接受", "晚点给", "其他"])
def test_only_what_answers_to_something_else_is_left_on_the_shelf(shipped: Loaded, just_now: str) -> None:
    assert shipped.content is not None
    shelf = Shelf(shipped.content, shipped.content.packs)
    for stage in ("confirm", "resolve"):
        found = {one.entry.name for one in shelf.find(COMMON, stage, "亲切", just_now)}
        common = [
            entry for entry in shelf.entries.values() if entry.script.tone == "亲切" and entry.script.common
        ]
        here = [entry for entry in common if stage in (entry.script.stage, *entry.script.also)]
        fitting = {
            entry.name: entry.reacts
            for entry in here
            if not entry.reacts
            or not fit({JUST_NOW: entry.script.when[JUST_NOW]}, {JUST_NOW: just_now}).contradicted
        }
        assert found == fitting.keys()
        alone = {one.entry.name for one in shelf.find(REACTING, stage, "亲切", just_now)}
        assert alone == {name for name, reacts in fitting.items() if reacts}
