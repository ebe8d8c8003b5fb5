"""`check` and `coverage`: is the content right, and is it complete."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from app.content.check import check
from app.content.coverage import cells, holes, report
from app.content.load import load, read_folder
from app.sources import content_folder, valid_content


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    checking = subparsers.add_parser("check", help="检查内容文件，列出所有问题")
    checking.add_argument("folder", nargs="?", type=Path, help="内容文件夹；默认是当前目录")
    checking.add_argument("--quiet", action="store_true", help="只列错误，不列提醒")
    checking.set_defaults(run=run_check)
    covering = subparsers.add_parser("coverage", help="哪些意图、阶段、语气还缺话术")
    covering.add_argument("folder", nargs="?", type=Path, help="内容文件夹；默认是当前目录")
    covering.set_defaults(run=run_coverage)


def run_check(options: argparse.Namespace) -> int:
    problems = check(load(read_folder(content_folder(options.folder))), datetime.now(UTC).date())
    errors = [problem for problem in problems if problem.level == "error"]
    for problem in errors if options.quiet else problems:
        print(problem)
    print(f"{len(errors)} 处错误，{len(problems) - len(errors)} 处提醒")
    return 1 if errors else 0


def run_coverage(options: argparse.Namespace) -> int:
    content = valid_content(read_folder(content_folder(options.folder)))
    print(report(content))
    return 1 if holes(cells(content)) else 0
