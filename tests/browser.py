"""A browser for tests that run on slow machines: patient expectations, and pages whose own patience doesn't end."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

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


def new_context(browser: Browser, width: int = 1280, height: int = 800, **options: Any) -> BrowserContext:
    """A fresh profile whose pages wait as long as it takes."""
    context = browser.new_context(viewport={"width": width, "height": height}, **options)
    context.set_default_timeout(PATIENCE)
    context.add_init_script(UNHURRIED)
    return context
