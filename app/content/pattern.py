"""The pattern language of intents and guard lists: literal words, alternatives, bounded gaps; no regular expressions.

A pattern is read here and matched in `app.nlu.match` in time linear in the number of word hits, whatever its author wrote.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

MAX_ITEMS: Final = 8
MAX_WORDS: Final = 600
MAX_GAP: Final = 12
DEFAULT_GAP: Final = 6
_MARKS: Final = frozenset("<>^$!…")
_GAP = re.compile(r"^(?:…+|\.{2,})(\d{1,3})?$")
_CLASS = re.compile(r"^<([^<>]{1,20})>$")


@dataclass(frozen=True, slots=True)
class Item:
    """One of `words`, starting at most `gap` characters after the end of the item before."""

    words: frozenset[str]
    gap: int = 0


@dataclass(frozen=True, slots=True)
class Pattern:
    """Items in order; `excludes`: words that must not stand in the same clause; anchors to the message's ends,
    with at most `end_gap` characters left before the end.
    """

    text: str
    items: tuple[Item, ...]
    excludes: frozenset[str] = frozenset()
    at_start: bool = False
    at_end: bool = False
    end_gap: int = 0


def parse(text: str, classes: Mapping[str, tuple[str, ...]]) -> Pattern:
    """Read a pattern; `classes` are the word classes it may name as <name>.

    Raises ValueError with a Chinese sentence when the pattern is malformed, unbounded or names an unknown class.
    """
    items: list[Item] = []
    excludes: set[str] = set()
    at_start = at_end = False
    gap: int | None = None
    for token in text.split():
        if at_end or (excludes and not token.startswith("!") and token != "$"):
            raise ValueError("「$」和「!词」要放在最后")
        if token == "^":
            if items or at_start:
                raise ValueError("「^」只能放在最前面")
            at_start = True
        elif token == "$":
            at_end = True
        elif found := _GAP.match(token):
            gap = _read_gap(found[1], first=not items, repeated=gap is not None)
        elif token.startswith("!"):
            excludes |= _words(token[1:], classes)
        else:
            items.append(Item(_words(token, classes), gap or 0))
            gap = None
    if not items:
        raise ValueError("句式里至少要有一个词")
    if gap is not None and not at_end:
        raise ValueError("「…」后面还要有词或「$」")
    if len(items) > MAX_ITEMS:
        raise ValueError(f"句式太长，最多 {MAX_ITEMS} 项")
    return Pattern(text, tuple(items), frozenset(excludes), at_start, at_end, gap or 0)


def _read_gap(number: str | None, *, first: bool, repeated: bool) -> int:
    if first:
        raise ValueError("「…」不能放在最前面")
    if repeated:
        raise ValueError("两个「…」不能挨着")
    gap = int(number) if number else DEFAULT_GAP
    if not 1 <= gap <= MAX_GAP:
        raise ValueError(f"「…」后面的数字要在 1 到 {MAX_GAP} 之间")
    return gap


def _words(token: str, classes: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    words: set[str] = set()
    for part in token.split("|"):
        named = _CLASS.match(part)
        if named:
            if named[1] not in classes:
                raise ValueError(f"没有「{named[1]}」这个词类")
            words |= _plain(classes[named[1]])
        elif not part:
            raise ValueError("「|」两边都要有词")
        elif not _MARKS.isdisjoint(part):
            raise ValueError(f"「{part}」里的符号要和词用空格隔开")
        else:
            words.add(plain(part))
    words.discard("")
    if not words:
        raise ValueError("「!」后面要有词")
    if len(words) > MAX_WORDS:
        raise ValueError(f"一项里的词太多，最多 {MAX_WORDS} 个")
    return frozenset(words)


@lru_cache(maxsize=512)
def _plain(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(plain, words))


def plain(word: str) -> str:
    """The spelling a word is compared in: NFKC, lower case, no white space."""
    return "".join(unicodedata.normalize("NFKC", word).lower().split())
