"""Scripts as the customer will read them: values filled in, blanks marked, in the customer's characters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, Final, Literal

from opencc import OpenCC

from app.content.shop import Shop
from app.reply.facts import Facts
from app.reply.shelf import Entry
from app.types import Blank, Slot
from app.values import frozen
from app.vocabulary import BOOLEAN_FACTS, VARIABLES, YES

Writing = Literal["", "s2tw", "s2hk"]
"""How the customer writes: Simplified, or Traditional as in Taiwan or Hong Kong (opencc's names)."""

_KEPT: Final = 4096
# what scripts say themselves after a value: 「今天 18:00」前, 「20」元
_ENDINGS: Final = {"时限": ("前", "之", "以"), "金额": ("元", "块钱", "块")}


@frozen
class Text:
    """A script as the customer will read it. blanks: values still to be filled in, with their place in the bubbles."""

    bubbles: tuple[str, ...]
    blanks: tuple[Blank, ...]


class Renderer:
    """Renders scripts and remembers the latest results: most scripts come out the same for every customer."""

    def __init__(self) -> None:
        self._done: dict[tuple[object, ...], Text] = {}

    def render(
        self, entry: Entry, values: Mapping[str, str], flags: Mapping[str, bool], writing: Writing
    ) -> Text:
        """Fill an entry's bubbles. values: variable -> text; flags: 是/否 fact -> truth; unknown ones may be absent."""
        key: tuple[object, ...] = (entry.name, writing)
        if entry.variables or entry.flags:
            key += (*map(values.get, entry.variables), *map(flags.get, entry.flags))
        found = self._done.get(key)
        if found is None:
            if len(self._done) >= _KEPT:
                self._done.clear()
            found = self._done[key] = _render(entry, values, flags, writing)
        return found


def shop_values(shop: Shop) -> dict[str, str]:
    """Variable -> text for what the shop has filled in."""
    keys = {name: variable.shop_key for name, variable in VARIABLES.items() if variable.shop_key}
    return {name: shop.value(key) for name, key in keys.items() if shop.value(key)}


def values_for(shop: Mapping[str, str], slots: Iterable[Slot], agent: str = "") -> dict[str, str]:
    """Variable -> text: the shop's values, the agent's name, then the values found or typed, later ones winning.

    What a customer names fills only what is the customer's to name: an amount they demand is not one we offer.
    """
    values = {**shop, "客服": agent} if agent else dict(shop)
    for slot in slots:
        variable = VARIABLES.get(slot.name)
        ours = slot.origin in ("channel", "typed")
        if variable is not None and slot.value and (ours or variable.origin == "slot"):
            values[slot.name] = _bare(slot.name, slot.value)
    return values


def _bare(name: str, value: str) -> str:
    """A value without what the scripts say around it: 「今天 18:00 前」 stands before 前, 「20 元」 before 元."""
    for ending in _ENDINGS.get(name, ()):
        value = value.strip().removesuffix(ending)
    return value.strip()


def flags_for(facts: Facts) -> dict[str, bool]:
    """The 是/否 facts as truth values for {% if %}."""
    return {name: value == YES for name, value in facts.items() if name in BOOLEAN_FACTS}


def _render(entry: Entry, values: Mapping[str, str], flags: Mapping[str, bool], writing: Writing) -> Text:
    bubbles: list[str] = []
    blanks: list[Blank] = []
    for index, template in enumerate(entry.templates):
        rendered = template.render(values, flags)
        text, places = (
            _converted(rendered.text, rendered.blanks, writing)
            if writing
            else (rendered.text, rendered.blanks)
        )
        bubbles.append(text)
        blanks.extend(Blank(name, index, start, end) for name, start, end in places)
    return Text(tuple(bubbles), tuple(blanks))


_Places = tuple[tuple[str, int, int], ...]


def _converted(text: str, places: _Places, writing: Writing) -> tuple[str, _Places]:
    """The text in Traditional characters; blanks keep their names, and their places are found anew."""
    convert = _converter(writing)
    parts: list[str] = []
    moved: list[tuple[str, int, int]] = []
    done = length = 0
    for name, start, end in places:
        before = convert(text[done:start])
        parts += [before, text[start:end]]
        length += len(before)
        moved.append((name, length, length + end - start))
        length += end - start
        done = end
    parts.append(convert(text[done:]))
    return "".join(parts), tuple(moved)


@lru_cache(maxsize=2)
def _converter(writing: Writing) -> Callable[[str], str]:
    """In two steps, which come to the same as opencc's one and need 27 MB for both places where that needs 43."""
    variant = OpenCC(writing.replace("s2", "t2"))
    return lambda text: str(variant.convert(_to_traditional().convert(text)))


@lru_cache(maxsize=1)
def _to_traditional() -> Any:
    return OpenCC("s2t")
