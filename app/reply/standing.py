"""Where a conversation stands between messages: whose turn it is, the stage, what is awaited and on the table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.reply.known import Known
from app.reply.stage import done_stages
from app.reply.stage_weights import choose
from app.reply.state import ConversationState
from app.types import Slot, StageDecision, Trend
from app.vocabulary import Stage

WORRYING = 2


@dataclass(frozen=True, slots=True)
class Standing:
    """next: who speaks next. awaiting: facts asked for and still to come. cases: open complaints and enquiries."""

    stage: StageDecision
    next: Literal["agent", "customer"]
    facts: dict[str, str | int]
    slots: tuple[Slot, ...]
    awaiting: tuple[str, ...]
    offers: tuple[str, ...]
    refusals: int
    cases: tuple[str, ...]
    emotion: int
    trend: Trend
    alert: str | None


def stand(state: ConversationState, known: Known) -> Standing:
    """known: what is known of the case from all sides."""
    answered = bool(state.agent_turns) and state.open.analysis is None
    stage = _after_agent(state) if answered else choose(state, known.facts)
    return Standing(
        stage=stage,
        next="customer" if answered else "agent",
        facts=known.facts,
        slots=known.slots,
        awaiting=state.missing,
        offers=state.offers,
        refusals=state.refusals,
        cases=state.cases if answered else state.scope,
        emotion=state.emotions[-1] if state.emotions else 0,
        trend=state.trend,
        alert=alert(state),
    )


def alert(state: ConversationState) -> str | None:
    """What to tell the lead when the customer's temper climbs; None when there is no need."""
    return "顾客的情绪在升级，请告诉主管" if worries(state) else None


def worries(state: ConversationState) -> bool:
    """Whether the customer's temper climbs and is high already."""
    return state.trend == "rising" and state.emotions[-1] >= WORRYING


def _after_agent(state: ConversationState) -> StageDecision:
    """The stage of a conversation that waits for the customer."""
    stage, reason = _waiting(state)
    return StageDecision(stage, reason, done_stages(state))


def _waiting(state: ConversationState) -> tuple[Stage, str]:
    if state.missing:
        return "confirm", f"等顾客的{'、'.join(state.missing[:2])}"
    if state.settled:
        return "follow_up", "方案已经定了，到时候跟进"
    if state.offers:
        return "resolve", f"等顾客选：{'、'.join(state.offers[:3])}"
    if state.held:
        return "resolve", "查到结果就告诉顾客，没查到也说一声"
    done = done_stages(state)
    if done and (state.cases or state.risks):
        return done[-1], "等顾客回复"
    return "answer", "等顾客回复"
