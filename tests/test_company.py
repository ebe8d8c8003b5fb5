"""Signing in with a company account, against a provider on this machine."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fake_provider import CLIENT, HOST, KEY, OTHER_KEY, SECRET, Provider, provider_running, unsigned
from fake_provider import with_public_key_as_secret as hmac_signed
from test_web_app import HTML, database_of, make

from app import accounts, company, oidc
from app.company import Company, company_of
from app.config import Settings
from app.errors import CompanySignInUnavailable, Conflict, NotAllowed, SignInRequired, UsageError
from app.store import audit, people
from app.store.database import Database
from app.store.people import Person
from app.web.company import COOKIE
from app.web.deps import COOKIE as SESSION
from tests.conftest import Client, running

REDIRECT = "https://huashu.example.com/sign-in/company/return"


@pytest.fixture
def provider() -> Iterator[Provider]:
    with provider_running() as running_provider:
        yield running_provider


def settings_of(provider: Provider, **given: Any) -> dict[str, Any]:
    return {
        "oidc_issuer": provider.issuer,
        "oidc_client_id": CLIENT,
        "oidc_client_secret": SECRET,
        "oidc_create": "on",
        "outbound_allow": HOST,
        **given,
    }


def opened(database: Database, provider: Provider, **given: Any) -> Company:
    made = company_of(database, Settings(**settings_of(provider, **given)))
    assert made is not None
    return made


def sign_in(made: Company, provider: Provider) -> str:
    """All the way there and back; the session token."""
    leaving = made.leave("", REDIRECT, "/desk")
    back = provider.authorise(leaving.address)
    assert made.returned(leaving.browser, back["state"]) == "/desk"
    return made.arrive(leaving.browser, back["state"], back["code"], REDIRECT)


def person_of(database: Database, session_token: str) -> Person:
    person = accounts.Sessions(database).person(session_token)
    assert person is not None
    return person


def log_of(database: Database) -> list[tuple[str, str]]:
    with database.read() as session:
        return [(entry.who, entry.what) for entry in audit.latest(session)]


def test_a_newcomer_gets_an_account_and_keeps_it(database: Database, provider: Provider) -> None:
    made = opened(database, provider)
    person = person_of(database, sign_in(made, provider))
    assert (person.name, person.role) == ("张三", "agent")
    provider.claims |= {"name": "张三丰", "preferred_username": "zsf"}
    assert person_of(database, sign_in(made, provider)) == person, "the subject says who it is"
    provider.claims |= {"sub": "s-2", "name": "张三"}
    assert person_of(database, sign_in(made, provider)).name == "张三（zsf）"
    assert log_of(database).count(("张三", "person.signed_in")) == 2
    assert log_of(database)[-1] == ("张三", "person.added")


def test_only_who_was_added_comes_in(database: Database, provider: Provider) -> None:
    made = opened(database, provider, oidc_create="off")
    accounts.add_person(database, "张三", "admin", by="甲")
    with pytest.raises(NotAllowed, match="zhangsan」还没有开通"):
        sign_in(made, provider)
    assert log_of(database)[0] == ("zhangsan", "person.refused")
    company.add_expected(database, "小张", "lead", provider.issuer, " zhangSAN ", by="甲")
    person = person_of(database, sign_in(made, provider))
    assert (person.name, person.role) == ("小张", "lead"), "the name alone opens nobody's account"
    provider.claims["sub"] = "another person, same name"
    with pytest.raises(NotAllowed):
        sign_in(made, provider)
    company.expect(database, provider.issuer, "小张", "zhangsan", by="甲")
    assert person_of(database, sign_in(made, provider)) == person, "once the administrator says so again"


def test_a_company_account_is_one_persons(database: Database, provider: Provider) -> None:
    company.add_expected(database, "小张", "agent", provider.issuer, "zhangsan", by="甲")
    with pytest.raises(Conflict, match="小张"):
        company.add_expected(database, "小王", "agent", provider.issuer, "zhangsan", by="甲")
    with database.read() as session:
        assert not people.is_taken(session, "小王"), "all or nothing"
    with pytest.raises(UsageError):
        company.expect(database, provider.issuer, "小张", "  ", by="甲")


def test_roles_follow_the_provider_at_every_sign_in(database: Database, provider: Provider) -> None:
    made = opened(
        database, provider, oidc_roles_claim="realm_access.roles", oidc_roles="店长=admin, 组长 = lead"
    )
    provider.claims["realm_access"] = {"roles": ["别的", "组长", "店长"]}
    first = sign_in(made, provider)
    assert person_of(database, first).role == "admin"
    provider.claims["realm_access"] = {"roles": ["组长"]}
    assert person_of(database, sign_in(made, provider)).role == "lead"
    assert person_of(database, first).role == "lead", "also where the person was signed in before"
    del provider.claims["realm_access"]
    assert person_of(database, sign_in(made, provider)).role == "agent"
    assert log_of(database).count(("张三", "person.role")) == 2
    strict = opened(
        database, provider, oidc_roles_claim="groups", oidc_roles="店长=admin", oidc_default_role="none"
    )
    with pytest.raises(NotAllowed, match="没有用话术助手的权限"):
        sign_in(strict, provider)
    provider.claims["groups"] = "店长"
    assert person_of(database, sign_in(strict, provider)).role == "admin"


def test_who_was_locked_out_stays_out(database: Database, provider: Provider) -> None:
    made = opened(database, provider)
    session_token = sign_in(made, provider)
    accounts.disable(database, "张三", by="甲")
    assert accounts.Sessions(database).person(session_token) is None
    with pytest.raises(NotAllowed, match="停用"):
        sign_in(made, provider)
    company.add_expected(database, "小李", "agent", provider.issuer, "lisi", by="甲")
    accounts.disable(database, "小李", by="甲")
    provider.claims |= {"sub": "s-9", "preferred_username": "lisi"}
    with pytest.raises(NotAllowed, match="停用"):
        sign_in(made, provider)


def test_a_session_ends_however_much_it_is_used(
    database: Database, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "_TOUCH_AFTER", timedelta(seconds=-1))
    made = opened(database, provider, oidc_hours=1)
    sessions = accounts.Sessions(database)
    token = sign_in(made, provider)
    assert sessions.person(token) is not None
    with database.read() as session:
        found = people.find_session(session, accounts._hash(token))
    assert found is not None
    assert found.expires_at == found.ends_at
    made.lifetime = timedelta(seconds=-1)
    assert sessions.person(sign_in(made, provider)) is None


def test_many_at_once_become_one_person(database: Database, provider: Provider) -> None:
    made = opened(database, provider)
    with ThreadPoolExecutor(4) as pool:
        tokens = list(pool.map(lambda _: sign_in(made, provider), range(4)))
    assert len({person_of(database, token).id for token in tokens}) == 1


FORGED: dict[str, Callable[[Provider, dict[str, Any]], str]] = {
    "nothing signed": lambda provider, claims: unsigned(claims),
    "nothing signed, said otherwise": lambda provider, claims: unsigned(claims, alg="RS256", kid="one"),
    "the public key as a secret": lambda provider, claims: hmac_signed(claims),
    "no token": lambda provider, claims: "x",
    "half a token": lambda provider, claims: provider.signed(claims["nonce"])[:-30],
    "other words": lambda provider, claims: _swapped(provider, claims),
}


def _swapped(provider: Provider, claims: dict[str, Any]) -> str:
    header, _, signature = provider.signed(claims["nonce"]).split(".")
    return f"{header}.{unsigned(claims).split('.')[1]}.{signature}"


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of an empty database, to be copied: making one takes longer than what most tests do with it."""
    file = tmp_path_factory.mktemp("empty") / "huashu.db"
    made = Database(file)
    made.upgrade()
    made.close()
    return file


