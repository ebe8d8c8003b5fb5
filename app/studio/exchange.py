"""Scripts and examples as tables, Excel or CSV: read with every row's faults told, put into the draft whole or not at all.

A sheet 话术 has a script per line, a sheet 样例 a customer's sentence per line. Columns are found by their headings. A line with
the 编号 of a script changes the columns of the table and leaves the rest of the script; a line without one is a new script.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from rapidfuzz import fuzz, process

from app.content.check import ALIKE
from app.content.entries import Catalogue, Entry, Ref
from app.errors import InvalidRequest
from app.sheets import MAX_BYTES, MAX_ROWS, Cell, Table, read_workbook, write_workbook
from app.studio.drafts import Change
from app.studio.learning import Known, masked
from app.studio.tree import PACK_NAMES
from app.vocabulary import NUMBER_FACTS, STAGE_NAMES

SCRIPTS: Final = "话术"
EXAMPLES: Final = "样例"
HELP: Final = "说明"
BUBBLES: Final = 6
MAX_CHANGES: Final = 1_000
"""How many lines one import may add or change: the draft is locked while it is written."""
COLUMNS: Final = (
    "编号", "意图", "阶段", "语气", "标题", *(f"气泡{number}" for number in range(1, BUBBLES + 1)), "条件", "来源",
)  # fmt: skip
_NEEDED: Final = {SCRIPTS: ("意图", "阶段", "语气", "标题", "气泡1", "来源"), EXAMPLES: ("意图", "顾客的话")}
_COMMON: Final = "通用"
_SPLIT: Final = re.compile(r"[;；\n]+")
_OR: Final = re.compile(r"[/／、]")
_CONDITION: Final = re.compile(r"^(\S+?)\s*(<=|>=|≤|≥|<|>|＝|=|：|:)\s*(.+)$")
_SIGNS: Final = {"≤": "<=", "≥": ">="}
_ESCAPED: Final = ("=", "+", "-", "@", "\t", "\r")

Check = Callable[[Sequence[tuple[str, Any, str]]], list[list[str]]]
"""What is wrong with entries (name, data, pack) as content: a list of sentences each."""


@dataclass(frozen=True, slots=True)
class Note:
    """row: as Excel counts, from 1."""

    sheet: str
    row: int
    text: str


@dataclass(slots=True)
class Plan:
    """What a table would do to the draft. digest: names exactly these changes."""

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    same: int = 0
    duplicates: list[Note] = field(default_factory=list)
    errors: list[Note] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """Names what would be changed, so that an import does what its preview showed."""
        said = [[str(change.ref), change.data, change.pack] for change in self.changes]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:32]

    @property
    def summary(self) -> str:
        """「新增 32，重复 5，3 行有错」"""
        parts = [f"新增 {len(self.new)}"]
        parts += [f"更新 {len(self.changed)}"] if self.changed else []
        parts += [f"没变 {self.same}"] if self.same else []
        parts += [f"重复 {len(self.duplicates)}"]
        text = "，".join(parts)
        rows = len({(note.sheet, note.row) for note in self.errors})
        return f"{text}，{rows} 行有错" if rows else text


@dataclass(frozen=True, slots=True)
class _Line:
    row: int
    cells: Mapping[str, str]


def read_tables(data: bytes, name: str) -> dict[str, Table]:
    """The tables of a file, .xlsx or .csv (UTF-8 or GB18030). Raises InvalidRequest."""
    if not data:
        raise InvalidRequest("文件是空的")
    if data[:2] == b"PK" or name.lower().endswith((".xlsx", ".xls", ".xlsm")):
        return read_workbook(data)
    if len(data) > MAX_BYTES:
        raise InvalidRequest(f"文件太大，最多 {MAX_BYTES // 1024 // 1024} MB")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise InvalidRequest("读不出这个文件的文字，请存成 .xlsx，或者 UTF-8 的 .csv")
    return {"": _csv_rows(text)}


def _csv_rows(text: str) -> Table:
    try:
        rows = [[_unescaped(cell) for cell in row] for row in csv.reader(io.StringIO(text, newline=""))]
    except csv.Error as error:
        raise InvalidRequest("这不是能读的 .csv 文件") from error
    if len(rows) > MAX_ROWS:
        raise InvalidRequest(f"一张表最多 {MAX_ROWS} 行，请拆成几个文件")
    return rows


def _unescaped(cell: str) -> str:
    cell = cell.replace("\x00", "").strip()
    return cell[1:] if cell[:1] == "'" and cell[1:2] in _ESCAPED else cell


def plan(tables: Mapping[str, Table], now: Catalogue, golden: Sequence[str], check: Check) -> Plan:
    """What the tables would do to a draft that says `now`. Raises InvalidRequest when there is no table to be read."""
    found = _find(tables)
    made = Plan()
    if SCRIPTS in found:
        _plan_scripts(found[SCRIPTS], now, made, check)
    if EXAMPLES in found:
        _plan_examples(found[EXAMPLES], now, golden, made)
    if len(made.new) + len(made.changed) > MAX_CHANGES:
        raise InvalidRequest(f"一次最多导入 {MAX_CHANGES} 行，请拆成几个文件")
    return made


def _find(tables: Mapping[str, Table]) -> dict[str, list[_Line]]:
    found: dict[str, list[_Line]] = {}
    missing: list[str] = []
    for name, rows in tables.items():
        headings = [cell.strip("*＊ ") for cell in rows[0]] if rows else []
        kind = EXAMPLES if "顾客的话" in headings else SCRIPTS if "气泡1" in headings else ""
        if not kind or name == HELP or kind in found:
            continue
        missing += [heading for heading in _NEEDED[kind] if heading not in headings]
        found[kind] = [
            _Line(number, dict(zip(headings, row, strict=False)))
            for number, row in enumerate(rows[1:], start=2)
            if any(row)
        ]
    if missing:
        raise InvalidRequest(f"第一行还缺{'、'.join(missing)}这几列，请用下载的模板填")
    if not found:
        raise InvalidRequest(
            "没有找到表：第一行要有「气泡1」（话术）或「顾客的话」（样例），请用下载的模板填"
        )
    if not any(found.values()):
        raise InvalidRequest("表里只有标题，没有内容")
    return found


class _Cells:
    """What scripts the draft has, cell by cell, for finding duplicates; grows with the lines read."""

    def __init__(self, now: Catalogue) -> None:
        self._texts: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
        for entry in now:
            if entry.ref.kind == "script":
                self.add(_home(entry), entry.data)

    def add(self, home: str, data: Mapping[str, Any]) -> None:
        key = home, str(data.get("stage"))
        self._texts[key].append((_said(data), str(data.get("title", ""))))

    def like(self, home: str, data: Mapping[str, Any]) -> str | None:
        """The title of a script that says almost the same."""
        there = self._texts[home, str(data.get("stage"))]
        found = process.extractOne(
            _said(data), [text for text, _ in there], scorer=fuzz.ratio, score_cutoff=ALIKE
        )
        return None if found is None else there[found[2]][1]


def _plan_scripts(lines: Sequence[_Line], now: Catalogue, made: Plan, check: Check) -> None:
    cells, names = _Cells(now), _names(now)
    found: list[tuple[_Line, Change, bool]] = []
    seen: dict[str, int] = {}
    for line in lines:
        change, problems = _script(line.cells, now, names)
        made.errors += [Note(SCRIPTS, line.row, problem) for problem in problems]
        if change is None or problems:
            continue
        entry = now.find(change.ref)
        if str(change.ref) in seen:
            where = Note(SCRIPTS, line.row, f"和第 {seen[str(change.ref)]} 行是同一条")
            made.duplicates.append(where)
            continue
        seen[str(change.ref)] = line.row
        if entry is not None:
            if entry.data == change.data:
                made.same += 1
            else:
                found.append((line, change, False))
            continue
        home = _home_of(change)
        like = cells.like(home, change.data)
        if like is not None:
            made.duplicates.append(Note(SCRIPTS, line.row, f"和「{like}」几乎一样"))
            continue
        cells.add(home, change.data)
        found.append((line, change, True))
    told = check([(str(change.ref), change.data, change.pack) for _, change, _ in found]) if found else []
    for (line, change, new), problems in zip(found, told, strict=True):
        if problems:
            made.errors += [Note(SCRIPTS, line.row, problem) for problem in problems]
            continue
        (made.new if new else made.changed).append(str(change.data["title"]))
        made.changes.append(change)
    made.errors.sort(key=lambda note: note.row)


def _script(
    cells: Mapping[str, str], now: Catalogue, names: Mapping[str, tuple[str, str]]
) -> tuple[Change | None, list[str]]:
    problems: list[str] = []
    home, pack = names.get(cells.get("意图", ""), ("", ""))
    if not home:
        problems.append(f"没有「{cells.get('意图', '')}」这个意图" if cells.get("意图") else "没写意图")
    stages = {name: ident for ident, name in STAGE_NAMES.items()} | {ident: ident for ident in STAGE_NAMES}
    stage = stages.get(cells.get("阶段", ""))
    if stage is None:
        problems.append(f"阶段「{cells.get('阶段', '')}」要写{'、'.join(STAGE_NAMES.values())}里的一个")
    bubbles = [cells[name] for number in range(1, BUBBLES + 1) if cells.get(name := f"气泡{number}")]
    problems += [f"没写{name}" for name in ("语气", "标题", "来源") if not cells.get(name)]
    problems += [] if bubbles else ["一条气泡也没有"]
    when: dict[str, Any] = {}
    try:
        when = parse_when(cells.get("条件", ""))
    except ValueError as error:
        problems.append(str(error))
    ident = cells.get("编号", "")
    entry = now.find(Ref("script", ident)) if ident else None
    if entry is not None and home and _home(entry) != home:
        problems.append(f"编号「{ident}」是别的意图的话术")
    if problems or stage is None:
        return None, problems
    table = {
        "title": cells["标题"], "stage": stage, "tone": cells["语气"], "bubbles": bubbles,
        "source": [item.strip() for item in _SPLIT.split(cells["来源"]) if item.strip()],
    }  # fmt: skip
    if entry is not None:
        return Change(entry.ref, _changed(entry.data, table, when), entry.pack), []
    name = ident or _new_id(home, stage, bubbles)
    return Change(Ref("script", name), {"id": name, **table, **({"when": when} if when else {})}, pack), []


def _changed(data: Mapping[str, Any], table: Mapping[str, Any], when: Mapping[str, Any]) -> dict[str, Any]:
    """The script with the table's columns; what the table cannot say stays, and how it is written where it says the same."""
    merged = {**data, **table}
    if format_when(data.get("when")) != format_when(when):
        merged = {key: value for key, value in merged.items() if key != "when"}
        merged |= {"when": dict(when)} if when else {}
    return merged


