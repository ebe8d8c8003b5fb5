"""The web application's skeleton: errors, limits, headers, who may come in. Content and model are the smallest there are."""

from __future__ import annotations

import html
import logging
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from fastapi import FastAPI
from pydantic import BaseModel, Field

from app import accounts
from app.assist import Assistant
from app.config import Settings
from app.content.folder import write_folder
from app.logs import is_news
from app.releases import LoadedRelease, publish
from app.store.database import Database
from app.web.app import create_app
from app.web.deps import COOKIE, CurrentPerson, Lead
from tests.conftest import BASE_URL, ENOUGH, Client, running

HTML = {"Accept": "text/html"}


class Words(BaseModel):
    message: str = Field(max_length=10)
    tone: str | None = None
    facts: dict[str, int] = {}


async def echo(words: Words, _person: CurrentPerson) -> dict[str, str]:
    return {"message": words.message}


WORDS = "顾客的原话"


async def fail() -> None:
    raise RuntimeError(WORDS)


async def leads_only(person: Lead) -> dict[str, str]:
    return {"name": person.name}


def make(folder: Path, **settings: Any) -> FastAPI:
    def build(release: LoadedRelease) -> Assistant:
        return cast(Assistant, release)

    write_folder(folder / "content", ENOUGH)
    app = create_app(
        Settings(data=folder / "data", **settings),
        content=folder / "content",
        trainer=lambda _: b"model",
        build=build,
    )
    app.add_api_route("/api/v1/echo", echo, methods=["POST"])
    app.add_api_route("/api/v1/fail", fail)
    app.add_api_route("/fail", fail)
    app.add_api_route("/api/v1/leads", leads_only)
    return app


def database_of(client: Client) -> Database:
    database: Database = client.app.state.services.database
    return database


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Client]:
    """An application that wants sign-in."""
    with running(make(tmp_path)) as client:
        yield client


@pytest.fixture
def open_door(tmp_path: Path) -> Iterator[Client]:
    """An application with sign-in switched off."""
    with running(make(tmp_path, auth="off")) as client:
        yield client


def sign_in(client: Client, role: accounts.Role = "agent") -> dict[str, str]:
    """Sign in as somebody new; returns the header that unsafe requests need."""
    link = accounts.add_person(database_of(client), f"某{role}", role, by="测试")
    assert client.post(f"/sign-in/{link}").status_code == 303
    return {"X-CSRF-Token": accounts.csrf_token(client.cookies[COOKIE])}


def code_of(response: Any) -> str:
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == response.status_code
    assert {"type", "title", "status", "detail", "code"} <= body.keys()
    return str(body["code"])


def test_health_and_readiness(open_door: Client, tmp_path: Path) -> None:
    assert open_door.get("/healthz").json() == {"status": "ok"}
    ready = open_door.get("/readyz")
    assert ready.status_code == 200
    assert (ready.json()["release"], ready.json()["database"]) == (1, "reachable")
    (tmp_path / "data" / "huashu.db").rename(tmp_path / "away.db")
    ready = open_door.get("/readyz")
    assert ready.status_code == 200
    assert (ready.json()["release"], ready.json()["database"]) == (1, "unreachable")


def test_it_is_not_ready_before_it_has_started(tmp_path: Path) -> None:
    app = make(tmp_path)
    app.router.lifespan_context = _no_lifespan
    with running(app) as client:
        assert client.get("/readyz").status_code == 503
        assert client.get("/healthz").status_code == 200


def _no_lifespan(_app: FastAPI) -> Any:
    class Nothing:
        async def __aenter__(self) -> None: ...

        async def __aexit__(self, *_: object) -> None: ...

    return Nothing()


@pytest.mark.parametrize("path", ["/healthz", "/api/v1/echo", "/nowhere", "/api/v1/fail"])
def test_every_answer_is_guarded(open_door: Client, path: str) -> None:
    headers = open_door.get(path).headers
    assert headers["content-security-policy"].startswith(
        "default-src 'none'; script-src 'self'; style-src 'self'"
    )
    assert headers["content-security-policy"].endswith("frame-ancestors 'none'")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"


