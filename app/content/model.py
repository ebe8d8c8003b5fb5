"""The content files as typed, immutable values (docs/content.md explains them to trainers).

Every model forbids unknown keys, so a misspelt key is an error with its line instead of a silent loss.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    Field,
    field_validator,
)

from app.content.clocks import ClockRule
from app.content.condition import Condition, parse_condition
from app.content.fields import ID, Base, Line, Tone
from app.content.shop import Shop
from app.types import Act, Image
from app.vocabulary import (
    ACTS,
    ASKABLE,
    FACTS,
    REMEDIES,
    Stage,
)

Kind = Literal["complaint", "enquiry", "question", "dialogue", "risk"]

_ACT = re.compile(r"^([a-z_]+)(?:[(（](.*)[)）])?$")


def _text_or_mapping(value: Any) -> Any:
    return {"text": value} if isinstance(value, str) else value


class Example(Base):
    """One customer sentence; `also`: the other intents it expresses."""

    text: Line
    also: tuple[ID, ...] = ()


class NotExample(Base):
    """A near miss; `intent`: what it is instead, None when it is nothing of the kind."""

    text: Line
    intent: ID | None = None
    also: tuple[ID, ...] = ()


class Ask(Base):
    """Something to ask the customer. fact: of ASKABLE; text: the question as the panel shows it to the agent."""

    fact: str
    text: Line

    @field_validator("fact")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in ASKABLE:
            raise ValueError(f"没有「{value}」这个可以问的事实")
        return value


class Group(Base):
    """A group of intents (intents/_groups.yaml) and the scripts each of them must have: every stage in every tone.

    asks: the intent that a question about one of the group is, such as ask_quality for 会不会缩水; None: it stays itself.
    priority: the smaller, the sooner an intent of the group is answered when several are equally sure.
    """

    id: ID
    name: str
    stages: tuple[Stage, ...]
    tones: tuple[Tone, ...]
    asks: ID | None = None
    priority: int = 5


class Intent(Base):
    """What a customer wants or complains of; every key is explained in docs/content.md. pack: from where the file stands.

    yields_to: intents or "@group" that make this one less likely in the same message. banner: shown in red, risks only.
    patterns claim the intent by themselves, weak_patterns only together with the model. held_out is never taught.
    """

    id: ID
    pack: str = ""
    name: Annotated[str, Field(min_length=1, max_length=20)]
    group: ID
    kind: Kind
    definition: str = ""
    not_: str = Field(default="", alias="not")
    banner: bool = False
    yields_to: tuple[str, ...] = ()
    examples: tuple[Annotated[Example, BeforeValidator(_text_or_mapping)], ...] = ()
    not_examples: tuple[Annotated[NotExample, BeforeValidator(_text_or_mapping)], ...] = ()
    held_out: tuple[Annotated[Example, BeforeValidator(_text_or_mapping)], ...] = ()
    patterns: tuple[Line, ...] = ()
    weak_patterns: tuple[Line, ...] = ()
    ask: tuple[Ask, ...] = ()


def parse_act(text: str) -> Act:
    """Read `asked(洗过)`. Raises ValueError with a Chinese sentence for an unknown act, fact or remedy."""
    found = _ACT.match(text.strip())
    if found is None or found[1] not in ACTS:
        raise ValueError(f"没有「{text}」这个行为")
    name, about = found[1], (found[2] or "").strip()
    wants = ACTS[name]
    if wants == "ask" and about not in ASKABLE:
        raise ValueError(f"asked(…) 里没有「{about}」这个可以问的事实")
    if wants == "remedy" and about not in REMEDIES:
        raise ValueError(f"offered(…) 里没有「{about}」这个方案")
    if wants == "" and about:
        raise ValueError(f"{name} 后面不用写括号")
    return Act(name, about)


When = dict[str, Condition]


def _parse_when(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {
        fact: item if isinstance(item, Condition) else parse_condition(str(fact), item)
        for fact, item in value.items()
    }


def _parse_acts(value: Any) -> Any:
    if not isinstance(value, list | tuple):
        return value
    return tuple(item if isinstance(item, Act) else parse_act(str(item)) for item in value)


class Valid(Base):
    """The days on which a script may be used, both included, in the shop's time zone; None: no limit on that side."""

    from_: date | None = Field(default=None, alias="from")
    until: date | None = None


