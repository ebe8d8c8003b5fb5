"""The side panel in a real browser, against canned answers (tests/panel_service.py)."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, expect

from app.web import pages
from tests.browser import UNHURRIED, Window, browser_test, new_context, without_network
from tests.panel_service import NASTY, NOTHING, SHRUNK, THREAT, Day, make_app, script, serving

STATIC = Path(pages.__file__).parent / "static"
TEMPLATES = Path(pages.__file__).parent / "templates"
PASTE = """text => {
    const data = new DataTransfer();
    data.setData("text/plain", text);
    document.activeElement.dispatchEvent(
        new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
}"""
# the word asked of the console when the browser refuses something on the page
REFUSED = re.compile("Content Security Policy|Refused")

OpenPage = Callable[..., Page]
SHANGHAI = ZoneInfo("Asia/Shanghai")
CHINA: dict[str, Any] = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai"}
PLAIN = f"{pages.STATIC_URL}/css/tokens.css"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Day]]:
    day = Day()
    with serving(make_app(day, tmp_path_factory.mktemp("panel")), dated=False) as address:
        yield address, day


@pytest.fixture
def day(service: tuple[str, Day]) -> Day:
    day = service[1]
    fresh = Day()
    vars(day).update(vars(fresh))
    return day


@pytest.fixture(scope="module")
def window(browser: Browser, service: tuple[str, Day]) -> Iterator[Window]:
    window = Window(browser, service[0], PLAIN, **CHINA)
    yield window
    window.close()


@pytest.fixture
def open_page(browser: Browser, window: Window, service: tuple[str, Day], day: Day) -> Iterator[OpenPage]:
    """Opens the panel for who has never been there; fails the test on script errors and refused content."""
    contexts: list[BrowserContext] = []
    shared: list[Page] = []
    errors: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if REFUSED.search(message.text):
            errors.append(message.text)

    def failed(error: Error) -> None:
        errors.append(str(error))

    def open_it(width: int = 380, height: int = 700, before: str = "", **options: Any) -> Page:
        if before or options or shared:
            context = new_context(browser, width, height, **(CHINA | options))
            context.add_init_script(before)
            contexts.append(context)
            page = context.new_page()
        else:
            page = window.open(width, height)
            shared.append(page)
        page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=service[0])
        page.on("pageerror", failed)
        page.on("console", heard)
        page.goto(service[0])
        ready(page)
        return page

    yield open_it
    day.held.clear()
    for context in contexts:
        context.close()
    window.tidy()
    for page in shared:
        page.remove_listener("pageerror", failed)
        page.remove_listener("console", heard)
    assert errors == []


def ready(page: Page) -> None:
    page.locator("html[data-ready]").wait_for()


def reload(page: Page) -> None:
    page.reload()
    ready(page)


def answered(page: Page) -> None:
    """Wait for the answer to what was just done: the page is busy from the very click or key on."""
    expect(page.locator("#shell")).to_have_attribute("aria-busy", "false")


def paste(page: Page, text: str) -> None:
    page.evaluate(PASTE, text)


def copied(page: Page) -> str:
    text: str = page.evaluate("navigator.clipboard.readText()")
    return text.replace("\r\n", "\n")


def box(page: Page) -> Any:
    return page.get_by_label("顾客说的话")


def card(page: Page, title: str) -> Any:
    return page.locator("#scripts .card").filter(has=page.get_by_role("heading", name=title, exact=True))


def shown(page: Page, text: str = SHRUNK) -> None:
    """Paste and wait for the answer to just that: until it came, the scripts of the message before can't be copied."""
    paste(page, text)
    answered(page)
    expect(page.locator("#scripts .card").first).to_be_visible()


# the agent comes back to the page, again and again: a look while something is being stored changes nothing
RETURN = "setInterval(() => window.dispatchEvent(new Event('focus')), 200)"
CHOICE = "您选退还是换都行，来回运费我们出。"


def wait_for(page: Page, holds: Callable[[], bool]) -> None:
    """Wait for the service, which runs in another thread, to be asked something."""
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline, "it did not happen"
        page.wait_for_timeout(50)


def stored(page: Page, day: Day, expected: list[str]) -> None:
    """The only conversation comes to hold these turns."""

    def held() -> list[list[str]]:
        return [[f"{turn['role']}:{turn['text']}" for turn in turns] for turns in day.conversations.values()]

    try:
        wait_for(page, lambda: held() == [expected])
    except AssertionError:
        assert held() == [expected]


class TestMessage:
    pytestmark = browser_test

    def test_pasting_anywhere_is_analysed_at_once_and_marks_the_words(
        self, open_page: OpenPage, day: Day
    ) -> None:
        page = open_page()
        shown(page)
        expect(box(page)).to_have_value(SHRUNK)
        expect(box(page)).not_to_be_focused()
        expect(page.locator("#marks mark[class*=hue]")).to_have_text(["缩水", "起球"])
        expect(page.locator("#marks mark.tone")).to_have_text(["那么贵"])
        assert page.locator("#marks").inner_text().strip() == SHRUNK
        assert len(day.requests) == 1

    def test_marks_of_a_long_message_lie_on_their_words_in_sight(self, open_page: OpenPage) -> None:
        page = open_page(380, 700)
        shown(page, "今天收到的快递，我先随便说几句。" * 30 + "毛衣缩水了")
        expect(page.locator("#marks mark")).to_be_in_viewport()
        sizes = """[...document.querySelectorAll("#marks, #message")]
            .map((one) => [one.clientWidth, one.clientHeight, one.scrollHeight])"""
        marks, area = page.evaluate(sizes)
        assert marks == area
        assert area[1] == area[2] > page.locator("#box").evaluate("(box) => box.clientHeight")

    def test_offsets_count_characters_also_after_emoji(self, open_page: OpenPage) -> None:
        page = open_page()
        shown(page, "😭😭毛衣👨‍👩‍👧缩水了")
        expect(page.locator("#marks mark")).to_have_text(["缩水"])

    def test_typing_is_analysed_after_a_pause(self, open_page: OpenPage, day: Day) -> None:
        page = open_page()
        page.clock.install()
        page.clock.pause_at(datetime.now(UTC) + timedelta(minutes=1))
        box(page).press_sequentially("毛衣缩水")
        page.clock.run_for(240)
        assert day.requests == []
        page.clock.run_for(20)
        expect(page.locator(".chip")).to_have_count(1)
        assert [request["message"] for request in day.requests] == ["毛衣缩水"]

    def test_a_slow_old_answer_never_replaces_a_newer_one(self, open_page: OpenPage, day: Day) -> None:
        day.held.add("毛衣起球")
        page = open_page()
        with page.expect_event("requestfailed"):
            box(page).fill("毛衣起球")
            expect(page.locator("#shell")).to_have_attribute("aria-busy", "true")
            page.locator("#scripts").focus()
            paste(page, "毛衣缩水")
        day.held.clear()
        expect(page.locator(".chip-name")).to_have_text(["缩水"])
        expect(page.locator("#marks mark")).to_have_text(["缩水"])

    def test_a_failing_service_is_told_quietly_and_asked_again(self, open_page: OpenPage, day: Day) -> None:
        page = open_page()
        shown(page)
        day.failing = 1
        paste(page, "毛衣缩水")
        expect(page.locator("#status")).to_contain_text("连不上话术助手，正在重试")
        expect(page.locator("#scripts .card").first).to_be_visible()
        expect(page.locator("#status")).to_be_empty()
        expect(page.locator(".chip-name")).to_have_text(["缩水"])

    def test_without_network_and_back(self, open_page: OpenPage) -> None:
        page = open_page()
        without_network(page)
        paste(page, SHRUNK)
        expect(page.locator("#status")).to_contain_text("连不上话术助手")
        page.context.set_offline(False)
        expect(page.locator(".chip-name").first).to_have_text("缩水")

    def test_a_message_that_is_too_long_is_not_sent(self, open_page: OpenPage, day: Day) -> None:
        page = open_page()
        paste(page, "长" * 4001)
        expect(page.locator("#status")).to_contain_text("一次最多看 4000 个字")
        assert day.requests == []

    def test_nothing_recognised_says_why_and_offers_candidates(self, open_page: OpenPage, day: Day) -> None:
        page = open_page()
        shown(page, NOTHING)
        expect(page.locator("#analysis")).to_contain_text("没认出和店铺有关的问题")
        expect(card(page, "请顾客多说一句")).to_be_visible()
        page.locator("#analysis").get_by_role("button", name="换货").click()
        expect(page.locator(".chip-name")).to_have_text(["换货"])
        assert day.requests[-1]["intents"] == ["exchange"]

    def test_in_a_running_matter_words_without_an_intent_go_on_with_it(self, open_page: OpenPage) -> None:
        page = open_page()
        shown(page)
        copied = page.locator("#scripts .card").first.locator("h3").inner_text()
        for _ in range(page.locator("#scripts .card").first.locator(".bubble").count()):
            page.keyboard.press("1")
        expect(page.locator("#scripts .card").first).to_have_class(re.compile("sent"))
        paste(page, "照您说的")
        expect(page.locator("#analysis")).to_contain_text("这句没提新的事，接着前面的谈")
        expect(page.locator("#scripts h2").nth(1)).to_contain_text("接下来")
        expect(page.locator("#scripts")).not_to_contain_text("先问清是什么事")
        expect(card(page, copied)).to_have_count(0)

    def test_a_title_is_whole_while_its_label_has_room(self, open_page: OpenPage, day: Day) -> None:
        day.scripts = [script(f"long{count}", "confirm", "题" * count, "好的。") for count in range(8, 24, 2)]
        page = open_page(380, 700)
        shown(page)
        rooms = page.locator("#scripts .card header").evaluate_all("""(all) => all.map((one) => {
            const [title, label] = one.querySelectorAll("h3, .card-label");
            return [title.scrollWidth - title.clientWidth, label.clientWidth];
        })""")
        assert {room for _, room in rooms} >= {0}
        assert [cut for cut, room in rooms if room] == [0] * sum(room > 0 for _, room in rooms)

    def test_first_visit_offers_examples(self, open_page: OpenPage) -> None:
        page = open_page()
        expect(page.locator(".examples button")).to_have_count(3)
        expect(page.locator("#welcome")).to_contain_text("就是判断的依据")
        page.locator(".examples button").first.click()
        expect(page.locator(".chip-name").first).to_have_text("缩水")
        expect(page.locator("#welcome")).to_be_hidden()

    def test_markup_in_messages_and_scripts_stays_text(self, open_page: OpenPage, day: Day) -> None:
        bubble = "<img src=x onerror=window.hacked=1><svg onload=window.hacked=1> 〔时限〕 前"
        day.scripts = [
            script(
                "evil", "confirm", "<b onclick=window.hacked=1>标题</b>", bubble, reason="<script>1</script>"
            )
        ]
        page = open_page()
        shown(page, NASTY)
        expect(page.locator("#marks mark")).to_have_text(["缩水"])
        page.keyboard.press("Shift+Digit1")
        expect(page.locator(".editor textarea")).to_have_value(bubble)
        page.keyboard.press("Escape")
        page.keyboard.press("/")
        page.keyboard.type("标题")
        expect(page.locator("#found mark")).to_have_text(["标题"])
        page.keyboard.press("Escape")
        page.locator("#scripts .blank").fill("<img src=x onerror=window.hacked=1>")
        assert page.evaluate("window.hacked") is None
        assert page.locator(".shell img:not([src$='favicon.svg']), .shell b, .shell script").count() == 0


class TestCopying:
    pytestmark = browser_test

    def test_one_key_copies_and_the_same_key_copies_the_next_bubble(self, open_page: OpenPage) -> None:
        page = open_page()
        shown(page)
        page.keyboard.press("1")
        expect(page.locator("#toast")).to_contain_text("已复制，去聊天窗口粘贴")
        expect(card(page, "请顾客拍平铺照")).to_contain_text("已复制 1/2")
        assert copied(page) == "亲，新毛衣洗一次就小了，换谁都心疼。"
        page.keyboard.press("1")
        expect(card(page, "请顾客拍平铺照").locator(".card-state")).to_have_text("已复制")
        assert copied(page).startswith("麻烦您把衣服平铺拍一张")

    def test_clicking_a_bubble_copies_it_and_the_button_copies_all(self, open_page: OpenPage) -> None:
        page = open_page()
        shown(page)
        card(page, "问两件事").locator(".bubble").nth(1).click()
        expect(page.locator("#toast")).to_contain_text("已复制")
        assert copied(page) == "洗之前量过衣长吗？"
        card(page, "问两件事").get_by_role("button", name="全部复制").click()
        expect(card(page, "问两件事").locator(".card-state")).to_have_text("已复制")
        assert copied(page).split("\n") == [
            "您是机洗还是手洗的呢？",
            "洗之前量过衣长吗？",
            "我按这个去查这一批。",
        ]

    def test_one_key_takes_back_what_was_just_copied(self, open_page: OpenPage) -> None:
        page = open_page()
        shown(page)
        page.keyboard.press("z")
        page.keyboard.press("5")
        expect(page.locator("#history .ours")).to_have_count(1)
        page.keyboard.press("z")
        expect(page.locator("#history .ours")).to_have_count(0)
        expect(page.locator("#toast")).to_be_empty()

    def test_sent_scripts_are_not_offered_again_unless_taken_back(self, open_page: OpenPage) -> None:
        page = open_page()
        shown(page)
        page.keyboard.press("5")
        expect(card(page, "退或换任选").locator(".card-state")).to_have_text("已复制")
        page.locator("#toast").get_by_role("button", name="撤销").click()
        expect(card(page, "退或换任选").locator(".card-state")).to_be_empty()
        shown(page, "缩水怎么处理")
        page.keyboard.press("5")
        expect(card(page, "退或换任选").locator(".card-state")).to_have_text("已复制")
        shown(page, "还是缩水")
        expect(card(page, "退或换任选")).to_have_count(0)

    @pytest.mark.parametrize("width", [320, 380, 1280])
    def test_the_toast_covers_no_script_and_goes_with_the_message(
        self, open_page: OpenPage, width: int
    ) -> None:
        page = open_page(width, 700)
        shown(page)
        for key, title in (("1", "请顾客拍平铺照"), ("3", "问两件事"), ("5", "退或换任选")):
            page.keyboard.press(key)
            expect(card(page, title).locator(".card-state")).to_contain_text("已复制")
            expect(page.locator("#toast")).to_contain_text("已复制")
            toast = page.locator("#toast").bounding_box()
            assert toast["y"] >= 0
            assert toast["y"] + toast["height"] <= page.locator("#customers").bounding_box()["y"]
            assert toast["x"] >= 12
            assert toast["x"] + toast["width"] <= width - 12
        expect(page.locator("#toast").get_by_role("button", name="撤销")).to_be_visible()
        paste(page, "裙子缩水了")
        expect(page.locator("#toast")).to_be_empty()

    @pytest.mark.parametrize("reason", ["server down", "too long"])
    def test_scripts_for_another_message_are_not_copied(
        self, open_page: OpenPage, day: Day, reason: str
    ) -> None:
        page = open_page()
        shown(page)
        stored(page, day, ["customer:" + SHRUNK])
        page.evaluate("navigator.clipboard.writeText('原来的')")
        day.failing = 99
        paste(page, "裙子起球了" if reason == "server down" else "长" * 4001)
        expect(page.locator("#status")).not_to_be_empty()
        choice = card(page, "退或换任选")
        expect(choice).to_have_attribute("aria-disabled", "true")
        tries: list[Callable[[], None]] = [
            lambda: page.keyboard.press("5"),
            lambda: page.keyboard.press("Shift+Digit5"),
            lambda: page.keyboard.press("Alt+Digit5"),
            lambda: choice.locator(".bubble").click(force=True),
            lambda: choice.get_by_role("button", name="复制：退或换任选", exact=True).last.click(force=True),
        ]
        for attempt in tries:
            page.evaluate("document.getElementById('toast').replaceChildren()")
            attempt()
            expect(page.locator("#toast")).to_have_text("还没有新结果，先别复制")
        expect(page.locator(".editor")).to_have_count(0)
        assert copied(page) == "原来的"
        assert "agent" not in page.evaluate("sessionStorage.getItem('huashu.customers') ?? ''")
        expect(page.locator("#history .ours")).to_have_count(0)
        day.failing = 0
        paste(page, "毛衣缩水")
        expect(choice).not_to_have_attribute("aria-disabled", "true")
        page.keyboard.press("5")
        expect(page.locator("#toast")).to_contain_text("已复制")

    def test_an_open_editor_waits_for_the_new_answer_too(self, open_page: OpenPage, day: Day) -> None:
        page = open_page()
        shown(page)
        page.keyboard.press("Shift+Digit5")
        expect(page.locator(".editor textarea")).to_be_focused()
        day.failing = 99
        box(page).fill("裙子起球了")
        expect(page.locator("#status")).not_to_be_empty()
        page.locator(".editor textarea").press("Control+Enter")
        expect(page.locator("#toast")).to_have_text("还没有新结果，先别复制")
        expect(page.locator(".editor textarea")).to_have_value(CHOICE)
        expect(page.locator("#history .ours")).to_have_count(0)

    def test_alt_and_digit_copy_while_typing(self, open_page: OpenPage) -> None:
        page = open_page()
        shown(page)
        box(page).focus()
        page.keyboard.press("Alt+Digit5")
        expect(page.locator("#toast")).to_contain_text("已复制")
        assert copied(page) == "您选退还是换都行，来回运费我们出。"
        expect(box(page)).to_have_value(SHRUNK)

    def test_copy_waits_for_blanks_and_says_so(self, open_page: OpenPage, day: Day) -> None:
        day.now = datetime(2026, 11, 22, 10, tzinfo=SHANGHAI)
        page = open_page()
        shown(page)
        page.keyboard.press("2")
        expect(page.get_by_text("这条话术还缺时限，填上就能复制")).to_be_visible()
        expect(page.locator("#toast")).to_be_empty()
        expect(card(page, "先去问质检").get_by_label("填写时限")).to_be_focused()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page.locator("#toast")).to_contain_text("已复制")
        assert copied(page) == "看到您说毛衣缩了还起球，我先去问质检，今天 18:00 前给您回话，您不用一直等着。"

    def test_a_chosen_value_finishes_the_copy_that_waited(self, open_page: OpenPage) -> None:
        page = open_page()
        shown(page)
        page.keyboard.press("2")
        page.get_by_role("button", name="明天 12:00").click()
        expect(page.locator("#toast")).to_contain_text("已复制")
        assert "明天 12:00 前给您回话" in copied(page)

    def test_times_go_by_the_services_clock_and_the_shops_zone(self, open_page: OpenPage, day: Day) -> None:
        # each mistake would offer something else: the browser's 22:30 tomorrow, its zone's 05:30 or 09:30 today 18:00
        day.now = datetime(2026, 11, 22, 18, 30, tzinfo=SHANGHAI)
        page = open_page(timezone_id="America/New_York")
        page.clock.set_fixed_time("2026-11-22T22:30:00+08:00")
        shown(page)
        page.keyboard.press("2")
        expect(card(page, "先去问质检").get_by_label("填写时限")).to_be_focused()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page.locator("#toast")).to_contain_text("已复制")
        assert "，今天 21:00 前给您回话" in copied(page)
        expect(page.locator("#history .ours time")).to_have_text("18:30")
        expect(page.locator(".unsaved")).to_have_count(0)
        (turns,) = day.conversations.values()
        assert turns[-1]["sent_at"] == "2026-11-22T10:30:00.000Z"
        told = """async path => {
            const times = await import(path);
            return [times.dateChoices()[0], times.localText(times.now()), times.momentOf("2026-11-22T19:00").toISOString()];
        }"""
        assert page.evaluate(told, f"{pages.STATIC_URL}/js/times.js") == [
            "11月22日",
            "2026-11-22T18:30",
            "2026-11-22T11:00:00.000Z",
        ]

    def test_tab_stays_in_the_script_that_waits_to_be_copied(self, open_page: OpenPage) -> None:
        page = open_page()
        shown(page)
        page.keyboard.press("4")
        expect(card(page, "认错并说做法").get_by_label("填写时限")).to_be_focused()
        page.keyboard.type("今天")
        page.keyboard.press("Tab")
        expect(card(page, "认错并说做法").get_by_label("填写金额")).to_be_focused()
        page.keyboard.type("12")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator("#toast")).to_contain_text("已复制")
        assert "12 元运费" in copied(page)

    def test_a_blank_typed_once_is_known_to_the_other_scripts(self, open_page: OpenPage) -> None:
        page = open_page()
        shown(page)
        page.keyboard.press("Tab")
        expect(card(page, "先去问质检").get_by_label("填写时限")).to_be_focused()
        page.keyboard.type("明天下班前")
        expect(card(page, "认错并说做法").get_by_label("填写时限")).to_have_value("明天下班前")
        page.keyboard.press("Tab")
        expect(card(page, "认错并说做法").get_by_label("填写时限")).to_be_focused()
        page.keyboard.press("Tab")
        expect(card(page, "认错并说做法").get_by_label("填写金额")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_text("这条话术还缺金额，填上就能复制")).to_be_visible()
        expect(card(page, "认错并说做法").get_by_label("填写金额")).to_be_focused()
        page.keyboard.type("12")
        page.keyboard.press("Enter")
        expect(page.locator("#toast")).to_contain_text("已复制")
        assert copied(page) == "这件是我们没做好，明天下班 把 12 元运费退到您账上。"

    def test_editing_before_copying(self, open_page: OpenPage) -> None:
        page = open_page()
        shown(page)
        page.keyboard.press("Shift+Digit5")
        page.keyboard.type("您看呢")
        page.keyboard.press("Control+Enter")
        expect(page.locator("#toast")).to_contain_text("已复制")
        assert copied(page) == "您选退还是换都行，来回运费我们出。您看呢"
        expect(page.locator(".editor")).to_have_count(0)
        page.keyboard.press("Shift+Digit2")
        expect(page.locator(".editor textarea")).to_be_focused()
        page.keyboard.press("Control+Enter")
        expect(page.locator(".editor")).to_contain_text("还缺时限")
        page.keyboard.press("Escape")
        expect(page.locator(".editor")).to_have_count(0)

    def test_in_an_edited_script_typing_fills_the_blanks(self, open_page: OpenPage) -> None:
        page = open_page()
        shown(page)
        page.keyboard.press("Shift+Digit4")
        area = page.locator(".editor textarea").first
        expect(area).to_be_focused()
        page.keyboard.type("明天")
        page.keyboard.press("Tab")
        page.keyboard.type("12")
        expect(area).to_have_value("这件是我们没做好，明天 把 12 元运费退到您账上。")
        page.keyboard.press("Tab")
        expect(area).not_to_be_focused()

    def test_the_list_of_intents_is_in_sight_however_low_it_opens(self, open_page: OpenPage) -> None:
        page = open_page(380, 460)
        shown(page, THREAT)
        page.get_by_role("button", name="看怎么做").click()
        page.get_by_role("button", name="再加一个意图").click()
        last = page.locator(".picker .options li").last
        expect(last).to_be_in_viewport()
        bottom = page.locator("#guidance").bounding_box()["y"]
        assert last.bounding_box()["y"] + 10 < bottom

    def test_falls_back_where_the_clipboard_api_is_missing(self, open_page: OpenPage) -> None:
        page = open_page(before="delete Navigator.prototype.clipboard")
        shown(page)
        caught = "document.addEventListener('copy', () => window.caught = getSelection().toString() || document.activeElement.value)"
        page.evaluate(caught)
        page.keyboard.press("5")
        expect(page.locator("#toast")).to_contain_text("已复制")
        assert page.evaluate("window.caught") == "您选退还是换都行，来回运费我们出。"

    def test_at_worst_shows_the_text_selected_and_counts_once_it_is_confirmed(
        self, open_page: OpenPage, day: Day
    ) -> None:
        page = open_page(before="delete Navigator.prototype.clipboard; document.execCommand = () => false")
        shown(page)
        page.keyboard.press("5")
        dialog = page.get_by_role("dialog", name="按 Ctrl+C 复制")
        expect(dialog.get_by_label("要复制的文字")).to_have_value("您选退还是换都行，来回运费我们出。")
        selected = (
            "(area => area.value.slice(area.selectionStart, area.selectionEnd))(document.activeElement)"
        )
        page.wait_for_function(f"{selected} === '您选退还是换都行，来回运费我们出。'")
        choice = card(page, "退或换任选").locator(".card-state")
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        page.keyboard.press("5")
        dialog.get_by_role("button", name="取消").click()
        expect(dialog).to_be_hidden()
        expect(choice).to_be_empty()
        expect(page.locator("#toast")).to_be_empty()
        stored(page, day, ["customer:" + SHRUNK])
        page.keyboard.press("5")
        expect(dialog.get_by_label("要复制的文字")).to_be_focused()
        page.keyboard.press("Control+C")
        expect(dialog.get_by_role("button", name="我已复制")).to_be_focused()
        expect(page.locator("#toast")).to_be_empty()
        stored(page, day, ["customer:" + SHRUNK])
        page.keyboard.press("Enter")
        expect(dialog).to_be_hidden()
        expect(choice).to_have_text("已复制")
        expect(page.locator("#toast-place")).to_contain_text("已复制")
        stored(page, day, ["customer:" + SHRUNK, "agent:" + CHOICE])
        page.locator("#toast").get_by_role("button", name="撤销").click()
        stored(page, day, ["customer:" + SHRUNK])

    def test_why_this_script(self, open_page: OpenPage) -> None:
        page = open_page()
        shown(page)
        card(page, "请顾客拍平铺照").get_by_role("button", name="为什么是这条").click()
        expect(card(page, "请顾客拍平铺照")).to_contain_text("先问清怎么洗的")
        expect(card(page, "请顾客拍平铺照")).to_contain_text("依据：店铺资料")


