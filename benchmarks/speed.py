"""How fast a suggestion is: beside an empty FastAPI endpoint in the same run, over different messages, without caches.

Usage: python benchmarks/speed.py [--seconds 5] [--workers 2]
Prints throughput and the ratio to the empty endpoint, latency at half load, analysis time alone, start time and memory;
with --workers only what so many processes do beside one: requests per second, and per second of their processor time, which
says what they could do where the client does not take its share of the same processors.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

ROOT = Path(__file__).parent.parent
ROUNDS = 3
CLIENTS = 8
EMPTY = """
import sys, uvicorn
from fastapi import FastAPI, Request
app = FastAPI()
@app.post("/api/v1/suggest")
async def suggest(request: Request):
    await request.body()
    return {}
uvicorn.run(app, port=int(sys.argv[1]), log_level="error", access_log=False)
"""


@dataclass(frozen=True, slots=True)
class Route:
    """Where a service takes a message: the path, and the field of the JSON body."""

    path: str = "/api/v1/suggest"
    field: str = "message"

    def body(self, text: str) -> bytes:
        return json.dumps({self.field: text}, ensure_ascii=False).encode()


SUGGEST = Route()


def messages() -> list[str]:
    """Different messages: the golden ones as they are and with an order number, so that no two requests are the same."""
    texts = []
    for name in ("messages", "hard"):
        with (ROOT / "tests" / "golden" / f"{name}.jsonl").open(encoding="utf-8") as lines:
            texts += [json.loads(line)["text"] for line in lines]
    return texts + [f"{text}，订单{2026112200000000000 + at}" for at, text in enumerate(texts)]


def requests(texts: list[str], port: int, route: Route) -> list[bytes]:
    bodies = [route.body(text) for text in texts]
    head = "POST {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n"
    return [head.format(route.path, port, len(body)).encode() + body for body in bodies]


async def client(
    port: int, queue: list[bytes], until: float, pause: float, took: list[float], wrong: list[int]
) -> None:
    """Ask again and again. pause: seconds between two requests, on average; they come at random, as customers do."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    at = random.randrange(len(queue))
    while time.perf_counter() < until:
        if pause:
            await asyncio.sleep(random.uniform(0, 2 * pause))
        at = (at + 1) % len(queue)
        begun = time.perf_counter()
        writer.write(queue[at])
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(re.search(rb"content-length: (\d+)", head, re.IGNORECASE)[1])
        await reader.readexactly(length)
        took.append(time.perf_counter() - begun)
        if b" 200 " not in head[:15]:
            wrong.append(1)
    writer.close()


async def load(
    port: int, texts: list[str], seconds: float, clients: int, pause: float = 0.0, route: Route = SUGGEST
) -> tuple[float, list[float]]:
    took: list[float] = []
    wrong: list[int] = []
    queue = requests(texts, port, route)
    begun = time.perf_counter()
    await asyncio.gather(*(client(port, queue, begun + seconds, pause, took, wrong) for _ in range(clients)))
    if wrong:
        raise SystemExit(f"{len(wrong)} requests failed")
    return len(took) / (time.perf_counter() - begun), sorted(took)


def wait_for(port: int, process: subprocess.Popen[bytes], route: Route = SUGGEST) -> None:
    """Until a message is answered: the port takes connections long before that."""
    begun = time.perf_counter()
    greeting = Request(
        f"http://127.0.0.1:{port}{route.path}",
        route.body("在吗"),
        {"Content-Type": "application/json"},
    )
    while time.perf_counter() - begun < 600:
        if process.poll() is not None:
            raise SystemExit("a server did not start")
        try:
            with urlopen(greeting, timeout=10) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.02)
    raise SystemExit("a server did not start in time")


def memory(process: subprocess.Popen[bytes]) -> float:
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


def at(values: list[float], share: float) -> float:
    return values[min(len(values) - 1, int(len(values) * share))] * 1000


