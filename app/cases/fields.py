"""The form of a case (顾客投诉登记表): its fields, their names on paper, and what may be written into them.

Source: the documents' complaint register (004.1f), the seven steps of handling (002.4), files kept (001.4).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from app.errors import InvalidRequest
from app.store.tables_cases import CaseStatus
from app.vocabulary import REMEDIES

STATUS_NAMES: Final[dict[CaseStatus, str]] = {
    "open": "新登记",
    "waiting_customer": "等顾客",
    "resolving": "处理中",
    "reopened": "重新打开",
    "closed": "已结案",
    "withdrawn": "已作废",
}
PARTIES: Final = ("店铺", "顾客", "快递", "不明")
CONFIRMATIONS: Final = ("满意", "接受", "不接受")
MAX_AMOUNT: Final = 1_000_000
_FIRST, _LAST = date(2000, 1, 1), date(2100, 1, 1)


def clean(text: str) -> str:
    """Without characters that neither a database nor a spreadsheet takes, and without space at the ends."""
    kept = (letter for letter in text if letter in "\n\t" or unicodedata.category(letter) not in ("Cc", "Cs"))
    return "".join(kept).strip()


def _known_remedy(value: str) -> str:
    if value not in REMEDIES:
        raise ValueError(f"没有「{value[:20]}」这种处理方案")
    return value


def _day(value: date) -> date:
    if not _FIRST <= value <= _LAST:
        raise ValueError("要在 2000 年到 2100 年之间")
    return value


def _moment(value: datetime) -> datetime:
    _day(value.date())
    return value.astimezone(UTC)


Words = Annotated[str, AfterValidator(clean), Field(max_length=200)]
Text = Annotated[str, AfterValidator(clean), Field(max_length=4000)]
Day = Annotated[date, AfterValidator(_day)]
Moment = Annotated[AwareDatetime, AfterValidator(_moment)]
Amount = Annotated[Decimal, Field(ge=0, le=MAX_AMOUNT, decimal_places=2, allow_inf_nan=False)]
Party = Literal["", "店铺", "顾客", "快递", "不明"]


class Remedy(BaseModel):
    """One thing done for the customer. amount: yuan."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Annotated[str, AfterValidator(_known_remedy), Field(description="处理方案")]
    amount: Annotated[Amount | None, Field(description="金额（元）")] = None
    freight: Annotated[Literal["", "店铺", "顾客", "快递"], Field(description="谁出运费")] = ""
    approved_by: Annotated[Words, Field(description="批准人")] = ""
    note: Annotated[Words, Field(description="补充说明")] = ""


