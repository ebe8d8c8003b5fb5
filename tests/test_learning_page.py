"""The learning queue in a real browser: by keyboard alone, with undo, a conflict and hostile words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import delete

from app.config import Settings
from app.content.folder import write_folder
from app.nlu.train import train
from app.sheets import write_workbook
from app.store.tables import ConversationRow
from app.web.app import create_app
from tests.browser import browser_test, fresh_page
from tests.learning import answer, hear
from tests.panel_service import serving
from tests.studio import FINE

pytestmark = browser_test
API = "/api/v1/studio"
NASTY = "<img src=x onerror=window.hacked=1>这衣服怎么回事"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    folder = tmp_path_factory.mktemp("content")
    write_folder(folder, FINE)
    settings = Settings(data=tmp_path_factory.mktemp("data"), auth="off")
    return create_app(settings, content=folder, trainer=train)


@pytest.fixture(scope="module")
def address(app: FastAPI) -> Iterator[str]:
    with serving(app) as served:
        httpx.get(f"{served}{API}", timeout=120).raise_for_status()
        yield served


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    with fresh_page(browser, base_url=address) as page:
        yield page


@pytest.fixture(autouse=True)
def queue(app: FastAPI, address: str) -> None:
    services = app.state.services
    with services.database.write() as session:
        session.execute(delete(ConversationRow))
    version = httpx.get(f"{address}{API}", timeout=60).json()["version"]
    httpx.post(f"{address}{API}/discard", json={"version": version}, timeout=60).raise_for_status()
    for text in ("衣服洗完变小了好多", "衣服洗完变小了好多啊", "毛衣洗完变小了好多"):
        hear(services.database, text, answer(("shrinkage", 0.5), candidates=(("pilling", 0.2),)))
    hear(services.database, "全是球，打我13812345678", answer(candidates=(("pilling", 0.4),)))
    hear(services.database, NASTY, answer())
    services.learning.collect()


def changed(address: str) -> list[str]:
    items = httpx.get(f"{address}{API}/changes", timeout=60).json()["items"]
    return [item["name"] for item in items]


def test_a_group_is_taught_with_one_key_and_taken_back_with_another(page: Page, address: str) -> None:
    page.goto("/studio/learning")
    groups = page.locator(".lesson")
    expect(groups).to_have_count(3)
    expect(page.locator("#waiting")).to_contain_text("5 句在等")
    expect(groups.first).to_be_focused()
    expect(groups.first).to_contain_text("3 句")
    page.keyboard.press("1")
    expect(groups).to_have_count(2)
    expect(page.locator("#toast")).to_contain_text("「缩水」多了")
    expect(page.locator("#waiting")).to_contain_text("2 句在等")
    assert changed(address) == ["intent:shrinkage"]
    page.keyboard.press("z")
    expect(groups).to_have_count(3)
    expect(page.locator("#toast")).to_contain_text("已撤销")
    assert changed(address) == []


def test_masked_hostile_and_dismissed(page: Page) -> None:
    page.goto("/studio/learning")
    groups = page.locator(".lesson")
    expect(groups).to_have_count(3)
    expect(page.locator("#lessons")).to_contain_text("138****5678")
    expect(page.locator("#lessons")).not_to_contain_text("13812345678")
    expect(page.locator("#lessons")).to_contain_text("<img src=x")
    assert page.evaluate("window.hacked") is None
    page.keyboard.press("ArrowDown")
    expect(groups.nth(1)).to_be_focused()
    page.keyboard.press("x")
    expect(groups).to_have_count(2)
    page.reload()
    expect(groups).to_have_count(2)


def test_another_intent_other_words_and_a_conflict(page: Page, address: str) -> None:
    page.goto("/studio/learning")
    groups = page.locator(".lesson")
    expect(groups.first).to_be_focused()
    page.keyboard.press("e")
    words = groups.first.get_by_label("学的时候写成")
    expect(words).to_be_focused()
    words.fill("又起球")
    page.keyboard.press("Enter")
    expect(groups.first).to_be_focused()
    page.keyboard.press("i")
    other = groups.first.get_by_label("别的意图")
    expect(other).to_be_focused()
    other.fill("起球")
    other.press("Enter")
    expect(page.locator("#toast")).to_contain_text("是「起球」的考题")
    expect(groups).to_have_count(3)
    assert changed(address) == []
    words.fill("衣服上长了好多毛粒")
    other.press("Enter")
    expect(groups).to_have_count(2)
    assert changed(address) == ["intent:pilling"]


def test_a_table_with_errors_comes_in_only_as_it_was_seen(page: Page, address: str, tmp_path: Path) -> None:
    head = ["意图", "阶段", "语气", "标题", "气泡1", "来源"]
    good = ["缩水", "确认", "亲切", "问穿了几次", "这件您穿过几次、大概什么时候洗的呀？", "practice"]
    (tmp_path / "a.xlsx").write_bytes(write_workbook({"话术": [head, good, ["没有的", *good[1:]]]}))
    page.goto("/studio/tables")
    page.locator("html[data-ready]").wait_for()
    page.set_input_files("#file", str(tmp_path / "a.xlsx"))
    expect(page.locator("#plan")).to_contain_text("新增 1，重复 0，1 行有错")
    expect(page.locator("#plan")).to_contain_text("话术第 3 行：没有「没有的」这个意图")
    assert changed(address) == []
    page.get_by_role("button", name="跳过有错的 1 行").click()
    expect(page.locator("#toast")).to_contain_text("导入到草稿了")
    assert len(changed(address)) == 1
