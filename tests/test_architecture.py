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
