"""Two people at the same thing at the same moment: nothing breaks, nothing is lost, nothing stays of who was erased."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import httpx
import pytest
from sqlalchemy import text

from app.content.entries import Ref
from app.store.database import Database
from tests.conftest import Client, application, empty_postgres, running
from tests.studio import Inside
from tests.together import Ask, every_way

numbers = count()
RISK = "authority_complaint"


class Shop:
    """One shop for all tests here. postgres: its server, None for SQLite."""

    def __init__(self, client: Client, postgres: str | None) -> None:
        self.client, self.postgres = client, postgres
        self.database: Database = client.app.state.services.database

    def ask(self, method: str, address: str, **options: object) -> Ask:
        return lambda headers: self.client.request(method, address, headers=headers, **options)

    def said(self, talk: str, message: str, words: str, role: str = "customer") -> Ask:
        body = {"role": role, "text": words, "message_id": message, "label": f"名{talk}"}
        return self.ask("POST", f"/api/v1/conversations/{talk}/turns", json=body)

    def talk(self) -> str:
        """A new conversation in which something was said."""
        talk = f"t{next(numbers)}"
        assert self.said(talk, "m-1", "毛衣缩水了，我要打12315")({}).status_code == 200
        return talk

    def erased(self, talk: str) -> Ask:
        return self.ask("POST", "/api/v1/customers/erase", json={"customer": f"名{talk}"})

    def marked(self, talk: str, mark: str | None = "dealt_with") -> Ask:
        return self.ask("PUT", f"/api/v1/conversations/{talk}/risks/{RISK}", json={"mark": mark})

    def rows(self, statement: str, **values: object) -> list[tuple[object, ...]]:
        with self.database.read() as session:
            return [tuple(row) for row in session.execute(text(statement), values)]

    def answers(
        self, first: Callable[[str], Ask], second: Callable[[str], Ask]
    ) -> Iterator[tuple[str, httpx.Response, httpx.Response]]:
        """What both were answered about a new conversation, for every place where the first can be held."""
        talks: list[str] = []

        def prepare() -> tuple[Ask, Ask]:
            talks.append(self.talk())
            return first(talks[-1]), second(talks[-1])

        for met in every_way(self.client, self.postgres, prepare):
            for answer in (met.first, met.second):
                assert answer.status_code < 500, (met.number, answer.text)
            yield talks[-1], met.first, met.second


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("together")
    if request.param == "sqlite":
        with running(application(folder, folder / "huashu.db")) as client:
            yield Shop(client, None)
        return
    server = request.getfixturevalue("postgres")
    with empty_postgres(server) as url, running(application(folder, url)) as client:
        yield Shop(client, server)


def test_two_people_mark_the_same_risk(shop: Shop) -> None:
    for talk, first, second in shop.answers(shop.marked, lambda talk: shop.marked(talk, "false_alarm")):
        assert (first.status_code, second.status_code) == (200, 200)
        assert len(shop.rows("SELECT mark FROM risk_marks WHERE conversation_id = :talk", talk=talk)) == 1


@pytest.mark.parametrize("erased_first", [True, False])
def test_what_is_said_while_a_customer_is_erased_is_there_whole_or_gone(
    shop: Shop, *, erased_first: bool
) -> None:
    def said(talk: str) -> Ask:
        return shop.said(talk, "m-2", "又起球，气死了")

    pair = (shop.erased, said) if erased_first else (said, shop.erased)
    for talk, *both in shop.answers(*pair):
        told, gone = reversed(both) if erased_first else both
        assert (told.status_code, gone.status_code) == (200, 200)
        kept = shop.rows("SELECT message_id, text FROM turns WHERE conversation_id = :talk", talk=talk)
        assert kept in ([], [("m-2", "又起球，气死了")])
        desk = shop.rows("SELECT last_turn_id FROM desk WHERE conversation_id = :talk", talk=talk)
        assert len(desk) == len(kept)


@pytest.mark.parametrize("kind", ["mark", "case", "feedback"])
def test_what_is_noted_while_a_customer_is_erased_goes_with_them(shop: Shop, kind: str) -> None:
    def noted(talk: str) -> Ask:
        if kind == "mark":
            return shop.marked(talk)
        if kind == "case":
            return shop.ask("POST", "/api/v1/cases", json={"conversation_id": talk})
        body = {"script_id": "shrinkage.confirm.wash", "kind": "edited", "conversation_id": talk}
        return shop.ask(
            "POST", "/api/v1/feedback", json={**body, "text": "您好", "sent_text": f"您好，{talk}"}
        )

    for talk, first, second in shop.answers(noted, shop.erased):
        assert first.status_code in (200, 404)
        assert second.status_code in (200, 409)
        if second.status_code == 200:
            assert not shop.rows("SELECT 1 FROM risk_marks WHERE conversation_id = :talk", talk=talk)
            assert not shop.rows("SELECT 1 FROM cases WHERE conversation_id = :talk", talk=talk)
            assert not shop.rows("SELECT 1 FROM feedback WHERE sent_text LIKE :words", words=f"%{talk}%")
        else:
            assert kind == "case", "an open case keeps its records"


def test_one_message_sent_twice_at_once_in_two_wordings_is_one(shop: Shop) -> None:
    for talk, first, second in shop.answers(
        lambda talk: shop.said(talk, "same", "退货"), lambda talk: shop.said(talk, "same", "不退了")
    ):
        assert first.json()["turn_id"] == second.json()["turn_id"]
        assert len(shop.rows("SELECT 1 FROM turns WHERE conversation_id = :talk", talk=talk)) == 2


def test_of_two_who_change_a_case_one_is_shown_what_the_other_did(shop: Shop) -> None:
    def changed(product: str) -> Callable[[str], Ask]:
        def change(talk: str) -> Ask:
            case = shop.client.post("/api/v1/cases", json={"conversation_id": talk}).json()
            body = {"version": 1, "changes": {"product": product}}
            return shop.ask("PATCH", f"/api/v1/cases/{case['id']}", json=body)

        return change

    for _, first, second in shop.answers(changed("裤子"), changed("裙子")):
        assert sorted((first.status_code, second.status_code)) == [200, 409]


def test_two_who_edit_the_same_draft_entry(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    workshop = shop.client.app.state.services.workshop
    monkeypatch.setattr(workshop, "_new_bench", Inside)
    ref = Ref("intent", "pilling")

    def saved(name: str) -> Callable[[str], Ask]:
        def save(talk: str) -> Ask:
            entry = workshop.drafts.snapshot().now.find(ref)
            body = {"name": str(ref), "data": {**entry.data, "name": f"{name}{talk}"}, "base": entry.etag}
            return shop.ask("PUT", "/api/v1/studio/entry", json=body)

        return save

    for _, first, second in shop.answers(saved("甲"), saved("乙")):
        assert sorted((first.status_code, second.status_code)) == [200, 409]
        lost = first if first.status_code == 409 else second
        assert lost.json()["mine"] != lost.json()["theirs"]
