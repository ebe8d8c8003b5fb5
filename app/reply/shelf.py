"""The scripts of a release, compiled and laid out by intent, stage and tone so that a message looks only at what may fit."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from operator import add
from typing import Final, NamedTuple

from app.content.condition import Condition
from app.content.model import Content, Script
from app.content.template import Template, compile_template
from app.nlu.text import normalise
from app.reply.acts import spoken
from app.vocabulary import MENTIONED, RESTATED, Stage

COMMON, REACTING = "", "*"
"""Where the common scripts stand: all, and those alone that answer to what the customer has just done."""
JUST_NOW: Final = "刚才"
_WHATEVER: Final = ""
_SUBSTANCE: Final = frozenset({"方案", "原因", "优惠", "退货地址", "门店地址"})
_THEIRS: Final = frozenset({"身高", "体重"})
"""What only the customer can say."""
_MOST: Final = 0.6
_SHARED: Final = 0.2
_WHETHER: Final = re.compile(
    r"(.)不\1(?![^\W的了吗嘛呢吧啊呀呐我你您他她它这那有就也都还])|(?:会|容易|易)(?:很|太)?(.)(?:吗|不|么|嘛|呢|$)"
)
_JOINING: Final = frozenset(
    "的了吗呢吧啊不没有是会能可以要怎么什这那个在也都还我您你他她们给和与或到好很请问一下多少先再就"
)
_VAGUE: Final = frozenset(("衣服", "谢谢", "收到", "东西", "商品"))
"""What may be said in any message."""
_PAGES: Final = re.compile(r"申请售后|订单里|订单详情|「退款|我的订单|商品页|物流页|链接|约上门|寄回")
"""What only a customer of an online shop has before them."""
_BRANCH: Final = re.compile(r"\{%.*?%\}", re.DOTALL)


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A script ready to be ranked and rendered.

    name: its id. topics: pairs of letters in its title that say what sets it apart from the intent's other scripts.
    asks: what it asks for. acts: the names of its acts; deeds: those beyond sympathy. offers: the remedies it offers.
    on_screen: it tells where to press in a page. limited: it has its dates, or admits a fault. free: it may be sent whatever is
    known, asks aside. fault: whose fault it is when it is sent. supposes: there are values or places it is nothing without.
    reacts: it answers to what the customer has just done. named: it is for what the customer names in so many words.
    variables, flags: the template variables and yes/no facts that its text depends on; substance: the variables it is
    nothing without; theirs: those that repeat what the customer said of their own body.
    restates: it only answers a plain question in its own words, so it may come again; says_back: it begins with that.
    """

    script: Script
    templates: tuple[Template, ...]
    asks: frozenset[str]
    acts: frozenset[str]
    deeds: frozenset[str]
    offers: frozenset[str]
    on_screen: bool
    limited: bool
    free: bool
    fault: Condition | None
    supposes: bool
    reacts: bool
    named: bool
    variables: tuple[str, ...]
    substance: frozenset[str]
    theirs: frozenset[str]
    restates: bool
    says_back: bool
    flags: tuple[str, ...]
    topics: frozenset[str]
    name: str


class Placed(NamedTuple):
    """An entry where it may be looked for.

    stretch: how far from the intent and stage it was written for (0 to 2). place: which of its cell it is.
    """

    entry: Entry
    stretch: int
    place: int


_Cell = dict[str, list[Placed]]
"""The scripts of an intent, stage and tone by what the customer has just done; under "" those that fit whatever that is."""


class Shelf:
    """Scripts by (intent, stage, tone); common scripts stand under COMMON."""

    def __init__(self, content: Content, packs: Iterable[str]) -> None:
        allowed = frozenset(packs)
        self.entries: dict[str, Entry] = {}
        cells: defaultdict[tuple[str, Stage, str], list[Placed]] = defaultdict(list)
        scripts = [script for script in content.scripts.values() if script.pack in allowed or not script.pack]
        topics = _topics(scripts)
        for script in scripts:
            entry = self.entries[script.id] = _entry(script, topics[script.id])
            for stage in dict.fromkeys((script.stage, *script.also)):
                for intent in dict.fromkeys((script.intent, *script.also_for)):
                    stretch = (stage != script.stage) + (intent != script.intent)
                    for key in (intent, REACTING) if intent == COMMON and entry.reacts else (intent,):
                        cell = cells[key, stage, script.tone]
                        cell.append(Placed(entry, stretch, len(cell)))
        self._cells = {key: _by_what_happened(cell) for key, cell in cells.items()}

    def find(self, intent: str, stage: Stage, tone: str, just_now: str) -> list[Placed]:
        """The scripts that fit an intent (COMMON, REACTING: any complaint) in a stage and tone, in file order.

        just_now: what the customer has just done; scripts that answer to something else are not among them.
        """
        cell = self._cells.get((intent, stage, tone), {})
        return cell.get(just_now) or cell.get(_WHATEVER, [])


