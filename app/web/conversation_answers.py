"""What the API answers about conversations, as plain dicts; `conversation_schemas.py` documents the same shapes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, replace
from datetime import datetime

from app.assist import Assistant, SuggestRequest
from app.channels.replies import Replying
from app.clocks import reply_due
from app.conversations import History, Listed, Taken, as_turn
from app.orders import Orders
from app.products.catalogue import Products
from app.reply.excerpt import Excerpt
from app.reply.guard import CheckedPromise, DraftCheck
from app.reply.standing import Standing, alert
from app.reply.state import ConversationState
from app.store.alerts import Alert
from app.store.conversations import Conversation, Given, RiskMark, StoredTurn
from app.types import Analysis, IntentMatch
from app.vocabulary import EMOTION_NAMES
from app.web.answers import Json, assistance_json, slots_json, stage_json


def with_given(request: SuggestRequest, given: Given) -> SuggestRequest:
    """The request with what agents know of the conversation; what it says itself wins."""
    if not (given.facts or given.slots):
        return request
    facts = {**given.fact_values(), **request.facts}
    return replace(request, facts=facts, slots={**given.slot_values(), **request.slots})


def answering(products: Products, orders: Orders) -> Callable[[Assistant, SuggestRequest, Taken], Json]:
    """`taken_json` with the shop's products and orders at hand."""

    def answer(assistant: Assistant, request: SuggestRequest, taken: Taken) -> Json:
        place = taken.conversation
        look_up = orders.of(place.id, place.label if place.channel else "")
        return taken_json(assistant, replace(request, goods=products.current, orders=look_up), taken)

    return answer


def consulting(products: Products, orders: Orders) -> Callable[[Assistant, SuggestRequest], Json]:
    """The answer to a message that belongs to no conversation, with the shop's products and orders at hand."""

    def consult(assistant: Assistant, request: SuggestRequest) -> Json:
        informed = replace(request, goods=products.current, orders=orders.of(None))
        return assistance_json(assistant.suggest(informed), None)

    return consult


def taken_json(assistant: Assistant, request: SuggestRequest, taken: Taken) -> Json:
    """The first answer to a turn."""
    turn, place, given = taken.turn, taken.conversation.id, taken.conversation.given
    request = with_given(request, given)
    if turn.role == "customer":
        answer = assistance_json(assistant.answer(request, taken.state), place)
        answer["guidance"]["deadlines"][:0] = [
            {"text": f"{clock.name}（{clock.time}）", "due_at": _time(clock.due_at)} for clock in taken.clocks
        ]
        due = reply_due(assistant.content, taken.clocks)
        return {
            **answer,
            "turn_id": str(turn.id),
            "alert": alert(taken.state),
            "reply_due_at": _time(due) if due is not None else None,
        }
    return {
        "release": assistant.release,
        "conversation_id": place,
        "turn_id": str(turn.id),
        "acts": list(turn.acts),
        "script_id": turn.script_id,
        "state": state_json(assistant, taken.state, taken.conversation),
    }


def state_json(assistant: Assistant, state: ConversationState, conversation: Conversation) -> Json:
    """As `StateOut` documents it, with what agents gave."""
    given = conversation.given
    standing = assistant.standing(state, conversation.shop, given.fact_values(), given.slot_values())
    return standing_json(standing)


def standing_json(standing: Standing) -> Json:
    """As `StateOut` documents it."""
    return {
        "stage": stage_json(standing.stage),
        "next": standing.next,
        "facts": standing.facts,
        "slots": slots_json(standing.slots),
        "awaiting": standing.awaiting,
        "offers": standing.offers,
        "refusals": standing.refusals,
        "cases": standing.cases,
        "emotion": standing.emotion,
        "trend": standing.trend,
        "alert": standing.alert,
    }


def item_json(item: Listed) -> Json:
    """One line of the list of conversations."""
    latest, last = None, item.last
    if last is not None:
        latest = {
            "turn_id": str(last.id),
            "role": last.role,
            "text": last.text,
            "stored_at": _time(last.stored_at),
        }
    return {**info_json(item.conversation), "last": latest, "agents": item.agents}


def info_json(conversation: Conversation) -> Json:
    """As `ConversationInfoOut` documents it."""
    return {
        "id": conversation.id,
        "label": conversation.label,
        "shop": conversation.shop,
        "channel": conversation.channel,
        "created_at": _time(conversation.created_at),
        "updated_at": _time(conversation.updated_at),
        "closed": conversation.closed_at is not None,
        "note": conversation.note,
    }


def given_json(given: Given) -> Json:
    """As `ValuesOut` documents it."""
    return {
        "facts": {name: asdict(told) for name, told in given.facts.items()},
        "slots": {name: asdict(told) for name, told in given.slots.items()},
    }


