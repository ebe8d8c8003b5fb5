"""The real thing: `python -m app serve` in a process of its own, published to and killed."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import httpx
import pytest

from app.__main__ import main
from app.commands import service
from app.config import Settings
from app.content.folder import write_folder
from app.content.load import read_folder
from app.errors import StoreUnavailable
from app.releases import newest
from app.store import releases as rows
from app.store.database import Database
from tests.conftest import ENOUGH, ROOT

MESSAGE = {"message": "上次买的毛衣缩水了还起球，那么贵"}

ENDLESS_PUBLISHER = """
import os, json, sys
from pathlib import Path
from app.releases import publish
from app.store.database import Database

database = Database(Path(sys.argv[1]))
database.upgrade()
for index in range(10_000):
    files = json.loads(sys.argv[2].replace("NAME", f"{os.getpid()}-{index}"))
    done = publish(database, files, author="甲", trainer=lambda content: content.nlu_digest.encode() + os.urandom(300_000))
    print(done.number, flush=True)
"""


def publishing(place: Path, files: dict[str, str]) -> subprocess.Popen[str]:
    """A process that publishes without end and prints each number; NAME in the files is another each time."""
    command = [sys.executable, "-c", ENDLESS_PUBLISHER, str(place), json.dumps(files)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def wait_for(condition: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


class Served:
    """A running `serve` process: its output, its address, its one-time link."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.output = ""
        self._reader = threading.Thread(target=self._read, args=(process.stdout,), daemon=True)
        self._reader.start()

    def _read(self, stream: IO[str]) -> None:
        for line in stream:
            self.output += line

    def close(self) -> None:
        self._reader.join(timeout=60)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def find(self, pattern: str) -> str:
        wait_for(lambda: self.process.poll() is not None or re.search(pattern, self.output) is not None)
        found = re.search(pattern, self.output)
        assert found is not None, self.output
        return found[0]


@contextmanager
def serve(data: Path, *options: str, **environment: str) -> Iterator[Served]:
    command = [sys.executable, "-m", "app", "serve", "--port", "0", "--data", str(data), *options]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )
    served = Served(process)
    try:
        yield served
    finally:
        process.kill()
        process.wait()
        served.close()


def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "app", *map(str, arguments)]
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def inside(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """The same in the process of the tests: one of its own takes seconds to start."""
    out, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
        code = main([*map(str, arguments)])
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), errors.getvalue())


def last_line(done: subprocess.CompletedProcess[str]) -> dict[str, object]:
    assert done.returncode == 0, done.stderr
    line: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return line


INTENT = """
id: {id}
name: {name}
group: quality
kind: complaint
examples: [{name}了, 衣服{name}, 毛衣洗了{name}, 一洗就{name}]
"""
SMALL = {
    **ENOUGH,
    "intents/_groups.yaml": "groups: [{id: quality, name: 商品质量, stages: [confirm], tones: [亲切]}]\n",
    "intents/apparel/shrinkage.yaml": INTENT.format(id="shrinkage", name="缩水"),
    "intents/apparel/pilling.yaml": INTENT.format(id="pilling", name="起球"),
}


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A folder of content that is trained in no time."""
    write_folder(tmp_path / "content", SMALL)
    return tmp_path / "content"


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the small content as release 1."""
    folder = tmp_path_factory.mktemp("seeded")
    write_folder(folder / "content", SMALL)
    last_line(inside("export", folder / "out", "--data", folder / "data", "--content", folder / "content"))
    return folder / "data"


@pytest.fixture
def data(tmp_path: Path, seeded: Path) -> Path:
    """The same for one test: starting with it takes half the time of a first start."""
    return Path(shutil.copytree(seeded, tmp_path / "data"))


def test_start_sign_in_help_and_stop(tmp_path: Path, small: Path) -> None:
    with serve(tmp_path / "data", "--content", str(small)) as served:
        link = served.find(r"http://\S+/sign-in/\S+")
        with httpx.Client(base_url=link.partition("/sign-in")[0], timeout=60) as client:
            assert client.post("/api/v1/suggest", json=MESSAGE).status_code == 401
            assert client.get(link).status_code == 303
            page = client.get("/").text
            found = re.search(r'name="csrf-token" content="(\w+)"', page)
            assert found is not None
            answer = client.post("/api/v1/suggest", json=MESSAGE, headers={"X-CSRF-Token": found[1]})
            assert answer.status_code == 200
            assert answer.json()["release"] == 1
        served.process.send_signal(signal.SIGINT)
        assert served.process.wait(timeout=60) in (0, 130)
        assert "Traceback" not in served.output
    with serve(tmp_path / "data") as served:
        assert served.find(r"http://\S+/sign-in/\S+") != link


