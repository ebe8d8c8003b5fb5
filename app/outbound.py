"""Requests that the service sends out: only to public addresses or to those the shop has listed, never redirected,
limited in time and size, signed where the other side asks for it.

The address a name stands for is looked up once, judged and connected to, so that it cannot change in between.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Final
from urllib.parse import SplitResult, urlsplit

ANSWER_LIMIT: Final = 64 * 1024
"""Bytes of an answer that are read; a longer one is refused."""
SECRET_PREFIX: Final = "whsec_"
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
_NETWORKS = ipaddress.IPv4Network | ipaddress.IPv6Network


class OutboundError(Exception):
    """A request that was not answered. kind: refused (never sent), unreachable, timeout, too_large or bad_answer.

    sent: whether it may have arrived all the same.
    """

    def __init__(self, kind: str, *, sent: bool = False) -> None:
        super().__init__(kind)
        self.kind = kind
        self.sent = sent


@dataclass(frozen=True, slots=True)
class Reply:
    """What another system answered. body: at most as many bytes as were asked for; headers: names in lower case."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Outbound:
    """Sends requests. allowed: host names, addresses and networks (「erp.local,192.168.1.0/24」) besides public ones."""

    def __init__(self, allowed: str = "") -> None:
        """Entries of `allowed` that are no network are taken for host names."""
        self._names: set[str] = set()
        self._networks: list[_NETWORKS] = []
        for part in (part.strip().lower() for part in allowed.split(",") if part.strip()):
            try:
                self._networks.append(ipaddress.ip_network(part, strict=False))
            except ValueError:
                self._names.add(part)

    def post(self, url: str, body: bytes, headers: Mapping[str, str], *, seconds: float) -> Reply:
        """POST `body` and return the answer, whatever its status; a redirect is an answer too. seconds: for all of it.

        Raises OutboundError.
        """
        return self.send("POST", url, body, headers, seconds=seconds)

    def send(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str], *, seconds: float
    ) -> Reply:
        """Like `post`, with any method. Raises OutboundError."""
        parts = _parts(url)
        host, tls = parts.hostname or "", parts.scheme == "https"
        try:
            port = parts.port or (443 if tls else 80)
        except ValueError as error:
            raise OutboundError("refused") from error
        deadline = monotonic() + seconds
        family, address = self._resolve(host, port)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.settimeout(max(0.01, deadline - monotonic()))
        in_use = [sock]
        cut = threading.Timer(max(0.01, deadline - monotonic()), _cut, [in_use])
        cut.daemon = True
        cut.start()
        sent = False
        try:
            sock.connect(address)
            if tls:
                sock = ssl.create_default_context().wrap_socket(sock, server_hostname=host)
                in_use[0] = sock
            sent = True
            return _exchange(sock, method, parts.netloc.rpartition("@")[2], path, body, headers)
        except OutboundError:
            raise
        except (OSError, http.client.HTTPException, ValueError) as error:
            late = monotonic() >= deadline - 0.01 or isinstance(error, TimeoutError)
            raise OutboundError("timeout" if late else "unreachable", sent=sent) from error
        finally:
            cut.cancel()
            sock.close()

    def may_reach(self, address: str) -> bool:
        """Whether an IP address is public or listed."""
        ip = ipaddress.ip_address(address.partition("%")[0])
        ip = getattr(ip, "ipv4_mapped", None) or ip
        if any(ip.version == network.version and ip in network for network in self._networks):
            return True
        hidden = getattr(ip, "sixtofour", None) or (getattr(ip, "teredo", None) or (None, None))[1]
        if ip in _NAT64:
            hidden = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if hidden is not None and not hidden.is_global:
            return False
        return ip.is_global and not ip.is_multicast

    def _resolve(self, host: str, port: int) -> tuple[socket.AddressFamily, tuple[str, int]]:
        """The first address of a host that may be reached. Raises OutboundError."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise OutboundError("unreachable") from error
        for family, _, _, _, address in found:
            if host.lower() in self._names or self.may_reach(str(address[0])):
                return family, (str(address[0]), port)
        raise OutboundError("refused")


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers of a signed message (Standard Webhooks, symmetric): v1 is HMAC-SHA256 over id.timestamp.body, in Base64.

    secret: `whsec_` and Base64, or any other text, whose UTF-8 bytes are the key. timestamp: Unix seconds.
    Source: github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md.
    """
    signed = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.new(_key(secret), signed, hashlib.sha256).digest()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": "v1," + base64.b64encode(digest).decode(),
    }


def _key(secret: str) -> bytes:
    if not secret.startswith(SECRET_PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except ValueError:
        return secret.encode()


def _parts(url: str) -> SplitResult:
    """Raises OutboundError for what is no http(s) address."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise OutboundError("refused") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or not url.isascii() or " " in url:
        raise OutboundError("refused")
    return parts


def _cut(in_use: list[socket.socket]) -> None:
    """End the connection whose time is up, whatever it is waiting for. Shutting the last socket down wakes its reader."""
    with suppress(OSError):
        in_use[0].shutdown(socket.SHUT_RDWR)


def _exchange(
    sock: socket.socket, method: str, host: str, path: str, body: bytes | None, headers: Mapping[str, str]
) -> Reply:
    connection = http.client.HTTPConnection(host)
    connection.sock = sock
    given = {"Content-Type": "application/json", "User-Agent": "huashu", "Host": host, "Connection": "close"}
    connection.request(method, path, body, {**given, **headers})
    answer = connection.getresponse()
    content = answer.read(ANSWER_LIMIT + 1)
    if len(content) > ANSWER_LIMIT:
        raise OutboundError("too_large", sent=True)
    return Reply(answer.status, content, {name.lower(): value for name, value in answer.getheaders()})
