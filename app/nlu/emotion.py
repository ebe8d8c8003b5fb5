"""How upset a message sounds, from 0 calm to 3 fierce, by tone alone: what it demands or threatens does not count.

Words of intents/_emotion.yaml, what the message is about, its punctuation and its pairs of characters each speak for or
against the levels; `emotion.json` says how much. `tools/emotion.py` fits those numbers on labelled messages
(docs/quality.md says which). What trainers write holds: with a word of the list `fierce` a message is fierce, with one
of `strong` it is at least angry.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import lru_cache
from math import sqrt
from pathlib import Path
from typing import Final

from app.content.model import Emotions
from app.content.pattern import Item, Pattern, plain
from app.nlu.match import PatternSet
from app.nlu.text import Normalised
from app.types import Emotion, IntentMatch

ANGRY, FIERCE = 2, 3
LISTS: Final = ("fierce", "strong", "mild", "calm")
"""The word lists, and the level each speaks of: 3, 2, 1, 0."""
MANY: Final = 4
SHORT: Final = 8
LONG: Final = 80
STORY: Final = 3
"""Commas from which on a message is a story."""
GRAMS: Final = 3.0
"""How much all pairs of characters weigh together against one signal."""
SHOWN: Final = 3
_UNIT: Final = 40
_MARKS: Final = ("!", "?", "吗", "请", "您", "你们", "我")
_LOUD: Final = ("!", "?", "你们")

Place = tuple[int, int]
Weights = dict[str, tuple[float, ...]]


class EmotionReader:
    """Built once per release from the word lists of intents/_emotion.yaml."""

    def __init__(self, words: Emotions) -> None:
        self._lists: list[str] = []
        patterns: list[Pattern] = []
        for name in LISTS:
            for word in getattr(words, name):
                if plain(word):
                    self._lists.append(name)
                    patterns.append(Pattern(word, (Item(frozenset({plain(word)})),)))
        self._patterns = PatternSet(patterns)

    def read(self, message: Normalised, intents: Sequence[IntentMatch]) -> Emotion:
        """The level of a message in which these intents were recognised, and the words that show it."""
        found = self.words_in(message.text)
        if not message.text.strip():
            return Emotion(0, ())
        level = FIERCE if "fierce" in found else _heaviest(message.text, intents, found)
        if "strong" in found:
            level = max(level, ANGRY)
        places = found.get(LISTS[FIERCE - level], []) if level else []
        return Emotion(level, tuple(message.span(start, end) for start, end in sorted(set(places))[:SHOWN]))

    def words_in(self, text: str) -> dict[str, list[Place]]:
        """Where words of each list stand in a normalised text."""
        found: dict[str, list[Place]] = {}
        for hit in self._patterns.find(text):
            found.setdefault(self._lists[hit.number], []).append((hit.start, hit.end))
        return found


def signals(
    text: str, intents: Sequence[IntentMatch], found: dict[str, list[Place]]
) -> Iterator[tuple[str, float]]:
    """Everything in a message that may speak of its tone, by name, with how much of it there is."""
    yield "always", 1.0
    for name, places in found.items():
        yield name, 1.0
        if len(places) > 1:
            yield f"{name} again", 1.0
    complaints = sum(intent.kind == "complaint" or intent.group == "risk" for intent in intents)
    yield from ((f"complaints {number}", 1.0) for number in range(1, min(complaints, MANY) + 1))
    yield from ((f"kind {kind}", 1.0) for kind in {intent.kind for intent in intents})
    yield from ((f"group {group}", 1.0) for group in {intent.group for intent in intents})
    yield from ((f"intent {intent.id}", 1.0) for intent in intents)
    yield "length", min(len(text), LONG) / _UNIT
    if not intents:
        yield "nothing recognised", 1.0
    if len(text) < SHORT:
        yield "short", 1.0
    if text.count(",") >= STORY:
        yield "story", 1.0
    for mark in _MARKS:
        if mark in text:
            yield mark, 1.0
            if complaints and mark in _LOUD:
                yield f"{mark} in a complaint", 1.0
    if text.count("!") > 1:
        yield "! again", 1.0
    if text.endswith("?"):
        yield "? at the end", 1.0


def grams(text: str) -> set[str]:
    """The characters of a text and its pairs of neighbours."""
    return {*text, *map("".join, zip(text, text[1:], strict=False))}


def _heaviest(text: str, intents: Sequence[IntentMatch], found: dict[str, list[Place]]) -> int:
    of_signals, of_grams = _weights()
    sums = [0.0] * (FIERCE + 1)
    for name, amount in signals(text, intents, found):
        for level, weight in enumerate(of_signals.get(name, ())):
            sums[level] += amount * weight
    known = [of_grams[gram] for gram in grams(text) & of_grams.keys()]
    if known:
        share = GRAMS / sqrt(len(known))
        of_all = map(sum, zip(*known, strict=True))
        sums = [total + share * amount for total, amount in zip(sums, of_all, strict=True)]
    return sums.index(max(sums))


@lru_cache(maxsize=1)
def _weights() -> tuple[Weights, Weights]:
    """Per signal, and per character or pair, what it adds to each level."""
    stored = json.loads(Path(__file__).with_name("emotion.json").read_text(encoding="utf-8"))
    of_signals, of_grams = (
        {name: tuple(weights) for name, weights in stored[part].items()} for part in ("signals", "grams")
    )
    return of_signals, of_grams
