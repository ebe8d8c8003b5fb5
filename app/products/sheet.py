"""Product lists as Excel workbooks: a sheet 商品 with a line per product and a sheet 尺码表 with a line per size.

Columns are found by their headings, in any order; columns nobody knows are passed over. A column that a file does not have
leaves what is stored; an empty cell empties it. A product without lines in 尺码表 keeps its size table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from app import regex as re
from app.errors import InvalidRequest
from app.nlu.slot_wear import DIMENSIONS
from app.sheets import Cell, Table, read_workbook, write_workbook

PRODUCTS: Final = "商品"
SIZES: Final = "尺码表"
HELP: Final = "说明"
MAX_PRODUCTS: Final = 20_000

# column -> the headings it may have, the first one is written
_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "code": ("款号", "货号", "商品编码", "商品编号", "商品id", "id", "编号"),
    "shop": ("店铺", "店铺id"),
    "name": ("名称", "商品名称", "商品标题", "标题", "品名", "name"),
    "aliases": ("别名", "简称", "俗称"),
    "links": ("链接", "商品链接", "宝贝链接", "link", "url"),
    "category": ("类目", "分类", "品类"),
    "fabric": ("面料成分", "面料", "成分", "材质"),
    "care": ("洗护", "洗护说明", "洗涤说明", "洗涤"),
    "colours": ("颜色", "颜色分类"),
    "notes": ("备注", "限制", "限制和备注", "说明"),
}
_LISTS: Final = frozenset({"aliases", "links"})
_LONGEST: Final = {"code": 80, "name": 200, "category": 80, "aliases": 500, "links": 1500}
_FITS: Final = ("身高", "体重", "胸围", "腰围", "臀围")
_HALVES: Final = ("1/2", "半", "½")
_RANGE: Final = re.compile(
    r"(?P<low>[0-9]{1,3}(?:\.[0-9]+)?)?\s*(?P<sign>[-~—–－～到至]+|以上|起|以下|以内)?\s*(?P<high>[0-9]{1,3}(?:\.[0-9]+)?)?"
)
_UNITS: Final = re.compile(r"cm|厘米|公分|公斤|千克|kg|斤|[≤<≥>＜＞]|以?上$", re.IGNORECASE)
_NUMBER: Final = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,2})?)(?:cm|厘米|公分)?", re.IGNORECASE)
_SPLIT: Final = re.compile(r"[\s;；,，、|]+")


@dataclass(frozen=True, slots=True)
class RowError:
    """row: as Excel counts, from 1."""

    sheet: str
    row: int
    text: str

    def __str__(self) -> str:
        return f"{'尺码表' if self.sheet == SIZES else '商品表'}第 {self.row} 行：{self.text}"


@dataclass(slots=True)
class Line:
    """A product as a file gives it: only the columns the file has. sizes None: the file has none for it."""

    row: int
    values: dict[str, Any]
    sizes: list[dict[str, Any]] | None = None
    broken: bool = False


@dataclass(slots=True)
class Listed:
    """A product list as read: the lines that are right, and what is wrong with the others."""

    lines: list[Line] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)


def read_products(data: bytes, shops: Iterable[str]) -> Listed:
    """What a workbook lists, with everything that is wrong in it. Raises InvalidRequest when it cannot be read at all."""
    book = read_workbook(data)
    rows = book.get(PRODUCTS) or next(
        (rows for name, rows in book.items() if name not in (SIZES, HELP)), None
    )
    if not rows:
        raise InvalidRequest(f"文件里没有「{PRODUCTS}」这张表，请用下载的模板填")
    columns = _columns(rows[0])
    missing = [_COLUMNS[name][0] for name in ("code", "name") if name not in columns.values()]
    if missing:
        raise InvalidRequest(f"「{PRODUCTS}」表的第一行要有{'、'.join(missing)}这几列，请用下载的模板填")
    listed = Listed()
    known: dict[tuple[str, str], Line] = {}
    for number, row in enumerate(rows[1:], 2):
        if any(row):
            _read_line(
                listed,
                known,
                number,
                {name: row[at] if at < len(row) else "" for at, name in columns.items()},
                frozenset(shops),
            )
    _read_sizes(listed, known, book.get(SIZES) or [])
    if len(listed.lines) > MAX_PRODUCTS:
        raise InvalidRequest(f"一次最多 {MAX_PRODUCTS} 款商品，请拆成几个文件")
    return listed


def write_products(products: Iterable[Mapping[str, Any]]) -> bytes:
    """A workbook that reads back as these products. products: as stored."""
    lines: list[Sequence[Cell]] = [[names[0] for names in _COLUMNS.values()]]
    sizes: list[Sequence[Cell]] = [_size_headings()]
    for product in products:
        lines.append(["\n".join(product[name]) if name in _LISTS else product[name] for name in _COLUMNS])
        sizes += [_size_cells(product["code"], product["shop"], size) for size in product["sizes"]]
    return _workbook(lines, sizes)


def template() -> bytes:
    """The workbook to fill in, with one product as an example."""
    example = {
        "code": "MY2201", "shop": "", "name": "半高领羊毛衫女秋冬新款", "aliases": ["半高领羊毛衫"],
        "links": ["https://item.taobao.com/item.htm?id=600000000001"], "category": "毛衣", "fabric": "羊毛 70% 聚酯纤维 30%",
        "care": "冷水手洗，平铺晾干", "colours": "黑色、燕麦色", "notes": "示例，填自己的商品前删掉这一行",
        "sizes": [
            {"name": "M", "fits": {"身高": [155, 165], "体重": [47.5, 55]}, "cm": {"胸围": 92, "衣长": 60, "肩宽": 38, "袖长": 56}},
            {"name": "L", "fits": {"身高": [160, 170], "体重": [55, 62.5]}, "cm": {"胸围": 96, "衣长": 62, "肩宽": 39, "袖长": 57}},
        ],
    }  # fmt: skip
    return write_products([example])


def _workbook(lines: list[Sequence[Cell]], sizes: list[Sequence[Cell]]) -> bytes:
    notes: list[Sequence[Cell]] = [[text] for text in HELP_LINES]
    widths = {
        PRODUCTS: (14, 10, 30, 18, 40, 10, 26, 26, 16, 26),
        SIZES: (14, 10, 10, *[11] * 16),
        HELP: (90,),
    }
    return write_workbook({PRODUCTS: lines, SIZES: sizes, HELP: notes}, widths)


HELP_LINES: Final = (
    "怎么填",
    "「商品」表一款一行，款号和名称必填；店铺留空是所有店铺都卖，要分店铺就填 shop.yaml 里的店铺 id。",
    "别名、链接可以填几个，用空格、顿号或换行隔开；短链接（如 https://m.tb.cn/…）照原样填。",
    "「尺码表」一个尺码一行，用款号对上商品，从小码到大码排。某款在这张表里没有行，就保留原来的尺码表。",
    "身高、体重、适合胸围／腰围／臀围是人的尺寸，填范围：155-165，也可以只填一头：70以上、55以下。",
    "体重按表头写的单位；胸围、腰围、臀围、大腿围填成衣一圈的尺寸（厘米），平铺量的一面用「1/2胸围」这样的表头。",
    "空着的格子会清空原来的内容；不想动的列，整列删掉再上传。",
    "同一个款号（和店铺）再上传就是更新；没写进来的商品不动。",
)


def _columns(heading: Sequence[str]) -> dict[int, str]:
    found: dict[int, str] = {}
    for at, cell in enumerate(heading):
        plain = re.sub(r"[（(].*|[\s*＊]", "", cell).lower()
        name = next((name for name, names in _COLUMNS.items() if plain in names), None)
        if name is not None and name not in found.values():
            found[at] = name
    return found


def _read_line(
    listed: Listed,
    known: dict[tuple[str, str], Line],
    number: int,
    cells: dict[str, str],
    shops: frozenset[str],
) -> None:
    line = Line(number, {name: _split(value) if name in _LISTS else value for name, value in cells.items()})
    line.values.setdefault("shop", "")
    code, shop = line.values["code"], line.values["shop"]
    problems: list[str] = []
    if not code:
        problems.append("没有款号")
    if not line.values["name"]:
        problems.append("没有名称")
    problems += [
        f"{_COLUMNS[name][0]}太长，最多 {limit} 个字"
        for name, limit in _LONGEST.items()
        if len(cells.get(name, "")) > limit
    ]
    if shop and shop not in shops:
        problems.append(f"没有「{shop[:20]}」这个店铺，可以填：{'、'.join(sorted(shops))}，或者空着")
    if code and (before := known.get((shop, code))) is not None:
        problems.append(f"款号「{code}」和第 {before.row} 行重复")
    elif code:
        known[shop, code] = line
    line.broken = bool(problems)
    listed.errors += [RowError(PRODUCTS, number, text) for text in problems]
    listed.lines.append(line)


def _split(text: str) -> list[str]:
    return list(dict.fromkeys(part for part in _SPLIT.split(text) if part))[:20]


def _read_sizes(listed: Listed, known: dict[tuple[str, str], Line], rows: Table) -> None:
    if not rows:
        return
    heading = [_size_column(cell) for cell in rows[0]]
    names = [name for name, _ in heading]
    if "款号" not in names or "尺码" not in names:
        listed.errors.append(RowError(SIZES, 1, "第一行要有款号、尺码这两列"))
        return
    for number, row in enumerate(rows[1:], 2):
        cells = [
            (name, unit, value) for (name, unit), value in zip(heading, row, strict=False) if name and value
        ]
        if not cells:
            continue
        given = {name: value for name, _, value in cells}
        line = known.get((given.get("店铺", ""), given.get("款号", "")))
        problems: list[str] = []
        if line is None:
            problems.append(f"款号「{given.get('款号', '')[:30]}」不在「{PRODUCTS}」表里")
        size = {"name": given.get("尺码", "")[:40], "fits": {}, "cm": {}}
        if not size["name"]:
            problems.append("没有尺码")
        for name, unit, value in cells:
            problems += _read_measure(size, name, unit, value)
        if line is not None:
            line.sizes = line.sizes or []
            if any(size["name"] == other["name"] for other in line.sizes):
                problems.append(f"「{given['款号']}」的尺码「{size['name']}」写了两行")
            line.sizes.append(size)
            line.broken = line.broken or bool(problems)
        listed.errors += [RowError(SIZES, number, text) for text in problems]


def _size_column(cell: str) -> tuple[str, str]:
    """A heading's dimension and unit: 「体重(斤)」 -> 体重, 斤; 「适合胸围」 -> 适合胸围; 「1/2胸围」 -> 胸围, 半."""
    plain = re.sub(r"[\s*＊]", "", cell)
    bare = re.sub(r"[（(].*", "", plain)
    if bare in _COLUMNS["code"]:
        return "款号", ""
    if bare in ("尺码", "码数", "规格", "size"):
        return "尺码", ""
    if bare in ("店铺", "店铺id"):
        return "店铺", ""
    for name in ("身高", "体重"):
        if name in bare:
            unit = (
                "斤"
                if re.search(r"(?<!公)斤", plain)
                else "kg"
                if re.search("kg|公斤|千克", plain, re.I)
                else ""
            )
            return name, unit
    for name in DIMENSIONS:
        if name in bare or (name == "胸围" and "胸宽" in bare):
            fits = bare.startswith(("适合", "建议", "净")) and name in _FITS
            half = "胸宽" in bare or any(mark in bare for mark in _HALVES)
            return (f"适合{name}", "") if fits else (name, "半" if half else "")
    return "", ""


