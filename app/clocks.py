"""Clocks: how long the customer has waited, and what else runs out when, by the table scripts_zh/clocks.yaml.

The reply clock runs from the first message that nobody has answered; outside opening hours it waits for the shop to open.
Other clocks start with what a customer speaks of or with an event that a person or a channel reports. Moments are those
of the message, but never later than when the service stored it: another machine's clock may be wrong.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from app.assist import Assistant
from app.content.clocks import Allowance, ClockRule, parse_time
from app.content.model import Content
from app.content.shop import Shop
from app.errors import InvalidRequest, NotFound
from app.reply.promise_check import calendar_of
from app.reply.state import ConversationState
from app.reply.when import Due, Length
from app.store import audit
from app.store import conversations as conversation_rows
from app.store import desk as rows
from app.store.conversations import Conversation, StoredTurn
from app.store.database import Database, Transaction
from app.store.desk import Standing, StartedClock
from app.store.people import Person


@dataclass(frozen=True, slots=True)
class Clock:
    """One running clock. verified: the figure was read in the platform's own text, or is the shop's own."""

    id: str
    name: str
    side: str
    since: datetime
    due_at: datetime
    sure: bool
    time: str
    stops: str
    source: tuple[str, ...]
    verified: bool

    def left(self, now: datetime) -> int:
        """Whole seconds until it runs out, 0 when it has."""
        return max(0, int((self.due_at - now).total_seconds()))

    def over(self, now: datetime) -> int:
        """Whole seconds since it ran out, 0 before."""
        return max(0, int((now - self.due_at).total_seconds()))


def moment_of(turn: StoredTurn) -> datetime:
    """When a turn was said, as far as it can be believed."""
    return min(turn.sent_at or turn.stored_at, turn.stored_at)


def allowance(rule: ClockRule, shop: Shop) -> Allowance:
    """What holds for a shop: its own word, its platform's figure, else the default."""
    own = shop.policy.clocks.get(rule.name, "")
    if not own and rule.policy is not None:
        own = shop.value(f"policy.{rule.policy}")
    if parse_time(own) is not None:
        return Allowance(time=own, source=("scripts_zh/shop.yaml",), checked="店铺自己定的")
    return rule.platforms.get(shop.platform, rule)


def runs_out(rule: ClockRule, shop: Shop, since: datetime) -> Due:
    """When a clock that started at `since` runs out."""
    found = parse_time(allowance(rule, shop).time)
    assert found is not None, "checked when the content was loaded"
    local = since.astimezone(ZoneInfo(shop.time_zone))
    if rule.starts in ("first_message", "message"):
        local = _open_at(shop, local)
    return Length(*found).due(local, calendar_of(shop))


