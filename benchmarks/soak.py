"""Half an hour at half load: memory stays flat, latency stays what it was, no request fails.

Usage: python benchmarks/soak.py [--minutes 30] [--rate REQUESTS_PER_SECOND]
The rate is half of what the service reaches in the first ten seconds, unless it is given. Of a hundred requests 80 ask for
suggestions, 12 store a turn, 4 search scripts, 3 open a conversation and 1 reads the figures. Prints a line after the first
minute and every tenth part of the time. Exit code 1 when a request failed or memory grew by more than a tenth.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import time
from dataclasses import dataclass, field
from urllib.parse import quote

from asking import Answer, Connection, at, resident
from service import Service, running
from speed import messages

CONNECTIONS = 4
CONVERSATIONS = 500
PARTS = 6
TEXTS = messages()


@dataclass
class Seen:
    """What came back since the last line was printed."""

    took: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    stored: int = 0


def a_call(chance: random.Random) -> tuple[str, str, bytes]:
    text = f"{chance.choice(TEXTS)}{chance.randint(0, 10**9)}"
    kind = chance.random()
    if kind < 0.8:
        return "POST", "/api/v1/suggest", json.dumps({"message": text}).encode()
    talk = f"/api/v1/conversations/soak-{chance.randint(1, CONVERSATIONS)}"
    if kind < 0.92:
        turn = {
            "role": chance.choice(("customer", "agent")),
            "text": text,
            "message_id": f"{chance.random()}",
        }
        return "POST", f"{talk}/turns", json.dumps(turn).encode()
    if kind < 0.96:
        return "GET", f"/api/v1/scripts?q={quote(text[:4])}", b""
    if kind < 0.99:
        return "GET", talk, b""
    return "GET", "/metrics", b""


def noted(seen: Seen, method: str, path: str, answer: Answer) -> None:
    seen.took.append(answer.seconds)
    seen.stored += method == "POST" and path.endswith("/turns")
    if answer.status != 200 and not (answer.status == 404 and "soak-" in path):
        seen.failed.append(f"{answer.status} {method} {path}")


async def sender(address: str, seen: Seen, until: float, pause: float, seed: int) -> None:
    chance, connection = random.Random(seed), Connection(address)
    while (begun := time.monotonic()) < until:
        method, path, body = a_call(chance)
        noted(seen, method, path, await connection.ask(method, path, body))
        await asyncio.sleep(max(0.0, pause - (time.monotonic() - begun)))
    connection.close()


async def loaded(address: str, seen: Seen, seconds: float, pause: float) -> None:
    until = time.monotonic() + seconds
    await asyncio.gather(*(sender(address, seen, until, pause, seed) for seed in range(CONNECTIONS)))


async def soak(service: Service, minutes: float, rate: float | None) -> int:
    seen = Seen()
    begun = time.monotonic()
    await loaded(service.address, seen, 10, 0)
    rate = rate or len(seen.took) / (time.monotonic() - begun) / 2
    failed = list(seen.failed)
    print(
        f"{rate:.0f} requests a second\n| 分钟 | 内存 (MB) | 请求 | 其中存的 | p50 (ms) | p99 (ms) | 失败 |\n|---|---|---|---|---|---|---|"
    )
    memory: list[float] = []
    times = [1.0, *(minutes / PARTS * part for part in range(1, PARTS + 1))]
    before = 0.0
    for minute in sorted({moment for moment in times if moment <= minutes}):
        seen = Seen()
        await loaded(service.address, seen, (minute - before) * 60, CONNECTIONS / rate)
        before = minute
        memory.append(resident(service.process.pid))
        failed += seen.failed
        print(
            f"| {minute:.0f} | {memory[-1]:.0f} | {len(seen.took)} | {seen.stored} | {at(seen.took, 0.5):.1f} "
            f"| {at(seen.took, 0.99):.0f} | {len(seen.failed)} |",
            flush=True,
        )
    print("\n".join(failed[:20]))
    return 1 if failed or memory[-1] > memory[1] * 1.1 else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--rate", type=float)
    options = parser.parse_args()
    with running() as service:
        return asyncio.run(soak(service, options.minutes, options.rate))


if __name__ == "__main__":
    sys.exit(main())
