"""What an agent's message does, read from its words: what it asks, offers, promises, refuses.

Text is read sentence by sentence with the tables of `phrases.py`; every pattern has bounded gaps.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from app.reply.phrases import (
    APOLOGY,
    ASKED,
    CHECKED_BACK,
    CLOSED,
    EMPATHY,
    FAULT,
    FIRM,
    GIVES,
    HELD,
    INSTRUCTED,
    NOT_OFFERED,
    OFFERED,
    PLEASE,
    PROMISED,
    QUESTION,
    RECEIVED,
    REFUSED,
    REQUEST,
    STRONG_APOLOGY,
)
from app.types import Act

MAX_READ: Final = 2000
_SENTENCE = re.compile(r"[^。！？!?；;\n]*[。！？!?；;\n]?")


def recognise(text: str) -> tuple[Act, ...]:
    """The acts of an agent's message in simplified Chinese, in order and each once; () when it does nothing known."""
    found: dict[Act, None] = {}
    for sentence in sentences(text[:MAX_READ]):
        for act in _acts_of(sentence):
            found[act] = None
    return tuple(found)


def sentences(text: str) -> list[str]:
    """The sentences of a text with their closing punctuation."""
    return [part for part in _SENTENCE.findall(text) if part.strip()]


def _acts_of(sentence: str) -> Iterator[Act]:
    yield from _feeling(sentence)
    asked = tuple(_asked(sentence))
    yield from asked
    refused = REFUSED.search(sentence) is not None
    question = QUESTION.search(sentence) is not None
    if refused:
        yield Act("refused")
    elif FIRM.search(sentence) or not any(act.about == "期望方案" for act in asked):
        yield from _offered(sentence)
    if INSTRUCTED.search(sentence) and not asked:
        yield Act("instructed")
    if PROMISED.search(sentence) and not question and not refused:
        yield Act("promised")
    if HELD.search(sentence) and not sentence.rstrip().endswith(("?", "？", "吗")):
        yield Act("held")
    if CHECKED_BACK.search(sentence):
        yield Act("checked_back")
    if CLOSED.search(sentence):
        yield Act("closed")


def _feeling(sentence: str) -> Iterator[Act]:
    sorry = APOLOGY.search(sentence) is not None
    if STRONG_APOLOGY.search(sentence) or (sorry and FAULT.search(sentence)):
        yield Act("apologised")
    if sorry or EMPATHY.search(sentence):
        yield Act("empathised")


def _asked(sentence: str) -> Iterator[Act]:
    question = QUESTION.search(sentence) is not None
    request = REQUEST.search(sentence) is not None
    for facts, topic, needs in ASKED:
        cue = {"question": question, "request": request or question, "": True}[needs]
        if cue and topic.search(sentence):
            if "照片" in facts and RECEIVED.search(sentence) and not PLEASE.search(sentence):
                continue
            yield from (Act("asked", fact) for fact in facts)


def _offered(sentence: str) -> Iterator[Act]:
    if NOT_OFFERED.search(sentence) or not GIVES.search(sentence):
        return
    for remedy, words in OFFERED:
        if words.search(sentence):
            yield Act("offered", remedy)
