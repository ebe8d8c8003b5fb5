"""Case files: opened from a conversation, changed by two at once, with photos, exported."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from openpyxl import load_workbook
from PIL import Image

from app.accounts import LOCAL_USER
from app.cases.casebook import Casebook
from app.cases.fields import CaseFields, clean, merged
from app.cases.photos import read_photo
from app.cases.steps import steps
from app.errors import AppError, BodyTooLarge, Conflict, InvalidRequest, NotAllowed
from app.store import audit, people
from app.store import cases as rows
from app.store import conversations as talks
from app.store.cases import CaseQuery
from app.store.database import Database
from app.store.people import Person
from app.web.guard import UPLOAD_LIMIT
from tests.conftest import Client, running
from tests.test_web_app import code_of, make, sign_in

names = (f"talk-{uuid4().hex}" for _ in count())
JSON = dict[str, Any]
ANNA = Person(1, "小安", "agent")
BELLA = Person(2, "小贝", "agent")
LEAD = Person(3, "店长", "lead")


def png(colour: str = "red", size: tuple[int, int] = (40, 30), **more: Any) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", size, colour).save(target, more.pop("format", "PNG"), **more)
    return target.getvalue()


def say(client: Client, talk: str, text: str, role: str = "customer") -> None:
    body = {"role": role, "text": text, "message_id": f"{talk}-{text[:30]}", "label": "阿May"}
    assert client.post(f"/api/v1/conversations/{talk}/turns", json=body).status_code == 200


def opened(client: Client, *texts: str) -> JSON:
    """A case of a new conversation in which the customer said this."""
    talk = next(names)
    for text in texts or ("上次买的毛衣缩水了，我要退款",):
        say(client, talk, text)
    response = client.post("/api/v1/cases", json={"conversation_id": talk})
    assert response.status_code == 200, response.text
    case: JSON = response.json()
    return case


def change(client: Client, case: JSON, **changes: Any) -> Any:
    body = {"version": case["version"], "changes": changes}
    return client.request("PATCH", f"/api/v1/cases/{case['id']}", json=body)


def send(client: Client, case: JSON, data: bytes, name: str = "照片.png") -> Any:
    address = f"/api/v1/cases/{case['id']}/photos?name={quote(name)}"
    return client.post(address, content=data, headers={"Content-Type": "image/png"})


def sheet(data: bytes, name: str) -> list[list[Any]]:
    book = load_workbook(io.BytesIO(data))
    return [[cell.value for cell in row] for row in book[name].iter_rows()]


@pytest.fixture
def book(database: Database) -> Casebook:
    return Casebook(database)


def blank(database: Database, person: Person = ANNA, **values: Any) -> rows.Case:
    fields = merged({"owner": person.name}, values).stored()
    with database.write() as session:
        rows.lock_numbers(session, 2026)
        return rows.add(session, rows.next_number(session, 2026), None, fields, person.name)


# from a conversation


def test_a_case_is_filled_from_its_conversation(client: Client) -> None:
    case = opened(
        client,
        "在吗",
        "订单号 4021987654321098765，买的黑色毛衣洗了一次就缩水了",
        "给我退货退款，不然打12315",
    )
    fields = case["fields"]
    assert case["created"]
    assert case["number"][:2] == "20"
    assert fields["customer"] == "阿May"
    assert fields["order_number"] == "4021987654321098765"
    assert "毛衣" in fields["product"]
    assert fields["colour"].startswith("黑")
    assert "shrinkage" in fields["intents"]
    assert "return_refund" in fields["intents"]
    assert fields["risks"] == ["authority_complaint"]
    assert "退货" in fields["demanded"]
    assert fields["facts"]["洗过"] == "是"
    assert "缩水" in fields["description"]
    assert "在吗" not in fields["description"]
    assert (fields["status"], fields["owner"]) == ("open", LOCAL_USER.name)
    assert fields["due_at"]
    assert {"id": "shrinkage", "name": "缩水"} in case["intents"]


def test_opening_again_gives_the_same_case_until_it_is_closed(client: Client) -> None:
    case = opened(client)
    again = client.post("/api/v1/cases", json={"conversation_id": case["conversation_id"]}).json()
    assert (again["id"], again["created"]) == (case["id"], False)
    assert change(client, case, status="closed", outcome="退款了").status_code == 200
    other = client.post("/api/v1/cases", json={"conversation_id": case["conversation_id"]}).json()
    assert other["created"]
    assert other["id"] != case["id"]
    closed = client.get(f"/api/v1/cases/{case['id']}").json()
    assert [one["name"] for one in closed["others"]] == [other["number"]]
    refused = change(client, closed, status="reopened")
    assert (refused.status_code, code_of(refused)) == (409, "conflict")


def test_a_case_registered_by_mistake_is_void_and_its_number_waits(client: Client) -> None:
    case = opened(client)
    place = f"/api/v1/cases/{case['id']}"
    void = client.post(f"{place}/withdraw").json()
    assert (void["fields"]["status"], void["number"]) == ("withdrawn", case["number"])
    assert client.post(f"{place}/withdraw").json()["version"] == void["version"]
    assert code_of(change(client, void, opinions="先送检")) == "invalid_request"
    assert case["id"] in [one["id"] for one in client.get("/api/v1/cases?status=withdrawn").json()["items"]]
    again = client.post("/api/v1/cases", json={"conversation_id": case["conversation_id"]}).json()
    assert (again["id"], again["number"], again["created"]) == (case["id"], case["number"], True)
    assert again["fields"]["status"] == "open"
    told = client.get(place).json()["timeline"]
    assert [one["text"] for one in told if one["kind"] == "event"] == ["登记", "作废", "登记"]
    other = opened(client)
    assert other["number"] > case["number"]


def test_a_case_somebody_has_written_in_is_no_mistake(client: Client) -> None:
    case = opened(client)
    written = change(client, case, opinions="先送检").json()
    refused = client.post(f"/api/v1/cases/{case['id']}/withdraw")
    assert (refused.status_code, code_of(refused)) == (422, "invalid_request")
    assert change(client, written, status="withdrawn").status_code == 422
    for status in ("withdrawn", "closed", "reopened"):
        fields = {"status": status, "outcome": "退了"}
        assert client.post("/api/v1/cases", json={"fields": fields}).status_code == 422
    assert client.post("/api/v1/cases/999999/withdraw").status_code == 404


def test_a_void_case_counts_in_no_register(database: Database, book: Casebook) -> None:
    case = blank(database, intents=("damage",), responsibility="快递", product="毛衣")
    with pytest.raises(NotAllowed):
        book.withdraw(case.id, BELLA)
    book.withdraw(case.id, ANNA)
    with database.read() as session:
        assert list(rows.opened(session, CaseQuery())) == []
        assert list(rows.products_since(session, case.opened_at)) == []
        written = [entry.what for entry in audit.latest(session)]
    assert "case.withdrawn" in written
    assert book.search(CaseQuery())[1:] == (1, {"withdrawn": 1})


def test_what_cannot_be_opened(client: Client) -> None:
    assert client.post("/api/v1/cases", json={"conversation_id": "nobody"}).status_code == 404
    assert client.post("/api/v1/cases", json={"fields": {"loss": -1}}).status_code == 422
    assert client.post("/api/v1/cases", json={"fields": {"nothing": 1}}).status_code == 422
    assert client.get("/api/v1/cases/999999").status_code == 404


def test_a_case_without_a_conversation(client: Client) -> None:
    case = client.post("/api/v1/cases", json={"fields": {"customer": "门店王女士"}}).json()
    assert (case["conversation_id"], case["fields"]["customer"]) == (None, "门店王女士")
    told = client.get(f"/api/v1/cases/{case['id']}").json()["timeline"]
    assert [(one["kind"], one["text"]) for one in told] == [("event", "登记")]


def test_two_open_the_same_at_once(database: Database) -> None:
    with database.write() as session:
        talks.lock(session, "talk", label="阿May")
    book = Casebook(database)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: book._add({}, "talk", ANNA, 2026), range(8)))
        others = list(pool.map(lambda _: book._add({}, None, ANNA, 2026), range(8)))
    assert len({case.id for case, _ in found}) == 1
    assert [made for _, made in found].count(True) == 1
    assert sorted(case.number for case, _ in others) == [f"2026-{number:04d}" for number in range(2, 10)]


# changes


def test_changes_are_told_one_by_one(client: Client) -> None:
    case = opened(client)
    remedy = {"kind": "部分退款", "amount": 20, "freight": "店铺"}
    changed = change(client, case, responsibility="店铺", remedies=[remedy], loss="12.5").json()
    assert changed["version"] == case["version"] + 1
    assert changed["fields"]["remedies"][0]["amount"] == "20"
    file = client.get(f"/api/v1/cases/{case['id']}").json()
    event = file["timeline"][-1]
    assert event["text"] == "修改：责任、赔付金额、处理方案"
    assert event["changes"][0] == {"field": "responsibility", "before": "", "after": "店铺"}
    kinds = [(one["kind"], one["who"]) for one in file["timeline"]]
    assert ("turn", "顾客") in kinds
    same = change(client, case, responsibility="店铺")
    assert same.json()["version"] == changed["version"], "the same again is no change and no conflict"


def test_nothing_of_another_is_overwritten(client: Client) -> None:
    case = opened(client)
    assert change(client, case, responsibility="快递").status_code == 200
    late = change(client, case, outcome="补发")
    assert (late.status_code, code_of(late)) == (409, "conflict")
    told = late.json()
    assert "责任" in told["detail"]
    assert told["version"] == case["version"] + 1
    assert [(one["field"], one["after"]) for one in told["changed"]] == [("responsibility", "快递")]
    assert told["fields"]["responsibility"] == "快递"
    address = f"/api/v1/cases/{case['id']}"
    body = {"changes": {"outcome": "补发"}}
    assert client.request("PATCH", address, json=body).status_code == 422
    retried = client.request("PATCH", address, json=body, headers={"If-Match": f'"{told["version"]}"'})
    assert retried.json()["fields"]["outcome"] == "补发"
    assert retried.json()["fields"]["responsibility"] == "快递"


def test_closing_needs_an_outcome_and_authority(client: Client, database: Database) -> None:
    case = opened(client)
    assert "处理结果" in change(client, case, status="closed").json()["detail"]
    book, limits = Casebook(database), {"agent": 20, "lead": 200}
    own = blank(database)
    values = {"status": "closed", "outcome": "补偿", "remedies": [{"kind": "部分退款", "amount": 50}]}
    with pytest.raises(InvalidRequest, match="超出"):
        book.change(own.id, 1, values, ANNA, limits)
    assert book.change(own.id, 1, values, LEAD, limits).status == "closed"
    with pytest.raises(InvalidRequest, match="重新打开"):
        book.change(own.id, 2, {"outcome": "又改"}, ANNA)
    again = book.change(own.id, 2, {"status": "reopened"}, ANNA)
    assert (again.status, again.closed_at) == ("reopened", None)


def test_the_opener_answers_for_it_until_it_is_handed_over(database: Database, book: Casebook) -> None:
    with database.write() as session:
        for person in (ANNA, BELLA, LEAD):
            people.add(session, person.name, person.role)
    case = blank(database)
    with pytest.raises(NotAllowed, match="小安负责"):
        book.change(case.id, 1, {"owner": "小贝"}, BELLA)
    with pytest.raises(InvalidRequest, match="没有叫"):
        book.change(case.id, 1, {"owner": "没有的人"}, ANNA)
    assert book.change(case.id, 1, {"owner": "小贝"}, ANNA).owner == "小贝"
    assert book.change(case.id, 2, {"owner": "小安"}, LEAD).owner == "小安"
    assert [event.what for event in book.file(case.id).events] == ["opened", "handed_over", "handed_over"]


def test_others_take_a_case_over_before_they_change_it(database: Database, book: Casebook) -> None:
    case = blank(database)
    with pytest.raises(NotAllowed, match="我来接手"):
        book.change(case.id, 1, {"opinions": "改一下"}, BELLA)
    taken = book.take_over(case.id, BELLA)
    assert (taken.owner, taken.version) == ("小贝", 2)
    assert book.take_over(case.id, BELLA).version == 2, "taking over twice is once"
    assert book.change(case.id, 2, {"opinions": "改一下"}, BELLA).fields["opinions"] == "改一下"
    with pytest.raises(NotAllowed):
        book.change(case.id, 3, {"opinions": "又改"}, ANNA)
    assert book.change(case.id, 3, {"status": "closed", "outcome": "换了"}, LEAD).status == "closed"
    with pytest.raises(InvalidRequest, match="已经结案"):
        book.take_over(case.id, ANNA)
    with database.read() as session:
        assert [entry.what for entry in audit.latest(session) if entry.what == "case.taken_over"] == [
            "case.taken_over"
        ]


def test_two_save_at_once(database: Database, book: Casebook) -> None:
    case = blank(database)

    def save(text: str) -> bool:
        try:
            book.change(case.id, 1, {"opinions": text}, ANNA)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        saved = list(pool.map(save, ["一", "二", "三", "四"]))
    assert saved.count(True) == 1
    assert book.get(case.id).version == 2


# finding


def test_search_finds_by_every_number_and_sorts_by_what_is_due(database: Database, book: Casebook) -> None:
    later = blank(database, customer="张三", order_number="998877", due_at="2026-03-02T00:00:00Z")
    sooner = blank(database, customer="李四", product="毛衣", due_at="2026-03-01T00:00:00Z")
    closed = blank(database, customer="100%_好", contact="13812345678")
    book.change(closed.id, 1, {"status": "closed", "outcome": "好了"}, ANNA)

    def ids(**query: Any) -> list[int]:
        return [case.id for case in book.search(CaseQuery(**query))[0]]

    assert ids() == [sooner.id, later.id, closed.id]
    assert ids(text="9887") == [later.id]
    assert ids(text="毛衣") == [sooner.id]
    assert ids(text="0%_") == [closed.id]
    assert ids(text="138123") == [closed.id]
    assert ids(text=later.number) == [later.id]
    assert ids(text="没有") == []
    assert ids(statuses=("closed",)) == [closed.id]
    assert book.search(CaseQuery(statuses=("closed",)), limit=1)[1:] == (1, {"open": 2, "closed": 1})


def test_the_list_over_http(client: Client) -> None:
    case = opened(client, "羽绒服跑绒，订单号 5550001112223334441")
    found = client.get("/api/v1/cases?q=5550001112223334441&status=open&status=resolving").json()
    assert [one["id"] for one in found["items"]] == [case["id"]]
    assert found["total"] == 1
    assert client.get("/api/v1/cases?month=2020-01").json()["total"] == 0
    assert client.get("/api/v1/cases?month=2020-13").status_code == 422
    assert client.get("/api/v1/cases?q=%00%25&shop=%00&owner=%00").status_code == 200
    assert client.get("/api/v1/cases/photos?q=%00").status_code == 200


# photos


def test_a_photo_is_kept_as_it_came_and_found_by_the_customer(client: Client) -> None:
    case = opened(client)
    data = png()
    photo = send(client, case, data, "../../起球<b>.exe").json()
    assert photo["name"] == "起球b.png"
    assert (photo["media_type"], photo["width"], photo["sha256"]) == (
        "image/png",
        40,
        hashlib.sha256(data).hexdigest(),
    )
    assert send(client, case, data).json()["id"] == photo["id"], "the same photo once"
    shown = client.get(photo["url"])
    assert shown.content == data
    assert shown.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers["content-disposition"].startswith("inline; filename*=")
    small = client.get(photo["url"] + "?small=true")
    assert small.headers["content-type"] == "image/jpeg"
    found = client.get("/api/v1/cases/photos?q=阿May").json()["items"]
    assert photo["id"] in [one["id"] for one in found]
    assert client.request("DELETE", photo["url"]).status_code == 200
    assert client.get(photo["url"]).status_code == 404
    told = [one["text"] for one in client.get(f"/api/v1/cases/{case['id']}").json()["timeline"]]
    assert told[-2:] == ["加照片：起球b.png", "删照片：起球b.png"]


def test_a_place_in_a_photo_is_noted() -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8825)[1] = "N"
    photo = read_photo(png(format="JPEG", exif=exif), "a.jpg")
    assert photo.has_location
    assert not read_photo(png(format="JPEG"), "a.jpg").has_location
    with Image.open(io.BytesIO(photo.thumbnail)) as small:
        assert not small.getexif()


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (b"", "空"),
        (b"<svg onload=alert(1)>", "不是能打开的照片"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 50, "不是能打开的照片"),
        (png()[:60], "不是能打开的照片"),
        (b"\0\0\0\x18ftypheic" + b"0" * 40, "HEIC"),
        (png(format="BMP"), "不是能打开的照片"),
    ],
)
def test_what_is_no_photo_is_refused(client: Client, data: bytes, detail: str) -> None:
    case = opened(client)
    refused = send(client, case, data)
    assert refused.status_code == 422, refused.text
    assert detail in refused.json()["detail"]
    assert client.get(f"/api/v1/cases/{case['id']}").json()["photos"] == []


def test_a_photo_too_large_is_refused(client: Client) -> None:
    case = opened(client)
    for size in (5 * 1024 * 1024 + 1, UPLOAD_LIMIT + 1):
        refused = send(client, case, b"0" * size)
        assert (refused.status_code, code_of(refused)) == (413, "body_too_large")
        assert "5 MB" in refused.json()["detail"]
    with pytest.raises(InvalidRequest, match="像素"):
        read_photo(png(size=(8000, 7000)), "大.png")
    with pytest.raises(BodyTooLarge):
        read_photo(b"0" * (5 * 1024 * 1024 + 1), "大.png")


def test_only_leads_remove_what_another_sent(database: Database, book: Casebook) -> None:
    case = blank(database)
    photo = book.add_photo(case.id, png(), "一.png", ANNA)
    with pytest.raises(NotAllowed):
        book.remove_photo(case.id, photo.id, BELLA)
    book.remove_photo(case.id, photo.id, LEAD)
    assert book.file(case.id).photos == []


def test_with_the_database_away_nothing_is_acknowledged(tmp_path: Path) -> None:
    with running(make(tmp_path, auth="off")) as client:
        case = client.post("/api/v1/cases", json={"fields": {"customer": "甲"}}).json()
        (tmp_path / "data" / "huashu.db").rename(tmp_path / "away.db")
        answers = [send(client, case, png()), change(client, case, outcome="一"), client.get("/api/v1/cases")]
        assert {answer.status_code for answer in answers} == {503}
        assert all(answer.headers["retry-after"] for answer in answers)
        (tmp_path / "away.db").rename(tmp_path / "data" / "huashu.db")
        file = client.get(f"/api/v1/cases/{case['id']}").json()
        assert (file["photos"], file["version"]) == ([], 1)


# exports


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Client]:
    with running(make(tmp_path)) as client:
        yield client


def test_exports_by_role(door: Client) -> None:
    csrf = sign_in(door, "agent")
    body = {
        "fields": {
            "customer": "张小明",
            "contact": "13812345678",
            "description": "打我电话 13812345678",
            "outcome": "=1+1",
        }
    }
    case = door.post("/api/v1/cases", json=body, headers=csrf).json()
    own = dict(sheet(door.get(f"/api/v1/cases/{case['id']}/export.xlsx").content, "登记表"))
    assert (own["联系方式"], own["顾客"]) == ("13812345678", "张小明")
    assert door.get("/api/v1/cases/export.xlsx").status_code == 403
    assert door.get(f"/api/v1/cases/{case['id']}/appeal.zip").status_code == 403
    sign_in(door, "trainer")
    other = dict(sheet(door.get(f"/api/v1/cases/{case['id']}/export.xlsx").content, "登记表"))
    assert (other["联系方式"], other["顾客"]) == ("138****5678", "张***明")
    assert "13812345678" not in str(other)
    sign_in(door, "lead")
    listed = door.get("/api/v1/cases/export.xlsx").content
    head, line = sheet(listed, "顾客投诉登记表")
    told = dict(zip(head, line, strict=True))
    assert told["编号"] == case["number"]
    assert "13812345678" not in str(line)
    assert told["处理结果"] == "=1+1"
    cells = load_workbook(io.BytesIO(listed)).active
    assert "f" not in {cell.data_type for row in cells.iter_rows() for cell in row}


def test_the_appeal_packet_holds_everything_and_its_sums(client: Client) -> None:
    case = opened(client, "不给我100块我就给差评")
    say(client, case["conversation_id"], "您好，我先看看", "agent")
    photo = send(client, case, png("blue")).json()
    packet = client.get(f"/api/v1/cases/{case['id']}/appeal.zip")
    assert packet.headers["content-disposition"].startswith("attachment")
    with zipfile.ZipFile(io.BytesIO(packet.content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    assert hashlib.sha256(files["证据/E01.png"]).hexdigest() == photo["sha256"]
    chat = files["聊天记录.txt"].decode()
    assert "顾客：不给我100块我就给差评" in chat
    assert "客服：您好，我先看看" in chat
    sums = files["文件校验.txt"].decode()
    for name in ("申诉材料.xlsx", "聊天记录.txt", "证据/E01.png"):
        assert f"{hashlib.sha256(files[name]).hexdigest()}  {name}" in sums
    assert sheet(files["申诉材料.xlsx"], "证据清单")[1][0] == "E01"


# pages


def test_pages(client: Client) -> None:
    case = opened(client, "毛衣<b>缩水</b>了，订单号 6660001112223334441")
    send(client, case, png("green"))
    listed = client.get("/cases?q=6660001112223334441").text
    assert case["number"] in listed
    shown = client.get(f"/cases/{case['id']}").text
    assert "毛衣&lt;b&gt;缩水&lt;/b&gt;了" in shown
    assert "缩水" in client.get(f"/cases/{case['id']}/print").text
    assert case["number"] in client.get(f"/cases/photos?q={quote('阿May')}").text
    for nothing in ("/cases?q=没有的", "/cases/photos?q=没有的", "/cases?month=2020-01&page=3"):
        assert "没有" in client.get(nothing).text
    missing = client.get("/cases/999999", headers={"Accept": "text/html"})
    assert missing.status_code == 404


def test_a_printed_case_hides_from_others_and_is_audited(door: Client) -> None:
    csrf = sign_in(door, "agent")
    body = {"fields": {"customer": "张小明", "contact": "13812345678"}}
    case = door.post("/api/v1/cases", json=body, headers=csrf).json()
    assert "13812345678" in door.get(f"/cases/{case['id']}/print").text
    sign_in(door, "trainer")
    shown = door.get(f"/cases/{case['id']}/print").text
    assert "13812345678" not in shown
    assert "个人信息已遮住" in shown
    with door.app.state.services.database.read() as session:
        printed = [entry for entry in audit.latest(session) if entry.what == "case.printed"]
    assert [entry.detail["masked"] for entry in printed] == [True, False]


def test_the_seven_steps_are_ticked_off(client: Client) -> None:
    case = opened(client, "羊毛衫缩水了")

    def done() -> str:
        book = Casebook(client.app.state.services.database)
        return "".join("■" if step.done else "□" for step in steps(book.file(case["id"])))

    assert done() == "□□□■□□□"
    say(client, case["conversation_id"], "真是抱歉让您着急了，麻烦平铺拍张照片，再说下怎么洗的", "agent")
    assert done()[:2] == "■■"
    change(client, case, remedies=[{"kind": "换货"}], confirmation="满意", outcome="换好了")
    assert done()[3:] == "■■■■"


# what may be written


def test_text_no_store_or_sheet_could_hold_is_cleaned() -> None:
    assert clean(" 好\0\x01的\n\t行\ud800 ") == "好的\n\t行"


@pytest.mark.parametrize(
    "changes",
    [
        {"owner": "  "},
        {"status": "gone"},
        {"due_at": "2026-01-01T00:00:00"},
        {"due_at": "9999-12-31T23:59:59Z"},
        {"received_on": "0001-01-01"},
        {"loss": "NaN"},
        {"loss": "1e9"},
        {"remedies": [{"kind": "发红包"}]},
        {"description": "长" * 4001},
        {"customer": None},
        {"emotion": 9},
    ],
)
def test_what_does_not_fit_the_form_is_refused(changes: JSON) -> None:
    before = CaseFields(owner="小安").stored()
    with pytest.raises(AppError, match="填得不对"):
        merged(before, changes)