def test_who_may_embed_the_panel_is_a_setting(tmp_path: Path) -> None:
    with running(make(tmp_path, auth="off", frame_ancestors="https://im.example.com")) as client:
        policy = client.get("/").headers.get_list("content-security-policy")
    assert len(policy) == 1
    assert policy[0].endswith("frame-ancestors https://im.example.com")


def test_unknown_paths_and_methods(open_door: Client) -> None:
    missing = open_door.get("/api/v1/nothing", headers=HTML)
    assert (missing.status_code, code_of(missing)) == (404, "not_found")
    wrong = open_door.get("/api/v1/echo")
    assert (wrong.status_code, code_of(wrong)) == (405, "method_not_allowed")
    assert wrong.headers["allow"] == "POST"
    page = open_door.get("/nothing", headers=HTML)
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert "没有这个地址" in page.text


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{", "JSON"),
        (b'{"message": "\xff"}', "UTF-8"),
        (b"[" * 100_000, "层次太深"),
        (b'{"message": ' + b"1" * 5000 + b"}", "数字太大"),
    ],
)
def test_what_is_no_json(open_door: Client, body: bytes, words: str) -> None:
    answer = open_door.post("/api/v1/echo", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, code_of(answer)) == (400, "malformed_body")
    assert words in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["message 必须填写"]),
        ([], ["body 要是 JSON 对象，请求头要有 Content-Type: application/json"]),
        ({"message": "顾客的话" * 5}, ["message 太长，最多 10 个字"]),
        (
            {"message": 5, "tone": [], "facts": {"签收天数": "x"}},
            ["message 要是文字", "tone", "facts.签收天数 要是整数"],
        ),
    ],
)
def test_wrong_fields_are_named_but_not_repeated(open_door: Client, body: Any, fields: list[str]) -> None:
    answer = open_door.post("/api/v1/echo", json=body)
    assert (answer.status_code, code_of(answer)) == (422, "invalid_request")
    for field in fields:
        assert field in answer.json()["detail"]
    assert "顾客的话" not in answer.text


def test_a_body_of_another_type_is_refused(open_door: Client) -> None:
    answer = open_door.post(
        "/api/v1/echo", content=b'{"message": "hi"}', headers={"Content-Type": "text/plain"}
    )
    assert (answer.status_code, code_of(answer)) == (422, "invalid_request")


def test_big_bodies_are_refused_however_they_are_sent(open_door: Client) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(300):
            yield b" " * 1024

    headers = {"Content-Type": "application/json"}
    for content in (b" " * 300 * 1024, pieces()):
        answer = open_door.post("/api/v1/echo", content=content, headers=headers)
        assert (answer.status_code, code_of(answer)) == (413, "body_too_large")


def test_who_leaves_while_sending_is_counted_and_no_accident(
    open_door: Client, caplog: pytest.LogCaptureFixture
) -> None:
    coming: list[dict[str, Any]] = [{"type": "http.request", "body": b'{"mess', "more_body": True}]
    answered: list[Any] = []

    async def receive() -> dict[str, Any]:
        return coming.pop() if coming else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        answered.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/v1/echo",
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"127.0.0.1"), (b"content-type", b"application/json")],
    }
    with caplog.at_level(logging.WARNING):
        open_door.call(open_door.app, scope, receive, send)
    assert (answered, caplog.records) == ([], [])
    figures = open_door.get("/metrics").text
    assert 'huashu_problems_total{code="client_left"} 1.0' in figures
    assert 'status="5xx"' not in figures


def test_who_leaves_before_the_answer_is_no_accident_either(
    open_door: Client, caplog: pytest.LogCaptureFixture
) -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(_message: Any) -> None:
        raise RuntimeError("unable to perform operation on <TCPTransport closed=True>; the handler is closed")

    async def served() -> bool:
        await open_door.app(scope, receive, send)  # what uvicorn logs next, it logs in the same context
        return is_news(logging.makeLogRecord({}))

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/healthz",
        "query_string": b"",
        "root_path": "",
        "headers": [],
    }
    with caplog.at_level(logging.WARNING):
        assert not open_door.call(served)
    assert caplog.records == []
    assert is_news(logging.makeLogRecord({}))