def _file_or_mapping(value: Any) -> Any:
    return {"file": value} if isinstance(value, str) else value


class ScriptImage(Base):
    """An image of scripts_zh/images by its name. alt: what it shows, by default its name without the ending."""

    file: Annotated[str, Field(min_length=1, max_length=80)]
    alt: Annotated[str, Field(max_length=80)] = ""


class Script(Base):
    """Something an agent can send; every key is explained in docs/content.md. pack, intent: from where its file stands."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$", max_length=100)]
    pack: str = ""
    intent: str = ""
    title: Annotated[str, Field(min_length=1, max_length=40)]
    stage: Stage
    also: tuple[Stage, ...] = ()
    tone: Tone
    also_for: tuple[ID, ...] = ()
    together: bool = False
    when: Annotated[When, BeforeValidator(_parse_when)] = {}
    acts: Annotated[tuple[Act, ...], BeforeValidator(_parse_acts)] = ()
    bubbles: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=1000)], ...], Field(min_length=1, max_length=6)
    ]
    valid: Valid | None = None
    ahead_of: tuple[Annotated[str, Field(max_length=100)], ...] = ()
    images: Annotated[
        tuple[Annotated[ScriptImage, BeforeValidator(_file_or_mapping)], ...], Field(max_length=4)
    ] = ()
    pictures: Annotated[tuple[Image, ...], Field(exclude=True)] = ()
    source: Annotated[tuple[str, ...], Field(min_length=1)]

    @property
    def common(self) -> bool:
        """Whether the script comes from a `_common.yaml` and so fits any complaint."""
        return self.intent == ""


class IntentGuide(Base):
    """The do, don't, cards and rules that a script file adds for its intent."""

    do: tuple[Line, ...] = ()
    dont: tuple[Line, ...] = ()


class ScriptFile(Base):
    """scripts_zh/<pack>/<intent>.yaml. intent: None in `_common.yaml`; cards, rules: "pack.id" and ids shown with it."""

    intent: ID | None = None
    guidance: IntentGuide = IntentGuide()
    cards: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    scripts: tuple[Script, ...] = ()


class Card(Base):
    """A procedure, deadline, legal or platform fact, at most 600 characters, shown beside the scripts.

    checked: date and address where the original was read, None: not checked. regions: whose customers see it, () all.
    """

    id: ID
    pack: str = ""
    title: Annotated[str, Field(min_length=1, max_length=40)]
    kind: Literal["law", "platform", "procedure", "knowledge", "caution"]
    text: Annotated[str, Field(min_length=1, max_length=600)]
    source: Annotated[tuple[str, ...], Field(min_length=1)]
    checked: str | None = None
    regions: tuple[str, ...] = ()

    @property
    def ref(self) -> str:
        """ "pack.id", by which script files name it."""
        return f"{self.pack}.{self.id}"


class RuleDeadline(Base):
    """A time a rule sets, in one of the three units; none of them: only the text is shown."""

    text: Line
    hours: float | None = None
    days: int | None = None
    workdays: int | None = None


