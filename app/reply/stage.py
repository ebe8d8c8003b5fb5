"""Which stage the agent's next reply belongs to: the nine rules of the design, in their order."""

from __future__ import annotations

from typing import Final

from app import regex as re
from app.reply.answers import (
    asks_what_it_is_like,
    has_arrived,
    has_ordered,
    names_trouble,
    tells_trouble,
    wishes_to_buy,
)
from app.reply.choices import changes_mind, waives, wants_again, wants_apology
from app.reply.facts import Facts
from app.reply.presale import begins_aside, browses
from app.reply.state import (
    ANSWER_SURE,
    CASE_KINDS,
    LISTEN_ONLY,
    OPEN_FACTS,
    PROGRESS,
    SHOWN,
    ConversationState,
    OpenTurn,
    asks_before_buying,
)
from app.types import StageDecision
from app.vocabulary import STAGES, YES, Stage

# answers to the agent rather than a second problem, once the case is being handled
REACTIONS: Final = frozenset(
    {"liability_dispute", "return_refused", "overpriced", "poor_quality", "promise_broken", "no_response"}
)
# what doubts of an offer or a verdict may be read as
REPROACHES: Final = LISTEN_ONLY | {"service_attitude", "fabric", "counterfeit"}
# abuse says nothing of any matter
RUDE: Final = frozenset({"harassment"})
# reproaches that say nothing of what is wrong with the goods or the order
_OF_TALK: Final = frozenset({"no_response", "service_attitude", "promise_broken"})
# matters of one parcel: one of them after another is no second problem
_PARCEL: Final = frozenset(
    {"dispatch_delay", "delivery_delay", "delivery_failed", "courier_service", "intercept"}
)
# enquiries that ask for a remedy of the open case
REMEDY_ASKS: Final = frozenset(
    {
        "return_refund",
        "refund_only",
        "exchange",
        "repair_parts",
        "return_freight",
        "compensation",
        "aftersales_form",
    }
)
# the shop or those it hired did it: nobody needs to look for whose fault it is
SHOP_FAULTS: Final = frozenset(
    {"wrong_item", "missing_item", "out_of_stock", "promise_broken", "promotion_unfulfilled", "no_response"}
)
# a second problem is said plainly
SECOND_SURE: Final = 0.6
# a sum named in answer to an offer is haggling; only a plain threat is extortion then
ENQUIRES_SURE: Final = 0.6
EXTORTS_SURE: Final = 0.8
# what is still to be told once a remedy is agreed on
DETAIL_FACTS: Final = frozenset({"地址", "电话", "姓名", "尺码", "颜色", "金额", "数量"})
DETAILS: Final = frozenset(
    {"coupon_payment", "order_change", "size_fit", "aftersales_form", "invoice", "refund_progress"}
)
# what extortion may be read as when it says no defect
_MONEY: Final = frozenset({"compensation", "negative_review", "promotion_unfulfilled", "refund_only"})
# what is said to an extortionist is nothing to accept
_FIRM: Final = frozenset({"举证维权"})

# what if it is that: a question about the agent's answer (那质量问题呢)
_ASKS_ABOUT: Final = re.compile(r"那.{1,8}呢[?？]?$")

_DONE: Final[dict[Stage, frozenset[str]]] = {
    "listen": frozenset({"empathised"}),
    "confirm": frozenset({"asked"}),
    "apologise": frozenset({"apologised"}),
    "resolve": frozenset({"offered", "refused", "promised"}),
    "follow_up": frozenset({"instructed", "checked_back"}),
}


APOLOGY_WANTED, WAIVED = "顾客要一句道歉，先说这句", "顾客说不用处理，谢谢他并记下"
BROWSES: Final = "顾客还在挑、在问，直接回答"
WISHES: Final = "顾客说了想买什么，直接接话"
ASIDE: Final = "说的不是一件要处理的事，照着答"
PLAINLY: Final = frozenset({APOLOGY_WANTED, WAIVED, WISHES, ASIDE})
"""Reasons that customers give in plain words."""


def decide(state: ConversationState, facts: Facts) -> StageDecision:
    """The stage of the next reply to the open turn, with a short reason for the agent. First match wins."""
    stage, reason = (
        _special(state)
        or _no_case(state)
        or _accepted(state)
        or _extortion(state)
        or _back_again(state)
        or _new_complaint(state)
        or _enquiry(state, facts)
        or _apology_wanted(state)
        or _refused(state)
        or _facts_came(state, facts)
        or _waiting(state)
    )
    return StageDecision(stage, reason, done_stages(state))


