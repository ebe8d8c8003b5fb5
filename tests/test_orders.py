"""Orders come from the shop's own hook: signed, in the background, kept for a minute, and never in a message's way."""

from __future__ import annotations

import base64
import importlib.util
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.orders import FAILURES, FRESH, REST, STALE, Orders, read_order
from app.outbound import Outbound, OutboundError, Reply, sign
from app.reply.order import Order
from tests.conftest import Client

SECRET = "whsec_" + base64.b64encode(b"a secret of the shop").decode()
NUMBER = "2026112200000001"
KEY = ("order_no", NUMBER)


class Hook(Outbound):
    """A hook without a network: answers what it is told to, and counts."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[Reply | OutboundError] = []
        self.asked: list[dict[str, Any]] = []

    def post(self, url: str, body: bytes, headers: Any, *, seconds: float) -> Reply:
        self.asked.append(json.loads(body))
        answer = self.answers[min(len(self.asked), len(self.answers)) - 1]
        if isinstance(answer, OutboundError):
            raise answer
        return answer


def replied(content: Any, status: int = 200) -> Reply:
    return Reply(status, json.dumps(content).encode())


def settled(orders: Orders, done: Callable[[Order], bool], key: tuple[str, str] = KEY) -> Order:
    """What `get` says once the background work that it started is over."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if done(found := orders.get(key)):
            return found
        threading.Event().wait(0.005)
    raise AssertionError(orders.get(key))


@pytest.fixture
def clock() -> list[float]:
    return [1000.0]


@pytest.fixture
def hook() -> Hook:
    return Hook()


@pytest.fixture
def orders(hook: Hook, clock: list[float]) -> Iterator[Orders]:
    made = Orders("https://shop.example/order", SECRET, hook, clock=lambda: clock[0])
    yield made
    made.stop()


def test_the_first_look_does_not_wait_and_the_next_knows(
    orders: Orders, hook: Hook, clock: list[float]
) -> None:
    hook.answers = [replied({"facts": {"订单状态": "已签收", "签收天数": 3}, "slots": {"尺码": "M"}})]
    assert orders.get(KEY, "会话一").state == "pending"
    found = settled(orders, lambda order: order.state == "known")
    assert found.facts == {"订单已知": "是", "订单状态": "已签收", "签收天数": 3}
    assert [(slot.name, slot.value, slot.origin) for slot in found.slots] == [("尺码", "M", "channel")]
    assert hook.asked == [{"order_no": NUMBER, "conversation_id": "会话一"}]
    orders.get(KEY)
    assert len(hook.asked) == 1


def test_an_old_answer_serves_while_it_is_fetched_anew(
    orders: Orders, hook: Hook, clock: list[float]
) -> None:
    hook.answers = [replied({"facts": {"签收天数": 3}}), replied({"facts": {"签收天数": 4}})]
    settled(orders, lambda order: order.state == "known")
    clock[0] += FRESH + 1
    assert orders.get(KEY).facts["签收天数"] == 3
    settled(orders, lambda order: order.facts.get("签收天数") == 4)
    hook.answers = [OutboundError("timeout")]
    clock[0] += STALE - 1
    assert orders.get(KEY).facts["签收天数"] == 4
    clock[0] += 2
    assert orders.get(KEY).state in ("pending", "failed")


def test_a_hook_that_keeps_failing_is_left_alone_for_a_while(
    orders: Orders, hook: Hook, clock: list[float]
) -> None:
    hook.answers = [OutboundError("unreachable")]
    for number in range(FAILURES):
        settled(orders, lambda order: order.state == "failed", ("order_no", str(number)))
    assert orders.get(("order_no", "another")).state == "failed"
    assert len(hook.asked) == FAILURES
    clock[0] += REST + 1
    hook.answers = [replied({"found": False})]
    assert settled(orders, lambda order: order.state == "unknown", ("order_no", "another")).slots == ()


@pytest.mark.parametrize(
    "reply", [Reply(200, b"<html>"), replied([1]), replied({}, 500), Reply(302, b""), replied("x")]
)
def test_answers_that_are_not_as_agreed_count_as_failures(orders: Orders, hook: Hook, reply: Reply) -> None:
    hook.answers = [reply]
    assert settled(orders, lambda order: order.state != "pending").state == "failed"


def test_what_is_not_in_the_vocabulary_is_passed_over() -> None:
    order = read_order(
        {
            "facts": {
                "订单状态": "飞了",
                "签收天数": "三",
                "洗过": True,
                "没有的": "x",
                "急用日期": "x" * 500,
            },
            "slots": {"尺码": " M ", "": "x", "长" * 30: "x", "数量": 2, "颜色": None, "商品": ["x"]},
        }
    )
    assert order.facts == {"订单已知": "是", "洗过": "是"}
    assert {slot.name: slot.value for slot in order.slots} == {"尺码": "M", "数量": "2"}
    assert read_order({"found": False}).state == "unknown"
    assert read_order({"facts": [], "slots": "x"}).state == "known"


def test_without_a_hook_nobody_is_asked(hook: Hook) -> None:
    assert Orders("", "", hook).of("会话一") is None
    look_up = Orders("https://shop.example", SECRET, hook).of("会话一")
    assert look_up is not None
    assert look_up("") is None


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Any, str]]:
    """The hook of docs/examples, running."""
    monkeypatch.setenv("ORDER_SECRET", SECRET)
    path = Path(__file__).parent.parent / "docs" / "examples" / "order_hook.py"
    spec = importlib.util.spec_from_file_location("order_hook", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with module.serve(0) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield module, f"http://127.0.0.1:{server.server_port}/order"
        server.shutdown()
        thread.join()


def test_the_example_answers_what_is_signed_and_nothing_else(example: tuple[Any, str]) -> None:
    module, url = example
    body = json.dumps({"order_no": NUMBER}).encode()
    signed = sign(SECRET, "msg_1", int(time.time()), body)
    reply = Outbound("127.0.0.1").post(url, body, signed, seconds=5)
    assert json.loads(reply.body)["facts"]["签收天数"] == 3
    assert not module.is_genuine(SECRET, signed, body + b" ")
    assert not module.is_genuine(SECRET, sign(SECRET, "msg_1", int(time.time()) - 1000, body), body)
    assert Outbound("127.0.0.1").post(url, body, {}, seconds=5).status == 401


def test_a_message_is_answered_at_once_and_knows_the_order_next_time(
    client: Client, example: tuple[Any, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Orders(example[1], SECRET, Outbound("127.0.0.1"))
    services = client.app.state.services
    object.__setattr__(services, "orders", real)
    try:
        message = {"message": f"订单号{NUMBER}，毛衣缩水了"}
        first = client.post("/api/v1/suggest", json=message).json()
        assert first["order"] == {"state": "pending"}
        assert first["suggestions"]
        settled(real, lambda order: order.state == "known")
        second = client.post("/api/v1/suggest", json=message).json()
        assert second["order"] == {"state": "known"}
        assert second["facts"]["订单状态"] == "已签收"
        assert second["facts"]["签收天数"] == 3
        assert second["facts"]["会员"] == "VIP"
        items = {item["id"]: item["status"] for item in second["evidence"]["items"]}
        assert (items["size"], items["received"]) == ("have", "have")
    finally:
        object.__setattr__(services, "orders", Orders("", "", Outbound()))
        real.stop()
