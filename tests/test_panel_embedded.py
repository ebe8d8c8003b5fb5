"""The panel in a frame of a chat system's page: it opens what is looked at there, and listens to nobody else."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from app.channels import manage
from tests.browser import browser_test, fresh_page
from tests.conftest import application
from tests.fake_chatwoot import webhook
from tests.panel_service import serving
from tests.test_panel import wait_for

pytestmark = browser_test

PAGE = """<!doctype html><title>chat</title><iframe id="panel" style="width:400px;height:700px"></iframe><script>
const panel = document.getElementById("panel");
let context = null;
window.asked = 0;
window.tell = (text) => panel.contentWindow.postMessage(text, "*");
window.look = (data) => { context = JSON.stringify({event: "appContext", data}); window.tell(context); };
addEventListener("message", (event) => {
  if (event.data !== "chatwoot-dashboard-app:fetch-info") return;
  window.asked += 1;
  if (context) window.tell(context);
});
</script>"""
CONTACT = {"name": "小鱼儿"}


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(PAGE.encode())

    def log_message(self, *_: object) -> None: ...


@contextmanager
def chat_page() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Chat:
    """A page with the panel in it. asked: the conversations the panel has asked its service for."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.asked: list[str] = []
        page.on(
            "request",
            lambda request: "/api/v1/conversations/" in request.url and self.asked.append(request.url),
        )

    def frame(self, query: str = "?channel=官网") -> FrameLocator:
        self.page.evaluate("(url) => panel.src = url", f"{self.address}/{query}")
        inside = self.page.frame_locator("#panel")
        expect(inside.locator("html[data-ready]")).to_be_attached()
        return inside

    def look(self, number: int, *messages: dict[str, Any]) -> None:
        data = {"conversation": {"id": number, "messages": list(messages)}, "contact": CONTACT}
        self.page.evaluate("(data) => look(data)", data)


OpenChat = Callable[..., Chat]


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, str]]:
    """The panel's address, and two pages that may frame it, only the first of which is listed by name."""
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        good, other = stack.enter_context(chat_page()), stack.enter_context(chat_page())
        patch.setenv("HUASHU_FRAME_ANCESTORS", f"{good} http://127.0.0.1:*")
        folder = tmp_path_factory.mktemp("embedded")
        app = application(folder, folder / "huashu.db")
        address = stack.enter_context(serving(app))
        made = manage.add(app.state.services.database, "chatwoot", "官网", {"secret": "s3cr3t"}, by="测试")
        body, headers = webhook("s3cr3t")
        assert httpx.post(address + made.path, content=body, headers=headers, timeout=60).status_code == 200
        yield address, good, other
        app.state.services.channels.feed.close()


@pytest.fixture
def open_chat(browser: Browser, places: tuple[str, str, str]) -> Iterator[OpenChat]:
    address, good, other = places
    with fresh_page(browser, locale="zh-CN") as page:

        def open_it(*, listed: bool = True) -> Chat:
            page.goto(good if listed else other)
            return Chat(page, address)

        yield open_it


def said(number: int, text: str, kind: int = 0, **more: Any) -> dict[str, Any]:
    return {"id": number, "content": text, "message_type": kind, "created_at": 1795341600 + number} | more


def tab(inside: FrameLocator) -> Any:
    return inside.locator(".tab.here .tab-name")


def test_the_stored_conversation_is_opened(open_chat: OpenChat) -> None:
    chat = open_chat()
    chat.look(10)
    inside = chat.frame()
    expect(tab(inside)).to_contain_text("小鱼儿")
    expect(inside.get_by_label("顾客说的话")).to_have_value("毛衣洗一次就缩水了")
    expect(inside.locator("#scripts .card").first).to_be_visible()


def test_an_unknown_one_gets_a_tab_with_what_was_said(open_chat: OpenChat) -> None:
    chat = open_chat()
    inside = chat.frame()
    chat.look(
        77,
        said(1, "毛衣起球了"),
        said(2, "亲，在的", 1),
        said(3, "给同事看的", 1, private=True),
        said(4, "已分配给阿May", 2),
        said(5, "还缩水了"),
    )
    expect(tab(inside)).to_contain_text("小鱼儿")
    expect(inside.get_by_label("顾客说的话")).to_have_value("还缩水了")
    expect(inside.locator("#history .words")).to_have_text(["毛衣起球了", "亲，在的"])
    expect(inside.locator("#scripts .card").first).to_be_visible()
    chat.look(77, said(5, "还缩水了"), said(6, "怎么办"))
    expect(inside.get_by_label("顾客说的话")).to_have_value("怎么办")
    expect(inside.locator("#scripts .card").first).to_be_visible()

    def stored() -> list[str]:
        read = httpx.get(f"{chat.address}/api/v1/conversations/chatwoot:官网:77", timeout=60).json()
        return [turn["message_id"] for turn in read["turns"]]

    wait_for(chat.page, lambda: stored() == ["1", "2", "5", "6"])
    chat.look(10)
    expect(inside.get_by_label("顾客说的话")).to_have_value("毛衣洗一次就缩水了")
    chat.look(77)
    expect(inside.get_by_label("顾客说的话")).to_have_value("怎么办")


def test_what_cannot_be_read_is_passed_over(open_chat: OpenChat) -> None:
    chat = open_chat()
    inside = chat.frame()
    for text in ("", "{", "null", "[1]", '{"event": "appContext"}', '{"event": "appContext", "data": {}}'):
        chat.page.evaluate("(text) => tell(text)", text)
    strange = {"event": "appContext", "data": {"conversation": {"id": "../../x"}}}
    chat.page.evaluate("(text) => tell(text)", json.dumps(strange))
    chat.page.evaluate("tell({event: 'appContext'})")
    chat.look(10)
    expect(inside.get_by_label("顾客说的话")).to_have_value("毛衣洗一次就缩水了")
    assert not [url for url in chat.asked if "x" in url.rsplit("/", 1)[1]]


def test_another_origin_is_neither_asked_nor_heard(open_chat: OpenChat) -> None:
    chat = open_chat(listed=False)
    inside = chat.frame()
    frame = chat.page.frames[1]
    frame.evaluate("() => { window.heard = 0; addEventListener('message', () => window.heard++); }")
    chat.look(10)
    frame.wait_for_function("window.heard === 1")
    assert chat.page.evaluate("window.asked") == 0
    assert [url for url in chat.asked if "chatwoot" in url] == []
    expect(inside.get_by_label("顾客说的话")).to_have_value("")
