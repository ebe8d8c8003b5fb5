"""Expressions that are compiled when first used are all right, and then what `re` makes of them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from app import regex
from app.regex import Expression

ROOT = Path(__file__).parent.parent
USERS = [
    path
    for path in (ROOT / "app").rglob("*.py")
    if "from app import regex as re\n" in path.read_text("utf-8")
]


def expressions(value: object) -> Iterator[Expression]:
    if isinstance(value, Expression):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from (*expressions(key), *expressions(item))
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from expressions(item)


@pytest.mark.parametrize("path", USERS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_all_expressions_compile(path: Path) -> None:
    module = import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    found = [one for value in vars(module).values() for one in expressions(value)]
    assert all(one.pattern for one in found)
    written = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if is_compile(node)]
    assert found
    assert len(found) >= len(written)


def is_compile(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "re.compile"


def test_it_does_what_re_does() -> None:
    lazy, usual = regex.compile("a(?P<n>b+)", regex.IGNORECASE), re.compile("a(?P<n>b+)", re.IGNORECASE)
    for _ in range(2):
        assert lazy.findall("xABb ab") == usual.findall("xABb ab")
        assert [one["n"] for one in lazy.finditer("ab abb")] == ["b", "bb"]
    assert lazy.pattern == usual.pattern
    with pytest.raises(re.error):
        regex.compile("(").search("")
