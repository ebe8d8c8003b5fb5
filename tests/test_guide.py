"""What stands beside the scripts: what to ask, what to do and avoid, cards, rules, deadlines."""

from __future__ import annotations

from datetime import UTC, datetime

from app.assist import SuggestRequest
from app.types import Guidance
from tests.sample import assistant

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def guidance(message: str, **facts: str | int) -> Guidance:
    return assistant().suggest(SuggestRequest(message, facts=facts), now=NOW).guidance


def test_asks_only_what_is_missing() -> None:
    assert guidance("缩水了").ask == (("洗过", "怎么洗的"), ("照片", "平铺照"))
    assert guidance("缩水了，机洗的").ask == (("照片", "平铺照"),)
    assert guidance("缩水了", 洗过="是", 有凭证="是").ask == ()


def test_do_and_dont() -> None:
    found = guidance("缩水了，我打12315")
    assert set(found.do) == {"先问怎么洗的", "十分钟内告诉主管"}
    assert set(found.dont) == {"没检测不说正常", "别争辩"}


def test_cards_by_region() -> None:
    assert [card.id for card in guidance("缩水").cards] == ["apparel.wool_care", "common.law"]
    for region in ("台湾", "香港"):
        assert [card.id for card in guidance("缩水", 地区=region).cards] == ["apparel.wool_care"]
    assert [card.id for card in guidance("縮水了").cards] == ["apparel.wool_care"]


def test_the_rule_that_holds() -> None:
    (rule,) = guidance("缩水", 责任="店铺").rules
    assert rule.id == "shop_fault"
    assert rule.reason == "质量问题由店铺承担来回运费。"
    assert rule.outcome == ("依次给：退货退款、换货", "运费我们出", "核实照片", "客服可以直接定")


def test_responsibility_nobody_settled_is_unclear() -> None:
    (rule,) = guidance("缩水").rules
    assert rule.id == "unclear"
    assert "要主管同意" in rule.outcome


def test_rules_of_every_intent() -> None:
    assert {rule.id for rule in guidance("缩水还发错了", 责任="店铺").rules} == {"shop_fault", "wrong_goods"}


def test_deadlines_in_the_shops_time() -> None:
    found = {deadline.text: deadline.due_at for deadline in guidance("缩水", 责任="店铺").deadlines}
    assert found == {
        "48 小时内给结果": "2026-11-24T18:00:00+08:00",
        "5 个工作日内退款": "2026-11-27T23:59:59+08:00",
    }


def test_nothing_for_nothing() -> None:
    assert guidance("啊") == Guidance()