class CaseFields(BaseModel):
    """The whole form. Empty text is what is not known."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    status: Annotated[
        CaseStatus,
        Field(
            description="状态：open 新登记、waiting_customer 等顾客、resolving 处理中、closed 已结案、reopened 重新打开、"
            "withdrawn 已作废（登记错了，用 withdraw 撤销的）"
        ),
    ] = "open"
    owner: Annotated[Words, Field(min_length=1, max_length=80, description="首诉负责人")]
    due_at: Annotated[Moment | None, Field(description="办结期限，带时区；从会话登记的默认 48 小时后")] = None
    customer: Annotated[Words, Field(description="顾客昵称或编号")] = ""
    contact: Annotated[Words, Field(description="联系方式（个人信息）")] = ""
    shop: Annotated[Words, Field(description="店铺 id；空为第一个店铺")] = ""
    platform: Annotated[Words, Field(description="平台，例如 淘宝")] = ""
    order_number: Annotated[Words, Field(max_length=100, description="订单号")] = ""
    product: Annotated[Words, Field(description="商品")] = ""
    colour: Annotated[Words, Field(description="颜色")] = ""
    size: Annotated[Words, Field(description="尺码")] = ""
    batch: Annotated[Words, Field(description="批次")] = ""
    quantity: Annotated[Words, Field(description="数量，文字")] = ""
    bought_on: Annotated[Day | None, Field(description="购买日期，2000 到 2100 年")] = None
    received_on: Annotated[Day | None, Field(description="签收日期，2000 到 2100 年")] = None
    courier: Annotated[Words, Field(description="快递公司")] = ""
    tracking_number: Annotated[Words, Field(description="快递单号（个人信息）")] = ""
    intents: Annotated[tuple[Words, ...], Field(max_length=20, description="意图 id")] = ()
    risks: Annotated[tuple[Words, ...], Field(max_length=20, description="风险意图 id")] = ()
    emotion: Annotated[int, Field(ge=0, le=3, description="情绪，0 平静到 3 激烈")] = 0
    description: Annotated[Text, Field(description="顾客说的经过（原话）")] = ""
    demanded: Annotated[Text, Field(description="顾客要求什么")] = ""
    facts: Annotated[
        dict[Words, Words | int],
        Field(max_length=40, description='已知情况，键是事实的名字，如 {"洗过": "是"}'),
    ] = {}
    responsibility: Annotated[Party, Field(description="责任在谁，空为还没定")] = ""
    responsibility_reason: Annotated[Text, Field(description="凭什么这样定责")] = ""
    loss: Annotated[Amount | None, Field(description="丢件、破损等的赔付金额（元）")] = None
    remedies: Annotated[tuple[Remedy, ...], Field(max_length=20, description="处理方案，可以几样一起")] = ()
    opinions: Annotated[Text, Field(description="处理意见")] = ""
    confirmation: Annotated[
        Literal["", "满意", "接受", "不接受"], Field(description="顾客认不认可，空为还没问")
    ] = ""
    confirmed_on: Annotated[Day | None, Field(description="顾客确认的日期")] = None
    confirmed_how: Annotated[Words, Field(description="怎么确认的，例如 电话")] = ""
    certificate: Annotated[Words, Field(description="平台举证编号")] = ""
    outcome: Annotated[Text, Field(description="处理结果；结案时必填")] = ""

    def stored(self) -> dict[str, Any]:
        """As JSON keeps it: days and moments as ISO 8601, amounts as text with two decimals."""
        return self.model_dump(mode="json")


NAMES: Final[dict[str, str]] = {
    "status": "状态",
    "owner": "首诉负责人",
    "due_at": "办结期限",
    "customer": "顾客",
    "contact": "联系方式",
    "shop": "店铺",
    "platform": "平台",
    "order_number": "订单号",
    "product": "商品",
    "colour": "颜色",
    "size": "尺码",
    "batch": "批次",
    "quantity": "数量",
    "bought_on": "购买日期",
    "received_on": "签收日期",
    "courier": "快递公司",
    "tracking_number": "快递单号",
    "intents": "投诉类别",
    "risks": "风险",
    "emotion": "情绪",
    "description": "事情经过",
    "demanded": "顾客要求",
    "facts": "已知情况",
    "responsibility": "责任",
    "responsibility_reason": "责任依据",
    "loss": "赔付金额",
    "remedies": "处理方案",
    "opinions": "处理意见",
    "confirmation": "顾客确认",
    "confirmed_on": "确认日期",
    "confirmed_how": "确认方式",
    "certificate": "平台举证编号",
    "outcome": "处理结果",
}
"""What each field is called on the form, in its order."""


def merged(current: Mapping[str, Any], changes: Mapping[str, Any]) -> CaseFields:
    """The form with some fields changed. Raises InvalidRequest naming the first field that cannot be so."""
    try:
        return CaseFields.model_validate({**current, **changes})
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0]) if first["loc"] else ""
        raise InvalidRequest(
            f"「{NAMES.get(field, field[:40])}」填得不对，请改一改再保存", field=field
        ) from error


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """[{field, before, after}] in the order of the form."""
    return [
        {"field": field, "before": before.get(field), "after": after[field]}
        for field in NAMES
        if before.get(field) != after[field]
    ]
