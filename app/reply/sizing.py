"""Which size of a product fits a body, from the product's own table, with the reason; never a guess where there is no table.

Weight and girths decide the size, height the length. Near an edge and between two sizes the customer's wish decides, and
without a wish both are named. The room a garment needs around a body is practice, not a standard, and is said to be so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from app.nlu.slot_wear import FITTED, LOOSE, SLIM
from app.reply.bodies import CUSTOMER, Body
from app.reply.goods import Product, Size

Verdict = Literal["合适", "两可", "超出", "缺数", "没有表"]
EDGE: Final = 1.0
"""Kilograms (centimetres for girths) from the end of a range that count as close to the next size."""
ROOM: Final[dict[str, dict[str, float]]] = {
    "胸围": {SLIM: 4, FITTED: 8, LOOSE: 14},
    "腰围": {SLIM: 0, FITTED: 2, LOOSE: 6},
    "臀围": {SLIM: 2, FITTED: 4, LOOSE: 8},
    "肩宽": {SLIM: 0, FITTED: 0, LOOSE: 2},
    "大腿围": {SLIM: 2, FITTED: 4, LOOSE: 8},
}
"""Centimetres a garment should measure more than the body (practice of the trade)."""
HALF: Final = 0.7
"""A garment girth below this share of the body's was measured flat, one side only."""
_ALONG: Final = "身高"
_UNITS: Final = {"体重": "kg"}


@dataclass(frozen=True, slots=True)
class Advice:
    """size: what to recommend, None when that would be a guess; options: (wish, size) when two may do.

    reason: for the agent. said: the reason as it may be told to the customer. ask: what to ask next.
    """

    who: str
    verdict: Verdict
    reason: str
    size: str | None = None
    options: tuple[tuple[str, str], ...] = ()
    said: str = ""
    ask: tuple[tuple[str, str], ...] = ()
    body: str = ""


def advise(product: Product, body: Body) -> Advice:
    """The size of `product` for `body`."""
    table = [size for size in product.sizes if size.fits]
    usable = {name for size in table for name in size.fits} & set(_stated(body))
    measured = _measured(product, body)
    if not product.sizes or not (table or any(size.measures for size in product.sizes)):
        return Advice(
            body.who, "没有表", f"「{product.short}」还没有尺码表，先别报码，对着详情页的表选", body=body.text,
            ask=(("尺码", "平时穿什么码，有没有合身的衣服可以量"),),
        )  # fmt: skip
    untold = body.height is None and not body.girths and any(_ALONG in size.fits for size in table)
    if (not (usable - {_ALONG}) or untold) and measured is None:
        return _lacking(product, table, body)
    if not (usable - {_ALONG}):
        assert measured is not None
        return measured
    return _checked(_by_ranges(table, body), measured, product, body)


def summary(advices: Sequence[Advice]) -> tuple[str, str]:
    """What to recommend and why, for all people asked about, as it may be sent; empty where nothing can be recommended."""
    sure = [advice for advice in advices if advice.size or advice.options]
    if not sure or len(sure) < len(advices):
        return "", ""
    alone = len(sure) == 1
    return (
        "，".join(_choice(advice, alone=alone) for advice in sure),
        "；".join(_named(advice, advice.said, alone=alone) for advice in sure),
    )


def overall(advices: Sequence[Advice]) -> Verdict | None:
    """One verdict for all: the worst."""
    order: tuple[Verdict, ...] = ("没有表", "缺数", "超出", "两可", "合适")
    return min((advice.verdict for advice in advices), key=order.index, default=None)


def _choice(advice: Advice, *, alone: bool) -> str:
    if advice.size:
        text = f"建议拍 {advice.size}" if alone else f"拍 {advice.size}"
    else:
        text = "，".join(f"{wish}拍 {size}" for wish, size in advice.options)
    return _named(advice, text, alone=alone)


def _named(advice: Advice, text: str, *, alone: bool) -> str:
    if alone and advice.who == CUSTOMER:
        return text
    return f"{advice.who}{' ' if text[:1].isdigit() else ''}{text}"


def _stated(body: Body) -> dict[str, float]:
    """What is known of the body, by the names size tables use."""
    known = {f"{name}": value for name, value in body.girths.items()}
    if body.height is not None:
        known[_ALONG] = body.height
    if body.weight is not None:
        known["体重"] = body.weight
    return known


