"""Cases leaving the product: a workbook of one or of many, and the packet for a platform's appeal.

A list is always masked. A single case shows originals to whom `casebook.sees_originals` lets; the appeal packet holds
them, since a platform compares it with its own records.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from app.cases.casebook import CaseFile
from app.cases.fields import NAMES
from app.cases.photos import ENDINGS
from app.cases.wording import Wording
from app.masking import mask
from app.sheets import Cell, write_workbook
from app.store.cases import Case, Photo
from app.store.conversations import StoredTurn

PERSONAL: Final = ("customer", "contact", "order_number", "tracking_number")
_LIST: Final = (
    "status", "owner", "due_at", "shop", "platform", "customer", "order_number", "product", "colour", "size",
    "intents", "risks", "description", "demanded", "responsibility", "loss", "remedies", "confirmation", "outcome",
)  # fmt: skip
_FREE: Final = frozenset({"description", "demanded", "responsibility_reason", "opinions", "outcome", "facts",
                          "confirmed_how", "remedies", "certificate"})  # fmt: skip
_SIDES: Final = {"customer": "顾客", "agent": "客服"}
_KINDS: Final = {
    "image": "图片",
    "video": "视频",
    "order": "订单卡",
    "link": "链接",
    "sticker": "表情",
    "recall": "撤回",
}


def hidden(value: str) -> str:
    """A name or number of a person, covered whatever it looks like: its first and last letter stay."""
    if len(value) <= 1:
        return "*" if value else ""
    masked = mask(value)
    return masked if masked != value else f"{value[0]}***{value[-1]}"


def text_of(field: str, fields: Mapping[str, Any], words: Wording, *, original: bool) -> str:
    """A field as text, without personal data unless `original`."""
    text = words.value(field, fields.get(field))
    if original:
        return text
    if field in PERSONAL:
        return hidden(text)
    return mask(text) if field in _FREE else text


def list_workbook(cases: Iterable[Case], words: Wording) -> bytes:
    """Many cases, a line each, masked."""
    head = ["编号", "登记时间", "登记人", *(NAMES[field] for field in _LIST), "结案时间"]

    def lines() -> Iterable[list[Cell]]:
        yield list(head)
        for case in cases:
            yield [
                case.number,
                words.moment(case.opened_at),
                case.opened_by,
                *(text_of(field, case.fields, words, original=False) for field in _LIST),
                words.moment(case.closed_at) if case.closed_at else "",
            ]

    widths = {"顾客投诉登记表": [12, 17, 10, *(14 for _ in _LIST), 17]}
    return write_workbook({"顾客投诉登记表": lines()}, widths)


def case_workbook(file: CaseFile, words: Wording, *, original: bool) -> bytes:
    """One case: the form, its timeline, its photos."""
    sheets = {
        "登记表": form_rows(file.case, words, original=original),
        "经过": _event_rows(file, words),
        "照片": _photo_rows(file.photos, words, original=original),
    }
    return write_workbook(sheets, {"登记表": [16, 80], "经过": [18, 12, 60], "照片": [10, 30, 18, 12, 70]})


def form_rows(case: Case, words: Wording, *, original: bool) -> list[list[Cell]]:
    """The rows of a case's sheet. original: personal data as it is, else masked."""
    return [
        ["项目", "内容"],
        ["编号", case.number],
        ["登记", f"{case.opened_by} {words.moment(case.opened_at)}"],
        *_field_rows(case, words, original=original),
        ["结案时间", words.moment(case.closed_at) if case.closed_at else ""],
    ]  # fmt: skip


def _field_rows(case: Case, words: Wording, *, original: bool) -> Iterator[list[Cell]]:
    for field, name in NAMES.items():
        yield [name, text_of(field, case.fields, words, original=original)]


