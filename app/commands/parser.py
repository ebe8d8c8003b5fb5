"""argparse that speaks Chinese."""

from __future__ import annotations

import argparse
import re
import sys
from typing import Any, Final, NoReturn

_MESSAGES: Final = (
    (re.compile(r"the following arguments are required: (.*)"), r"还缺：\1"),
    (re.compile(r"unrecognized arguments: (.*)"), r"不认识：\1"),
    (re.compile(r"argument (.*?): invalid choice: (.*?) \(choose from (.*)\)"), r"\1 不能是 \2，只能是 \3"),
    (re.compile(r"argument (.*?): invalid \w+ value: (.*)"), r"\1 不能是 \2"),
    (re.compile(r"argument (.*?): expected .*"), r"\1 后面要写一个值"),
)


class Formatter(argparse.HelpFormatter):
    """Help texts whose usage line is in Chinese."""

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, "用法：" if prefix is None else prefix)


class Parser(argparse.ArgumentParser):
    """An ArgumentParser with Chinese headings and errors; its subparsers are of the same kind."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"formatter_class": Formatter, "add_help": False, **options})
        self._positionals.title = "参数"
        self._optionals.title = "选项"
        self.add_argument("-h", "--help", action="help", help="显示这份说明")

    def error(self, message: str) -> NoReturn:
        """Says in Chinese what argparse found wrong and ends with 2."""
        for pattern, chinese in _MESSAGES:
            message = pattern.sub(chinese, message)
        self.print_usage(sys.stderr)
        self.exit(2, f"{message}\n")