def _lacking(product: Product, table: Sequence[Size], body: Body) -> Advice:
    """What the table needs and nobody has said yet."""
    wanted = [
        name for name in (_ALONG, "体重", "胸围", "腰围", "臀围") if any(name in size.fits for size in table)
    ]
    if not wanted:
        wanted = [name for name in ("腰围", "臀围") if any(name in size.measures for size in product.sizes)][
            :2
        ]
        wanted = wanted or [
            name for name in ("胸围",) if any(name in size.measures for size in product.sizes)
        ]
    missing = [name for name in wanted if name not in _stated(body)][:2]
    if not missing:
        return Advice(body.who, "缺数", "尺码表里没有能对上的项目，量一件合身的衣服来比", body=body.text)
    ask = tuple((name, f"{_whose(body)}{name}多少") for name in missing)
    have = f"已知{body.text}，" if body.known else ""
    return Advice(
        body.who, "缺数", f"{have}还差{'和'.join(missing)}，问到了就能按表报码", ask=ask, body=body.text
    )


def _whose(body: Body) -> str:
    return "" if body.who == CUSTOMER else body.who


def _off(size: Size, name: str, value: float) -> float:
    """How far a value lies outside a row's range: negative below, positive above, 0 inside or where the row says nothing."""
    low, high = size.fits.get(name, (None, None))
    if low is not None and value < low:
        return value - low
    return value - high if high is not None and value > high else 0.0


def _by_ranges(table: Sequence[Size], body: Body) -> Advice:
    stated = _stated(body)
    around = [name for name in stated if name != _ALONG and any(name in size.fits for size in table)]
    rows = [size for size in table if any(name in size.fits for name in around)]
    inside = [size for size in rows if all(_off(size, name, stated[name]) == 0 for name in around)]
    if not inside:
        return _outside(rows, around, stated, body)
    long_enough = [
        size for size in inside if _off(size, _ALONG, stated.get(_ALONG, 0)) == 0 or _ALONG not in stated
    ]
    if not long_enough:
        return _length(rows, inside, stated[_ALONG], body)
    if len(long_enough) > 1:
        return _overlap(long_enough, stated, body)
    return _within(rows, long_enough[0], around, stated, body)


def _within(
    rows: Sequence[Size], size: Size, around: Sequence[str], stated: dict[str, float], body: Body
) -> Advice:
    """Inside one row; close to its end the next one may do as well."""
    at = rows.index(size)
    reason = f"{body.text}落在 {size.name} 的范围（{_ranges(size, stated)}）"
    said = f"{body.text}正好在 {size.name} 的范围"
    larger = rows[at + 1] if at + 1 < len(rows) else None
    smaller = rows[at - 1] if at else None
    high = any(_near(size.fits.get(name, (None, None))[1], stated[name]) for name in around)
    low = any(_near(size.fits.get(name, (None, None))[0], stated[name]) for name in around)
    if larger is not None and (high or body.wish == LOOSE):
        return _toward(size, larger, LOOSE, body, reason, said, close=high)
    if smaller is not None and low:
        return _toward(size, smaller, SLIM, body, reason, said, close=True)
    return Advice(body.who, "合适", reason, size.name, said=said, body=body.text)


def _toward(size: Size, other: Size, wish: str, body: Body, reason: str, said: str, *, close: bool) -> Advice:
    """A row and its neighbour: the wish moves there when close; otherwise the neighbour is only named."""
    effect = "喜欢宽松" if wish == LOOSE else "喜欢修身"
    if close and body.wish == wish:
        return Advice(
            body.who, "合适", f"{reason}，介于 {size.name} 和 {other.name} 之间，{effect}，选 {other.name}", other.name,
            said=f"{body.text}在 {size.name} 和 {other.name} 之间，您{effect}，{other.name} 更合适", body=body.text,
        )  # fmt: skip
    if close and not body.wish:
        return Advice(
            body.who, "合适", f"{reason}；介于 {size.name} 和 {other.name} 之间，{effect}选 {other.name}", size.name,
            said=f"{said}，{effect}可以拍 {other.name}", body=body.text,
        )  # fmt: skip
    if wish == LOOSE and body.wish == LOOSE:
        return Advice(
            body.who, "合适", f"{reason}；想明显宽松可以大一码到 {other.name}", size.name,
            said=f"{said}，想再宽松些可以拍 {other.name}", body=body.text,
        )  # fmt: skip
    return Advice(body.who, "合适", reason, size.name, said=said, body=body.text)