def _read_measure(size: dict[str, Any], name: str, unit: str, value: str) -> list[str]:
    """Put a cell into the size; returns what is wrong with it."""
    if name in ("款号", "尺码", "店铺"):
        return []
    if name in ("身高", "体重") or name.startswith("适合"):
        ends = fit_range(
            value,
            "斤" if re.search(r"(?<!公)斤", value) else "kg" if re.search("kg|公斤", value, re.I) else unit,
        )
        if ends is None:
            return [f"{name}「{value[:20]}」看不懂，要写成 155-165 这样的范围"]
        if name == "体重" and not (unit or re.search("斤|kg", value, re.I)):
            return ["体重没写单位，表头写成「体重(斤)」或「体重(kg)」"]
        if ends[0] is not None and ends[1] is not None and ends[0] > ends[1]:
            return [f"{name}「{value[:20]}」前后写反了"]
        size["fits"][name.removeprefix("适合")] = ends
        return []
    number = _NUMBER.fullmatch(value.strip())
    if number is None or not 1 <= float(number[1]) <= 300:
        return [f"{name}「{value[:20]}」要写成厘米数，例如 96"]
    size["cm"][name] = tidy(float(number[1]) * (2 if unit == "半" else 1))
    return []


def fit_range(text: str, unit: str) -> list[float | None] | None:
    """「155-165」 -> [155, 165], 「70以上」 -> [70, None]; None when it is no range. unit 斤 becomes kilograms."""
    upward = bool(re.search(r"以上|起|[≥>＞]", text))
    downward = bool(re.search(r"以下|以内|[≤<＜]", text))
    plain = _UNITS.sub("", text.strip()).strip()
    found = _RANGE.fullmatch(plain)
    if found is None or not (found["low"] or found["high"]):
        return None
    low, high = (float(end) if end else None for end in (found["low"], found["high"]))
    if high is None or low is None:
        if not (upward or downward or found["sign"]):
            return None
        only = low if low is not None else high
        low, high = (only, None) if upward or (not downward and found["low"]) else (None, only)
    share = 2 if unit == "斤" else 1
    return [tidy(end / share) if end is not None else None for end in (low, high)]


def tidy(value: float) -> float:
    """Whole numbers as such, so that what is stored compares equal whichever way it came."""
    value = round(value, 2)
    return int(value) if value == int(value) else value


def range_text(ends: Sequence[float | None], share: float = 1) -> str:
    """A range as a person writes it: 「150-160」, 「150以上」, 「160以下」. ends: low and high, None: open; share: what to
    multiply with.
    """
    low, high = ((f"{tidy(end * share)}" if end is not None else "") for end in ends)
    return f"{low}-{high}" if low and high else f"{low}以上" if low else f"{high}以下"


def _size_headings() -> list[str]:
    return ["款号", "店铺", "尺码", "身高(cm)", "体重(斤)", "适合胸围", "适合腰围", "适合臀围", *DIMENSIONS]


def _size_cells(code: str, shop: str, size: Mapping[str, Any]) -> list[Cell]:
    fits, measures = size["fits"], size["cm"]
    wearer = [range_text(fits[name], 2 if name == "体重" else 1) if name in fits else "" for name in _FITS]
    return [code, shop, size["name"], *wearer, *(measures.get(name, "") for name in DIMENSIONS)]