def _plan_examples(lines: Sequence[_Line], now: Catalogue, golden: Sequence[str], made: Plan) -> None:
    known = Known(now, golden)
    names = {name: home for name, (home, _) in _names(now).items() if not home.startswith("_common")}
    added: dict[str, list[str]] = defaultdict(list)
    taught: dict[str, tuple[int, str]] = {}
    for line in lines:
        intent, text = names.get(line.cells.get("意图", ""), ""), masked(line.cells.get("顾客的话", ""))
        problem = "没写顾客的话" if not text else ""
        problem = problem or ("" if intent else f"没有「{line.cells.get('意图', '')}」这个意图")
        before = taught.get(text)
        if before is not None and before[1] != intent:
            problem = problem or f"和第 {before[0]} 行是同一句，意图不一样"
        problem = problem or known.why_not(text, intent)
        if problem:
            made.errors.append(Note(EXAMPLES, line.row, problem))
        elif before is not None or known.has(text, intent):
            made.duplicates.append(Note(EXAMPLES, line.row, f"「{text[:30]}」已经有了"))
        else:
            taught[text] = line.row, intent
            added[intent].append(text)
            made.new.append(text)
    for intent, texts in added.items():
        ref = Ref("intent", intent)
        data = now.data(ref)
        made.changes.append(Change(ref, {**data, "examples": [*(data.get("examples") or []), *texts]}))


