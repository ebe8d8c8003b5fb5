"""From the text as received to what the rest of the analysis reads, with positions kept; and its words.

Normalising: NFKC, lower case, Traditional -> Simplified character by character, invisible characters dropped, long
repeats shortened, the placeholders of exported chats (「[数字x]」) replaced, dialect read as Mandarin (`app.nlu.dialects`).
Every normalised character knows the original characters it stands for, so evidence can be marked in the text the agent sees.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log
from string import ascii_letters, digits
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from opencc import OpenCC

from app.nlu.dialects import CANTONESE, MARKS, mandarin, may_be_dialect
from app.types import Span

MAX_REPEAT: Final = 3
SENTENCE_END: Final = frozenset("。！？!?\n;；…")
CLAUSE_END: Final = SENTENCE_END | frozenset('，,、 :：~～（）()【】「」"“”·|/')

_CLAUSE: Final = re.compile(f"[^{re.escape(''.join(sorted(CLAUSE_END)))}]+")

# what hides in exported or masked chats -> how it reads; found before anything else
_PLACEHOLDERS: Final = re.compile(
    r"\[(?:数字|金额|日期|时间)[xX]?\]|\[(?:姓名|地址|站点|组织机构|电话|邮箱|链接)[xX]?\]|\[ORDERID_\d+\]|#E-[a-z]\[?\w{0,4}\]?|&nbsp;?",
)
_STAND_IN: Final = (
    ("[数字", "0"),
    ("[金额", "0"),
    ("[日期", "0"),
    ("[时间", "0"),
    ("[ORDERID", "订单号"),
    ("#E-", " "),
    ("&nbsp", " "),
)
_SLOW: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ud800-\udfff]|([^0-9])\1{3}|\[|#E-|&nbsp",
    re.DOTALL,
)
_INVISIBLE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ud800-\udfff]"
)
# characters that opencc's single-character table leaves alone but customers' keyboards produce
_OVERRIDES: Final = {
    "著": "着",
    "毬": "球",
    "麼": "么",
    "妳": "你",
    "祂": "他",
    "甚": "什",
    "裏": "里",
    "裡": "里",
}
_KEEP: Final = re.compile("甚至|著名|著作|显著|原著")


@lru_cache(maxsize=1)
def _simplified() -> dict[int, str]:
    """Traditional -> Simplified for single characters, from opencc's table."""
    characters = [chr(code) for block in ((0x3400, 0x4DC0), (0x4E00, 0xA000)) for code in range(*block)]
    converted = OpenCC("t2s").convert("\n".join(characters)).split("\n")
    table = {
        ord(old): new for old, new in zip(characters, converted, strict=True) if old != new and len(new) == 1
    }
    return {**table, **{ord(old): new for old, new in _OVERRIDES.items()}}


@lru_cache(maxsize=1)
def _table() -> dict[int, str]:
    """One character -> its normal spelling of one character: lower case, half width, Simplified."""
    table = dict(_simplified())
    for code in (
        *range(0x20, 0x2000),
        *range(0x2000, 0x2100),
        *range(0x3000, 0x3100),
        *range(0xFE30, 0x10000),
    ):
        normal = unicodedata.normalize("NFKC", chr(code)).lower()
        if len(normal) == 1 and normal != chr(code) and not 0xD800 <= code < 0xE000:
            table[code] = normal
    return table | {ord("\t"): " ", ord("\r"): " ", 0x3000: " "}


@dataclass(frozen=True, slots=True)
class Normalised:
    """`text` is what is analysed; `starts`/`ends` say where each of its characters stands in `original`.

    None for both means that the positions are the same. traditional: the customer writes Traditional characters. cantonese: it
    was Cantonese, read as Mandarin.
    """

    original: str
    text: str
    starts: tuple[int, ...] | None = None
    ends: tuple[int, ...] | None = None
    traditional: bool = False
    cantonese: bool = False

    def span(self, start: int, end: int) -> Span:
        """The original span of text[start:end]."""
        if self.starts is not None and self.ends is not None and end > start:
            start, end = self.starts[start], self.ends[end - 1]
        return Span(start, end, self.original[start:end])


@lru_cache(maxsize=64)
def normalise(original: str) -> Normalised:
    """Never raises; any string is fine, lone surrogates included."""
    table = _table()
    traditional = _is_traditional(original)
    if _SLOW.search(original) is None:
        kept = original.translate(table)
        if _KEEP.search(original):
            kept = _restore(original, kept)
        if not may_be_dialect(kept):
            return Normalised(original, kept, traditional=traditional)
        return Normalised(
            original, mandarin(kept), None, None, traditional, CANTONESE.search(kept) is not None
        )
    return _normalise_slowly(original, table, traditional)


def normal_words(words: Sequence[str]) -> list[str]:
    """The normal spelling of each word, all at once but for the few that are not plain."""
    lines = "\n".join(words)
    if lines.count("\n") != len(words) - 1:
        return [normalise(word).text for word in words]
    spelt = lines.translate(_table())
    normal = spelt.split("\n")
    for strange, where in ((_SLOW, lines), (_KEEP, lines), *((mark, spelt) for mark in MARKS)):
        at = begin = 0
        for found in strange.finditer(where):
            at += lines.count("\n", begin, found.start())
            begin = found.start()
            normal[at] = normalise(words[at]).text
    return normal


