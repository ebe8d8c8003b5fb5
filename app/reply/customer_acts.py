"""What a customer's message does in the talk (dialogue acts): agrees, refuses, gives what was asked for, says it is done.

Rules know the wordings somebody thought of; here one logistic regression per act weighs the letters of the message, those
of the agent's words before it, and the intents that were understood. So it does for each stage: what a message would call
for by itself, without the talk around it. `tools/stage.py` fits them on labelled dialogues.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

import numpy as np

from app.reply.spoken import of_message, of_reply, shipped
from app.reply.weights import LAST_CLAUSE, MESSAGE, REPLY, last_clause, letters
from app.types import Analysis
from app.vocabulary import STAGES

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


def said(text: str, reply: str, analysis: Analysis) -> Said:
    """What `heard` listens to. text, reply: a customer's message and the agent's last one before it, normalised."""
    found = (*analysis.candidates, *analysis.intents)
    return text, reply, tuple((intent.id, intent.score) for intent in found)


@lru_cache(maxsize=_REMEMBERED)
def heard(message: Said) -> Chances:
    """What a message does."""
    text, reply, intents = message
    weights = shipped().acts
    odds = weights.sum(_intent_signs(intents)) + of_message(text).acts + of_reply(reply).acts + weights.bias
    chances = 1 / (1 + np.exp(-odds.astype(np.float64).clip(-30, 30)))
    return tuple(chances.tolist())


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
    """What a message itself shows, by name. intents: each with its score."""
    return letters(MESSAGE, text) | _intent_signs(intents)


def _intent_signs(intents: Iterable[tuple[str, float]]) -> dict[str, float]:
    return {f"i:{name}": _INTENT * score for name, score in intents}


def reply_signs(reply: str) -> dict[str, float]:
    """What the agent's words before it show, by name; none of either kind has the other's names."""
    return letters(REPLY, reply) | letters(LAST_CLAUSE, last_clause(reply))