def done_stages(state: ConversationState) -> tuple[Stage, ...]:
    """The stages whose work agent turns have done, in order."""
    return tuple(stage for stage in STAGES if stage in _DONE and _DONE[stage] & state.acts)


def shop_at_fault(state: ConversationState, facts: Facts) -> bool:
    """Whether the responsibility is the shop's: settled so, or plain from what happened."""
    settled = facts.get("责任")
    if settled is not None:
        return settled == "店铺"
    sure = ANSWER_SURE if state.open.answered else 0.0
    told = (intent.id for intent in state.open.intents if intent.score >= sure)
    return any(name in SHOP_FAULTS for name in (*told, *state.cases)) or state.comes_back


def may_apologise(state: ConversationState, facts: Facts) -> bool:
    """Whether an apology that admits the shop's fault is due: never a second one for the same matter."""
    if not shop_at_fault(state, facts):
        return False
    return not state.apologised or (state.comes_back and not state.apologised_for_delay)


_Found = tuple[Stage, str] | None


def _special(state: ConversationState) -> _Found:
    turn = state.open
    if turn.has("scam_alert"):
        return "resolve", "可能有人冒充客服，先提醒顾客别转账"
    for risk, reason in (
        ("safety_incident", "有人受伤，先问人要不要紧，告诉主管"),
        ("allergy", "涉及健康，先问身体怎么样，告诉主管"),
    ):
        if turn.has(risk) and risk not in state.seen:
            return "confirm", reason
    return None


def _no_case(state: ConversationState) -> _Found:
    turn = state.open
    if not (state.agent_turns or turn.ids("complaint", "risk")) and any(map(_before_buying, turn.texts)):
        return "answer", WISHES
    if begins_aside(state):
        return "answer", ASIDE
    if browses(state):
        return "answer", BROWSES
    if asks_before_buying(state) or (turn.asks and turn.took and (state.offers or state.settled)):
        return "answer", "顾客在咨询，直接回答"
    if turn.ids("complaint", "enquiry") or set(turn.ids("risk")) - RUDE:
        return None
    if turn.has(*RUDE) and not (state.cases or state.handled or set(state.risks) - RUDE):
        return ("listen" if turn.emotion >= 2 else "answer"), "没有说事，只是言语冒犯：平和回应，引回正事"
    extorts = "malicious_review" in state.risks
    if turn.ids("question") and (state.settled or not (state.cases or extorts)):
        return "answer", "顾客在咨询，直接回答"
    if not state.offers and state.cases and any(map(waives, turn.texts)):
        return "answer", WAIVED
    if state.cases or set(state.risks) - RUDE or turn.broken or state.comes_back:
        return None
    if state.handled:
        return None
    if "问题描述" in turn.answered and not state.consulted and (turn.intents or _tells(turn)):
        return "confirm", "顾客说了情况，接着问清细节"
    if (not turn.intents or turn.has("ask_solution")) and turn.emotion >= 1 + state.consulted:
        return "listen", "没认出具体的事，但顾客有情绪，先听他说"
    if turn.has("ask_solution") and not state.agent_turns:
        return "confirm", "还不知道是什么事，先问清情况"
    if turn.has("escalate_human") and turn.emotion >= 2:
        return "listen", "顾客情绪激动要找人，先稳住再转"
    if not turn.intents and not state.consulted and any(map(tells_trouble, turn.texts)):
        return "confirm", "听着像东西有问题，先问清情况"
    return "answer", "没有要处理的问题，正常应答" if turn.intents else "没认出和店铺有关的问题，先问清楚"


def _before_buying(text: str) -> bool:
    return wishes_to_buy(text) or asks_what_it_is_like(text)


def _tells(turn: OpenTurn) -> bool:
    """Whether words that nothing was recognised in still say something of a thing or of an order."""
    return any(map(names_trouble, turn.texts)) or any(map(has_ordered, turn.texts))


