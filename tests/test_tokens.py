"""Tokens of programs: shown once, good for their scopes only, ended at once, usable while the database is away."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from app import tokens
from app.__main__ import main
from app.content.folder import write_folder
from app.errors import Conflict, NotFound, StoreUnavailable, UsageError
from app.store import audit
from app.store.database import Database
from tests.conftest import Client
from tests.test_serve import SMALL


def test_a_token_is_known_by_its_hash_and_what_it_may_do(database: Database) -> None:
    token = tokens.issue(database, "客服后台", ["conversations", "assist"], by="店主")
    program = tokens.Programs(database).program(token)
    assert program is not None
    assert program.scopes == {"assist", "conversations"}
    assert (program.person.name, program.person.role) == ("接口 客服后台", "agent")
    with database.read() as session:
        stored = session.connection().exec_driver_sql("SELECT * FROM api_tokens").all()
        entries = audit.latest(session)
    assert token not in str(stored) + str(entries)
    assert [entry.what for entry in entries] == ["token.added"]


def test_revoked_and_expired_tokens_end(database: Database) -> None:
    token = tokens.issue(database, "甲", ["assist"], by="店主")
    late = tokens.issue(database, "乙", ["assist"], by="店主", lifetime=timedelta(seconds=-1))
    tokens.revoke(database, "甲", by="店主")
    programs = tokens.Programs(database)
    assert programs.program(token) is None
    assert programs.program(late) is None
    assert programs.program("hs_" + "x" * 5000) is None
    assert programs.program("\ud800") is None
    with pytest.raises(NotFound):
        tokens.revoke(database, "甲", by="店主")


def test_a_token_expires_while_it_is_remembered(database: Database) -> None:
    token = tokens.issue(database, "甲", ["assist"], by="店主", lifetime=timedelta(milliseconds=300))
    programs = tokens.Programs(database)
    assert programs.program(token) is not None
    while programs.remembered(token) is not None:
        pass
    assert programs.program(token) is None


def test_names_are_used_once_and_scopes_are_known(database: Database) -> None:
    tokens.issue(database, "甲", ["assist"], by="店主")
    with pytest.raises(Conflict):
        tokens.issue(database, "甲", ["assist"], by="店主")
    for name, scopes in (("", ["assist"]), ("乙\n", ["所有"]), ("乙", []), ("长" * 41, ["assist"])):
        with pytest.raises(UsageError):
            tokens.issue(database, name, scopes, by="店主")


def test_a_known_token_works_while_the_database_is_away(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = tokens.issue(database, "甲", ["assist"], by="店主")
    programs = tokens.Programs(database)
    assert programs.program(token) is not None

    def gone() -> None:
        raise StoreUnavailable("")

    monkeypatch.setattr(database, "read", gone)
    assert programs.program(token) is not None
    with pytest.raises(StoreUnavailable):
        programs.program(tokens.PREFIX + "unknown")


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("/", None),
        ("/cases", None),
        ("/metrics", "metrics"),
        ("/api/v1/suggest", "assist"),
        ("/api/v1/intents", "assist"),
        ("/api/v1/conversations/1/turns", "conversations"),
        ("/api/v1/studio/draft", "content"),
        ("/api/v1/channels", "admin"),
        ("/api/v1/something/new", "admin"),
    ],
)
def test_every_address_has_its_scope(path: str, scope: str | None) -> None:
    assert tokens.scope_of(path) == scope


def test_a_program_asks_with_its_token(closed: Client) -> None:
    database: Database = closed.app.state.services.database
    token = tokens.issue(database, "后台", ["assist"], by="店主")
    bearer = {"authorization": f"Bearer {token}"}
    answer = closed.post("/api/v1/suggest", json={"message": "毛衣缩水了"}, headers=bearer)
    assert answer.status_code == 200
    refused = closed.post(
        "/api/v1/conversations/a/turns",
        json={"role": "customer", "text": "在吗", "message_id": "1"},
        headers=bearer,
    )
    assert (refused.status_code, refused.json()["scope"]) == (403, "conversations")
    talks = tokens.issue(database, "听", ["conversations"], by="店主")
    refused = closed.get("/api/v1/alerts", headers={"authorization": f"Bearer {talks}"})
    assert (refused.status_code, refused.json()["role"]) == (403, "lead")
    assert closed.get("/", headers={**bearer, "accept": "text/html"}).status_code == 403


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer x", "Basic aHM6eA==", "Bearer hs_错".encode()])
def test_a_wrong_token_is_refused(closed: Client, value: str | bytes) -> None:
    answer = closed.post("/api/v1/suggest", json={"message": "在吗"}, headers={"authorization": value})
    assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_required")


def test_the_command_line_makes_lists_and_ends_tokens(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_folder(tmp_path / "content", SMALL)
    data = ["--data", str(tmp_path / "data"), "--content", str(tmp_path / "content")]
    database = Database(tmp_path / "data" / "huashu.db")
    (tmp_path / "data").mkdir()
    assert main(["token", "add", "后台", "--scope", "assist", "--days", "30", *data]) == 0
    token = json.loads(capsys.readouterr().out.splitlines()[-1])["token"]
    assert tokens.Programs(database).program(token) is not None
    assert main(["token", "list", *data]) == 0
    assert token not in (listing := capsys.readouterr().out)
    assert json.loads(listing)["scopes"] == ["assist"]
    assert main(["token", "revoke", "后台", *data]) == 0
    assert tokens.Programs(database).program(token) is None
    assert main(["token", "revoke", "后台", *data]) == 2
