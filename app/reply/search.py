"""Script search while the agent types: titles, texts, intent names; pinyin, initials, and typos forgiven.

Every query word must be found. Chinese words are looked for as they stand, then as they sound (缩税 finds 缩水);
words of letters as pinyin (suoshui) or initials (ss); what is not found at all is corrected to the nearest title word.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
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
_CHINESE: Final = re.compile("[一-鿿]+")
_SIMILAR: Final = 74.0
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

    full: str
    initials: str
    starts: tuple[int, ...]

    def find(self, word: str) -> tuple[int, int] | None:
        """The part of the text that reads or abbreviates as `word`, from the beginning of a character."""
        at = self.initials.find(word) if len(word) > 1 else -1
        if at >= 0:
            return at, at + len(word)
        at = self.full.find(word)
        while at >= 0:
            first = bisect_left(self.starts, at)
            if self.starts[first] == at:
                return first, bisect_left(self.starts, at + len(word))
            at = self.full.find(word, at + 1)
        return None


@dataclass(frozen=True, slots=True)
class _Document:
    script: Script
    title: str
    names: str
    text: str
    title_sound: _Sounds
    name_sound: _Sounds
    number: int


@dataclass(frozen=True, slots=True)
class _Match:
    score: float
    words: tuple[str, ...]


class ScriptSearch:
    """Over all scripts of a release. The index is made by the first search."""

    def __init__(self, content: Content, packs: Iterable[str]) -> None:
        self._content = content
        self._packs = frozenset(packs)

    @cached_property
    def _documents(self) -> list[_Document]:
        sounds: dict[str, _Sounds] = {}
        documents = []
        for number, script in enumerate(self._content.scripts.values()):
            if script.pack and script.pack not in self._packs:
                continue
            ids = (script.intent, *script.also_for)
            names = " ".join(
                self._content.intents[name].name for name in ids if name in self._content.intents
            )
            name_sound = (
                sounds.setdefault(names, _sounds(names.lower())) if names not in sounds else sounds[names]
            )
            title = script.title.lower()
            documents.append(
                _Document(
                    script, title, names.lower(), readable(script).lower(), _sounds(title), name_sound, number
                )
            )
        return documents

    @cached_property
    def _vocabulary(self) -> dict[str, str]:
        """How intent names and the word-like parts of titles sound -> what they are; for correcting typos."""
        words: dict[str, str] = {}
        for document in self._documents:
            for part in _CHINESE.findall(f"{document.names} {document.title}"):
                for size in (2, 3, 4):
                    for at in range(len(part) - size + 1):
                        word = part[at : at + size]
                        words.setdefault(_sounds(word).full, word)
        return words

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
        documents = [
            document
            for document in self._documents
            if (intent is None or intent == document.script.intent or intent in document.script.also_for)
            and (stage is None or stage == document.script.stage or stage in document.script.also)
            and (tone is None or tone == document.script.tone)
        ]
        found = _search(documents, words)
        if not found and words:
            found = _search(documents, [self._corrected(word) for word in words])
        found.sort(key=lambda item: (-item[1].score, item[0].number))
        return tuple(
            Hit(document.script, round(match.score, 2), match.words) for document, match in found[:limit]
        )

    def _corrected(self, word: str) -> str:
        """The known word that sounds most like a mistyped one; the word itself when none is near."""
        sound = _sounds(word).full
        near = process.extractOne(sound, self._vocabulary.keys(), scorer=fuzz.ratio, score_cutoff=_SIMILAR)
        return self._vocabulary[near[0]] if near is not None else word


def readable(script: Script) -> str:
    """A script's text with its variables as 〔name〕, for showing and searching."""
    text = "\n".join(script.bubbles)
    if "{" not in text:
        return text
    return _TEMPLATE.sub(lambda found: f"〔{found[1]}〕" if found[1] else "", text)


def _sounds(text: str) -> _Sounds:
    parts = [syllable(char) or char for char in text]
    return _Sounds(
        "".join(parts),
        "".join(part[0] for part in parts),
        tuple(accumulate((len(part) for part in parts), initial=0)),
    )


def marks(hit: Hit, title: str, text: str) -> tuple[Mark, ...]:
    """The first place of each found word in the title and in the text."""
    found: list[Mark] = []
    for word in dict.fromkeys(hit.words):
        at = title.lower().find(word)
        if at >= 0:
            found.append(Mark("title", at, at + len(word)))
        at = text.lower().find(word)
        if at >= 0:
            found.append(Mark("text", at, at + len(word)))
    return tuple(found)


def _search(documents: list[_Document], words: list[str]) -> list[tuple[_Document, _Match]]:
    """The documents in which every word is found somewhere."""
    found: list[tuple[_Document, _Match]] = []
    sounds = [_sounds(word).full for word in words]
    for document in documents:
        matches: list[_Match] = []
        for word, sound in zip(words, sounds, strict=True):
            match = _match(document, word, sound)
            if match is None:
                break
            matches.append(match)
        else:
            spelt = tuple(spelling for match in matches for spelling in match.words)
            found.append((document, _Match(sum(match.score for match in matches), spelt)))
    return found


def _match(document: _Document, word: str, sound: str) -> _Match | None:
    """Where a word is found, as it stands before as it sounds; the score says how good a place that is."""
    named, titled = word in document.names, word in document.title
    if named or titled:
        return _Match(3.0 * named + 2.0 * titled, (word,))
    if word in document.text:
        return _Match(1.0, (word,))
    by_name = document.name_sound.find(sound)
    by_title = document.title_sound.find(sound)
    if by_name is None and by_title is None:
        return None
    heard = [document.names[slice(*by_name)]] if by_name is not None else []
    heard += [document.title[slice(*by_title)]] if by_title is not None else []
    return _Match(1.6 * (by_name is not None) + (by_title is not None), tuple(heard))
