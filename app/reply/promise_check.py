"""Promises held against what the shop promises and what the person may decide, before they are sent.

A promise that is later than the shop's own word, or earlier than it and so not the agent's to give, is reported with a
wording that keeps to the policy. Refunds after a return are due within seven days (Consumer Protection Law, article 25).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from app.content.shop import Shop
from app.reply.promises import Promise
from app.reply.when import Due, Length, length_in
from app.reply.workdays import Workdays

Authority = Literal["agent", "lead", "admin"]
Verdict = Literal["ok", "later_than_policy", "earlier_than_policy", "already_past", "over_authority"]

_SLACK: Final = timedelta(hours=12)
_LEGAL_DAYS: Final = 7
_RETURNED: Final = ("退货", "退回", "寄回", "收到", "签收", "质检", "验货", "入库")


@dataclass(frozen=True, slots=True)
class Objection:
    """What is wrong with a promise. rewrite: what to put instead of the time as said; empty when there is none."""

    verdict: Verdict
    title: str
    reason: str
    source: tuple[str, ...]
    rewrite: str = ""


def calendar_of(shop: Shop) -> Workdays:
    """The shop's working days."""
    return Workdays(shop.holidays, shop.workdays)


def due_of(promise: Promise, sent: datetime, shop: Shop) -> Due | None:
    """When a promise sent at `sent` (with time zone) must be kept; None while it waits for an event or names no time."""
    if promise.term is None or promise.waits:
        return None
    local = sent.astimezone(ZoneInfo(shop.time_zone))
    found = promise.term.due(local, calendar_of(shop), closing_hour(shop))
    return found if found is None or not promise.guessed else Due(found.at, sure=False)


def closing_hour(shop: Shop) -> int:
    """The full hour the shop closes at, 18 where its hours do not tell."""
    end = shop.opening
    return end[1] // 60 if end is not None else 18


def objection(promise: Promise, sent: datetime, shop: Shop, role: Authority) -> Objection | None:
    """What keeps a person of this role from giving this promise now, the gravest first; None when nothing does."""
    return next(_objections(promise, sent, shop, role), None)


def _objections(promise: Promise, sent: datetime, shop: Shop, role: Authority) -> Iterator[Objection]:
    due = due_of(promise, sent, shop)
    local = sent.astimezone(ZoneInfo(shop.time_zone))
    if due is not None and due.at <= local:
        yield Objection(
            "already_past", "说的时间已经过了", f"「{promise.by}」已经过了，换一个还没到的时间。", ()
        )
    if promise.kind == "dispatch":
        yield from _against(
            promise, promise_length(promise), shop.policy.dispatch, "发货", due, local, shop, role
        )
    if promise.kind == "refund" and promise.what == "退款" and _after_return(promise):
        yield from _legal(promise, local, shop)
        yield from _against(
            promise, promise_length(promise), shop.policy.refund, "退款", None, local, shop, role
        )


def promise_length(promise: Promise) -> Length | None:
    """How long a promise takes from when it is made; None where it names no length of time."""
    return promise.term.length if promise.term is not None else None


def _after_return(promise: Promise) -> bool:
    return any(word in (promise.condition or "") for word in _RETURNED)


def _legal(promise: Promise, local: datetime, shop: Shop) -> Iterator[Objection]:
    length = promise_length(promise)
    if length is None:
        return
    if length.due(local, calendar_of(shop)).at > Length("days", _LEGAL_DAYS).due(local, calendar_of(shop)).at:
        yield Objection(
            "later_than_policy",
            "退款晚于法定期限",
            "收到退货后七日内要把钱退给顾客。",
            ("消费者权益保护法第二十五条",),
            _own_words(shop.policy.refund),
        )


def _against(
    promise: Promise,
    length: Length | None,
    policy: str,
    doing: str,
    due: Due | None,
    local: datetime,
    shop: Shop,
    role: Authority,
) -> Iterator[Objection]:
    """The promise's time against the policy's, both counted from now."""
    ours = length_in(policy)
    if ours is None or promise.term is None or promise.term.soon:
        return
    said = length.due(local, calendar_of(shop)) if length is not None else due
    if said is None:
        return
    limit = ours.due(local, calendar_of(shop))
    source = ("scripts_zh/shop.yaml",)
    if said.at > limit.at + _SLACK:
        yield Objection(
            "later_than_policy",
            "比店铺承诺的晚",
            f"店铺写的是{policy}{doing}，说「{promise.by}」就晚了；做不到的，先请{shop.lead_title}定。",
            source,
            _own_words(policy),
        )
    elif said.at < limit.at - _SLACK and role == "agent":
        yield Objection(
            "earlier_than_policy",
            "比店铺承诺的早",
            f"店铺写的是{policy}{doing}，说「{promise.by}」就要做到；没有把握的，先请{shop.lead_title}同意。",
            source,
            _own_words(policy),
        )


def _own_words(policy: str) -> str:
    """The time of a policy text without what comes before it: 「收到退货后 1 到 2 个工作日」 -> 「1 到 2 个工作日」."""
    return policy.rpartition("后")[2].strip()
