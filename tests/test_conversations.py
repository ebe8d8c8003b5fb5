"""Conversations over HTTP, on SQLite and PostgreSQL: turns of both sides, idempotency, undo, risks, feedback."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app import feedback
from app.store.feedback import Feedback
from app.web.conversation_schemas import (
    AgentTurnOut,
    ConversationListOut,
    ConversationOut,
    CustomerTurnOut,
    UndoneOut,
)
from app.web.deps import Services
from app.web.draft_schemas import DraftOut, ExcerptOut, FeedbackOut
from app.web.lookup_schemas import FoundListOut
from tests.conftest import Client, application, documented, running


def post(api: Client, message_id: str, text: str, role: str = "customer", **more: Any) -> Any:
    place = more.pop("place", "甲-1")
    body = {"role": role, "text": text, "message_id": message_id, **more}
    answer = api.post(f"/api/v1/conversations/{place}/turns", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def read(api: Client, place: str = "甲-1") -> Any:
    answer = api.get(f"/api/v1/conversations/{place}")
    assert answer.status_code == 200, answer.text
    documented(ConversationOut, answer.json())
    return answer.json()


def test_a_conversation_of_both_sides(api: Client) -> None:
    first = post(api, "m1", "毛衣缩水了", label="小鱼儿")
    documented(CustomerTurnOut, first)
    assert (first["conversation_id"], first["stage"]["id"]) == ("甲-1", "confirm")
    said = post(api, "m2", "麻烦拍张照片看看", "agent", script_id="shrinkage.confirm.photo")
    documented(AgentTurnOut, said)
    assert said["acts"] == ["asked(照片)", "asked(有凭证)"]
    assert (said["state"]["stage"]["id"], said["state"]["next"]) == ("confirm", "customer")
    assert "照片" in said["state"]["awaiting"]
    third = post(api, "m3", "", attachments=[{"type": "image"}])
    assert (third["stage"]["id"], third["stage"]["done"]) == ("resolve", ["confirm"])
    whole = read(api)
    assert [turn["role"] for turn in whole["turns"]] == ["customer", "agent", "customer"]
    assert [intent["id"] for intent in whole["turns"][0]["intents"]] == ["shrinkage"]
    assert whole["turns"][1]["agent"] == "本机"
    assert whole["turns"][2]["attachments"] == [{"type": "image"}]
    assert (whole["label"], whole["state"]["stage"]["id"]) == ("小鱼儿", "resolve")


def test_a_repeated_message_gets_its_first_answer(api: Client) -> None:
    first = post(api, "m1", "毛衣缩水了")
    said = post(api, "m2", "麻烦拍张照片看看", "agent")
    assert post(api, "m1", "毛衣缩水了") == first
    assert post(api, "m1", "另一句话") == first
    assert post(api, "m2", "麻烦拍张照片看看", "agent") == said
    assert len(read(api)["turns"]) == 2


def test_the_same_message_at_the_same_moment(api: Client) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: post(api, "m1", "毛衣缩水了"), range(16)))
        assert all(answer == answers[0] for answer in answers)
        others = list(pool.map(lambda n: post(api, f"n{n}", f"第{n}句"), range(16)))
    assert len({answer["turn_id"] for answer in others}) == 16
    turns = read(api)["turns"]
    assert len(turns) == 17
    assert {turn["message_id"] for turn in turns} == {"m1", *(f"n{n}" for n in range(16))}


def test_an_answer_that_was_never_given_is_made_up_for(api: Client) -> None:
    """As when the service died between storing and answering."""
    first = post(api, "m1", "毛衣缩水了")
    post(api, "m2", "麻烦拍张照片看看", "agent")
    services: Services = api.app.state.services
    with services.database.write() as session:
        session.execute(text("UPDATE turns SET answer = NULL"))
    again = post(api, "m1", "毛衣缩水了")
    assert (again["turn_id"], again["stage"]) == (first["turn_id"], first["stage"])


def test_the_agents_own_turn_can_be_undone(api: Client) -> None:
    post(api, "m1", "毛衣缩水了")
    said = post(api, "m2", "麻烦拍张照片看看", "agent")
    answer = api.request("DELETE", f"/api/v1/conversations/甲-1/turns/{said['turn_id']}")
    documented(UndoneOut, answer.json())
    assert answer.json()["state"]["awaiting"] == []
    assert answer.json()["state"]["next"] == "agent"
    assert len(read(api)["turns"]) == 1
    assert api.request("DELETE", f"/api/v1/conversations/甲-1/turns/{said['turn_id']}").status_code == 200
    assert post(api, "m3", "在吗")["stage"]["done"] == []
    customers = read(api)["turns"][0]["turn_id"]
    refused = api.request("DELETE", f"/api/v1/conversations/甲-1/turns/{customers}")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    assert api.request("DELETE", "/api/v1/conversations/甲-1/turns/999999").status_code == 404


def test_suggest_reads_the_context_and_writes_nothing(api: Client) -> None:
    first = post(api, "m1", "毛衣缩水了")
    post(api, "m2", "麻烦拍张照片看看", "agent")
    body = {"message": "[图片]", "conversation_id": "甲-1"}
    answer = api.post("/api/v1/suggest", json=body).json()
    assert (answer["stage"]["id"], answer["turn_id"]) == ("resolve", None)
    assert len(read(api)["turns"]) == 2
    again = {"message": "毛衣缩水了", "conversation_id": "甲-1", "turn_id": first["turn_id"], "tone": "正式"}
    answer = api.post("/api/v1/suggest", json=again).json()
    assert answer["stage"] == first["stage"]
    assert answer["suggestions"][0]["tone"] == "正式"
    unknown = api.post("/api/v1/suggest", json={"message": "毛衣缩水了", "conversation_id": "没有的"})
    assert unknown.status_code == 200
    assert api.get("/api/v1/conversations/没有的").status_code == 404


def test_trend_and_alert(lite: Client) -> None:
    assert post(lite, "m1", "毛衣缩水了")["emotion"]["trend"] == "flat"
    angry = post(lite, "m2", "气死了")
    assert (angry["emotion"]["trend"], angry["alert"]) == ("rising", "顾客的情绪在升级，请告诉主管")
    assert post(lite, "m3", "[呲牙]")["emotion"]["trend"] == "rising"
    calmer = post(lite, "m4", "算了")
    assert (calmer["emotion"]["trend"], calmer["alert"]) == ("falling", None)


def test_a_recalled_message_leaves_the_open_turn(lite: Client) -> None:
    post(lite, "m1", "毛衣缩水了")
    answer = post(lite, "m2", "对方撤回了一条消息")
    assert answer["intents"] == []
    turns = read(lite)["turns"]
    assert [turn["recalled"] for turn in turns] == [True, False]


@pytest.mark.parametrize(
    "said",
    [
        {"text": "", "attachments": [{"type": "order", "name": "2233445566778899"}]},
        {"text": "订单号2233445566778899"},
        {"text": "订单9920什么时候发"},
    ],
)
def test_an_order_is_known_by_its_card_its_number_and_a_short_number(
    lite: Client, said: dict[str, Any]
) -> None:
    post(lite, "m1", **said)
    assert read(lite)["state"]["facts"]["订单已知"] == "是"


def test_risks_stay_until_dealt_with(api: Client) -> None:
    post(api, "m1", "毛衣缩水，我打12315")
    [risk] = read(api)["risks"]
    assert (risk["id"], risk["banner"], risk["open"]) == ("authority_complaint", True, True)
    place = "/api/v1/conversations/甲-1/risks/authority_complaint"
    assert api.request("PUT", place, json={"mark": "dealt_with"}).status_code == 200
    [risk] = read(api)["risks"]
    assert (risk["open"], risk["mark"], risk["by"]) == (False, "dealt_with", "本机")
    post(api, "m2", "还不处理就打12315")
    assert read(api)["risks"][0]["open"]
    api.request("PUT", place, json={"mark": "false_alarm"})
    post(api, "m3", "12315啊")
    assert not read(api)["risks"][0]["open"]
    assert api.request("PUT", place, json={"mark": None}).status_code == 200
    assert read(api)["risks"][0]["open"]
    assert api.request("PUT", place, json={"mark": "gone"}).status_code == 422
    nowhere = "/api/v1/conversations/没有的/risks/authority_complaint"
    assert api.request("PUT", nowhere, json={"mark": "dealt_with"}).status_code == 404
    shrunk = "/api/v1/conversations/甲-1/risks/shrinkage"
    assert api.request("PUT", shrunk, json={"mark": "dealt_with"}).status_code == 404


def test_the_list_names_the_newest_first(api: Client) -> None:
    post(api, "m1", "毛衣缩水了", place="甲")
    post(api, "m1", "起球", place="乙", label="阿May")
    post(api, "m2", "在吗", place="甲")
    answer = api.get("/api/v1/conversations", params={"limit": 5}).json()
    documented(ConversationListOut, answer)
    assert [(item["id"], item["last"]["text"]) for item in answer["items"]] == [
        ("甲", "在吗"),
        ("乙", "起球"),
    ]
    changed = api.request("PATCH", "/api/v1/conversations/乙", json={"label": "小张", "closed": True}).json()
    assert (changed["label"], changed["closed"]) == ("小张", True)
    post(api, "m3", "又来了", place="乙")
    assert not read(api, "乙")["closed"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"role": "customer", "text": "好"}, "invalid_request"),
        ({"role": "customer", "message_id": "m"}, "invalid_request"),
        ({"role": "boss", "text": "好", "message_id": "m"}, "invalid_request"),
        ({"role": "customer", "text": "好" * 4001, "message_id": "m"}, "message_too_long"),
        ({"role": "customer", "text": "好", "message_id": "m", "sent_at": "2026-11-22T10:03:15"}, "invalid_request"),
        ({"role": "customer", "text": "好", "message_id": "m", "sent_at": "0001-01-01T00:00:00+08:00"}, "invalid_request"),
        ({"role": "customer", "text": "好", "message_id": "m", "shop": "没有的"}, "invalid_request"),
        ({"role": "agent", "text": "好", "message_id": "m", "acts": ["flew"]}, "invalid_request"),
        ({"role": "customer", "text": "好", "message_id": "m\u0001"}, "invalid_request"),
    ],
)  # fmt: skip
def test_refusals(lite: Client, body: dict[str, object], code: str) -> None:
    answer = lite.post("/api/v1/conversations/甲/turns", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert lite.get("/api/v1/conversations").json()["items"] == []


def test_odd_ids(lite: Client) -> None:
    assert lite.get("/api/v1/conversations/%00").status_code == 422
    assert lite.get("/api/v1/conversations/" + "a" * 201).status_code == 422
    assert lite.get("/api/v1/conversations/%FF%FE").status_code == 404


def test_nothing_is_acknowledged_while_the_database_is_away(tmp_path: Path) -> None:
    place = tmp_path / "huashu.db"
    with running(application(tmp_path, place)) as api:
        post(api, "m1", "毛衣缩水了")
        place.rename(tmp_path / "away.db")
        body = {"role": "customer", "text": "起球", "message_id": "m2"}
        answer = api.post("/api/v1/conversations/甲-1/turns", json=body)
        assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")
        assert int(answer.headers["Retry-After"]) > 0
        assert api.get("/api/v1/conversations/甲-1").status_code == 503
        suggested = api.post("/api/v1/suggest", json={"message": "在吗", "conversation_id": "甲-1"})
        assert suggested.status_code == 200
        assert suggested.json()["intents"][0]["id"] == "shrinkage", "from memory"
        (tmp_path / "away.db").rename(place)
        assert post(api, "m2", "起球")["turn_id"]
        assert [turn["message_id"] for turn in read(api)["turns"]] == ["m1", "m2"]


def test_feedback(api: Client) -> None:
    def give(**body: Any) -> Any:
        return api.post("/api/v1/feedback", json={"script_id": "shrinkage.confirm.wash", **body})

    edited = give(kind="edited", text="您是手洗还是机洗", sent_text="您是怎么洗的")
    documented(FeedbackOut, edited.json())
    assert edited.json()["diff"] == [["手", "怎么"], ["还是机洗", "的"]]
    assert give(kind="rejected", right_intent="pilling").status_code == 200
    assert give(kind="copied", conversation_id="甲-1", turn_id="5").status_code == 200
    assert give(kind="liked").status_code == 422
    assert give(kind="rejected", right_intent="nothing").status_code == 422
    assert give(kind="copied", script_id="no.such.script").status_code == 404
    services: Services = api.app.state.services
    with services.database.read() as session:
        found = session.execute(text("SELECT kind, agent, sent_text FROM feedback ORDER BY id")).all()
    assert [tuple(row) for row in found] == [
        ("edited", "本机", "您是怎么洗的"),
        ("rejected", "本机", None),
        ("copied", "本机", None),
    ]


def test_what_one_uses_most_comes_without_searching(api: Client) -> None:
    def give(slug: str, kind: str) -> None:
        body = {"script_id": f"shrinkage.confirm.{slug}", "kind": kind}
        assert api.post("/api/v1/feedback", json=body).status_code == 200

    def used() -> list[str]:
        found = documented(FoundListOut, api.get("/api/v1/scripts?used=true").json())
        return [item.script_id for item in found.items]

    assert used() == []
    for slug, kind in (("photo", "copied"), ("wash", "copied"), ("wash", "edited"), ("photo", "rejected")):
        give(slug, kind)
    assert used() == ["shrinkage.confirm.wash", "shrinkage.confirm.photo"]
    services: Services = api.app.state.services
    feedback.record(services.database, Feedback("gone.answer.now", "copied", "本机"))
    feedback.record(services.database, Feedback("shrinkage.confirm.photo", "copied", "小李"))
    assert used() == ["shrinkage.confirm.wash", "shrinkage.confirm.photo"]


def test_liked_scripts_move_up_within_their_stage(lite: Client) -> None:
    def first() -> str:
        answer = lite.post("/api/v1/suggest", json={"message": "毛衣缩水了"}).json()
        return str(answer["suggestions"][0]["script_id"])

    assert first() == "shrinkage.confirm.photo"
    for _ in range(30):
        lite.post("/api/v1/feedback", json={"script_id": "shrinkage.confirm.wash", "kind": "copied"})
        lite.post("/api/v1/feedback", json={"script_id": "shrinkage.confirm.photo", "kind": "rejected"})
        lite.post(
            "/api/v1/feedback", json={"script_id": "authority_complaint.confirm.calm", "kind": "rejected"}
        )
    services: Services = lite.app.state.services
    services.ratings.refresh()
    assert all(abs(value) <= 0.05 for value in services.ratings.current.values())
    assert "authority_complaint.confirm.calm" not in services.ratings.current
    assert first() == "shrinkage.confirm.wash"
    risky = lite.post("/api/v1/suggest", json={"message": "毛衣缩水，我打12315"}).json()
    assert risky["suggestions"][0]["script_id"] == "authority_complaint.confirm.calm"


def test_a_pasted_excerpt(lite: Client) -> None:
    post(lite, "m1", "毛衣缩水了", label="小鱼儿")
    post(lite, "m2", "亲，您别急。\n麻烦拍张照片看看", "agent")
    pasted = "小鱼儿 2026-11-22 10:03:15\n毛衣缩水了\n小美 2026-11-22 10:04:00\n麻烦拍张照片看看\n小鱼儿 2026-11-22 10:05:00\n[图片]"
    answer = lite.post("/api/v1/excerpts", json={"text": pasted, "conversation_id": "甲-1"})
    documented(ExcerptOut, answer.json())
    found = answer.json()["turns"]
    assert [(one["role"], one["known"]) for one in found] == [
        ("customer", True),
        ("agent", True),
        ("customer", False),
    ]
    assert found[0]["sent_at"] == "2026-11-22T10:03:15+08:00"
    unsure = lite.post("/api/v1/excerpts", json={"text": pasted}).json()
    assert unsure["needs_side"] == ["小鱼儿", "小美"]
    told = lite.post("/api/v1/excerpts", json={"text": pasted, "sides": {"小美": "agent"}}).json()
    assert told["needs_side"] == []
    assert lite.post("/api/v1/excerpts", json={"text": "毛衣缩水了"}).json() == {
        "is_excerpt": False,
        "turns": [],
        "needs_side": [],
    }


def test_a_draft_is_checked(lite: Client) -> None:
    body = {"text": "我〔时限〕前给您补偿50元", "shop": "second"}
    answer = lite.post("/api/v1/check-draft", json=body)
    documented(DraftOut, answer.json())
    found = answer.json()
    assert found["blanks"] == [{"name": "时限", "start": 1, "end": 5}]
    [promise] = found["promises"]
    assert (promise["what"], promise["by"], promise["amount"]) == ("补偿", "〔时限〕前", 50.0)
    assert (promise["due_at"], promise["verdict"]) == (None, "ok")
    assert found["blocked"] is True
    assert lite.post("/api/v1/check-draft", json={"text": "好" * 4001}).json()["code"] == "message_too_long"
    assert lite.post("/api/v1/check-draft", json={"text": ""}).json()["blocked"] is False