def over_http(seconds: float) -> None:
    texts = messages()
    with tempfile.TemporaryDirectory() as folder:
        environment = published(folder)
        serve = [sys.executable, "-m", "app", "serve", "--port", "18002"]
        first, _ = start(serve, environment, 18002)
        first.terminate()
        first.wait()
        ours, ready = start(serve, environment, 18002)
        print(f"ready after {ready:.2f} s (started before on this data), {memory(ours):.0f} MB")
        empty, _ = start([sys.executable, "-c", EMPTY, "18001"], environment, 18001)
        try:
            for port in (18001, 18002):
                asyncio.run(load(port, texts, 1.0, 8))
            rounds = []
            for _ in range(ROUNDS):
                base, _ = asyncio.run(load(18001, texts, seconds, 8))
                rate, _ = asyncio.run(load(18002, texts, seconds, 8))
                rounds.append((rate / base, rate, base))
            ratio, rate, base = sorted(rounds)[ROUNDS // 2]
            print(
                f"{len(texts)} different messages: empty endpoint {base:.0f}/s, suggest {rate:.0f}/s, "
                f"ratio {ratio:.2f} (median of {ROUNDS}: {', '.join(f'{one:.2f}' for one, _, _ in rounds)})"
            )
            _, took = asyncio.run(load(18002, texts, seconds, 4, pause=7 / rate))
            print(
                f"at half load: p50 {at(took, 0.5):.2f} ms, p99 {at(took, 0.99):.2f} ms; {memory(ours):.0f} MB after"
            )
        finally:
            empty.kill()
            ours.kill()


def published(folder: str) -> dict[str, str]:
    """The environment of a service whose first release is made already."""
    environment = {**os.environ, "HUASHU_AUTH": "off", "HUASHU_DATA": folder}
    command = [sys.executable, "-m", "app", "export", f"{folder}/x", "--data", folder]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    return environment


def together(count: int, seconds: float) -> None:
    """One process beside `count`, by turns."""
    texts = messages()
    with tempfile.TemporaryDirectory() as folder:
        environment = published(folder)
        serve = [sys.executable, "-m", "app", "serve", "--port"]
        services = []
        try:
            for number, port in ((1, 18003), (count, 18004)):
                process, _ = start([*serve, str(port), "--workers", str(number)], environment, port)
                services.append((number, port, process.pid, process))
                asyncio.run(load(port, texts, 2.0, CLIENTS))
            found: dict[int, list[tuple[float, float, float]]] = {1: [], count: []}
            for _ in range(ROUNDS):
                for number, port, parent, _process in services:
                    before = spent(parent)
                    rate, took = asyncio.run(load(port, texts, seconds, CLIENTS * number))
                    each = [after - before.get(pid, 0.0) for pid, after in spent(parent).items()]
                    served = [one for one in each if one > 0.1 * max(each)]
                    found[number].append((rate, len(took) / sum(each), min(served) / max(served)))
            for number, rounds in found.items():
                rate, by_time, even = (statistics.median(column) for column in zip(*rounds, strict=True))
                print(
                    f"{number} process(es): {rate:.0f}/s, {by_time:.0f} per second of processor time, "
                    f"the least busy took {even:.0%} of the busiest"
                )
            one, several = (statistics.median(row[1] for row in found[number]) for number in (1, count))
            print(f"with a processor each, {count} would do {count * several / one:.2f} times what one does")
        finally:
            for *_, process in services:
                process.terminate()
                process.wait(20)


def spent(parent: int) -> dict[int, float]:
    """Processor seconds of a process and its children so far."""
    ticks = os.sysconf("SC_CLK_TCK")
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="utf-8").split()
    found = {}
    for pid in (parent, *map(int, children)):
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        found[pid] = (int(fields[11]) + int(fields[12])) / ticks
    return found


def start(
    command: list[str], environment: dict[str, str], port: int, route: Route = SUGGEST
) -> tuple[subprocess.Popen[bytes], float]:
    """A server once it answers, and the seconds until then."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    wait_for(port, process, route)
    return process, time.perf_counter() - begun


def in_process() -> None:
    sys.path.insert(0, str(ROOT))
    from app.assist import Assistant, SuggestRequest
    from app.commands.sources import add_source_options, open_source

    parser = argparse.ArgumentParser()
    add_source_options(parser)
    source = open_source(parser.parse_args([]))
    engine = source.engine()
    assistant = Assistant(source.content, engine, 0, source.content.packs)
    mixed = [text for text in messages() if 25 <= len(text) <= 35]
    words = [text for text in mixed if not any(map(str.isdigit, text))]
    for name, run, texts in (
        ("analysis of words", engine.analyse, words),
        ("analysis, most with an order number", engine.analyse, mixed),
        ("analysis and suggestions", lambda text: assistant.suggest(SuggestRequest(text)), mixed),
    ):
        for text in texts[:50]:
            run(text)
        rounds = []
        for _ in range(5):
            begun = time.perf_counter()
            for text in texts:
                run(text)
            rounds.append((time.perf_counter() - begun) / len(texts) * 1000)
        print(
            f"{name}: {statistics.median(rounds):.3f} ms for about 30 characters ({len(texts)} messages, median of 5 rounds)"
        )
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB in this process")


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=5.0)
    options.add_argument("--workers", type=int, default=1)
    given = options.parse_args()
    if given.workers > 1:
        together(given.workers, given.seconds)
    else:
        in_process()
        over_http(given.seconds)