class Outcome(Base):
    """What a rule decides. remedies: of REMEDIES, in the order they are offered. approval: who may decide on them."""

    freight: Literal["店铺", "顾客", "快递", "待定"] | None = None
    remedies: tuple[str, ...] = ()
    deadlines: tuple[RuleDeadline, ...] = ()
    approval: Literal["客服", "主管", "店长"] | None = None
    steps: tuple[Line, ...] = ()

    @field_validator("remedies")
    @classmethod
    def _known(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        wrong = [value for value in values if value not in REMEDIES]
        if wrong:
            raise ValueError(f"没有这样的方案：{'、'.join(wrong)}")
        return values


class Rule(Base):
    """Declarative: with one of `intents` ("@group" for all of a group) and the facts of `when`, `outcome` holds."""

    id: ID
    pack: str = ""
    title: Annotated[str, Field(min_length=1, max_length=40)]
    intents: Annotated[tuple[str, ...], Field(min_length=1)]
    when: Annotated[When, BeforeValidator(_parse_when)] = {}
    outcome: Outcome
    reason: Line
    source: Annotated[tuple[str, ...], Field(min_length=1)]
    regions: tuple[str, ...] = ()


class EvidenceItem(Base):
    """Something to ask for. It has come when one of the facts or slots is known; a photo somebody must have looked at."""

    id: ID
    text: Line
    why: Annotated[str, Field(max_length=200)] = ""
    facts: tuple[str, ...] = ()
    slots: tuple[str, ...] = ()
    photo: bool = False
    source: Annotated[tuple[str, ...], Field(min_length=1)]

    @field_validator("facts")
    @classmethod
    def _known(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        wrong = [value for value in values if value not in FACTS]
        if wrong:
            raise ValueError(f"没有这样的事实：{'、'.join(wrong)}")
        return values


class EvidenceKit(Base):
    """What to ask for when a garment is complained of. shrinkage: work out how much shorter it is than the size table says."""

    id: ID
    pack: str = ""
    title: Annotated[str, Field(min_length=1, max_length=40)]
    intents: Annotated[tuple[str, ...], Field(min_length=1)]
    items: Annotated[tuple[EvidenceItem, ...], Field(min_length=1, max_length=12)]
    shrinkage: bool = False
    note: Annotated[str, Field(max_length=200)] = ""


class GuardRule(Base):
    """Wording the draft guard finds. block: not to be sent so; warn: to be thought over. platforms: where, () everywhere.

    rewrite: what may be said instead of the clause, empty when there is nothing to put in its place.
    """

    id: ID
    title: Annotated[str, Field(min_length=1, max_length=40)]
    level: Literal["block", "warn"]
    platforms: tuple[str, ...] = ()
    patterns: Annotated[tuple[Line, ...], Field(min_length=1)]
    reason: Line
    rewrite: str = ""
    source: Annotated[tuple[str, ...], Field(min_length=1)]


@dataclass(frozen=True)
class Emotions:
    """Word lists of intents/_emotion.yaml."""

    mild: tuple[str, ...] = ()
    strong: tuple[str, ...] = ()
    fierce: tuple[str, ...] = ()
    calm: tuple[str, ...] = ()


@dataclass(frozen=True)
class Content:
    """Everything a release says, parsed. Looked up by id; scripts keep file order.

    digest: sha256 over the canonical content. nlu_digest: over what the model is trained from.
    """

    groups: dict[str, Group]
    words: dict[str, tuple[str, ...]]
    emotions: Emotions
    intents: dict[str, Intent]
    scripts: dict[str, Script]
    guides: dict[str, ScriptFile]
    cards: dict[str, Card]
    rules: dict[str, Rule]
    guard: dict[str, GuardRule]
    shops: dict[str, Shop]
    clocks: dict[str, ClockRule]
    lexicon: tuple[str, ...]
    digest: str = ""
    nlu_digest: str = ""
    packs: tuple[str, ...] = field(default=("common",))
    evidence: dict[str, EvidenceKit] = field(default_factory=dict)
    images: dict[str, Image] = field(default_factory=dict)
    concepts: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def shop(self) -> Shop:
        """The first shop, meant wherever none is named."""
        return next(iter(self.shops.values()))

    def expand(self, names: tuple[str, ...]) -> frozenset[str]:
        """Intent ids named directly or as "@group"."""
        found: set[str] = set()
        for name in names:
            if name.startswith("@"):
                found.update(intent.id for intent in self.intents.values() if intent.group == name[1:])
            else:
                found.add(name)
        return frozenset(found)
