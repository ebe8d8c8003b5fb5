"""The HTTP API over a small assistant: shapes, limits, errors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.config import Settings
from app.content.folder import write_folder
from app.web.app import create_app
from app.web.lookup_schemas import CardOut, FoundListOut, IntentListOut
from app.web.schemas import SuggestOut
from tests.conftest import ENOUGH, Client, documented, running
from tests.sample import assistant

MESSAGE = "上次买的毛衣缩水了还起球，我打12315"


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("api")
    write_folder(folder / "content", ENOUGH)
    app = create_app(
        Settings(data=folder / "data", auth="off"),
        content=folder / "content",
        trainer=lambda _: b"model",
        build=lambda _: assistant(),
    )
    with running(app) as client:
        yield client


def suggest(api: Client, **body: Any) -> Any:
    answer = api.post("/api/v1/suggest", json={"message": MESSAGE, **body})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_whole_answer(api: Client) -> None:
    answer = suggest(api, conversation_id="甲-1", channel="panel")
    documented(SuggestOut, answer)
    assert (answer["release"], answer["conversation_id"], answer["turn_id"]) == (7, "甲-1", None)
    shrunk = next(intent for intent in answer["intents"] if intent["id"] == "shrinkage")
    assert shrunk["evidence"] == [{"start": 6, "end": 8, "text": "缩水"}]
    assert answer["emotion"] == {"level": 0, "name": "平静", "trend": "flat", "evidence": []}
    assert answer["risks"][0]["id"] == "authority_complaint"
    assert answer["slots"] == [{"name": "商品", "value": "毛衣", "start": 4, "end": 6, "origin": "message"}]
    assert answer["stage"]["id"] == "confirm"
    assert answer["stage"]["name"] == "确认"
    assert (answer["abstained"], answer["reason"]) == (False, None)
    for suggestion in answer["suggestions"]:
        assert suggestion["text"] == "\n".join(suggestion["bubbles"])
        assert set(suggestion["missing"]) == {blank["name"] for blank in suggestion["blanks"]}
    assert answer["guidance"]["ask"][0] == {"fact": "洗过", "text": "怎么洗的"}


def test_abstains(api: Client) -> None:
    answer = suggest(api, message="啊")
    assert (answer["intents"], answer["abstained"], answer["reason"]) == ([], True, "nothing_found")


def test_the_conversation_so_far(api: Client) -> None:
    turns = [{"role": "customer", "text": "毛衣缩水"}, {"role": "agent", "text": "麻烦拍张照片看看"}]
    answer = suggest(api, message="[图片]", turns=turns)
    assert (answer["stage"]["id"], answer["stage"]["done"]) == ("resolve", ["confirm"])
    assert answer["slots"][0]["origin"] == "conversation"


def test_corrections_and_typed_values(api: Client) -> None:
    answer = suggest(
        api, stage="resolve", intents=["shrinkage"], slots={"时限": "今天", "没有的": None}, shop="second"
    )
    assert answer["stage"]["id"] == "resolve"
    hold = next(one for one in answer["suggestions"] if one["script_id"] == "shrinkage.resolve.hold")
    assert hold["missing"] == []
    assert "今天" in hold["text"]


def test_facts(api: Client) -> None:
    facts = {"责任": "店铺", "签收天数": "3", "洗过": True, "有凭证": None}
    answer = suggest(api, facts=facts)
    assert answer["facts"]["签收天数"] == 3
    assert answer["facts"]["洗过"] == "是"
    assert "有凭证" not in answer["facts"]
    assert answer["guidance"]["rules"][0]["id"] == "shop_fault"


def test_unknown_fields_are_ignored(api: Client) -> None:
    assert suggest(api, colour="blue")["intents"]


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        ({}, "invalid_request", "message"),
        ({"message": 5}, "invalid_request", "文字"),
        ({"message": "好" * 4001}, "message_too_long", "4000"),
        ({"message": "好", "limit": 0}, "invalid_request", "limit"),
        ({"message": "好", "limit": 21}, "invalid_request", "20"),
        ({"message": "好", "tone": "凶"}, "invalid_request", "亲切"),
        ({"message": "好", "stage": "later"}, "invalid_request", "stage"),
        ({"message": "好", "shop": "nowhere"}, "invalid_request", "店铺"),
        ({"message": "好", "intents": ["nothing"]}, "invalid_request", "意图"),
        ({"message": "好", "facts": {"天气": "晴"}}, "invalid_request", "天气"),
        ({"message": "好", "facts": {"责任": "老天"}}, "invalid_request", "店铺、顾客、快递、不明"),
        ({"message": "好", "facts": {"签收天数": "三"}}, "invalid_request", "整数"),
        ({"message": "好", "facts": {"签收天数": -1}}, "invalid_request", "整数"),
        ({"message": "好", "facts": []}, "invalid_request", "facts"),
        ({"message": "好", "slots": "时限"}, "invalid_request", "slots"),
        (
            {"message": "好", "slots": {"时限": ["今天"]}},
            "invalid_request",
            "slots 里的「时限」要是文字或数字",
        ),
        ({"message": "好", "slots": {"时限": {"a": 1}}}, "invalid_request", "要是文字或数字"),
        ({"message": "好", "slots": {"时限": True}}, "invalid_request", "要是文字或数字"),
        (
            {"message": "好", "slots": {"限" * 21: "今天"}},
            "invalid_request",
            "slots 里的名字太长，最多 20 个字",
        ),
        ({"message": "好", "slots": {"时限": "长" * 201}}, "invalid_request", "最多 200 个字"),
        ({"message": "好", "limit": 10**30}, "invalid_request", "limit "),
        (
            {"message": "好", "turns": [{"role": "x", "text": ""}]},
            "invalid_request",
            "只能是 'customer' 或 'agent'",
        ),
        ({"message": "好", "tone": "凶"}, "invalid_request", "只能是 '亲切'、'正式' 或 '门店'"),
        ({"message": "好", "turns": [{"role": "boss", "text": ""}]}, "invalid_request", "turns"),
        ([], "invalid_request", ""),
    ],
)
def test_refusals_in_chinese(api: Client, body: object, code: str, words: str) -> None:
    answer = api.post("/api/v1/suggest", json=body)
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["code"] == code
    assert words in problem["detail"]
    assert " or " not in problem["detail"]


def test_no_json(api: Client) -> None:
    answer = api.post("/api/v1/suggest", content=b"{", headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_body")


@pytest.mark.parametrize("message", ["", " ", "\\ud800缩水", "\\u0000缩水", "😊缩水", "缩" * 3999 + "水"])
def test_odd_messages(api: Client, message: str) -> None:
    answer = api.post(
        "/api/v1/suggest",
        content=f'{{"message": "{message}"}}'.encode(),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 200
    documented(SuggestOut, answer.json())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    st.fixed_dictionaries(
        {"message": st.text(max_size=50)},
        optional={
            "slots": st.dictionaries(
                st.text(max_size=5), st.one_of(st.text(max_size=10), st.none(), st.integers())
            ),
            "facts": st.dictionaries(
                st.text(max_size=5), st.one_of(st.text(max_size=5), st.integers(), st.booleans())
            ),
            "turns": st.lists(
                st.fixed_dictionaries(
                    {"role": st.sampled_from(["customer", "agent"]), "text": st.text(max_size=20)}
                )
            ),
            "tone": st.one_of(st.none(), st.sampled_from(["亲切", "正式", "门店", "x"])),
            "shop": st.one_of(st.none(), st.text(max_size=5)),
        },
    )
)
def test_never_fails(api: Client, body: dict[str, object]) -> None:
    answer = api.post(
        "/api/v1/suggest", content=json.dumps(body), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in (200, 422)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"conversation_id": "nobody", "turns": [{"role": "agent", "text": "您好"}]},
        {"limit": 2},
        {"limit": 99},
        {"shop": "x"},
    ],
)
def test_the_quick_way_answers_like_the_documented_route(api: Client, body: dict[str, Any]) -> None:
    sent = json.dumps({"message": MESSAGE, **body}).encode()
    quick, documented = (
        api.post("/api/v1/suggest", content=sent, headers={"content-type": kind})
        for kind in ("application/json", "application/json; charset=utf-8")
    )
    told = [{**answer.json(), "request_id": ""} for answer in (quick, documented)]
    assert (quick.status_code, told[0]) == (documented.status_code, told[1])
    assert [(name, value) for name, value in quick.headers.multi_items() if name != "x-request-id"] == [
        (name, value) for name, value in documented.headers.multi_items() if name != "x-request-id"
    ]


def test_script_search(api: Client) -> None:
    answer = api.get("/api/v1/scripts", params={"q": "qq"}).json()
    documented(FoundListOut, answer)
    first = answer["items"][0]
    assert (first["script_id"], first["intent_name"]) == ("pilling.confirm.where", "起球")
    assert first["marks"][0] == {"field": "title", "start": 1, "end": 3}
    params = {"intent": "shrinkage", "stage": "confirm", "tone": "正式"}
    assert [one["script_id"] for one in api.get("/api/v1/scripts", params=params).json()["items"]] == [
        "shrinkage.confirm.formal"
    ]
    assert api.get("/api/v1/scripts", params={"q": "好" * 201}).status_code == 422
    assert api.get("/api/v1/scripts", params={"stage": "later"}).status_code == 422


def test_intents(api: Client) -> None:
    answer = api.get("/api/v1/intents").json()
    documented(IntentListOut, answer)
    pilling = next(item for item in answer["items"] if item["id"] == "pilling")
    assert pilling == {
        "id": "pilling",
        "name": "起球",
        "group": "quality",
        "kind": "complaint",
        "pinyin": "qiqiu",
        "initials": "qq",
    }


def test_cards(api: Client) -> None:
    answer = api.get("/api/v1/cards/apparel.wool_care").json()
    documented(CardOut, answer)
    assert (answer["title"], answer["checked"]) == ("羊毛衫怎么洗", None)
    missing = api.get("/api/v1/cards/nothing")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")


def test_openapi_names_every_answer(api: Client) -> None:
    document = api.get("/api/openapi.json").json()
    for path, method in (
        ("suggest", "post"),
        ("scripts", "get"),
        ("intents", "get"),
        ("cards/{card_id}", "get"),
    ):
        operation = document["paths"][f"/api/v1/{path}"][method]
        assert "$ref" in operation["responses"]["200"]["content"]["application/json"]["schema"]
    assert document["components"]["schemas"]["SuggestIn"]["properties"]["message"]["maxLength"] == 4000