class TestGuard:
    """The check of a draft while it is edited."""

    pytestmark = browser_test

    def test_what_must_not_be_sent_stops_the_copy_and_one_key_puts_it_right(
        self, open_page: OpenPage, day: Day
    ) -> None:
        page = open_page()
        shown(page)
        page.keyboard.press("Shift+Digit5")
        page.keyboard.type("🙂最好的办法是加微信")
        editor = page.locator(".editor")
        expect(editor.locator("mark.block")).to_have_text("加微信")
        expect(editor.locator("mark.warn")).to_have_text("最好的")
        expect(editor.locator(".findings")).to_contain_text("平台不让离开平台联系。依据：广告法")
        expect(editor.get_by_role("button", name="复制")).to_be_disabled()
        expect(editor).to_contain_text("「加微信」不能这样发，改掉才能复制")
        page.keyboard.press("Control+Enter")
        expect(page.locator("#toast")).to_be_empty()
        page.keyboard.press("Alt+Enter")
        expect(editor.locator("textarea")).to_have_value(CHOICE + "🙂最好的办法是在这里说")
        expect(editor.get_by_role("button", name="复制")).to_be_enabled()
        expect(editor.locator(".findings li")).to_have_count(1)
        page.keyboard.press("Alt+Enter")
        expect(editor.locator("textarea")).to_have_value(CHOICE + "🙂很好的办法是在这里说")
        expect(editor.locator(".findings li")).to_have_count(0)
        page.keyboard.press("Control+Enter")
        expect(page.locator("#toast")).to_contain_text("已复制")
        assert copied(page) == CHOICE + "🙂很好的办法是在这里说"

    def test_a_copy_right_after_typing_waits_for_the_check(self, open_page: OpenPage) -> None:
        page = open_page()
        shown(page)
        page.keyboard.press("Shift+Digit5")
        page.keyboard.insert_text("加微信")
        page.keyboard.press("Control+Enter")
        expect(page.locator(".editor")).to_contain_text("改掉才能复制")
        expect(page.locator("#toast")).to_be_empty()

    def test_without_the_check_copying_goes_on(self, open_page: OpenPage) -> None:
        page = open_page()
        page.route("**/api/v1/check-draft", lambda route: route.fulfill(status=404, json={}))
        shown(page)
        page.keyboard.press("Shift+Digit5")
        page.keyboard.type("加微信")
        page.keyboard.press("Control+Enter")
        expect(page.locator("#toast")).to_contain_text("已复制")


