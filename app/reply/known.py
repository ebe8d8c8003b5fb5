"""What is known of a case from all sides: the channel and the agent, the conversation, the shop's own data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.content.shop import Shop
from app.reply.answers import names_order
from app.reply.render import Writing
from app.reply.state import CODES, ConversationState
from app.types import Slot
from app.values import frozen, replace
from app.vocabulary import YES

# having one of these is having the others
_SAME: Final = (frozenset({"照片", "有凭证"}), frozenset({"订单号", "订单已知"}))
_WRITING: Final[dict[str, Writing]] = {"台湾": "s2tw", "香港": "s2hk"}


@frozen
class Known:
    """facts, slots: the given ones win over the conversation's, these over the shop's.

    used: what needs no asking any more, because it is known or has been asked. writing: the customer's characters.
    """

    facts: dict[str, str | int]
    slots: tuple[Slot, ...]
    used: frozenset[str]
    writing: Writing


def gather(
    state: ConversationState, shop: Shop, tone: str, facts: Mapping[str, str | int], slots: Mapping[str, str]
) -> Known:
    """facts, slots: as given with the request."""
    all_slots = _slots(state, slots)
    merged: dict[str, str | int] = {"平台": shop.platform, "场所": "门店" if tone == "门店" else "线上"}
    if state.traditional:
        merged["地区"] = "香港" if state.cantonese else "台湾"
    if _order_known(state, all_slots):
        merged["订单已知"] = YES
    merged |= {**state.facts, **facts}
    used = {*state.asked, *state.known, *state.facts, *facts, *state.open.answered}
    used |= {slot.name for slot in all_slots}
    if merged.get("订单已知") == YES:
        used.add("订单已知")
    for same in _SAME:
        if used & same:
            used |= same
    return Known(merged, all_slots, frozenset(used), _writing(state, facts))


def _order_known(state: ConversationState, slots: tuple[Slot, ...]) -> bool:
    """Whether what was said names the order the customer means: by card, by number, be it a short one."""
    if state.carded or not CODES.isdisjoint((*state.known, *state.open.answered)):
        return True
    return any(slot.name in CODES for slot in slots) or any(map(names_order, state.said))


def _slots(state: ConversationState, typed: Mapping[str, str]) -> tuple[Slot, ...]:
    """Later ones win when rendered: the conversation's, the latest message's, those typed by hand."""
    latest = state.open.analysis.slots if state.open.analysis is not None else ()
    earlier = (*state.slots, *(slot for slot in state.open.slots if slot not in latest))
    past = (replace(slot, start=-1, end=-1, origin="conversation") for slot in earlier)
    last = {slot.name: slot for slot in past}
    by_hand = (Slot(name, value, origin="typed") for name, value in typed.items())
    now = {slot.name for slot in latest} | set(typed)
    return (*(slot for name, slot in last.items() if name not in now), *latest, *by_hand)


def _writing(state: ConversationState, facts: Mapping[str, str | int]) -> Writing:
    region = facts.get("地区")
    if region is not None and region != "大陆":
        return _WRITING.get(str(region), "")
    if not state.traditional:
        return ""
    return "s2hk" if state.cantonese else "s2tw"
