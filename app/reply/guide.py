"""What an agent should know besides the scripts: what to ask, what to do and avoid, cards, rules, deadlines, risks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from app.content.model import Card, Content, Outcome, Rule
from app.reply.facts import Facts, fit
from app.reply.workdays import Workdays
from app.types import CardRef, Deadline, Guidance, IntentMatch, RiskAdvice, RuleOutcome, Span
from app.vocabulary import REMEDIES

ASK_LIMIT: Final = 4
LINE_LIMIT: Final = 6
CARD_LIMIT: Final = 6
RULE_LIMIT: Final = 4
MAINLAND: Final = "大陆"
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


class Guide:
    """Built once per release."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._rules: dict[str, list[_Bound]] = {}
        for rule in content.rules.values():
            bound = _Bound(rule, content.expand(rule.intents), _outcome(rule))
            for intent in bound.intents:
                self._rules.setdefault(intent, []).append(bound)
        for rules in self._rules.values():
            rules.sort(key=lambda bound: -len(bound.rule.when))
        self._refs = {card.ref: CardRef(card.ref, card.title) for card in content.cards.values()}

    def guidance(
        self,
        intents: tuple[str, ...],
        facts: Facts,
        used: frozenset[str],
        now: datetime,
        workdays: Workdays | None = None,
    ) -> Guidance:
        """For the intents a reply is about, most pressing first. used: facts that need not be asked. now: with time zone."""
        rules = self._matching(intents, facts)
        return Guidance(
            ask=self._ask(intents, used),
            do=_unique((line for intent in intents for line in self._lines(intent, "do")), LINE_LIMIT),
            dont=_unique((line for intent in intents for line in self._lines(intent, "dont")), LINE_LIMIT),
            cards=self._cards(intents, facts),
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

    def _ask(self, intents: tuple[str, ...], used: frozenset[str]) -> tuple[tuple[str, str], ...]:
        asks: dict[str, str] = {}
        for name in intents:
            intent = self._content.intents.get(name)
            for ask in intent.ask if intent is not None else ():
                if ask.fact not in used:
                    asks.setdefault(ask.fact, ask.text)
        return tuple(asks.items())[:ASK_LIMIT]

    def _lines(self, intent: str, which: str) -> tuple[str, ...]:
        guide = self._content.guides.get(intent)
        if guide is None:
            return ()
        return guide.guidance.do if which == "do" else guide.guidance.dont

    def _cards(self, intents: tuple[str, ...], facts: Facts) -> tuple[CardRef, ...]:
        refs = dict.fromkeys(
            ref
            for name in intents
            if name in self._content.guides
            for ref in self._content.guides[name].cards
        )
        cards = (self._content.cards.get(ref) for ref in refs)
        shown = (card for card in cards if card is not None and _shown(card, facts))
        return tuple(self._refs[card.ref] for card in islice(shown, CARD_LIMIT))

    def _matching(self, intents: tuple[str, ...], facts: Facts) -> tuple[_Bound, ...]:
        """The rules of these intents whose conditions hold, the most specific first."""
        rules: dict[str, _Bound] = {}
        for intent in intents:
            for bound in self._rules.get(intent, ()):
                if _shown(bound.rule, facts) and fit(bound.rule.when, facts).holds:
                    rules.setdefault(bound.rule.id, bound)
        return tuple(rules.values())[:RULE_LIMIT]


def _shown(entry: Card | Rule, facts: Facts) -> bool:
    """Whether it applies where the customer lives; what says nothing about regions does, except the mainland's law."""
    region = str(facts.get("地区", MAINLAND))
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