class TestCorrecting:
    pytestmark = browser_test

    def test_intents_by_hand(self, open_page: OpenPage, day: Day) -> None:
        page = open_page()
        shown(page)
        page.locator(".chip-name", has_text="起球").click()
        expect(page.locator(".chip-name")).to_have_text(["起球", "缩水", "嫌贵不值"])
        page.get_by_role("button", name="去掉嫌贵不值").click()
        expect(page.locator(".chip-name")).to_have_text(["起球", "缩水"])
        page.get_by_role("button", name="再加一个意图").click()
        page.keyboard.type("换")
        expect(page.locator(".picker [role=option]")).to_have_text(["换货"])
        page.keyboard.press("Enter")
        expect(page.locator(".chip-name")).to_have_text(["起球", "缩水", "换货"])
        assert day.requests[-1]["intents"] == ["pilling", "shrinkage", "exchange"]
        page.get_by_role("button", name="改回自动").click()
        expect(page.locator(".chip-name")).to_have_text(["缩水", "起球", "嫌贵不值"])

    def test_colours_stay_with_their_intents(self, open_page: OpenPage) -> None:
        page = open_page()
        shown(page)
        before = page.locator("#marks mark", has_text="起球").get_attribute("class")
        page.locator(".chip-name", has_text="起球").click()
        expect(page.locator(".chip-name").first).to_have_text("起球")
        assert page.locator("#marks mark", has_text="起球").get_attribute("class") == before

    def test_arrow_keys_change_the_stage(self, open_page: OpenPage, day: Day) -> None:
        page = open_page()
        shown(page)
        bar = page.get_by_role("navigation", name="阶段")
        expect(bar.locator("[aria-current=step]")).to_have_text("确认")
        expect(bar.locator(".done")).to_have_text(["倾听"])
        page.keyboard.press("ArrowRight")
        expect(bar.locator("[aria-current=step]")).to_have_text("道歉")
        expect(page.locator("#scripts h3").first).to_have_text("认错并说做法")
        assert day.requests[-1]["stage"] == "apologise"
        page.keyboard.press("ArrowLeft")
        expect(bar.locator("[aria-current=step]")).to_have_text("确认")

    def test_an_answer_stands_alone(self, open_page: OpenPage) -> None:
        page = open_page()
        shown(page, "会不会缩水，怎么洗")
        expect(page.get_by_role("navigation", name="阶段").get_by_role("button")).to_have_text(["答复"])

    def test_tone_is_sent_and_remembered(self, open_page: OpenPage, day: Day) -> None:
        page = open_page()
        shown(page)
        page.get_by_label("语气").select_option("正式")
        answered(page)
        assert day.requests[-1]["tone"] == "正式"
        reload(page)
        expect(page.get_by_label("语气")).to_have_value("正式")


