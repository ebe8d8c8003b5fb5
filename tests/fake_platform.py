"""A stand-in for the addresses that adapters call: answers what it is told to, and keeps what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit


class Platform(ThreadingHTTPServer):
    """answers: by path, one after the other, the last one again and again; asked: path and body of each request.

    heard: the same with the headers and the very bytes.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, list[tuple[int, Any]]] = {}
        self.asked: list[tuple[str, Any]] = []
        self.heard: list[tuple[str, dict[str, str], bytes]] = []

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def bodies(self, path: str) -> list[Any]:
        return [body for asked, body in self.asked if asked == path]


class _Handler(BaseHTTPRequestHandler):
    server: Platform

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["content-length"] or 0))
        path = urlsplit(self.path).path
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.heard.append((path, headers, content))
        self.server.asked.append((path, json.loads(content) if content else None))
        answers = self.server.answers.get(path, [(404, {})])
        status, body = answers.pop(0) if len(answers) > 1 else answers[0]
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def do_GET(self) -> None:
        self.do_POST()

    def log_message(self, *given: Any) -> None:
        pass


@contextmanager
def platform() -> Iterator[Platform]:
    server = Platform()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
