"""What agents' words promise, until when, and whether they may."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.nlu.text import normalise
from app.reply.promise_check import due_of, objection
from app.reply.promises import Promise, find_promises
from app.reply.workdays import Workdays
from tests.sample import content

ZONE = ZoneInfo("Asia/Shanghai")
FRIDAY = datetime(2026, 11, 20, 14, 20, tzinfo=ZONE)


def found(text: str) -> list[Promise]:
    return list(find_promises(normalise(text)))


def shop(**changes: object):  # type: ignore[no-untyped-def]
    return content().shop.model_copy(update=changes)


def due(text: str, sent: datetime = FRIDAY, **changes: object) -> str | None:
    [promise] = found(text)
    moment = due_of(promise, sent, shop(**changes))
    return None if moment is None else f"{moment.at:%m-%d %H:%M}" + ("" if moment.sure else " 约")


@pytest.mark.parametrize(
    ("text", "kind", "by", "amount"),
    [
        ("亲，今天给您发出去", "dispatch", "今天", None),
        ("48 小时内给您退款", "refund", "48 小时内", None),
        ("补您 20 元", "compensate", None, 20.0),
        ("明天给您回电", "reply", "明天", None),
        ("今天 18:00 前回您", "reply", "今天 18:00 前", None),
        ("3 个工作日到账", "refund", "3 个工作日", None),
        ("月底前给您补发一件", "resend", "月底前", None),
        ("下周一给您换一件新的", "exchange", "下周一", None),
        ("周五上门取件", "pickup", "周五", None),
        ("我去问仓库，明天上午给您答复", "reply", "明天上午", None),
        ("给您补偿15元，今天到账", "compensate", "今天", 15.0),
        ("为您申请了20元补偿，24小时内到账", "compensate", "24小时内", 20.0),
        ("马上给您补发一件", "resend", "马上", None),
        ("这就给您安排退款，最晚后天到账", "refund", "后天", None),
        ("明天上午10点前，我给您回电", "reply", "明天上午10点前", None),
        ("您放心，保证今天给您发货", "dispatch", "今天", None),
        ("财务说周三前打款", "refund", "周三前", None),
        ("您补的差价30元今天退给您", "refund", "今天", 30.0),
        ("不会再拖了，今天下班前给您准信", "reply", "今天下班前", None),
        ("今天給您發出", "dispatch", "今天", None),
        ("看能不能给您争取点什么，今天 18:00前告诉您", "reply", "今天 18:00前", None),
        ("我将于今天18:00前主动联系您，不论是否已有结果", "reply", "今天18:00前", None),
        ("今天18:00前给您准话", "reply", "今天18:00前", None),
        ("今天18:00前回您，哪怕没办完，也告诉您还差什么。", "reply", "今天18:00前", None),
        ("现予补办，今天18:00前完成", "other", "今天18:00前", None),
        ("〔时限〕前给您回话", "reply", "〔时限〕前", None),
    ],
)
def test_a_promise(text: str, kind: str, by: str | None, amount: float | None) -> None:
    [promise] = found(text)
    assert (promise.kind, promise.by, promise.amount, promise.condition) == (kind, by, amount, None)
    assert text[promise.start : promise.end] == promise.text


@pytest.mark.parametrize(
    "text",
    [
        "不能保证今天发",
        "这件今天发不了",
        "尽量今天给您发",
        "已经给您退了",
        "今天已经发出了",
        "您今天寄回就行",
        "麻烦您48小时内提交申请",
        "您签收后7天内可以申请退货",
        "您看给您补偿20元行吗",
        "可以给您换货或者退款，您看哪种方便",
        "一般48小时内发货",
        "支持7天无理由退货",
        "15天内可以换货",
        "快递单号SF1234567890123，明天到",
        "退货运费险会在72小时内赔付到您支付宝",
        "麻烦拍张照片给我看看",
        "我们会尽快处理",
        "有一点进展就发您一条",
        "看明白了一五一十告诉您",
        "如有疑问请随时告知",
        "",
    ],
)
def test_no_promise(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "condition", "waits"),
    [
        ("收到退货后 48 小时内退款", "收到退货后", True),
        ("付款后48小时内发货", "付款后", True),
        ("您寄回来，我们收到当天给您退款", "我们收到", True),
        ("如果今天没发，我给您补10元", "如果今天没发", True),
        ("质检后今天18:00前给您结果", "质检后", False),
    ],
)
def test_conditions(text: str, condition: str, waits: bool) -> None:
    [promise] = found(text)
    assert (promise.condition, promise.waits) == (condition, waits)


def test_several_in_one_message() -> None:
    text = "实在抱歉，今天仓库爆单，明天中午12点前一定给您发出，再补您5元红包。48小时内没到账您找我"
    assert [(one.kind, one.by, one.amount) for one in found(text)] == [
        ("dispatch", "明天中午12点前", None),
        ("compensate", None, 5.0),
    ]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("今天发出", "11-20 23:59"),
        ("今晚8点前发出", "11-20 20:00"),
        ("晚上12点前发出", "11-20 23:59"),
        ("48小时内退款", "11-22 14:20"),
        ("一个半小时内回您", "11-20 15:50"),
        ("三个工作日内退款", "11-25 23:59"),
        ("1到2个工作日退款到账", "11-24 23:59"),
        ("六点前回您", "11-20 18:00"),
        ("10:30 前回您", "11-21 10:30"),
        ("明天5点回您", "11-21 17:00"),
        ("周五下午三点半回您", "11-20 15:30"),
        ("下周一前回您", "11-23 23:59"),
        ("25日前退款", "11-25 23:59"),
        ("12月1日前退款", "12-01 23:59"),
        ("月底前退款", "11-30 23:59"),
        ("下个月底退款", "12-31 23:59"),
        ("今天下班前回您", "11-20 22:00"),
        ("预计明天发货", "11-21 23:59 约"),
        ("两三天给您退款", "11-23 23:59 约"),
        ("尽快给您退款", None),
        ("收到退货后48小时内退款", None),
    ],
)
def test_until_when(text: str, moment: str | None) -> None:
    assert due(text, hours="每天 9:00–22:00") == moment


def test_working_days_know_the_published_calendar_and_the_shops_own() -> None:
    thursday = datetime(
        2026, 9, 17, 10, 0, tzinfo=ZONE
    )  # the Sunday after it is a working day (holiday of October)
    assert due("2个工作日退款", thursday) == "09-20 23:59"
    assert due("2个工作日退款", thursday, holidays=(date(2026, 9, 20),)) == "09-21 23:59"
    assert due("2个工作日退款", thursday, workdays=(date(2026, 9, 19),)) == "09-19 23:59"


def test_a_year_without_a_calendar_is_approximate() -> None:
    before = datetime(
        2027, 2, 4, 10, 0, tzinfo=ZONE
    )  # New Year's Eve is 5 February, and the fourth day is a Tuesday
    at, sure = Workdays().after(before, 1)
    assert (at.date(), sure) == (date(2027, 2, 9), False)
    assert due("1个工作日退款", before) == "02-09 23:59 约"
    assert Workdays().after(datetime(2060, 1, 1, tzinfo=ZONE), 400)[1] is False


@pytest.mark.parametrize(
    ("text", "role", "verdict"),
    [
        ("今天给您发出", "agent", "earlier_than_policy"),
        ("今天给您发出", "lead", None),
        ("48小时内发货", "agent", None),
        ("5天内给您发货", "lead", "later_than_policy"),
        ("收到退货后10天内退款", "admin", "later_than_policy"),
        ("收到退货后3个工作日退款", "agent", "later_than_policy"),
        ("收到退货后1到2个工作日退款", "agent", None),
        ("今天10点前给您回话", "agent", None),
        ("今天上午给您回话", "agent", "already_past"),
    ],
)
def test_against_the_policy(text: str, role: str, verdict: str | None) -> None:
    [promise] = found(text)
    objected = objection(promise, FRIDAY, shop(), role)  # type: ignore[arg-type]
    assert (objected.verdict if objected is not None else None) == verdict
    assert objected is None or objected.reason


@settings(deadline=None, max_examples=150)
@given(
    st.text(
        alphabet="今明后天上下午晚点半前内小时个工作日周月底号年退款补发回您给我48:,，。！收到如果不能0123456789零一两三十百万〔〕时限 😊",
        max_size=50,
    )
)
def test_any_text(text: str) -> None:
    for one in found(text):
        assert text[one.start : one.end] == one.text
        moment = due_of(one, FRIDAY, shop())
        assert moment is None or moment.at.tzinfo is not None
