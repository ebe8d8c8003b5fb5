"""Excel workbooks in and out, as plain tables of text. What comes in is not trusted: size, unpacked size and shape are
limited.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Final
from xml.etree.ElementTree import ParseError  # noqa: S405 - the type of an error, nothing is parsed here

from app.errors import InvalidRequest
from app.later import Later

if TYPE_CHECKING:
    import openpyxl
    from openpyxl import cell as cells
    from openpyxl import styles, utils
    from openpyxl.utils import exceptions
else:
    openpyxl = Later("openpyxl")
    cells, styles = Later("openpyxl.cell"), Later("openpyxl.styles")
    utils, exceptions = Later("openpyxl.utils"), Later("openpyxl.utils.exceptions")

MAX_BYTES: Final = 5 * 1024 * 1024
MAX_UNPACKED: Final = 60 * 1024 * 1024
MAX_MEMBERS: Final = 2_000
MAX_ROWS: Final = 60_000
MAX_COLUMNS: Final = 60
MAX_CELL: Final = 2_000
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_UNWRITABLE: Final = dict.fromkeys({*range(32), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF} - set(b"\t\n\r"))
"""Characters that XML cannot hold, and with it no .xlsx file: https://www.w3.org/TR/xml/#charsets"""
_NOT_EXCEL: Final = "这不是能读的 Excel 文件，请另存为 .xlsx 再上传"

Table = list[list[str]]
Cell = str | float | datetime | None


def read_workbook(data: bytes) -> dict[str, Table]:
    """Sheet name -> rows of trimmed text; row 0 is the first line of the sheet. Empty rows stay, so that numbers fit Excel's.

    Raises InvalidRequest for what is no .xlsx file, or too big packed or unpacked.
    """
    if len(data) > MAX_BYTES:
        raise InvalidRequest(f"文件太大，最多 {MAX_BYTES // 1024 // 1024} MB")
    _check_archive(data)
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        try:
            return {
                sheet.title: _rows(sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True))
                for sheet in book.worksheets
            }
        finally:
            book.close()
    except (
        exceptions.InvalidFileException,
        zipfile.BadZipFile,
        ParseError,
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        IndexError,
        OSError,
        EOFError,
    ) as error:
        raise InvalidRequest(_NOT_EXCEL) from error


def write_workbook(
    sheets: Mapping[str, Iterable[Sequence[Cell]]], widths: Mapping[str, Sequence[int]] | None = None
) -> bytes:
    """An .xlsx file: the first row of each sheet is its heading, bold and fixed. widths: sheet -> characters per column.

    Text that Excel would take for a formula is written as text; characters that no such file can hold are left out.
    """
    book = openpyxl.Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        sheet.freeze_panes = "A2"
        for index, width in enumerate((widths or {}).get(name, ())):
            sheet.column_dimensions[utils.get_column_letter(index + 1)].width = width
        for number, row in enumerate(rows):
            sheet.append([_cell(sheet, value, heading=number == 0) for value in row])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _cell(sheet: Any, value: Cell, *, heading: bool) -> Any:
    """The value itself, which is what is quick, where it needs no style."""
    if isinstance(value, str):
        value = value.translate(_UNWRITABLE)
    formula = isinstance(value, str) and value.startswith(_FORMULA)
    if not heading and not formula:
        return value or None if isinstance(value, str) else value
    cell = cells.WriteOnlyCell(sheet, value=value)
    if formula:
        cell.data_type = "s"
        cell.quotePrefix = True
    if heading:
        cell.font = styles.Font(bold=True)
    return cell


def _check_archive(data: bytes) -> None:
    """Refuse an archive that would unpack to far more than it is. Raises InvalidRequest."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise InvalidRequest(_NOT_EXCEL) from error
    if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED:
        raise InvalidRequest("这个 Excel 文件展开后太大，请拆成几个再上传")


def _rows(rows: Iterable[Sequence[object]]) -> Table:
    """Raises InvalidRequest when there are too many rows."""
    table = [_trimmed(row) for row in islice(rows, MAX_ROWS + 1)]
    if len(table) > MAX_ROWS:
        raise InvalidRequest(f"一张表最多 {MAX_ROWS} 行，请拆成几个文件")
    while table and not any(table[-1]):
        table.pop()
    return table


def _trimmed(row: Sequence[object]) -> list[str]:
    cells = [_text(value) for value in row]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    return str(value).replace("\x00", "").strip()[:MAX_CELL]
