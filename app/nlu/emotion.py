"""How upset a message sounds, from 0 calm to 3 fierce, by tone alone: what it demands or threatens does not count."""

from __future__ import annotations

import re
from typing import Final

from app.content.model import Emotions
from app.content.pattern import Item, Pattern, plain
from app.nlu.match import PatternSet
from app.nlu.text import Normalised
from app.types import Emotion

_SHOUTING: Final = re.compile(r"[!]{2,}|[?]{2,}|!.*!|\?!|!\?")
_LEVELS: Final = ("fierce", "strong", "mild", "calm")


class EmotionReader:
    """Built once per release from the word lists of intents/_emotion.yaml."""

    def __init__(self, words: Emotions) -> None:
        self._levels: list[str] = []
        patterns: list[Pattern] = []
        for level in _LEVELS:
            for word in getattr(words, level):
                if plain(word):
                    self._levels.append(level)
                    patterns.append(Pattern(word, (Item(frozenset({plain(word)})),)))
        self._patterns = PatternSet(patterns)

    def read(self, message: Normalised, *, complains: bool) -> Emotion:
        """complains: whether a complaint was recognised; restrained dissatisfaction at least."""
        found: dict[str, list[tuple[int, int]]] = {}
        for hit in self._patterns.find(message.text):
            found.setdefault(self._levels[hit.index], []).append((hit.start, hit.end))
        level = self._level(found, message.text, complains)
        places = {3: found.get("fierce", []), 2: found.get("strong", []), 1: found.get("mild", [])}.get(
            level, []
        )
        return Emotion(level, tuple(message.span(start, end) for start, end in sorted(set(places))[:3]))

    def _level(self, found: dict[str, list[tuple[int, int]]], text: str, complains: bool) -> int:
        if "fierce" in found:
            return 3
        upset = complains or "mild" in found
        if "strong" in found or (upset and _SHOUTING.search(text)):
            return 2
        if upset and not ("calm" in found and not complains):
            return 1
        return 0