@pytest.fixture
def embedded(empty: Path, tmp_path: Path) -> Iterator[Database]:
    made = Database(Path(shutil.copy(empty, tmp_path)))
    yield made
    made.close()


@pytest.mark.parametrize("kind", FORGED)
def test_forged_tokens_are_refused(embedded: Database, provider: Provider, kind: str) -> None:
    made = opened(embedded, provider)
    leaving = made.leave("", REDIRECT, "/")
    back = provider.authorise(leaving.address)
    now = int(time.time())
    claims = {"iss": provider.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "sub": "admin"}
    nonce = provider.codes[back["code"]]["nonce"]
    provider.token = FORGED[kind](provider, {**claims, "nonce": nonce, "preferred_username": "a"})
    with pytest.raises(SignInRequired, match="没有通过检查"):
        made.arrive(leaving.browser, back["state"], back["code"], REDIRECT)
    assert log_of(embedded) == []


@pytest.mark.parametrize(
    ("alter", "words"),
    [
        ({"nonce": "another"}, "没有通过检查"),
        ({"nonce": None}, "没有通过检查"),
        ({"nonce": 3}, "没有通过检查"),
        ({"aud": "another"}, "没有通过检查"),
        ({"aud": None}, "没有通过检查"),
        ({"aud": [CLIENT, "another"]}, "没有通过检查"),
        ({"aud": [CLIENT, "another"], "azp": "another"}, "没有通过检查"),
        ({"iss": "https://sso.example.com"}, "没有通过检查"),
        ({"sub": None}, "没有通过检查"),
        ({"sub": ""}, "没有通过检查"),
        ({"exp": None}, "没有通过检查"),
        ({"exp": float("nan")}, "没有通过检查"),
        ({"iat": "1"}, "没有通过检查"),
        ({"iat": timedelta(hours=-2), "exp": timedelta(minutes=-110)}, "差了约 2 小时"),
        ({"iat": timedelta(minutes=10), "exp": timedelta(minutes=15)}, "差了约 10 分钟"),
        ({"nbf": timedelta(minutes=10)}, "时间"),
        ({"preferred_username": None}, "没有设置好"),
        ({"preferred_username": ["a"]}, "没有设置好"),
        ({"preferred_username": "a\x00"}, "没有设置好"),
    ],
    ids=str,
)
def test_tokens_for_somebody_or_some_time_else_are_refused(
    embedded: Database, provider: Provider, alter: dict[str, Any], words: str
) -> None:
    now = int(time.time())
    provider.alter = {
        name: now + value.total_seconds() if isinstance(value, timedelta) else value
        for name, value in alter.items()
    }
    with pytest.raises(SignInRequired, match=words):
        sign_in(opened(embedded, provider), provider)
    assert log_of(embedded) == []


