"""MCP: what a client does, and what a broken one does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conftest import Client

URL = "/api/v1/mcp"


def call(client: Client, method: str, **parameters: Any) -> dict[str, Any]:
    body = {"jsonrpc": "2.0", "id": 7, "method": method, "params": parameters}
    answer = client.post(URL, json=body)
    assert answer.status_code == 200
    assert answer.json()["id"] == 7
    return answer.json()


def use(client: Client, name: str, **arguments: Any) -> dict[str, Any]:
    result: dict[str, Any] = call(client, "tools/call", name=name, arguments=arguments)["result"]
    return result


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        ("2025-06-18", "2025-06-18"),
        ("2025-03-26", "2025-03-26"),
        ("1999-01-01", "2025-06-18"),
        (5, "2025-06-18"),
    ],
)
def test_a_client_introduces_itself(client: Client, wanted: object, given: str) -> None:
    result = call(client, "initialize", protocolVersion=wanted, capabilities={}, clientInfo={"name": "x"})[
        "result"
    ]
    assert result["protocolVersion"] == given
    assert result["serverInfo"]["name"] == "huashu"
    noted = client.post(URL, json={"jsonrpc": "2.0", "method": "notifications/initialized"})
    assert (noted.status_code, noted.content) == (202, b"")
    assert call(client, "ping")["result"] == {}


def test_the_tools_describe_themselves(client: Client) -> None:
    tools = {tool["name"]: tool for tool in call(client, "tools/list")["result"]["tools"]}
    assert set(tools) == {"suggest", "search_scripts", "check_draft"}
    for tool in tools.values():
        assert tool["inputSchema"]["type"] == "object"
        assert tool["inputSchema"]["required"]
        assert tool["annotations"]["readOnlyHint"]


def test_a_message_with_what_was_said_before_is_answered(client: Client) -> None:
    history = [{"role": "customer", "text": "毛衣缩水了"}, {"role": "agent", "text": "您是机洗还是手洗的呢"}]
    result = use(client, "suggest", message="手洗的", history=history, limit=3)
    found = result["structuredContent"]
    assert json.loads(result["content"][0]["text"]) == found
    assert found["suggestions"]
    same = client.post("/api/v1/suggest", json={"message": "手洗的", "turns": history, "limit": 3}).json()
    assert found["stage"] == same["stage"]


def test_scripts_are_found_and_drafts_checked(client: Client) -> None:
    assert use(client, "search_scripts", query="suoshui")["structuredContent"]["items"]
    checked = use(client, "check_draft", text="给我们五星好评返现 5 元")["structuredContent"]
    assert checked["findings"]


def test_wrong_arguments_come_back_to_be_corrected(client: Client) -> None:
    result = use(client, "suggest", message="长" * 5000, limit=99)
    assert result["isError"]
    assert "4000" in result["content"][0]["text"]
    assert use(client, "suggest")["isError"]
    odd = call(client, "tools/call", name="suggest", arguments=["毛衣"])["result"]
    assert odd["isError"]


@pytest.mark.parametrize("method", ["resources/list", "tools/", "", "长" * 300])
def test_unknown_methods_and_tools(client: Client, method: str) -> None:
    assert call(client, method)["error"]["code"] == -32601
    assert call(client, "tools/call", name=method)["error"]["code"] == -32602


@pytest.mark.parametrize(
    "body",
    [[], [{}], "ping", None, 1, {}, {"jsonrpc": "1.0", "id": 1, "method": "ping"}, {"jsonrpc": "2.0", "id": 1},
     {"jsonrpc": "2.0", "id": {"a": 1}, "method": "ping"}, {"jsonrpc": "2.0", "id": True, "method": "ping"}],
)  # fmt: skip
def test_what_is_no_request(client: Client, body: object) -> None:
    answer = client.post(URL, json=body)
    assert 400 <= answer.status_code < 500
    assert client.post(URL, content=b"{").status_code == 400
    assert client.get(URL).status_code == 405
