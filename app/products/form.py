"""One product as a form: fields of text, and the size table as a grid."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from app.nlu.slot_wear import DIMENSIONS
from app.products.sheet import fit_range, range_text, tidy

WEARER: Final[dict[str, tuple[str, str]]] = {
    "身高(cm)": ("身高", ""),
    "体重(斤)": ("体重", "斤"),
    "适合胸围": ("胸围", ""),
    "适合腰围": ("腰围", ""),
    "适合臀围": ("臀围", ""),
}
"""Column -> what the wearer measures, and the unit it is typed in."""
_TEXTS: Final = {
    "shop": 200,
    "code": 80,
    "name": 200,
    "category": 80,
    "fabric": 400,
    "care": 400,
    "colours": 400,
    "notes": 1000,
}
_MAX_SIZES: Final = 40


def size_fields(size: Mapping[str, Any]) -> dict[str, str]:
    """A stored size as the texts of its row."""
    fields = {"尺码": size["name"]}
    for column, (name, unit) in WEARER.items():
        if name in size["fits"]:
            fields[column] = range_text(size["fits"][name], 2 if unit else 1)
    return fields | {name: str(value) for name, value in size["cm"].items()}


def values_from(form: Mapping[str, Sequence[str]]) -> tuple[dict[str, Any], list[str]]:
    """What was typed, as it is stored, and what is wrong with it. form: field -> its texts, one per row for the table."""
    values: dict[str, Any] = {name: _one(form, name)[: limit + 1] for name, limit in _TEXTS.items()}
    problems = [
        f"「{values[name][:10]}…」太长，最多 {limit} 个字"
        for name, limit in _TEXTS.items()
        if len(values[name]) > limit
    ]
    problems += [text for name, text in (("code", "款号要填"), ("name", "名称要填")) if not values[name]]
    for name in ("aliases", "links"):
        values[name] = list(
            dict.fromkeys(part for part in re.split(r"[\s;；,，、]+", _one(form, name)[:2000]) if part)
        )[:20]
    values["sizes"] = []
    for number in range(min(len(form.get("尺码", ())), _MAX_SIZES)):
        row = {column: _one(form, column, number) for column in ("尺码", *WEARER, *DIMENSIONS)}
        if any(row.values()):
            size, wrong = _size(row, number + 1)
            if any(size["name"] == other["name"] for other in values["sizes"]):
                wrong.append(f"尺码「{size['name']}」写了两行")
            values["sizes"].append(size)
            problems += wrong
    return values, problems


def _one(form: Mapping[str, Sequence[str]], name: str, at: int = 0) -> str:
    found = form.get(name, ())
    return found[at].strip() if at < len(found) else ""


def _size(row: Mapping[str, str], number: int) -> tuple[dict[str, Any], list[str]]:
    size: dict[str, Any] = {"name": row["尺码"][:40], "fits": {}, "cm": {}}
    problems = [] if row["尺码"] else [f"尺码表第 {number} 行没有尺码"]
    for column, (name, unit) in WEARER.items():
        if not row[column]:
            continue
        ends = fit_range(row[column], unit)
        if ends is None or (ends[0] is not None and ends[1] is not None and ends[0] > ends[1]):
            problems.append(f"尺码表第 {number} 行的{column}「{row[column][:20]}」要写成 155-165 这样的范围")
        else:
            size["fits"][name] = ends
    for name in DIMENSIONS:
        if not row[name]:
            continue
        if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,2})?", row[name]) or not 1 <= float(row[name]) <= 300:
            problems.append(f"尺码表第 {number} 行的{name}「{row[name][:20]}」要写成厘米数，例如 96")
        else:
            size["cm"][name] = tidy(float(row[name]))
    return size, problems
