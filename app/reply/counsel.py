"""What the shop's own data add to an answer: which product it is about, which size fits, what evidence is still missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from app.reply.bodies import GIRTHS, Body, bodies, given
from app.reply.evidence import Checklist, Kits, checklist
from app.reply.facts import Facts
from app.reply.goods import CHOSEN, Goods, Product, Recognised
from app.reply.known import Known
from app.reply.sizing import Advice, advise, overall, summary
from app.reply.state import ConversationState
from app.types import IntentMatch, Slot
from app.values import frozen, replace
from app.vocabulary import YES

SIZE_INTENTS: Final = frozenset({"ask_size", "size_fit", "exchange"})
ASKS_SIZE: Final = "ask_size"
VERDICT: Final = "尺码对表"
MEASURED: Final = "问题描述"
"""What need not be asked once it is known how much smaller a garment has become."""
_WASHING: Final = frozenset({"洗法", "水温"})
_FOLLOWS: Final = frozenset({"身高", "体重", "穿的人", "松紧", *GIRTHS})


@frozen
class Counsel:
    """What follows from the shop's own data. about: the product; sizes: one per person; evidence: for what is complained of."""

    about: Recognised | None = None
    sizes: tuple[Advice, ...] = ()
    evidence: Checklist | None = None

    @property
    def product(self) -> Product | None:
        """What the conversation is about, once it is plain."""
        return self.about.product if self.about is not None else None


NONE: Final = Counsel()


def counsel(
    goods: Goods | None,
    kits: Kits,
    state: ConversationState,
    known: Known,
    scope: Sequence[str],
    shop: str,
    bought: Sequence[Slot] = (),
) -> tuple[Known, Counsel]:
    """What is known, with the values and facts that follow from the shop's data, and what to show of it.

    bought: what the customer's order says; the product is that one when the conversation names none. A size the
    customer only asks about is no recommendation: unless one follows from the table, its blank stays empty.
    """
    slots = (
        *state.slots,
        *state.open.slots,
        *(slot for slot in known.slots if slot.origin in ("typed", "channel")),
    )
    about = goods.about(slots, state.said, shop) if goods is not None else None
    if goods is not None and bought and (about is None or about.product is None):
        about = goods.about(bought, [slot.value for slot in bought if slot.name == "商品"], shop) or about
    product = about.product if about is not None else None
    kit = kits.for_intents(scope)
    evidence = checklist(kit, (*bought, *slots), known.facts, product) if kit is not None else None
    first = scope[0] if scope else ""
    sizes = (
        _sizes(goods, product, state, known) if SIZE_INTENTS.intersection(scope[:2]) and kit is None else ()
    )
    added = _values(product, sizes)
    facts = _told_by(slots, known.facts)
    if evidence is not None and evidence.shrinkage:
        known = replace(known, used=known.used | {MEASURED})
    if sizes and VERDICT not in known.facts and (verdict := overall(sizes)):
        facts[VERDICT] = verdict
    if first == ASKS_SIZE and "尺码" not in {slot.name for slot in added}:
        known = replace(
            known, slots=tuple(slot for slot in known.slots if slot.name != "尺码" or slot.origin == "typed")
        )
    if added or facts:
        known = _with(known, added, facts, chosen=about is not None and about.how == CHOSEN)
    return known, Counsel(about, sizes, evidence)


def carried_on(state: ConversationState, asks_size: IntentMatch | None) -> ConversationState:
    """The open turn as a question about sizes when it only adds a body or a wish to one (「那我妈呢 158 130 斤」).

    asks_size: the intent to take it for, None when the release has no such intent.
    """
    turn = state.open
    names = {slot.name for slot in turn.slots}
    if (
        asks_size is None
        or ASKS_SIZE not in state.seen
        or state.cases
        or turn.ids("question", "complaint", "enquiry", "risk")
        or (names.isdisjoint(_FOLLOWS) and not _another(state, names))
    ):
        return state
    return replace(state, open=replace(turn, intents=(asks_size, *turn.intents)))


def _told_by(slots: Sequence[Slot], facts: Facts) -> dict[str, str | int]:
    """The facts that follow from what has been told as evidence: who says how it was washed has washed it."""
    washed = not _WASHING.isdisjoint(slot.name for slot in slots)
    return {"洗过": YES} if washed and "洗过" not in facts else {}


def _another(state: ConversationState, names: set[str]) -> bool:
    """Whether the customer adds the size usually worn (平时穿M), or asks the same of another product (那个羊毛衫呢)."""
    turn = state.open
    if turn.has("accept_solution") or state.handled or {"换货", "补发", "改单"} & state.tabled:
        return False
    return "尺码" in names or ("商品" in names and not turn.intents)


def _sizes(
    goods: Goods | None, product: Product | None, state: ConversationState, known: Known
) -> tuple[Advice, ...]:
    """A recommendation for each person asked about; none when the product is not known or nothing is said of a body."""
    if not goods or product is None:
        return ()
    people = bodies(state.slots, state.open.slots)
    if not people and not state.open.has(ASKS_SIZE):
        return ()
    people = people or (Body(),)
    people = (given(people[0], known.slots), *people[1:])
    return tuple(advise(product, body) for body in people)


def _values(product: Product | None, sizes: Sequence[Advice]) -> tuple[Slot, ...]:
    if product is None:
        return ()
    values = {"商品": product.short, "面料": product.fabric, "洗护": product.care}
    values["尺码建议"], values["尺码理由"] = summary(sizes)
    if len(sizes) == 1 and sizes[0].size:
        values["尺码"] = sizes[0].size
    return tuple(Slot(name, value, origin="channel") for name, value in values.items() if value)


def _with(known: Known, added: Sequence[Slot], facts: dict[str, str | int], *, chosen: bool) -> Known:
    """What was typed stays, unless it was typed to choose the product; what a customer called the product or asked
    about gives way to the shop's own data.
    """
    typed = {slot.name for slot in known.slots if slot.origin == "typed"} - ({"商品"} if chosen else set())
    new = [slot for slot in added if slot.name not in typed]
    names = {slot.name for slot in new}
    kept = tuple(slot for slot in known.slots if slot.name not in names or slot.start >= 0)
    used = known.used | ({"商品"} & (names | typed))
    return replace(known, slots=(*kept, *new), facts={**known.facts, **facts}, used=used)
