"""The rules of docs/architecture.md hold: one direction of imports, one home per library, small functions and modules."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).parent.parent
MODULES = sorted(path for path in (ROOT / "app").rglob("*.py") if "migrations" not in path.parts)
HOMES = {
    "fastapi": {"app/web"},
    "starlette": {"app/web"},
    "prometheus_client": {"app/web", "app/commands/workers.py"},
    "sqlalchemy": {"app/store"},
    "alembic": {"app/store"},
    "cryptography": {"app/channels", "app/store/vault.py"},
    "joserfc": {"app/oidc.py"},
    "jieba": {"app/nlu/words.py"},
    "opencc": {"app/nlu/text.py", "app/reply/render.py"},
    "scipy": {"app/nlu/train.py", "app/nlu/logistic.py"},
    "yaml": {"app/content/parse.py", "app/content/splice.py"},
    "rapidfuzz": {"app/content/check.py", "app/reply/search.py", "app/reply/goods.py", "app/studio"},
    "ahocorasick_rs": {
        "app/nlu/match.py",
        "app/nlu/features.py",
        "app/nlu/concepts.py",
        "app/reply/weights.py",
    },
    "chinese_calendar": {"app/reply/workdays.py"},
    "jinja2": {"app/content/template.py", "app/web"},
    "openpyxl": {"app/sheets.py"},
    "PIL": {"app/cases/photos.py", "app/content/images.py"},
    "uvicorn": {"app/commands/service.py"},
}
EXPLAINED_ELSEWHERE = {
    "Formatter.add_usage",
    "UtcDateTime.process_bind_param",
    "UtcDateTime.process_result_value",
}
"""Methods of a library's classes: the library says what they are."""
Named = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
MAX_FUNCTION = 45
MAX_MODULE = 480


def libraries(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (name.name.split(".")[0] for name in node.names)
    elif node.module and not node.level:
        yield node.module.split(".")[0]


def test_import_contracts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("logging.config.dictConfig", lambda _: None)  # it would silence our own loggers
    assert lint_imports(no_cache=True) == EXIT_STATUS_SUCCESS


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_module(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    nodes = list(ast.walk(ast.parse(source)))
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    imports = [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]
    name = path.relative_to(ROOT).as_posix()
    assert source.count("\n") <= MAX_MODULE, "split the module"
    assert path.name != "utils.py"
    assert path.name != "__init__.py" or source.strip() == "", "an __init__ stays empty"
    long = [node.name for node in functions if (node.end_lineno or 0) - node.lineno >= MAX_FUNCTION]
    assert long == [], "functions fit on a screen"
    strangers = {
        library
        for node in imports
        for library in libraries(node)
        if library in HOMES
        and not any(name == home or name.startswith(home + "/") for home in HOMES[library])
    }
    assert strangers == set()
    inside = [
        node.name
        for node in functions
        if any(node.lineno < line.lineno <= (node.end_lineno or 0) for line in imports)
    ]
    assert inside == [], "imports stand at the top"


def test_everything_public_says_what_it_is() -> None:
    """Docstrings where the house rule wants them: not of nested functions, nor of what a documented base explains."""
    classes: dict[str, ast.ClassDef] = {}
    public: list[tuple[str, Named, ast.ClassDef | None]] = []
    for path in MODULES:
        place = path.relative_to(ROOT).as_posix()
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                classes[node.name] = node
            if isinstance(node, Named) and not node.name.startswith("_"):
                public.append((f"{place}: {node.name}", node, None))
                public.extend((f"{place}: {node.name}.{inner.name}", inner, node) for inner in named(node))
    assert [
        name
        for name, node, owner in public
        if not ast.get_docstring(node)
        and name.rpartition(" ")[2] not in EXPLAINED_ELSEWHERE
        and not (owner and inherited(classes, owner, node.name))
    ] == []


def named(node: Named) -> list[Named]:
    """The public methods and classes of a class; none of a function."""
    inner = node.body if isinstance(node, ast.ClassDef) else []
    return [one for one in inner if isinstance(one, Named) and not one.name.startswith("_")]


def inherited(classes: dict[str, ast.ClassDef], owner: ast.ClassDef, name: str) -> bool:
    """Whether a base of this class, defined here, documents a method of this name."""
    bases = [classes[base.id] for base in owner.bases if isinstance(base, ast.Name) and base.id in classes]
    return any(
        any(one.name == name and ast.get_docstring(one) for one in named(base))
        or inherited(classes, base, name)
        for base in bases
    )
