"""A service of its own on a new data folder, for the scripts beside this one."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent


@dataclass
class Service:
    """A running service: its address, data folder and process."""

    address: str
    data: Path
    process: subprocess.Popen[bytes]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def start(data: Path, port: int, **settings: str) -> subprocess.Popen[bytes]:
    """Start a service and wait until it is ready."""
    command = [sys.executable, "-m", "app", "serve", "--port", str(port), "--data", str(data)]
    environment = {**os.environ, "HUASHU_AUTH": "off", **settings}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    while process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
                if answer.status == 200:
                    return process
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise SystemExit("the service did not start")


@contextmanager
def running(**settings: str) -> Iterator[Service]:
    """A service until the block ends."""
    with tempfile.TemporaryDirectory(prefix="huashu") as folder:
        port = free_port()
        process = start(Path(folder), port, **settings)
        try:
            yield Service(f"http://127.0.0.1:{port}", Path(folder), process)
        finally:
            process.terminate()
            process.wait(20)
