"""Which remedy a customer has agreed to: the condition 说定 of scripts."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from app.reply.acts import recognise
from app.reply.choices import sums
from app.reply.move_words import (
    CONTINGENT,
    DECLINES,
    EITHER,
    FORMER,
    GIVES,
    GIVES_BACK,
    KEEPS,
    LATTER,
    NAMED,
    OPTION,
    PAID,
    PAPERS,
    PAYS,
    PICKED,
    PLAIN,
    PRESENT,
    SETTLES,
)
from app.reply.remedies import ADVICE, EXTRAS, MONEY
from app.reply.state import ConversationState

_NOTHING_TO_RETURN: Final = frozenset(
    {"dispatch_delay", "delivery_delay", "delivery_failed", "out_of_stock", "intercept", "order_change"}
)
_FIRM: Final = frozenset({"举证维权", "上报"})


def agreed(state: ConversationState) -> str:
    """The remedy the customer has chosen of those on the table, "" when nobody can tell.

    Who has nothing to send back yet and wants the money cancels; who need not send it back is only paid.
    """
    remedy = _chosen(state)
    if remedy == "赠品" and not PRESENT.search("，".join((state.reply, *state.open.texts))):
        return ""
    if remedy == "部分退款" and MONEY.isdisjoint(state.tabled) and not sums(state.reply):
        return ""
    if remedy == "退货退款" and PAID.search(state.reply):
        return ""
    if remedy == "退货退款" and KEEPS.search(state.reply):
        return "仅退款"
    unsent = not _NOTHING_TO_RETURN.isdisjoint(state.cases) and "refund_progress" not in state.cases
    return "取消" if unsent and remedy in ("退货退款", "仅退款") else remedy


def _chosen(state: ConversationState) -> str:
    """By the customer's words; else what the agent's latest message offers, when it is one thing; else what was settled."""
    said = state.open.texts or state.said[-1:]
    picked = _picked(state.reply, said)
    if picked:
        return picked
    offered = _offered(state.reply)
    named = [remedy for text in reversed(said) for remedy in names(text)]
    if named or any(map(_another, said)):
        return next((remedy for remedy in named if remedy in offered), named[0] if named else "")
    if any(map(DECLINES.search, said)):
        return ""
    if offered or state.offers or not state.settled:
        return next(iter(offered)) if len(offered) == 1 else ""
    tabled = remedies(state.tabled)
    return next(iter(tabled)) if len(tabled) == 1 else ""


def _picked(reply: str, said: Collection[str]) -> str:
    """The remedy of the option that is chosen by its number or its place (选2, 按后面那个), "" for none."""
    places = [place for place in map(_place, said) if place is not None]
    if not places:
        return ""
    options = OPTION.split(reply)[1:] or EITHER.split(reply)
    if len(options) < 2 or places[-1] >= len(options):
        return ""
    named = names(options[places[-1]])
    return named[0] if named else ""


def _place(text: str) -> int | None:
    """Which of several options a text picks, from 0; -1 the last; None for none."""
    found = PICKED.match(text.strip())
    if found:
        return "1234一二三四①②③④".index(found[1]) % 4
    if LATTER.search(text):
        return -1
    return 0 if FORMER.search(text) else None


def _offered(reply: str) -> set[str]:
    """The remedies an agent's message offers; freight counts where it is to be paid back."""
    reply = PAPERS.sub("", CONTINGENT.sub("", reply))
    found = {act.about for act in recognise(reply) if act.name == "offered"} - ADVICE - _FIRM
    if not found:
        found = set(names(reply)) if GIVES.search(reply) else set()
        if not GIVES_BACK.search(reply):
            found.discard("部分退款")
    if "换货" in found and "换货" not in names(reply):
        # another number, a voucher instead of money
        found = found - {"换货"} | (set(names(reply)) & {"代金券"})
    main = found - EXTRAS
    return main or (found if PAYS.search(reply) else set())


def remedies(offers: Collection[str]) -> set[str]:
    """What of the offers is a remedy to take, not mere advice or what comes on top."""
    found = set(offers) - ADVICE - _FIRM
    return found - EXTRAS or found


def names(text: str) -> list[str]:
    """Remedies (of REMEDIES) that a text names."""
    return [remedy for remedy, words in NAMED if words.search(text)]


def picks(text: str) -> bool:
    """Whether one of several options is chosen by its number or its place (第一个吧, 按后面那个)."""
    return _place(text) is not None


def _another(text: str) -> bool:
    """Whether somebody settles on something no remedy is named in (闪送吧, 那周六去吧)."""
    found = SETTLES.match(text)
    return found is not None and not names(text) and not PLAIN.search(found[1])