def _overlap(inside: Sequence[Size], stated: dict[str, float], body: Body) -> Advice:
    """Several rows cover the body."""
    first, last = inside[0].name, inside[-1].name
    reason = f"{body.text}同时在 {'、'.join(size.name for size in inside)} 的范围（{_ranges(inside[0], stated)}；{_ranges(inside[-1], stated)}）"
    if body.wish:
        size = last if body.wish == LOOSE else first
        return Advice(
            body.who, "合适", f"{reason}，{_wish(body)}选 {size}", size,
            said=f"{body.text}拍 {first}、{last} 都可以，您{_wish(body)}，{size} 更合适", body=body.text,
        )  # fmt: skip
    return Advice(
        body.who, "两可", f"{reason}，合身选 {first}，喜欢宽松选 {last}", options=(("合身", first), ("喜欢宽松", last)),
        said=f"{body.text}在 {first} 和 {last} 之间", ask=(("尺码", "喜欢合身还是宽松"),), body=body.text,
    )  # fmt: skip


def _length(rows: Sequence[Size], inside: Sequence[Size], height: float, body: Body) -> Advice:
    """Weight fits, height does not."""
    size = inside[0]
    off = _off(size, _ALONG, height)
    tall = off > 0
    longer = next((row for row in rows if _ALONG in row.fits and _off(row, _ALONG, height) == 0), None)
    effect = "衣长、袖长可能短一点" if tall else "衣长、袖长可能长一点"
    reason = f"体重落在 {size.name}，身高{'高出' if tall else '低于'} {size.name} 的范围 {_plain(abs(off))} cm，{effect}"
    said = f"{body.text}，围度合 {size.name}，{effect}"
    if tall and longer is not None and rows.index(longer) == rows.index(size) + 1:
        if body.wish == LOOSE:
            return Advice(
                body.who,
                "合适",
                f"{reason}；喜欢宽松，选 {longer.name}",
                longer.name,
                said=f"{body.text}身高在 {longer.name}，您喜欢宽松，{longer.name} 更合适",
                body=body.text,
            )
        if not body.wish:
            return Advice(
                body.who, "两可", f"{reason}；身高落在 {longer.name}", options=(("合身", size.name), ("怕短、喜欢宽松", longer.name)),
                said=f"{body.text}体重在 {size.name}、身高在 {longer.name}", ask=(("尺码", "怕短还是怕宽"),), body=body.text,
            )  # fmt: skip
    return Advice(body.who, "合适", f"{reason}，先告诉顾客", size.name, said=said, body=body.text)


def _outside(rows: Sequence[Size], around: Sequence[str], stated: dict[str, float], body: Body) -> Advice:
    """No row covers weight and girths: between two rows, beyond the table, or the dimensions disagree."""
    places: dict[str, tuple[float, Size]] = {}
    for name in around:
        closest = min(rows, key=lambda size: abs(_off(size, name, stated[name])))
        places[name] = (_off(closest, name, stated[name]), closest)
    beyond = {name: off for name, (off, size) in places.items() if off}
    for name, off in beyond.items():
        at = rows.index(places[name][1])
        edge = rows[-1] if off > 0 and at == len(rows) - 1 else rows[0] if off < 0 and at == 0 else None
        if edge is not None:
            return _beyond(edge, name, off, body)
    if not beyond:
        ordered = sorted({rows.index(size) for name in around for size in [_best(rows, name, stated[name])]})
        return _between(rows[ordered[0]], rows[ordered[-1]], "几个尺寸落在不同的码", body)
    name = next(iter(beyond))
    at = rows.index(places[name][1])
    low, high = (rows[at], rows[at + 1]) if beyond[name] > 0 else (rows[at - 1], rows[at])
    return _between(low, high, f"{name}在两个码中间", body)


def _best(rows: Sequence[Size], name: str, value: float) -> Size:
    return min(rows, key=lambda size: (abs(_off(size, name, value)), name not in size.fits))


def _between(low: Size, high: Size, why: str, body: Body) -> Advice:
    reason = f"{body.text}，{why}：介于 {low.name} 和 {high.name} 之间"
    if body.wish:
        size = high.name if body.wish == LOOSE else low.name
        return Advice(
            body.who,
            "合适",
            f"{reason}，{_wish(body)}选 {size}",
            size,
            said=f"{body.text}在 {low.name} 和 {high.name} 之间，您{_wish(body)}，{size} 更合适",
            body=body.text,
        )
    return Advice(
        body.who, "两可", f"{reason}，喜欢宽松选 {high.name}，合身选 {low.name}", options=(("合身", low.name), ("喜欢宽松", high.name)),
        said=f"{body.text}在 {low.name} 和 {high.name} 之间", ask=(("尺码", "喜欢合身还是宽松"),), body=body.text,
    )  # fmt: skip