def appeal_packet(
    file: CaseFile, photos: Mapping[int, bytes], words: Wording, *, by: str, now: datetime
) -> bytes:
    """A zip with the case, the whole chat with times, the numbered evidence, and the SHA-256 of every file.

    photos: the bytes by photo id.
    """
    names = {
        photo.id: f"证据/{number(at)}.{ENDINGS[photo.media_type]}" for at, photo in enumerate(file.photos, 1)
    }
    chat = "\n".join(chat_lines(file.turns, words))
    workbook = write_workbook(
        {
            "基本情况": form_rows(file.case, words, original=True),
            "聊天记录": _chat_rows(file.turns, words),
            "证据清单": _evidence_rows(file, names, words),
        },
        {"基本情况": [16, 80], "聊天记录": [6, 20, 8, 80], "证据清单": [8, 30, 18, 70]},
    )
    members = {
        "申诉材料.xlsx": workbook,
        "聊天记录.txt": chat.encode("utf-8", errors="replace"),
        **{names[photo.id]: photos[photo.id] for photo in file.photos},
    }
    sums = [f"{hashlib.sha256(data).hexdigest()}  {name}" for name, data in members.items()]
    told = [f"登记表 {file.case.number}，{by} 于 {words.moment(now)} 导出。每个文件的 SHA-256：", *sums]
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packet:
        for name, data in {**members, "文件校验.txt": "\n".join(told).encode()}.items():
            packet.writestr(name, data)
    return target.getvalue()


def number(at: int) -> str:
    """The number of a piece of evidence: E01."""
    return f"E{at:02d}"


def chat_lines(turns: Sequence[StoredTurn], words: Wording) -> list[str]:
    """A conversation as text, a line per turn: the moment in the shop's time, the side, the words as they were said."""
    return [f"{_when(turn, words)} {_SIDES[turn.role]}：{said(turn)}" for turn in turns]


def said(turn: StoredTurn) -> str:
    """A turn's words and, in brackets, what came with them."""
    extra = "".join(f"〔{_KINDS.get(part.get('type', ''), '附件')}〕" for part in turn.attachments)
    return turn.text + extra


def _when(turn: StoredTurn, words: Wording) -> str:
    return (turn.sent_at or turn.stored_at).astimezone(words.zone).strftime("%Y-%m-%d %H:%M:%S")


def _chat_rows(turns: Sequence[StoredTurn], words: Wording) -> list[list[Cell]]:
    rows: list[list[Cell]] = [["序号", "时间", "谁说的", "内容"]]
    return rows + [
        [str(at), _when(turn, words), _SIDES[turn.role], said(turn)] for at, turn in enumerate(turns, 1)
    ]


def _evidence_rows(file: CaseFile, names: Mapping[int, str], words: Wording) -> list[list[Cell]]:
    rows: list[list[Cell]] = [["编号", "证据", "取得时间", "SHA-256"]]
    for at, photo in enumerate(file.photos, 1):
        rows.append(
            [number(at), f"{names[photo.id]}（{photo.name}）", words.moment(photo.added_at), photo.sha256]
        )
    talk = "\n".join(chat_lines(file.turns, words)).encode("utf-8", errors="replace")
    rows.append([number(len(file.photos) + 1), "聊天记录.txt", "", hashlib.sha256(talk).hexdigest()])
    certificate = str(file.case.fields["certificate"])
    rows.append([number(len(file.photos) + 2), f"平台举证编号 {certificate or '（未填）'}", "", ""])
    return rows


def _event_rows(file: CaseFile, words: Wording) -> list[list[Cell]]:
    rows: list[list[Cell]] = [["时间", "谁", "做了什么"]]
    return rows + [[words.moment(event.at), event.who, words.event(event)] for event in file.events]


def _photo_rows(photos: Sequence[Photo], words: Wording, *, original: bool) -> list[list[Cell]]:
    rows: list[list[Cell]] = [["编号", "文件名", "上传时间", "上传人", "SHA-256"]]
    for at, photo in enumerate(photos, 1):
        name = photo.name if original else mask(photo.name)
        rows.append([number(at), name, words.moment(photo.added_at), photo.added_by, photo.sha256])
    return rows