class TestRisk:
    pytestmark = browser_test

    def test_the_banner_stays_until_dealt_with(self, open_page: OpenPage) -> None:
        page = open_page()
        shown(page, THREAT)
        banner = page.get_by_role("region", name="风险：12315与法律")
        expect(banner.locator(".risk-first")).to_contain_text("先稳住，别争辩")
        expect(banner.get_by_text("聊天记录和发货单留好")).to_be_hidden()
        banner.get_by_role("button", name="看怎么做").click()
        expect(banner.locator(".risk-first")).to_be_hidden()
        expect(banner.locator("li").first).to_contain_text("先稳住，别争辩")
        expect(banner.get_by_text("聊天记录和发货单留好")).to_be_visible()
        paste(page, "毛衣缩水")
        expect(page.locator(".chip-name")).to_have_text(["缩水"])
        expect(banner).to_be_visible()
        banner.get_by_role("button", name="已处理").click()
        expect(banner).to_be_hidden()
        page.locator("#toast").get_by_role("button", name="撤销").click()
        expect(banner).to_be_visible()
        banner.get_by_role("button", name="误报").click()
        expect(banner).to_be_hidden()

    def test_several_banners_leave_the_first_script_in_sight(self, open_page: OpenPage) -> None:
        page = open_page(380, 700)
        shown(page, "缩水了，差评要钱，不然打12315")
        banners = page.locator(".risk")
        expect(banners).to_have_count(2)
        for index in range(2):
            assert banners.nth(index).bounding_box()["height"] <= 40
            expect(banners.nth(index).get_by_role("button")).to_have_count(1)
        first = page.locator("#scripts .card").first.bounding_box()
        dock = page.locator("#guidance").bounding_box()
        assert first["y"] + first["height"] <= dock["y"]

    def test_extortion_is_suspected_and_a_bad_review_is_no_banner(self, open_page: OpenPage) -> None:
        page = open_page()
        shown(page, "缩水了，差评要钱")
        expect(page.get_by_role("region", name="风险：疑似差评勒索")).to_be_visible()
        page.keyboard.press("n")
        shown(page, "缩水了，给差评")
        expect(page.locator(".risk")).to_have_count(0)