def test_clocks_may_differ_a_little(embedded: Database, provider: Provider) -> None:
    now = int(time.time())
    provider.alter = {"iat": now + 30, "exp": now - 30, "aud": [CLIENT, "x"], "azp": CLIENT}
    assert sign_in(opened(embedded, provider), provider)


def test_addresses_as_logins_must_be_verified(embedded: Database, provider: Provider) -> None:
    made = opened(embedded, provider, oidc_login_claim="email")
    provider.claims |= {"email": "a@example.com", "email_verified": False}
    with pytest.raises(SignInRequired):
        sign_in(made, provider)
    provider.claims["email_verified"] = True
    assert sign_in(made, provider)


def test_keys_may_change_but_not_to_any(embedded: Database, provider: Provider) -> None:
    made = opened(embedded, provider)
    sign_in(made, provider)
    provider.key = OTHER_KEY
    with pytest.raises(SignInRequired, match="没有通过检查"):
        sign_in(made, provider)
    provider.published = [KEY, OTHER_KEY]
    asked = len(provider.asked)
    assert sign_in(made, provider)
    assert provider.asked[asked:] == ["/realms/shop/token", "/realms/shop/certs"]
    assert sign_in(made, provider)
    assert provider.asked[-2:] == ["/realms/shop/certs", "/realms/shop/token"], "known from now on"


def test_each_state_is_good_once_and_for_one_browser(embedded: Database, provider: Provider) -> None:
    made = opened(embedded, provider)
    mine, theirs = made.leave("", REDIRECT, "/"), made.leave("", REDIRECT, "/")
    state = parse_qs(urlsplit(mine.address).query)["state"][0]
    for browser in ("", theirs.browser, "\ud800"):
        with pytest.raises(SignInRequired, match="再点一次"):
            made.returned(browser, state)
    assert made.returned(mine.browser, state) == "/"
    with pytest.raises(SignInRequired, match="再点一次"):
        made.returned(mine.browser, state)
    back = provider.authorise(mine.address)
    with pytest.raises(SignInRequired, match="再点一次"):
        made.arrive(theirs.browser, back["state"], back["code"], REDIRECT)
    with pytest.raises(SignInRequired, match="再点一次"):
        made.arrive(mine.browser, back["state"], "no such code", REDIRECT)


