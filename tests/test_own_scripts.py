"""Agents' own scripts and the team's: kept, checked, found, never the company's; a trainer moves one into the draft."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from app.accounts import add_person
from app.config import Settings
from app.content.folder import write_folder
from app.nlu.train import train
from app.store.database import Database
from app.web.app import create_app
from tests.conftest import Client, running
from tests.studio import FINE

API = "/api/v1/own-scripts"
FINE_WORDS = {
    "title": "羊毛先别暴晒",
    "bubbles": ["{{ 称呼 }}，羊毛的先别暴晒。", "{{ 时限 }}前我回您。"],
    "intent": "shrinkage",
}
GUARD = (
    "- {id: best, title: 绝对化, level: block, patterns: [最低价], reason: 广告法不许, source: [practice]}\n"
)


@pytest.fixture(scope="module")
def links(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    folder = tmp_path_factory.mktemp("data")
    database = Database(folder / "huashu.db")
    database.upgrade()
    roles = {"小李": "agent", "小王": "agent", "主管": "lead", "老师": "trainer"}
    tokens = {name: add_person(database, name, role, by="店主") for name, role in roles.items()}  # type: ignore[arg-type]
    database.close()
    write_folder(folder / "content", {**FINE, "scripts_zh/guard/wording.yaml": GUARD})
    return folder, tokens


@pytest.fixture(scope="module")
def app(links: tuple[Path, dict[str, str]]) -> FastAPI:
    return create_app(Settings(data=links[0]), content=links[0] / "content", trainer=train)


class People:
    """One client for all; somebody else signs in by their session."""

    def __init__(self, client: Client, tokens: dict[str, str]) -> None:
        self.client = client
        self.sessions: dict[str, tuple[str, str]] = {}
        for name, token in tokens.items():
            client.cookies.clear()
            client.post(f"/sign-in/{token}")
            page = client.get("/own").text
            csrf = page.split('name="csrf-token" content="')[1].split('"')[0]
            self.sessions[name] = (client.cookies["huashu_session"], csrf)

    def ask(self, name: str, method: str, url: str, **options: Any) -> Any:
        session, csrf = self.sessions[name]
        self.client.cookies.clear()
        self.client.cookies.set("huashu_session", session)
        return self.client.request(method, url, headers={"X-CSRF-Token": csrf}, **options)

    def found(self, name: str, words: str) -> list[str]:
        items = self.ask(name, "GET", "/api/v1/scripts", params={"q": words}).json()["items"]
        return [item["script_id"] for item in items if item["script_id"].startswith("own.")]


@pytest.fixture(scope="module")
def people(app: FastAPI, links: tuple[Path, dict[str, str]]) -> Iterator[People]:
    with running(app) as client:
        yield People(client, links[1])


def add(people: People, name: str, **changes: Any) -> dict[str, Any]:
    answer = people.ask(name, "POST", API, json={**FINE_WORDS, **changes})
    assert answer.status_code == 200, answer.text
    added: dict[str, Any] = answer.json()
    return added


def test_found_by_text_pinyin_and_initials_with_blanks_to_fill(people: People) -> None:
    own = add(people, "小李", title="防晒提醒")
    for words in ("暴晒", "防晒 羊毛", "baoshai", "fstx"):
        assert people.found("小李", words) == [f"own.{own['id']}"], words
    assert people.found("小李", "没有的词") == people.found("小李", " ") == []
    [item, *_] = people.ask("小李", "GET", "/api/v1/scripts", params={"q": "暴晒"}).json()["items"]
    assert (item["bubbles"][0], item["missing"], item["reason"]) == (
        "亲，羊毛的先别暴晒。",
        ["时限"],
        "我的话术",
    )
    assert people.found("小王", "暴晒") == []
    assert (
        people.ask("小王", "PUT", f"{API}/{own['id']}", json={**FINE_WORDS, "version": 1}).status_code == 404
    )
    assert people.ask("小王", "DELETE", f"{API}/{own['id']}").status_code == 404
    assert people.ask("小李", "DELETE", f"{API}/{own['id']}").json() == {"removed": own["id"]}


def test_the_team_sees_what_is_shared_and_only_its_author_changes_it(people: People) -> None:
    own = add(people, "小李", team=True, title="团队防晒")
    [item] = [one for one in people.ask("小王", "GET", API).json()["items"] if one["id"] == own["id"]]
    assert (item["owner"], item["mine"], item["team"]) == ("小李", False, True)
    assert people.found("小王", "团队防晒") == [f"own.{own['id']}"]
    changed = {**FINE_WORDS, "title": "改过", "version": 1}
    assert people.ask("小王", "PUT", f"{API}/{own['id']}", json=changed).status_code == 403
    assert people.ask("小李", "PUT", f"{API}/{own['id']}", json=changed).json()["version"] == 2
    again = people.ask("小李", "PUT", f"{API}/{own['id']}", json=changed)
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    assert people.ask("小王", "DELETE", f"{API}/{own['id']}").status_code == 404
    assert people.ask("小王", "POST", "/own/move", data={"number": own["id"]}).status_code == 422
    kept = add(people, "小李", team=True, title="留着")
    assert people.ask("小王", "DELETE", f"{API}/{kept['id']}").status_code == 403
    assert people.ask("主管", "DELETE", f"{API}/{kept['id']}").status_code == 200


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"title": " "}, "写一个标题"),
        ({"title": "长" * 41}, "最多 40 个字"),
        ({"bubbles": ["", " "]}, "写上要发的话"),
        ({"bubbles": ["好"] * 7}, "最多 6 句"),
        ({"bubbles": ["好", "我们是全网最低价"]}, "第 2 句"),
        ({"bubbles": ["{{ 称呼.__class__ }}"]}, "不能计算"),
        ({"intent": "nothing"}, "没有这个意图"),
    ],
)
def test_what_must_not_be_sent_is_not_kept(people: People, changes: dict[str, Any], told: str) -> None:
    answer = people.ask("小李", "POST", API, json={**FINE_WORDS, **changes})
    assert answer.status_code == 422
    assert told in answer.json()["detail"]


def test_a_trainer_moves_one_into_the_draft_once(people: People) -> None:
    own = add(people, "小李", team=True, title="羊毛洗护", intent="")
    studio = "/api/v1/studio"
    move = {"number": own["id"], "tone": "亲切"}
    page = people.ask("老师", "POST", "/own/move", data=move)
    assert page.status_code == 422
    assert "先选这条话术是回答哪个意图的" in page.text
    moved = people.ask("老师", "POST", "/own/move", data={**move, "intent": "shrinkage"})
    assert (moved.status_code, moved.headers["location"]) == (303, "/own?done=moved")
    name = f"script:shrinkage.resolve.own_{own['id']}"
    entry = people.ask("老师", "GET", f"{studio}/entry", params={"name": name}).json()
    assert (entry["data"]["title"], entry["data"]["bubbles"]) == ("羊毛洗护", FINE_WORDS["bubbles"])
    assert people.ask("老师", "GET", studio).json()["errors"] == 0
    twice = people.ask("老师", "POST", "/own/move", data={**move, "intent": "shrinkage"})
    assert twice.status_code == 422
    assert "已经放进" in twice.text
    assert people.ask("小李", "GET", f"{studio}/tree").status_code == 403


def test_the_page_keeps_what_was_typed_and_runs_nothing(people: People) -> None:
    typed = {"title": "<script>alert(1)</script>", "said": "全网最低价\n好的", "stage": "resolve"}
    page = people.ask("小李", "POST", "/own", data=typed)
    assert page.status_code == 422
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert" in page.text
    assert "全网最低价\n好的</textarea>" in page.text
    done = people.ask("小李", "POST", "/own", data={**typed, "said": "好的\n\n稍等", "team": "1"})
    assert done.status_code == 303
    shown = people.ask("小李", "GET", "/own?done=saved").text
    assert "存好了" in shown
    assert "<script>alert" not in shown
    last = people.ask("小李", "GET", API).json()["items"][0]
    assert (last["bubbles"], last["team"]) == (["好的", "稍等"], True)
    assert 'value="&lt;script&gt;' in people.ask("小李", "GET", f"/own?edit={last['id']}").text


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "releases/{}/take-back", None),
        ("DELETE", "golden/{}", None),
        ("POST", "trials/{}/end", None),
        ("POST", "trials/{}/use", {"side": "a"}),
        ("POST", "undo", {"edit": 2**63}),
    ],
)
def test_a_number_that_no_database_holds_is_refused(
    people: People, method: str, path: str, body: dict[str, Any] | None
) -> None:
    answer = people.ask("老师", method, f"/api/v1/studio/{path.format(2**63)}", json=body)
    assert answer.status_code == 422
