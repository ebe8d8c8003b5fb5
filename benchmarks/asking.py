"""A plain HTTP connection that stays open, for the scripts beside this one: an HTTP library would cost more than the service."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """status: of HTTP, 0 when the connection broke. seconds: from sending to the last byte."""

    status: int
    body: bytes
    seconds: float


class Connection:
    """One connection to `address` (http://host:port), opened when it is needed and again after it broke."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        begun = time.perf_counter()
        try:
            status, answer = await self._ask(method, path, body, headers or {})
        except (OSError, EOFError):
            self.close()
            status, answer = 0, b""
        return Answer(status, answer, time.perf_counter() - begun)

    async def _ask(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, bytes]:
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port, limit=1 << 20)
        reader, writer = self._streams
        given = {"Content-Type": "application/json", **headers, "Content-Length": str(len(body))}
        lines = (
            f"{method} {path} HTTP/1.1",
            f"Host: {self._host}:{self._port}",
            *map(": ".join, given.items()),
        )
        writer.write("\r\n".join((*lines, "", "")).encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        found = _LENGTH.search(answer)
        content = await reader.readexactly(int(found[1])) if found else b""
        if b"connection: close" in answer.lower():
            self.close()
        return int(answer.split(b" ", 2)[1]), content

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
        self._streams = None


def resident(process: int) -> float:
    """Memory a process holds, in MB (Linux)."""
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    found = re.search(r"VmRSS:\s+(\d+)", status)
    return int(found[1]) / 1024 if found else 0.0


def at(values: list[float], share: float) -> float:
    """The value below which `share` of them lie, in milliseconds for seconds."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000 if ordered else 0.0