class TestGuidance:
    pytestmark = browser_test

    def test_setting_a_fact_refreshes_the_answer(self, open_page: OpenPage, day: Day) -> None:
        page = open_page()
        shown(page)
        page.get_by_role("tab", name="要问清").click()
        page.get_by_role("group", name="洗过").get_by_role("button", name="是").click()
        expect(page.get_by_role("tab", name="要问清")).to_have_text("要问清")
        answered(page)
        assert day.requests[-1]["facts"] == {"洗过": "是"}
        page.get_by_text("其他情况").click()
        page.get_by_role("group", name="责任").get_by_role("button", name="店铺").click()
        expect(page.get_by_role("group", name="责任").get_by_role("button", name="店铺")).to_have_attribute(
            "aria-pressed", "true"
        )
        answered(page)
        assert day.requests[-1]["facts"] == {"洗过": "是", "责任": "店铺"}

    def test_a_photo_is_ticked_without_being_seen(self, open_page: OpenPage) -> None:
        page = open_page()
        shown(page)
        page.get_by_role("tab", name="要问清").click()
        page.get_by_role("tabpanel").get_by_role("button", name="照片已收到").click()
        expect(page.get_by_role("tab", name="要问清")).to_have_text("要问清1")

    def test_handling_and_cards(self, open_page: OpenPage) -> None:
        page = open_page(1280, 800)
        shown(page)
        page.get_by_role("tab", name="怎么处理").click()
        pane = page.get_by_role("tabpanel")
        expect(pane).to_contain_text("先送检或护理")
        expect(pane).to_contain_text("没看到照片前不定责")
        expect(pane).to_contain_text("48 小时内给出处理结果后天")
        page.get_by_role("tab", name="知识卡").click()
        page.get_by_text("羊毛衫怎么洗").click()
        expect(pane).to_contain_text("冷水手洗，用羊毛洗涤剂。")
        page.get_by_text("国标怎么说").click()
        expect(pane).to_contain_text("这张卡片暂时打不开")


class TestSearch:
    pytestmark = browser_test

    def test_slash_finds_marks_and_copies(self, open_page: OpenPage) -> None:
        page = open_page()
        shown(page)
        page.keyboard.press("/")
        page.keyboard.type("两件")
        expect(page.locator("#found mark")).to_have_text(["两件"])
        page.get_by_role("textbox", name="搜话术").fill("qq")
        expect(page.locator("#found .card")).to_have_count(5)
        for _ in range(4):
            page.keyboard.press("ArrowDown")
        expect(page.locator("#found .card.here h3")).to_have_text("退或换任选")
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog", name="搜话术")).to_be_hidden()
        expect(page.locator("#toast")).to_contain_text("已复制")
        assert copied(page) == "您选退还是换都行，来回运费我们出。"

    def test_before_anything_is_typed_it_shows_what_one_often_uses(self, open_page: OpenPage) -> None:
        page = open_page()
        shown(page)
        page.keyboard.press("/")
        found = page.get_by_role("dialog", name="搜话术")
        expect(found).to_contain_text("标题、内容、拼音、首字母都能搜")
        page.keyboard.press("Escape")
        expect(found).to_be_hidden()
        with page.expect_response(lambda answer: answer.url.endswith("/turns")):
            page.keyboard.press("5")
        page.keyboard.press("/")
        expect(found.locator("h3").first).to_have_text("我常用的")
        expect(found.locator(".card")).to_contain_text(["退或换任选"])
        page.evaluate("navigator.clipboard.writeText('')")
        page.keyboard.press("Enter")
        expect(found).to_be_hidden()
        assert copied(page) == CHOICE

    def test_blanks_are_filled_in_the_search_too(self, open_page: OpenPage) -> None:
        page = open_page()
        page.keyboard.press("/")
        page.keyboard.type("质检")
        expect(page.locator("#found mark").first).to_have_text("质检")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page.locator("#found .blank")).to_be_focused()
        page.keyboard.type("今晚八点")
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog", name="搜话术")).to_be_hidden()
        assert "今晚八点 前给您回话" in copied(page)

    def test_hits_in_the_text_are_marked_in_its_bubble(self, open_page: OpenPage) -> None:
        page = open_page()
        page.keyboard.press("/")
        page.keyboard.type("衣长")
        expect(page.locator("#found .bubble mark")).to_have_text(["衣长"])
        expect(page.locator("#found .bubble").nth(1)).to_have_text("洗之前量过衣长吗？")

    def test_nothing_found_and_escape(self, open_page: OpenPage) -> None:
        page = open_page()
        page.locator("#open-search").click()
        page.keyboard.type("没有的")
        expect(page.locator("#found")).to_contain_text("没有搜到「没有的」")
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog", name="搜话术")).to_be_hidden()


