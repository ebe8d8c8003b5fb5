"""Scripts and examples as tables: what is told of every row, nothing half imported, nothing executed."""

from __future__ import annotations

import csv
import io

import pytest

from app.content.entries import Catalogue, Ref
from app.content.model import Content
from app.errors import Conflict, InvalidRequest
from app.releases import publish
from app.sheets import read_workbook, write_workbook
from app.store.database import Database
from app.studio.exchange import COLUMNS, export_csv, export_workbook, format_when, parse_when, template
from app.studio.workshop import Workshop
from tests.studio import FINE, Inside

HEAD = ["意图", "阶段", "语气", "标题", "气泡1", "气泡2", "条件", "来源"]
GOOD = ["缩水", "确认", "亲切", "问穿了几次", "这件您穿过几次、大概什么时候洗的呀？", "", "洗过=是；签收天数<=7", "practice"]  # fmt: skip


def train(content: Content) -> bytes:
    return b"model"


@pytest.fixture
def workshop(database: Database) -> Workshop:
    publish(database, FINE, author="甲", trainer=train)
    return Workshop(database, ("common", "apparel"), trainer=train, bench=Inside)


def sheet(*rows: list[str], head: list[str] = HEAD) -> bytes:
    return write_workbook({"话术": [head, *rows]})


def comma(*rows: list[str], head: list[str] = HEAD, encoding: str = "utf-8-sig") -> bytes:
    target = io.StringIO()
    csv.writer(target).writerows([head, *rows])
    return target.getvalue().encode(encoding)


def seen(workshop: Workshop, data: bytes, name: str = "a.xlsx"):  # type: ignore[no-untyped-def]
    return workshop.plan_import(workshop.drafts.snapshot(), data, name)


def test_every_row_is_judged_and_nothing_is_half_imported(workshop: Workshop) -> None:
    like = ["缩水", "确认", "正式", "又一条", "想问一下您当时是手洗还是机洗的呢", "", "", "practice"]
    data = sheet(
        GOOD,
        like,
        ["没有的", "确认", "亲切", "甲", "好的。", "", "", "practice"],
        ["缩水", "第一步", "亲切", "", "", "", "责任:谁知道", ""],
        ["缩水", "确认", "亲切", "绝对", "我们是全网最低价。", "", "", "practice"],
        ["缩水", "确认", "亲切", "坏空", "{{ 没有这个空 }}", "", "", "practice"],
    )
    plan = seen(workshop, data)
    assert plan.summary == "新增 1，重复 1，4 行有错"
    assert [(note.row, note.text) for note in plan.duplicates] == [(3, "和「问怎么洗」几乎一样")]
    assert sorted({note.row for note in plan.errors}) == [4, 5, 6, 7]
    with pytest.raises(InvalidRequest, match="一行都没有导入"):
        workshop.import_table(data, "a.xlsx", digest=plan.digest, skip=False, who="甲")
    assert workshop.drafts.snapshot().changed == []
    workshop.import_table(data, "a.xlsx", digest=plan.digest, skip=True, who="甲")
    (ref,) = workshop.drafts.snapshot().changed
    added = workshop.drafts.snapshot().now.data(ref)
    assert ref.id.startswith("shrinkage.confirm.")
    assert added["when"] == {"洗过": "是", "签收天数": "<=7"}
    again = seen(workshop, data)
    assert (again.new, again.same, len(again.duplicates)) == ([], 1, 1)
    assert [edit.who for edit in workshop.drafts.edits()] == ["甲"]


def test_what_was_seen_is_what_is_imported(workshop: Workshop) -> None:
    plan = seen(workshop, sheet(GOOD))
    ref = plan.changes[0].ref
    workshop.drafts.put(ref, plan.changes[0].data, base="", who="乙")
    with pytest.raises(Conflict, match="重新看一遍"):
        workshop.import_table(sheet(GOOD), "a.xlsx", digest=plan.digest, skip=False, who="甲")


def test_an_export_comes_back_without_a_change(workshop: Workshop) -> None:
    now = workshop.drafts.snapshot().now
    for data, name in ((export_workbook(now), "x.xlsx"), (export_csv(now), "x.csv")):
        plan = seen(workshop, data, name)
        assert (plan.new, plan.changed, plan.errors) == ([], [], [])
        assert plan.same == sum(entry.ref.kind == "script" for entry in now)


