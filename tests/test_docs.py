"""The documents tell the truth: every address, every problem code, every setting is in them."""

from __future__ import annotations

import importlib
import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from app import errors
from app.__main__ import _MODULES
from app.commands.parser import Parser
from app.config import Settings
from app.errors import AppError
from app.web.app import create_app
from app.web.schemas import Incoming
from tests.conftest import ROOT

API = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
OPERATE = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
OF_THE_COMMAND_LINE = {"error", "usage"}


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    return create_app(Settings(auth="off")).openapi()


def told(part: Mapping[str, Any], word: str = "description") -> bool:
    return re.search("[\u4e00-\u9fff]", part.get(word, "")) is not None


def properties(part: Any, place: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every property of every schema below a part of an OpenAPI document, with where it is."""
    if isinstance(part, Mapping):
        for name, below in part.items():
            if name == "properties" and "type" in part:
                yield from ((f"{place}.{field}", schema) for field, schema in below.items())
            if name not in ("example", "examples"):
                yield from properties(below, f"{place}/{name}")
    elif isinstance(part, list):
        for below in part:
            yield from properties(below, place)


def test_openapi_says_of_everything_what_it_is(description: dict[str, Any]) -> None:
    operations = {
        f"{method} {path}": operation
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    }
    tags = {tag["name"] for tag in description["tags"]}
    missing = [name for name, one in operations.items() if not (told(one) and told(one, "summary"))]
    missing += [
        name for name, one in operations.items() if len(one["tags"]) != 1 or one["tags"][0] not in tags
    ]
    missing += [
        f"{name} {parameter['name']}"
        for name, one in operations.items()
        for parameter in one.get("parameters", ())
        if not told(parameter)
    ]
    missing += [
        f"{name} {status}"
        for name, one in operations.items()
        for status, answer in one["responses"].items()
        if not told(answer) or any(not kind.get("schema") for kind in answer.get("content", {}).values())
    ]
    missing += [place for place, schema in properties(description, "") if not told(schema)]
    missing += [name for name in description["components"]["schemas"] if "__" in name]
    assert missing == []
    assert len({one["operationId"] for one in operations.values()}) == len(operations)


def test_the_requests_shown_are_right() -> None:
    shown = 0
    for model in Incoming.__subclasses__():
        extra = model.model_config.get("json_schema_extra")
        for example in extra.get("examples", ()) if isinstance(extra, dict) else ():
            assert model.model_validate(example).model_fields_set == set(example)
            shown += 1
    assert shown > 8


def test_openapi_says_which_token_opens_what(description: dict[str, Any]) -> None:
    paths = description["paths"]
    assert paths["/api/v1/suggest"]["post"]["security"] == [{"token": ["assist"]}, {"session": []}]
    assert paths["/api/v1/alerts"]["get"]["security"][0] == {"token": ["conversations", "cases"]}
    assert paths["/api/v1/studio/settings"]["put"]["security"][0] == {"token": ["content", "admin"]}
    assert "security" not in paths["/healthz"]["get"]


def test_every_address_is_explained(description: dict[str, Any]) -> None:
    paths = description["paths"]
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


def test_every_module_is_named() -> None:
    """In docs/architecture.md, by its name under the heading of its package, or by its path."""
    packages = re.split(
        r"^### (\w+)", (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8"), flags=re.M
    )
    named = dict(zip(packages[1::2], packages[2::2], strict=True))
    for path in sorted((ROOT / "app").rglob("*.py")):
        module = path.relative_to(ROOT / "app")
        if path.name == "__init__.py" or "migrations" in module.parts or len(module.parts) > 2:
            continue
        own = named.get(module.parts[0], "")
        assert f"`{module.name}`" in own or any(
            f"`{module.as_posix()}`" in text for text in named.values()
        ), module


GUIDES = [ROOT / name for name in ("README.md", "README.en.md", "CONTRIBUTING.md")] + sorted(
    (ROOT / "docs").glob("*.md")
)
COMMANDS = {name for names in _MODULES.values() for name in names}


def calls(text: str) -> list[str]:
    """The arguments of every `huashu …` in code: blocks, and words between backticks."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    inline = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))
    lines = [line for block in blocks for line in block.splitlines()] + inline
    found = []
    for line in lines:
        # a comment follows after two spaces or more; env settings and the virtual environment come before
        command = re.split(r"\s{2,}|\s+#\s|\s[|<>]\s|\s&&\s", line.strip())
        for part in command:
            match = re.match(
                r"(?:sudo -u huashu (?:env )?)?(?:[A-Z_]+=\S+ )*(?:docker compose run --rm app |docker run \S.*? huashu |"
                r"(?:ExecStart=)?(?:[\w/]*\.venv/bin/)?huashu |python -m app )(?P<rest>[a-z].*)",
                part,
            )
            if match is not None:
                found.append(match["rest"])
    return found


@pytest.fixture(scope="module")
def parser() -> Parser:
    made = Parser(prog="huashu")
    subparsers = made.add_subparsers(required=True)
    for module in _MODULES:
        importlib.import_module(module).register(subparsers)
    return made


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.name)
def test_every_command_in_the_guides_is_understood(guide: Path, parser: Parser) -> None:
    for call in calls(guide.read_text(encoding="utf-8")):
        arguments = shlex.split(call)
        assert arguments[0] in COMMANDS, call
        if "…" in call or all(re.fullmatch("[a-z]+", word) for word in arguments):
            continue
        try:
            parser.parse_args(arguments)
        except SystemExit:
            pytest.fail(f"{guide.name}: huashu {call}")


def test_there_are_commands_in_the_guides() -> None:
    assert len(calls(OPERATE)) > 15
