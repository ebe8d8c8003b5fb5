"""Requests that go out: to public or listed addresses only, signed, limited in time and size, never redirected."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from app.outbound import ANSWER_LIMIT, Outbound, OutboundError, sign

LOCAL = "127.0.0.1"


@contextmanager
def answering(status: int, body: bytes = b"{}", headers: dict[str, str] | None = None) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(status)
            for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer((LOCAL, 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://{LOCAL}:{server.server_port}/hook"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("93.184.215.14", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("192.168.1.9", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),  # noqa: S104
        ("::1", False),
        ("fe80::1%eth0", False),
        ("::ffff:127.0.0.1", False),
        ("2002:7f00:1::", False),
        ("224.0.0.1", False),
        ("2606:4700::1111", True),
    ],
)
def test_only_public_addresses_may_be_reached(address: str, allowed: bool) -> None:
    assert Outbound().may_reach(address) is allowed


def test_listed_networks_and_names_may_be_reached_too() -> None:
    assert Outbound("10.0.0.0/8, ::1").may_reach("10.1.2.3")
    assert Outbound("10.0.0.0/8, ::1").may_reach("::1")
    with answering(200, b'{"a": 1}') as url:
        with pytest.raises(OutboundError, match="refused"):
            Outbound().post(url, b"{}", {}, seconds=60)
        assert Outbound(LOCAL).post(url, b"{}", {}, seconds=60).body == b'{"a": 1}'
        assert (
            Outbound("localhost").post(url.replace(LOCAL, "localhost"), b"{}", {}, seconds=60).status == 200
        )


@pytest.mark.parametrize(
    "url",
    ["ftp://example.com", "http://", "http://[", "file:///etc/passwd", "http://a b/", "http://a:99999/"],
)
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(OutboundError, match="refused"):
        Outbound(LOCAL).post(url, b"", {}, seconds=1)


def test_a_redirect_is_not_followed_and_a_huge_answer_is_refused() -> None:
    with answering(302, headers={"Location": "http://169.254.169.254/"}) as url:
        assert Outbound(LOCAL).post(url, b"{}", {}, seconds=60).status == 302
    with answering(200, b"x" * (ANSWER_LIMIT + 1)) as url, pytest.raises(OutboundError, match="too_large"):
        Outbound(LOCAL).post(url, b"{}", {}, seconds=60)


def test_a_server_that_never_answers_costs_no_more_than_the_time_given() -> None:
    with socket.create_server((LOCAL, 0)) as silent:
        url = f"http://{LOCAL}:{silent.getsockname()[1]}/"
        with pytest.raises(OutboundError, match="timeout"):
            Outbound(LOCAL).post(url, b"{}", {}, seconds=0.2)
    with pytest.raises(OutboundError, match="unreachable"):
        Outbound(LOCAL).post(url, b"{}", {}, seconds=60)


def test_the_signature_is_that_of_standard_webhooks() -> None:
    headers = sign(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert sign("店里的暗号", "1", 1, b"")["webhook-id"] == "1"
