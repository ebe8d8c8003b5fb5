"""`token`: tokens with which programs use the API."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import timedelta
from typing import Any, Final

from app.commands.data import add_data_options, open_data, settings_for
from app.tokens import SCOPES, issue, listed, revoke

_COMMAND_LINE: Final = "命令行"
_LONGEST: Final = 3650


def register(subparsers: argparse._SubParsersAction[Any]) -> None:
    """Add `token add`, `token list` and `token revoke` to the command line."""
    actions = subparsers.add_parser("token", help="管理接口令牌").add_subparsers(
        title="动作", metavar="动作", required=True
    )
    adding = actions.add_parser("add", help="新建接口令牌，只显示这一次")
    adding.add_argument("name", metavar="名字", help="给哪个程序用")
    adding.add_argument(
        "--scope",
        action="append",
        required=True,
        choices=tuple(SCOPES),
        help="；".join(f"{scope} {words}" for scope, words in SCOPES.items()) + "。可以写多次",
    )
    adding.add_argument("--days", type=_days, help="多少天后过期；不写就一直有效")
    adding.set_defaults(run=run_add)
    listing = actions.add_parser("list", help="列出接口令牌")
    listing.set_defaults(run=run_list)
    revoking = actions.add_parser("revoke", help="停用接口令牌，几秒内生效")
    revoking.add_argument("name", metavar="名字")
    revoking.set_defaults(run=run_revoke)
    for parser in (adding, listing, revoking):
        add_data_options(parser)


def _days(text: str) -> int:
    days = int(text)
    if not 0 < days <= _LONGEST:
        raise ValueError
    return days


def run_add(options: argparse.Namespace) -> int:
    """`token add`: prints {"token": …}, the only time it is shown. Raises InvalidRequest, Conflict."""
    database = open_data(settings_for(options), options.content)
    lifetime = timedelta(days=options.days) if options.days else None
    token = issue(database, options.name, options.scope, by=_COMMAND_LINE, lifetime=lifetime)
    print("令牌只显示这一次，请马上存好。", file=sys.stderr)
    print(json.dumps({"token": token}, ensure_ascii=False))
    return 0


def run_list(options: argparse.Namespace) -> int:
    """`token list`: a JSON line per token, without the token itself."""
    for token in listed(open_data(settings_for(options), options.content)):
        line = {
            "name": token.name,
            "scopes": token.scopes,
            "created_at": token.created_at.isoformat(),
            "expires_at": token.expires_at and token.expires_at.isoformat(),
            "last_used_at": token.last_used_at and token.last_used_at.isoformat(),
            "revoked_at": token.revoked_at and token.revoked_at.isoformat(),
        }
        print(json.dumps(line, ensure_ascii=False))
    return 0


def run_revoke(options: argparse.Namespace) -> int:
    """`token revoke`: it opens nothing from now on. Raises NotFound."""
    revoke(open_data(settings_for(options), options.content), options.name, by=_COMMAND_LINE)
    print(f"已停用「{options.name}」")
    return 0
