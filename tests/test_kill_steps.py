"""Killed in the midst of what changes much at once: a cross-section of benchmarks/kill_steps.py, on both databases."""

from __future__ import annotations

import subprocess
import sys

from tests.conftest import ROOT

FEW = {"删除顾客": 13, "升级": 60, "导出": 61}
"""Operation -> every so many steps of it."""


def test_what_was_killed_is_there_whole_or_not_at_all_and_can_be_done_again(postgres: str) -> None:
    operations = ",".join(f"{name}:{every}" for name, every in FEW.items())
    command = [sys.executable, "benchmarks/kill_steps.py", "--operations", operations, "--server", postgres]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(" 0 wrong\n") == 2 * len(FEW) + 2