def _restore(original: str, text: str) -> str:
    for found in _KEEP.finditer(original):
        text = text[: found.start()] + found[0] + text[found.end() :]
    return text


def _normalise_slowly(original: str, table: dict[int, str], traditional: bool) -> Normalised:
    letters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    placeholders = {found.start(): found for found in _PLACEHOLDERS.finditer(original)}
    run, at = 0, 0
    while at < len(original):
        end, new = at + 1, original[at]
        if at in placeholders:
            end = placeholders[at].end()
            new = next((value for key, value in _STAND_IN if original.startswith(key, at)), "某")
        elif _INVISIBLE.match(new):
            new = ""
        for letter in unicodedata.normalize("NFKC", new).lower().translate(table):
            run = run + 1 if letters and letters[-1] == letter else 1
            if run <= MAX_REPEAT or letter.isdigit():
                letters.append(letter)
                starts.append(at)
                ends.append(end)
            elif ends:
                ends[-1] = end
        at = end
    kept = "".join(letters)
    cantonese = CANTONESE.search(kept) is not None
    return Normalised(original, mandarin(kept), tuple(starts), tuple(ends), traditional, cantonese)


@lru_cache(maxsize=1)
def _only_traditional() -> re.Pattern[str]:
    """The characters that only Traditional writing has, but for those that Simplified writing borrows."""
    letters = {chr(code) for code in _simplified() if code > 0x33FF} - set("著甚")
    return re.compile(f"[{''.join(sorted(letters))}]")


def _is_traditional(text: str) -> bool:
    """Two or more characters that only Traditional writing has, or one among at most six."""
    letters = _only_traditional()
    if letters.search(text) is None:
        return False
    return len(letters.findall(text)) > 1 or len(text) <= 6


_LATIN: Final = frozenset(ascii_letters + digits)
_NEVER: Final = float("-inf")
_WRITTEN: Final = re.compile(r"([\u4E00-\u9FD5a-zA-Z0-9+#&\._%\-]+)")
"""What jieba looks for words in; all else is cut character by character."""


class Clause(NamedTuple):
    """text[start:end] between two punctuation marks."""

    start: int
    end: int


def clauses(text: str) -> tuple[Clause, ...]:
    """The stretches between punctuation marks and spaces, in order; empty ones left out."""
    return tuple(Clause(*found.span()) for found in _CLAUSE.finditer(text))


@dataclass(frozen=True)
class Dictionary:
    """The words a tokeniser cuts out, and how often each comes up; 0 for what only begins longer ones. total: of all words.

    own: those of the shop's lexicon that nobody else would use. `app.nlu.words` makes one.
    """

    words: Sequence[str]
    counts: NDArray[np.int32]
    total: int
    own: frozenset[str]


class Tokeniser:
    """Cuts texts into words as `jieba.cut(text, HMM=False)` does, without guessing new ones, in a third of the time: the
    dictionary holds the logarithms that jieba takes of each word again and again, lists take the place of its tuples.
    """

    def __init__(self, dictionary: Dictionary) -> None:
        every = log(dictionary.total)
        counts, which = np.unique(dictionary.counts, return_inverse=True)
        weights = [log(count) - every if count else 0.0 for count in counts.tolist()]
        self._weights = dict(zip(dictionary.words, map(weights.__getitem__, which.tolist()), strict=True))
        self._unknown = -every
        self._own = dictionary.own

    def is_common(self, word: str) -> bool:
        """Whether it is a word of two or three characters in everyday use."""
        return 1 < len(word) < 4 and bool(self._weights.get(word)) and word not in self._own

    def cut(self, text: str) -> list[str]:
        """The words of normalised text in order; joined they are the text again: words of the dictionary, runs of letters
        and digits, single marks.
        """
        words: list[str] = []
        for number, block in enumerate(_WRITTEN.split(text)):
            if number % 2:
                self._cut_block(block, words)
            else:
                words += block
        return words

    def _cut_block(self, text: str, words: list[str]) -> None:
        ends, length = self._ends(text), len(text)
        at = 0
        while at < length:
            end = ends[at]
            if end == at + 1 and text[at] in _LATIN:
                while end < length and ends[end] == end + 1 and text[end] in _LATIN:
                    end += 1
            words.append(text[at:end])
            at = end

    def _ends(self, text: str) -> list[int]:
        """For each place, found from the last on: the end of the first of the likeliest words from there."""
        known, unknown, length = self._weights.get, self._unknown, len(text)
        scores, ends = [0.0] * (length + 1), [0] * length
        for start in range(length - 1, -1, -1):
            last = end = start + 1
            weight = known(text[start])
            best = weight + scores[end] if weight else _NEVER
            while weight is not None and end < length:
                end += 1
                weight = known(text[start:end])
                if weight:
                    score = weight + scores[end]
                    if score >= best:
                        best, last = score, end
            scores[start] = unknown + scores[start + 1] if best == _NEVER else best
            ends[start] = last
        return ends
