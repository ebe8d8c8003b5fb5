"""The registers: views over the cases, and what people do in them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.assist import Assistant
from app.errors import Conflict, InvalidRequest, NotFound
from app.registers import Registers, next_noon, paid, parcel_kind
from app.store import audit
from app.store.cases import CaseQuery
from app.store.database import Database
from app.web.register_tabs import TABS
from app.web.registers import TITLES
from tests.conftest import Client, running
from tests.test_cases import ANNA, BELLA, blank, opened, say, sheet
from tests.test_web_app import make, sign_in

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime.now(UTC)


@pytest.fixture
def registers(database: Database) -> Registers:
    return Registers(database)


@pytest.fixture(scope="module")
def assistant(client: Client) -> Assistant:
    found: Assistant = client.app.state.services.live.current
    return found


def test_parcels_are_summed(database: Database, registers: Registers) -> None:
    blank(database, intents=["delivery_failed"], loss="88.50")
    remedies = [{"kind": "部分退款", "amount": "10"}, {"kind": "补发"}]
    blank(database, intents=["package_damaged"], remedies=remedies)
    blank(database, intents=["damage"], responsibility="快递")
    blank(database, intents=["damage"], responsibility="店铺")
    found = registers.parcels(CaseQuery())
    assert [(line.kind, line.amount) for line in found] == [
        ("丢件", Decimal("88.50")),
        ("破损", Decimal(10)),
        ("破损", Decimal(0)),
    ]
    later = CaseQuery(since=NOW + timedelta(days=1))
    assert registers.parcels(later) == []


def test_no_parcel() -> None:
    assert parcel_kind({"intents": ["shrinkage"], "responsibility": ""}) == ""


def test_wrong_shipments(database: Database, registers: Registers) -> None:
    case = blank(database, intents=["wrong_item"], shop="main")
    blank(database, intents=["shrinkage"])
    assert [one.id for one in registers.wrong(CaseQuery(shop="main"))] == [case.id]
    assert paid(case) == 0


@pytest.mark.parametrize(
    ("left", "due"),
    [
        ("2026-03-01T22:30", "2026-03-02T12:00"),
        ("2026-03-01T02:00", "2026-03-01T12:00"),
        ("2026-03-01T11:00", "2026-03-02T12:00"),
        ("2026-12-31T23:00", "2027-01-01T12:00"),
    ],
)
def test_what_the_night_left_is_due_at_noon(left: str, due: str) -> None:
    at = datetime.fromisoformat(left).replace(tzinfo=SHANGHAI)
    assert next_noon(at.astimezone(UTC), SHANGHAI).strftime("%Y-%m-%dT%H:%M") == due


def test_a_handover_is_taken_and_done_once(
    database: Database, registers: Registers, assistant: Assistant
) -> None:
    case = blank(database, customer="阿May", product="毛衣", intents=["shrinkage"])
    left = registers.leave(assistant, "", "", case.id, ANNA)
    assert left is not None
    assert left.text == "阿May，毛衣，缩水"
    assert registers.leave(assistant, "", "", case.id, BELLA) is None, "the case waits there already"
    with pytest.raises(InvalidRequest):
        registers.leave(assistant, "", " \n", None, ANNA)
    with pytest.raises(NotFound):
        registers.leave(assistant, "", "", 999, ANNA)
    registers.take(left.id, BELLA)
    registers.take(left.id, BELLA)
    with pytest.raises(Conflict, match="小贝已经接手"):
        registers.take(left.id, ANNA)
    registers.finish(left.id, "退款到账", BELLA)
    with pytest.raises(Conflict, match="办完"):
        registers.finish(left.id, "又一次", ANNA)
    (item,) = registers.handovers("", NOW)
    assert (item.taken_by, item.done_by, item.outcome, item.case_number) == (
        "小贝",
        "小贝",
        "退款到账",
        case.number,
    )
    assert registers.handovers("", NOW + timedelta(days=3)) == []
    with pytest.raises(NotFound):
        registers.take(999, ANNA)


def test_cases_due_soon_are_offered_for_handover(database: Database, registers: Registers) -> None:
    soon = blank(database, due_at=(NOW + timedelta(hours=3)).isoformat())
    blank(database, due_at=(NOW + timedelta(days=3)).isoformat())
    blank(database)
    assert [case.id for case in registers.due_cases("", NOW + timedelta(days=1))] == [soon.id]


def test_vips_are_called_once_a_month(database: Database, registers: Registers) -> None:
    blank(database, customer="老顾客", shop="main", facts={"会员": "VIP"})
    assert registers.vips("", "2026-03") == ([], [("main", "老顾客")])
    registers.add_vip("main", "老顾客", "爱穿 M 码", ANNA)
    registers.add_vip("main", "老顾客", "", BELLA)
    (vip,), candidates = registers.vips("main", "2026-03")
    assert (vip.note, vip.call_at, candidates) == ("爱穿 M 码", None, [])
    registers.called(vip.id, "2026-03", "挺满意", ANNA)
    with pytest.raises(Conflict, match="小安这个月"):
        registers.called(vip.id, "2026-03", "", BELLA)
    assert registers.vips("", "2026-03")[0][0].call_note == "挺满意"
    assert registers.vips("", "2026-04")[0][0].call_at is None
    registers.remove_vip(vip.id, ANNA)
    assert registers.vips("", "2026-03")[0] == []
    with pytest.raises(InvalidRequest):
        registers.add_vip("main", " ", "", ANNA)


def test_the_same_trouble_of_several_customers_raises_a_notice(
    database: Database, registers: Registers, assistant: Assistant
) -> None:
    def notices() -> list[Any]:
        return registers.notices(assistant.content, "", NOW, days=7, customers=3)

    same = {"shop": "main", "product": "羊毛衫", "colour": "黑色"}
    for customer in ("甲", "乙", "乙"):
        blank(database, customer=customer, intents=["pilling", "size_fit"], **same)
    assert notices() == [], "two customers are not several"
    last = blank(database, customer="丙", intents=["shrinkage"], batch="A1", **same)
    (notice,) = notices()
    assert (notice.product, notice.category, notice.customers) == ("羊毛衫", "质量", 3)
    assert notice.intents == {"起球": 3, "缩水": 1}
    assert notice.details == "批次 A1 1 件；颜色 黑色 4 件"
    registers.settle_notice("main", "羊毛衫", "质量", last.id, "停售送检", ANNA)
    assert notices()[0].mark.note == "停售送检"
    blank(database, customer="丁", intents=["fading"], **same)
    assert notices()[0].mark is None, "a new case raises it again"
    assert registers.notices(assistant.content, "other", NOW, days=7, customers=3) == []


def test_problems_named_in_praise(client: Client) -> None:
    talk = opened(client, "衣服很好看，很喜欢，谢谢，就是有点起球，电话13812345678")["conversation_id"]
    say(client, talk, "好看，很满意")
    shown = client.get("/api/v1/registers/praise").json()
    quality = next(row for row in shown["rows"] if row[0] == "质量")
    assert "起球" in quality[2]
    assert "13812345678" not in str(shown)
    texts = ["衣服很好看很喜欢，就是有点掉色", "很满意", " "]
    told = client.post("/api/v1/registers/praise", json={"texts": texts}).json()["items"]
    assert [(one["category"], one["count"]) for one in told] == [("质量", 1)]
    assert client.post("/api/v1/registers/praise", json={"texts": ["好"] * 201}).status_code == 422


@pytest.mark.parametrize("name", TITLES)
def test_every_register_as_page_json_and_workbook(client: Client, name: str) -> None:
    opened(client, "包裹都烂了，衣服发错了，还缺了一件")
    assert f"/registers/{name}" in dict(TABS)
    page = client.get(f"/registers/{name}?month=2026-01")
    assert page.status_code == 200, page.text
    assert TITLES[name] in page.text
    shown = client.get(f"/api/v1/registers/{name}").json()
    assert all(len(row) == len(shown["columns"]) for row in shown["rows"])
    assert client.get(f"/api/v1/registers/{name}?month=13").status_code == 422
    book = client.get(f"/api/v1/registers/{name}/export.xlsx")
    assert sheet(book.content, TITLES[name])[0] == shown["columns"]
    assert client.get("/api/v1/registers/none").status_code == 422


def test_workbooks_are_masked_audited_and_for_leads(tmp_path: Path) -> None:
    with running(make(tmp_path)) as client:
        csrf = sign_in(client, "agent")
        fields = {"customer": "13812345678", "product": "毛衣", "intents": ["package_damaged"], "loss": "5"}
        assert client.post("/api/v1/cases", json={"fields": fields}, headers=csrf).status_code == 200
        assert client.get("/api/v1/registers/parcels/export.xlsx").status_code == 403
        assert "13812345678" in client.get("/registers/parcels").text
        sign_in(client, "lead")
        lines = sheet(client.get("/api/v1/registers/parcels/export.xlsx").content, TITLES["parcels"])
        assert "13812345678" not in str(lines)
        assert lines[-1][-1] == "5.00"
        with client.app.state.services.database.read() as session:
            assert audit.latest(session)[0].detail["register"] == "parcels"


def test_forms_lead_back_and_say_what_was_wrong(client: Client) -> None:
    left = client.post("/registers/handover/leave", data={"text": "张姐的退款"})
    assert (left.status_code, left.headers["location"]) == (303, "/registers/handover")
    assert "张姐的退款" in client.get("/registers/handover").text
    for path, form in {
        "handover/take": {"item": "999999"},
        "handover/finish": {"item": "999999"},
        "handover/leave": {"text": " "},
        "vip/call": {"vip": "999999", "month": "2026-01"},
        "vip/remove": {"vip": "999999"},
        "vip/add": {"customer": " "},
    }.items():
        answer = client.post(f"/registers/{path}", data=form)
        assert answer.status_code == 303, (path, answer.text)
        assert "problem=" in answer.headers["location"], path
        assert 'role="alert"' in client.get(answer.headers["location"]).text
    assert client.post("/registers/vip/add", data={"customer": "老顾客", "note": "<b>"}).status_code == 303
    assert "&lt;b&gt;" in client.get("/registers/vip").text
    assert client.post("/registers/vip/call", data={"vip": "1", "month": "x"}).status_code == 422
    body = {"product": "毛衣", "category": "质量", "until": "1"}
    assert client.post("/registers/quality/settle", data=body).status_code == 303
    again = client.post("/api/v1/registers/handover", json={"text": "再一件"}).json()
    assert again["left"]
