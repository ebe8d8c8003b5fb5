"""Whom a size is wanted for: the people of a conversation with their height, weight and girths, read from its slots in order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from app.nlu.slot_wear import SELF
from app.types import Slot

GIRTHS: Final = ("胸围", "腰围", "臀围", "肩宽", "大腿围")
MAX_PEOPLE: Final = 6
CUSTOMER: Final = "您"
ANOTHER: Final = "另一位"
_BODY: Final = frozenset({"身高", "体重", "松紧", "穿的人", *GIRTHS})


@dataclass(frozen=True, slots=True)
class Body:
    """height and girths in cm, weight in kg; weight_said: as the customer says it. wish: 宽松, 合身, 修身 or empty."""

    who: str = CUSTOMER
    height: float | None = None
    weight: float | None = None
    weight_said: str = ""
    wish: str = ""
    girths: dict[str, float] = field(default_factory=dict)

    @property
    def known(self) -> bool:
        """Whether anything is known that a size table asks for."""
        return self.height is not None or self.weight is not None or bool(self.girths)

    @property
    def text(self) -> str:
        """「165 cm、110 斤」, with girths where they are known."""
        parts = [f"{_plain(self.height)} cm"] if self.height is not None else []
        parts += [self.weight_said] if self.weight_said else []
        parts += [f"{name} {_plain(value)} cm" for name, value in self.girths.items()]
        return "、".join(parts)


def bodies(earlier: Sequence[Slot], latest: Sequence[Slot]) -> tuple[Body, ...]:
    """The people the latest messages ask about, in the order they come, with what was said of them before.

    earlier, latest: slots in the order they were said. Nobody new in `latest`: whoever was spoken of last.
    """
    people = _People()
    for slot in earlier:
        people.take(slot)
    people.turn()
    for slot in latest:
        people.take(slot)
    return people.asked_about()


class _People:
    def __init__(self) -> None:
        self._known: dict[str, Body] = {}
        self._who = CUSTOMER
        self._asked: list[str] = []
        self._place = -1
        self._told: set[tuple[str, str]] = set()

    def turn(self) -> None:
        """A new turn begins: only who is spoken of from here on is asked about."""
        self._asked = []
        self._next_message()

    def take(self, slot: Slot) -> None:
        if slot.name not in _BODY:
            return
        if 0 <= slot.start < self._place:
            self._next_message()
        self._place = max(slot.start, 0)
        if slot.name == "穿的人":
            self._who = CUSTOMER if slot.value == SELF else slot.value
            self._ask()
        elif slot.name == "松紧":
            self._change(wish=slot.value)
            self._ask()
        else:
            self._measure(slot)

    def asked_about(self) -> tuple[Body, ...]:
        names = self._asked or ([self._who] if self._who in self._known else [])
        return tuple(self._known.get(name, Body(name)) for name in dict.fromkeys(names))[:MAX_PEOPLE]

    def _next_message(self) -> None:
        self._told.clear()
        self._place = -1

    def _measure(self, slot: Slot) -> None:
        value = _value(slot)
        if value is None:
            return
        if (self._who, slot.name) in self._told and len(self._known) < MAX_PEOPLE:
            # a second height in one message: somebody else, whose name was not said
            self._who = f"{ANOTHER}{len(self._known)}" if ANOTHER in self._known else ANOTHER
        self._told.add((self._who, slot.name))
        if slot.name == "身高":
            self._change(height=value)
        elif slot.name == "体重":
            self._change(weight=value, weight_said=slot.value)
        else:
            known = self._known.get(self._who, Body(self._who))
            self._change(girths={**known.girths, slot.name: value})
        self._ask()

    def _change(self, **changes: object) -> None:
        known = self._known.get(self._who, Body(self._who))
        self._known[self._who] = replace(known, **changes)  # type: ignore[arg-type]

    def _ask(self) -> None:
        if self._who not in self._asked:
            self._asked.append(self._who)


def given(body: Body, slots: Iterable[Slot]) -> Body:
    """The body with what the agent's side has typed or a channel has given."""
    for slot in slots:
        value = _value(slot)
        if slot.origin not in ("typed", "channel") or value is None:
            continue
        if slot.name == "身高":
            body = replace(body, height=value)
        elif slot.name == "体重":
            body = replace(body, weight=value, weight_said=slot.value)
    return body


def _value(slot: Slot) -> float | None:
    """Centimetres, or kilograms (a 斤 is half of one); None when it is not readable as a number."""
    number, _, unit = slot.value.partition(" ")
    try:
        value = float(number)
    except ValueError:
        return None
    return value / 2 if slot.name == "体重" and unit == "斤" else value


def _plain(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
