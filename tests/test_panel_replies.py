"""Sending to the customer from the panel, in a browser: the button, the keys, and what is shown when it failed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from app.channels import manage
from app.channels.manage import Made
from tests.browser import browser_test, fresh_page
from tests.conftest import application
from tests.fake_platform import Platform, platform
from tests.panel_service import serving
from tests.test_channels import body_of, headers_of

pytestmark = browser_test
HOOK = "/hook"
Shop = tuple[str, Made, Platform, Page]


@pytest.fixture(scope="module")
def shop(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        patch.setenv("HUASHU_OUTBOUND_ALLOW", "127.0.0.1")
        there = stack.enter_context(platform())
        there.answers[HOOK] = [(204, {})]
        folder = tmp_path_factory.mktemp("replies")
        app = application(folder, folder / "huashu.db")
        address = stack.enter_context(serving(app))
        options = {"url": f"{there.url}{HOOK}", "reply": "on"}
        made = manage.add(app.state.services.database, "generic", "自家商城", options, by="测试")
        page = stack.enter_context(fresh_page(browser, 380, 700))
        page.goto(address)
        yield address, made, there, page
        app.state.services.channels.feed.close()


def say(shop: Shop, place: str, words: str, name: str) -> None:
    """A customer says something, and the agent looks at it."""
    address, made, there, page = shop
    body = body_of(f"m-{place}", words, conversation_id=place, customer={"name": name})
    headers = headers_of(made.secret, body, f"d-{place}")
    assert httpx.post(address + made.path, content=body, headers=headers, timeout=60).status_code == 200
    page.locator("#customers .tab").filter(has_text=name).get_by_title("换到这位顾客").click()
    expect(page.get_by_label("顾客说的话")).to_have_value(words)
    expect(page.locator("#scripts .card").first.get_by_role("button", name="发给顾客")).to_be_visible()
    page.locator("#scripts").focus()
    there.asked.clear()


def letters(there: Platform) -> list[str]:
    return [body["data"]["text"] for body in there.bodies(HOOK) if body["type"] == "reply.send"]


def wait_until_sent(page: Page) -> None:
    """Bubbles go out one after the other."""
    expect(page.locator("#history .ours time").filter(has_text="正在发")).to_have_count(0)


def test_a_script_is_sent_by_the_button_and_another_changed_by_the_keys(shop: Shop) -> None:
    address, _, there, page = shop
    say(shop, "c-1", "毛衣缩水了", "小鱼儿")
    card = page.locator("#scripts .card").first
    bubbles = card.locator(".bubble").all_inner_texts()
    card.get_by_role("button", name="发给顾客").click()
    expect(page.locator("#toast")).to_have_text("已发给顾客")
    expect(page.locator("#history .ours .words")).to_have_text(bubbles)
    wait_until_sent(page)
    assert letters(there) == bubbles
    turns = httpx.get(f"{address}/api/v1/conversations/c-1", timeout=60).json()["turns"]
    assert [turn["text"] for turn in turns if turn["role"] == "agent"] == bubbles

    page.locator("#scripts").focus()
    page.keyboard.press("Shift+Digit1")
    area = page.locator(".editor textarea").first
    area.fill("亲，我改过的话")
    area.press("Control+Shift+Enter")
    expect(page.locator("#history .ours .words").last).to_have_text("亲，我改过的话")
    wait_until_sent(page)
    assert letters(there)[-1] == "亲，我改过的话"


def test_what_fails_is_told_with_its_words_and_sent_again(shop: Shop) -> None:
    address, _, there, page = shop
    say(shop, "c-2", "毛衣缩水了怎么办", "阿May")
    there.answers[HOOK] = [(422, {"detail": "顾客把店铺拉黑了"})]
    words = page.locator("#scripts .card").first.locator(".bubble").first.inner_text()
    page.keyboard.press("Control+Alt+Digit1")
    box = page.locator("#unsent .unsent-one").first
    expect(box).to_contain_text("没有发出去顾客把店铺拉黑了")
    expect(box.locator(".words")).to_have_text(words)
    expect(page.locator("#history .ours")).to_have_count(0)
    page.reload()
    expect(box.locator(".words")).to_have_text(words)
    there.answers[HOOK] = [(204, {})]
    box.get_by_role("button", name="再发一次").click()
    expect(page.locator("#unsent .words").filter(has_text=words)).to_have_count(0)
    expect(page.locator("#history .ours .words").first).to_have_text(words)
    expect(page.locator("#toast")).to_have_text("已发给顾客")
    found = httpx.get(f"{address}/api/v1/conversations/c-2", timeout=60).json()
    assert [turn["text"] for turn in found["turns"] if turn["role"] == "agent"] == [words]


def test_without_a_channel_that_sends_there_is_no_button(shop: Shop) -> None:
    _, _, there, page = shop
    there.asked.clear()
    page.keyboard.press("Escape")
    page.locator("[data-key=add-customer]").click()
    page.get_by_label("顾客说的话").fill("毛衣起球了")
    card = page.locator("#scripts .card").first
    expect(card).to_be_visible()
    expect(card.get_by_role("button", name="发给顾客")).to_have_count(0)
    page.locator("#scripts").focus()
    page.keyboard.press("Control+Alt+Digit1")
    expect(card).to_be_visible()
    assert letters(there) == []


def test_who_has_no_name_is_called_by_the_words_that_came_and_esc_goes_there(shop: Shop) -> None:
    address, made, _, page = shop
    body = body_of("m-9", "退款怎么还没到", conversation_id="c-9")
    body_headers = headers_of(made.secret, body, "d-9")
    assert httpx.post(address + made.path, content=body, headers=body_headers, timeout=60).status_code == 200
    expect(page.locator("#customers .tab").filter(has_text="退款怎么还没…")).to_have_count(1)
    page.locator("#scripts").focus()
    page.keyboard.press("Escape")
    expect(page.get_by_label("顾客说的话")).to_have_value("退款怎么还没到")
