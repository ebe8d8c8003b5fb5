"""What an agent's message does, read from its words: what it asks, offers, promises, refuses.

Text is read sentence by sentence with the tables of `phrases.py`; every pattern has bounded gaps.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from re import Pattern
from typing import Final

from app import regex as re
from app.reply.phrases import (
    APOLOGY,
    ASKED,
    CHECKED_BACK,
    CLOSED,
    DOES,
    EMPATHY,
    FAULT,
    FIRM,
    GIVES,
    HELD,
    INSTRUCTED,
    JUDGES,
    LOOKS,
    NO_QUESTION,
    NOT_OFFERED,
    OFFERED,
    OTHER_QUESTION,
    PHOTO,
    PLEASE,
    PROMISED,
    PROPOSES,
    QUESTION,
    RECEIVED,
    REFUSED,
    REQUEST,
    SHOWS,
    STRONG_APOLOGY,
    WHERE,
)
from app.reply.remedies import ADVICE
from app.types import Act

MAX_READ: Final = 2000
MIN_SENTENCE: Final = 8
# an agent who asks for these treats the conversation as a case, whatever was recognised
CASE_FACTS: Final = frozenset(
    {"照片", "有凭证", "洗过", "穿过", "签收天数", "吊牌在", "订单号", "期望方案", "承诺内容"}
)
_TELL, _SHOW, _SCREEN = Act("asked", "问题描述"), Act("asked", "照片"), Act("asked", "截图")
_CUT: Final = re.compile(r"[。！？!?；;\n]+")
_BARE: Final = re.compile(r"[\s，,。！？!?～~、：:；;…·—-]+")
_CLAUSE = re.compile(r"[，,。！？!?；;\n]+")
# what makes speech friendly and says nothing
_PARTICLES = re.compile(r"(?<=[\u4e00-\u9fff\d])(?:亲+|哈|哦|噢|哟|喔|呀|嗷|滴|哒)+(?=[，,。！!~～\s?？]|$)")
_SPACED = re.compile(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])")
_SENTENCE = re.compile(r"[^。！？!?；;\n]*[。！？!?；;\n]?")


def recognise(text: str) -> tuple[Act, ...]:
    """The acts of an agent's message in simplified Chinese, in order and each once; () when it does nothing known."""
    found: dict[Act, None] = {}
    told = False
    for sentence in sentences(_plain(text)):
        for act in _acts_of(sentence):
            found[act] = None
            told = told or (act == _TELL and WHERE.search(sentence) is None)
    if (_SHOW in found and not told) or _SCREEN in found:
        found.pop(_TELL, None)
    return tuple(found)


def answers_somehow(text: str) -> bool:
    """Whether a message tells what is done, under way or proposed, in words that no act covers."""
    return any(_does(sentence) for sentence in sentences(_plain(text)))


def handles_case(acts: Iterable[Act]) -> bool:
    """Whether a message's acts are those of someone who handles a case, not of someone who answers questions."""
    return any(
        act.name == "apologised"
        or (act.name == "asked" and act.about in CASE_FACTS)
        or (act.name == "offered" and act.about not in ADVICE)
        for act in acts
    )


def sentences(text: str) -> list[str]:
    """The sentences of a text with their closing punctuation."""
    return [part for part in _SENTENCE.findall(text) if part.strip()]


def spoken(text: str) -> tuple[str, ...]:
    """The sentences of a text long enough to be noticed when they come twice, without spaces and punctuation."""
    bare = (_BARE.sub("", part) for part in _CUT.split(text))
    return tuple(part for part in bare if len(part) >= MIN_SENTENCE)


def _plain(text: str) -> str:
    """The text without friendly particles, spaces between words read as commas (改好啦亲 → 改好了)."""
    return _SPACED.sub("，", _PARTICLES.sub("", text[:MAX_READ]).replace("啦", "了"))


def _does(sentence: str) -> bool:
    if PROPOSES.search(sentence):
        return True
    clauses = [clause for clause in _CLAUSE.split(sentence) if clause.strip()]
    return any(
        DOES.search(clause)
        and not (
            HELD.search(clause) or LOOKS.search(clause) or QUESTION.search(clause) or PHOTO.search(clause)
        )
        for clause in clauses
    )


def _acts_of(sentence: str) -> Iterator[Act]:
    yield from _feeling(sentence)
    asked = tuple(_asked(sentence))
    yield from asked
    offered: tuple[Act, ...] = ()
    refused = REFUSED.search(sentence) is not None
    question = QUESTION.search(sentence) is not None
    if refused:
        yield Act("refused")
    elif FIRM.search(sentence) or not any(act.about == "期望方案" for act in asked):
        offered = tuple(_offered(sentence))
        yield from offered
    if INSTRUCTED.search(sentence) and not asked:
        yield Act("instructed")
    if PROMISED.search(sentence) and not question and not refused:
        yield Act("promised")
    # 发我看看 says why something is asked for, 我联系仓库给您补发 what is offered; 我去查 that the answer comes later
    looks = LOOKS.search(sentence) and not (asked or offered)
    if (looks or HELD.search(sentence)) and not _is_asked(sentence):
        yield Act("held")
    if CHECKED_BACK.search(sentence):
        yield Act("checked_back")
    if CLOSED.search(sentence):
        yield Act("closed")


def _is_asked(sentence: str) -> bool:
    return sentence.rstrip().endswith(("?", "？", "吗"))


def _feeling(sentence: str) -> Iterator[Act]:
    sorry = APOLOGY.search(sentence) is not None
    if STRONG_APOLOGY.search(sentence) or (sorry and FAULT.search(sentence)):
        yield Act("apologised")
    if sorry or EMPATHY.search(sentence):
        yield Act("empathised")


def _asked(sentence: str) -> Iterator[Act]:
    clauses = [clause for clause in _CLAUSE.split(sentence) if clause.strip()]
    question = QUESTION.search(sentence) is not None
    request = question or REQUEST.search(sentence) is not None
    covered: set[str] = set()
    for facts, topic, needs in ASKED:
        where = _where(topic, clauses, sentence, clausal=needs == "clause")
        cue = {"question": question, "clause": bool(where), "request": request, "": True}[needs]
        if not where or not cue or all(map(JUDGES.search, where)):
            continue
        covered |= where
        if "照片" in facts and all(map(SHOWS.search, where)):
            continue
        if "照片" in facts and RECEIVED.search(sentence) and not PLEASE.search(sentence):
            continue
        yield from (Act("asked", fact) for fact in facts)
    if sentence in covered:
        return
    if any(clause not in covered and _asks_else(clause) for clause in clauses):
        yield Act("asked", "问题描述")


def _where(topic: Pattern[str], clauses: Iterable[str], sentence: str, *, clausal: bool) -> set[str]:
    """The clauses a topic is in (the sentence, when only the whole has it). clausal: it must be asked there itself."""
    found = {clause for clause in clauses if topic.search(clause)}
    if clausal:
        return {clause for clause in found if QUESTION.search(clause) and not PHOTO.search(clause)}
    return found or ({sentence} if topic.search(sentence) else set())


def _asks_else(clause: str) -> bool:
    """Whether a clause asks something about the case that has no name of its own."""
    wants = OTHER_QUESTION.search(clause.strip()) is not None
    return wants and not (NO_QUESTION.search(clause) or JUDGES.search(clause))


def _offered(sentence: str) -> Iterator[Act]:
    if NOT_OFFERED.search(sentence) or not GIVES.search(sentence):
        return
    for remedy, words in OFFERED:
        if words.search(sentence):
            yield Act("offered", remedy)
