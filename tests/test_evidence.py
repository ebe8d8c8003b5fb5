"""The evidence of a stored conversation: read from its words, ticked by people, kept with it."""

from __future__ import annotations

from typing import Any

from tests.conftest import Client

PLACE = "/api/v1/conversations/证据一"


def say(client: Client, role: str, text: str, number: int) -> None:
    body = {"role": role, "text": text, "message_id": f"m{number}"}
    assert client.post(f"{PLACE}/turns", json=body).status_code == 200


def items(client: Client) -> dict[str, dict[str, Any]]:
    answer = client.get(f"{PLACE}/evidence").json()
    return {item["id"]: item for item in answer["evidence"]["items"]}


def test_what_has_come_what_is_missing_and_what_somebody_ticked(client: Client) -> None:
    assert client.get(f"{PLACE}/evidence").status_code == 404
    assert (
        client.request("PUT", f"{PLACE}/evidence/shrinkage_kit.label", json={"there": True}).status_code
        == 404
    )
    say(client, "customer", "毛衣缩水了，M码的，收到三天", 1)
    say(client, "agent", "怎么洗的呢？平铺量一下衣长，拍张洗标的照片给我。", 2)
    say(client, "customer", "30度温水机洗的，衣长原来60现在55", 3)
    found = items(client)
    assert {name: item["status"] for name, item in found.items()} == {
        "size": "have",
        "washing": "have",
        "heat": "have",
        "measure": "have",
        "label": "missing",
        "ruler": "missing",
        "received": "have",
    }
    assert found["measure"]["value"].startswith("衣长 55 cm")
    shrinkage = client.get(f"{PLACE}/evidence").json()["evidence"]["shrinkage"]
    assert [one["text"] for one in shrinkage] == ["衣长 60 → 55 cm，缩 8.3%"]

    say(client, "customer", "[图片]", 4)
    assert items(client)["label"]["status"] == "look"
    ticked = client.request("PUT", f"{PLACE}/evidence/shrinkage_kit.label", json={"there": True})
    assert ticked.json() == {"item": "shrinkage_kit.label", "there": True}
    assert (items(client)["label"]["status"], items(client)["label"]["by"]) == ("have", "本机")
    given = client.get(PLACE).json()["given"]["facts"]
    assert given["有凭证"]["value"] == "是", "a photo that is there is proof for the rules as well"
    assert items(client)["ruler"]["status"] == "look"
    client.request("PUT", f"{PLACE}/evidence/shrinkage_kit.label", json={"there": None})
    assert items(client)["label"]["status"] == "look"


def test_unknown_pieces_are_refused_and_other_matters_need_no_evidence(client: Client) -> None:
    other = "/api/v1/conversations/证据二"
    body = {"role": "customer", "text": "什么时候发货", "message_id": "m1"}
    assert client.post(f"{other}/turns", json=body).status_code == 200
    assert client.get(f"{other}/evidence").json()["evidence"] is None
    assert (
        client.request("PUT", f"{other}/evidence/shrinkage_kit.nothing", json={"there": True}).status_code
        == 404
    )
    assert client.request("PUT", f"{other}/evidence/x", json={"there": True}).status_code == 422
