"""What the panel needs in WeCom's chat toolbar: a signature for our own pages, and for no others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.channels import manage
from app.channels.wecom import crypto
from app.errors import InvalidRequest
from app.web.toolbar import own_page
from tests.conftest import Client
from tests.fake_platform import Platform, platform
from tests.test_channel_wecom import CORP, KEY, TOKEN
from tests.test_channels import add, services_of

pytestmark = pytest.mark.usefixtures("by_hand", "allow_local")

OURS = "https://huashu.example.com"
PATH = "/api/v1/channels/客服/page-signature"
COMPANY, APP = "/cgi-bin/get_jsapi_ticket", "/cgi-bin/ticket/get"


@pytest.fixture(autouse=True)
def _ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUASHU_URL", f"{OURS}/")


@pytest.fixture
def there() -> Iterator[Platform]:
    with platform() as server:
        server.answers[TOKEN] = [(200, {"errcode": 0, "access_token": "t-1", "expires_in": 7200})]
        server.answers[COMPANY] = [(200, {"errcode": 0, "ticket": "company", "expires_in": 7200})]
        server.answers[APP] = [(200, {"errcode": 0, "ticket": "app", "expires_in": 7200})]
        yield server


def add_wecom(client: Client, there: Platform, **more: str) -> None:
    options = {"corp_id": CORP, "token": "QDG6eK", "corp_secret": "s", "url": there.url}
    add(client, "客服", kind="wecom", secret=KEY, **options, **more)


def test_our_page_is_signed_with_tickets_asked_for_once(lite: Client, there: Platform) -> None:
    add_wecom(lite, there, agent_id="1000002")
    page = f"{OURS}/?channel=x"
    for _ in range(2):
        answer = lite.get(PATH, params={"url": f"{page}#part"})
        assert answer.status_code == 200, answer.text
        told = answer.json()
        assert (told["corp_id"], told["agent_id"]) == (CORP, "1000002")
        for ticket, name in (("company", "config_signature"), ("app", "agent_config_signature")):
            expected = crypto.page_signature(ticket, told["nonce"], told["timestamp"], page)
            assert told[name] == expected
    assert [path for path, _ in there.asked] == [TOKEN, COMPANY, APP]


def test_a_token_that_ran_out_is_renewed(lite: Client, there: Platform) -> None:
    there.answers[COMPANY].insert(0, (200, {"errcode": 42001}))
    add_wecom(lite, there, agent_id="1000002")
    assert lite.get(PATH, params={"url": f"{OURS}/"}).status_code == 200
    assert len(there.bodies(TOKEN)) == 2


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://elsewhere.example.com/",
        "http://huashu.example.com/",
        f"{OURS}.elsewhere.com/",
        f"{OURS}@elsewhere.com/",
        f"{OURS}:444/",
        f"{OURS}/a b",
        f"{OURS}/\\elsewhere.com",
        f"{OURS}/话术",
        "javascript:1",
    ],
)
def test_no_other_page_is_signed(url: str) -> None:
    with pytest.raises(InvalidRequest):
        own_page(url, f"{OURS}/")


def test_without_an_address_of_our_own_nothing_is_signed() -> None:
    with pytest.raises(InvalidRequest, match="HUASHU_URL"):
        own_page(f"{OURS}/", "")


def test_what_is_missing_is_told(lite: Client, there: Platform) -> None:
    page = {"url": f"{OURS}/"}
    assert lite.get(PATH, params=page).status_code == 404
    add_wecom(lite, there)
    answer = lite.get(PATH, params=page)
    assert (answer.status_code, "AgentId" in answer.json()["detail"]) == (422, True)
    assert lite.get(PATH).status_code == 422
    assert lite.get(PATH, params={"url": f"{OURS}/{'x' * 2000}"}).status_code == 422
    assert lite.get(PATH, params={"url": "https://elsewhere.example.com/"}).status_code == 422
    add(lite)
    assert lite.get(PATH.replace("客服", "自家商城"), params=page).status_code == 404
    assert there.asked == []


def test_when_wecom_refuses_and_who_may_ask(lite: Client, there: Platform) -> None:
    there.answers[APP] = [(200, {"errcode": 60011}), (200, {"errcode": 0, "ticket": "app", "expires_in": 1})]
    add_wecom(lite, there, agent_id="1000002")
    answer = lite.get(PATH, params={"url": OURS})
    assert (answer.status_code, answer.json()["code"]) == (503, "platform_unavailable")
    assert lite.get(PATH, params={"url": OURS}).status_code == 200
    manage.change(services_of(lite).database, "客服", by="测试", people=["阿May"])
    assert lite.get(PATH, params={"url": OURS}).status_code == 403
