"""Script search while the agent types: titles, texts, intent names; pinyin, initials, and typos forgiven.

Every query word must be found. A word is looked for as it stands and, when that finds nothing or it is of letters, as
it sounds: 缩税 finds 缩水, and so do suoshui and ss. A query that finds nothing is corrected to the nearest known words.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Final, Literal

from rapidfuzz import fuzz, process

from app.content.model import Content, Script
from app.nlu.text import normalise
from app.pinyin import syllable
from app.types import Suggestion
from app.vocabulary import Stage

MAX_QUERY: Final = 60
MAX_WORDS: Final = 6
MAX_HITS: Final = 3000
_SIMILAR: Final = 74.0
_OWN: Final = 0.05
"""So much better is a script of the intent looked for than one that also fits it."""
_CHINESE: Final = re.compile("[一-鿿]+")
_TEMPLATE: Final = re.compile(r"\{%.*?%\}|\{\{\s*(\S+?)\s*(?:\|[^}]*)?\}\}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Hit:
    """A script found. words: what was found in it, as it is spelt there."""

    script: Script
    score: float
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a found word stands: in the title or in the text, whose bubbles are joined by newlines."""

    field: Literal["title", "text"]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Found:
    """A hit as it can be sent, with its marks."""

    script: Suggestion
    intent_name: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class _Sounds:
    """A short text with how it is read: `full` pinyin and `initials` of its characters, other letters as they are.

    starts: where in `full` each character begins, and the end of `full`.
    """

    text: str
    full: str
    initials: str
    starts: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> _Sounds:
        parts = [syllable(char) or char for char in text]
        starts = tuple(accumulate((len(part) for part in parts), initial=0))
        return cls(text, "".join(parts), "".join(part[0] for part in parts), starts)

    def heard(self, word: str) -> str:
        """The part of the text that abbreviates or reads as `word`, from the beginning of a character; "" if none does."""
        at = self.initials.find(word) if len(word) > 1 else -1
        if at >= 0:
            return self.text[at : at + len(word)]
        at = self.full.find(word)
        while at >= 0:
            first = bisect_left(self.starts, at)
            if self.starts[first] == at:
                return self.text[first : bisect_left(self.starts, at + len(word))]
            at = self.full.find(word, at + 1)
        return ""


class _Column:
    """The same field of all documents in one string, so that a search is a few calls however many there are."""

    def __init__(self, values: list[str]) -> None:
        self._all = "\n".join(values)
        self._starts = list(accumulate((len(value) + 1 for value in values), initial=0))

    def find(self, word: str) -> Iterator[int]:
        """The numbers of the documents that hold the word."""
        at = self._all.find(word)
        while at >= 0:
            number = bisect_right(self._starts, at) - 1
            yield number
            at = self._all.find(word, self._starts[number + 1])


