"""What to ask for when a garment is complained of, what of it has come, and how much shorter it is than its size table says.

Shrinkage is (before - now) / before, as GB/T 8630 states dimensional change. Limits differ by product standard and are not
judged here: the figure stands alone, and what lies within the error of measuring by hand is called so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal

from app.content.model import Content, EvidenceKit
from app.nlu.slot_wear import DIMENSIONS
from app.reply.facts import Facts
from app.reply.goods import Product
from app.types import Slot
from app.values import frozen, replace

Status = Literal["have", "look", "missing"]
TOLERANCE: Final = 1.0
"""Centimetres that two people measuring the same garment by hand may differ (practice; size tables say 1 to 2)."""
HALF: Final = 0.65
"""A girth below this share of the table's was measured flat, one side only."""
_GIRTHS: Final = ("胸围", "腰围", "臀围", "大腿围")
PICTURES: Final = "有凭证"


@frozen
class Item:
    """status: have, look (pictures have come, somebody must see whether it is among them) or missing. value: what came."""

    id: str
    text: str
    why: str
    status: Status
    value: str
    photo: bool
    source: tuple[str, ...]
    ticked_by: str = ""


@frozen
class Shrinkage:
    """before, now in cm; percent: positive when it became smaller. within_error: too little to tell from measuring."""

    dimension: str
    before: float
    now: float
    percent: float
    origin: Literal["尺码表", "顾客说的"]
    within_error: bool

    @property
    def text(self) -> str:
        """In Chinese, in centimetres and per cent; within the error of a tape only the difference."""
        part = f"{self.dimension} {_plain(self.before)} → {_plain(self.now)} cm"
        if self.within_error:
            return f"{part}，差 {_plain(abs(self.before - self.now))} cm，在手工测量误差内"
        return f"{part}，{'缩' if self.percent > 0 else '长出'} {_plain(abs(self.percent))}%"


@frozen
class Checklist:
    """The items of an evidence kit and which of them have come."""

    kit: str
    title: str
    items: tuple[Item, ...]
    shrinkage: tuple[Shrinkage, ...] = ()
    note: str = ""
    lacking: str = ""
    """What keeps shrinkage from being worked out; empty when nothing does."""

    @property
    def missing(self) -> int:
        """How many items have not come; those to be looked at are not counted."""
        return sum(item.status == "missing" for item in self.items)


class Kits:
    """The evidence kits of a release by intent."""

    def __init__(self, content: Content) -> None:
        self._kits: dict[str, EvidenceKit] = {}
        for kit in content.evidence.values():
            for intent in content.expand(kit.intents):
                self._kits.setdefault(intent, kit)

    def for_intents(self, intents: Iterable[str]) -> EvidenceKit | None:
        """The kit of the first of these intents that has one."""
        return next((self._kits[intent] for intent in intents if intent in self._kits), None)


def checklist(kit: EvidenceKit, slots: Sequence[Slot], facts: Facts, product: Product | None) -> Checklist:
    """slots: all that the conversation has brought, later ones winning. product: the one complained of, if known."""
    values = {slot.name: slot.value for slot in slots}
    shrunk, lacking = shrinkage(values, product) if kit.shrinkage else ((), "")
    pictures = facts.get(PICTURES) == "是"
    items: list[Item] = []
    for item in kit.items:
        found = [
            f"{name} {values[name]}" if name in DIMENSIONS else values[name]
            for name in item.slots
            if name in values
        ]
        found += [f"{name} {facts[name]}" for name in item.facts if name in facts]
        status: Status = "have" if found else "look" if item.photo and pictures else "missing"
        items.append(
            Item(item.id, item.text, item.why, status, "、".join(found[:4]), item.photo, item.source)
        )
    note = kit.note if shrunk else ""
    return Checklist(kit.id, kit.title, tuple(items), shrunk, note, lacking)


def ticked(found: Checklist, ticks: Mapping[str, tuple[bool, str]]) -> Checklist:
    """The checklist with what people have ticked by hand: item -> (whether it is there, who says so)."""
    items = tuple(
        replace(item, status="have" if ticks[item.id][0] else "missing", ticked_by=ticks[item.id][1])
        if item.id in ticks
        else item
        for item in found.items
    )
    return replace(found, items=items)


def shrinkage(values: Mapping[str, str], product: Product | None) -> tuple[tuple[Shrinkage, ...], str]:
    """How much each measured dimension has changed, and what is lacking to tell. values: slot -> 「62 cm」."""
    row = product.size(values["尺码"]) if product is not None and "尺码" in values else None
    found: list[Shrinkage] = []
    for dimension in DIMENSIONS:
        now, said = _cm(values.get(dimension)), _cm(values.get(f"原{dimension}"))
        listed = row.measures.get(dimension) if row is not None else None
        before = said if said is not None else listed
        if before and now is None:
            now = _after_loss(values.get("缩了", ""), dimension, before)
        if before and now is not None:
            found.append(_shrunk(dimension, before, now, "顾客说的" if said is not None else "尺码表"))
    return tuple(found), "" if found else _lacking(values, product, row is not None)


def _shrunk(dimension: str, before: float, now: float, origin: Literal["尺码表", "顾客说的"]) -> Shrinkage:
    if dimension in _GIRTHS and now < before * HALF:
        now *= 2
    percent = round((before - now) / before * 100, 1)
    return Shrinkage(dimension, before, now, percent, origin, abs(before - now) <= TOLERANCE)


def _after_loss(lost: str, dimension: str, before: float) -> float | None:
    """「袖长 3 cm」 lost of 60 leaves 57; a loss that names no dimension tells nothing."""
    named, _, rest = lost.partition(" ")
    value = _cm(rest) if named == dimension else None
    return before - value if value is not None and value < before else None


def _lacking(values: Mapping[str, str], product: Product | None, has_row: bool) -> str:
    if not any(name in values for name in (*DIMENSIONS, "缩了")):
        return "还没有现在的平铺尺寸，问到数就能算缩了多少"
    if product is None:
        return "还不知道是哪一款，选了商品就能和尺码表比"
    if not any(size.measures for size in product.sizes):
        return f"「{product.short}」的尺码表里没有成衣尺寸，没法算缩了多少"
    return "" if has_row else "还不知道买的是哪个尺码，问到了就能和尺码表比"


def _cm(text: str | None) -> float | None:
    try:
        return float((text or "").removesuffix("cm").strip())
    except ValueError:
        return None


def _plain(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