def history_json(assistant: Assistant, history: History) -> Json:
    """A whole conversation: every turn with what it means, where things stand, the risks heard."""
    heard: dict[str, Analysis | None] = {}
    state = assistant.read(())
    for turn, state in assistant.follow([as_turn(turn) for turn in history.turns]):
        heard[turn.message_id or ""] = state.open.analysis if turn.role == "customer" else None
    return {
        **info_json(history.conversation),
        "agents": history.agents,
        "given": given_json(history.conversation.given),
        "turns": [_turn(turn, heard) for turn in history.turns],
        "state": state_json(assistant, state, history.conversation),
        "risks": _risks(assistant, history, heard),
        "reply_due_at": _time(history.reply_due_at) if history.reply_due_at is not None else None,
    }


def replying_json(replying: Replying) -> Json:
    """Whether the panel may send to the customer, and what is on its way or could not be sent."""
    return {
        "reply_through": replying.channel or None,
        "replies": [
            {
                "turn_id": str(reply.turn_id),
                "message_id": reply.message_id,
                "text": reply.text,
                "state": reply.state,
                "why": reply.note,
                "at": _time(reply.created_at),
            }
            for reply in replying.open
        ],
    }


def alert_json(alert: Alert) -> Json:
    """As `AlertOut` documents it."""
    return {
        "id": str(alert.id),
        "conversation_id": alert.conversation_id,
        "label": alert.label,
        "shop": alert.shop,
        "turn_id": str(alert.turn_id),
        "level": alert.level,
        "name": EMOTION_NAMES[alert.level],
        "at": _time(alert.at),
        "seen_by": alert.seen_by or None,
        "seen_at": _time(alert.seen_at) if alert.seen_at is not None else None,
    }


def excerpt_json(excerpt: Excerpt, stored: Sequence[StoredTurn]) -> Json:
    """known: a turn of the same side says the same, whole or as one of its lines."""
    held = {(turn.role, words) for turn in stored for words in (turn.text, *turn.text.split("\n"))}
    ids = {turn.message_id for turn in stored}
    return {
        "is_excerpt": bool(excerpt.turns),
        "turns": [
            {
                "role": turn.role,
                "name": turn.name,
                "text": turn.text,
                "sent_at": _time(turn.sent_at) if turn.sent_at is not None else None,
                "message_id": turn.message_id,
                "known": turn.message_id in ids or (turn.role, turn.text) in held,
            }
            for turn in excerpt.turns
        ],
        "needs_side": excerpt.needs_side,
    }


def draft_json(check: DraftCheck) -> Json:
    """As `DraftOut` documents it."""
    return {
        "findings": [asdict(finding) for finding in check.findings],
        "blanks": [asdict(blank) for blank in check.blanks],
        "promises": [_checked(one) for one in check.promises],
        "blocked": check.blocked,
    }


def _checked(one: CheckedPromise) -> Json:
    promise, due = one.promise, one.due
    return {
        "what": promise.what,
        "kind": promise.kind,
        "by": promise.by,
        "amount": promise.amount,
        "condition": promise.condition,
        "start": promise.start,
        "end": promise.end,
        "text": promise.text,
        "due_at": _time(due.at) if due is not None else None,
        "approximate": due is not None and not due.sure,
        "verdict": one.verdict,
    }


def _turn(turn: StoredTurn, heard: dict[str, Analysis | None]) -> Json:
    analysis = heard.get(turn.message_id)
    return {
        "turn_id": str(turn.id),
        "role": turn.role,
        "text": turn.text,
        "message_id": turn.message_id,
        "sent_at": _time(turn.sent_at) if turn.sent_at is not None else None,
        "stored_at": _time(turn.stored_at),
        "attachments": turn.attachments,
        "recalled": turn.message_id not in heard,
        "intents": [_intent(match) for match in analysis.intents] if analysis is not None else [],
        "emotion": analysis.emotion.level if analysis is not None else None,
        "acts": turn.acts,
        "script_id": turn.script_id,
        "agent": turn.agent,
    }


def _intent(match: IntentMatch) -> Json:
    return {"id": match.id, "name": match.name, "kind": match.kind, "score": match.score}


def _risks(assistant: Assistant, history: History, heard: dict[str, Analysis | None]) -> list[Json]:
    """Every risk heard, with where it was heard last and whether it is still to be dealt with."""
    last: dict[str, tuple[StoredTurn, IntentMatch]] = {}
    for turn in history.turns:
        analysis = heard.get(turn.message_id)
        for match in analysis.intents if analysis is not None else ():
            if match.kind == "risk" and (match.evidence or match.id not in last):
                last[match.id] = (turn, match)
    return [_risk(assistant, turn, match, history.marks.get(match.id)) for turn, match in last.values()]


def _risk(assistant: Assistant, turn: StoredTurn, match: IntentMatch, mark: RiskMark | None) -> Json:
    advice = assistant.risk_advice([replace(match, evidence=())])
    done = mark is not None and (mark.mark == "false_alarm" or mark.position >= turn.position)
    return {
        "id": match.id,
        "name": match.name,
        "banner": any(risk.banner for risk in advice),
        "advice": _lines(risk.advice for risk in advice),
        "turn_id": str(turn.id),
        "open": not done,
        "mark": mark.mark if mark is not None else None,
        "by": mark.who if mark is not None else None,
        "at": _time(mark.at) if mark is not None else None,
    }


def _lines(parts: Iterable[Iterable[str]]) -> list[str]:
    return [line for part in parts for line in part]


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
