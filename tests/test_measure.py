"""Metrics, request numbers, log lines."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator

import pytest
from conftest import ROOT, Client

from app import logs


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
    client.post("/api/v1/suggest", json={"message": "毛衣缩水了"})
    names = {name.partition("{")[0] for name in figures(client)}
    dashboard = json.loads((ROOT / "docs" / "grafana.json").read_text())
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    assert asked
    for expression in asked:
        assert set(re.findall(r"huashu_\w+", expression)) <= names
