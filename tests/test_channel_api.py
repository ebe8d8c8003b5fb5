"""Channels set up by a program: everything the page does, for those who may, and nothing secret told twice."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Client
from tests.test_channels import body_of, headers_of

pytestmark = pytest.mark.usefixtures("by_hand")

BASE = "/api/v1/channels"


def test_a_program_sets_a_channel_up_changes_and_removes_it(api: Client) -> None:
    kinds = {one["kind"]: one for one in api.get("/api/v1/channel-kinds").json()["items"]}
    assert [option["name"] for option in kinds["generic"]["options"]] == ["url", "reply"]
    made = api.post(
        BASE, json={"kind": "generic", "name": "商城", "options": {"url": "https://x.example"}}
    ).json()
    path, secret = made["channel"]["path"], made["secret"]
    body = body_of("m-1")
    assert api.post(path, content=body, headers=headers_of(secret, body)).status_code == 200
    assert api.post(path, content=body, headers={}).status_code == 401
    found = api.get(f"{BASE}/商城").json()
    assert (found["has_secret"], found["options"]) == (True, {"url": "https://x.example"})
    assert found["refused"]["why"].startswith("缺少 webhook-id")
    assert secret not in api.get(BASE).text
    assert "缺少 webhook-id" in api.get("/channels/商城").text
    [came] = api.get(f"{BASE}/商城/events").json()["came_in"]
    assert (came["kind"], came["state"]) == ("message", "waiting")
    changed = api.request(
        "PATCH", f"{BASE}/商城", json={"options": {"reply": "on"}, "people": ["阿May"]}
    ).json()
    assert changed["options"] == {"url": "https://x.example", "reply": "on"}
    assert changed["people"] == ["阿May"]
    fresh = api.post(f"{BASE}/商城/secret", json={}).json()["secret"]
    for one in (secret, fresh):
        assert api.post(path, content=body, headers=headers_of(one, body)).status_code == 200, (
            "both hold for a day"
        )
    assert api.post(f"{BASE}/商城/test").status_code == 200
    assert api.get(f"{BASE}/商城/events").json()["went_out"][0]["kind"] == "test"
    assert api.request("PATCH", f"{BASE}/商城", json={"options": {"url": None}}).json()["options"] == {
        "reply": "on"
    }
    assert api.post(f"{BASE}/商城/test").status_code == 422
    assert api.post(f"{BASE}/商城/resume").json() == {"again": 0}
    assert api.request("PATCH", f"{BASE}/商城", json={"enabled": False}).json()["enabled"] is False
    assert api.post(path, content=body, headers=headers_of(fresh, body)).status_code == 403
    assert api.request("DELETE", f"{BASE}/商城").json() == {"name": "商城"}
    assert api.get(f"{BASE}/商城").status_code == 404
    assert api.get(BASE).json() == {"items": []}


def test_what_is_secret_is_never_told_and_stays(api: Client) -> None:
    options = {"url": "https://chat.example", "account": "1", "token": "very-secret", "signature": "off"}
    made = api.post(BASE, json={"kind": "chatwoot", "name": "官网", "options": options}).json()
    assert made["secret"] == ""
    assert made["channel"]["hidden_options"] == ["token"]
    api.request("PATCH", f"{BASE}/官网", json={"options": {"account": "2"}})
    answer = api.get(f"{BASE}/官网")
    assert "very-secret" not in answer.text
    assert (answer.json()["hidden_options"], answer.json()["options"]["account"]) == (["token"], "2")


WRONG: list[tuple[str, str, Any, int]] = [
    ("POST", "", {"kind": "nothing", "name": "a"}, 404),
    ("POST", "", {"kind": "generic", "name": "a/b"}, 422),
    ("POST", "", {"kind": "generic", "name": "a", "secret": "short"}, 422),
    ("POST", "", {"kind": "generic", "name": "a", "options": {"x": "1"}}, 422),
    ("POST", "", {"kind": "generic", "name": "a", "options": {"reply": "maybe"}}, 422),
    ("POST", "", {"kind": "generic", "name": "a", "options": {"url": "x\ty"}}, 422),
    ("POST", "", {"kind": "generic", "name": "a", "shop": "nowhere"}, 422),
    ("POST", "", {"kind": "wecom", "name": "a"}, 422),
    ("POST", "", [], 422),
    ("POST", "/%00/secret", {}, 422),
    ("POST", "/nothing/secret", {}, 404),
    ("POST", "/nothing/test", None, 404),
    ("POST", "/nothing/resume", None, 404),
    ("PATCH", "/nothing", {"options": {"a": "x"}}, 404),
    ("PATCH", "/nothing", {"people": ["x" * 201]}, 422),
    ("DELETE", "/nothing", None, 404),
    ("GET", "/nothing/events?limit=0", None, 422),
    ("GET", "/%00/page-signature?url=x", None, 422),
]


def test_what_is_wrong_is_answered(api: Client) -> None:
    for method, path, body, status in WRONG:
        answer = api.request(method, f"{BASE}{path}", json=body)
        assert answer.status_code == status, (method, path, body, answer.text)
        assert answer.json()["detail"]
    assert api.get(BASE).json() == {"items": []}
    for page in ("/toolbar/%00", "/channels/%00", "/hooks/generic/%00"):
        assert api.get(page).status_code in (404, 405), page