def test_a_trip_that_takes_too_long_is_over(
    embedded: Database, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = opened(embedded, provider)
    monkeypatch.setattr(company, "TRIP", timedelta(seconds=-1))
    leaving = made.leave("", REDIRECT, "/")
    with pytest.raises(SignInRequired):
        made.returned(leaving.browser, provider.authorise(leaving.address)["state"])


def test_two_tabs_of_a_browser_both_come_back(embedded: Database, provider: Provider) -> None:
    made = opened(embedded, provider)
    one = made.leave("", REDIRECT, "/")
    two = made.leave(one.browser, REDIRECT, "/")
    assert two.browser == one.browser
    for leaving in (one, two):
        back = provider.authorise(leaving.address)
        made.returned(leaving.browser, back["state"])
        assert made.arrive(leaving.browser, back["state"], back["code"], REDIRECT)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"issuer": "https://sso.example.com"}, "没有设置好"),
        ({"token_endpoint": None}, "没有设置好"),
        ({"token_endpoint": "http://sso.example.com/token"}, "没有设置好"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "没有设置好"),
    ],
)
def test_a_provider_that_says_nonsense(
    embedded: Database, provider: Provider, document: dict[str, Any], words: str
) -> None:
    provider.document = document
    with pytest.raises(CompanySignInUnavailable, match=words):
        opened(embedded, provider).leave("", REDIRECT, "/")


def test_a_client_the_provider_does_not_know(embedded: Database, provider: Provider) -> None:
    with pytest.raises(SignInRequired, match="没有设置好"):
        sign_in(opened(embedded, provider, oidc_client_secret="wrong"), provider)


def test_a_provider_that_is_away(embedded: Database, provider: Provider) -> None:
    made = opened(embedded, provider)
    provider.down = True
    for _ in range(3):
        with pytest.raises(CompanySignInUnavailable, match="连不上"):
            made.leave("", REDIRECT, "/")
    assert len(provider.asked) == 1, "it is left alone for a while"
    provider.down = False
    made = opened(embedded, provider)
    leaving = made.leave("", REDIRECT, "/")
    provider.down = True
    with pytest.raises(CompanySignInUnavailable, match="连不上"):
        made.arrive(leaving.browser, "state", "code", REDIRECT)


def test_a_provider_inside_has_to_be_listed(embedded: Database, provider: Provider) -> None:
    with pytest.raises(CompanySignInUnavailable, match="HUASHU_OUTBOUND_ALLOW"):
        opened(embedded, provider, outbound_allow="").leave("", REDIRECT, "/")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"oidc_issuer": "http://sso.example.com"}, "https"),
        ({"oidc_issuer": "sso.example.com"}, "https"),
        ({"oidc_issuer": "https://[::1"}, "https"),
        ({"oidc_client_id": ""}, "HUASHU_OIDC_CLIENT_ID"),
        ({"oidc_scopes": "profile"}, "openid"),
        ({"oidc_roles": "店长=boss"}, "店长=boss"),
        ({"oidc_roles": "admin"}, "admin"),
    ],
)
def test_settings_that_cannot_work_are_named_at_the_start(given: dict[str, str], words: str) -> None:
    whole = {"oidc_issuer": "https://sso.example.com/realms/shop", "oidc_client_id": CLIENT}
    assert oidc.provider_of(Settings(**whole)) is not None
    with pytest.raises(UsageError, match=words):
        oidc.provider_of(Settings(**{**whole, **given}))


def test_without_the_library_the_start_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oidc, "find_spec", lambda _: None)
    assert oidc.provider_of(Settings()) is None
    with pytest.raises(UsageError, match=re.escape("pip install 'huashu[oidc]'")):
        oidc.provider_of(Settings(oidc_issuer="https://sso.example.com", oidc_client_id=CLIENT))


@pytest.fixture
def door(tmp_path: Path, provider: Provider) -> Iterator[Client]:
    """An application that takes company accounts."""
    with running(make(tmp_path, **settings_of(provider))) as client:
        yield client


def test_in_a_browser_there_and_back(door: Client, provider: Provider) -> None:
    page = door.get("/sign-in", params={"next": "/desk?a=1"}, headers=HTML).text
    [way] = re.findall(r'href="(/sign-in/company[^"]*)"', page)
    gone = door.get(way)
    assert gone.status_code == 303
    cookie = gone.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=lax", "Path=/sign-in/company"} <= set(cookie.split("; "))
    back = door.get("/sign-in/company/return", params=provider.authorise(gone.headers["location"]))
    assert (back.status_code, back.headers["location"]) == (303, "/desk?a=1")
    assert "HttpOnly" in back.headers["set-cookie"]
    assert "Max-Age=43200" in back.headers["set-cookie"]
    assert door.get("/").status_code == 200


