"""Models of releases: learnt once however many start, found by all, forgotten when only old releases need them."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from app import models, releases
from app.content.load import load
from app.content.model import Content
from app.errors import StoreUnavailable
from app.models import Forgetting, learnt
from app.releases import Live, publish, republish
from app.store import models as rows
from app.store.database import Database
from app.training import Trainer
from tests.conftest import ENOUGH, ROOT

KILLED = """
import sys, time
from app import models
from app.content.load import load
from app.store.database import Database

def trainer(content):
    print("learning", flush=True)
    time.sleep(600)

models.LEASE = 0.5
models.learnt(Database(sys.argv[1]), load(eval(sys.argv[2])).content, trainer)
"""


def files(word: str) -> dict[str, str]:
    return {**ENOUGH, "intents/_words.yaml": f"loose: [{word}]\n"}


def content_of(word: str) -> Content:
    content = load(files(word)).content
    assert content is not None
    return content


def counted(calls: list[str]) -> Trainer:
    def train(content: Content) -> bytes:
        calls.append(content.nlu_digest)
        return f"model of {content.nlu_digest}".encode()

    return train


def nobody(_content: Content) -> bytes:
    raise AssertionError("it was learnt a second time")


def there(database: Database) -> list[bool]:
    """Whether the model of each release is there, the oldest first."""
    query = "SELECT sha256 <> '' FROM releases JOIN models USING (nlu_digest) ORDER BY number"
    with database.read() as session:
        return [bool(row) for row in session.execute(text(query)).scalars()]


@pytest.fixture
def five(database: Database, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Five releases, each with a model of its own, made long enough ago; what was learnt for them."""
    monkeypatch.setattr(models, "SETTLED", timedelta(0))
    calls: list[str] = []
    for word in "甲乙丙丁戊":
        publish(database, files(word), author="甲", trainer=counted(calls))
    return calls


def test_models_that_only_old_releases_need_are_forgotten(database: Database, five: list[str]) -> None:
    assert Forgetting(database, 2).forget() == 3
    assert there(database) == [False, False, False, True, True]
    assert Forgetting(database, 2).forget() == 0
    with database.read() as session:
        assert rows.known(session, set(five)) == set(five[3:])
        assert rows.find(session, five[0]) is None


def test_what_an_older_and_a_new_release_say_alike_is_kept(database: Database, five: list[str]) -> None:
    publish(database, files("甲"), author="甲", trainer=nobody)
    assert Forgetting(database, 2).forget() == 3
    assert there(database) == [True, False, False, False, True, True]


def test_young_models_and_those_of_drafts_stay(
    database: Database, five: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = content_of("草稿")
    learnt(database, draft, counted([]))
    monkeypatch.setattr(models, "SETTLED", timedelta(hours=1))
    assert Forgetting(database, 1).forget() == 0
    monkeypatch.setattr(models, "SETTLED", timedelta(0))
    assert Forgetting(database, 1).forget() == 4
    learnt(database, draft, nobody)
    monkeypatch.setattr(models, "UNUSED", timedelta(0))
    assert Forgetting(database, 1).forget() == 1
    assert models.model_of(database, draft.nlu_digest) is None


def test_going_back_to_a_forgotten_release_learns_it_again(database: Database, five: list[str]) -> None:
    Forgetting(database, 1).forget()
    again: list[str] = []
    back = republish(database, 1, author="甲", trainer=counted(again))
    assert (back.number, again) == (6, five[:1])
    live = Live(database, lambda release: release.model, trainer=nobody)
    live.start()
    live.stop()
    assert live.current == f"model of {five[0]}".encode()


def test_a_model_forgotten_while_it_is_published_is_learnt_again(
    database: Database, five: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []

    def then_forgotten(*arguments: object) -> bytes:
        model = learnt(*arguments)  # type: ignore[arg-type]
        if len(calls) < 2:
            with database.write() as session:
                session.execute(text("UPDATE models SET sha256 = '', data = :none"), {"none": b""})
        return model

    monkeypatch.setattr(releases, "learnt", then_forgotten)
    publish(database, files("己"), author="甲", trainer=counted(calls))
    assert len(calls) == 2
    assert there(database)[-1]


def test_who_starts_second_waits_for_the_first(
    address: str | Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = content_of("甲")
    begun, waited = threading.Event(), threading.Event()

    def slowly(content: Content) -> bytes:
        begun.set()
        assert waited.wait(60)
        return b"model"

    monkeypatch.setattr(models.time, "sleep", lambda _seconds: waited.set() or begun.wait(0.01))  # type: ignore[attr-defined, func-returns-value]
    other = Database(address)
    with ThreadPoolExecutor() as pool:
        first = pool.submit(learnt, database, content, slowly)
        assert begun.wait(60)
        second = pool.submit(learnt, other, content, nobody)
        assert (first.result(60), second.result(60)) == (b"model", b"model")
    other.close()


def test_who_waits_takes_over_when_the_first_is_killed(address: str | Path, database: Database) -> None:
    url = str(address) if isinstance(address, str) else f"sqlite:///{address}"
    command = [sys.executable, "-c", KILLED, url, repr(files("甲"))]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "learning\n"
        first.kill()
    calls: list[str] = []
    content = content_of("甲")
    assert learnt(database, content, counted(calls)) == f"model of {content.nlu_digest}".encode()
    assert calls == [content.nlu_digest]


def test_who_fails_lets_the_next_try(database: Database) -> None:
    content = content_of("甲")

    def fails(_content: Content) -> bytes:
        raise RuntimeError

    for _ in range(2):
        with pytest.raises(RuntimeError):
            learnt(database, content, fails)
    assert models.model_of(database, content.nlu_digest) is None
    assert learnt(database, content, counted([]))


def test_who_has_waited_too_long_learns_by_itself(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = content_of("甲")
    with database.write() as session:
        assert rows.claim(session, content.nlu_digest, 3600)
        assert rows.claim(session, content.nlu_digest, 3600) is None
    monkeypatch.setattr(models, "PATIENCE", 0)
    monkeypatch.setattr(models, "LEASE", 3600)
    calls: list[str] = []
    learnt(database, content, counted(calls))
    assert len(calls) == 1


def test_a_lease_taken_by_a_clock_that_was_ahead_holds_nobody_up(database: Database) -> None:
    content = content_of("甲")
    with database.write() as session:
        assert rows.claim(session, content.nlu_digest, 24 * 3600)
    assert learnt(database, content, counted([]))


def test_a_lease_lives_as_long_as_who_has_it(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    content = content_of("甲")
    renewed = threading.Event()
    renew = rows.renew

    def noted(*arguments: object) -> None:
        renew(*arguments)  # type: ignore[arg-type]
        renewed.set()

    def train(_content: Content) -> bytes:
        assert renewed.wait(60)
        return b"model"

    monkeypatch.setattr(rows, "renew", noted)
    monkeypatch.setattr(models, "LEASE", 0.05)
    assert learnt(database, content, train) == b"model"
    with database.write() as session:
        assert rows.claim(session, content.nlu_digest, 1), "it was given back"


def test_a_lease_that_cannot_be_given_back_ends_by_itself(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise StoreUnavailable("没了")

    monkeypatch.setattr(rows, "renew", away)
    assert learnt(database, content_of("甲"), counted([]))