def _beyond(edge: Size, name: str, off: float, body: Body) -> Advice:
    unit = _UNITS.get(name, "cm")
    low, high = edge.fits.get(name, (None, None))
    if off > 0:
        reason = f"{body.text}，{name}超过最大码 {edge.name}（到 {_plain(high or 0)} {unit}）{_plain(off)} {unit}，会偏紧，别硬推"
        said = f"这款最大的 {edge.name} 到 {_plain(high or 0)} {unit}"
    else:
        reason = f"{body.text}，{name}低于最小码 {edge.name}（从 {_plain(low or 0)} {unit} 起）{_plain(-off)} {unit}，会偏大，先告诉顾客"
        said = f"这款最小的 {edge.name} 从 {_plain(low or 0)} {unit} 起"
    return Advice(
        body.who,
        "超出",
        reason,
        said=said,
        ask=(("尺码", "胸围、腰围多少，合身的衣服量多少"),),
        body=body.text,
    )


def _checked(advice: Advice, measured: Advice | None, product: Product, body: Body) -> Advice:
    """Weight says one size; where the garment's measures say a larger one for the girths given, both are named."""
    if measured is None or not measured.size or not advice.size or measured.size == advice.size:
        return advice
    names = [size.name for size in product.sizes]
    if names.index(measured.size) <= names.index(advice.size):
        return advice
    return Advice(
        body.who, "两可", f"{advice.reason}；但{measured.reason}", options=(("喜欢贴身", advice.size), ("舒服些", measured.size)),
        said=f"按体重是 {advice.size}，按围度 {measured.size} 余量更够", ask=(("尺码", "喜欢贴身还是宽松"),), body=body.text,
    )  # fmt: skip


def _measured(product: Product, body: Body) -> Advice | None:
    """The smallest size with enough room around the girths given; None when there is nothing to compare."""
    wish = body.wish or FITTED
    compared = [
        name for name in body.girths if name in ROOM and any(name in size.measures for size in product.sizes)
    ]
    compared = [name for name in compared if not any(name in size.fits for size in product.sizes)]
    if not compared:
        return None
    rows = [size for size in product.sizes if all(name in size.measures for name in compared)]
    for size in rows:
        room = {
            name: _all_round(size.measures[name], body.girths[name], name) - body.girths[name]
            for name in compared
        }
        if all(room[name] >= ROOM[name][wish] for name in compared):
            parts = "，".join(
                f"{name} {_plain(body.girths[name])}，{size.name} 成衣 {_plain(body.girths[name] + room[name])}，余 {_plain(room[name])} cm"
                for name in compared
            )
            said = f"{body.text}，{size.name} 还有 {'、'.join(f'{_plain(room[name])} cm' for name in compared)}的余量"
            return Advice(
                body.who, "合适", f"{parts}（余量按经验，不是国标）", size.name, said=said, body=body.text
            )
    if not rows:
        return None
    return Advice(
        body.who, "超出", f"{body.text}，最大的 {rows[-1].name} 余量也不够，别硬推", said=f"这款最大的 {rows[-1].name} 余量也不够",
        ask=(("尺码", "能不能接受贴身一点"),), body=body.text,
    )  # fmt: skip


def _all_round(garment: float, body: float, name: str) -> float:
    return garment * 2 if name != "肩宽" and garment < body * HALF else garment


def _near(end: float | None, value: float) -> bool:
    return end is not None and abs(end - value) <= EDGE


def _ranges(size: Size, stated: dict[str, float]) -> str:
    parts = [
        f"{name} {_span(*size.fits[name])} {_UNITS.get(name, 'cm')}" for name in size.fits if name in stated
    ]
    return f"{size.name}：{'，'.join(parts)}"


def _span(low: float | None, high: float | None) -> str:
    if low is None:
        return f"到 {_plain(high or 0)}"
    return f"{_plain(low)} 起" if high is None else f"{_plain(low)}–{_plain(high)}"


def _wish(body: Body) -> str:
    return {LOOSE: "喜欢宽松", SLIM: "喜欢修身"}.get(body.wish, "想要合身")


def _plain(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