def _open_at(shop: Shop, moment: datetime) -> datetime:
    """The first moment from `moment` on at which the shop is open."""
    hours = shop.opening
    if hours is None:
        return moment
    minute = moment.hour * 60 + moment.minute
    if hours[0] <= minute < hours[1]:
        return moment
    day = moment + timedelta(days=1) if minute >= hours[1] else moment
    return day.replace(hour=hours[0] // 60, minute=hours[0] % 60, second=0, microsecond=0)


def note_turn(
    session: Transaction, content: Content, shop: Shop, conversation_id: str, turn: StoredTurn
) -> None:
    """Start or stop the reply clock with a turn that has just been stored."""
    if turn.role == "agent":
        rows.note_turn(
            session,
            conversation_id,
            turn.id,
            agent=turn.agent or None,
            answered=True,
            waiting_since=None,
            due_at=None,
        )
        return
    answered, since, due_at = rows.waiting(session, conversation_id)
    if since is None:
        since = moment_of(turn)
        due_at = _reply_due(content, shop, since, answered=answered)
    rows.note_turn(
        session, conversation_id, turn.id, agent=None, answered=answered, waiting_since=since, due_at=due_at
    )


def retrace(session: Transaction, assistant: Assistant, conversation_id: str) -> None:
    """Set the reply clock anew from the turns that still count, after one was taken back."""
    turns = conversation_rows.turns(session, conversation_id)
    if not turns:
        return
    said = [index for index, turn in enumerate(turns) if turn.role == "agent"]
    unanswered = turns[said[-1] + 1 :] if said else turns
    since, due_at = moment_of(unanswered[0]) if unanswered else None, None
    if since is not None:
        shop = _shop_of(session, assistant.content, conversation_id)
        due_at = _reply_due(assistant.content, shop, since, answered=bool(said))
    rows.note_turn(
        session,
        conversation_id,
        turns[-1].id,
        agent=(turns[said[-1]].agent or None) if said else None,
        answered=bool(said),
        waiting_since=since,
        due_at=due_at,
    )


def note_standing(
    session: Transaction,
    assistant: Assistant,
    found: Conversation,
    turn: StoredTurn,
    state: ConversationState,
) -> None:
    """Where the conversation stands with this turn understood, and the clocks of what the customer speaks of.

    The clock of a matter that has been going is left alone.
    """
    content, shop = assistant.content, assistant.shop(found.shop)
    standing = assistant.standing(state, found.shop)
    heard = {match.id for match in state.open.intents if match.kind == "risk"}
    kept = tuple(dict.fromkeys((*rows.risks_of(session, found.id)[0], *sorted(heard))))
    rows.note_standing(
        session,
        found.id,
        Standing(
            stage=standing.stage.id,
            emotion=standing.emotion,
            trend=standing.trend,
            risks=kept,
            weight=weight(content, standing.emotion, kept),
        ),
    )
    if turn.role == "customer":
        for rule in content.clocks.values():
            if rule.starts == "intents" and state.open.has(*rule.intents):
                _start(session, rule, shop, found.id, moment_of(turn), "", again=False)


def weight(content: Content, emotion: int, risks: Iterable[str]) -> int:
    """How much a conversation presses: emotion (1 calm to 4 fierce) times risk (1 none, 2 some, 3 one that raises the banner)."""
    known = [content.intents[name].banner for name in risks if name in content.intents]
    return (1 + min(max(emotion, 0), 3)) * (3 if any(known) else 2 if known else 1)


def drop_risk(session: Transaction, content: Content, conversation_id: str, risk: str) -> None:
    """A risk presses no longer: it is dealt with or was none."""
    risks, emotion = rows.risks_of(session, conversation_id)
    left = tuple(name for name in risks if name != risk)
    rows.note_risks(session, conversation_id, left, weight(content, emotion, left))


def running(session: Transaction, content: Content, shop: Shop, conversation_id: str) -> tuple[Clock, ...]:
    """The clocks going in a conversation, the first to run out first."""
    found: list[Clock] = []
    answered, since, due_at = rows.waiting(session, conversation_id)
    reply = _reply_rule(content, answered=answered)
    if reply is not None and since is not None and due_at is not None:
        found.append(_clock(reply, shop, since, due_at, sure=True))
    for started in rows.clocks(session, [conversation_id]):
        rule = content.clocks.get(started.clock)
        if rule is not None:
            found.append(_clock(rule, shop, started.since, started.due_at, sure=started.sure))
    return tuple(sorted(found, key=lambda clock: clock.due_at))


def reply_due(content: Content, going: Iterable[Clock]) -> datetime | None:
    """Until when the customer is to be answered, by the clocks that are going; None when nobody waits."""
    starts = ("first_message", "message")
    return next((clock.due_at for clock in going if content.clocks[clock.id].starts in starts), None)


def read(database: Database, content: Content, conversation_id: str) -> tuple[Clock, ...]:
    """The clocks going in a conversation. Raises NotFound, StoreUnavailable."""
    with database.read() as session:
        shop = _shop_of(session, content, conversation_id)
        return running(session, content, shop, conversation_id)


def start(
    database: Database, content: Content, conversation_id: str, clock: str, since: datetime, person: Person
) -> tuple[Clock, ...]:
    """Set a clock going from an event at `since` (not in the future). Raises NotFound, InvalidRequest, StoreUnavailable."""
    rule = content.clocks.get(clock)
    if rule is None or rule.starts not in ("event", "intents"):
        known = "、".join(one.id for one in content.clocks.values() if one.starts in ("event", "intents"))
        raise NotFound(f"没有「{clock}」这个可以手动开始的时钟，可选：{known}")
    if since > datetime.now(UTC) + timedelta(minutes=1):
        raise InvalidRequest("开始的时间还没到，请写已经发生的时间")
    with database.write() as session:
        conversation_rows.hold(session, conversation_id)
        shop = _shop_of(session, content, conversation_id)
        _start(session, rule, shop, conversation_id, since, person.name, again=True)
        audit.record(session, person.name, "clock.started", conversation=conversation_id, clock=clock)
        return running(session, content, shop, conversation_id)


def stop(
    database: Database, content: Content, conversation_id: str, clock: str, person: Person
) -> tuple[Clock, ...]:
    """Stop watching a clock; doing it twice is fine. Raises NotFound, StoreUnavailable."""
    with database.write() as session:
        conversation_rows.hold(session, conversation_id)
        shop = _shop_of(session, content, conversation_id)
        if rows.stop_clock(session, conversation_id, clock):
            audit.record(session, person.name, "clock.stopped", conversation=conversation_id, clock=clock)
        return running(session, content, shop, conversation_id)


def _shop_of(session: Transaction, content: Content, conversation_id: str) -> Shop:
    found = conversation_rows.find(session, conversation_id)
    if found is None:
        raise conversation_rows.unknown()
    return content.shops.get(found.shop, content.shop)


def _start(
    session: Transaction,
    rule: ClockRule,
    shop: Shop,
    conversation_id: str,
    since: datetime,
    who: str,
    *,
    again: bool,
) -> None:
    due = runs_out(rule, shop, since)
    rows.start_clock(
        session, StartedClock(conversation_id, rule.id, since, due.at, due.sure, who), again=again
    )


def _reply_rule(content: Content, *, answered: bool) -> ClockRule | None:
    wanted = "message" if answered else "first_message"
    return next((rule for rule in content.clocks.values() if rule.starts == wanted), None)


def _reply_due(content: Content, shop: Shop, since: datetime, *, answered: bool) -> datetime | None:
    rule = _reply_rule(content, answered=answered)
    return runs_out(rule, shop, since).at if rule is not None else None


def _clock(rule: ClockRule, shop: Shop, since: datetime, due_at: datetime, *, sure: bool) -> Clock:
    allowed = allowance(rule, shop)
    return Clock(
        id=rule.id,
        name=rule.name,
        side=rule.side,
        since=since,
        due_at=due_at,
        sure=sure,
        time=allowed.time,
        stops=rule.stops,
        source=allowed.source,
        verified=allowed.checked is not None,
    )
