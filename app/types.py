"""The values that pass between the parts: what a message means, where a conversation stands, what can be said.

All are immutable. Offsets count Unicode code points of the text as received; scores are calibrated to [0, 1].
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal, NamedTuple

from app.values import frozen
from app.vocabulary import Stage

Role = Literal["customer", "agent"]
AbstainReason = Literal["nothing_found", "too_low", "ambiguous"]
Trend = Literal["rising", "flat", "falling"]


@frozen
class Span:
    """Where in the received text something was found: text[start:end]."""

    start: int
    end: int
    text: str


@frozen
class IntentMatch:
    """An intent found in a message. score: calibrated, 0 to 1; evidence: the places that led to it."""

    id: str
    name: str
    kind: str
    group: str
    score: float
    evidence: tuple[Span, ...] = ()
    reason: str = ""


@frozen
class Slot:
    """A value found in a message (origin "message"), in the conversation, or given by a channel or by hand."""

    name: str
    value: str
    start: int = -1
    end: int = -1
    origin: Literal["message", "conversation", "channel", "typed"] = "message"


@frozen
class Emotion:
    """The tone of a message: level 0 (calm) to 3, and the places that tell."""

    level: int
    evidence: tuple[Span, ...] = ()


@frozen
class Analysis:
    """What one message means. `intents` is empty exactly when `abstained` is a reason. facts: what it states of the case."""

    text: str
    intents: tuple[IntentMatch, ...]
    candidates: tuple[IntentMatch, ...]
    abstained: AbstainReason | None
    emotion: Emotion
    slots: tuple[Slot, ...]
    traditional: bool = False
    cantonese: bool = False
    facts: dict[str, str | int] = field(default_factory=dict)

    def has(self, *ids: str) -> bool:
        """Whether one of these intents is asserted."""
        return any(intent.id in ids for intent in self.intents)


@frozen
class Act:
    """What an agent's message does, for example Act("asked", "洗过"), Act("offered", "换货"), Act("held", "")."""

    name: str
    about: str = ""


@frozen
class Turn:
    """What one side said at once. acts, script_id: of an agent's turn, where known.

    attachments: {"type": …, "name" or "url": …} of what came with the text.
    """

    role: Role
    text: str
    acts: tuple[Act, ...] = ()
    message_id: str | None = None
    script_id: str | None = None
    attachments: tuple[Mapping[str, str], ...] = ()


@frozen
class StageDecision:
    """The stage of the agent's next reply, why, and which stages agents have been through."""

    id: Stage
    reason: str
    done: tuple[Stage, ...] = ()


@frozen
class Blank:
    """An unfilled required variable in a rendered bubble, shown as 〔name〕 at bubble[start:end]."""

    name: str
    bubble: int
    start: int
    end: int


class Ahead(NamedTuple):
    """Of two scripts that both may be sent, `first` takes the better place. trial: the number of the trial that wants it so."""

    first: str
    second: str
    trial: int = 0


@frozen
class Image:
    """A picture that goes with a script, such as a size chart. file: its name; width, height: pixels."""

    file: str
    alt: str
    sha256: str
    width: int
    height: int
    ending: str = ".png"

    @property
    def url(self) -> str:
        """Where the service shows it; the same bytes always have the same address."""
        return f"/api/v1/images/{self.sha256}{self.ending}"


@frozen
class Suggestion:
    """trial: the trial that put it before another script which might have been sent as well; 0 for none."""

    script_id: str
    intent: str
    stage: Stage
    title: str
    tone: str
    bubbles: tuple[str, ...]
    blanks: tuple[Blank, ...]
    score: float
    reason: str
    source: tuple[str, ...]
    images: tuple[Image, ...] = ()
    trial: int = 0

    @property
    def text(self) -> str:
        """The bubbles joined by newlines."""
        return "\n".join(self.bubbles)

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of the blanks, each once; while there are any the script is not to be sent."""
        return tuple(dict.fromkeys(blank.name for blank in self.blanks))


@frozen
class RiskAdvice:
    """A risk with what to do about it. banner: raise the panel's risk banner."""

    id: str
    name: str
    banner: bool
    advice: tuple[str, ...]
    evidence: tuple[Span, ...]


@frozen
class RuleOutcome:
    """A rule that applies: its outcome in sentences, and the facts it rests on."""

    id: str
    title: str
    outcome: tuple[str, ...]
    reason: str
    source: tuple[str, ...]


@frozen
class Deadline:
    """due_at: ISO 8601 with offset, None where the text names no time."""

    text: str
    due_at: str | None


@frozen
class CardRef:
    """A card by "pack.id" and title; its text is asked for separately."""

    id: str
    title: str


@frozen
class Guidance:
    """What is shown beside the scripts. ask: (fact, question) pairs still to be asked."""

    ask: tuple[tuple[str, str], ...] = ()
    do: tuple[str, ...] = ()
    dont: tuple[str, ...] = ()
    cards: tuple[CardRef, ...] = ()
    rules: tuple[RuleOutcome, ...] = ()
    deadlines: tuple[Deadline, ...] = ()


@frozen
class Assistance:
    """The whole answer to one customer message (design: the reply of POST /api/v1/suggest)."""

    release: int
    analysis: Analysis
    emotion_trend: Trend
    risks: tuple[RiskAdvice, ...]
    slots: tuple[Slot, ...]
    facts: dict[str, str | int] = field(default_factory=dict)
    stage: StageDecision | None = None
    suggestions: tuple[Suggestion, ...] = ()
    guidance: Guidance = Guidance()
