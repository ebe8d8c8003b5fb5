"""`check` and `coverage`: is the content right, and is it complete."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from app.commands.data import open_data
from app.commands.sources import valid_content
from app.config import Settings
from app.content.check import check
from app.content.coverage import SOURCES, cells, holes, read_sources, report, source_holes, sources_report
from app.content.folder import content_folder, unexpected
from app.content.load import Files, load, read_folder
from app.content.model import Content
from app.errors import UsageError
from app.releases import newest_files
from app.reply.script_check import check_wording


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `check` and `coverage` to the command line."""
    checking = subparsers.add_parser("check", help="检查内容文件，列出所有问题")
    checking.add_argument("folder", nargs="?", type=Path, help="内容文件夹；默认是当前目录")
    checking.add_argument("--data", type=Path, help="检查这个数据文件夹里已发布的内容")
    checking.add_argument("--quiet", action="store_true", help="只列错误，不列提醒")
    checking.set_defaults(run=run_check)
    covering = subparsers.add_parser("coverage", help="哪些意图、阶段、语气还缺话术")
    covering.add_argument("folder", nargs="?", type=Path, help="内容文件夹；默认是当前目录")
    covering.add_argument("--data", type=Path, help="看这个数据文件夹里已发布的内容")
    covering.set_defaults(run=run_coverage)


def run_check(options: argparse.Namespace) -> int:
    """`check`: a line per problem; 1 when there is an error, 0 with warnings only."""
    loaded = load(_files(options))
    strangers = unexpected(content_folder(options.folder)) if options.data is None else ()
    problems = sorted({*strangers, *check(loaded, datetime.now(UTC).date()), *check_wording(loaded)})
    errors = [problem for problem in problems if problem.level == "error"]
    for problem in errors if options.quiet else problems:
        print(problem)
    print(f"{len(errors)} 处错误，{len(problems) - len(errors)} 处提醒")
    return 1 if errors else 0


def run_coverage(options: argparse.Namespace) -> int:
    """`coverage`: the map and the holes; 1 when there is a hole or an inventory line that landed nowhere."""
    content = valid_content(_files(options))
    print(report(content))
    missing = _report_sources(options, content)
    return 1 if missing or holes(cells(content)) else 0


def _report_sources(options: argparse.Namespace, content: Content) -> list[str]:
    """Say where the seed documents' lines landed, when the content folder keeps that list; the holes."""
    if options.data is not None:
        return []
    path = content_folder(options.folder) / SOURCES
    if not path.is_file():
        return []
    try:
        lines = read_sources(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise UsageError(f"读不懂 {path}：{error}") from error
    missing = source_holes(lines, content)
    print(sources_report(lines, missing))
    return missing


def _files(options: argparse.Namespace) -> Files:
    if options.data is not None:
        return newest_files(open_data(Settings(data=options.data), options.folder))
    return read_folder(content_folder(options.folder))
