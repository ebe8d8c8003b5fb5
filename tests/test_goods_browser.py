"""Products in a browser: imported on their page, then the panel sizes by their table and shows what evidence is missing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from app.products.sheet import template
from tests.browser import browser_test, fresh_page
from tests.conftest import Client
from tests.panel_service import serving

pytestmark = browser_test


@pytest.fixture(scope="module")
def place(client: Client, browser: Browser) -> Iterator[tuple[Page, str]]:
    with serving(client.app, lifespan="off") as address, fresh_page(browser) as page:
        yield page, address
    products = client.app.state.services.products
    for product in products.current.products:
        products.remove(product.id, "小王")


def test_imported_goods_size_a_customer_and_list_missing_evidence(place: tuple[Page, str]) -> None:
    page, address = place
    page.goto(f"{address}/products")
    page.locator("input[type=file]").set_input_files(
        {"name": "商品.xlsx", "mimeType": "application/octet-stream", "buffer": template()}
    )
    page.get_by_role("button", name="先看看会改什么").click()
    expect(page.locator(".products-sum")).to_have_text("新增 1，更新 0，没变 0")
    page.get_by_role("button", name="导入", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("新增 1")
    page.get_by_role("link", name="MY2201").click()
    expect(page.get_by_label("身高(cm)").first).to_have_value("155-165")

    page.goto(address)
    page.locator("html[data-ready]").wait_for()
    page.get_by_label("顾客说的话").fill("半高领羊毛衫我160 100斤穿什么码")
    expect(page.get_by_role("region", name="您的尺码")).to_contain_text("您的尺码：M")
    expect(page.locator("#scripts .card").first).to_contain_text("建议拍 M")

    page.get_by_label("顾客说的话").fill("半高领羊毛衫缩水了，M码的，机洗的，衣长现在55")
    kit = page.get_by_role("region", name="证据")
    expect(kit).to_contain_text("衣长 60 → 55 cm，缩 8.3%")
    expect(kit).to_contain_text("还缺 4 样")
