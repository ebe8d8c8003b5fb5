"""The command line: `huashu …`, the same as `python -m app …`.

Only the module of the command that runs is imported: classifying loads no web server, serving no solver, help neither.
"""

from __future__ import annotations

import errno
import gc
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Final

from app.commands.parser import Parser
from app.errors import AppError

_MODULES: Final = {
    "app.commands.serve": ("serve",),
    "app.commands.data": ("publish", "export", "user"),
    "app.commands.access": ("token",),
    "app.commands.channels": ("channel",),
    "app.commands.backup": ("backup", "restore", "downgrade"),
    "app.commands.understand": ("classify", "evaluate"),
    "app.commands.replay": ("suggest", "replay"),
    "app.commands.content": ("check", "coverage"),
}
_CHECKS: Final = ("check", "coverage")
_INTERRUPTED: Final = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code. What cannot be carried out is said on stderr, with 2, or 1 for a check."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = Parser(prog="huashu", description="话术助手：服装店客服的实时话术建议")
    subparsers = parser.add_subparsers(title="命令", metavar="命令", required=True)
    # what modules make stays: collecting it while they load costs a fifth of loading them
    gc.disable()
    for module in _needed(arguments):
        importlib.import_module(module).register(subparsers)
    gc.enable()
    options = parser.parse_args(arguments)
    try:
        code = int(options.run(options))
        sys.stdout.flush()
        return code
    except AppError as error:
        print(error.detail, file=sys.stderr)
        return 1 if arguments[0] in _CHECKS else 2
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        _say_no_more()
        return 1
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        _say_no_more()
        print("磁盘满了，写不进去；请清出空间再试", file=sys.stderr)
        return 2


def _say_no_more() -> None:
    """Drop what could not be printed; Python would try again at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _needed(arguments: Sequence[str]) -> list[str]:
    """The module of the command asked for, or all of them (for --help, and to name the commands there are)."""
    first = arguments[0] if arguments else ""
    return [module for module, commands in _MODULES.items() if first in commands] or list(_MODULES)


if __name__ == "__main__":
    sys.exit(main())
