"""The studio in a real browser, with the whole application and a small shop: from an edit to what an agent sees."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect

from app.accounts import add_person
from app.config import Settings
from app.content.folder import write_folder
from app.content.model import Content
from app.nlu.train import train
from app.store.database import Database
from app.web.app import create_app
from tests.browser import browser_test, fresh_page, new_context
from tests.conftest import running
from tests.panel_service import serving
from tests.script_images import drawn
from tests.studio import FINE

pytestmark = browser_test
API = "/api/v1/studio"
PATIENT = 180_000
"""Milliseconds for what waits for a process of its own: an examination, the first check."""
NASTY = "<img src=x onerror=window.hacked=1><script>window.hacked=1</script>"
HOSTILE = [
    NASTY,
    "\"><svg onload=window.hacked=1><iframe srcdoc='<script>parent.hacked=1</script>'>",
    "<a href='javascript:window.hacked=1'>点这里</a><style>*{display:none}</style>",
    "</script><script>window.hacked=1</script>${window.hacked=1}",
    "`-window.hacked=1-` <details open ontoggle=window.hacked=1><template><b>",
]
"""Words that a page would run if it took them for its own."""
INJECTED = [
    "{{ 称呼.__class__ }}",
    "{{ 7*7 }}",
    "{% set a=1 %}",
    "{{ ''|attr('x') }}",
    "{{ cycler() }}",
    "{{ config }}",
]
"""Templates that would compute if they could."""


def trained(content: Content) -> bytes:
    return train(content)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    folder = tmp_path_factory.mktemp("content")
    write_folder(folder, FINE)
    settings = Settings(data=tmp_path_factory.mktemp("data"), auth="off")
    return create_app(settings, content=folder, trainer=trained)


@pytest.fixture(scope="module")
def address(app: FastAPI) -> Iterator[str]:
    with serving(app) as served:
        httpx.get(f"{served}{API}", timeout=120).raise_for_status()
        yield served


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    with fresh_page(browser, base_url=address) as page:
        page.set_default_timeout(PATIENT)
        yield page


@pytest.fixture(autouse=True)
def clean(address: str) -> None:
    """Every test begins with an empty draft."""
    version = httpx.get(f"{address}{API}", timeout=60).json()["version"]
    httpx.post(f"{address}{API}/discard", json={"version": version}, timeout=60).raise_for_status()


def put(address: str, name: str, **changes: Any) -> None:
    entry = httpx.get(f"{address}{API}/entry", params={"name": name}, timeout=60).json()
    body = {"name": name, "base": entry["etag"], "data": {**entry["data"], **changes}}
    httpx.put(f"{address}{API}/entry", json=body, timeout=60).raise_for_status()


def open_script(page: Page, title: str) -> None:
    page.goto("/studio#intent=shrinkage&pack=apparel")
    page.locator("html[data-ready]").wait_for()
    page.get_by_role("button", name=f"改「{title}」").click()
    expect(page.get_by_label("气泡", exact=True).first).to_be_visible()


def save(page: Page) -> None:
    page.get_by_role("button", name="存进草稿").click()


def test_from_an_edit_to_what_an_agent_sees(page: Page, address: str) -> None:
    open_script(page, "请拍平铺照")
    bubble = page.get_by_label("气泡", exact=True).first
    bubble.fill("这是全网最低价。")
    expect(page.locator(".row .problem", has_text="绝对化").first).to_be_visible(timeout=PATIENT)
    bubble.fill("看到啦，")
    bubble.press("End")
    bubble.press_sequentially("{{时")
    page.get_by_role("option", name="时限").first.click()
    expect(bubble).to_have_value("看到啦，{{ 时限 }}")
    bubble.press("End")
    bubble.press_sequentially("前回您。")
    expect(page.locator("#side .said-text").first).to_have_text("看到啦，〔时限〕前回您。", timeout=PATIENT)
    page.get_by_label("样例顾客").select_option("filled")
    expect(page.locator("#side .said-text").first).to_have_text("看到啦，今天 18:00前回您。", timeout=PATIENT)
    chart = {"name": "尺码表.webp", "mimeType": "image/webp", "buffer": drawn("WEBP")}
    page.get_by_label("上传图片").set_input_files(chart)
    expect(page.locator("#side").get_by_role("img", name="尺码表")).to_be_visible(timeout=PATIENT)
    save(page)
    expect(page.locator("#toast")).to_contain_text("已存进草稿")
    expect(page.locator("#state")).to_contain_text("草稿改了 2 条", timeout=PATIENT)

    page.goto("/studio/publish")
    expect(page.locator("#changes")).to_contain_text("看到啦，〔时限〕前回您。")
    page.get_by_label("这一版改了什么").fill("先给时间")
    page.get_by_role("button", name="检查并发布").click()
    expect(page.locator(".run")).to_contain_text("已发布，现在是第 2 版", timeout=PATIENT)

    page.goto("/")
    page.locator("html[data-ready]").wait_for()

    page.get_by_label("顾客说的话").fill("毛衣缩水了")
    expect(page.locator("#scripts")).to_contain_text("看到啦", timeout=PATIENT)
    expect(page.get_by_role("img", name="尺码表")).to_be_visible()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="复制图片：尺码表").click()
    expect(page.locator("#toast")).to_contain_text("图片复制好了")
    kinds = "navigator.clipboard.read().then((all) => all.flatMap((one) => one.types))"
    assert page.evaluate(kinds) == ["image/png"]
    own = {"title": "羊毛别暴晒", "bubbles": ["羊毛的平铺阴干就好。"]}
    httpx.post(f"{address}/api/v1/own-scripts", json=own, timeout=60).raise_for_status()
    with page.expect_download() as saved:
        page.get_by_role("link", name="下载：尺码表").click()
    assert saved.value.suggested_filename == "尺码表.jpg"
    page.locator("#open-search").click()
    page.locator("#search input").fill("暴晒")
    mine = page.locator("#found article", has_text="羊毛别暴晒")
    expect(mine).to_contain_text("我的话术", timeout=PATIENT)
    mine.get_by_role("button", name="复制：羊毛别暴晒", exact=True).first.click()
    page.wait_for_function("navigator.clipboard.readText().then((text) => text === '羊毛的平铺阴干就好。')")

    page.goto("/studio/releases")
    expect(page.get_by_role("row", name="先给时间")).to_contain_text("正在用", timeout=PATIENT)
    page.get_by_role("button", name="看选中两版的差别").click()
    expect(page.locator("#diff")).to_contain_text("请拍平铺照")
    page.get_by_role("button", name="回退到第 1 版").click()
    page.get_by_role("dialog").get_by_role("button", name="回退", exact=True).click()
    expect(page.get_by_role("row", name="回到第 1 版")).to_be_visible(timeout=PATIENT)


def test_two_trainers_on_one_script_see_both_versions(page: Page, browser: Browser, address: str) -> None:
    context = new_context(browser, base_url=address)
    other = context.new_page()
    for trainer, title in ((page, "我的标题"), (other, "对方的标题")):
        open_script(trainer, "问怎么洗")
        trainer.get_by_label("标题").fill(title)
    save(other)
    expect(other.locator("#toast")).to_contain_text("已存进草稿", timeout=PATIENT)
    context.close()
    save(page)
    clash = page.locator(".clash")
    expect(clash).to_contain_text("刚刚改过这一条")
    expect(clash.locator("del")).to_have_text("对方的标题")
    expect(clash.locator("ins")).to_have_text("我的标题")
    expect(page.get_by_label("标题")).to_have_value("我的标题")
    clash.get_by_role("button", name="用我的").click()
    expect(page.get_by_role("heading", name="我的标题").first).to_be_visible(timeout=PATIENT)
    edits = httpx.get(f"{address}{API}/changes", timeout=60).json()["edits"]
    assert len([edit for edit in edits if edit["open"]]) == 2


def test_a_worse_draft_is_refused_and_an_administrator_may_say_why(page: Page, address: str) -> None:
    put(address, "intent:authority_complaint", patterns=["十二三一五"], examples=["我要告你们"])
    page.goto("/studio/publish")
    page.get_by_role("button", name="检查并发布").click()
    run = page.locator(".run")
    expect(run).to_have_attribute("data-state", "refused", timeout=PATIENT)
    expect(run).to_contain_text("风险「12315与法律」没有认出来")
    expect(run.locator("details").first).to_contain_text("原来判成12315与法律，现在判成不答")
    send = page.get_by_role("button", name="没通过也发布")
    expect(send).to_be_disabled()
    page.get_by_label("没通过也要发布的理由").fill("样例还在补")
    send.click()
    expect(run).to_have_attribute("data-state", "published", timeout=PATIENT)
    page.goto("/studio/releases")
    expect(page.locator("#releases")).to_contain_text("管理员决定发布：样例还在补", timeout=PATIENT)
    page.get_by_role("button", name="回退到第 1 版").click()
    page.get_by_role("dialog").get_by_role("button", name="回退", exact=True).click()
    expect(page.locator("#toast")).to_contain_text("好了", timeout=PATIENT)


def test_trying_a_message_and_keeping_it(page: Page) -> None:
    page.goto("/studio")
    page.locator("html[data-ready]").wait_for()
    page.get_by_role("tab", name="试一试").click()
    page.get_by_label("顾客的话", exact=True).fill("毛衣洗完缩水了")
    page.get_by_label("顾客的话", exact=True).press("Enter")
    for name in ("草稿", "正在用的一版"):
        expect(page.get_by_role("region", name=name)).to_contain_text("缩水", timeout=PATIENT)
    page.get_by_role("button", name="存成考题").click()
    expect(page.locator("#toast")).to_contain_text("以后每次发布前都考这一句")


def test_hostile_words_stay_words(page: Page, address: str) -> None:
    put(address, "script:shrinkage.confirm.photo", title=NASTY[:40], bubbles=HOSTILE)
    put(address, "script:shrinkage.confirm.wash", title="算一算", bubbles=INJECTED)
    open_script(page, NASTY[:40])
    for index, text in enumerate(HOSTILE):
        expect(page.locator("#side .said-text").nth(index)).to_have_text(text, timeout=PATIENT)
    open_script(page, "算一算")
    editing = page.locator('[id="entry-script:shrinkage.confirm.wash"]')
    for index in range(len(INJECTED)):
        problem = editing.locator(f'[data-path="bubbles.{index}"] > .problem')
        expect(problem).not_to_be_empty(timeout=PATIENT)
        expect(page.locator("#side .said-text").nth(index)).to_have_text(INJECTED[index])
    page.goto("/studio/publish")
    expect(page.locator("#changes ins").first).to_be_visible()
    expect(page.locator("#go .note.bad")).to_be_visible(timeout=PATIENT)
    expect(page.get_by_role("button", name="检查并发布")).to_be_disabled()
    assert page.evaluate("window.hacked") is None


def test_keyboard_only(page: Page) -> None:
    page.goto("/studio")
    page.locator("html[data-ready]").wait_for()
    expect(page.locator("#tree .tree-item").first).to_have_text("店铺资料")
    page.get_by_label("查找意图、话术").focus()
    page.keyboard.type("没把好关")
    expect(page.get_by_role("button", name="认错 缩水")).to_be_visible()
    while page.evaluate("!document.activeElement.classList.contains('found')"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    # what is mostly changed is the wording
    expect(page.get_by_label("气泡", exact=True).first).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_label("标题")).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.type("道歉")
    page.keyboard.press("Control+s")
    expect(page.get_by_role("heading", name="认错道歉").first).to_be_visible()
    undo = page.locator("#toast").get_by_role("button", name="撤销")
    undo.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="认错道歉")).to_have_count(0)


def test_a_new_script_and_a_file_with_a_wrong_line(page: Page) -> None:
    page.set_viewport_size({"width": 380, "height": 700})
    page.goto("/studio#intent=pilling&pack=apparel")
    page.locator("html[data-ready]").wait_for()
    expect(page).to_have_title("起球 · 话术库 · 话术助手")
    expect(page.locator("#left")).to_be_hidden()
    page.get_by_role("region", name="道歉").get_by_role("button", name="加一条").click()
    page.get_by_label("标题").fill("起球认错")
    page.get_by_label("气泡", exact=True).first.fill("这批料子确实容易起球，是我们没说清楚。")
    save(page)
    expect(page.get_by_role("heading", name="起球认错").first).to_be_visible(timeout=PATIENT)
    page.get_by_role("button", name="目录：起球").click()
    page.get_by_role("button", name="店铺资料").click()
    page.get_by_label("无理由退货天数").fill("3")
    row = page.locator('[data-path="policy.return_days"]')
    expect(row.locator(":scope > .problem")).to_have_text("「无理由退货天数」不能小于 7", timeout=PATIENT)
    page.get_by_label("无理由退货天数").fill("10")
    expect(row.locator(":scope > .problem")).to_be_empty(timeout=PATIENT)
    save(page)
    expect(page.locator("#toast")).to_contain_text("已存进草稿")
    page.get_by_role("button", name="照原样改这个文件").click()
    expect(page.get_by_label("文件内容")).to_have_value(re.compile("return_days: 10"))
    page.get_by_label("文件内容").fill("name: 甲店\nplatform: 地摊\n")
    expect(page.locator(".problem-list")).to_contain_text("第 2 行：平台只能是", timeout=PATIENT)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="还原").click()


def test_publishing_under_load_fails_no_request_and_hostile_words_stay_words_in_the_panel(
    page: Page, address: str
) -> None:
    put(address, "script:shrinkage.confirm.photo", title=NASTY[:40], bubbles=HOSTILE)
    done = threading.Event()
    answers: list[int] = []

    def ask() -> None:
        with httpx.Client(base_url=address, timeout=60) as http:
            while not done.is_set():
                answers.append(http.post("/api/v1/suggest", json={"message": "毛衣缩水了"}).status_code)

    askers = [threading.Thread(target=ask) for _ in range(3)]
    for asker in askers:
        asker.start()
    with httpx.Client(base_url=address, timeout=60) as http:
        version = http.get(API).json()["version"]
        http.post(f"{API}/publish", json={"version": version, "note": NASTY}).raise_for_status()
        run: dict[str, Any] = {"state": "running"}
        while run["state"] == "running":
            run = http.get(API).json()["run"]
        assert (run["state"], run["note"]) == ("published", NASTY), run["step"]
    done.set()
    for asker in askers:
        asker.join()
    assert set(answers) == {200}
    page.goto("/")
    page.locator("html[data-ready]").wait_for()
    page.get_by_label("顾客说的话").fill("毛衣缩水了")
    shown = page.locator('[data-script="shrinkage.confirm.photo"] .bubble')
    for index, text in enumerate(HOSTILE):
        expect(shown.nth(index)).to_contain_text(text, timeout=PATIENT)
    page.goto("/studio/releases")
    expect(page.locator("#releases")).to_contain_text(NASTY, timeout=PATIENT)
    assert page.evaluate("window.hacked") is None


def test_only_trainers_come_in(tmp_path: Path) -> None:
    database = Database(tmp_path / "huashu.db")
    database.upgrade()
    token = add_person(database, "小客服", "agent", by="店主")
    database.close()
    write_folder(tmp_path / "content", FINE)
    app = create_app(Settings(data=tmp_path), content=tmp_path / "content", trainer=trained)
    with running(app) as client:
        assert client.get(API).status_code == 401
        client.post(f"/sign-in/{token}")
        for path in ("/studio", f"{API}/tree", f"{API}/releases"):
            assert client.get(path).status_code == 403
        told = json.loads(client.get(f"{API}/entry?name=script:x").text)
        assert told["code"] == "not_allowed"
