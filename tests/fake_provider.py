"""A provider of company accounts on this machine: real HTTP, real RSA keys, and any token a test wants."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from app.oidc import challenge_of

HOST = "127.0.0.1"
CLIENT, SECRET = "huashu", "a secret: +%/"
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "two", "use": "sig"})


class Provider(ThreadingHTTPServer):
    """claims: what the next token says besides what it must. alter: changes to that last, None to leave one out.

    key: what it signs with; published: the keys it tells of. document: changes to what it says of itself.
    token: what it gives instead of a token. status: what the token endpoint answers. down: nothing but 503.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__((HOST, 0), _Handler)
        self.issuer = f"http://{HOST}:{self.server_port}/realms/shop"
        self.claims: dict[str, Any] = {"sub": "s-1", "preferred_username": "ZhangSan", "name": "张三"}
        self.alter: dict[str, Any] = {}
        self.key, self.published = KEY, [KEY]
        self.document: dict[str, Any] = {}
        self.token: str | None = None
        self.down = False
        self.asked: list[str] = []
        self.codes: dict[str, dict[str, str]] = {}

    def authorise(self, address: str) -> dict[str, str]:
        """What a browser that was sent to `address` brings back, when its person signs in."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert query["response_type"] == "code"
        assert query["client_id"] == CLIENT
        assert query["code_challenge_method"] == "S256"
        code = secrets.token_hex(8)
        self.codes[code] = query
        return {"code": code, "state": query["state"], "iss": self.issuer}

    def redeem(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        if base64.b64decode(authorization.removeprefix("Basic ")).decode() != "huashu:a+secret%3A+%2B%25%2F":
            return 401, {"error": "invalid_client"}
        asked = self.codes.pop(form["code"], None)
        if asked is None or asked["redirect_uri"] != form["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        if asked["code_challenge"] != challenge_of(form["code_verifier"]):
            return 400, {"error": "invalid_grant"}
        return 200, {"id_token": self.token or self.signed(asked["nonce"]), "token_type": "Bearer"}

    def signed(self, nonce: str, algorithm: str = "RS256") -> str:
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce}
        claims = {**claims, **self.claims, **self.alter}
        claims = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": algorithm, "kid": self.key.kid}
        return jwt.encode(header, claims, self.key, algorithms=[algorithm])


class _Handler(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        provider = self.server
        provider.asked.append(self.path)
        if provider.down:
            self._answer(503, {})
        elif self.path == "/realms/shop/.well-known/openid-configuration":
            names = {"authorization_endpoint": "auth", "token_endpoint": "token", "jwks_uri": "certs"}
            document = {name: f"{provider.issuer}/{path}" for name, path in names.items()}
            self._answer(200, {"issuer": provider.issuer, **document, **provider.document})
        elif self.path == "/realms/shop/certs":
            other = {"kty": "EC", "crv": "P-9", "x": "?", "use": "sig"}
            self._answer(200, {"keys": [other, *(key.as_dict(private=False) for key in provider.published)]})
        else:
            self._answer(404, {})

    def do_POST(self) -> None:
        self.server.asked.append(self.path)
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        if self.server.down:
            self._answer(503, {})
        else:
            self._answer(*self.server.redeem(form, self.headers.get("authorization", "")))

    def _answer(self, status: int, said: dict[str, Any]) -> None:
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def provider_running() -> Iterator[Provider]:
    with Provider() as provider:
        thread = threading.Thread(target=provider.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield provider
        finally:
            provider.shutdown()
            thread.join()


def unsigned(claims: dict[str, Any], **header: str) -> str:
    """A token that says `alg: none`, or whatever `header` says, without a signature."""
    return f"{_part({'alg': 'none', **header})}.{_part(claims)}."


def with_public_key_as_secret(claims: dict[str, Any]) -> str:
    """A token signed with HMAC, the secret being the key that everybody knows."""
    signed = f"{_part({'alg': 'HS256', 'kid': KEY.kid})}.{_part(claims)}"
    signature = hmac.new(KEY.as_pem(private=False), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{_encoded(signature)}"


def _part(value: dict[str, Any]) -> str:
    return _encoded(json.dumps(value).encode())


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