@pytest.mark.parametrize(
    ("sent", "received"),
    [
        (r"\ud800", "\ufffd"),
        (r"a\udc00b", "a\ufffdb"),
        (r"\ud83d\ude00\ud83d", "😀\ufffd"),
        (r"\\ud800", r"\ud800"),
        (r"\u0000\u0001", "\ufffd\u0001"),
        (r"\u7f29\u6c34", "缩水"),
    ],
)
def test_half_characters_break_nothing(open_door: Client, sent: str, received: str) -> None:
    body = f'{{"message": "{sent}"}}'.encode()
    answer = open_door.post("/api/v1/echo", content=body, headers={"Content-Type": "application/json"})
    assert answer.json() == {"message": received}
    body = f'{{"message": "x", "facts": {{"{sent}": "x"}}}}'.encode()
    answer = open_door.post("/api/v1/echo", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422


def test_half_characters_in_bytes_break_nothing_and_other_encodings_are_refused(open_door: Client) -> None:
    headers = {"Content-Type": "application/json"}
    halves = '{"message": "缩\ud83d水\udc00 한"}'.encode("utf-8", errors="surrogatepass")
    answer = open_door.post("/api/v1/echo", content=halves, headers=headers)
    assert answer.json() == {"message": "缩\ufffd水\ufffd 한"}
    for encoding in ("utf-16", "utf-16-le", "utf-32"):
        other = r'{"message": "缩\ud83d水"}'.encode(encoding)
        answer = open_door.post("/api/v1/echo", content=other, headers=headers)
        assert (answer.status_code, code_of(answer)) == (400, "malformed_body")


def test_the_unexpected_is_logged_without_words_and_told_without_trace(
    open_door: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = open_door.get("/api/v1/fail")
    assert (answer.status_code, code_of(answer)) == (500, "internal")
    assert WORDS not in answer.text + caplog.text
    assert "RuntimeError" in caplog.text
    assert "in fail" in caplog.text
    page = open_door.get("/fail", headers=HTML)
    assert page.status_code == 500
    assert "话术助手出了意外" in page.text


def test_only_known_hosts_are_answered(tmp_path: Path) -> None:
    with running(make(tmp_path, auth="off", hosts="shop.example.com")) as client:
        for host in ("127.0.0.1:8000", "localhost", "[::1]:8000", "Shop.Example.com:443"):
            assert client.get("/", headers={"Host": host}).status_code == 200, host
        for host in ("evil.example.com", "127.0.0.1.evil.com", ""):
            answer = client.get("/api/v1/leads", headers={"Host": host})
            assert (answer.status_code, code_of(answer)) == (403, "not_allowed"), host


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": BASE_URL}, 200),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://behind.a.proxy"}, 200),
        ({"Origin": "http://127.0.0.1:9"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://[::1"}, 403),
        ({"Origin": "http://[nonsense]:8000"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Origin": BASE_URL}, 403),
    ],
)
def test_other_sites_cannot_write_through_a_browser(
    open_door: Client, headers: dict[str, str], status: int
) -> None:
    assert open_door.post("/api/v1/echo", json={"message": "x"}, headers=headers).status_code == status


def test_strangers_are_asked_to_sign_in(door: Client) -> None:
    answer = door.post("/api/v1/echo", json={"message": "x"})
    assert (answer.status_code, code_of(answer)) == (401, "sign_in_required")
    page = door.get("/", headers=HTML)
    assert page.status_code == 401
    assert "登录链接" in page.text
    assert door.get("/sign-in", headers=HTML).status_code == 200


def test_the_start_link_signs_in_at_once_and_only_once(door: Client) -> None:
    link = accounts.owner_link(database_of(door))
    answer = door.get(f"/sign-in/{link}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie
    assert door.get("/").status_code == 200
    again = door.get(f"/sign-in/{link}", headers=HTML)
    assert again.status_code == 401
    assert "已经用过了" in again.text


def test_a_sent_link_waits_for_a_click(door: Client) -> None:
    link = accounts.add_person(database_of(door), "小鱼", "agent", by="测试")
    for _ in range(2):
        page = door.get(f"/sign-in/{link}", headers=HTML)
        assert page.status_code == 200
        assert "小鱼" in page.text
        assert "set-cookie" not in page.headers
    assert door.post(f"/sign-in/{link}").status_code == 303
    assert door.post(f"/sign-in/{link}").status_code == 401


def test_over_https_the_cookie_is_secure(tmp_path: Path) -> None:
    with running(make(tmp_path), base_url="https://127.0.0.1:8000") as client:
        answer = client.get(f"/sign-in/{accounts.owner_link(database_of(client))}")
    assert "Secure" in answer.headers["set-cookie"]


def test_in_a_frame_of_another_site_the_cookie_is_kept_apart(tmp_path: Path) -> None:
    app = make(tmp_path, frame_ancestors="https://im.example.com")
    with running(app, base_url="https://127.0.0.1:8000") as client:
        link = accounts.owner_link(database_of(client))
        cookie = client.get(f"/sign-in/{link}").headers["set-cookie"]
        assert {"SameSite=none", "Secure", "HttpOnly", "Partitioned"} <= set(cookie.split("; "))
        token = accounts.csrf_token(client.cookies[COOKIE])
        gone = client.post("/sign-out", data={"csrf_token": token}).headers["set-cookie"]
        assert {"SameSite=none", "Secure", "Max-Age=0", "Partitioned"} <= set(gone.split("; "))


@pytest.mark.parametrize("ancestors", ["'none'", "'self'", ""])
def test_without_another_site_the_cookie_stays_with_ours(tmp_path: Path, ancestors: str) -> None:
    with running(make(tmp_path, frame_ancestors=ancestors), base_url="https://127.0.0.1:8000") as client:
        answer = client.get(f"/sign-in/{accounts.owner_link(database_of(client))}")
    assert "SameSite=lax" in answer.headers["set-cookie"]
    assert "Partitioned" not in answer.headers["set-cookie"]


def test_signing_in_goes_on_where_somebody_wanted_to_go(door: Client) -> None:
    """In a frame of a chat system the address says which channel it is for, and nobody can type it again."""
    page = door.get("/?channel=%E5%AE%98%E7%BD%91", headers=HTML)
    [way] = re.findall(r'href="(/sign-in[^"]*)"', page.text)
    form = door.get(html.unescape(way), headers=HTML).text
    [after] = re.findall(r'name="next" value="([^"]*)"', form)
    link = accounts.add_person(database_of(door), "小鱼", "agent", by="测试")
    pasted = door.post("/sign-in", data={"link": link, "next": html.unescape(after)})
    signed = door.post(pasted.headers["location"])
    assert (signed.status_code, signed.headers["location"]) == (303, "/?channel=%E5%AE%98%E7%BD%91")


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "/sign-out", "/a b", "/\n", "x", ""],
)
def test_signing_in_goes_nowhere_else(door: Client, wanted: str) -> None:
    link = accounts.add_person(database_of(door), "小鱼", "agent", by="测试")
    signed = door.post(f"/sign-in/{link}", params={"next": wanted})
    assert (signed.status_code, signed.headers["location"]) == (303, "/")


def test_a_link_can_be_pasted(door: Client) -> None:
    assert "/sign-in" in door.get("/", headers=HTML).text
    assert "登录链接" in door.get("/sign-in", headers=HTML).text
    link = accounts.owner_link(database_of(door))
    for pasted in (f" {BASE_URL}/sign-in/{link}\n", link):
        answer = door.post("/sign-in", data={"link": pasted})
        assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in/{link}")
    for wrong in ("", "x", "https://elsewhere.example.com/", f"{link}/../../y", "链" * 40):
        answer = door.post("/sign-in", data={"link": wrong})
        assert answer.status_code == 400
        assert "不像登录链接" in answer.text
    assert door.get(f"/sign-in/{link}").status_code == 303


def test_only_exact_origins_are_listened_to() -> None:
    named = "https://A.example.com:443/ 'self' https://*.x.com http://127.0.0.1:* http://h:80 http://b:8080 https:"
    found = Settings(frame_ancestors=named).frame_origins()
    assert found == ("https://a.example.com", "http://h", "http://b:8080")


def test_writing_needs_the_token_of_the_page(door: Client) -> None:
    headers = sign_in(door)
    assert door.post("/api/v1/echo", json={"message": "x"}, headers=headers).status_code == 200
    for wrong in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": accounts.csrf_token("other")}):
        answer = door.post("/api/v1/echo", json={"message": "x"}, headers=wrong)
        assert (answer.status_code, code_of(answer)) == (403, "csrf_failed")


def test_the_panel_carries_the_token(door: Client) -> None:
    token = sign_in(door)["X-CSRF-Token"]
    assert token in door.get("/").text


def test_the_way_out_is_on_the_page_only_when_signed_in(door: Client, open_door: Client) -> None:
    sign_in(door)
    assert 'action="/sign-out"' in door.get("/").text
    assert 'action="/sign-out"' not in open_door.get("/").text


def test_signing_out_with_a_form(door: Client) -> None:
    token = sign_in(door)["X-CSRF-Token"]
    cookie = door.cookies[COOKIE]
    assert door.post("/sign-out", data={"csrf_token": "wrong"}).status_code == 403
    assert door.post("/sign-out", data={"csrf_token": token}).headers["location"] == "/sign-in"
    assert COOKIE not in door.cookies
    assert door.get("/", headers={"Cookie": f"{COOKIE}={cookie}"}).status_code == 401


@pytest.mark.parametrize(
    ("role", "status"), [("agent", 403), ("trainer", 403), ("lead", 200), ("admin", 200)]
)
def test_roles_are_checked(door: Client, role: accounts.Role, status: int) -> None:
    sign_in(door, role)
    assert door.get("/api/v1/leads").status_code == status


def test_without_accounts_other_machines_get_the_command(tmp_path: Path) -> None:
    with running(make(tmp_path, host="0.0.0.0"), base_url="http://192.168.1.5:8000") as client:
        page = client.get("/", headers=HTML)
        assert page.status_code == 503
        assert "huashu user add" in page.text
        answer = client.get("/api/v1/leads")
        assert (answer.status_code, code_of(answer)) == (503, "no_accounts")
        assert client.get("/healthz").status_code == 200
        link = accounts.add_person(database_of(client), "甲", "admin", by="测试")
        assert client.get("/api/v1/leads").status_code == 401
        assert client.post(f"/sign-in/{link}").status_code == 303
        assert client.get("/api/v1/leads").status_code == 200


def test_a_start_link_does_not_sign_in_at_once_on_a_public_address(tmp_path: Path) -> None:
    with running(make(tmp_path, host="0.0.0.0"), base_url="http://192.168.1.5:8000") as client:
        link = accounts.owner_link(database_of(client))
        assert client.get(f"/sign-in/{link}").status_code == 200


def test_with_the_database_gone_reading_goes_on_and_writing_says_so(door: Client, tmp_path: Path) -> None:
    headers = sign_in(door)
    assert door.get("/").status_code == 200
    (tmp_path / "data" / "huashu.db").rename(tmp_path / "away.db")
    assert door.post("/api/v1/echo", json={"message": "x"}, headers=headers).status_code == 200
    answer = door.post("/sign-out", headers=headers)
    assert (answer.status_code, code_of(answer)) == (503, "store_unavailable")
    assert answer.headers["retry-after"] == "5"


def test_the_description_is_there_and_pages_from_elsewhere_are_not(open_door: Client) -> None:
    description = open_door.get("/api/openapi.json").json()
    assert "/healthz" in description["paths"]
    for method in description["paths"]["/api/v1/suggest"].values():
        assert "application/problem+json" in method["responses"]["default"]["content"]
        assert "422" not in method["responses"]
    assert open_door.get("/docs").status_code == 404
    assert open_door.get("/redoc").status_code == 404


def test_a_publish_is_served_soon(open_door: Client) -> None:
    database = database_of(open_door)
    publish(
        database,
        {**ENOUGH, "scripts_zh/shop.yaml": "name: 乙店\n"},
        author="测试",
        trainer=lambda _: b"model",
    )
    open_door.app.state.services.live.refresh()
    assert open_door.get("/readyz").json()["release"] == 2
