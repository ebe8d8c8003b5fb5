"""What a customer's message does in the talk (dialogue acts): agrees, refuses, gives what was asked for, says it is done.

Rules know the wordings somebody thought of; here one logistic regression per act weighs the letters of the message, those
of the agent's words before it, and the intents that were understood. So it does for each stage: what a message would call
for by itself, without the talk around it. `tools/stage.py` fits them on labelled dialogues.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from math import exp
from pathlib import Path
from typing import Final

from app.nlu.model import Array
from app.reply.weights import Weights, last_clause, letters, load
from app.types import Analysis
from app.vocabulary import STAGES

FILE: Final = Path(__file__).parent / "acts.npz"
CUSTOMER_ACTS: Final[dict[str, str]] = {
    "accept": "答应了", "refuse": "不要这个办法", "counter": "想换个数目或办法", "doubt": "还有疑问", "ok": "只是应一声",
    "later": "要晚点给", "gives": "给了要的信息", "cannot": "给不了要的", "obstacle": "照做没成", "overdue": "说好的没做到",
    "chase": "在催", "done": "已经办好了", "trouble": "说了件新的事", "more": "在细说这件事", "request": "要个办法",
    "howto": "在问怎么办理", "presale": "在问买前的事", "asks": "在问", "buys": "要买", "vent": "在说气话", "threat": "说要投诉或曝光",
    "extort": "在要规则外的", "thanks": "在道谢", "bye": "要收尾了", "greet": "在打招呼", "back": "是回来问上次的事",
}  # fmt: skip
"""Act -> how an agent is told of it."""
HEARD: Final = (*CUSTOMER_ACTS, *(f"calls for {stage}" for stage in STAGES))
"""What is learnt of a message, in the order of the columns."""
Chances = tuple[float, ...]
"""How likely each of HEARD is, in their order, in [0, 1]; empty: nothing was said."""
Said = tuple[str, str, tuple[tuple[str, float], ...]]
"""A message, the agent's words before it, and the intents understood."""
_INTENT: Final = 0.7
_REMEMBERED: Final = 64
"""Messages whose acts are kept at hand: few, as they are customers' words, which nothing that erases them reaches."""


@lru_cache(maxsize=1)
def shipped() -> Weights:
    """The weights that come with the program, one column for each of HEARD."""
    return load(FILE)


def said(text: str, reply: str, analysis: Analysis) -> Said:
    """What `heard` listens to. text, reply: a customer's message and the agent's last one before it, normalised."""
    found = (*analysis.candidates, *analysis.intents)
    return text, reply, tuple((intent.id, intent.score) for intent in found)


@lru_cache(maxsize=_REMEMBERED)
def heard(message: Said) -> Chances:
    """What a message does."""
    text, reply, intents = message
    odds = shipped().sum(words_signs(text, intents)) + _after(reply)
    return tuple(1 / (1 + exp(-max(-30.0, one))) for one in odds.tolist())


def higher(first: Chances, second: Chances) -> Chances:
    """One by one the greater chance."""
    return tuple(map(max, first, second)) if first and second else first or second


def plainest(chances: Sequence[float], least: float) -> str | None:
    """How an agent is told of the likeliest act; None where none is likely enough."""
    best = max(zip(chances, CUSTOMER_ACTS.values(), strict=False), default=None)
    return best[1] if best is not None and best[0] >= least else None


def likeliest(chances: Sequence[float], least: float) -> str:
    """The name of the likeliest act, "" where none is likely enough."""
    best = max(zip(chances, CUSTOMER_ACTS, strict=False), default=None)
    return best[1] if best is not None and best[0] >= least else ""


def words_signs(text: str, intents: Iterable[tuple[str, float]]) -> dict[str, float]:
    """What a message itself shows. intents: each with its score."""
    return {**text_signs(text), **{f"i:{name}": _INTENT * score for name, score in intents}}


@lru_cache(maxsize=_REMEMBERED)
def text_signs(text: str) -> Mapping[str, float]:
    """The letters of a message."""
    return letters("C", text, 3, 1.5)


@lru_cache(maxsize=_REMEMBERED)
def reply_signs(reply: str) -> dict[str, float]:
    """What the agent's words before it show; none of either kind has the other's names."""
    return letters("A", reply, 2, 1.2) | letters("L", last_clause(reply), 3, 0.7)


@lru_cache(maxsize=_REMEMBERED)
def _after(reply: str) -> Array:
    """What an agent's words make of whatever is said next, with the bias."""
    weights = shipped()
    total: Array = weights.sum(reply_signs(reply)) + weights.bias
    return total
