"""What a start does not load: each of these costs a good part of it, and none is needed to answer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LOADED = "print(*sorted(name for name in sys.modules if '.' not in name or name.startswith('app.')))"
HELP = f"""
import atexit, sys
from app.__main__ import main
atexit.register(lambda: {LOADED})
main(["--help"])
"""
SERVING = f"import sys, app.commands.service; {LOADED}"
WEB = {"app.web.app", "fastapi", "uvicorn"}
RARE = {
    "scipy",
    "jieba",
    "pkg_resources",
    "openpyxl",
    "PIL",
    "cryptography",
    "joserfc",
    "alembic",
    "app.nlu.train",
}


def loaded(program: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True, timeout=100
    )
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(("program", "spared"), [(HELP, WEB | RARE), (SERVING, RARE)], ids=["help", "serve"])
def test_what_is_not_loaded(program: str, spared: set[str]) -> None:
    assert loaded(program) & spared == set()
