"""Limits hold over replicas and minutes, and never lock out who has the right link."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app import accounts, tokens
from app.errors import StoreUnavailable, TooManyRequests
from app.limits import Limiter
from app.store.database import Database
from tests.conftest import Client, application, running


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def test_a_minute_has_so_many_tries_and_the_next_begins_anew(database: Database) -> None:
    clock = Clock()
    limiter = Limiter(database, clock)
    for _ in range(3):
        limiter.count("a", 3)
    with pytest.raises(TooManyRequests) as refused:
        limiter.count("a", 3)
    assert 0 < refused.value.extra["retry_after"] <= 60
    limiter.count("b", 3)
    clock.now += 60
    limiter.count("a", 3)
    clock.now -= 3600
    limiter.count("a", 1)


def test_replicas_count_together(database: Database) -> None:
    clock = Clock()
    one, other = Limiter(database, clock), Limiter(database, clock)
    for _ in range(3):
        one.count("a", 5)
    other.count("a", 5)
    for limiter in (one, other, one, other):
        limiter.share()
    one.count("a", 5)
    with pytest.raises(TooManyRequests):
        one.count("a", 5)
    one.share()
    other.share()
    with pytest.raises(TooManyRequests):
        other.count("a", 5)


def test_without_the_database_each_counts_alone(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    limiter = Limiter(database, Clock())
    limiter.count("a", 2)

    def gone() -> None:
        raise StoreUnavailable("")

    with monkeypatch.context() as patch:
        patch.setattr(database, "write", gone)
        limiter.share()
    limiter.count("a", 2)
    with pytest.raises(TooManyRequests):
        limiter.count("a", 2)
    limiter.share()
    other = Limiter(database, Clock())
    other.count("a", 3)
    other.share()
    with pytest.raises(TooManyRequests):
        other.count("a", 3)


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("limited")
    with running(application(folder, folder / "huashu.db", auth="on", token_rate=5)) as client:
        yield client


def test_a_program_is_told_when_to_come_back(closed: Client) -> None:
    token = tokens.issue(closed.app.state.services.database, "后台", ["assist"], by="甲")
    asked = [closed.get("/api/v1/scripts", headers={"authorization": f"Bearer {token}"}) for _ in range(12)]
    refused = [answer for answer in asked if answer.status_code == 429]
    assert refused
    assert refused[0].json()["code"] == "too_many_requests"
    assert int(refused[0].headers["retry-after"]) > 0


def test_wrong_tokens_never_keep_out_the_right_one_nor_other_programs(closed: Client) -> None:
    database = closed.app.state.services.database
    mine, busy = (tokens.issue(database, name, ["assist"], by="甲") for name in ("我的", "忙的"))

    def ask(token: str) -> int:
        return closed.get("/api/v1/scripts?limit=1", headers={"authorization": f"Bearer {token}"}).status_code

    assert ask(mine) == 200
    assert {ask(f"hs_wrong{number}") for number in range(100)} == {401, 429}
    assert {ask(busy) for _ in range(12)} >= {429}
    assert ask(mine) == 200
    assert len(closed.app.state.services.programs._seen) < 10, "what nobody knows is not remembered"
    link = accounts.add_person(database, "小安", "agent", by="甲")
    assert closed.post(f"/sign-in/{link}").status_code == 303


def test_wrong_links_never_keep_out_the_right_one(closed: Client) -> None:
    link = accounts.add_person(closed.app.state.services.database, "小鱼", "agent", by="甲")
    statuses = {closed.get(f"/sign-in/wrong{n}").status_code for n in range(80)}
    assert statuses == {401, 429}
    assert closed.post(f"/sign-in/{link}").status_code == 303