def _by_what_happened(placed: list[Placed]) -> _Cell:
    """Most scripts of some cells answer to one thing each that a customer may have done; few are looked at for a message."""
    answers = {one.place: one.entry.script.when[JUST_NOW] for one in placed if one.entry.reacts}
    cell = {_WHATEVER: [one for one in placed if one.place not in answers]}
    for just_now in dict.fromkeys(value for condition in answers.values() for value in condition.values):
        cell[just_now] = [
            one for one in placed if one.place not in answers or answers[one.place].holds(just_now)
        ]
    return cell


def letter_pairs(text: str) -> set[str]:
    """The pairs of neighbouring letters of a normalised text, and the letter that is asked about in 透不透, 会透吗
    (not in 掉不掉色, where the word 掉色 says more)."""
    pairs = set(map(add, text, text[1:]))
    if "不" in text or "会" in text or "易" in text:
        pairs.update(found[1] or found[2] for found in _WHETHER.finditer(text))
    return pairs


def telling(title: str) -> frozenset[str]:
    """The pairs of a title that say something: without those that merely hold sentences together or fit any message."""
    pairs = letter_pairs(normalise(title).text) - _VAGUE
    return frozenset(pair for pair in pairs if pair.isalnum() and _JOINING.isdisjoint(pair))


def _topics(scripts: Iterable[Script]) -> dict[str, frozenset[str]]:
    """Script -> the pairs of its title that few other titles of its intent and stage hold."""
    cells: defaultdict[tuple[str, Stage], dict[str, frozenset[str]]] = defaultdict(dict)
    for script in scripts:
        cells[script.intent, script.stage][script.id] = telling(script.title)
    found: dict[str, frozenset[str]] = {}
    for cell in cells.values():
        counts = Counter(pair for pairs in cell.values() for pair in pairs)
        most = max(1, round(len(cell) * _SHARED))
        for name, pairs in cell.items():
            found[name] = frozenset(pair for pair in pairs if counts[pair] <= most)
    return found


def _entry(script: Script, topics: frozenset[str]) -> Entry:
    templates = tuple(compile_template(bubble) for bubble in script.bubbles)
    acts = frozenset(act.name for act in script.acts)
    variables = frozenset().union(*(template.variables for template in templates))
    on_screen = script.tone != "门店" and any(map(_PAGES.search, script.bubbles))
    limited = script.valid is not None or "apologised" in acts
    return Entry(
        script=script,
        templates=templates,
        asks=frozenset(act.about for act in script.acts if act.name == "asked"),
        acts=acts,
        deeds=acts - {"empathised"},
        offers=frozenset(act.about for act in script.acts if act.name == "offered"),
        on_screen=on_screen,
        limited=limited,
        free=not script.when and not limited,
        fault=script.when.get("责任"),
        supposes=on_screen or bool((_SUBSTANCE | _THEIRS) & variables),
        reacts=JUST_NOW in script.when,
        named=MENTIONED in script.when,
        variables=tuple(sorted(variables)),
        substance=_SUBSTANCE & variables,
        theirs=_THEIRS & variables,
        restates=RESTATED in variables and len(templates) == 1,
        says_back=RESTATED in variables,
        flags=tuple(sorted(frozenset().union(*(template.facts for template in templates)))),
        topics=topics,
        name=script.id,
    )


def _fixed(script: Script) -> tuple[str, ...]:
    """The sentences of a script that hold no variable and depend on no fact."""
    text = _BRANCH.sub("\n", "\n".join(script.bubbles))
    return tuple(sentence for line in text.split("\n") for sentence in spoken(line) if "{" not in sentence)


class SentScripts:
    """Recognises the script that an agent's message is: most of its fixed sentences stand in the message."""

    def __init__(self, content: Content) -> None:
        self._scripts: dict[str, Script] = content.scripts
        self._lengths: dict[str, int] = {}
        self._sentences: defaultdict[str, list[str]] = defaultdict(list)
        for script in content.scripts.values():
            fixed = _fixed(script)
            self._lengths[script.id] = sum(map(len, fixed))
            for sentence in dict.fromkeys(fixed):
                self._sentences[sentence].append(script.id)

    def find(self, text: str) -> Script | None:
        """The script that most of a text is; None when no script makes up enough of it."""
        found: defaultdict[str, int] = defaultdict(int)
        for sentence in dict.fromkeys(spoken(text)):
            for script_id in self._sentences.get(sentence, ()):
                found[script_id] += len(sentence)
        likely = [(length / self._lengths[script_id], script_id) for script_id, length in found.items()]
        share, best = max(likely, default=(0.0, ""))
        return self._scripts[best] if share >= _MOST else None
