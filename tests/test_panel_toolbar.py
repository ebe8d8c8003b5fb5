"""The panel in WeCom's chat toolbar, with a stand-in for WeCom's own script: it sends, and without it words are copied."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from app.channels import manage
from app.web.guard import SDK
from tests.browser import browser_test, fresh_page
from tests.conftest import application
from tests.fake_platform import Platform, platform
from tests.panel_service import serving
from tests.test_channel_toolbar import APP, COMPANY
from tests.test_channel_wecom import CORP, KEY, PLACE, SYNC, TOKEN, query, sealed
from tests.test_panel import wait_for

pytestmark = browser_test

STAND_IN = """window.sent = []; window.mood = "ok"; window.ww = {
  register(given) { window.given = given; },
  async getCurExternalContact() { return {errMsg: "getCurExternalContact:ok", userId: "wmxxxx"}; },
  async sendChatMessage(what) {
    const page = location.href;
    const signed = [await window.given.getConfigSignature(page), await window.given.getAgentConfigSignature(page)];
    if (window.mood !== "ok") throw {errMsg: `sendChatMessage:${window.mood}`};
    window.sent.push({what, signed});
    return {errMsg: "sendChatMessage:ok"};
  },
};"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A shop with a WeCom channel and a customer who has said something."""
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        patch.setenv("HUASHU_OUTBOUND_ALLOW", "127.0.0.1")
        there: Platform = stack.enter_context(platform())
        there.answers[TOKEN] = [(200, {"errcode": 0, "access_token": "t-1", "expires_in": 7200})]
        there.answers[COMPANY] = [(200, {"errcode": 0, "ticket": "company", "expires_in": 7200})]
        there.answers[APP] = [(200, {"errcode": 0, "ticket": "app", "expires_in": 7200})]
        words = {"msgid": "k-1", "open_kfid": "wkxxxxxxx", "external_userid": "wmxxxx", "origin": 3}
        words |= {"send_time": int(datetime.now(UTC).timestamp()), "msgtype": "text"}
        words |= {"text": {"content": "毛衣缩水了"}}
        there.answers[SYNC] = [(200, {"errcode": 0, "next_cursor": "c", "has_more": 0, "msg_list": [words]})]
        folder = tmp_path_factory.mktemp("toolbar")
        app = application(folder, folder / "huashu.db")
        address = stack.enter_context(serving(app))
        services = app.state.services
        services.settings.url = address
        options = {"corp_id": CORP, "token": "QDG6eK", "corp_secret": "s", "url": there.url, "secret": KEY}
        made = manage.add(services.database, "wecom", "客服", options | {"agent_id": "1000002"}, by="测试")
        manage.add(services.database, "wecom", "没有工具栏", options, by="测试")
        told = "<xml><Event>kf_msg_or_event</Event><OpenKfId>wkxxxxxxx</OpenKfId><Token>t</Token></xml>"
        encrypted = sealed(told.encode())
        body = f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
        answer = httpx.post(f"{address}{made.path}?{query(encrypted)}", content=body, timeout=60)
        assert answer.status_code == 200
        yield address
        services.channels.feed.close()


@pytest.fixture(scope="module")
def page(browser: Browser, address: str) -> Iterator[Page]:
    with fresh_page(browser, 400, 700, locale="zh-CN") as page:
        conversation = f"{address}/api/v1/conversations/{quote(PLACE)}"
        wait_for(page, lambda: httpx.get(conversation, timeout=60).status_code == 200)
        yield page


def open_toolbar(page: Page, address: str) -> None:
    page.goto(f"{address}/toolbar/{quote('客服')}")
    expect(page.locator("html[data-ready]")).to_be_attached()


def test_words_go_into_the_chat_by_wecoms_script(page: Page, address: str) -> None:
    page.route("https://wwcdn.weixin.qq.com/**", lambda route: route.fulfill(body=STAND_IN))
    open_toolbar(page, address)
    expect(page.get_by_label("顾客说的话")).to_have_value("毛衣缩水了")
    card = page.locator("#scripts .card").first
    words = card.locator(".bubble").first.inner_text()
    page.evaluate("window.mood = 'cancel'")
    card.get_by_role("button", name="发给顾客").click()
    expect(page.locator("#toast")).to_have_text("没有发")
    expect(page.locator("#history .ours")).to_have_count(0)
    page.evaluate("window.mood = 'ok'")
    card.get_by_role("button", name="发给顾客").click()
    expect(page.locator("#toast")).to_have_text("已发给顾客")
    expect(page.locator("#history .ours .words").first).to_have_text(words)
    first = json.loads(page.evaluate("JSON.stringify(window.sent[0])"))
    assert first["what"] == {"msgtype": "text", "text": {"content": words}, "enterChat": True}
    assert [sorted(one) for one in first["signed"]] == [["nonceStr", "signature", "timestamp"]] * 2
    assert page.evaluate("[window.given.corpId, window.given.agentId]") == [CORP, "1000002"]


def test_without_the_script_words_are_copied(page: Page, address: str) -> None:
    page.unroute("https://wwcdn.weixin.qq.com/**")
    page.route("https://wwcdn.weixin.qq.com/**", lambda route: route.abort())
    open_toolbar(page, address)
    page.locator("[data-key=add-customer]").click()
    page.get_by_label("顾客说的话").fill("毛衣起球了")
    page.locator("#scripts .card").first.get_by_role("button", name="发给顾客").click()
    expect(page.locator("#toast")).to_contain_text("已复制，粘贴了自己发")
    expect(page.locator("#history .ours")).not_to_have_count(0)


def test_only_this_page_may_load_it(address: str) -> None:
    policy = "content-security-policy"
    toolbar = httpx.get(f"{address}/toolbar/客服", timeout=60)
    assert f"script-src 'self' {SDK};" in toolbar.headers[policy]
    assert toolbar.headers["x-content-type-options"] == "nosniff"
    for path, status in (("/", 200), ("/toolbar/没有工具栏", 404), ("/toolbar/nothing", 404)):
        answer = httpx.get(f"{address}{path}", timeout=60)
        assert answer.status_code == status
        assert "script-src 'self';" in answer.headers[policy]
        assert "weixin" not in answer.text
    path = f"{address}/api/v1/channels/客服/conversation"
    for customer, status in (("wmxxxx", 200), ("%", 404), ("", 422), ("x" * 201, 422)):
        assert httpx.get(path, params={"customer": customer}, timeout=60).status_code == status, customer