class TestConversation:
    """What both sides said is stored turn by turn, once each, in order."""

    pytestmark = browser_test

    def test_a_paste_is_stored_at_once_and_a_copied_script_as_the_agents_turn(
        self, open_page: OpenPage, day: Day
    ) -> None:
        page = open_page()
        shown(page)
        page.keyboard.press("5")
        expect(page.locator("#toast")).to_contain_text("已复制")
        stored(page, day, ["customer:" + SHRUNK, "agent:" + CHOICE])
        (turns,) = day.conversations.values()
        assert turns[1]["script_id"] == "shrinkage.resolve.choice"
        page.locator("#toast").get_by_role("button", name="撤销").click()
        stored(page, day, ["customer:" + SHRUNK])

    def test_typed_words_are_stored_when_the_agent_acts_on_them(self, open_page: OpenPage, day: Day) -> None:
        page = open_page()
        box(page).press_sequentially("毛衣缩水")
        expect(page.locator(".chip")).to_have_count(1)
        box(page).press_sequentially("了")
        expect(card(page, "退或换任选")).not_to_have_attribute("aria-disabled", "true")
        assert day.conversations == {}
        page.keyboard.press("Alt+Digit5")
        expect(page.locator("#toast")).to_contain_text("已复制")
        stored(page, day, ["customer:毛衣缩水了", "agent:" + CHOICE])

    def test_an_edited_script_is_stored_as_edited(self, open_page: OpenPage, day: Day) -> None:
        page = open_page()
        shown(page)
        page.keyboard.press("Shift+Digit5")
        page.keyboard.type("您看呢")
        page.keyboard.press("Control+Enter")
        expect(page.locator("#toast")).to_contain_text("已复制")
        stored(page, day, ["customer:" + SHRUNK, "agent:" + CHOICE + "您看呢"])

    def test_a_message_put_right_takes_back_what_it_was(self, open_page: OpenPage, day: Day) -> None:
        page = open_page()
        shown(page, "毛衣缩水了")
        stored(page, day, ["customer:毛衣缩水了"])
        box(page).press("End")
        box(page).press_sequentially("，还起球")
        expect(page.locator(".chip-name")).to_have_count(2)
        expect(card(page, "退或换任选")).not_to_have_attribute("aria-disabled", "true")
        page.keyboard.press("Alt+Digit5")
        stored(
            page, day, ["customer:毛衣缩水了", "customer:", "customer:毛衣缩水了，还起球", "agent:" + CHOICE]
        )
        (turns,) = day.conversations.values()
        assert turns[1]["attachments"] == [{"type": "recall", "name": turns[0]["message_id"]}]

    def test_without_the_store_suggestions_go_on_and_turns_are_kept(
        self, open_page: OpenPage, day: Day
    ) -> None:
        day.store_down = True
        page = open_page()
        shown(page)
        page.keyboard.press("5")
        expect(page.locator("#toast")).to_contain_text("已复制")
        shown(page, "那就缩水的退了吧")
        expect(page.locator("#marks mark")).to_have_text(["缩水"])
        told = [{"role": "customer", "text": SHRUNK}, {"role": "agent", "text": CHOICE}]
        assert day.requests[-1]["turns"] == told
        reload(page)
        assert day.conversations == {}
        day.store_down = False
        stored(page, day, ["customer:" + SHRUNK, "agent:" + CHOICE, "customer:那就缩水的退了吧"])

    def test_another_customers_message_moves_to_their_conversation(
        self, open_page: OpenPage, day: Day
    ) -> None:
        page = open_page()
        shown(page)
        page.keyboard.press("5")
        expect(page.locator("#toast")).to_contain_text("已复制")
        shown(page, "裙子起球了")
        page.get_by_role("button", name="是另一位顾客").click()
        expect(page.locator(".tab")).to_have_count(2)
        wait_for(page, lambda: len(day.conversations) == 2)
        first, second = day.conversations.values()
        wait_for(page, lambda: len(first) == 4)
        assert first[3]["attachments"] == [{"type": "recall", "name": first[2]["message_id"]}]
        assert [turn["text"] for turn in second] == ["裙子起球了"]

    def test_one_click_says_that_the_photo_came(self, open_page: OpenPage, day: Day) -> None:
        page = open_page()
        shown(page)
        page.keyboard.press("5")
        expect(page.locator("#toast")).to_contain_text("已复制")
        page.get_by_role("button", name="照片已收到").click()
        stored(page, day, ["customer:" + SHRUNK, "agent:" + CHOICE, "customer:[图片]"])
        (turns,) = day.conversations.values()
        assert turns[2]["attachments"] == [{"type": "image"}]
        expect(box(page)).to_have_value("[图片]")

    def test_what_was_promised_stands_above_the_talk_until_it_is_done(
        self, open_page: OpenPage, day: Day
    ) -> None:
        day.now = datetime(2026, 11, 22, 10, tzinfo=SHANGHAI)
        page = open_page()
        shown(page)
        page.keyboard.press("2")
        expect(card(page, "先去问质检").get_by_label("填写时限")).to_be_focused()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        promised = page.locator("#history .promised")
        expect(promised).to_contain_text("回话 · 今天 18:00 前")
        page.keyboard.press("z")
        expect(promised).to_have_count(0)
        page.keyboard.press("2")
        expect(promised).to_have_count(1)
        reload(page)
        promised.get_by_role("button", name="回话，办好了").click()
        expect(page.locator("#toast")).to_contain_text("回话已兑现")
        expect(promised).to_have_count(0)
        page.keyboard.press("z")
        expect(promised).to_contain_text("今天 18:00 前")
        page.evaluate(RETURN)
        day.promises[0]["outcome"] = "kept"  # by a colleague, on the desk
        expect(promised).to_have_count(0)

    def test_what_was_owed_a_moment_ago_does_not_come_back(self, open_page: OpenPage, day: Day) -> None:
        page = open_page()
        shown(page)
        page.keyboard.press("2")
        expect(card(page, "先去问质检").get_by_label("填写时限")).to_be_focused()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        promised = page.locator("#history .promised")
        expect(promised).to_have_count(1)
        day.held.add("promises")
        read = day.promises_read
        page.evaluate("window.dispatchEvent(new Event('focus'))")
        wait_for(page, lambda: day.promises_read > read)
        with page.expect_response(lambda answer: "/promises?" in answer.url):
            promised.get_by_role("button", name="回话，办好了").click()
            expect(promised).to_have_count(0)
            day.held.clear()
        page.keyboard.press("/")
        expect(page.get_by_role("dialog", name="搜话术")).to_be_visible()
        expect(promised).to_have_count(0)

    def test_a_case_registered_by_mistake_is_taken_back(self, open_page: OpenPage, day: Day) -> None:
        page = open_page()
        shown(page)
        page.keyboard.press("d")
        expect(page.locator("#toast")).to_contain_text("已登记 2026-0001")
        page.keyboard.press("z")
        expect(page.locator("#toast")).to_contain_text("2026-0001 作废了")
        assert list(day.cases.values()) == ["withdrawn"]
        page.keyboard.press("d")
        expect(page.locator("#toast")).to_contain_text("已登记 2026-0001")
        page.get_by_role("button", name="撤销").click()
        expect(page.locator("#toast")).to_contain_text("2026-0001 作废了")

    def test_the_last_two_turns_stand_above_the_message_and_all_on_request(self, open_page: OpenPage) -> None:
        page = open_page()
        for text in ("在吗", "毛衣", "缩水了", "怎么办"):
            shown(page, text)
        words = page.locator("#history .words")
        expect(words).to_have_text(["毛衣", "缩水了"])
        page.get_by_role("button", name="全部 3 句").click()
        expect(words).to_have_text(["在吗", "毛衣", "缩水了"])
        expect(page.locator("#history time").first).to_have_text(re.compile(r"\d\d:\d\d"))
        page.get_by_role("button", name="收起").click()
        expect(words).to_have_count(2)

    def test_a_pasted_excerpt_becomes_turns_of_both_sides(self, open_page: OpenPage, day: Day) -> None:
        page = open_page()
        excerpt = "小鱼儿 10:01\n毛衣洗了\n小店客服 10:02\n亲，怎么了呢\n小鱼儿 10:03\n缩水了"
        shown(page, excerpt)
        stored(page, day, ["customer:毛衣洗了", "agent:亲，怎么了呢", "customer:缩水了"])
        expect(box(page)).to_have_value("缩水了")
        expect(page.locator("#history .words")).to_have_text(["毛衣洗了", "亲，怎么了呢"])
        expect(page.locator(".tab.here")).to_have_text("小鱼儿")
        paste(page, excerpt)
        expect(page.locator("#toast")).to_contain_text("这段聊天已经都在对话里了")
        paste(page, excerpt + "\n小鱼儿 10:05\n还起球")
        expect(box(page)).to_have_value("还起球")
        (turns,) = day.conversations.values()
        wait_for(page, lambda: len(turns) == 4)

    def test_unknown_names_are_asked_about_and_remembered(self, open_page: OpenPage, day: Day) -> None:
        page = open_page()
        paste(page, "甲 10:01\n毛衣缩水了\n乙 10:02\n亲，怎么了呢")
        expect(page.get_by_role("group", name="谁是店铺").get_by_role("button", name="乙")).to_be_focused()
        page.keyboard.press("Enter")
        stored(page, day, ["customer:毛衣缩水了", "agent:亲，怎么了呢"])
        expect(page.locator("#sides")).to_be_empty()
        assert page.evaluate("localStorage.getItem('huashu.setting.shopNames')") == '["乙"]'

    def test_several_lines_with_a_time_may_still_be_one_message(self, open_page: OpenPage, day: Day) -> None:
        page = open_page()
        shown(page, "毛衣缩水了\n说好 18:00 前回我的 到现在没回")
        stored(page, day, ["customer:毛衣缩水了\n说好 18:00 前回我的 到现在没回"])

    def test_a_rising_temper_says_whom_to_tell(self, open_page: OpenPage) -> None:
        page = open_page()
        shown(page, "缩水了")
        expect(page.locator(".mood")).to_contain_text("↗")
        expect(page.locator(".climbing")).to_have_count(0)
        shown(page, "缩水了气死我了")
        expect(page.locator(".climbing")).to_have_text("情绪在升，建议告诉主管")

    def test_a_script_that_does_not_fit_is_told(self, open_page: OpenPage, day: Day) -> None:
        page = open_page()
        shown(page)
        first = card(page, "请顾客拍平铺照")
        first.get_by_role("button", name="为什么是这条").click()
        first.get_by_role("button", name="应该是别的").click()
        page.keyboard.type("换货")
        expect(page.locator(".picker [role=option]")).to_have_text(["换货"])
        page.keyboard.press("Enter")
        expect(first).to_contain_text("记下了，谢谢")
        (told,) = day.feedback
        assert (told["kind"], told["right_intent"]) == ("rejected", "exchange")

    def test_a_copied_script_is_told_once_it_stands(self, open_page: OpenPage, day: Day) -> None:
        page = open_page()
        page.clock.install()
        shown(page)
        page.keyboard.press("Shift+Digit5")
        page.keyboard.type("您看呢")
        page.keyboard.press("Control+Enter")
        expect(page.locator("#toast")).to_contain_text("已复制")
        stored(page, day, ["customer:" + SHRUNK, "agent:" + CHOICE + "您看呢"])
        assert day.feedback == []
        page.clock.run_for(9000)
        wait_for(page, lambda: bool(day.feedback))
        told = day.feedback[0]
        assert (told["kind"], told["text"], told["sent_text"]) == ("edited", CHOICE, CHOICE + "您看呢")
        assert told["turn_id"] == "2"

    def test_a_colleagues_turns_are_shown_on_return(self, open_page: OpenPage, day: Day) -> None:
        page = open_page()
        shown(page)
        stored(page, day, ["customer:" + SHRUNK])
        (turns,) = day.conversations.values()
        told = {
            "role": "agent",
            "text": "我是小美，我来查",
            "message_id": "m-2",
            "turn_id": "2",
            "agent": "小美",
        }
        turns.append(told)
        page.evaluate(RETURN)
        expect(page.locator("#history .words")).to_have_text([SHRUNK, "我是小美，我来查"])
        expect(page.locator("#history .ours .who")).to_contain_text("小美")
        turns.pop()
        expect(page.locator("#history .said")).to_have_text("新对话")

    def test_what_the_agent_knows_is_stored_and_taken_back(self, open_page: OpenPage, day: Day) -> None:
        page = open_page()
        shown(page)
        stored(page, day, ["customer:" + SHRUNK])
        (place,) = day.conversations
        page.get_by_role("tab", name="要问清").click()
        washed = page.get_by_role("group", name="洗过").get_by_role("button", name="是", exact=True)
        washed.click()
        answered(page)
        expect(washed).to_have_attribute("aria-pressed", "true")
        wait_for(page, lambda: day.given.get(place, {}).get("facts") == {"洗过": "是"})
        washed.click()
        answered(page)
        expect(washed).to_have_attribute("aria-pressed", "false")
        wait_for(page, lambda: day.given[place]["facts"] == {})
        day.given[place]["facts"] = {"穿过": "否"}
        day.given[place]["slots"] = {"尺码": "L"}
        day.named[place] = {"label": "小鱼儿", "note": "等仓库回话"}
        page.evaluate(RETURN)
        expect(page.locator(".tab.here")).to_have_text("小鱼儿")
        expect(page.locator("#history .handover")).to_contain_text("等仓库回话")
        page.get_by_role("button", name="去掉尺码").click()
        wait_for(page, lambda: day.given[place]["slots"] == {})

    def test_of_many_customers_all_are_in_a_list(self, open_page: OpenPage) -> None:
        page = open_page(380, 700)
        for text in ("裙子起球了吧", "上次买的毛衣缩水", THREAT, "这条裤子起球", "外套也缩水了"):
            shown(page, text)
            page.keyboard.press("n")
        assert page.evaluate("document.documentElement.scrollWidth") == 380
        page.get_by_role("button", name="全部 6 位顾客").click()
        rows = page.get_by_role("dialog", name="找会话").locator("button.conversation strong")
        expect(rows.first).to_have_text("说好昨天发货…有风险")
        page.keyboard.press("Enter")
        expect(box(page)).to_have_value(THREAT)

    def test_a_colleagues_conversation_is_found_and_opened(self, open_page: OpenPage, day: Day) -> None:
        said = {"attachments": [], "agent": ""}
        day.conversations["c-9"] = [
            {"role": "customer", "text": "裙子缩水了", "message_id": "m1", "turn_id": "1", **said},
            {"role": "agent", "text": "我来查", "message_id": "m2", "turn_id": "2", **said, "agent": "小李"},
            {"role": "customer", "text": "查好没", "message_id": "m3", "turn_id": "3", **said},
        ]
        day.named["c-9"] = {"label": "阿May", "note": "等仓库回话"}
        page = open_page()
        page.keyboard.press("o")
        row = page.get_by_role("dialog", name="找会话").locator("button.conversation")
        expect(row).to_contain_text("小李")
        page.get_by_label("找会话").last.fill("没有这句")
        expect(page.locator("#conversations")).to_have_text("没有找到「没有这句」")
        page.get_by_label("找会话").last.fill("裙子")
        expect(row).to_contain_text("等仓库回话")
        page.keyboard.press("Enter")
        expect(box(page)).to_have_value("查好没")
        expect(page.locator("#history .words")).to_have_text(["裙子缩水了", "我来查"])
        expect(page.locator(".tab.here")).to_have_text("阿May")
        expect(page.locator("#scripts .card").first).to_be_visible()

    def test_names_and_notes_are_stored_and_a_conversation_ends(self, open_page: OpenPage, day: Day) -> None:
        page = open_page()
        shown(page)
        stored(page, day, ["customer:" + SHRUNK])
        (place,) = day.conversations
        page.get_by_role("button", name="设置").or_(page.locator("#menu summary")).first.click()
        page.get_by_role("button", name="给这位顾客写交接备注").click()
        page.get_by_label("交接备注").last.fill("明天回话")
        page.get_by_role("button", name="记下", exact=True).click()
        wait_for(page, lambda: day.named.get(place, {}).get("note") == "明天回话")
        expect(page.locator("#history .handover")).to_contain_text("明天回话")
        page.locator(".tab.here .tab-name").click()
        page.get_by_label("顾客名字").fill("小鱼儿")
        page.keyboard.press("Enter")
        wait_for(page, lambda: day.named[place].get("label") == "小鱼儿")
        page.locator("#menu summary").click()
        page.get_by_role("button", name="结束这个会话").click()
        expect(page.locator("#toast")).to_contain_text("会话结束了")
        assert day.named[place]["closed"] is True
        page.get_by_role("button", name="撤销").click()
        expect(page.locator(".tab.here")).to_have_text("小鱼儿")
        assert day.named[place]["closed"] is False

    def test_a_lead_sees_tempers_that_climb(self, open_page: OpenPage, day: Day) -> None:
        alert = {"id": "1", "conversation_id": "c-9", "label": "阿May", "name": "愤怒", "level": 2}
        day.alerts = [alert | {"at": "2026-11-22T10:00:00+00:00"}]
        page = open_page()
        page.get_by_role("button", name="1 位顾客情绪在升级").click()
        expect(page.locator("#alert-rows")).to_contain_text("阿May")
        page.get_by_role("button", name="看过了").click()
        expect(page.locator("#alerts")).to_be_hidden()
        wait_for(page, lambda: day.alerts == [])

    def test_nothing_is_copied_while_an_excerpt_is_read(self, open_page: OpenPage, day: Day) -> None:
        page = open_page()
        shown(page)
        stored(page, day, ["customer:" + SHRUNK])
        excerpt = "小鱼儿 10:01\n毛衣洗了\n小店客服 10:02\n亲，怎么了呢\n小鱼儿 10:03\n缩水了"
        day.held.add(excerpt)
        paste(page, excerpt)
        expect(card(page, "退或换任选")).to_have_attribute("aria-disabled", "true")
        page.keyboard.press("5")
        expect(page.locator("#toast")).to_contain_text("正在看刚粘贴的聊天")
        day.held.clear()
        expect(box(page)).to_have_value("缩水了")
        expect(card(page, "退或换任选")).not_to_have_attribute("aria-disabled", "true")

    def test_a_copy_belongs_to_the_message_it_was_made_for(self, open_page: OpenPage, day: Day) -> None:
        slow = """navigator.clipboard.writeText = text => new Promise(done => {
            window.written = text; window.finish = done; })"""
        page = open_page(before=slow)
        shown(page)
        stored(page, day, ["customer:" + SHRUNK])
        page.keyboard.press("5")
        page.wait_for_function("window.written")
        shown(page, "裙子起球了")
        page.evaluate("window.finish()")
        expect(page.locator("#toast")).to_contain_text("没有记成发过")
        expect(page.locator("#history .ours")).to_have_count(0)
        # another tab in front: it counts where it was copied
        page.evaluate("window.written = ''")
        page.keyboard.press("5")
        page.wait_for_function("window.written")
        page.keyboard.press("n")
        expect(box(page)).to_have_value("")
        page.evaluate("window.finish()")
        (turns,) = day.conversations.values()
        wait_for(page, lambda: [turn["role"] for turn in turns][-1] == "agent")
        expect(page.locator("#history .ours")).to_have_count(0)

    def test_marking_a_risk_is_stored(self, open_page: OpenPage, day: Day) -> None:
        page = open_page()
        shown(page, THREAT)
        page.get_by_role("button", name="看怎么做").click()
        page.get_by_role("button", name="12315与法律误报").click()
        wait_for(page, lambda: day.marks == {"authority_complaint": "false_alarm"})
        page.locator("#toast").get_by_role("button", name="撤销").click()
        wait_for(page, lambda: day.marks == {"authority_complaint": None})