def parse_when(text: str) -> dict[str, Any]:
    """「责任=店铺；平台=淘宝/京东；签收天数<=7」 as content says it. Raises ValueError in Chinese."""
    when: dict[str, Any] = {}
    for part in (part.strip() for part in _SPLIT.split(text)):
        if not part:
            continue
        found = _CONDITION.match(part)
        if found is None:
            raise ValueError(f"条件「{part[:20]}」要写成「责任=店铺」这样，几个用分号隔开")
        fact, sign, value = found[1], _SIGNS.get(found[2], found[2]), found[3].strip()
        values = [item.strip() for item in _OR.split(value) if item.strip()]
        if fact in NUMBER_FACTS:
            when[fact] = f"{sign}{value}" if sign[0] in "<>" else value
        else:
            when[fact] = values[0] if len(values) == 1 else values
    return when


def format_when(when: Any) -> str:
    """Conditions as the table has them: 「责任=店铺；签收天数<=7」."""
    parts = []
    for fact, value in (when or {}).items() if isinstance(when, dict) else ():
        said = "/".join(str(item) for item in value) if isinstance(value, list) else str(value)
        said = {"true": "是", "false": "否"}.get(said, said)
        parts.append(f"{fact}{said}" if said[:1] in "<>" else f"{fact}={said}")
    return "；".join(parts)


def export_rows(now: Catalogue) -> tuple[list[list[Cell]], list[list[Cell]]]:
    """All scripts and all examples of a draft, each with its heading."""
    titles = {home: name for name, (home, _) in reversed(list(_names(now).items()))}
    scripts: list[list[Cell]] = [list(COLUMNS)]
    examples: list[list[Cell]] = [["意图", "顾客的话"]]
    for entry in now:
        if entry.ref.kind == "script":
            scripts.append(_row(entry, titles))
        elif entry.ref.kind == "intent" and isinstance(entry.data, dict):
            title = titles.get(entry.ref.id, entry.ref.id)
            for example in entry.data.get("examples") or ():
                said = example.get("text") if isinstance(example, dict) else example
                examples.append([title, str(said)])
    return scripts, examples


