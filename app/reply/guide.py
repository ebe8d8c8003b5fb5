"""What an agent should know besides the scripts: what to ask, what to do and avoid, cards, rules, deadlines, risks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from app.content.model import Card, Content, Outcome, Rule
from app.content.shop import Shop
from app.reply.facts import Facts, fit
from app.reply.goods import Product
from app.reply.state import ConversationState
from app.reply.workdays import Workdays
from app.types import CardRef, Deadline, Guidance, IntentMatch, RiskAdvice, RuleOutcome, Span
from app.vocabulary import REMEDIES

ASK_LIMIT: Final = 4
LINE_LIMIT: Final = 6
CARD_LIMIT: Final = 6
RULE_LIMIT: Final = 4
MAINLAND: Final = "大陆"
_KEPT: Final = 1024
_FREIGHT: Final = {
    "店铺": "运费我们出",
    "顾客": "运费顾客出",
    "快递": "运费由快递承担",
    "待定": "运费等责任清楚再定",
}


@dataclass(frozen=True, slots=True)
class _Bound:
    """A rule with the intents it speaks of spelt out."""

    rule: Rule
    intents: frozenset[str]
    outcome: RuleOutcome


@dataclass(frozen=True, slots=True)
class _Shown:
    """What intents bring along in a region, before the facts of the case are looked at."""

    ask: tuple[tuple[str, str], ...]
    do: tuple[str, ...]
    dont: tuple[str, ...]
    cards: tuple[CardRef, ...]
    rules: tuple[_Bound, ...]


class Guide:
    """Built once per release; safe to use from many threads."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._rules: dict[str, list[_Bound]] = {}
        for rule in content.rules.values():
            bound = _Bound(rule, content.expand(rule.intents), _outcome(rule))
            for intent in bound.intents:
                self._rules.setdefault(intent, []).append(bound)
        for rules in self._rules.values():
            rules.sort(key=lambda bound: -len(bound.rule.when))
        self._kept: dict[tuple[tuple[str, ...], str], _Shown] = {}
        self._refs = {card.ref: CardRef(card.ref, card.title) for card in content.cards.values()}

    def guidance(
        self,
        intents: tuple[str, ...],
        facts: Facts,
        used: frozenset[str],
        now: datetime,
        workdays: Workdays | None = None,
        limits: tuple[str, ...] = (),
    ) -> Guidance:
        """For the intents a reply is about, most pressing first.

        used: facts that need not be asked. now: with time zone. limits: of `limits_named`, they come first.
        """
        shown = self._shown(intents, str(facts.get("地区", MAINLAND)))
        rules = [bound for bound in shown.rules if fit(bound.rule.when, facts).holds][:RULE_LIMIT]
        return Guidance(
            ask=tuple(ask for ask in shown.ask if ask[0] not in used)[:ASK_LIMIT],
            do=(*limits, *shown.do)[:LINE_LIMIT] if limits else shown.do,
            dont=shown.dont,
            cards=shown.cards,
            rules=tuple(bound.outcome for bound in rules),
            deadlines=_deadlines((bound.rule for bound in rules), now, workdays or Workdays()),
        )

    def risks(self, intents: Iterable[IntentMatch]) -> tuple[RiskAdvice, ...]:
        """What to do about each risk among the intents; evidence says where in the message it was found."""
        found: list[RiskAdvice] = []
        for match in intents:
            intent = self._content.intents.get(match.id)
            if intent is not None and intent.kind == "risk":
                evidence: tuple[Span, ...] = match.evidence
                advice = self._lines(match.id, "do")
                found.append(RiskAdvice(match.id, intent.name, intent.banner, advice, evidence))
        return tuple(found)

    def _shown(self, intents: tuple[str, ...], region: str) -> _Shown:
        """What there is to show for these intents in a region; kept, as customers mostly come with the same few."""
        key = (intents, region)
        shown = self._kept.get(key)
        if shown is None:
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            shown = self._kept[key] = _Shown(
                ask=self._asks(intents),
                do=_unique((line for intent in intents for line in self._lines(intent, "do")), LINE_LIMIT),
                dont=_unique(
                    (line for intent in intents for line in self._lines(intent, "dont")), LINE_LIMIT
                ),
                cards=self._cards(intents, region),
                rules=self._bound(intents, region),
            )
        return shown

    def _asks(self, intents: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
        """Each fact to ask for in the words of the first intent that asks for it."""
        asks: dict[str, str] = {}
        for name in intents:
            intent = self._content.intents.get(name)
            for ask in intent.ask if intent is not None else ():
                asks.setdefault(ask.fact, ask.text)
        return tuple(asks.items())

    def _lines(self, intent: str, which: str) -> tuple[str, ...]:
        guide = self._content.guides.get(intent)
        if guide is None:
            return ()
        return guide.guidance.do if which == "do" else guide.guidance.dont

    def _cards(self, intents: tuple[str, ...], region: str) -> tuple[CardRef, ...]:
        refs = dict.fromkeys(
            ref
            for name in intents
            if name in self._content.guides
            for ref in self._content.guides[name].cards
        )
        cards = (self._content.cards.get(ref) for ref in refs)
        shown = (card for card in cards if card is not None and _applies(card, region))
        return tuple(self._refs[card.ref] for card in islice(shown, CARD_LIMIT))

    def _bound(self, intents: tuple[str, ...], region: str) -> tuple[_Bound, ...]:
        """The rules of these intents that apply there, the most specific of an intent first."""
        rules: dict[str, _Bound] = {}
        for intent in intents:
            for bound in self._rules.get(intent, ()):
                if _applies(bound.rule, region):
                    rules.setdefault(bound.rule.id, bound)
        return tuple(rules.values())


def limits_named(shop: Shop, state: ConversationState, product: Product | None) -> tuple[str, ...]:
    """The shop's limits (`limits:` of shop.yaml) for the goods a conversation names, as lines of what to do.

    product: what it is about, if known; its name, kind and fabric count as named.
    """
    if not shop.limits:
        return ()
    own = (product.name, product.category, product.fabric) if product is not None else ()
    said = "\n".join((*state.said, *(slot.value for slot in state.slots), *own))
    return tuple(f"{goods}：{limit}" for goods, limit in shop.limits.items() if goods in said)


def _applies(entry: Card | Rule, region: str) -> bool:
    """Whether it applies where the customer lives; what says nothing about regions does, except the mainland's law."""
    if entry.regions:
        return region in entry.regions
    return region == MAINLAND or not (isinstance(entry, Card) and entry.kind == "law")


def _unique(lines: Iterable[str], limit: int) -> tuple[str, ...]:
    return tuple(dict.fromkeys(lines))[:limit]


def _outcome(rule: Rule) -> RuleOutcome:
    return RuleOutcome(rule.id, rule.title, _spelt(rule.outcome), rule.reason, rule.source)


def _spelt(outcome: Outcome) -> tuple[str, ...]:
    """A rule's outcome as short Chinese lines."""
    lines: list[str] = []
    if outcome.remedies:
        known = [remedy for remedy in outcome.remedies if remedy in REMEDIES]
        lines.append("依次给：" + "、".join(known))
    if outcome.freight is not None:
        lines.append(_FREIGHT[outcome.freight])
    lines += outcome.steps
    if outcome.approval is not None:
        lines.append("客服可以直接定" if outcome.approval == "客服" else f"要{outcome.approval}同意")
    return tuple(lines)


def _deadlines(rules: Iterable[Rule], now: datetime, workdays: Workdays) -> tuple[Deadline, ...]:
    """The deadlines the rules set, counted from now; 约 stands before one that rests on an unpublished calendar."""
    found: dict[str, Deadline] = {}
    for rule in rules:
        for deadline in rule.outcome.deadlines:
            text = deadline.text
            due: datetime | None = None
            if deadline.hours is not None:
                due = now + timedelta(hours=deadline.hours)
            elif deadline.days is not None:
                due = now + timedelta(days=deadline.days)
            elif deadline.workdays is not None:
                due, sure = workdays.after(now, deadline.workdays)
                text = text if sure else f"约：{text}"
            found.setdefault(text, Deadline(text, due.isoformat(timespec="seconds") if due else None))
    return tuple(found.values())
