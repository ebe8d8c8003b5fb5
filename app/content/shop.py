"""scripts_zh/shop.yaml: who the shop is, what it promises, who may grant how much."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError, field_validator, model_validator

from app.content.fields import ID, Base, Tone
from app.vocabulary import FACTS

UNNAMED: Final = "本店"
"""What a shop is called until it says its name."""
_HOURS = re.compile(r"(\d{1,2})[:：](\d{2})\s*[-–—~～至到]+\s*(\d{1,2})[:：](\d{2})")


class Policy(Base):
    """What the shop promises. Days are whole days; texts are shown to customers as they stand.

    clocks: times of its own by the name of the clock in clocks.yaml.
    """

    return_days: Annotated[int, Field(ge=7, le=365)] = 7
    exchange_days: Annotated[int, Field(ge=7, le=365)] = 15
    price_protect_days: Annotated[int, Field(ge=0, le=365)] = 7
    dispatch: str = "48 小时内"
    refund: str = "收到退货后 1 到 2 个工作日"
    courier: str = "快递"
    return_address: str = ""
    clocks: dict[str, str] = {}


class Product(Base):
    """A product as releases of old wrote it into shop.yaml. Nothing reads it: products come from the page 「商品」."""

    id: str
    name: str
    link: str = ""
    fabric: str = ""
    care: str = ""


class Shop(Base):
    """Who the shop is and what it promises. authority: yuan each role may grant without asking. limits: by fabric or product.

    time_zone: IANA name; hours: as customers are told; holidays, workdays: besides the weekends and public holidays.
    """

    id: ID = "main"
    name: Annotated[str, Field(min_length=1, max_length=40)] = UNNAMED
    platform: str = "淘宝"
    address: str = ""
    hours: str = ""
    phone: str = ""
    time_zone: str = "Asia/Shanghai"
    customer_title: str = "亲"
    agent_title: str = "客服"
    lead_title: str = "店长"
    tone: Tone = "亲切"
    policy: Policy = Policy()
    authority: dict[Literal["agent", "lead", "admin"], int] = {"agent": 20, "lead": 200, "admin": 1000}
    limits: dict[str, str] = {}
    products: tuple[Product, ...] = ()
    holidays: tuple[date, ...] = ()
    workdays: tuple[date, ...] = ()

    @field_validator("platform")
    @classmethod
    def _platform(cls, value: str) -> str:
        if value not in FACTS["平台"]:
            raise ValueError(f"平台只能是{'、'.join(FACTS['平台'])}")
        return value

    @field_validator("time_zone")
    @classmethod
    def _time_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"没有「{value[:40]}」这个时区，要写成 Asia/Shanghai 这样") from error
        return value

    @property
    def opening(self) -> tuple[int, int] | None:
        """The daily hours as minutes of the day, (540, 1320) for 「每天 9:00–22:00」; None when they tell none."""
        found = _HOURS.search(self.hours)
        if found is None:
            return None
        start, end = (int(found[i]) * 60 + int(found[i + 1]) for i in (1, 3))
        return (start, end) if 0 <= start < end <= 24 * 60 else None

    def value(self, key: str) -> str:
        """The text of a shop value such as "name" or "policy.return_days"; empty when not filled in."""
        found: Any = self
        for part in key.split("."):
            found = getattr(found, part)
        return str(found)


class ShopFile(Shop):
    """scripts_zh/shop.yaml: the first shop, and `others` that differ from it in the keys they give."""

    others: tuple[dict[str, Any], ...] = ()

    @model_validator(mode="after")
    def _others_are_shops(self) -> ShopFile:
        try:
            self.shops()
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(map(str, first["loc"]))
            reason = first.get("ctx", {}).get("error", f"「{key}」的内容不对")
            raise ValueError(f"others 里的店铺：{reason}") from error
        return self

    def shops(self) -> tuple[Shop, ...]:
        """The first shop, then the others completed with its values. Raises ValidationError for one that cannot be."""
        own = {name: getattr(self, name) for name in Shop.model_fields}
        return (Shop(**own), *(Shop.model_validate({**own, **other}) for other in self.others))
