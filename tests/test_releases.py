"""Publishing, going back, exporting, seeding, and serving the newest release."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from errno import ENOSPC
from pathlib import Path
from typing import Any

import pytest

from app import releases
from app.content import prepared
from app.content.folder import content_folder, unexpected, write_folder
from app.content.load import read_folder
from app.content.model import Content
from app.errors import ContentInvalid, NotFound, NotReady, StoreUnavailable, UsageError
from app.releases import Live, LoadedRelease, export, newest, publish, republish, seed
from app.store import models
from app.store import releases as rows
from app.store.database import Database
from tests.conftest import ENOUGH


class Trainer:
    """Stands in for training; counts how often it was asked."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, content: Content) -> bytes:
        self.calls += 1
        return f"model of {content.nlu_digest}".encode()


def files(shop: str = "甲店", word: str = "上次") -> dict[str, str]:
    return {**ENOUGH, "intents/_words.yaml": f"loose: [{word}]\n", "scripts_zh/shop.yaml": f"name: {shop}\n"}


def put(database: Database, content: dict[str, str], trainer: Trainer | None = None) -> int:
    return publish(database, content, author="甲", note="", trainer=trainer or Trainer()).number


def test_publishing_makes_the_next_release(database: Database) -> None:
    trainer = Trainer()
    first = publish(database, files(), author="甲", note="开张", trainer=trainer)
    second = publish(database, files("乙店"), author="甲", trainer=trainer)
    assert (first.number, first.changed) == (1, True)
    assert (second.number, second.changed) == (2, True)
    assert trainer.calls == 1, "the intents are the same, so is the model"
    loaded = newest(database, trainer)
    assert (loaded.number, loaded.content.shop.name) == (2, "乙店")
    assert loaded.model == f"model of {loaded.content.nlu_digest}".encode()


def sealed(data: bytes) -> bytes:
    return hashlib.sha256(data).digest() + data


def test_what_was_read_before_is_read_quickly_and_only_if_it_is_whole(
    database: Database, tmp_path: Path
) -> None:
    put(database, files())
    cache = tmp_path / "cache"
    first = newest(database, Trainer(), cache)
    (kept,) = cache.iterdir()
    assert prepared.read(cache, first.digest) == first.content
    assert not first.content.intents["pilling"].examples, "the model has them"
    assert first.content == prepared.served(newest(database, Trainer()).content)
    assert newest(database, Trainer(), cache) == first
    whole = kept.read_bytes()
    for damaged in (
        b"",
        b"[]",
        whole[:-1],
        sealed(b"{}"),
        sealed(whole[32:].replace(b"[2,", b"[1,")),
        whole.replace("甲店".encode(), "丙店".encode()),
    ):
        kept.write_bytes(damaged)
        assert prepared.read(cache, first.digest) is None
        assert newest(database, Trainer(), cache) == first, "read from the release and kept again"
    put(database, files("乙店"))
    assert newest(database, Trainer(), cache).content.shop.name == "乙店"
    (kept_now,) = cache.iterdir()
    assert kept_now != kept, "only the newest is kept"


