"""What agents know of a conversation, finding and handing over, alerts to the lead, how scripts are used."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.alerts import all_alerts, open_alerts
from app.conversations import Conversations
from app.store import audit, usage
from app.store import conversations as rows
from app.store.conversations import NewTurn
from app.store.database import Database
from app.store.people import Person
from app.usage import Views
from app.web.conversation_schemas import AlertListOut, ConversationListOut, GivenOut
from app.web.deps import Services
from tests.conftest import Client, documented
from tests.sample import assistant
from tests.test_conversations import post, read

FACTS = "/api/v1/conversations/甲-1/facts"
MAY = Person(1, "小美", "agent")
LI = Person(2, "小李", "agent")


def give(api: Client, **body: Any) -> Any:
    answer = api.request("PUT", FACTS, json=body)
    assert answer.status_code == 200, answer.text
    documented(GivenOut, answer.json())
    return answer.json()


def test_what_an_agent_knows_is_kept_and_used(api: Client) -> None:
    post(api, "m1", "毛衣缩水了")
    given = give(api, facts={"责任": "店铺", "洗过": "是", "期望方案": "是"}, slots={"尺码": "L"})
    assert given["given"]["facts"]["责任"]["value"] == "店铺"
    assert given["given"]["facts"]["责任"]["by"] == "本机"
    assert given["state"]["facts"]["洗过"] == "是"
    body = {"message": "你们看着办", "conversation_id": "甲-1"}
    answer = api.post("/api/v1/suggest", json=body).json()
    assert answer["facts"]["责任"] == "店铺"
    assert {"name": "尺码", "value": "L", "start": -1, "end": -1, "origin": "typed"} in answer["slots"]
    assert "洗过" not in {ask["fact"] for ask in answer["guidance"]["ask"]}
    assert post(api, "m2", "你们看着办")["facts"]["责任"] == "店铺"
    own = api.post("/api/v1/suggest", json={**body, "facts": {"责任": "顾客"}}).json()
    assert own["facts"]["责任"] == "顾客"
    back = give(api, facts={"责任": None}, slots={"尺码": ""})
    assert set(back["given"]["facts"]) == {"洗过", "期望方案"}
    assert back["given"]["slots"] == {}
    assert "责任" not in api.post("/api/v1/suggest", json=body).json()["facts"]
    assert set(read(api)["given"]["facts"]) == {"洗过", "期望方案"}


def test_facts_may_come_before_the_first_message(api: Client) -> None:
    give(api, facts={"签收天数": 3})
    assert post(api, "m1", "毛衣缩水了")["facts"]["签收天数"] == 3


@pytest.mark.parametrize(
    "body",
    [
        {"facts": {"天气": "好"}},
        {"facts": {"天气": None}},
        {"facts": {"责任": "猫"}},
        {"facts": {"照片": "没有"}},
        {"facts": {"签收天数": "三"}},
        {"facts": ["责任"]},
        {"slots": {"时限": "今天"}},
        {"slots": {"尺码": "L" * 201}},
        {"slots": {"尺码": ["L"]}},
    ],
)
def test_facts_nobody_knows(lite: Client, body: dict[str, Any]) -> None:
    answer = lite.request("PUT", FACTS, json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


def test_two_agents_tick_at_once(database: Database) -> None:
    talk = Conversations(database)
    talk.give("c1", {"洗过": "是"}, {}, MAY)
    talk.give("c1", {"责任": "店铺"}, {"尺码": "L"}, LI)
    found = talk.give("c1", {}, {}, MAY)
    assert found.given.fact_values() == {"洗过": "是", "责任": "店铺"}
    assert (found.given.facts["责任"].by, found.started_by) == ("小李", "小美")


def test_finding_and_handing_over(api: Client) -> None:
    post(api, "m1", "毛衣缩水了，订单 20261122001", label="小鱼儿")
    post(api, "m2", "麻烦拍张照片看看", "agent")
    post(api, "n1", "100%棉吗", place="乙_2")
    for words, found in (
        ("小鱼儿", ["甲-1"]),
        ("22001", ["甲-1"]),
        ("缩水 小鱼", ["甲-1"]),
        ("100%", ["乙_2"]),
        ("乙_2", ["乙_2"]),
        ("%", ["乙_2"]),
        ("没有的", []),
        ("", ["乙_2", "甲-1"]),
    ):
        answer = api.get("/api/v1/conversations", params={"q": words})
        documented(ConversationListOut, answer.json())
        assert [item["id"] for item in answer.json()["items"]] == found, words
    item = api.get("/api/v1/conversations", params={"q": "小鱼儿"}).json()["items"][0]
    assert (item["agents"], item["last"]["text"]) == (["本机"], "麻烦拍张照片看看")
    patched = api.request("PATCH", "/api/v1/conversations/甲-1", json={"note": "等仓库回话", "label": "小鱼"})
    assert (patched.json()["note"], patched.json()["label"]) == ("等仓库回话", "小鱼")
    assert (
        api.request("PATCH", "/api/v1/conversations/甲-1", json={"closed": True}).json()["note"]
        == "等仓库回话"
    )
    assert read(api)["note"] == "等仓库回话"
    too_long = api.request("PATCH", "/api/v1/conversations/甲-1", json={"note": "长" * 501})
    assert too_long.status_code == 422


def test_opening_anothers_conversation_is_audited(database: Database) -> None:
    talk, helper = Conversations(database), assistant()
    talk.take(helper, "c1", NewTurn("customer", "毛衣缩水了", "m1"), who="小美")
    talk.take(helper, "c1", NewTurn("agent", "麻烦拍张照片看看", "m2", agent="小美"), who="小美")
    talk.open("c1", MAY)
    talk.open("c1", LI)
    talk.open("c1", LI)
    with database.read() as session:
        opened = [entry for entry in audit.latest(session) if entry.what == "conversation.opened"]
        assert rows.agents_of(session, ["c1"]) == {"c1": ("小美",)}
    assert [(entry.who, entry.detail) for entry in opened] == [("小李", {"conversation": "c1"})]


def test_an_alert_when_the_temper_climbs(api: Client) -> None:
    post(api, "m1", "毛衣缩水了", label="小鱼儿")
    angry = "什么破店！！！气死我了，骗子！！！"
    assert post(api, "m2", angry)["alert"]
    assert post(api, "m2", angry)["alert"]
    post(api, "m3", angry)
    answer = api.get("/api/v1/alerts")
    documented(AlertListOut, answer.json())
    (alert,) = answer.json()["items"]
    assert (alert["conversation_id"], alert["label"], alert["seen_by"]) == ("甲-1", "小鱼儿", None)
    assert api.request("PUT", f"/api/v1/alerts/{alert['id']}/seen").status_code == 200
    assert api.request("PUT", f"/api/v1/alerts/{alert['id']}/seen").status_code == 200
    assert api.get("/api/v1/alerts").json()["items"] == []
    (seen,) = api.get("/api/v1/alerts", params={"seen": True}).json()["items"]
    assert seen["seen_by"] == "本机"
    assert api.request("PUT", "/api/v1/alerts/99999/seen").status_code == 404
    services: Services = api.app.state.services
    assert open_alerts(services.database) == []
    assert len(all_alerts(services.database)) == 1


def test_how_scripts_are_used(api: Client) -> None:
    services: Services = api.app.state.services
    first = post(api, "m1", "毛衣缩水了")
    post(api, "m1", "毛衣缩水了")
    body = {"message": "毛衣缩水了", "conversation_id": "甲-1", "turn_id": first["turn_id"]}
    api.post("/api/v1/suggest", json=body)
    api.post("/api/v1/suggest", json={"message": "毛衣缩水了"})
    shown = first["suggestions"][0]["script_id"]
    for kind in ("copied", "edited"):
        api.post("/api/v1/feedback", json={"script_id": shown, "kind": kind})
    services.views.flush()
    with services.database.read() as session:
        today = datetime.now(UTC).date()
        uses = usage.usage(session, today - timedelta(days=1), "script")
        agents = usage.usage(session, today - timedelta(days=1), "agent")
        days = usage.usage(session, today - timedelta(days=1), "day")
        later = usage.usage(session, today + timedelta(days=2), "script")
    assert uses[shown] == usage.Use(shown=2, copied=1, edited=1)
    for suggestion in first["suggestions"][1:]:
        assert uses[suggestion["script_id"]] == usage.Use(shown=1)
    assert agents == {"本机": usage.total(uses.values())}
    assert usage.total(days.values()) == usage.total(uses.values())
    assert usage.total(uses.values()).copied == 1
    assert later == {}


def test_views_add_up_and_wait_for_the_database(database: Database) -> None:
    one, other = Views(database), Views(database)
    for views in (one, other):
        views.add("小美", "1", ["a", "b", "a"])
        views.flush()
        views.flush()
    with database.read() as session:
        uses = usage.usage(session, datetime.now(UTC).date(), "script")
        days = usage.usage(session, datetime.now(UTC).date(), "day")
    assert {key: use.shown for key, use in uses.items()} == {"a": 2, "b": 2}
    assert days == {datetime.now(UTC).date().isoformat(): usage.Use(shown=4)}
