"""The side panel with the whole application and the project's content: that the page and the API agree."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import browser_test, fresh_page
from tests.conftest import Client
from tests.panel_service import serving
from tests.test_panel import PASTE, answered, ready

pytestmark = browser_test


@pytest.fixture(scope="module")
def page(client: Client, browser: Browser) -> Iterator[Page]:
    with serving(client.app, lifespan="off") as address, fresh_page(browser) as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
        page.goto(address)
        ready(page)
        yield page


def say(page: Page, text: str) -> None:
    page.keyboard.press("n")
    expect(page.get_by_label("顾客说的话")).to_have_value("")
    expect(page.locator("#scripts .card")).to_have_count(0)
    page.get_by_label("顾客说的话").fill(text)
    expect(page.locator("#scripts .card").first).to_be_visible()
    page.locator("#scripts").focus()


def test_the_owner_of_a_shop_without_a_name_is_told_what_to_do_first(page: Page) -> None:
    page.keyboard.press("n")
    first = page.get_by_role("navigation", name="先把店设好")
    for link in first.get_by_role("link").all():
        assert page.request.get(link.evaluate("a => a.href")).ok
    expect(first.get_by_role("link").first).to_have_text("填店铺资料")
    say(page, "在吗")
    expect(first).to_be_hidden()


def test_a_complaint_is_understood_and_a_script_copied(page: Page) -> None:
    say(page, "上次买的毛衣都缩水了，还起球，那么贵")
    expect(page.locator(".chip-name").filter(has_text="缩水")).to_have_count(1)
    expect(page.locator("#marks mark").filter(has_text="缩水")).to_have_count(1)
    expect(page.locator("[aria-current=step]")).to_have_text("确认")
    bubble = page.locator("#scripts .card").first.locator(".bubble").first.inner_text()
    page.keyboard.press("1")
    expect(page.locator("#toast")).to_contain_text("已复制，去聊天窗口粘贴")
    assert page.evaluate("navigator.clipboard.readText()") == bubble


def test_facts_stage_and_search_reach_the_service(page: Page) -> None:
    say(page, "新买的毛衣缩水了")
    page.get_by_role("tab", name="要问清").click()
    page.get_by_role("group", name="洗过").get_by_role("button", name="是").click()
    answered(page)
    page.locator("#scripts").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("[aria-current=step]")).to_have_text("道歉")
    page.keyboard.press("/")
    page.keyboard.type("suoshui")
    expect(page.locator("#found mark").first).to_have_text("缩水")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="搜话术")).to_be_hidden()


def test_one_word_answers_a_plain_question_and_only_that_one(page: Page) -> None:
    say(page, "翻领有S不")
    page.keyboard.press("1")
    expect(page.locator("#scripts .card").first.get_by_label("填写有没有")).to_be_focused()
    page.get_by_role("button", name="没有", exact=True).click()
    expect(page.locator("#toast")).to_contain_text("已复制")
    assert page.evaluate("navigator.clipboard.readText()").startswith("翻领没有S。")
    page.get_by_label("顾客说的话").fill("紫色有吗")
    expect(page.locator("#scripts .card").first).to_contain_text("紫色")
    expect(page.locator("#scripts .card").first.get_by_label("填写有没有")).to_have_value("")
    page.locator("#scripts").focus()


def test_a_threat_raises_the_banner(page: Page) -> None:
    say(page, "再不发货我打12315投诉你们")
    expect(page.get_by_role("region", name="风险：12315与法律")).to_be_visible()


def test_a_pasted_chat_is_stored_answered_and_checked(page: Page, client: Client) -> None:
    page.keyboard.press("n")
    expect(page.get_by_label("顾客说的话")).to_have_value("")
    page.locator("#scripts").focus()
    chat = "小鱼儿 2026-11-22 18:40:12\n毛衣洗了一次\n甲店客服 2026-11-22 18:41:03\n亲，怎么了呢\n小鱼儿 2026-11-22 18:42:20\n缩水了"
    page.evaluate(PASTE, chat)
    expect(page.locator("#history .words")).to_have_text(["毛衣洗了一次", "亲，怎么了呢"])
    expect(page.locator("#scripts .card").first).to_be_visible()
    answered(page)
    page.locator("#scripts").focus()
    page.keyboard.press("Shift+Digit1")
    expect(page.locator(".editor textarea:focus")).to_have_count(1)  # the first one with something to fill in
    page.locator(".editor textarea").first.focus()
    page.keyboard.type("您加我微信")
    expect(page.locator(".editor mark.block").first).to_contain_text("微信")
    expect(page.locator(".editor").get_by_role("button", name="复制", exact=True)).to_be_disabled()
    page.keyboard.press("Escape")
    found = client.get("/api/v1/conversations").json()["items"]
    (conversation,) = [item for item in found if item["last"]["text"] == "缩水了"]
    turns = client.get(f"/api/v1/conversations/{conversation['id']}").json()["turns"]
    assert [turn["role"] for turn in turns] == ["customer", "agent", "customer"]


def test_something_that_happened_starts_a_clock_and_stops_it(page: Page) -> None:
    page.keyboard.press("n")
    page.evaluate(PASTE, "我的裙子什么时候发货")
    expect(page.locator("#scripts .card").first).to_be_visible()
    page.get_by_role("tab", name="怎么处理").click()
    page.get_by_text("记一件事，开始计时").click()
    page.get_by_role("combobox", name="发生了什么").select_option(label="付款 → 发货")
    page.get_by_role("button", name="开始计时").click()
    done = page.get_by_role("button", name="发货办完了")
    expect(done).to_be_visible()
    done.click()
    expect(done).to_be_hidden()