class TestFrame:
    pytestmark = browser_test

    def test_customers_keep_their_own_words_and_values(self, open_page: OpenPage) -> None:
        page = open_page()
        shown(page)
        page.keyboard.press("Tab")
        expect(card(page, "先去问质检").get_by_label("填写时限")).to_be_focused()
        page.keyboard.type("明天")
        page.keyboard.press("Escape")
        expect(page.locator("#scripts")).to_be_focused()
        page.keyboard.press("n")
        expect(box(page)).to_have_value("")
        shown(page, "毛衣起球")
        expect(card(page, "先去问质检").get_by_label("填写时限")).to_have_value("")
        page.keyboard.press("Escape")
        expect(box(page)).to_have_value(SHRUNK)
        expect(card(page, "先去问质检").get_by_label("填写时限")).to_have_value("明天")
        reload(page)
        expect(box(page)).to_have_value(SHRUNK)
        expect(card(page, "先去问质检").get_by_label("填写时限")).to_have_value("明天")
        page.get_by_role("button", name="关掉上次买的毛衣").click()
        expect(box(page)).to_have_value("毛衣起球")

    def test_what_was_sent_counts_for_the_next_message(self, open_page: OpenPage, day: Day) -> None:
        page = open_page()
        shown(page)
        page.keyboard.press("5")
        expect(page.locator("#toast")).to_contain_text("已复制")
        page.keyboard.press("ArrowRight")
        expect(page.locator("[aria-current=step]")).to_have_text("道歉")
        assert day.requests[-1]["turns"] == []
        shown(page, "那就缩水的退了吧")
        expect(page.locator("#history .words")).to_have_text([SHRUNK, CHOICE])
        reply = {"role": "agent", "text": "您选退还是换都行，来回运费我们出。"}
        assert day.requests[-1]["turns"] == [{"role": "customer", "text": SHRUNK}, reply]
        page.get_by_role("button", name="是另一位顾客").click()
        expect(page.locator("#history .said")).to_have_text("新对话")
        expect(box(page)).to_have_value("那就缩水的退了吧")
        answered(page)
        assert day.requests[-1]["turns"] == []
        page.keyboard.press("Escape")
        expect(box(page)).to_have_value(SHRUNK)

    def test_a_message_left_while_typing_is_analysed_on_return(self, open_page: OpenPage) -> None:
        page = open_page()
        shown(page)
        box(page).fill("毛衣起球")
        page.keyboard.press("Escape")
        page.keyboard.press("n")
        page.keyboard.press("Escape")
        expect(box(page)).to_have_value("毛衣起球")
        expect(page.locator(".chip-name")).to_have_text(["起球"])

    def test_question_mark_shows_all_keys(self, open_page: OpenPage) -> None:
        page = open_page()
        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="快捷键")).to_contain_text("复制这条话术")
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog", name="快捷键")).to_be_hidden()

    def test_the_theme_follows_the_system_until_chosen(self, open_page: OpenPage) -> None:
        page = open_page(color_scheme="dark")
        background = "getComputedStyle(document.documentElement).backgroundColor"
        dark = page.evaluate(background)
        page.get_by_label("设置").click()
        page.get_by_text("浅色").click()
        light = page.evaluate(background)
        assert light != dark
        reload(page)
        assert page.evaluate(background) == light

    @pytest.mark.parametrize("width", [320, 380, 899, 900, 1600])
    def test_nothing_sticks_out_sideways(self, open_page: OpenPage, width: int) -> None:
        page = open_page(width, 700)
        shown(page, SHRUNK + "，再不管我打12315，" + "a" * 200)
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert page.evaluate("document.getElementById('work').scrollWidth <= innerWidth")

    @pytest.mark.parametrize("name", ["", "订单尾号一二三四五六七八"])
    def test_the_tab_in_use_can_always_be_closed(self, open_page: OpenPage, name: str) -> None:
        page = open_page(380, 700)
        for text in ("裙子起球了吧", "上次买的毛衣缩水", SHRUNK + "打12315"):
            shown(page, text)
            page.keyboard.press("n")
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        if name:
            page.locator(".tab.here .tab-name").click()
            page.keyboard.type(name)
            page.keyboard.press("Enter")
        page.keyboard.press("Escape")
        seen = """() => {
            const close = document.querySelector(".tab.here .tab-close");
            const {left, right, top, height} = close.getBoundingClientRect();
            const hit = x => close.contains(document.elementFromPoint(x, top + height / 2));
            return hit(left + 1) && hit(right - 1);
        }"""
        for width in (380, 320):
            page.set_viewport_size({"width": width, "height": 700})
            for _ in range(4):
                page.keyboard.press("Escape")
                if page.locator(".tab.here .tab-close").count():
                    page.wait_for_function(seen)
            page.evaluate("document.querySelector('.tab-list').scrollLeft = 0")
            page.wait_for_function(seen)
            page.set_viewport_size({"width": width - 40, "height": 700})
            page.wait_for_function(seen)

    def test_who_waits_longest_is_seen_on_the_tabs_and_comes_first(
        self, open_page: OpenPage, day: Day
    ) -> None:
        day.now = datetime(2026, 11, 22, 10, tzinfo=SHANGHAI)
        words = {"缩水一": 4, "缩水二": 1.5, "缩水三": 20, "起球四": -3}
        day.due = {text: (day.now + timedelta(minutes=left)).isoformat() for text, left in words.items()}
        page = open_page(760)
        page.clock.set_fixed_time("2026-11-22T10:00:00+08:00")
        for text in words:
            page.keyboard.press("n")
            shown(page, text)
        tabs = page.locator("#customers .tab-name")
        expect(tabs).to_have_text([re.compile(end) for end in ("一4分", "二2分", "三在等", "四超3分")])
        expect(page.locator("#stage-reason")).to_contain_text("回复超了 3 分钟")
        for name in ("二", "一", "三"):
            page.keyboard.press("Escape")
            expect(page.locator("#customers .here")).to_contain_text(name)
        expect(page.locator("#stage-reason")).to_contain_text("回复还剩 20 分钟")
        page.keyboard.press("Escape")
        expect(page.locator("#customers .here")).to_contain_text("四")
        answered(page)
        page.keyboard.press("5")
        expect(page.locator("#toast")).to_contain_text("已复制")
        expect(page.locator("#customers .here .due")).to_have_count(0)
        expect(page.locator("#stage-reason")).not_to_contain_text("回复")
        page.keyboard.press("z")
        expect(page.locator("#customers .here .due")).to_have_text("超3分")

    def test_two_columns_when_wide(self, open_page: OpenPage) -> None:
        page = open_page(1280, 800)
        shown(page)
        message, first = box(page).bounding_box(), page.locator(".card").first.bounding_box()
        assert message["x"] + message["width"] < first["x"]
        expect(page.get_by_role("tabpanel")).to_be_visible()

    def test_results_replace_in_place(self, open_page: OpenPage) -> None:
        page = open_page()
        shown(page)
        before = page.locator(".card").first.bounding_box()
        shown(page, "毛衣缩水也起球，还这么贵")
        expect(page.locator("#marks mark").nth(1)).to_have_text("起球")
        assert page.locator(".card").first.bounding_box() == before

    def test_results_are_announced_and_controls_have_names(self, open_page: OpenPage) -> None:
        page = open_page()
        shown(page)
        expect(page.locator("#live")).to_have_text("认出缩水、起球、嫌贵不值，情绪不满，5 条话术")
        nameless = page.evaluate(
            """() => [...document.querySelectorAll("button, input, textarea, select")].filter(node =>
                !(node.getAttribute("aria-label") || node.labels?.length || node.textContent.trim())).length"""
        )
        assert nameless == 0

    def test_the_page_asks_nobody_else(self, open_page: OpenPage, service: tuple[str, Day]) -> None:
        page = open_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        reload(page)
        shown(page)
        assert asked
        assert all(url.startswith(service[0]) for url in asked)


