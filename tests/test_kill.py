"""Nothing acknowledged is lost: the service is killed again and again while turns are being written."""

from __future__ import annotations

import threading
import time
from collections import Counter
from pathlib import Path

import httpx
from sqlalchemy import text

from app.content.folder import write_folder
from app.store.database import Database
from tests.test_serve import SMALL, serve

ROUNDS = 2
WRITERS = 3


class Writer(threading.Thread):
    """Sends one turn after another, each twice, until the service is gone; remembers what was acknowledged."""

    def __init__(self, base: str, name: str) -> None:
        super().__init__()
        self.base, self.label = base, name
        self.acknowledged: dict[str, str] = {}

    def run(self) -> None:
        with httpx.Client(base_url=self.base, timeout=60) as client:
            for number in range(10_000):
                message_id = f"{self.label}-{number}"
                role = "agent" if number % 3 == 2 else "customer"
                body = {"role": role, "text": f"衣服起球了 {number}", "message_id": message_id}
                try:
                    answer = client.post("/api/v1/conversations/同一个/turns", json=body)
                    if answer.status_code == 200:
                        self.acknowledged[message_id] = answer.json()["turn_id"]
                    if number % 5 == 0:
                        again = client.post("/api/v1/conversations/同一个/turns", json=body)
                        assert again.status_code != 200 or again.content == answer.content
                except httpx.TransportError:
                    return


def wait_for(writers: list[Writer], turns: int) -> None:
    """Until so many turns were acknowledged, however slow the machine is."""
    deadline = time.monotonic() + 120
    while sum(len(writer.acknowledged) for writer in writers) < turns:
        assert time.monotonic() < deadline, "nothing was acknowledged"
        time.sleep(0.05)


def test_every_acknowledged_turn_is_there_exactly_once(tmp_path: Path, address: str | Path) -> None:
    write_folder(tmp_path / "content", SMALL)
    data = tmp_path / "data"
    place = data / "huashu.db" if isinstance(address, Path) else address
    settings = {"HUASHU_AUTH": "off", "HUASHU_DATABASE_URL": "" if isinstance(address, Path) else address}
    acknowledged: dict[str, str] = {}
    for number in range(ROUNDS):
        with serve(data, "--content", str(tmp_path / "content"), **settings) as served:
            base = served.find(r"http://[0-9.:]+")
            writers = [Writer(base, f"{number}-{index}") for index in range(WRITERS)]
            for writer in writers:
                writer.start()
            wait_for(writers, 12)
            time.sleep(0.31 * number)
            served.process.kill()
            for writer in writers:
                writer.join(timeout=90)
                acknowledged |= writer.acknowledged
    database = Database(place)
    with database.read() as session:
        stored = session.execute(text("SELECT message_id, id, position FROM turns")).all()
    database.close()
    times = Counter(row.message_id for row in stored)
    assert len(acknowledged) > 20
    assert set(acknowledged) <= set(times), "acknowledged and lost"
    assert set(times.values()) == {1}
    assert len({row.position for row in stored}) == len(stored)
    assert {row.message_id: str(row.id) for row in stored}.items() >= acknowledged.items()
