"""How long a service takes from its start to the first suggestion, with content published: here, or here and in another checkout.

Usage: python benchmarks/start.py [OTHER_FOLDER] [--rounds 5]
Each checkout publishes its own content first and starts once more, so that its modules are compiled; then they start by
turns, so that a busy machine slows both alike. Prints medians: seconds, seconds of processor time, memory in MB a second later.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from service import free_port
from speed import memory, spent, wait_for

ROOT = Path(__file__).parent.parent
SETTLED = 1.0


def environment(checkout: Path, folder: Path) -> dict[str, str]:
    """Modules are compiled into `folder`, whatever the environment says: so they are where the service is installed."""
    own = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    compiled, data = str(folder / "compiled"), str(folder / "data")
    given = {"PYTHONPYCACHEPREFIX": compiled, "HUASHU_DATA": data, "HUASHU_AUTH": "off"}
    return {**own, **given, "PYTHONPATH": str(checkout)}


def started(checkout: Path, folder: Path) -> tuple[float, float, float]:
    """Seconds until the first suggestion, seconds of processor time until then, megabytes soon after."""
    port = free_port()
    begun = time.perf_counter()
    command = [sys.executable, "-m", "app", "serve", "--port", str(port)]
    process = subprocess.Popen(
        command, cwd=checkout, env=environment(checkout, folder), stdout=subprocess.DEVNULL
    )
    try:
        wait_for(port, process)
        took, used = time.perf_counter() - begun, spent(process.pid)[process.pid]
        time.sleep(SETTLED)
        return took, used, memory(process)
    finally:
        process.terminate()
        process.wait(20)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("other", type=Path, nargs="?")
    options.add_argument("--rounds", type=int, default=5)
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="huashu") as top:
        checkouts = [ROOT, *([given.other.resolve()] if given.other else [])]
        folders = {checkout: Path(top) / str(number) for number, checkout in enumerate(checkouts)}
        for checkout, folder in folders.items():
            folder.mkdir()
            command = [sys.executable, "-m", "app", "export", str(folder / "content")]
            subprocess.run(
                command, cwd=checkout, env=environment(checkout, folder), check=True, capture_output=True
            )
            started(checkout, folder)
        found: dict[Path, list[tuple[float, float, float]]] = {checkout: [] for checkout in checkouts}
        for _ in range(given.rounds):
            for checkout, folder in folders.items():
                found[checkout].append(started(checkout, folder))
    for checkout, rounds in found.items():
        took, used, held = (statistics.median(column) for column in zip(*rounds, strict=True))
        each = ", ".join(f"{one:.2f}" for _, one, _ in rounds)
        name = "here" if checkout == ROOT else "there"
        print(f"{name}: {took:.2f} s, {used:.2f} s of processor time ({each}), {held:.0f} MB a second later")


if __name__ == "__main__":
    main()
