"""The page 「接入」 and conversations arriving in the panel, in a browser."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import browser_test, fresh_page
from tests.conftest import application
from tests.panel_service import serving
from tests.test_channels import body_of, headers_of

pytestmark = browser_test


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("channels")
    app = application(folder, folder / "huashu.db")
    with serving(app) as address:
        yield address
        app.state.services.channels.feed.close()


@pytest.fixture(scope="module")
def page(browser: Browser, base: str) -> Iterator[Page]:
    with fresh_page(browser, 380, 700) as page:
        page.goto(base)
        yield page


def say(base: str, path: str, secret: str, number: str, words: str, **data: object) -> None:
    body = body_of(number, words, **data)
    answer = httpx.post(
        base + path, content=body, headers=headers_of(secret, body, f"d-{number}"), timeout=60
    )
    assert answer.status_code == 200, answer.text


def test_a_channel_is_set_up_and_its_conversations_arrive(page: Page, base: str) -> None:
    page.goto(f"{base}/channels")
    page.get_by_role("link", name="通用接口").click()
    expect(page.get_by_role("heading", name="接入说明")).to_be_visible()
    page.get_by_label("名字").fill("自家商城")
    page.get_by_role("button", name="新建").click()
    expect(page.get_by_role("status")).to_have_text("建好了")
    secret = page.get_by_label("密钥（只显示这一次").input_value()
    address = page.get_by_label("接收地址", exact=True).input_value()
    assert (secret[:6], address.startswith(base)) == ("whsec_", True)
    path = address.removeprefix(base)

    say(base, path, secret, "m-1", "毛衣缩水了", customer={"name": "小鱼儿"})
    page.goto(base)
    tab = page.locator("#customers .tab").filter(has_text="小鱼儿")
    expect(tab.locator(".unread")).to_contain_text("1")
    say(base, path, secret, "m-2", "气死了，我打12315")
    expect(tab.locator(".unread.urgent")).to_contain_text("2")
    expect(page).to_have_title("(2) 话术助手")
    tab.get_by_title("换到这位顾客").click()
    expect(page.get_by_label("顾客说的话")).to_have_value("气死了，我打12315")
    expect(tab.locator(".unread")).to_have_count(0)
    expect(page.get_by_role("region", name="风险：12315与法律")).to_be_visible()
    say(base, path, secret, "m-3", "还起球")
    expect(page.get_by_label("顾客说的话")).to_have_value("还起球")
    expect(page.locator(".chip-name").filter(has_text="起球")).to_have_count(1)

    page.goto(f"{base}/channels")
    page.get_by_role("link", name="自家商城").click()
    expect(page.get_by_role("region", name="最近收到的").locator("tbody tr")).to_have_count(3)
    page.get_by_text("换密钥").first.click()
    page.get_by_role("button", name="确定换一个新密钥").click()
    fresh = page.get_by_label("密钥（只显示这一次")
    expect(fresh).to_be_visible()
    expect(fresh).not_to_have_value(secret)
    page.get_by_role("button", name="停用").click()
    expect(page.get_by_text("发来的消息一律不收")).to_be_visible()
    page.get_by_text("删除", exact=True).click()
    page.get_by_role("button", name="确定删除").click()
    expect(page.get_by_role("link", name="自家商城")).to_have_count(0)


def test_what_was_typed_wrong_is_told(page: Page, base: str) -> None:
    page.goto(f"{base}/channels/new/chatwoot")
    page.get_by_label("名字").fill("a b")
    page.get_by_role("button", name="新建").click()
    expect(page.get_by_role("alert")).to_contain_text("渠道的名字")
    expect(page.get_by_label("名字")).to_have_value("a b")
    assert httpx.get(f"{base}/channels/nothing", timeout=60).status_code == 404
    assert httpx.post(f"{base}/channels/nothing/enable", timeout=60).status_code == 404
    assert httpx.get(f"{base}/channels/new/nothing", timeout=60).status_code == 404