def test_a_changed_cell_changes_only_that(workshop: Workshop) -> None:
    now = workshop.drafts.snapshot().now
    rows = read_workbook(export_workbook(now))["话术"]
    row = next(row for row in rows if row[0] == "shrinkage.confirm.photo")
    row[COLUMNS.index("标题")] = "先拍一张"
    data = write_workbook({"话术": rows})
    plan = seen(workshop, data)
    assert (plan.new, plan.changed) == ([], ["先拍一张"])
    workshop.import_table(data, "x.xlsx", digest=plan.digest, skip=False, who="甲")
    before, after = (
        one.data(Ref("script", "shrinkage.confirm.photo")) for one in (now, workshop.drafts.snapshot().now)
    )
    assert after == {**before, "title": "先拍一张"}


def test_examples_are_masked_and_conflicts_told(workshop: Workshop) -> None:
    rows = [
        ["缩水", "毛衣小了两个码，打13812345678"], ["缩水", "缩水了"], ["缩水", "全是球"], ["起球", "又起球"],
        ["缩水", "袖口紧了一圈"], ["起球", "袖口紧了一圈"], ["没有的", "好"], ["缩水", ""],
    ]  # fmt: skip
    data = comma(*rows, head=["意图", "顾客的话"], encoding="gb18030")
    plan = seen(workshop, data, "a.csv")
    assert plan.summary == "新增 2，重复 1，5 行有错"
    assert plan.new == ["毛衣小了两个码，打138****5678", "袖口紧了一圈"]
    assert [note.row for note in plan.errors] == [4, 5, 7, 8, 9]
    workshop.import_table(data, "a.csv", digest=plan.digest, skip=True, who="甲")
    examples = workshop.drafts.snapshot().now.data(Ref("intent", "shrinkage"))["examples"]
    assert examples[-2:] == plan.new


def test_nothing_a_spreadsheet_would_run_leaves_the_house(workshop: Workshop) -> None:
    bad = '=HYPERLINK("http://a.example","点")'
    data = comma(["缩水", "确认", "亲切", bad, "-这样也可以，您先看看哦", "", "", "practice"])
    plan = seen(workshop, data, "a.csv")
    assert plan.errors == []
    workshop.import_table(data, "a.csv", digest=plan.digest, skip=False, who="甲")
    now = workshop.drafts.snapshot().now
    rows = list(csv.reader(io.StringIO(export_csv(now).decode("utf-8-sig"))))
    assert not [cell for row in rows for cell in row if cell[:1] in set("=+-@")]
    assert f"'{bad}" in {cell for row in rows for cell in row}
    assert seen(workshop, export_csv(now), "a.csv").changed == []


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "a.csv"),
        (b"\x00\x01", "a.xlsx"),
        (b"PK\x03\x04 not a zip", "a.xlsx"),
        (b"\xff\xfe\x00a", "a.csv"),
        ("甲,乙\n1,2".encode(), "a.csv"),
        (",".join(HEAD).encode(), "a.csv"),
        ("意图,气泡1\n缩水,好".encode(), "a.csv"),
    ],
)
def test_what_is_no_table_is_told_politely(workshop: Workshop, data: bytes, name: str) -> None:
    with pytest.raises(InvalidRequest):
        seen(workshop, data, name)


def test_the_template_fits_itself(workshop: Workshop) -> None:
    plan = seen(workshop, template())
    assert len(plan.new) + len(plan.duplicates) == 2
    assert plan.errors == []


def test_conditions_read_as_they_are_written() -> None:
    for when in ({"责任": "店铺"}, {"平台": ["淘宝", "京东"], "签收天数": "<=7"}, {"签收天数": "8-30"}, {}):
        assert parse_when(format_when(when)) == when
    with pytest.raises(ValueError, match="责任=店铺"):
        parse_when("随便写的")


def test_a_large_table_comes_in_whole(workshop: Workshop) -> None:
    rows = [
        ["缩水", "确认", "亲切", f"第{number}条", f"{chr(0x4E00 + number * 7) * 12}{number}号说法。", "", "", "practice"]
        for number in range(300)
    ]  # fmt: skip
    data = comma(*rows)
    plan = seen(workshop, data, "a.csv")
    workshop.import_table(data, "a.csv", digest=plan.digest, skip=False, who="甲")
    now: Catalogue = workshop.drafts.snapshot().now
    assert sum(entry.ref.id.startswith("shrinkage.confirm.t") for entry in now) == len(plan.new) == 300
