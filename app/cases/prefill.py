"""What a conversation already tells of its case, so that nobody types it again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from app.assist import Assistant
from app.cases.fields import clean
from app.conversations import as_turn
from app.reply.state import NOTHING, ConversationState
from app.store.conversations import Conversation, StoredTurn
from app.types import IntentMatch

DUE: Final = timedelta(hours=48)
"""How long a case may stay open unless the form says otherwise (the documents' 48 hours, 000.2.8)."""
_SLOTS: Final = {
    "order_number": "订单号",
    "product": "商品",
    "colour": "颜色",
    "size": "尺码",
    "quantity": "数量",
    "tracking_number": "快递单号",
}
_CONTACT: Final = ("姓名", "电话", "地址")
_LIMITS: Final = {"order_number": 100}
_LONG, _SHORT = 4000, 200
_KINDS: Final = ("complaint", "enquiry")


def prefill(
    assistant: Assistant, conversation: Conversation, turns: Sequence[StoredTurn], now: datetime
) -> dict[str, Any]:
    """Values for the form, JSON-ready; only what was said or follows from the shop."""
    heard, state = _listen(assistant, turns)
    standing = assistant.standing(state, conversation.shop)
    shop = assistant.content.shops.get(conversation.shop, assistant.content.shop)
    slots = {slot.name: slot.value for slot in standing.slots}
    facts: dict[str, str | int] = {
        name: value for name, value in standing.facts.items() if isinstance(value, str | int)
    }
    matches = [match for _, found in heard for match in found]
    values: dict[str, Any] = {
        "due_at": (now + DUE).isoformat(),
        "customer": conversation.label[:_SHORT],
        "contact": " ".join(slots[name] for name in _CONTACT if name in slots)[:_SHORT],
        "shop": shop.id,
        "platform": str(facts.get("平台", shop.platform)),
        "intents": _ids(matches, *_KINDS),
        "risks": _ids(matches, "risk"),
        "emotion": max(state.emotions, default=0),
        "description": _told(heard),
        "demanded": _demanded(assistant, matches, slots),
        "facts": facts,
        "responsibility": str(facts.get("责任", "")),
    }
    for field, name in _SLOTS.items():
        values[field] = clean(slots.get(name, ""))[: _LIMITS.get(field, _SHORT)]
    days = facts.get("签收天数")
    if isinstance(days, int) and 0 <= days < 3650:
        today = now.astimezone(ZoneInfo(shop.time_zone)).date()
        values["received_on"] = (today - timedelta(days=days)).isoformat()
    return values


def _listen(
    assistant: Assistant, turns: Sequence[StoredTurn]
) -> tuple[list[tuple[str, tuple[IntentMatch, ...]]], ConversationState]:
    """The customer's words with what they mean, and where the conversation stands at its end."""
    heard: list[tuple[str, tuple[IntentMatch, ...]]] = []
    state = ConversationState()
    for turn, state in assistant.follow([as_turn(turn) for turn in turns]):
        if turn.role == "customer" and turn.text:
            analysis = state.open.analysis
            heard.append((turn.text, analysis.intents if analysis is not None else ()))
    return heard, state


def _ids(matches: Sequence[IntentMatch], *kinds: str) -> list[str]:
    found = (match.id for match in matches if match.kind in kinds and match.id != NOTHING)
    return list(dict.fromkeys(found))[:20]


def _told(heard: Sequence[tuple[str, tuple[IntentMatch, ...]]]) -> str:
    """What happened in the customer's own words: what complains or asks for something, else everything said."""
    telling = [text for text, found in heard if any(match.kind in (*_KINDS, "risk") for match in found)]
    lines = (clean(text) for text in telling or [text for text, _ in heard])
    return clean("\n".join(dict.fromkeys(lines))[:_LONG])


def _demanded(assistant: Assistant, matches: Sequence[IntentMatch], slots: dict[str, str]) -> str:
    intents = assistant.content.intents
    wishes = [intents[name].name for name in _ids(matches, "enquiry") if name in intents]
    if "金额" in slots:
        wishes.append(f"提到金额 {slots['金额']}")
    return "、".join(wishes)[:_LONG]
