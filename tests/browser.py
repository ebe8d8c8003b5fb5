"""A browser for tests that run on slow machines: patient expectations, and pages whose own patience doesn't end."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

CHROMIUM = os.environ.get("HUASHU_CHROMIUM", "/usr/bin/chromium")
browser_test = [
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"no Chromium at {CHROMIUM}"),
]
PATIENCE = 60_000
"""Milliseconds until something that must come counts as missing."""
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
UNHURRIED = """{
    // a toast that goes by itself, a check or a request that isn't waited for any longer: none of it in a test
    const wait = window.setTimeout;
    const ends = new Set([1500, 2500, 6000, 9000, 10000, 12000, 60000, 120000]);
    window.setTimeout = (act, after, ...rest) => wait(act, ends.has(after) ? 3600000 : after, ...rest);
}"""

expect.set_options(timeout=PATIENCE)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window, closed at the end."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, timeout=3 * PATIENCE)
        yield browser
        browser.close()


@contextmanager
def fresh_page(browser: Browser, width: int = 1280, height: int = 800, **options: Any) -> Iterator[Page]:
    """A page in a fresh profile; what goes wrong in its scripts fails the test."""
    context = new_context(browser, width, height, **options)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


class Window:
    """A page that one test after the other gets as good as new: a fresh profile costs five times as much to show one in.

    base: the site it shows. plain: a path on it where nothing runs. Tests that need other options have a profile of their own.
    """

    def __init__(self, browser: Browser, base: str, plain: str, **options: Any) -> None:
        self._browser, self._base, self._plain, self._options = browser, base, plain, options
        self._page: Page | None = None

    def open(self, width: int, height: int) -> Page:
        """An empty page of this size, with no memory of the tests before."""
        if self._page is None:
            context = new_context(self._browser, **self._options)
            self._page = context.new_page()
        self._page.set_viewport_size({"width": width, "height": height})
        return self._page

    def tidy(self) -> None:
        """Leave the site, forget everything; what cannot be undone, as a clock that was set, needs another profile."""
        page = self._page
        if page is None:
            return
        context = page.context
        context.set_offline(False)
        page.unroute_all()
        page.goto(self._base + self._plain)
        page.evaluate("localStorage.clear(); sessionStorage.clear()")
        context.clear_cookies()
        if len(context.pages) > 1 or page.evaluate("'__pwClock' in window"):
            self.close()

    def close(self) -> None:
        if self._page is not None:
            self._page.context.close()
        self._page = None


def without_network(page: Page) -> None:
    """Cut the page off, and wait until it is: what it asks for right after the cut may overtake it."""
    page.context.set_offline(True)
    page.wait_for_function("() => fetch('/healthz', {cache: 'no-store'}).then(() => false, () => true)")


def new_context(browser: Browser, width: int = 1280, height: int = 800, **options: Any) -> BrowserContext:
    """A fresh profile whose pages wait as long as it takes."""
    context = browser.new_context(viewport={"width": width, "height": height}, **options)
    context.set_default_timeout(PATIENCE)
    context.add_init_script(UNHURRIED)
    return context
