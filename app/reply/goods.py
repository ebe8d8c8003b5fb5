"""The shop's products in memory, and which of them a conversation is about.

A link or a product number settles it; a name does when it fits one product only, else the products it may be are named.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz, process

from app.reply.items import CODE_SLOT, LINK_SLOT, TITLE_SLOT, item_key
from app.types import Slot

MAX_CANDIDATES: Final = 5
SHORT_NAME: Final = 12
CHOSEN: Final = "客服选的"
_REMEMBERED: Final = 512
_MAX_TEXT: Final = 400
_MIN_RUN: Final = 3
_WORDS: Final = re.compile(r"[^\w\u3400-\u9fff]+|_")
_VAGUE_WORDS: Final = (
    "新款 女装 男装 女士 男士 女款 男款 春夏 秋冬 春季 夏季 秋季 冬季 宽松 修身 显瘦 加厚 加绒 韩版 时尚 休闲 百搭 爆款 上衣 衣服 衣裳 裤子 裙子"
    " 鞋子 外套 这款 一件 秋冬季 春夏季 秋冬款 春夏款 男女款 加绒款 加厚款 的衣服 件衣服 买衣服"
)
_VAGUE: Final = frozenset(_VAGUE_WORDS.split())


@dataclass(frozen=True, slots=True)
class Size:
    """A row of a size table. fits: what the wearer should measure, (from, to), 身高 and girths in cm, 体重 in kg, an open end None.

    measures: the garment itself, in cm, girths all round.
    """

    name: str
    fits: Mapping[str, tuple[float | None, float | None]] = field(default_factory=dict)
    measures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Product:
    """A product of the shop; shop is empty when every shop sells it. sizes: smallest first, as the shop lists them."""

    id: int
    code: str
    name: str
    shop: str = ""
    aliases: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    category: str = ""
    fabric: str = ""
    care: str = ""
    colours: str = ""
    notes: str = ""
    sizes: tuple[Size, ...] = ()

    @property
    def short(self) -> str:
        """What to call it in a message to a customer."""
        if self.aliases:
            return self.aliases[0]
        return self.name if len(self.name) <= SHORT_NAME else self.category or self.name[:SHORT_NAME]

    def size(self, name: str) -> Size | None:
        """The row of a size as customers write it (「m」, 「M码」)."""
        wanted = _size_name(name)
        return (
            next((size for size in self.sizes if _size_name(size.name) == wanted), None) if wanted else None
        )


@dataclass(frozen=True, slots=True)
class Recognised:
    """product: None when several may be meant, which are the candidates then. how: 链接, 款号, 名称 or 客服选的."""

    product: Product | None
    how: str
    candidates: tuple[Product, ...] = ()


class Goods:
    """An index over all products; immutable, safe to use from many threads."""

    def __init__(self, products: Iterable[Product]) -> None:
        self.products = tuple(products)
        self._keys: defaultdict[str, list[int]] = defaultdict(list)
        self._codes: defaultdict[str, list[int]] = defaultdict(list)
        self._names: list[tuple[str, ...]] = []
        self._grams: defaultdict[str, list[int]] = defaultdict(list)
        for number, product in enumerate(self.products):
            self._codes[product.code.upper()].append(number)
            for link in product.links:
                if key := item_key(link):
                    self._keys[key].append(number)
            names = tuple(_plain(name) for name in (product.name, *product.aliases) if name)
            self._names.append(names)
            for gram in {gram for name in names for gram in _grams(name)}:
                self._grams[gram].append(number)
        self._named_in = lru_cache(_REMEMBERED)(self._find_in)

    def __len__(self) -> int:
        return len(self.products)

    def by_code(self, code: str, shop: str) -> Product | None:
        """The product of this code, in upper or lower case, that the shop sells; its own before one that every shop
        sells.
        """
        return self._one(self._codes.get(code.strip().upper(), ()), shop)

    def about(self, slots: Sequence[Slot], said: Sequence[str], shop: str) -> Recognised | None:
        """The product a conversation is about; None when nothing points at any.

        slots: in the order they came. said: the customer's messages, normalised, oldest first. The latest mention counts.
        """
        if not self.products:
            return None
        chosen = [slot for slot in slots if slot.origin == "typed" and slot.name in ("商品", CODE_SLOT)]
        for slot in reversed(chosen):
            if (found := self.by_code(slot.value, shop) or self._by_name(slot.value, shop)) is not None:
                return Recognised(found, CHOSEN)
        for slot in reversed(slots):
            if slot.name == LINK_SLOT and (found := self._one(self._keys.get(slot.value, ()), shop)):
                return Recognised(found, "链接")
            if slot.name == CODE_SLOT and (found := self.by_code(slot.value, shop)):
                return Recognised(found, "款号")
        return self._by_words(slots, said, shop)

    def find(self, query: str, limit: int = 50) -> tuple[Product, ...]:
        """Products for what somebody is typing, best first: by number, link, name or part of it, typos forgiven."""
        query = query.strip()
        if not query:
            return self.products[:limit]
        key = item_key(query)
        numbers = [*self._keys.get(key, ())] if key else []
        upper, plain = query.upper(), _plain(query)
        numbers += [n for n, product in enumerate(self.products) if upper in product.code.upper()]
        if plain:
            numbers += [n for n, names in enumerate(self._names) if any(plain in name for name in names)]
            close = process.extract(
                plain,
                [" ".join(names) for names in self._names],
                scorer=fuzz.partial_ratio,
                score_cutoff=75,
                limit=limit,
            )
            numbers += [number for _, _, number in close]
        return tuple(self.products[number] for number in list(dict.fromkeys(numbers))[:limit])

    def _by_words(self, slots: Sequence[Slot], said: Sequence[str], shop: str) -> Recognised | None:
        titles = [slot.value for slot in slots if slot.name == TITLE_SLOT]
        unsure: Recognised | None = None
        for text in (*reversed(titles), *reversed(said)):
            found = [
                self.products[n] for n in self._named_in(_plain(text)[:_MAX_TEXT]) if self._sells(n, shop)
            ]
            if len(found) == 1:
                return Recognised(found[0], "名称")
            if found and unsure is None and len(found) <= MAX_CANDIDATES:
                unsure = Recognised(None, "名称", tuple(found))
        return unsure

    def _by_name(self, name: str, shop: str) -> Product | None:
        wanted = _plain(name)
        return self._one([n for n, names in enumerate(self._names) if wanted in names], shop)

    def _one(self, numbers: Iterable[int], shop: str) -> Product | None:
        """The shop's own product before one that all shops sell."""
        sold = sorted((n for n in numbers if self._sells(n, shop)), key=lambda n: not self.products[n].shop)
        return self.products[sold[0]] if sold else None

    def _sells(self, number: int, shop: str) -> bool:
        return self.products[number].shop in ("", shop)

    def _find_in(self, text: str) -> tuple[int, ...]:
        """The products that share the longest piece of name with a text, if it says enough."""
        counted: Counter[int] = Counter()
        for gram in _grams(text):
            postings = self._grams.get(gram, ())
            if len(postings) <= max(40, len(self.products) // 20):
                counted.update(postings)
        best: dict[int, int] = {}
        for number, _ in counted.most_common(40):
            best[number] = max(_run(text, name) for name in self._names[number])
        longest = max(best.values(), default=0)
        if longest < _MIN_RUN:
            return ()
        return tuple(sorted(number for number, run in best.items() if run == longest))


def _run(text: str, name: str) -> int:
    """The length of the longest piece of `name` in `text` that says more than any product might; a whole name always counts."""
    if name in text:
        return len(name) + 100
    longest, start = 0, 0
    while start + longest < len(text):
        end = start + longest + 1
        while end <= len(text) and text[start:end] in name:
            if text[start:end] not in _VAGUE:
                longest = end - start
            end += 1
        start += 1
    return longest


def _plain(text: str) -> str:
    return _WORDS.sub("", text).lower()


def _grams(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1)}


def _size_name(name: str) -> str:
    """「m码」 -> 「M」, 「XXL」 -> 「2XL」, 「M(160/84A)」 -> 「M」."""
    bare = re.sub(r"[\s码号]|[(（].*", "", name.upper())
    found = re.fullmatch(r"(X{2,6})L", bare)
    return f"{len(found[1])}XL" if found else bare
