"""What the latest words of both sides say by their letters, to the acts (`customer_acts`) and the stages (`stage_weights`).

Both models look at the same letters, so each text is looked at once for both.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from app.nlu.model import Array
from app.reply.weights import EARLIER, LAST_CLAUSE, MESSAGE, REPLY, Letters, Weights, last_clause, load

ACTS: Final = Path(__file__).parent / "acts.npz"
STAGES: Final = Path(__file__).parent / "stage.npz"
_REMEMBERED: Final = 64
"""Texts whose letters are kept at hand: few, as they are customers' words, which nothing that erases them reaches."""


@dataclass(frozen=True, slots=True)
class Said:
    """What letters say to the acts and to the stages, per question, without the bias."""

    acts: Array
    stages: Array


@dataclass(frozen=True)
class _Models:
    """The weights that come with the program. letters: both models', the acts' questions first."""

    acts: Weights
    stages: Weights
    letters: Letters

    def say(self, place: str, text: str) -> Said:
        both, acts = self.letters.say(place, text), len(self.acts.bias)
        return Said(both[:acts], both[acts:])


@lru_cache(maxsize=1)
def shipped() -> _Models:
    """Without the letters in `acts` and `stages`."""
    acts, stages = load(ACTS), load(STAGES)
    return _Models(acts.without_letters(), stages.without_letters(), Letters(acts, stages))


@lru_cache(maxsize=_REMEMBERED)
def of_message(text: str) -> Said:
    """What the letters of a customer's message say."""
    return shipped().say(MESSAGE, text)


@lru_cache(maxsize=_REMEMBERED)
def of_earlier(text: str) -> Said:
    """What the letters of the messages before it in the open turn say."""
    return shipped().say(EARLIER, text)


@lru_cache(maxsize=_REMEMBERED)
def of_reply(reply: str) -> Said:
    """What the letters of the agent's words before it say."""
    whole, end = shipped().say(REPLY, reply), shipped().say(LAST_CLAUSE, last_clause(reply))
    return Said(whole.acts + end.acts, whole.stages + end.stages)
