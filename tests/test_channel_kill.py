"""The whole thing as an integrator meets it: the command, the example, and the service killed after it acknowledged."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import httpx
from sqlalchemy import text

from app.content.folder import write_folder
from app.store.database import Database
from tests.conftest import ROOT
from tests.test_channels import body_of, headers_of
from tests.test_serve import SMALL, inside, last_line, serve, wait_for

EXAMPLE = ROOT / "docs" / "examples" / "webhook.py"
OFF = {"HUASHU_AUTH": "off"}


def test_the_example_and_a_kill_after_the_acknowledgement(tmp_path: Path) -> None:
    data, content = tmp_path / "data", tmp_path / "content"
    write_folder(content, SMALL)
    made = last_line(inside("channel", "add", "generic", "自家商城", "--data", data, "--content", content))
    path, secret = str(made["path"]), str(made["secret"])
    assert unquote(path) == "/hooks/generic/自家商城"
    acknowledged = []
    with serve(data, **OFF) as served:
        base = served.find(r"http://[0-9.:]+")
        example = [sys.executable, str(EXAMPLE), "send", base + unquote(path), secret, "毛衣缩水了"]
        subprocess.run(example, check=True, timeout=120)
        assert len(EXAMPLE.read_text(encoding="utf-8").splitlines()) <= 65
        for number in range(10):
            body = body_of(f"m-{number}")
            answer = httpx.post(
                base + path, content=body, headers=headers_of(secret, body, f"d-{number}"), timeout=60
            )
            acknowledged.append((answer.status_code, answer.json()["turn_id"]))
        served.process.kill()
    assert {status for status, _ in acknowledged} == {200}
    database = Database(data / "huashu.db")
    with database.write() as session:  # as if it had been killed before the first of them was gone on with
        session.execute(text("UPDATE channel_inbound SET state = 'waiting', lease_until = NULL, lease = ''"))
        session.execute(text("DELETE FROM events"))
        session.execute(text("UPDATE turns SET answer = NULL"))

    def waiting() -> int:
        with database.read() as session:
            return int(
                session.execute(
                    text("SELECT count(*) FROM channel_inbound WHERE state = 'waiting'")
                ).scalar_one()
            )

    with serve(data, **OFF) as served:
        served.find(r"http://[0-9.:]+")
        wait_for(lambda: waiting() == 0)
    with database.read() as session:
        answers = session.execute(text("SELECT message_id, answer FROM turns")).all()
        events = session.execute(text("SELECT turn_id FROM events")).scalars().all()
    database.close()
    assert len(answers) == 11
    assert all(json.loads(row.answer)["intents"] for row in answers)
    assert sorted(events) == sorted(set(events))
    assert len(events) == 11


def test_the_commands(tmp_path: Path) -> None:
    data, content = tmp_path / "data", tmp_path / "content"
    write_folder(content, SMALL)
    options = ("--data", data, "--content", content)
    made = last_line(inside("channel", "add", "chatwoot", "访客", "--option", "signature=off", *options))
    assert str(made["path"]).startswith("/hooks/chatwoot/")
    assert made["secret"] == ""
    first = last_line(inside("channel", "add", "generic", "shop", *options))
    assert first["path"] == "/hooks/generic/shop"
    assert last_line(inside("channel", "rotate", "shop", *options))["secret"] != first["secret"]
    for wrong in (("generic", "shop"), ("generic", "a/b"), ("generic", "x", "--option", "nonsense=1")):
        assert inside("channel", "add", *wrong, *options).returncode == 2
    assert inside("channel", "remove", "shop", *options).returncode == 0
    assert "shop" not in inside("channel", "list", *options).stdout
