"""The page for accounts and tokens: only administrators, secrets shown once, names stay text."""

from __future__ import annotations

import html
import re

import pytest

from app import accounts, tokens
from app.store.database import Database
from tests.conftest import Client


def signed_in(client: Client, name: str, role: accounts.Role) -> str:
    """Sign this client in as a new person; returns the token of their pages."""
    database: Database = client.app.state.services.database
    session = accounts.redeem(database, accounts.add_person(database, name, role, by="甲"))
    client.cookies.clear()
    client.cookies.set("huashu_session", session)
    return accounts.csrf_token(session)


def secret_in(page: str) -> str:
    found = re.search(r'class="field secret" readonly value="([^"]+)"', page)
    assert found is not None
    return html.unescape(found[1])


def test_an_administrator_invites_and_locks_out(closed: Client) -> None:
    csrf = signed_in(closed, "店长一", "admin")
    added = closed.post("/access/people", data={"csrf_token": csrf, "name": " <b>小鱼</b> ", "role": "lead"})
    assert added.status_code == 200
    assert "<b>小鱼" not in added.text
    link = secret_in(added.text)
    assert link.startswith("http://127.0.0.1:8000/sign-in/")
    assert "只有这台电脑打得开" in added.text
    assert link not in closed.get("/access").text
    assert closed.get(link.removeprefix("http://127.0.0.1:8000")).status_code == 200
    again = closed.post("/access/people", data={"csrf_token": csrf, "name": "<b>小鱼</b>", "role": "lead"})
    assert (again.status_code, "再发一个登录链接" in again.text) == (409, True)
    ended = closed.post("/access/people/disable", data={"csrf_token": csrf, "name": "<b>小鱼</b>"})
    assert "已停用" in ended.text
    assert closed.get(link.removeprefix("http://127.0.0.1:8000")).status_code == 401
    own = closed.post("/access/people/disable", data={"csrf_token": csrf, "name": "店长一"})
    assert "不能停用自己" in own.text


def test_tokens_are_made_and_ended(closed: Client) -> None:
    csrf = signed_in(closed, "店长二", "admin")
    form = {"csrf_token": csrf, "name": "后台", "scopes": ["assist", "metrics"], "days": "90"}
    made = closed.post("/access/tokens", data=form)
    token = secret_in(made.text)
    database: Database = closed.app.state.services.database
    program = tokens.Programs(database).program(token)
    assert program is not None
    assert program.expires_at is not None
    assert token not in closed.get("/access").text
    none = closed.post("/access/tokens", data={"csrf_token": csrf, "name": "空"})
    assert "要选这个令牌能做什么" in none.text
    closed.post("/access/tokens/revoke", data={"csrf_token": csrf, "name": "后台"})
    assert tokens.Programs(database).program(token) is None
    assert "停用接口令牌" in closed.get("/access").text


@pytest.mark.parametrize("path", ["/people", "/people/link", "/people/disable", "/tokens", "/tokens/revoke"])
def test_others_may_not(closed: Client, path: str) -> None:
    csrf = signed_in(closed, f"主管{path}", "lead")
    assert closed.get("/access").status_code == 403
    assert closed.post(f"/access{path}", data={"csrf_token": csrf, "name": "甲"}).status_code == 403
    admin = signed_in(closed, f"管理{path}", "admin")
    assert admin
    assert closed.post(f"/access{path}", data={"name": "甲"}).status_code == 403
