"""Every line of the seed documents has landed in the content, and docs/sources.yaml tells the truth about where."""

from __future__ import annotations

import re
from argparse import Namespace
from pathlib import Path

import pytest

from app.commands.content import run_coverage
from app.content.coverage import SourceLine, read_sources, source_holes, sources_report
from app.content.load import Loaded
from app.content.model import Content
from app.web import case_pages, register_pages

ROOT = Path(__file__).parent.parent
INVENTORY = re.compile(r"^\d{3}\.")
CONTENT_KINDS = {"script", "card", "rule", "caution"}
PROGRAM_KINDS = {"feature", "register"}


@pytest.fixture(scope="module")
def content(shipped: Loaded) -> Content:
    assert shipped.content is not None, shipped.errors[:5]
    return shipped.content


@pytest.fixture(scope="module")
def lines() -> list[SourceLine]:
    return read_sources((ROOT / "docs/sources.yaml").read_text(encoding="utf-8"))


def test_every_line_has_landed(content: Content, lines: list[SourceLine]) -> None:
    assert source_holes(lines, content) == []


def test_lines_are_told_once_and_plainly(lines: list[SourceLine]) -> None:
    assert len({line.id for line in lines}) == len(lines)
    assert {line.kind for line in lines} == CONTENT_KINDS | PROGRAM_KINDS
    assert all(line.title for line in lines)
    assert not any(line.planned for line in lines)


def test_features_land_on_pages_and_tests_that_exist(lines: list[SourceLine]) -> None:
    pages = (*case_pages.router.routes, *register_pages.router.routes)
    paths = {getattr(route, "path", "") for route in pages}
    for line in lines:
        for name in line.landed if line.kind in PROGRAM_KINDS else ():
            kind, _, place = name.partition(":")
            if kind == "page":
                assert place in paths, (line.id, place)
            else:
                file, _, test = place.partition("::")
                assert f"def {test}(" in (ROOT / file).read_text(encoding="utf-8"), (line.id, place)


def test_content_names_only_known_lines(content: Content, lines: list[SourceLine]) -> None:
    entries = (
        *content.scripts.values(),
        *content.cards.values(),
        *content.rules.values(),
        *content.guard.values(),
    )
    named = {source for entry in entries for source in entry.source if INVENTORY.match(source)}
    assert named - {line.id for line in lines} == set()


def test_scripts_name_the_line_they_came_from(content: Content, lines: list[SourceLine]) -> None:
    wrong = [
        (line.id, name)
        for line in lines
        for name in line.landed
        if name in content.scripts and line.id not in content.scripts[name].source
    ]
    assert wrong == []


def test_cards_fit_the_panel(content: Content) -> None:
    assert [card.ref for card in content.cards.values() if len(card.text) > 300] == []


def test_holes_are_named(content: Content) -> None:
    lines = [
        SourceLine("900.1", "script", "没写的", (), planned=False),
        SourceLine("900.2", "card", "写错的", ("card:common.nowhere",), planned=False),
        SourceLine("900.3", "caution", "只有卡", ("card:common.dont_push_away",), planned=False),
        SourceLine("900.4", "feature", "以后的", (), planned=True),
    ]
    missing = source_holes(lines, content)
    assert [text.split(" ")[0] for text in missing] == ["900.1", "900.2", "900.3"]
    assert "guard" in missing[2]
    assert "缺口 3 处" in sources_report(lines, missing)
    assert "0 条已落到内容或功能里，1 条待实现" in sources_report(lines, missing)


def test_a_list_that_cannot_be_read() -> None:
    for text in ("items: [{id: a}]", "[]", "items: [", ""):
        with pytest.raises(ValueError, match="docs/sources"):
            read_sources(text)


def test_coverage_tells_it(shipped: Loaded, capsys: pytest.CaptureFixture[str]) -> None:
    run_coverage(Namespace(folder=ROOT, data=None))
    assert "种子文档共" in capsys.readouterr().out
