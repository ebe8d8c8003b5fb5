"""The documents tell the truth: every address, every problem code, every setting is in them."""

from __future__ import annotations

from app import errors
from app.config import Settings
from app.errors import AppError
from app.web.app import create_app
from tests.conftest import ROOT

API = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
OPERATE = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
OF_THE_COMMAND_LINE = {"error", "usage"}


def test_every_address_is_explained() -> None:
    paths = create_app(Settings(auth="off")).openapi()["paths"]
    pages = {path for path in paths if path.startswith("/sign-")}
    missing = [path for path in paths if path not in pages and path not in API]
    assert missing == []
    for path, operations in paths.items():
        for method in operations if path.startswith("/api/") else ():
            assert f"{method.upper()} {path}" in API, (method, path)


def test_every_problem_code_is_explained() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, AppError)]
    codes = {kind.code for kind in kinds} - OF_THE_COMMAND_LINE
    assert {code for code in codes if f"`{code}`" not in API} == set()


def test_every_setting_is_explained() -> None:
    names = [f"HUASHU_{name.upper()}" for name in Settings.model_fields]
    assert [name for name in names if f"`{name}`" not in OPERATE] == []