def _accepted(state: ConversationState) -> _Found:
    turn = state.open
    if state.settled and not state.offers and turn.has(*REMEDY_ASKS) and any(map(changes_mind, turn.texts)):
        return "resolve", "顾客改主意了，按他现在要的办"
    if set(state.offers) - _FIRM and turn.accepts:
        return "follow_up", "顾客接受了方案，告诉他下一步怎么办"
    if state.offers and set(turn.answered) & DETAIL_FACTS and not (turn.refuses or turn.doubts):
        return "follow_up", "顾客给了办理要用的信息，照办"
    if "malicious_review" in state.risks and not (state.settled or state.cases):
        return None
    agrees = turn.accepts or turn.satisfied
    if (
        agrees
        and not (turn.refuses or turn.doubts)
        and (state.settled or (state.resolution and not state.missing and not state.held))
    ) or (state.due and state.cases and not turn.ids("complaint") and has_arrived(" ".join(turn.texts))):
        return "follow_up", "问题有了着落，跟进并收尾"
    return None


def _extortion(state: ConversationState) -> _Found:
    claims = set(state.scope) - _MONEY - REACTIONS - LISTEN_ONLY
    if "malicious_review" in state.risks:
        if set(state.offers) - _FIRM and not state.open.has("malicious_review"):
            return None
        shown = not SHOWN.isdisjoint(state.open.answered) and bool(claims & set(state.cases))
        tells = bool(set(state.open.answered) - OPEN_FACTS) or any(map(names_trouble, state.open.texts))
        waits = bool(state.missing and tells) or shown
        insists = state.open.has("malicious_review") or not waits
        new = {
            match.id
            for match in state.open.intents
            if match.kind in CASE_KINDS and match.id not in state.seen and match.score >= ANSWER_SURE
        }
        if insists and (state.open.refuses or not new & claims):
            return "resolve", "疑似勒索，已经问过，平和坚持不让步"
        return None
    sure = EXTORTS_SURE if state.offers or state.resolution else 0.0
    if not any(intent.id == "malicious_review" and intent.score >= sure for intent in state.open.intents):
        return None
    defects = [
        intent.id for intent in state.open.intents if intent.kind == "complaint" and intent.id in claims
    ]
    if defects or claims & set(state.cases):
        return "confirm", "疑似勒索，但提到了问题：先问清谁答应过、有什么凭证"
    return "resolve", "没有说哪里有问题，只要钱：按疑似勒索处理，不让步"


def _back_again(state: ConversationState) -> _Found:
    if not state.comes_back:
        return None
    if state.apologised_for_delay:
        return "resolve", "还是没办成，已经道过歉，马上给结果"
    return "apologise", "答应的事没办到，先道歉再处理"


def _new_complaint(state: ConversationState) -> _Found:
    turn = state.open
    new = [name for name in _new(state, "complaint") if name not in state.seen]
    handled, argues = _handled(state), False
    if handled:
        # a reproach with a doubt argues against the answer; without one only a sure one is a new matter
        argues = turn.doubts and (state.resolution or bool(state.offers))
        unsure = {intent.id for intent in turn.intents if intent.score < ANSWER_SURE} & REPROACHES
        if {*state.cases, *state.risks} - LISTEN_ONLY:
            unsure |= {intent.id for intent in turn.intents if intent.score < SECOND_SURE}
        if not turn.adds and not _PARCEL.isdisjoint(state.cases):
            unsure |= _PARCEL
        new = [name for name in new if name not in REACTIONS | unsure and not (argues and not turn.adds)]
    if turn.adds and handled and (turn.answered or turn.ids("complaint")) and not new:
        return _open_up(state, "又提了新的问题，先问清情况")
    upset = turn.ids("complaint", "risk")
    if handled and (turn.answered or turn.refuses or argues) and set(new) <= LISTEN_ONLY:
        return None
    only_venting = bool(upset) and set(upset) <= LISTEN_ONLY and not turn.ids("enquiry")
    if handled and only_venting and _ASKS_ABOUT.match(turn.texts[-1]):
        return None
    if only_venting and _goes_on_to_tell(turn):
        return "confirm", "顾客发完火说了事，问清情况"
    unheard = not ({*state.cases, *state.risks} - LISTEN_ONLY or state.handled)
    if only_venting and (unheard or not set(upset) <= state.seen):
        return "listen", "只有情绪，没说具体的事，先听他说完"
    if new:
        return _open_up(state, "又提了新的问题，先问清情况" if handled else "新的投诉，先问清情况")
    risks = [name for name in turn.ids("risk") if name not in state.seen]
    if risks and not state.cases and not turn.ids("enquiry"):
        return _open_up(state, "还不知道是什么事，先问清情况")
    return None


def _handled(state: ConversationState) -> bool:
    """Whether an agent is at the case already, so that words may be a reaction to what the agent said."""
    return state.agent_turns > 0 and (
        state.handled or "refused" in state.acts or bool(state.cases or state.risks)
    )