class ScriptSearch:
    """Over all scripts of a release. The index is made by the first search."""

    def __init__(self, content: Content, packs: Iterable[str]) -> None:
        allowed = frozenset(packs)
        self._scripts = [
            script for script in content.scripts.values() if not script.pack or script.pack in allowed
        ]
        self._intents = content.intents

    def find(
        self,
        query: str,
        *,
        intent: str | None = None,
        stage: Stage | None = None,
        tone: str | None = None,
        limit: int = 20,
    ) -> tuple[Hit, ...]:
        """The best scripts for what has been typed so far, best first; all that pass the filters for an empty query."""
        words = normalise(query[:MAX_QUERY]).text.split()[:MAX_WORDS]
        scores = self._search(words)
        if not scores and words:
            words = [self._corrected(word) for word in words]
            scores = self._search(words)
        hits: list[Hit] = []
        for number in sorted(scores, key=lambda number: (-scores[number], number)):
            script = self._scripts[number]
            if (
                (intent is None or intent == script.intent or intent in script.also_for)
                and (stage is None or stage == script.stage or stage in script.also)
                and (tone is None or tone == script.tone)
            ):
                hits.append(Hit(script, round(scores[number], 2), self._spelt(number, words)))
                if len(hits) == limit:
                    break
        return tuple(hits)

    def _search(self, words: list[str]) -> dict[int, float]:
        """The numbers of the scripts in which every word is found, with how good the places are."""
        if not words:
            return dict.fromkeys(range(len(self._scripts)), 0.0)
        found = [self._score(word) for word in words]
        everywhere = set(found[0]).intersection(*found[1:])
        return {number: sum(scores[number] for scores in found) for number in everywhere}

    def _score(self, word: str) -> dict[int, float]:
        scores: defaultdict[int, float] = defaultdict(float)
        for weight, column in ((2.0, self._titles), (1.0, self._texts)):
            for _, number in zip(range(MAX_HITS), column.find(word), strict=False):
                scores[number] = max(scores[number], weight)
        for sounds, numbers in self._names:
            if word in sounds.text:
                weight = 3.0 + _OWN * (word in _own(sounds))
                for number in numbers:
                    scores[number] += weight
        if not scores or not _CHINESE.search(word):
            self._add_by_sound(_Sounds.of(word).full, scores)
        return scores

    def _add_by_sound(self, sound: str, scores: defaultdict[int, float]) -> None:
        for sounds, numbers in self._names:
            if heard := sounds.heard(sound):
                weight = 1.6 + _OWN * (heard in _own(sounds))
                for number in numbers:
                    scores[number] += weight
        for column in (self._title_initials, self._title_pinyin) if len(sound) > 1 else ():
            for _, number in zip(range(MAX_HITS), column.find(sound), strict=False):
                if scores[number] < 1.0 and self._title_sounds[number].heard(sound):
                    scores[number] += 1.0
        for number in [number for number, score in scores.items() if not score]:
            del scores[number]

    def _spelt(self, number: int, words: list[str]) -> tuple[str, ...]:
        """What the query words are in this script."""
        spelt: list[str] = []
        for word in words:
            spelt.append(word)
            sound = _Sounds.of(word).full
            spelt += [
                sounds.heard(sound) for sounds in (self._title_sounds[number], self._name_sounds[number])
            ]
        return tuple(dict.fromkeys(part for part in spelt if part))

    def _corrected(self, word: str) -> str:
        """The known word that sounds most like a mistyped one; the word itself when none is near."""
        sound = _Sounds.of(word).full
        near = process.extractOne(sound, self._vocabulary.keys(), scorer=fuzz.ratio, score_cutoff=_SIMILAR)
        return self._vocabulary[near[0]] if near is not None else word

    @cached_property
    def _titles(self) -> _Column:
        return _Column([script.title.lower().replace("\n", " ") for script in self._scripts])

    @cached_property
    def _texts(self) -> _Column:
        return _Column([readable(script).lower().replace("\n", "\r") for script in self._scripts])

    @cached_property
    def _title_sounds(self) -> list[_Sounds]:
        return [_Sounds.of(script.title.lower()) for script in self._scripts]

    @cached_property
    def _title_initials(self) -> _Column:
        return _Column([sounds.initials for sounds in self._title_sounds])

    @cached_property
    def _title_pinyin(self) -> _Column:
        return _Column([sounds.full for sounds in self._title_sounds])

    @cached_property
    def _name_sounds(self) -> list[_Sounds]:
        """How the names of each script's intents read; the same object for the same names."""
        made: dict[str, _Sounds] = {}
        sounds: list[_Sounds] = []
        for script in self._scripts:
            ids = (script.intent, *script.also_for)
            names = " ".join(self._intents[name].name for name in ids if name in self._intents).lower()
            if names not in made:
                made[names] = _Sounds.of(names)
            sounds.append(made[names])
        return sounds

    @cached_property
    def _names(self) -> list[tuple[_Sounds, list[int]]]:
        """The different names with the scripts that have them."""
        numbers: defaultdict[str, list[int]] = defaultdict(list)
        for number, sounds in enumerate(self._name_sounds):
            numbers[sounds.text].append(number)
        return [(_Sounds.of(text), found) for text, found in numbers.items()]

    @cached_property
    def _vocabulary(self) -> dict[str, str]:
        """How intent names and the word-like parts of titles sound -> what they are; for correcting typos."""
        texts = dict.fromkeys(
            [sounds.text for sounds, _ in self._names] + [sounds.text for sounds in self._title_sounds]
        )
        words: dict[str, str] = {}
        for part in dict.fromkeys(part for text in texts for part in _CHINESE.findall(text)):
            for size in (2, 3, 4):
                for at in range(len(part) - size + 1):
                    word = part[at : at + size]
                    words.setdefault("".join(syllable(char) or char for char in word), word)
        return words


def _own(names: _Sounds) -> str:
    """Of the names of a script's intents the one it is written for; it may also be for the others."""
    return names.text.partition(" ")[0]


def readable(script: Script) -> str:
    """A script's text with its variables as 〔name〕, for showing and searching."""
    text = "\n".join(script.bubbles)
    if "{" not in text:
        return text
    return _TEMPLATE.sub(lambda found: f"〔{found[1]}〕" if found[1] else "", text)


def marks(hit: Hit, title: str, text: str) -> tuple[Mark, ...]:
    """The first place of each found word in the title and in the text."""
    found: list[Mark] = []
    for word in hit.words:
        at = title.lower().find(word)
        if at >= 0:
            found.append(Mark("title", at, at + len(word)))
        at = text.lower().find(word)
        if at >= 0:
            found.append(Mark("text", at, at + len(word)))
    return tuple(found)
