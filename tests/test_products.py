"""Products: lists from and to Excel, whole or not at all; the pages; what messages know of them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from app.errors import Conflict, InvalidRequest, NotFound
from app.products.catalogue import Products
from app.products.form import size_fields, values_from
from app.products.sheet import HELP_LINES, fit_range, read_products, template, write_products
from app.sheets import write_workbook
from app.store.database import Database
from tests.conftest import Client

HEAD = ("款号", "名称", "面料成分")
SIZE_HEAD = ("款号", "尺码", "身高(cm)", "体重(斤)", "胸围", "1/2腰围")


def book(*lines: tuple[str, ...], sizes: tuple[tuple[str, ...], ...] = ()) -> bytes:
    sheets: dict[str, Any] = {"商品": [HEAD, *lines]}
    if sizes:
        sheets["尺码表"] = [SIZE_HEAD, *sizes]
    return write_workbook(sheets)


@pytest.fixture
def products(database: Database) -> Products:
    return Products(database, lambda: ["main", "douyin"])


def load(products: Products, data: bytes, *, skip: bool = False) -> tuple[int, int, int]:
    plan = products.confirm(products.upload(data, "表.xlsx", "小王"), "小王", skip_broken=skip)
    return plan.new, plan.changed, plan.same


ONE = book(
    ("A1", "羊毛衫", "羊毛"), ("A2", "牛仔裤", "棉"), sizes=(("A1", "M", "155-165", "95-110", "92", ""),)
)


def test_importing_twice_changes_nothing_and_what_is_exported_reads_back(products: Products) -> None:
    assert load(products, ONE) == (2, 0, 0)
    sweater = products.current.by_code("a1", "main")
    assert sweater is not None
    assert sweater.sizes[0].fits == {"身高": (155, 165), "体重": (47.5, 55)}
    assert sweater.sizes[0].measures == {"胸围": 92}
    again = products.preview(products.upload(ONE, "表.xlsx", "小王"))
    assert (again.new, again.changed, again.same, again.does_nothing) == (0, 0, 2, True)
    assert load(products, products.export()) == (0, 0, 2)
    assert load(products, template()) == (1, 0, 0)
    assert load(products, template()) == (0, 0, 1)


def test_a_column_or_table_the_file_lacks_stays_and_an_empty_cell_empties(products: Products) -> None:
    load(products, ONE)
    assert load(products, write_workbook({"商品": [("款号", "名称"), ("A1", "新名字")]})) == (0, 1, 0)
    changed = products.current.by_code("A1", "main")
    assert changed is not None
    assert (changed.name, changed.fabric, len(changed.sizes)) == ("新名字", "羊毛", 1)
    load(products, book(("A1", "新名字", "")))
    emptied = products.current.by_code("A1", "main")
    assert emptied is not None
    assert emptied.fabric == ""


BAD = book(
    ("A1", "好的", ""),
    ("", "没款号", ""),
    ("A3", "", ""),
    ("A1", "重复", ""),
    ("A5", "尺码坏", ""),
    sizes=(
        ("A5", "M", "165-155", "看不懂", "很大", "36"),
        ("A9", "M", "", "", "", ""),
        ("A1", "", "", "", "", ""),
    ),
)


def test_every_error_is_named_with_its_row_and_nothing_is_half_imported(products: Products) -> None:
    upload = products.upload(BAD, "表.xlsx", "小王")
    plan = products.preview(upload)
    assert [str(error) for error in plan.errors] == [
        "商品表第 3 行：没有款号",
        "商品表第 4 行：没有名称",
        "商品表第 5 行：款号「A1」和第 2 行重复",
        "尺码表第 2 行：身高「165-155」前后写反了",
        "尺码表第 2 行：体重「看不懂」看不懂，要写成 155-165 这样的范围",
        "尺码表第 2 行：胸围「很大」要写成厘米数，例如 96",
        "尺码表第 3 行：款号「A9」不在「商品」表里",
        "尺码表第 4 行：没有尺码",
    ]
    with pytest.raises(InvalidRequest, match="一行都没有导入"):
        products.confirm(upload, "小王", skip_broken=False)
    assert len(products.current) == 0
    good = book(("B1", "好的", ""), ("", "坏的", ""))
    assert load(products, good, skip=True) == (1, 0, 0)
    assert [product.code for product in products.current.products] == ["B1"]


def test_a_list_is_imported_once_however_many_confirm_it(products: Products) -> None:
    upload = products.upload(ONE, "表.xlsx", "小王")
    results: list[str] = []

    def confirm() -> None:
        try:
            products.confirm(upload, "小王", skip_broken=False)
            results.append("done")
        except NotFound:
            results.append("gone")

    threads = [threading.Thread(target=confirm) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["done", "gone", "gone", "gone"]
    assert len(products.current) == 2


def test_another_replica_sees_the_change(products: Products, database: Database) -> None:
    other = Products(database, lambda: ["main"])
    other.refresh()
    load(products, ONE)
    assert len(other.current) == 0
    other.refresh()
    assert len(other.current) == 2


def test_one_product_is_saved_renumbered_and_removed(products: Products) -> None:
    load(products, ONE)
    sweater = products.current.by_code("A1", "main")
    assert sweater is not None
    values = dict(products.find(sweater.id).values)
    with pytest.raises(Conflict, match="A2"):
        products.save(sweater.id, {**values, "code": "A2"}, "小王")
    with pytest.raises(InvalidRequest, match="没有「别处」"):
        products.save(sweater.id, {**values, "shop": "别处"}, "小王")
    products.save(sweater.id, {**values, "code": "A9"}, "小王")
    renamed = products.current.by_code("A9", "main")
    assert renamed is not None
    assert products.current.by_code("A1", "main") is None
    products.remove(renamed.id, "小王")
    products.remove(renamed.id, "小王")
    with pytest.raises(NotFound):
        products.find(renamed.id)
    with pytest.raises(NotFound):
        products.save(renamed.id, values, "小王")


def test_lists_nobody_can_read_are_refused() -> None:
    for data in (
        b"x",
        write_workbook({"说明": [("a",)]}),
        write_workbook({"商品": [("名称", "价格"), ("羊毛衫", "9")]}),
    ):
        with pytest.raises(InvalidRequest):
            read_products(data, ())


@pytest.mark.parametrize(
    ("text", "unit", "ends"),
    [
        ("155-165", "", [155, 165]),
        ("155～165cm", "", [155, 165]),
        ("95到110", "斤", [47.5, 55]),
        ("70以上", "", [70, None]),
        ("≤55kg", "", [None, 55]),
        ("55以下", "", [None, 55]),
        ("165", "", None),
        ("M", "", None),
        ("", "", None),
    ],
)
def test_ranges(text: str, unit: str, ends: list[float | None] | None) -> None:
    assert fit_range(text, unit) == ends


def test_halves_and_units_in_headings() -> None:
    listed = read_products(
        book(("A1", "裤", ""), sizes=(("A1", "S", "150-160", "47.5-55kg", "46", "35"),)), ()
    )
    assert listed.errors == []
    assert listed.lines[0].sizes == [
        {"name": "S", "fits": {"身高": [150, 160], "体重": [47.5, 55]}, "cm": {"胸围": 46, "腰围": 70}}
    ]
    no_unit = write_workbook(
        {"商品": [HEAD, ("A1", "裤", "")], "尺码表": [("款号", "尺码", "体重"), ("A1", "S", "40-50")]}
    )
    assert "没写单位" in str(read_products(no_unit, ()).errors[0])


def test_the_form_writes_back_what_it_shows() -> None:
    size = {"name": "M", "fits": {"身高": [155, 165], "体重": [47.5, None]}, "cm": {"胸围": 92.5}}
    form = {name: [value] for name, value in size_fields(size).items()}
    values, problems = values_from({"code": ["A1"], "name": ["羊毛衫"], "aliases": ["毛衣、衫"], **form})
    assert problems == []
    assert values["sizes"] == [size]
    assert values["aliases"] == ["毛衣", "衫"]
    _, wrong = values_from({"尺码": [""], "胸围": ["大"]})
    assert wrong == [
        "款号要填",
        "名称要填",
        "尺码表第 1 行没有尺码",
        "尺码表第 1 行的胸围「大」要写成厘米数，例如 96",
    ]


def test_many_products_fit(products: Products) -> None:
    lines = [(f"K{number:05}", f"第{number}款羊毛衫", "羊毛") for number in range(1500)]
    assert load(products, write_workbook({"商品": [HEAD, *lines]})) == (1500, 0, 0)
    assert len(products.current) == 1500
    assert len(write_products([])) > 0
    assert len(HELP_LINES) > 3


@pytest.fixture
def shop(client: Client) -> Iterator[Client]:
    """The running application with one product in it."""
    products: Products = client.app.state.services.products
    load(products, template())
    yield client
    for product in products.current.products:
        products.remove(product.id, "小王")


def test_the_pages_import_show_and_save(shop: Client) -> None:
    files = {"file": ("表.xlsx", ONE)}
    answer = shop.post("/products/import", files=files)
    assert answer.status_code == 303
    place = answer.headers["location"]
    assert "新增 <strong>2</strong>" in shop.get(place).text
    assert shop.post(place, data={}).status_code == 303
    assert shop.get(place).status_code == 404
    page = shop.get("/products", params={"q": "羊毛杉"}).text
    assert "羊毛衫" in page
    assert shop.post("/products/import", files={"file": ("a.csv", b"a,b")}).status_code == 422
    wrong = shop.post("/products/new", data={"code": "", "name": "<b>"})
    assert wrong.status_code == 422
    assert "款号要填" in wrong.text
    assert "<b>" not in wrong.text
    assert shop.post("/products/new", data={"code": "N1", "name": "新的"}).status_code == 303
    assert shop.get("/api/v1/products", params={"q": "N1"}).json()["items"] == [
        {"code": "N1", "name": "新的"}
    ]
    assert shop.get("/products/template.xlsx").content[:2] == b"PK"
    assert shop.get("/products/export.xlsx").headers["content-disposition"].startswith("attachment")
    assert shop.get("/products/999999").status_code == 404


def suggest(client: Client, message: str, **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = client.post("/api/v1/suggest", json={"message": message, **more}).json()
    return answer


def test_a_size_question_is_answered_from_the_table(shop: Client) -> None:
    answer = suggest(shop, "https://item.taobao.com/item.htm?id=600000000001 我160 100斤穿什么码")
    assert answer["product"]["known"]["code"] == "MY2201"
    assert [(size["who"], size["size"]) for size in answer["sizes"]] == [("您", "M")]
    best = answer["suggestions"][0]
    assert best["script_id"] == "ask_size.answer.by_table"
    assert "建议拍 M" in best["text"]
    assert best["missing"] == []


def test_a_follow_up_is_taken_for_the_next_person(shop: Client) -> None:
    turns = [
        {"role": "customer", "text": "半高领羊毛衫我160 100斤穿什么码"},
        {"role": "agent", "text": "建议您拍 M，穿着刚好。"},
    ]
    answer = suggest(shop, "那我妈呢 158 118斤", turns=turns)
    assert [(size["who"], size["verdict"]) for size in answer["sizes"]] == [("妈妈", "合适")]
    assert "妈妈" in answer["suggestions"][0]["text"]
    wish = suggest(
        shop, "喜欢宽松点的", turns=[{"role": "customer", "text": "半高领羊毛衫 165 110斤穿什么码"}, turns[1]]
    )
    assert [size["size"] for size in wish["sizes"]] == ["L"]


def test_without_a_table_or_product_no_size_is_put_into_a_script(shop: Client) -> None:
    for message in ("我160 100斤，S还是M", "我160 100斤穿什么码"):
        answer = suggest(shop, message)
        assert answer["sizes"] == []
        recommend = [
            each for each in answer["suggestions"] if each["script_id"] == "ask_size.answer.recommend"
        ]
        assert all("尺码" in each["missing"] for each in recommend)


def test_shrinkage_is_worked_out_from_the_products_own_table(shop: Client) -> None:
    turns = [
        {"role": "customer", "text": "半高领羊毛衫缩水了，M码的"},
        {"role": "agent", "text": "怎么洗的呢，麻烦平铺量一下衣长。"},
    ]
    answer = suggest(shop, "机洗的，衣长现在55", turns=turns)
    evidence = answer["evidence"]
    assert [one["percent"] for one in evidence["shrinkage"]] == [8.3]
    assert {item["id"]: item["status"] for item in evidence["items"]}["washing"] == "have"
    assert "未核对" in evidence["note"]
