"""How a script will look in chat: rendered for sample customers, before anything of it is published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from app.content.shop import Shop
from app.content.template import Rendered, compile_template
from app.reply.render import shop_values, values_for
from app.types import Slot
from app.vocabulary import VARIABLES


@dataclass(frozen=True, slots=True)
class Sample:
    """A made-up customer. slots: what is known of them; facts: the 是/否 facts that hold."""

    id: str
    name: str
    slots: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, bool] = field(default_factory=dict)


SAMPLES: Final[tuple[Sample, ...]] = (
    Sample("new", "第一次来，什么都没说"),
    Sample(
        "known",
        "说了商品和尺码，有照片",
        {"商品": "米色毛衣", "尺码": "M", "颜色": "米色", "订单号": "112750068123"},
        {"有凭证": True, "订单已知": True},
    ),
    Sample(
        "washed",
        "洗过，吊牌剪了",
        {"商品": "牛仔裤", "身高": "165", "体重": "52 公斤"},
        {"洗过": True, "穿过": True, "有凭证": True},
    ),
    Sample(
        "filled",
        "空都填好了",
        {
            "商品": "羊毛大衣", "时限": "今天 18:00", "金额": "20", "优惠": "10 元券", "方案": "换一件新的",
            "原因": "这批扣子没钉牢", "日期": "11 月 28 日", "订单号": "112750068123", "快递单号": "SF1405",
            "尺码": "L", "颜色": "驼色", "数量": "1", "身高": "170", "体重": "60 公斤", "答句": "袖口不会勒手",
            "复述": "把价签剪掉",
        },
        {"有凭证": True, "订单已知": True},
    ),
)  # fmt: skip
_BY_ID: Final = {sample.id: sample for sample in SAMPLES}


def preview(bubbles: Sequence[Any], shop: Shop, sample: str = "new", agent: str = "") -> list[dict[str, Any]]:
    """Each bubble as {text, blanks: [{name, start, end}], error}; a bubble that cannot be shown has an error instead."""
    customer = _BY_ID.get(sample, SAMPLES[0])
    slots = [Slot(name, value, origin="typed") for name, value in customer.slots.items()]
    values = values_for(shop_values(shop), slots, agent)
    return [_shown(str(bubble), values, customer.facts) for bubble in bubbles]


def variables() -> list[dict[str, Any]]:
    """What may stand between {{ and }}: name, meaning, what shows when nothing is known (None: a blank to fill)."""
    return [
        {
            "name": variable.name,
            "meaning": variable.meaning,
            "default": variable.default,
            "origin": variable.origin,
            "shop_key": variable.shop_key,
        }
        for variable in VARIABLES.values()
    ]


def _shown(bubble: str, values: Mapping[str, str], facts: Mapping[str, bool]) -> dict[str, Any]:
    try:
        rendered: Rendered = compile_template(bubble).render(values, facts)
    except ValueError as error:
        return {"text": bubble, "blanks": [], "error": str(error)}
    blanks = [{"name": name, "start": start, "end": end} for name, start, end in rendered.blanks]
    return {"text": rendered.text, "blanks": blanks, "error": ""}
