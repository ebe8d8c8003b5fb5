"""A stand-in for Chatwoot: signs and posts its webhook, takes private notes, and has bad days."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from app.channels.chatwoot.adapter import sign
from tests.conftest import ROOT

TOKEN = "agent-token"
FIXTURES = ROOT / "app" / "channels" / "chatwoot" / "fixtures"


def webhook(secret: str, **change: Any) -> tuple[bytes, dict[str, str]]:
    """A message as Chatwoot tells it, with its headers."""
    told = json.loads((FIXTURES / "message_created.json").read_text(encoding="utf-8")) | change
    body = json.dumps(told, ensure_ascii=False).encode()
    now = str(int(time.time()))
    headers = {
        "content-type": "application/json",
        "x-chatwoot-timestamp": now,
        "x-chatwoot-signature": sign(secret, now, body),
        "x-chatwoot-delivery": str(uuid.uuid4()),
    }
    return body, headers


class Notes(ThreadingHTTPServer):
    """status: what the next notes are answered with; notes: those that were taken, with the conversation's number."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = 200
        self.notes: list[tuple[str, dict[str, Any]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Notes

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        status = self.server.status if self.headers["api-access-token"] == TOKEN else 401
        parts = self.path.split("/")
        if parts[:5] != ["", "api", "v1", "accounts", "1"] or parts[5::2] != ["conversations", "messages"]:
            status = 404
        if status == 200:
            self.server.notes.append((parts[6], body))
        self.send_response(status)
        self.end_headers()
        self.wfile.write(b"{}")

    def do_GET(self) -> None:
        known = self.path == "/api/v1/accounts/1/inboxes"
        self.send_response(401 if self.headers["api-access-token"] != TOKEN else 200 if known else 404)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None: ...


@contextmanager
def chatwoot() -> Iterator[Notes]:
    server = Notes()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()