@pytest.mark.parametrize(
    "wanted", ["//evil.example.com", "https://evil.example.com", "/\\evil", "/sign-in/x"]
)
def test_nobody_is_sent_elsewhere_afterwards(door: Client, provider: Provider, wanted: str) -> None:
    gone = door.get("/sign-in/company", params={"next": wanted})
    back = door.get("/sign-in/company/return", params=provider.authorise(gone.headers["location"]))
    assert back.headers["location"] == "/"


def test_another_browser_cannot_be_signed_in(door: Client, provider: Provider) -> None:
    gone = door.get("/sign-in/company")
    back = provider.authorise(gone.headers["location"])
    door.cookies.clear()
    refused = door.get("/sign-in/company/return", params=back, headers=HTML)
    assert refused.status_code == 401
    assert "再点一次" in refused.text
    assert SESSION not in door.cookies
    assert "set-cookie" not in refused.headers


def test_who_is_refused_there_can_still_use_a_link(door: Client, provider: Provider) -> None:
    gone = door.get("/sign-in/company", params={"next": "/desk"})
    state = provider.authorise(gone.headers["location"])["state"]
    page = door.get("/sign-in/company/return", params={"error": "access_denied<b>", "state": state})
    assert page.status_code == 401
    assert "没有登录成" in page.text
    assert "access_denied" not in page.text
    assert 'value="/desk"' in page.text
    mixed = door.get("/sign-in/company", params={"next": "/desk"})
    back = {**provider.authorise(mixed.headers["location"]), "iss": "https://another.example.com"}
    assert door.get("/sign-in/company/return", params=back).status_code == 401


def test_an_outage_leaves_links_alone(door: Client, provider: Provider) -> None:
    provider.down = True
    away = door.get("/sign-in/company", headers=HTML)
    assert (away.status_code, away.headers["retry-after"]) == (503, "5")
    assert "连不上公司账号系统" in away.text
    link = accounts.owner_link(database_of(door))
    assert door.get(f"/sign-in/{link}").status_code == 303


def test_who_opened_it_under_another_name_leaves_from_the_right_one(
    tmp_path: Path, provider: Provider
) -> None:
    app = make(tmp_path, **settings_of(provider, url="https://huashu.example.com/"))
    with running(app) as client:
        moved = client.get("/sign-in/company", params={"next": "/desk"}).headers["location"]
        assert moved == "https://huashu.example.com/sign-in/company?next=%2Fdesk&moved=1"
        gone = client.get("/sign-in/company?next=%2Fdesk&moved=1").headers["location"]
        assert parse_qs(urlsplit(gone).query)["redirect_uri"] == [REDIRECT]


def test_in_a_frame_and_without_a_provider_it_is_not_offered(door: Client, tmp_path: Path) -> None:
    assert "公司账号" not in door.get("/sign-in", headers={"Sec-Fetch-Dest": "iframe"}).text
    with running(make(tmp_path / "without")) as client:
        assert "公司账号" not in client.get("/sign-in").text
        assert client.get("/sign-in/company").status_code == 404
        assert client.get("/sign-in/company/return").status_code == 404
    assert COOKIE != SESSION


def test_an_administrator_says_whose_a_company_account_is(door: Client, provider: Provider) -> None:
    database = database_of(door)
    session = accounts.redeem(database, accounts.add_person(database, "店长", "admin", by="甲"))
    door.cookies.set(SESSION, session)
    form = {"csrf_token": accounts.csrf_token(session)}
    added = door.post("/access/people", data={**form, "name": "小张", "role": "lead", "login": "zhangsan"})
    assert added.status_code == 200
    assert "zhangsan" in added.text
    taken = door.post("/access/people/company", data={**form, "name": "店长", "login": "zhangsan"})
    assert (taken.status_code, "已经是「小张」的了" in taken.text) == (409, True)
    kept = door.post("/access/people/company", data={**form, "name": "小张", "login": "zhang.san"})
    assert kept.status_code == 200
    assert "设公司账号" in kept.text