class TestFiles:
    """What can be checked without a browser."""

    @pytest.mark.parametrize("theme", ["light", "dark"])
    def test_colours_meet_aa(self, theme: str) -> None:
        colours = _colours(theme)
        backgrounds = ("paper", "surface", "sunken", "bubble")
        pairs = [(ink, back) for ink in ("ink", "ink-2", "accent-ink") for back in backgrounds]
        pairs += [(f"mood-{level}", f"mood-{level}-soft") for level in (1, 2, 3)]
        pairs += [("ink", f"hue-{hue}-soft") for hue in range(1, 7)]
        pairs += [("risk", "risk-soft"), ("ink", "risk-soft"), ("done", "paper"), ("on-accent", "accent")]
        pairs += [("accent-ink", "accent-soft"), ("mood-2", "surface"), ("mood-1", "paper"), ("paper", "ink")]
        weak = {
            pair: ratio for pair in pairs if (ratio := _contrast(colours[pair[0]], colours[pair[1]])) < 4.5
        }
        assert weak == {}

    def test_words_are_calm_and_chinese(self) -> None:
        for path in [*STATIC.rglob("*.js"), *TEMPLATES.rglob("*.html")]:
            text = path.read_text(encoding="utf-8")
            assert "！" not in text, path.name
            assert not re.search(r"\bstyle=|\bon\w+=\"|<script>|innerHTML|insertAdjacent|eval\(", text), (
                path.name
            )

    def test_whatever_ends_by_itself_does_not_in_browser_tests(self) -> None:
        ends = re.compile(r"const (?:PATIENCE|TIMEOUT|STAYS) = (\d+);")
        waits = {wait for path in STATIC.rglob("*.js") for wait in ends.findall(path.read_text("utf-8"))}
        assert waits
        assert waits <= set(re.findall(r"\d+", UNHURRIED))

    def test_modules_are_small(self) -> None:
        assert {
            path.name for path in STATIC.rglob("*.js") if len(path.read_text("utf-8").splitlines()) > 250
        } == set()


def _colours(theme: str) -> dict[str, str]:
    css = (STATIC / "css" / "tokens.css").read_text(encoding="utf-8")
    light, dark = css.split(':root[data-theme="dark"]')
    read = dict(re.findall(r"--([\w-]+): (#\w{6})", light))
    if theme == "dark":
        read |= dict(re.findall(r"--([\w-]+): (#\w{6})", dark))
    return read


def _contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.

    >>> _contrast("#000000", "#ffffff")
    21.0
    """
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
