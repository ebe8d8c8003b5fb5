"""Metrics, request numbers, log lines."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator

import pytest

from app import logs
from tests.conftest import ROOT, Client


def figures(client: Client) -> dict[str, float]:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    lines = (line.rpartition(" ") for line in answer.text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}


def test_requests_and_answers_are_counted_without_words(client: Client) -> None:
    before = figures(client)
    for message in ("毛衣缩水了", "。。。", "毛衣缩水了"):
        client.post("/api/v1/suggest", json={"message": message})
    client.get("/nowhere/小鱼")
    after = figures(client)

    def grown(name: str) -> float:
        return after[name] - before.get(name, 0)

    assert grown('huashu_answers_total{outcome="understood"}') == 2
    assert grown('huashu_intents_total{intent="shrinkage"}') == 2
    route = 'method="POST",route="/api/v1/suggest",status="2xx"'
    assert grown(f"huashu_request_seconds_count{{{route}}}") == 3
    assert grown('huashu_request_seconds_count{method="other",route="unmatched",status="4xx"}') == 1
    assert after["huashu_release"] >= 1
    assert after["huashu_database_up"] == 1
    assert not any("小鱼" in name or "缩水" in name for name in after)


def test_every_answer_carries_its_number(client: Client) -> None:
    assert client.get("/healthz", headers={"x-request-id": "abc-1"}).headers["x-request-id"] == "abc-1"
    numbers = {client.get("/healthz").headers["x-request-id"] for _ in range(3)}
    assert len(numbers) == 3
    odd = client.get("/healthz", headers={"x-request-id": "a b\tc"}).headers["x-request-id"]
    assert odd != "a b\tc"


def test_steps_queues_feedback_and_problems_are_counted(client: Client) -> None:
    before = figures(client)
    for number in range(32):
        turn = {"role": "customer", "text": "毛衣缩水了", "message_id": f"m-{number}"}
        answer = client.post("/api/v1/conversations/measured/turns", json=turn)
    script = answer.json()["suggestions"][0]["script_id"]
    client.post("/api/v1/feedback", json={"script_id": script, "kind": "copied"})
    client.get("/api/v1/cards/nothing")
    after = figures(client)
    for step in ("receive", "normalise", "understand", "stage", "rank", "render", "write", "store", "answer"):
        name = f'huashu_step_seconds_count{{step="{step}"}}'
        assert after[name] - before.get(name, 0) >= 2, step
    for name, by in (
        ('huashu_feedback_total{kind="copied"}', 1),
        ('huashu_problems_total{code="not_found"}', 1),
        ('huashu_answers_total{outcome="understood"}', 32),
    ):
        assert after[name] - before.get(name, 0) == by, name
    for queue in ("inbox", "outbox", "learning", "training"):
        assert after[f'huashu_waiting{{queue="{queue}"}}'] >= 0


def test_a_problem_names_its_request(client: Client) -> None:
    answer = client.get("/api/v1/cards/nothing", headers={"x-request-id": "abc-2"})
    assert answer.json()["request_id"] == answer.headers["x-request-id"] == "abc-2"


@pytest.fixture(params=["text", "json"])
def written(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    out = io.StringIO()
    monkeypatch.setattr("sys.stderr", out)
    logs.log_to_stderr(request.param)
    yield out
    root.handlers[:], level = before[0], before[1]
    root.setLevel(level)


def test_personal_data_is_covered_in_log_lines(written: io.StringIO) -> None:
    token = logs.REQUEST_ID.set("r-1")
    logging.getLogger("any.library").warning("电话 %s 打不通", "13812345678")
    logs.REQUEST_ID.reset(token)
    line = written.getvalue()
    assert "13812345678" not in line
    assert "138****5678" in line
    assert "r-1" in line
    if line.startswith("{"):
        assert json.loads(line)["request_id"] == "r-1"


def test_the_dashboard_asks_for_figures_there_are(client: Client) -> None:
    for _ in range(16):
        client.post("/api/v1/suggest", json={"message": "毛衣缩水了"})
    script = client.get("/api/v1/scripts?limit=1").json()["items"][0]["script_id"]
    client.post("/api/v1/feedback", json={"script_id": script, "kind": "rejected"})
    client.get("/api/v1/cards/nothing")
    names = {name.partition("{")[0] for name in figures(client)}
    dashboard = json.loads((ROOT / "docs" / "grafana.json").read_text())
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    assert asked
    for expression in asked:
        assert set(re.findall(r"huashu_\w+", expression)) <= names
