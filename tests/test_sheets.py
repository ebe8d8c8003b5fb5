"""Excel in and out: what is written reads back, formulas stay text, what is not Excel or unpacks too big is refused."""

from __future__ import annotations

import io
import zipfile

import pytest

from app import sheets
from app.errors import InvalidRequest
from app.sheets import read_workbook, write_workbook


def test_what_is_written_reads_back_as_text() -> None:
    data = write_workbook(
        {"商品": [("款号", "价"), ("A1", 12.5), ("=1+1", 3.0), (None, ""), ("末", "+86")]}, {"商品": (20, 8)}
    )
    assert read_workbook(data) == {"商品": [["款号", "价"], ["A1", "12.5"], ["=1+1", "3"], [], ["末", "+86"]]}


def test_what_no_such_file_can_hold_is_left_out() -> None:
    data = write_workbook(
        {"会话": [("标\x0b题",), ("缩\x00\x01\x1f\ud83d\ufffe\uffff水\t了\n\u2028😊",), ("\x0b=1+1",)]}
    )
    assert read_workbook(data) == {"会话": [["标题"], ["缩水\t了\n\u2028😊"], ["=1+1"]]}


@pytest.mark.parametrize("data", [b"", b"\xd0\xcf\x11\xe0 old excel", b"a,b,c", b"PK\x03\x04 broken"])
def test_what_is_no_workbook_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidRequest, match="xlsx"):
        read_workbook(data)


def archive(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return target.getvalue()


def test_any_other_archive_is_refused_and_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidRequest, match="xlsx"):
        read_workbook(archive({"a.txt": b"1"}))
    monkeypatch.setattr(sheets, "MAX_UNPACKED", 1000)
    monkeypatch.setattr(sheets.openpyxl, "load_workbook", lambda *_, **__: pytest.fail("unpacked"))
    with pytest.raises(InvalidRequest, match="展开后太大"):
        read_workbook(archive({"xl/worksheets/sheet1.xml": b"0" * 5000}))


def test_too_many_rows_and_bytes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = write_workbook({"一": [(n,) for n in range(20)]})
    monkeypatch.setattr(sheets, "MAX_ROWS", 19)
    with pytest.raises(InvalidRequest, match="19 行"):
        read_workbook(data)
    monkeypatch.setattr(sheets, "MAX_BYTES", 100)
    with pytest.raises(InvalidRequest, match="文件太大"):
        read_workbook(data)
