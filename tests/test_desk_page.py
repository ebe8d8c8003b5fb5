"""The desk in a browser: what is urgent on top, nothing moving under the pointer, promises settled where they stand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from app.config import Settings
from app.content.folder import write_folder
from app.web.app import create_app
from app.web.desk import DeskOut
from app.web.promise_answers import PromiseListOut, PromiseOut
from app.web.promises import ClockListOut, ScriptListOut
from tests.browser import browser_test, fresh_page
from tests.conftest import ENOUGH, Client, documented, running
from tests.panel_service import serving
from tests.test_promises import helper

SHANGHAI = ZoneInfo("Asia/Shanghai")
ASK = "document.dispatchEvent(new Event('visibilitychange'))"


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Client]:
    write_folder(tmp_path / "content", ENOUGH)
    app = create_app(
        Settings(data=tmp_path / "data", auth="off"),
        content=tmp_path / "content",
        trainer=lambda _: b"model",
        build=lambda _: helper(),
    )
    with running(app) as client:
        yield client


@pytest.fixture
def page(api: Client, browser: Browser) -> Iterator[Page]:
    tell(api, "小鱼儿", "怎么洗", minutes=1)
    tell(api, "阿May", "再不处理打12315，气", minutes=1)
    tell(api, "山里的云", "缩水了", minutes=50)
    tell(api, "山里的云", "半小时内给您回电", minutes=45, role="agent")
    with (
        serving(api.app, lifespan="off") as address,
        fresh_page(browser, timezone_id="America/New_York") as page,
    ):
        page.goto(f"{address}/desk")
        expect(page.locator(".desk-line")).to_have_count(3)
        yield page


def tell(api: Client, who: str, text: str, *, minutes: float, role: str = "customer") -> None:
    sent_at = datetime.now(UTC) - timedelta(minutes=minutes)
    body = {
        "role": role,
        "text": text,
        "message_id": f"{text}{minutes}",
        "sent_at": sent_at.isoformat(),
        "label": who,
    }
    answer = api.post(f"/api/v1/conversations/{who}/turns", json=body)
    assert answer.status_code == 200, answer.text


def names(page: Page, expected: list[str]) -> None:
    expect(page.locator(".desk-line strong")).to_have_text(expected)


def test_answers_are_as_documented(api: Client) -> None:
    tell(api, "小鱼儿", "发错了", minutes=1)
    tell(api, "小鱼儿", "收到退货后48小时内给您退款", minutes=1, role="agent")
    desk = api.get("/api/v1/desk").json()
    documented(DeskOut, desk)
    assert desk["lines"][0]["over_seconds"] == 0
    listed = api.get("/api/v1/promises?status=todo&conversation=小鱼儿").json()
    documented(PromiseListOut, listed)
    assert listed["items"][0]["case_id"] is None
    case = api.post("/api/v1/cases", json={"conversation_id": "小鱼儿"}).json()["id"]
    assert api.get("/api/v1/promises?conversation=小鱼儿").json()["items"][0]["case_id"] == case
    place = f"/api/v1/promises/{listed['items'][0]['id']}"
    assert api.request("PATCH", place, json={"outcome": "broken"}).status_code == 422
    kept = api.request("PATCH", place, json={"outcome": "kept"})
    assert documented(PromiseOut, kept.json()).status == "kept"
    documented(ScriptListOut, api.get(f"{place}/scripts").json())
    clocks = "/api/v1/conversations/小鱼儿/clocks"
    started = api.request("PUT", f"{clocks}/evidence", json={"since": "2026-11-20T10:00:00+08:00"})
    assert {one.id for one in documented(ClockListOut, started.json()).items} == {
        "sent_wrong",
        "evidence",
    }
    api.request("DELETE", f"{clocks}/evidence")
    assert [one["id"] for one in api.get(clocks).json()["items"]] == ["sent_wrong"]
    for path in ("/api/v1/promises/99999/scripts", "/api/v1/conversations/没有/clocks"):
        assert api.get(path).status_code == 404
    assert api.get("/api/v1/promises?status=nonsense").status_code == 422


@pytest.mark.usefixtures("page")
class TestPage:
    pytestmark = browser_test

    def test_the_most_urgent_first_and_no_jump_under_the_pointer(self, page: Page, api: Client) -> None:
        names(page, ["山里的云", "阿May", "小鱼儿"])
        page.locator(".desk-line").nth(1).hover()
        tell(api, "米粒", "12315，气死了", minutes=600)
        page.evaluate(ASK)
        expect(page.locator(".desk-line")).to_have_count(4)
        names(page, ["山里的云", "阿May", "小鱼儿", "米粒"])
        page.get_by_role("heading", name="工作台").hover()
        expect(page.locator(".desk-line strong").first).to_have_text("米粒")

    def test_keys_open_a_conversation(self, page: Page) -> None:
        page.keyboard.press("j")
        page.keyboard.press("j")
        expect(page.locator(".desk-line a").nth(1)).to_be_focused()
        page.keyboard.press("k")
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        page.wait_for_url("**/?conversation=*")

    def test_promises_are_settled_where_they_stand(self, page: Page) -> None:
        late = page.get_by_role("region", name="已过期的承诺")
        expect(late.locator(".desk-promise")).to_have_count(1)
        expect(late.locator("[data-due]")).to_contain_text("超了")
        late.get_by_role("button", name="没兑现").click()
        late.get_by_label("原因").fill("仓库没找到货")
        late.get_by_role("button", name="保存").click()
        expect(page.locator(".desk-promise")).to_have_count(0)

    def test_moving_a_promise(self, page: Page) -> None:
        row = page.locator(".desk-promise")
        row.get_by_role("button", name="改时间").click()
        row.get_by_label("改到").fill(f"{datetime.now(SHANGHAI) + timedelta(minutes=30):%Y-%m-%dT%H:%M}")
        row.get_by_label("原因").fill("顾客在忙")
        row.get_by_role("button", name="保存").click()
        expect(page.locator(".desk-promise [data-due]")).to_contain_text("还剩")

    def test_narrow_pages_do_not_scroll_sideways(self, page: Page) -> None:
        page.set_viewport_size({"width": 380, "height": 700})
        assert page.evaluate("document.documentElement.scrollWidth") <= 380
