"""The case page in a browser: opened with one key from the panel, kept as a draft, two people at once, photos."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import browser_test, fresh_page
from tests.conftest import Client
from tests.panel_service import serving
from tests.test_cases import change, opened, png

pytestmark = browser_test
SAVED = "都存好了"


@pytest.fixture(scope="module")
def address(client: Client) -> Iterator[str]:
    with serving(client.app, lifespan="off") as found:
        yield found


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with fresh_page(browser) as page:
        yield page


def show(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("html[data-ready]").wait_for()


def test_one_key_in_the_panel_registers_the_conversation(page: Page, address: str, client: Client) -> None:
    show(page, address)
    page.keyboard.press("d")
    expect(page.locator("#toast")).to_contain_text("先粘贴顾客的话")
    page.get_by_label("顾客说的话").fill("羊毛衫洗一次就缩水了，订单号 7770001112223334441")
    expect(page.locator("#scripts .card").first).to_be_visible()
    page.locator("#scripts").focus()
    page.keyboard.press("d")
    expect(page.locator("#toast")).to_contain_text("已登记")
    link = page.locator("#toast a").get_attribute("href")
    page.keyboard.press("d")
    expect(page.locator("#toast")).to_contain_text("已经登记过")
    assert page.locator("#toast a").get_attribute("href") == link
    show(page, f"{address}{link}")
    expect(page.locator("[data-field=order_number]")).to_have_value("7770001112223334441")
    expect(page.locator("#intents .chip")).to_contain_text(["缩水"])


def test_a_case_opened_by_mistake_is_void_until_it_is_wanted(
    page: Page, address: str, client: Client
) -> None:
    case = opened(client)
    show(page, f"{address}/cases/{case['id']}")
    page.get_by_role("button", name="登记错了").click()
    expect(page.locator(".page-head .tag").first).to_have_text("已作废")
    page.locator("html[data-ready]").wait_for()
    expect(page.get_by_role("button", name="登记错了")).to_be_hidden()
    page.get_by_label("状态").select_option("reopened")
    page.get_by_role("button", name="保存 Ctrl S").click()
    expect(page.locator(".page-head .tag").first).to_have_text("重新打开")


def test_the_term_is_typed_in_the_shops_time(browser: Browser, address: str, client: Client) -> None:
    case = opened(client)
    with fresh_page(browser, timezone_id="America/New_York") as page:
        show(page, f"{address}/cases/{case['id']}")
        page.get_by_label("办结期限").fill("2026-12-01T18:00")
        page.keyboard.press("Control+s")
        expect(page.locator("#state")).to_have_text(SAVED)
        expect(page.get_by_label("办结期限")).to_have_value("2026-12-01T18:00")
    stored = client.get(f"/api/v1/cases/{case['id']}").json()["fields"]
    assert stored["due_at"] == "2026-12-01T10:00:00Z"


def test_what_is_typed_is_kept_and_saved(page: Page, address: str, client: Client) -> None:
    case = opened(client)
    place = f"{address}/cases/{case['id']}"
    show(page, place)
    expect(page.locator("#state")).to_have_text(SAVED)
    page.get_by_label("处理意见").fill("先送检\n再定")
    page.get_by_label("加一种处理方案").select_option("部分退款")
    page.get_by_label("部分退款：金额（元）").fill("20")
    expect(page.locator("#state")).to_contain_text("改了 2 项")
    page.reload()
    page.locator("html[data-ready]").wait_for()
    expect(page.locator("#draft")).to_contain_text("没保存的修改还在")
    expect(page.get_by_label("处理意见")).to_have_value("先送检\n再定")
    page.keyboard.press("Control+s")
    expect(page.locator("#state")).to_have_text(SAVED)
    expect(page.locator(".timeline")).to_contain_text("修改：处理方案、处理意见")
    stored = client.get(f"/api/v1/cases/{case['id']}").json()["fields"]
    assert (stored["opinions"], stored["remedies"][0]["amount"]) == ("先送检\n再定", "20")
    page.reload()
    page.locator("html[data-ready]").wait_for()
    expect(page.locator("#state")).to_have_text(SAVED)
    expect(page.locator("#draft")).to_be_hidden()


def test_two_people_change_the_same_case(page: Page, address: str, client: Client) -> None:
    case = opened(client)
    show(page, f"{address}/cases/{case['id']}")
    page.get_by_label("处理结果").fill("补发一件")
    assert change(client, case, responsibility="快递").status_code == 200
    page.get_by_role("button", name="保存 Ctrl S").click()
    expect(page.locator("#trouble")).to_contain_text("把「责任」改成：快递")
    expect(page.get_by_label("处理结果")).to_have_value("补发一件")
    page.get_by_role("button", name="接着保存我的修改").click()
    expect(page.locator("#state")).to_have_text(SAVED)
    stored = client.get(f"/api/v1/cases/{case['id']}").json()["fields"]
    assert (stored["responsibility"], stored["outcome"]) == ("快递", "补发一件")


def test_what_is_refused_is_said_and_stays(page: Page, address: str, client: Client) -> None:
    case = opened(client)
    show(page, f"{address}/cases/{case['id']}")
    page.get_by_label("状态").select_option("closed")
    page.get_by_role("button", name="保存 Ctrl S").click()
    expect(page.locator("#trouble")).to_contain_text("结案前请写上处理结果")
    page.get_by_label("处理结果").fill("已退款")
    page.get_by_role("button", name="保存 Ctrl S").click()
    expect(page.locator(".page-head")).to_contain_text("已结案")
    expect(page.locator("#trouble")).to_be_hidden()


def test_photos_are_sent_and_removed_while_the_form_is_typed(
    page: Page, address: str, client: Client
) -> None:
    case = opened(client)
    show(page, f"{address}/cases/{case['id']}")
    page.get_by_label("处理意见").fill("看照片")
    page.locator("#pick").set_input_files(
        [
            {"name": "起球.png", "mimeType": "image/png", "buffer": png("teal")},
            {"name": "坏的.png", "mimeType": "image/png", "buffer": b"no photo"},
        ]
    )
    expect(page.locator("#photos figure")).to_have_count(1)
    expect(page.locator("#trouble")).to_contain_text("坏的.png：这不是能打开的照片")
    expect(page.get_by_label("处理意见")).to_have_value("看照片")
    page.keyboard.press("Control+s")
    expect(page.locator("#state")).to_have_text(SAVED)
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="删掉照片").click()
    expect(page.locator("#photos figure")).to_have_count(0)


@pytest.mark.parametrize("width", [320, 1280])
def test_no_page_is_wider_than_the_window(page: Page, address: str, client: Client, width: int) -> None:
    case = opened(client, "长" * 300 + "缩水")
    client.post("/registers/handover/leave", data={"text": "超" * 100})
    page.set_viewport_size({"width": width, "height": 700})
    for path in (
        "/cases",
        f"/cases/{case['id']}",
        f"/cases/{case['id']}/print",
        "/registers/handover",
        "/registers/vip",
    ):
        page.goto(address + path)
        page.locator("main").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_a_new_case_and_pasted_reviews(page: Page, address: str) -> None:
    show(page, f"{address}/cases")
    page.get_by_role("button", name="新登记").click()
    expect(page.get_by_label("联系方式")).to_be_visible()
    show(page, f"{address}/registers/praise")
    page.locator("#reviews").fill("衣服很好看很喜欢，就是有点掉色\n很满意")
    page.get_by_role("button", name="汇总").click()
    expect(page.locator("#found")).to_contain_text("质量 1")