def _new(state: ConversationState, kind: str) -> list[str]:
    """The open turn's intents of a kind that are no mere reading of an answer, or of a detail of what is agreed."""
    turn = state.open
    concrete = bool(set(state.cases) - LISTEN_ONLY - _OF_TALK)
    sure = ANSWER_SURE if (turn.answered and concrete) or state.settled else 0.0
    told = bool(set(turn.answered) - OPEN_FACTS) and not turn.adds and (concrete or "照片" in turn.answered)
    agreeing = state.settled or bool(state.offers)
    found = (intent for intent in turn.intents if intent.kind == kind and intent.score >= sure)
    return [intent.id for intent in found if not told and not (agreeing and intent.id in DETAILS)]


def _goes_on_to_tell(turn: OpenTurn) -> bool:
    """Whether the customer vented first, and the latest message says what is wrong without venting."""
    if len(turn.texts) < 2 or turn.analysis is None or not names_trouble(turn.texts[-1]):
        return False
    return all(intent.id not in LISTEN_ONLY or not intent.evidence for intent in turn.analysis.intents)


def _open_up(state: ConversationState, reason: str) -> tuple[Stage, str]:
    """Confirm what happened; a furious customer is heard out first, once."""
    if state.open.emotion >= 3 and "empathised" not in state.acts:
        return "listen", "情绪很激动，先接住情绪再问"
    return "confirm", reason


def _enquiry(state: ConversationState, facts: Facts) -> _Found:
    turn = state.open
    new = [name for name in _new(state, "enquiry") if name not in state.seen]
    if _handled(state):
        unsure = {intent.id for intent in turn.intents if intent.score < ENQUIRES_SURE}
        new = [name for name in new if name not in REMEDY_ASKS | PROGRESS | unsure]
    if state.settled or state.resolution:
        new = [name for name in new if name not in DETAILS]
    if state.offers or state.settled:
        # when the new one comes is a question about what is offered
        new = [name for name in new if name not in _PARCEL]
    if not new or turn.doubts or (turn.refuses and state.offers):
        return None
    if facts.get("订单已知") == YES:
        return "resolve", "订单清楚，直接办"
    if turn.emotion >= 2:
        return _open_up(state, "顾客着急，先问清是哪一单")
    return "confirm", "先弄清是哪一单、要怎么办"


def _apology_wanted(state: ConversationState) -> _Found:
    turn = state.open
    if not state.apologised and state.cases and any(map(wants_apology, turn.texts)):
        return "apologise", APOLOGY_WANTED
    return None


def _refused(state: ConversationState) -> _Found:
    turn = state.open
    if turn.refuses:
        again = state.refusals > 0
        wishes = [match.name for match in turn.intents if match.id in REMEDY_ASKS]
        if wishes and not again:
            return "resolve", f"顾客提出{wishes[0]}，按这个谈"
        return "resolve", "第二次没谈拢，换个方案或请主管出面" if again else "顾客不接受，换个方案谈"
    if turn.doubts:
        return "resolve", "顾客对方案有疑问，解释清楚或换个方案"
    if turn.has("ask_solution") and state.agent_turns:
        return "resolve", "顾客在等处理方案"
    return None


def _facts_came(state: ConversationState, facts: Facts) -> _Found:
    if not state.open.answered:
        return None
    if state.missing:
        return "confirm", f"还差{'、'.join(state.missing[:2])}，接着问清"
    if state.settled:
        return "follow_up", "资料齐了，照说好的办"
    if shop_at_fault(state, facts) and not state.apologised:
        return "apologise", "情况清楚，是我们的责任：道歉并给方案"
    return "resolve", "情况清楚了，给处理方案"


def _waiting(state: ConversationState) -> tuple[Stage, str]:
    turn = state.open
    if turn.texts and state.cases and any(map(wants_again, turn.texts)):
        return "resolve", "顾客想要补发，按这个谈"
    if turn.chases and state.cases and state.missing:
        return "resolve", "顾客等急了，先给准话，不再追问"
    if state.missing and not turn.ids("question"):
        return "confirm", f"还在等顾客的{'、'.join(state.missing[:2])}，可以先不回"
    if state.held:
        return "resolve", "查到结果就告诉顾客，没查到也说一声"
    if state.settled and not (turn.refuses or turn.doubts or turn.chases or turn.ids("complaint", "risk")):
        return "follow_up", "方案已经定了，照着跟进"
    return "resolve", "接着给处理方案"
