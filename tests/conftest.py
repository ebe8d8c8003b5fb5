"""What every process of the tests loads. The rest, tests/fixtures.py, takes seconds: who only hands out tests goes without."""

from __future__ import annotations

import gc
from importlib import import_module
from typing import Any

import pytest

gc.disable()
"""What is loaded and collected stays: looking through it for cycles again and again takes a quarter of the time."""


def pytest_sessionstart(session: pytest.Session) -> None:
    if not session.config.pluginmanager.hasplugin("dsession"):
        session.config.pluginmanager.import_plugin("tests.fixtures")


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
    gc.enable()


def __getattr__(name: str) -> Any:
    """`from tests.conftest import …` gives what is in tests/fixtures.py."""
    if name.startswith(("__", "pytest_", "collect_")):
        raise AttributeError(name)
    return getattr(import_module("tests.fixtures"), name)
