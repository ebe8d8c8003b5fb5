"""Publishing 10,000 scripts while suggestions are asked for: how long until the new release answers, and whether anything fails.

Usage: python benchmarks/publish.py [--scripts 10000] [--connections 2] [--pause 0.05]
Three publishes: the intents as they are, one script more, one intent changed (which trains a model). For each: seconds until the first
answer of the new release, the CPU seconds of publisher and service, the slowest requests. Exit code 1 when a request failed.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import resource
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from asking import Connection, at, resident
from service import ROOT, Service, running
from speed import messages

TEXTS = messages()
PATIENCE = 600.0


@dataclass
class Asked:
    """What came back since the last publish."""

    took: list[float] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)
    release: int = 0


def grow(folder: Path, scripts: int) -> int:
    """Copy the project's content into `folder` and repeat its scripts, each said a little otherwise; returns how many there are."""
    files: dict[str, dict[str, list[dict[str, object]]]] = {}
    for path in sorted(itertools.chain((ROOT / "intents").rglob("*"), (ROOT / "scripts_zh").rglob("*"))):
        target = folder / path.relative_to(ROOT)
        if path.is_dir():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
        if path.suffix == ".yaml" and len(path.relative_to(ROOT).parts) == 3:
            found = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CBaseLoader)
            if isinstance(found, dict) and found.get("scripts"):
                files[str(target)] = found
    originals = [(file, script) for file, found in files.items() for script in list(found["scripts"])]
    for number in range(scripts - len(originals)):
        file, script = originals[number % len(originals)]
        bubbles = [f"{bubble}（{number}）" for bubble in script["bubbles"]]
        script = json.loads(json.dumps(script))  # YAML would write what is shared as a reference
        files[file]["scripts"].append({**script, "id": f"{script['id']}_n{number}", "bubbles": bubbles})
    for file, found in files.items():
        Path(file).write_text(
            yaml.dump(found, Dumper=yaml.CSafeDumper, allow_unicode=True, width=1000), "utf-8"
        )
    return sum(len(found["scripts"]) for found in files.values())


def change_scripts(folder: Path) -> None:
    path = folder / "scripts_zh" / "shop.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("name:", "name: 新", 1), encoding="utf-8")


def change_intents(folder: Path) -> None:
    path = folder / "intents" / "apparel" / "shrinkage.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("examples:\n", "examples:\n  - 毛衣过了一遍水短了三指\n", 1), encoding="utf-8"
    )


def cpu_of(process: int) -> float:
    """Seconds of CPU time a process has used (Linux)."""
    parts = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


async def ask(address: str, asked: Asked, stop: asyncio.Event, pause: float, first: int) -> None:
    connection = Connection(address)
    for number in itertools.count(first):
        if stop.is_set():
            break
        body = json.dumps({"message": f"{TEXTS[number % len(TEXTS)]}{number}"}).encode()
        answer = await connection.ask("POST", "/api/v1/suggest", body)
        asked.took.append(answer.seconds)
        if answer.status != 200:
            asked.failed.append(answer.status)
        else:
            asked.release = max(asked.release, json.loads(answer.body)["release"])
        await asyncio.sleep(pause)
    connection.close()


async def publish(service: Service, folder: Path, asked: Asked, words: str) -> bool:
    """Publish and wait for the release to answer; prints a line and says whether nothing failed."""
    asked.took.clear()
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    served, before, begun = cpu_of(service.process.pid), asked.release, time.monotonic()
    command = (sys.executable, "-m", "app", "publish", str(folder), "--data", str(service.data))
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.DEVNULL)
    await process.wait()
    stored = time.monotonic() - begun
    while not process.returncode and asked.release == before and time.monotonic() - begun < PATIENCE:
        await asyncio.sleep(0.02)
    seconds = time.monotonic() - begun
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    publisher = used.ru_utime + used.ru_stime - children.ru_utime - children.ru_stime
    print(
        f"{words}: stored after {stored:.1f} s, answers after {seconds:.1f} s; CPU: publisher {publisher:.1f} s, "
        f"service {cpu_of(service.process.pid) - served:.1f} s; {len(asked.took)} requests, failed {len(asked.failed)}, "
        f"p50 {at(asked.took, 0.5):.0f} ms, p99 {at(asked.took, 0.99):.0f} ms, slowest {at(asked.took, 1):.0f} ms; "
        f"{resident(service.process.pid):.0f} MB",
        flush=True,
    )
    return process.returncode == 0 and asked.release > before and not asked.failed


async def measure(service: Service, folder: Path, connections: int, pause: float) -> bool:
    asked, stop = Asked(), asyncio.Event()
    asking = [
        asyncio.create_task(ask(service.address, asked, stop, pause, 1000 * at)) for at in range(connections)
    ]
    while not asked.release:
        await asyncio.sleep(0.05)
    good = await publish(service, folder, asked, "intents as they were")
    change_scripts(folder)
    good &= await publish(service, folder, asked, "the shop's name changed")
    change_intents(folder)
    good &= await publish(service, folder, asked, "an intent changed")
    stop.set()
    await asyncio.gather(*asking)
    return good


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scripts", type=int, default=10_000)
    parser.add_argument("--connections", type=int, default=2)
    parser.add_argument(
        "--pause", type=float, default=0.05, help="seconds between two requests of a connection"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="huashu") as folder, running() as service:
        print(f"{grow(Path(folder), given.scripts)} scripts", flush=True)
        sys.exit(0 if asyncio.run(measure(service, Path(folder), given.connections, given.pause)) else 1)


if __name__ == "__main__":
    main()
