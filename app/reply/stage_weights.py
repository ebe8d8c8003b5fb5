"""The stage weighed: what the rules of `stage.py` say, beside the circumstances and the very words of the talk.

Rules know what was understood; wordings nobody foresaw (闪送吧, 四点十分了) pass them by. A linear model per stage weighs
the rules' answer with all a conversation holds and with the letters of the latest words, and overrules them where it is
surer. `tools/stage.py` fits it on labelled dialogues and writes `stage.npz` (docs/quality.md says which dialogues).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np

from app.nlu.model import Array, as_bytes, as_text
from app.reply.facts import Facts
from app.reply.stage import PLAINLY, decide
from app.reply.state import ConversationState
from app.types import StageDecision
from app.values import replace
from app.vocabulary import STAGES, Stage

FILE: Final = Path(__file__).parent / "stage.npz"
_READ: Final = 200
"""Letters of a message that are looked at."""
_STATE: Final = (
    "cases", "risks", "awaiting", "offers", "tabled", "handled", "consulted", "settled", "resolution", "due", "held",
    "apologised", "apologised_for_delay", "carded", "comes_back", "missing", "traditional",
)  # fmt: skip
_TURN: Final = (
    "answered", "slots", "accepts", "refuses", "doubts", "chases", "broken", "denies", "adds", "satisfied", "took", "asks",
)  # fmt: skip
_RULED: Final = frozenset({"scam_alert", "malicious_review", "safety_incident", "allergy"})
"""What leaves no room: the rules alone say how these are handled."""
_WHY: Final[dict[Stage, str]] = {
    "listen": "听着是在说气话，先听他说完",
    "confirm": "听着还有没说清的，先问清",
    "apologise": "听着是我们该道歉的，道歉并给办法",
    "resolve": "听着还没解决，接着给办法",
    "follow_up": "听着这事有了着落，说清下一步",
    "answer": "听着只是在问，直接回答",
}


@dataclass(frozen=True)
class Weights:
    """rows: sign -> row. table: [signs, stages]; bias: [stages]."""

    rows: Mapping[str, int]
    table: Array
    bias: Array

    def weigh(self, signs: Mapping[str, float]) -> list[float]:
        """Log odds of each stage, in the order of STAGES."""
        known = [(self.rows[name], value) for name, value in signs.items() if name in self.rows]
        if not known:
            return [float(odds) for odds in self.bias]
        rows, values = zip(*known, strict=True)
        weighed: list[float] = (np.array(values, np.float32) @ self.table[list(rows)] + self.bias).tolist()
        return weighed

    def save(self, path: Path) -> None:
        """Raises OSError."""
        names = as_bytes("\n".join(self.rows))
        table = self.table.astype(np.float16)
        np.savez_compressed(path, names=names, table=table, bias=self.bias.astype(np.float32))


@lru_cache(maxsize=1)
def shipped() -> Weights:
    """The weights that come with the program."""
    with np.load(FILE) as stored:
        names = as_text(stored["names"]).split("\n")
        rows = {name: row for row, name in enumerate(names)}
        return Weights(rows, stored["table"].astype(np.float32), stored["bias"])


def choose(state: ConversationState, facts: Facts) -> StageDecision:
    """The stage of the next reply to the open turn, with a short reason for the agent."""
    ruled = decide(state, facts)
    if not state.agent_turns or not state.open.texts or _RULED & {*state.risks, *state.open.ids("risk")}:
        return ruled
    if ruled.reason in PLAINLY or not any(map(str.isalnum, state.open.texts[-1])):
        return ruled
    odds = dict(zip(STAGES, shipped().weigh(signs(state, facts, ruled)), strict=True))
    if state.apologised and (state.apologised_for_delay or not state.comes_back):
        del odds["apologise"]
    if state.open.refuses and not state.open.accepts and ruled.id != "follow_up":
        del odds["follow_up"]
    best = max(odds, key=odds.__getitem__)
    if best == ruled.id:
        return ruled
    return replace(ruled, id=best, reason=_WHY[best])


def signs(state: ConversationState, facts: Facts, ruled: StageDecision) -> dict[str, float]:
    """Everything that is weighed, by name. ruled: what the rules say."""
    turn = state.open
    found = _scaled(dict(_circumstances(state, facts, ruled)), 2.5)
    found |= _scaled(_letters("C", turn.texts[-1], 4), 1.5)
    if len(turn.texts) > 1:
        found |= _scaled(_letters("B", "，".join(turn.texts[:-1])[-120:], 2), 0.7)
    found |= _scaled(_letters("A", state.reply, 3), 1.2)
    return found | _scaled(_letters("L", _last_clause(state.reply), 3), 0.7)


def _circumstances(
    state: ConversationState, facts: Facts, ruled: StageDecision
) -> Iterator[tuple[str, float]]:
    turn = state.open
    matter = _matter(state)
    weighed = [(f"rule {ruled.id}", 1.0), *((f"turn {name}", 1.0) for name in _TURN if getattr(turn, name))]
    weighed += [(f"did {act.name}", 1.0) for act in state.did]
    for intent in sorted(turn.intents, key=lambda intent: intent.score):
        seen = "seen" if intent.id in state.seen else "new"
        weighed.append((f"{intent.kind} {seen}", intent.score))
        yield f"intent {intent.id}", intent.score
        yield f"{intent.group} {seen}", intent.score
    for name, value in weighed:
        yield name, value
        yield f"{matter}: {name}", value
    yield f"reason {ruled.reason[:6]}", 1.0
    yield f"matter {matter}", 1.0
    named = {
        "state": (name for name in _STATE if getattr(state, name)),
        "came": turn.answered, "missing": state.missing, "offer": state.offers, "slot": [slot.name for slot in turn.slots],
        "acts": state.acts, "did": [act.name + act.about for act in state.did], "case": state.cases, "risk": state.risks,
    }  # fmt: skip
    for kind, names in named.items():
        yield from _ones(kind, names)
    counts = (min(turn.emotion, 3), min(state.refusals, 2), min(state.agent_turns, 4), facts.get("订单已知"))
    yield from _ones("count", (f"{place} {count}" for place, count in enumerate(counts)))


def _ones(kind: str, names: Iterable[str]) -> Iterator[tuple[str, float]]:
    return ((f"{kind} {name}", 1.0) for name in names)


def _matter(state: ConversationState) -> str:
    """How far the talk has come, in one word."""
    stages = {
        "settled": state.settled, "offered": state.offers, "asked": state.missing, "held": state.held,
        "answered": state.resolution, "case": state.cases,
    }  # fmt: skip
    return next((name for name, so in stages.items() if so), "none")


def _letters(place: str, text: str, longest: int) -> dict[str, float]:
    """The runs of one to `longest` letters in a text, each once."""
    text = f"^{text[:_READ]}$"
    return {
        place + text[at : at + length]: 1.0
        for length in range(1, longest + 1)
        for at in range(len(text) - length + 1)
    }


def _last_clause(text: str) -> str:
    for mark in "。！？!?；;\n，":
        text = text.replace(mark, ",")
    return next((clause for clause in reversed(text.split(",")) if clause.strip()), "")


def _scaled(found: dict[str, float], weight: float) -> dict[str, float]:
    """So that what holds many signs does not speak louder than what holds few."""
    factor = weight / len(found) ** 0.5 if found else 0.0
    return {name: value * factor for name, value in found.items()}