def test_a_service_need_not_read_again_what_was_published_beside_it(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = publish(database, files(), author="甲", trainer=Trainer(), cache=tmp_path / "cache")
    monkeypatch.delattr(releases, "load")
    assert newest(database, Trainer(), tmp_path / "cache").digest == published.digest


def test_a_cache_that_cannot_be_written_is_passed_over(database: Database, tmp_path: Path) -> None:
    put(database, files())
    (tmp_path / "cache").write_text("a file", encoding="utf-8")
    assert newest(database, Trainer(), tmp_path / "cache").number == 1


def test_a_release_learnt_again_by_a_newer_version_keeps_its_model(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(database, files())
    monkeypatch.setattr("app.content.load.NLU_FORMAT", 10_000)
    digest = newest(database, Trainer()).content.nlu_digest
    with database.read() as session:
        assert [release.nlu_digest for release in rows.latest(session)] == [digest]
        assert models.known(session, {digest})


def test_a_full_disk_keeps_nothing_half_written(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, data: bytes) -> int:
        with path.open("wb") as file:
            file.write(data[:9])
        raise OSError(ENOSPC, "no space left on device")

    put(database, files())
    monkeypatch.setattr(Path, "write_bytes", full)
    assert newest(database, Trainer(), tmp_path / "cache").number == 1
    assert not list((tmp_path / "cache").iterdir())


def test_publishing_the_same_again_changes_nothing(database: Database) -> None:
    put(database, files())
    again = publish(
        database, {**files(), "scripts_zh/shop.yaml": "# 注释\nname: 甲店\n"}, author="乙", trainer=Trainer()
    )
    assert (again.number, again.changed) == (1, False)


def test_every_error_is_told_and_nothing_is_published(database: Database) -> None:
    broken = {
        **files(),
        "scripts_zh/shop.yaml": "name: 甲店\nplatform: 地摊\n",
        "intents/_words.yaml": "loose: [",
    }
    with pytest.raises(ContentInvalid) as caught:
        put(database, broken)
    told = {file for file, _, _ in caught.value.extra["problems"]}  # type: ignore[attr-defined]
    assert told == {"scripts_zh/shop.yaml", "intents/_words.yaml"}
    with pytest.raises(NotReady):
        newest(database, Trainer())


def test_going_back_publishes_the_old_content_as_a_new_release(database: Database) -> None:
    put(database, files("甲店"))
    put(database, files("乙店"))
    back = republish(database, 1, author="甲", trainer=Trainer())
    assert (back.number, back.changed) == (3, True)
    assert newest(database, Trainer()).content.shop.name == "甲店"
    with pytest.raises(NotFound, match="第 9 版"):
        republish(database, 9, author="甲", trainer=Trainer())


def test_publishers_at_the_same_time_get_numbers_of_their_own(database: Database) -> None:
    with ThreadPoolExecutor(4) as pool:
        numbers = pool.map(lambda index: put(database, files(f"店{index}", f"词{index % 3}")), range(8))
        assert sorted(numbers) == list(range(1, 9))


def test_a_model_made_by_another_version_is_trained_again(database: Database) -> None:
    put(database, files())
    with database.write() as session:
        models.put(session, "old", b"old")
        session.connection().exec_driver_sql("UPDATE releases SET nlu_digest = 'old'")
        session.connection().exec_driver_sql("DELETE FROM models WHERE nlu_digest <> 'old'")
    trainer = Trainer()
    for _ in range(2):
        assert newest(database, trainer).model.startswith(b"model of")
    assert trainer.calls == 1


def test_exporting_and_publishing_that_is_no_change(database: Database, tmp_path: Path) -> None:
    put(database, files())
    target = tmp_path / "out" / "content"
    assert export(database, target).changed
    assert not export(database, target).changed
    assert read_folder(target) == files()
    again = publish(database, read_folder(target), author="甲", trainer=Trainer())
    assert (again.number, again.changed) == (1, False)


def test_exporting_replaces_content_and_nothing_else(database: Database, tmp_path: Path) -> None:
    write_folder(tmp_path, {**files("旧店"), "scripts_zh/old.yaml": "x: 1\n"})
    (tmp_path / "README.md").write_text("我的", encoding="utf-8")
    (tmp_path / "scripts_zh" / "图.png").write_bytes(b"png")
    put(database, files("新店"))
    assert export(database, tmp_path).changed
    assert read_folder(tmp_path) == files("新店")
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == "我的"
    assert (tmp_path / "scripts_zh" / "图.png").read_bytes() == b"png"
    assert not (tmp_path / "scripts_zh" / "old.yaml").exists()
    assert not (tmp_path / ".huashu-export").exists()


def test_what_an_export_that_was_killed_left_is_not_published_and_the_next_one_finishes_it(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_folder(tmp_path, files("旧店"))
    put(database, files("新店"))

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            export(database, tmp_path)
    assert read_folder(tmp_path) == files("旧店")
    assert ["再导出一次" in problem.text for problem in unexpected(tmp_path)] == [True]
    assert export(database, tmp_path).changed
    assert (read_folder(tmp_path), unexpected(tmp_path)) == (files("新店"), [])


def test_exporting_onto_a_file_or_out_of_the_folder_is_refused(database: Database, tmp_path: Path) -> None:
    put(database, files())
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="不是文件夹"):
        export(database, tmp_path / "file")
    for path in ("../x.yaml", "/etc/x.yaml", "intents/../../x.yaml", "x.yaml", "intents\\..\\x.yaml"):
        with pytest.raises(UsageError, match="不该有"):
            write_folder(tmp_path / "out", {path: ""})


def test_seeding_happens_once(database: Database, tmp_path: Path) -> None:
    write_folder(tmp_path / "given", files("甲店"))
    first = seed(database, tmp_path / "given", Trainer(), tmp_path / "cache")
    assert first is not None
    assert first.number == 1
    assert prepared.read(tmp_path / "cache", first.digest) is not None, (
        "the service need not read the files again"
    )
    assert seed(database, tmp_path / "given", Trainer()) is None


def test_of_two_first_starts_with_different_content_one_counts(database: Database, tmp_path: Path) -> None:
    for name in ("甲店", "乙店"):
        write_folder(tmp_path / name, files(name, name))

    def slowly(_content: Content) -> bytes:
        assert seed(database, tmp_path / "乙店", Trainer()) is not None
        return b"model"

    assert seed(database, tmp_path / "甲店", slowly) is None
    loaded = newest(database, Trainer())
    assert (loaded.number, loaded.content.shop.name) == (1, "乙店")


def test_content_comes_from_the_given_folder_or_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, given = tmp_path / "here", tmp_path / "given"
    for folder in (here, given):
        write_folder(folder, files())
    monkeypatch.chdir(here)
    assert content_folder(given) == given
    assert content_folder() == here
    monkeypatch.chdir(tmp_path)
    assert (content_folder() / "intents").is_dir()
    with pytest.raises(UsageError, match="intents/"):
        content_folder(tmp_path)


def live(database: Database) -> Live[str]:
    def build(release: LoadedRelease) -> str:
        if release.content.shop.name == "坏店":
            raise ValueError("cannot be built")
        return release.content.shop.name

    return Live(database, build, trainer=Trainer(), every=0.01)


def test_the_newest_release_is_served(database: Database) -> None:
    put(database, files("甲店"))
    served = live(database)
    assert served.current is None
    served.start()
    try:
        assert (served.number, served.current) == (1, "甲店")
        put(database, files("乙店"))
        served.refresh()
        assert (served.number, served.current) == (2, "乙店")
    finally:
        served.stop()


def test_a_release_that_cannot_be_served_leaves_the_old_one(database: Database) -> None:
    put(database, files("甲店"))
    served = live(database)
    served.start()
    served.stop()
    put(database, files("坏店"))
    served.refresh()
    assert (served.number, served.current) == (1, "甲店")
    put(database, files("丙店"))
    served.refresh()
    assert (served.number, served.current) == (3, "丙店")


def test_without_the_database_the_release_in_memory_is_served(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(database, files("甲店"))
    served = live(database)
    served.start()
    served.stop()

    def gone() -> None:
        raise StoreUnavailable("没了")

    put(database, files("乙店"))
    monkeypatch.setattr(database, "read", gone)
    served.refresh()
    assert served.current == "甲店"
    monkeypatch.undo()
    served.refresh()
    assert served.current == "乙店"


def test_there_is_nothing_to_serve_before_the_first_release(database: Database) -> None:
    with pytest.raises(NotReady):
        live(database).start()


def test_a_newest_release_that_cannot_be_served_starts_with_an_older_one(database: Database) -> None:
    for name, word in (("甲店", "上次"), ("坏店", "上次"), ("坏店", "前天")):
        put(database, files(name, word))
    served = live(database)
    served.start()
    try:
        assert (served.number, served.current) == (1, "甲店")
        put(database, files("丙店"))
        served.refresh()
        assert (served.number, served.current) == (4, "丙店")
    finally:
        served.stop()


def test_without_any_release_that_can_be_served_it_does_not_start(database: Database) -> None:
    put(database, files("坏店"))
    with pytest.raises(ValueError, match="cannot be built"):
        live(database).start()