def test_a_taken_port_is_said_plainly(tmp_path: Path, small: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = run("serve", "--port", port, "--data", tmp_path / "data", "--content", small)
    assert done.returncode == 2
    assert f"端口 {port} 已经被占用" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_link_that_cannot_be_made_stops_no_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(_database: Database) -> None:
        raise StoreUnavailable("存数据的磁盘满了")

    monkeypatch.setattr(service, "owner_link", full)
    database = Database(tmp_path / "huashu.db")
    service._Welcome("http://127.0.0.1:1", database, Settings(), open_browser=False).say()
    assert "登录链接现在做不出来：存数据的磁盘满了" in capsys.readouterr().err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="没有 /dev/full")
def test_a_full_disk_under_what_is_printed_stops_no_service(data: Path, small: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    serving = [sys.executable, "-m", "app", "serve", "--port", port, "--data", str(data)]
    with (
        Path("/dev/full").open("w") as full,
        subprocess.Popen(serving, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True) as process,
    ):
        assert process.stderr is not None
        said = next(line for line in process.stderr if "could not be printed" in line or "Error" in line)
        ready = httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=60).status_code
        command = [sys.executable, "-m", "app", "coverage", str(small)]
        done = subprocess.run(command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        process.kill()
    assert "No space left" in said
    assert ready == 200
    assert (done.returncode, done.stderr) == (2, "磁盘满了，写不进去；请清出空间再试\n")


def test_a_misspelt_pack_is_said_plainly(data: Path) -> None:
    done = run("serve", "--port", "0", "--data", data, HUASHU_PACKS="common,nope")
    assert done.returncode == 2
    assert "没有这个内容包：nope。现有：apparel、common" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_second_service_on_the_same_data_is_warned_about(data: Path) -> None:
    with serve(data) as first:
        address = first.find(r"http://[^\s/]+:\d+")
        with serve(data) as second:
            second.find("话术助手已启动")
            assert f"提醒：{address} 上还有一个话术助手在用这份数据" in second.output


def test_sign_in_stays_on_where_others_can_reach_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUASHU_AUTH", "off")
    done = inside("serve", "--host", "0.0.0.0", "--data", tmp_path / "data")
    assert done.returncode == 2
    assert "只能监听本机" in done.stderr


def test_commands_on_a_data_folder(tmp_path: Path, small: Path) -> None:
    data = ("--data", tmp_path / "data", "--content", small)
    exported = last_line(run("export", tmp_path / "out", *data))
    assert (exported["release"], exported["changed"]) == (1, True)
    assert read_folder(tmp_path / "out") == SMALL
    assert last_line(inside("publish", tmp_path / "out", *data))["changed"] is False
    (tmp_path / "out" / "scripts_zh" / "shop.yaml").write_text("name: 新店\n", encoding="utf-8")
    assert last_line(inside("publish", tmp_path / "out", "--note", "改店名", *data))["release"] == 2
    assert last_line(inside("publish", "--release", "1", *data))["release"] == 3
    assert "/sign-in/" in str(last_line(inside("user", "add", "小鱼", "--role", "lead", *data))["link"])
    (tmp_path / "out" / "scripts_zh" / "shop.yaml").write_text("名字: 新店\n", encoding="utf-8")
    refused = inside("publish", tmp_path / "out", *data)
    assert refused.returncode == 2
    assert "scripts_zh/shop.yaml:1" in refused.stderr
    assert inside("publish", tmp_path / "nothing", *data).returncode == 2
    assert inside("user", "add", "小鱼", "--role", "lead", *data).returncode == 2


def test_a_running_service_picks_a_publish_up_without_a_failed_request(data: Path, small: Path) -> None:
    with serve(data, HUASHU_AUTH="off") as served:
        base = served.find(r"http://\S+:\d+")
        (small / "scripts_zh" / "shop.yaml").write_text("name: 新店\n", encoding="utf-8")
        statuses: list[int] = []
        stop = threading.Event()

        def ask() -> None:
            with httpx.Client(base_url=base, timeout=60) as client:
                while not stop.is_set():
                    statuses.append(client.post("/api/v1/suggest", json=MESSAGE).status_code)

        asking = [threading.Thread(target=ask) for _ in range(2)]
        for thread in asking:
            thread.start()
        published = last_line(run("publish", small, "--data", data))
        with httpx.Client(base_url=base, timeout=60) as client:
            wait_for(lambda: client.get("/readyz").json()["release"] == published["release"])
        stop.set()
        for thread in asking:
            thread.join()
    assert published["release"] == 2
    assert set(statuses) == {200}


def workers_of(parent: int) -> list[int]:
    """The processes that a supervisor has started to serve."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="utf-8").split()
    return [int(pid) for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


@pytest.mark.skipif(sys.platform != "linux", reason="refused elsewhere")
def test_several_processes_serve_the_newest_release_and_are_replaced(data: Path, small: Path) -> None:
    asked = 0
    # a new connection for every request: which process takes it is chosen anew
    http = httpx.Client(timeout=60, limits=httpx.Limits(max_keepalive_connections=0))

    def seen(base: str, release: int) -> set[str]:
        """Which processes serve this release: the beginning of a request's number is the process's own."""
        nonlocal asked
        found = set()
        for _ in range(12):
            # one that was waiting in the queue of the process that was killed gets no answer
            with contextlib.suppress(httpx.TransportError):
                answer = http.post(f"{base}/api/v1/suggest", json=MESSAGE)
                asked += 1
                assert answer.status_code == 200
                if answer.json()["release"] == release:
                    found.add(answer.headers["x-request-id"][:10])
        return found

    with http, serve(data, "--workers", "2", HUASHU_AUTH="off") as served:
        base = served.find(r"http://\S+:\d+")
        wait_for(lambda: len(seen(base, 1)) == 2)
        before = seen(base, 1) | seen(base, 1) | seen(base, 1)
        (small / "scripts_zh" / "shop.yaml").write_text("name: 新店\n", encoding="utf-8")
        assert inside("publish", small, "--data", data).returncode == 0
        wait_for(lambda: seen(base, 2) == before)
        killed = workers_of(served.process.pid)[0]
        os.kill(killed, signal.SIGKILL)
        wait_for(lambda: len(seen(base, 2) - before) == 1)
        assert killed not in workers_of(served.process.pid)
        counted = re.search(r'answers_total{outcome="understood"} (\S+)', http.get(f"{base}/metrics").text)
        assert counted is not None
        assert float(counted[1]) == asked
        assert served.output.count("话术助手已启动") == 1
        served.process.terminate()
        assert served.process.wait(30) == 0


def test_a_publisher_killed_at_any_moment_leaves_whole_releases(tmp_path: Path) -> None:
    place = tmp_path / "huashu.db"
    changing = {**ENOUGH, "intents/_words.yaml": "loose: [词NAME]", "scripts_zh/shop.yaml": "name: NAME"}
    acknowledged = 0
    for number in range(5):
        with publishing(place, changing) as publisher:
            assert publisher.stdout is not None
            for _ in range(3 + number):
                acknowledged = int(publisher.stdout.readline())
            time.sleep(0.003 * number)
            publisher.kill()
        database = Database(place)
        database.upgrade()
        release = newest(database, lambda _: b"never asked")
        assert release.number >= acknowledged
        assert release.model.startswith(release.content.nlu_digest.encode())
        with database.read() as session:
            assert [item.number for item in reversed(rows.latest(session, 1000))] == list(
                range(1, release.number + 1)
            )
        database.close()


def test_a_service_killed_while_publishing_starts_again_with_a_whole_release(
    tmp_path: Path, data: Path
) -> None:
    acknowledged = 1
    for number in range(2):
        with serve(data, HUASHU_AUTH="off") as served:
            release = httpx.get(f"{served.find(r'http://[0-9.:]+')}/readyz", timeout=60).json()["release"]
            assert acknowledged <= release <= acknowledged + 1
            assert "提醒" not in served.output  # the one before is gone, although it could not say so
            with publishing(data / "huashu.db", {**SMALL, "scripts_zh/shop.yaml": "name: NAME"}) as publisher:
                assert publisher.stdout is not None
                for _ in range(2 + number):
                    acknowledged = int(publisher.stdout.readline())
                served.process.kill()
                publisher.kill()
                acknowledged = max([acknowledged, *map(int, publisher.stdout.read().splitlines())])
    exported = last_line(inside("export", tmp_path / "out", "--data", data))
    assert exported["release"] in {acknowledged, acknowledged + 1}
    assert read_folder(tmp_path / "out").keys() == SMALL.keys()