def _row(entry: Entry, titles: Mapping[str, str]) -> list[Cell]:
    data = entry.data
    bubbles = [str(bubble) for bubble in data.get("bubbles") or ()][:BUBBLES]
    home = _home(entry)
    return [
        entry.ref.id,
        titles.get(home, home),
        STAGE_NAMES.get(str(data.get("stage")), str(data.get("stage"))),
        str(data.get("tone", "")),
        str(data.get("title", "")),
        *bubbles,
        *[""] * (BUBBLES - len(bubbles)),
        format_when(data.get("when")),
        "；".join(str(item) for item in data.get("source") or ()),
    ]


def export_workbook(now: Catalogue) -> bytes:
    """All scripts and examples of the draft as an Excel workbook."""
    scripts, examples = export_rows(now)
    return _workbook(scripts, examples)


def export_csv(now: Catalogue) -> bytes:
    """The scripts; cells that a spreadsheet would take for formulas are quoted with an apostrophe."""
    target = io.StringIO()
    writer = csv.writer(target)
    for row in export_rows(now)[0]:
        writer.writerow([f"'{cell}" if str(cell).startswith(_ESCAPED) else cell for cell in row])
    return target.getvalue().encode("utf-8-sig", errors="replace")


def template() -> bytes:
    """An empty workbook with a line of each kind to copy from."""
    script: list[Cell] = [
        "", "缩水", "确认", "亲切", "请拍平铺照", "新衣服洗一次就小了，换谁都心疼。", "麻烦把{{ 商品 }}平铺拍一张给我看看。",
        *[""] * (BUBBLES - 2), "洗过=是", "practice",
    ]  # fmt: skip
    return _workbook([list(COLUMNS), script], [["意图", "顾客的话"], ["缩水", "洗了一次短了一大截"]])


def _workbook(scripts: Sequence[Sequence[Cell]], examples: Sequence[Sequence[Cell]]) -> bytes:
    widths = {SCRIPTS: [28, 12, 8, 8, 18, *[36] * BUBBLES, 24, 16], EXAMPLES: [14, 60], HELP: [14, 90]}
    return write_workbook({SCRIPTS: scripts, EXAMPLES: examples, HELP: list(_HELP)}, widths)


_HELP: Final[tuple[list[Cell], ...]] = (
    ["列", "怎么填"],
    [
        "编号",
        "新话术空着，系统会编；导出来的不要改，导回去就更新那一条，表里没有的内容（标记、有效期等）保持不变",
    ],
    ["意图", "意图的名字，例如 缩水。通用话术写 通用，或者 通用（服装）"],
    ["阶段", "、".join(STAGE_NAMES.values())],
    ["语气", "亲切、正式、门店"],
    ["标题", "客服一眼看懂的名字，最多 40 个字"],
    ["气泡1–6", "一格一条消息，要填的空写成 {{ 商品 }}"],
    ["条件", "什么情况才用，例如 责任=店铺；平台=淘宝/京东；签收天数<=7。没有就空着"],
    ["来源", "依据，几个用分号隔开；自己总结的写 practice"],
    ["顾客的话", "样例表用：顾客会怎么说，一行一句；电话、地址等会自动遮住"],
)


def _names(now: Catalogue) -> dict[str, tuple[str, str]]:
    """What a table may call an intent or the common scripts -> its home (intent or _common.pack) and pack."""
    found: dict[str, tuple[str, str]] = {}
    for entry in now:
        if entry.ref.kind == "intent" and isinstance(entry.data, dict):
            found[entry.ref.id] = entry.ref.id, entry.pack
            found.setdefault(str(entry.data.get("name", "")), (entry.ref.id, entry.pack))
    for pack, name in PACK_NAMES.items():
        found[f"{_COMMON}（{name}）"] = found[f"{_COMMON}({name})"] = f"_common.{pack}", pack
    return {**found, _COMMON: ("_common.common", "common")}


def _home(entry: Entry) -> str:
    stem = entry.file.rsplit("/", 1)[-1].removesuffix(".yaml")
    return f"_common.{entry.pack}" if stem == "_common" else stem


def _home_of(change: Change) -> str:
    owner = change.ref.id.split(".")[0]
    return f"_common.{change.pack}" if owner == "common" else owner


def _new_id(home: str, stage: str, bubbles: Sequence[str]) -> str:
    mark = hashlib.sha256("\n".join(bubbles).encode("utf-8", errors="replace")).hexdigest()[:8]
    owner = "common" if home.startswith("_common") else home
    return f"{owner}.{stage}.t{mark}"


def _said(data: Mapping[str, Any]) -> str:
    return "".join(str(bubble) for bubble in data.get("bubbles") or ())
