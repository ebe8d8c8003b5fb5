"""The library's health and trials in a real browser: from a hole to a new script, the usual edit taken with one click."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect

from app.accounts import ROLES
from app.config import Settings
from app.content.folder import write_folder
from app.nlu.train import train
from app.store import feedback, usage
from app.store.feedback import Feedback
from app.store.people import Person
from app.web.app import create_app
from app.web.library_health import read_use
from tests.browser import browser_test, fresh_page
from tests.panel_service import serving
from tests.studio import FINE, Inside

pytestmark = browser_test
API = "/api/v1/studio"
PHOTO = "shrinkage.confirm.photo"
NASTY = "<img src=x onerror=window.hacked=1>"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    folder: Path = tmp_path_factory.mktemp("content")
    write_folder(folder, FINE)
    settings = Settings(data=tmp_path_factory.mktemp("data"), auth="off")
    made = create_app(settings, content=folder, trainer=train)
    services = made.state.services
    services.library_health._new_bench = Inside
    services.workshop._new_bench = Inside
    return made


@pytest.fixture(scope="module")
def address(app: FastAPI) -> Iterator[str]:
    with serving(app) as served:
        today = datetime.now(UTC).date()
        text = f"新毛衣洗一次就小了换谁都心疼呀。\n{NASTY}麻烦把毛衣平铺拍一张给我看看。"
        with app.state.services.database.write() as session:
            usage.add_views(session, {(today, PHOTO, "甲"): 40, (today, "shrinkage.confirm.wash", "甲"): 7})
            for _ in range(4):
                feedback.add(session, Feedback(PHOTO, "edited", "甲", sent_text=text))
        yield served


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    with fresh_page(browser, base_url=address) as page:
        yield page


def test_from_the_look_to_the_draft(page: Page, address: str) -> None:
    page.goto("/studio/health?days=7")
    expect(page.locator("#coverage")).to_be_attached()
    expect(page.locator("#used")).to_contain_text("显示 47 次")
    page.locator("#used summary", has_text="按话术").click()
    expect(page.locator("#used")).to_contain_text("才 7 次，看不出")
    assert page.locator("#used svg.columns").get_attribute("aria-label") is not None

    page.locator(".tiles a", has_text="常被改").click()
    edited = page.locator("#edited")
    expect(edited.locator("ins").first).to_be_visible()
    expect(edited).to_contain_text("<img src=x")
    assert page.evaluate("window.hacked") is None
    edited.get_by_role("button", name="用大家的改法").click()
    expect(page.locator("#toast")).to_contain_text("已存进草稿")
    changed = httpx.get(f"{address}{API}/changes", timeout=60).json()["items"]
    assert [item["name"] for item in changed] == [f"script:{PHOTO}"]
    page.get_by_role("button", name="撤销").click()
    expect(edited.get_by_role("button", name="用大家的改法")).to_be_attached()
    assert httpx.get(f"{address}{API}/changes", timeout=60).json()["items"] == []


def test_a_hole_becomes_a_new_script(page: Page) -> None:
    page.goto("/studio/health#coverage")
    expect(page.locator("#coverage")).to_have_attribute("open", "")
    page.get_by_label("只看有缺的").check()
    hole = page.locator(".cell.none").first
    expect(hole).to_be_visible()
    expect(hole).to_contain_text("缺")
    expect(page.locator(".coverage tr:visible .cell.own").filter(has_text="缺")).to_have_count(0)
    hole.click()
    page.locator("html[data-ready]").wait_for()
    expect(page.get_by_label("气泡", exact=True).first).to_be_visible()
    expect(page.get_by_label("标题").first).to_be_visible()


def test_a_trial_is_started_looked_at_ended_and_the_better_one_used(page: Page, address: str) -> None:
    page.goto("/studio/trials")
    page.locator("html[data-ready]").wait_for()
    page.get_by_label("意图", exact=True).fill("缩水")
    page.get_by_label("意图", exact=True).press("Tab")
    expect(page.get_by_label("A", exact=True)).to_be_enabled()
    page.get_by_label("A", exact=True).select_option(PHOTO)
    page.get_by_label("B", exact=True).select_option("shrinkage.confirm.wash")
    expect(page.locator("#text-b")).to_contain_text("手洗还是机洗")
    page.get_by_role("button", name="开始比").click()
    trial = page.locator(".trial")
    expect(trial).to_contain_text("还没有会话用到这两条，至少比 30 对会话才下结论")
    expect(trial).to_contain_text("还没有会话")
    assert httpx.post(f"{address}{API}/trials/1/use", json={"side": "b"}, timeout=60).status_code == 409
    page.once("dialog", lambda dialog: dialog.accept())
    trial.get_by_role("button", name="不比了").click()
    expect(trial).to_contain_text("没比完就结束了")
    trial.get_by_role("button", name="用 B").click()
    expect(page.locator("#toast")).to_contain_text("草稿里 B 排到前面了")
    items = httpx.get(f"{address}{API}/changes", timeout=60).json()["items"]
    assert items[0]["lines"][0]["label"] == "排在这些话术前面"
    page.get_by_role("button", name="撤销").click()
    expect(page.locator("#state")).to_contain_text("草稿没有改动")


def test_two_scripts_of_another_page_are_chosen_already(page: Page) -> None:
    page.goto(f"/studio/trials#intent=shrinkage&a={PHOTO}&b=shrinkage.confirm.wash")
    expect(page.get_by_role("button", name="开始比")).to_be_enabled()
    expect(page.locator("#text-a")).to_contain_text("平铺拍一张")


def test_agents_by_name_are_for_the_lead_alone() -> None:
    health = SimpleNamespace(used=lambda _days: {"by_agent": [{"name": "甲"}], "days": 7})
    services: Any = SimpleNamespace(library_health=health)
    seen = {role: read_use(services, Person(1, "乙", role), 7)["by_agent"] for role in ROLES[1:]}
    assert seen == {"trainer": None, "lead": [{"name": "甲"}], "admin": [{"name": "甲"}]}


def test_the_api_says_what_the_page_shows(app: FastAPI, address: str) -> None:
    def get(path: str, **params: object) -> httpx.Response:
        return httpx.get(f"{address}{path}", params=params, timeout=60)

    health = app.state.services.library_health
    get(f"{API}/health")
    health.look()
    found = get(f"{API}/health").json()
    assert found["fresh"]
    assert found["found"]["holes"] > 0
    used = get(f"{API}/health/use", days=7).json()
    assert [one["name"] for one in used["by_agent"]] == ["甲"]
    assert get(f"{API}/health/use", days=8).status_code == 422
    body = {"script": "no.such.script", "proposal": "x"}
    assert httpx.post(f"{address}{API}/health/adopt", json=body, timeout=60).status_code == 409
    assert get("/studio/health.xlsx").content.startswith(b"PK")
    with app.state.services.database.write() as session:
        usage.add_views(session, {(datetime.now(UTC).date(), "=1+1", "甲"): 1})
    health._used.clear()
    assert "'=1+1" in get("/studio/health.csv", days=90).content.decode("utf-8-sig")


def test_customers_get_the_drawn_script_first_and_it_counts(app: FastAPI, address: str) -> None:
    trials = app.state.services.trials
    body = {"a": PHOTO, "b": "shrinkage.confirm.wash", "least": 10}
    started = httpx.post(f"{address}{API}/trials", json=body, timeout=60).json()["id"]
    assert httpx.post(f"{address}{API}/trials", json=body, timeout=60).status_code == 409
    trials.refresh()
    firsts = set()
    for number in range(8):
        place, turn = f"会话-{number}", {"role": "customer", "text": "毛衣缩水了", "message_id": "m1"}
        path = f"{address}/api/v1/conversations/{place}/turns"
        told = httpx.post(path, json=turn, timeout=60).json()
        tried = [one for one in told["suggestions"] if one["script_id"] in (PHOTO, body["b"])]
        assert [one.get("trial") for one in tried] == [started, None]
        firsts.add(tried[0]["script_id"])
        asked = {"message": "毛衣缩水了", "conversation_id": place, "turn_id": told["turn_id"]}
        again = httpx.post(f"{address}/api/v1/suggest", json=asked, timeout=60).json()["suggestions"]
        assert next(one for one in again if one.get("trial"))["script_id"] == tried[0]["script_id"]
    assert firsts == {PHOTO, body["b"]}
    plain = httpx.post(f"{address}/api/v1/suggest", json={"message": "毛衣缩水了"}, timeout=60).json()
    assert not any("trial" in one for one in plain["suggestions"])
    trials.refresh()
    found = httpx.get(f"{address}{API}/trials", timeout=60).json()["items"][0]
    assert (found["waiting"], found["words"]) == (8, "还没有会话用到这两条，至少比 10 对会话才下结论")
    assert httpx.post(f"{address}{API}/trials/{started}/end", timeout=60).status_code == 200
    assert httpx.post(f"{address}{API}/trials/{started}/end", timeout=60).status_code == 409
    wrong = {**body, "b": "no.such.script"}
    assert httpx.post(f"{address}{API}/trials", json=wrong, timeout=60).status_code == 422
