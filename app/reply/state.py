"""Where a conversation stands: what agents have done so far and what the customer's open turn brings.

The open turn is everything the customer has written since the last agent turn. A state is immutable; `hear` adds a
customer's message to the open turn, `speak` closes the turn with an agent's message.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field
from typing import Final

from app.nlu.intent import ASSERT
from app.nlu.text import normalise
from app.reply.acts import MIN_SENTENCE, answers_somehow, handles_case, spoken
from app.reply.answers import (
    TERSE,
    adds_trouble,
    answered,
    asks_what_it_is_like,
    breaks_promise,
    chases,
    denies_promise,
    has_ordered,
    holds_order,
    is_mere,
    is_order_card,
    is_plain_answer,
    is_printed,
    is_question,
    is_satisfied,
    names_trouble,
    only_names_colour,
    shows,
    speaks_of_use,
    told,
    wishes_to_buy,
)
from app.reply.choices import Reaction, haggles, is_sum, sums, weigh
from app.reply.customer_acts import Chances, Said, heard, higher, said
from app.reply.open_turn import LIKELY, SURE, merged, own
from app.reply.remedies import ADVICE, MONEY
from app.reply.trend import trend_of
from app.types import Act, Analysis, IntentMatch, Slot, Trend
from app.values import frozen, replace
from app.vocabulary import BOOLEAN_FACTS

CASE_KINDS: Final = ("complaint", "enquiry")
# kinds and groups of intents beside which praise is no answer to an offer
_TROUBLE: Final = frozenset({"complaint", "risk", "fulfilment", "price"})
# what customers ask when something is taking its time
PROGRESS: Final = frozenset(
    {"refund_progress", "aftersales_progress", "no_response", "dispatch_delay", "delivery_delay"}
)
# mere displeasure: what is wrong is still to be told
LISTEN_ONLY: Final = frozenset({"vent", "disappointed", "poor_quality", "negative_review"})
NOTHING: Final = "other"
_OF_COLOUR: Final = frozenset({"fading", "color_difference"})
# words that answer a question may sound like a complaint; only a certain one is a new problem then
ANSWER_SURE: Final = SURE
BROKEN_SURE: Final = LIKELY  # where this conversation holds no promise
CODES: Final = frozenset({"订单号", "快递单号"})
"""What a customer may not find; an agent who goes on to ask something else has done without."""
SHOWN: Final = frozenset({"照片", "有凭证"})
OPEN_FACTS: Final = frozenset({"问题描述", "原因"})  # questions that any words may answer
MAX_SAID: Final = 12
MAX_REPLY: Final = 1000


@frozen
class OpenTurn:
    """All customer messages since the last agent turn, read together.

    analysis: of the latest. intents: of all, what needs an answer first. answered: facts asked for that have come.
    """

    texts: tuple[str, ...] = ()
    analysis: Analysis | None = None
    intents: tuple[IntentMatch, ...] = ()
    emotion: int = 0
    answered: tuple[str, ...] = ()
    slots: tuple[Slot, ...] = ()
    accepts: bool = False
    refuses: bool = False
    doubts: bool = False
    chases: bool = False
    broken: bool = False
    denies: bool = False
    adds: bool = False
    satisfied: bool = False
    took: bool = False
    asks: bool = False

    def has(self, *ids: str) -> bool:
        """Whether any of these intents is asserted."""
        return any(intent.id in ids for intent in self.intents)

    def ids(self, *kinds: str) -> tuple[str, ...]:
        """The asserted intents of these kinds, the primary one first."""
        return tuple(intent.id for intent in self.intents if intent.kind in kinds)


@frozen
class ConversationState:
    """Everything before the open turn, and the open turn itself.

    cases: complaints and enquiries not settled yet, latest first; risks: likewise. seen: every intent of earlier turns.
    awaiting: facts asked for and not answered. offers: remedies on the table; tabled: all that ever were; sums: of money.
    settled: an offer was accepted. handled: the agent treats it as a case, whatever was recognised. resolution: the agent has
    given an answer of any kind. consulted: the customer asked a question; carded: sent an order as a card. due: something was
    promised; held: the agent is finding out. sent: the sentences sent, without punctuation. reply, did: the agent's latest
    message, normalised, and its acts. latest: the customer's latest message; said: the latest ones, normalised, oldest first;
    last_acts: what the one before it does (`customer_acts`); earlier_acts: the most that any before that does.
    """

    open: OpenTurn = OpenTurn()
    agent_turns: int = 0
    cases: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()
    seen: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()
    known: frozenset[str] = frozenset()
    awaiting: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    tabled: frozenset[str] = frozenset()
    sums: frozenset[int] = frozenset()
    handled: bool = False
    consulted: bool = False
    refusals: int = 0
    settled: bool = False
    resolution: bool = False
    due: bool = False
    held: bool = False
    apologised: bool = False
    apologised_for_delay: bool = False
    acts: frozenset[str] = frozenset()
    facts: dict[str, str | int] = field(default_factory=dict)
    slots: tuple[Slot, ...] = ()
    carded: bool = False
    emotions: tuple[int, ...] = ()
    sent: frozenset[str] = frozenset()
    sent_scripts: frozenset[str] = frozenset()
    traditional: bool = False
    cantonese: bool = False
    said: tuple[str, ...] = ()
    reply: str = ""
    did: tuple[Act, ...] = ()
    latest: Said | None = None
    last_acts: Chances = ()
    earlier_acts: Chances = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """The facts asked for that are still to come after the open turn."""
        return tuple(fact for fact in self.awaiting if fact not in self.open.answered)

    @property
    def latest_acts(self) -> Chances:
        """What the customer's latest message does; found when first asked for, as a first message needs it not."""
        return heard(self.latest) if self.latest is not None else ()

    @property
    def trend(self) -> Trend:
        """How the customer's temper moves."""
        return trend_of(self.emotions)

    @property
    def scope(self) -> tuple[str, ...]:
        """The intents a reply may be about: those of the open turn, then the open cases."""
        now = tuple(intent.id for intent in self.open.intents)
        return tuple(dict.fromkeys((*now, *self.cases, *self.risks)))

    @property
    def comes_back(self) -> bool:
        """Whether the customer is back because what was promised or due has not been done."""
        fresh = any(match.id not in self.seen and _is_plain_complaint(match) for match in self.open.intents)
        sure = 0.0 if self.due or self.settled or self.open.chases else BROKEN_SURE
        sure = ANSWER_SURE if fresh else sure
        told = any(match.id == "promise_broken" and match.score >= sure for match in self.open.intents)
        if self.open.broken or (told and not self.open.denies):
            return True
        if not (self.due or self.settled):
            return False
        return not fresh and self.open.chases and (self.open.has(*PROGRESS) or not self.open.answered)


def hear(
    state: ConversationState, text: str, analysis: Analysis, alone: Analysis | None = None
) -> ConversationState:
    """Add a customer's message. analysis: of it in the light of the open turn's earlier ones; alone: of it by itself,
    when there are earlier ones.
    """
    turn, text = state.open, normalise(text).text
    level = 0 if is_order_card(text) else analysis.emotion.level
    intents = tuple(
        intent for intent in analysis.intents if intent.id != NOTHING and _is_meant(state, text, intent)
    )
    opened = replace(
        turn,
        texts=(*turn.texts, text),
        analysis=analysis,
        intents=merged(intents, turn.intents),
        emotion=max(turn.emotion, level),
        slots=(*turn.slots, *analysis.slots),
        chases=turn.chases or chases(text),
        broken=turn.broken or breaks_promise(text),
        denies=turn.denies or denies_promise(text),
    )
    if state.agent_turns:
        opened = _reacting(state, opened, text, own(intents, alone))
    return replace(
        state,
        open=opened,
        facts={**state.facts, **analysis.facts, **told(text, state.awaiting)},
        carded=state.carded or holds_order(text),
        emotions=(*state.emotions, level),
        traditional=state.traditional or analysis.traditional,
        cantonese=state.cantonese or analysis.cantonese,
        said=(*state.said[1 - MAX_SAID :], text),
        latest=said(text, state.reply, analysis),
        last_acts=state.latest_acts,
        earlier_acts=higher(state.earlier_acts, state.latest_acts),
    )


def _is_meant(state: ConversationState, text: str, intent: IntentMatch) -> bool:
    """Whether an intent is more than a guess; guesses only open a conversation, later words have their context.

    Who asks before buying, or says what was asked for then, complains of something only in plain words.
    """
    aside = intent.kind in (*CASE_KINDS, "risk")
    chooses = intent.score < LIKELY or (state.agent_turns and not state.cases)
    if chooses and intent.id in _OF_COLOUR and only_names_colour(text):
        return False
    guessed = intent.kind == "complaint" or (intent.kind == "question" and intent.score < LIKELY)
    if guessed and not state.cases and (wishes_to_buy(text) or asks_what_it_is_like(text)):
        return False
    if aside and is_order_card(text) and (intent.score < ANSWER_SURE or is_printed(text)):
        return False
    if aside and state.agent_turns and is_mere(text):
        return False
    if aside and (is_plain_answer(text, state.awaiting) or (state.offers and is_sum(text))):
        return False
    early = state.consulted and not (state.cases or state.risks)
    describes = early and state.awaiting and intent.id == "size_fit"  # the body, for a size
    if describes or ((state.agent_turns or intent.score < ASSERT) and haggles(intent.id, text)):
        return False
    complains = intent.kind == "complaint"
    if early and complains and (state.awaiting or is_question(text) or not speaks_of_use(text)):
        return intent.score >= ANSWER_SURE
    concrete = {*state.cases, *state.risks} - LISTEN_ONLY - {intent.id}
    if len(text) <= TERSE and state.awaiting and concrete and complains:
        return intent.score >= ANSWER_SURE
    if intent.score >= ASSERT:
        return True
    expects = set(state.awaiting) - OPEN_FACTS or state.offers or state.settled or state.due
    talks = state.agent_turns and intent.kind in ("dialogue", "risk")
    return not (expects or concrete or talks)


def _reacting(
    state: ConversationState, turn: OpenTurn, text: str, intents: tuple[IntentMatch, ...]
) -> OpenTurn:
    """The open turn with what its latest message does with the agent's words."""
    ids = frozenset(intent.id for intent in intents)
    plain = not any(intent.kind in CASE_KINDS for intent in intents)
    remaining = tuple(fact for fact in state.awaiting if fact not in turn.answered)
    slots = frozenset(slot.name for slot in turn.slots)
    does = _weighed(state, text, _to_the_offer(intents))
    if does == "takes" and not state.offers and (shows(text) or _complains(intents)):
        does = ""
    came = answered(text, remaining, slots, plain=plain)
    if upset_only(intents) and not (names_trouble(text) or set(state.cases) - LISTEN_ONLY):
        came = tuple(fact for fact in came if fact not in OPEN_FACTS)
    turned = (
        chases(text)
        or any(intent.kind in CASE_KINDS and intent.evidence for intent in intents)
        or _is_news(text, intents)
    )
    return replace(
        turn,
        answered=(*turn.answered, *came),
        accepts=does == "takes" or (turn.accepts and not does and not turned),
        took=does == "takes" or (turn.took and does != "refuses"),
        asks=bool(ids)
        and not does
        and all(intent.kind == "question" or intent.id == "greeting" for intent in intents),
        refuses=does == "refuses" or (turn.refuses and does != "takes"),
        doubts=does == "doubts" or (turn.doubts and does != "takes"),
        adds=turn.adds or (does != "doubts" and adds_trouble(text)),
        satisfied=not _complains(intents) and (is_satisfied(text) or ("thanks_praise" in ids and not turned)),
    )


def _to_the_offer(intents: tuple[IntentMatch, ...]) -> frozenset[str]:
    """The intents that can be about what was offered: praise beside a trouble takes nothing."""
    ids = frozenset(intent.id for intent in intents)
    troubled = any(intent.kind in _TROUBLE or intent.group in _TROUBLE for intent in intents)
    return ids - {"thanks_praise"} if troubled else ids


def _complains(intents: tuple[IntentMatch, ...]) -> bool:
    """Whether a message plainly complains of something."""
    return any(map(_is_plain_complaint, intents))


def _is_plain_complaint(intent: IntentMatch) -> bool:
    return (
        intent.kind == "complaint" and intent.group in ("quality", "mismatch") and intent.score >= ANSWER_SURE
    )


def upset_only(intents: tuple[IntentMatch, ...]) -> bool:
    """Whether a message is mere displeasure, with nothing said of what is wrong."""
    return bool(intents) and all(intent.id in LISTEN_ONLY for intent in intents)


def _is_news(text: str, intents: tuple[IntentMatch, ...]) -> bool:
    """Whether a message tells something nobody foresaw: no longer the yes that was said just before."""
    return not intents and len(text) >= MIN_SENTENCE and not is_mere(text) and not is_question(text)


def pause(state: ConversationState, analysis: Analysis) -> ConversationState:
    """Add a customer's message that says nothing (a sticker, a recall). analysis: of that message."""
    turn, level = state.open, analysis.emotion.level
    opened = replace(
        turn, analysis=analysis, intents=merged((), turn.intents), emotion=max(turn.emotion, level)
    )
    return replace(state, open=opened, emotions=(*state.emotions, level) if level else state.emotions)


def from_channel(state: ConversationState) -> ConversationState:
    """The latest message was no text but an attachment: its values have no place in any text."""
    turn = state.open
    if turn.analysis is None or not turn.analysis.slots:
        return state
    given = tuple(replace(slot, start=-1, end=-1, origin="channel") for slot in turn.analysis.slots)
    own = len(turn.slots) - len(given)
    analysis = replace(turn.analysis, slots=given)
    return replace(state, open=replace(turn, analysis=analysis, slots=(*turn.slots[:own], *given)))


def with_slots(state: ConversationState, slots: tuple[Slot, ...]) -> ConversationState:
    """The open turn with values that came beside its text."""
    return replace(state, open=replace(state.open, slots=(*state.open.slots, *slots))) if slots else state


def corrected(state: ConversationState, intents: tuple[IntentMatch, ...]) -> ConversationState:
    """The open turn with the intents an agent chose instead of the recognised ones."""
    turn, ids = state.open, frozenset(intent.id for intent in intents)
    text = normalise(turn.texts[-1]).text if turn.texts else ""
    does = _weighed(state, text, ids)
    return replace(
        state,
        open=replace(
            turn,
            intents=intents,
            accepts=does == "takes",
            refuses=does == "refuses",
            doubts=does == "doubts",
        ),
    )


def speak(
    state: ConversationState, text: str, acts: Iterable[Act], script_id: str | None = None
) -> ConversationState:
    """Close the open turn with an agent's message that does `acts`."""
    acts, back, words = tuple(acts), state.comes_back, normalise(text).text
    state = _settle(state)
    done = {act.name for act in acts}
    asked = tuple(act.about for act in acts if act.name == "asked")
    offers = tuple(act.about for act in acts if act.name == "offered")
    answers = bool(done & {"offered", "refused", "instructed", "promised"})
    answers = answers or (not asked and ("checked_back" in done or answers_somehow(text)))
    moves_on = not asked and (answers or "held" in done)
    settled = state.settled and set(offers) <= state.tabled
    due = bool(done & {"held", "promised", "instructed"})
    advised = bool(state.tabled) and state.tabled <= ADVICE
    closes = "closed" in done and (state.settled or state.resolution) and not advised
    return replace(
        state,
        agent_turns=state.agent_turns + 1,
        cases=() if closes else state.cases,
        risks=() if closes else state.risks,
        asked=state.asked | set(asked),
        awaiting=() if moves_on else _awaited(state.awaiting, asked),
        offers=() if settled else offers or (() if "instructed" in done else state.offers),
        tabled=state.tabled | set(offers),
        sums=(sums(words) if MONEY & set(offers) else frozenset()) if offers else state.sums,
        handled=not closes and (state.handled or handles_case(acts)),
        resolution=state.resolution or answers,
        settled=settled,
        due=state.due or due,
        held="held" in done or (state.held and not answers),
        apologised=state.apologised or "apologised" in done,
        apologised_for_delay=state.apologised_for_delay or (back and "apologised" in done),
        acts=state.acts | done,
        sent=state.sent | set(spoken(text)),
        sent_scripts=state.sent_scripts | ({script_id} if script_id else set()),
        reply=words[:MAX_REPLY],
        did=acts,
    )


def asks_before_buying(state: ConversationState) -> bool:
    """Whether a question about dispatch belongs to the questions before it (有XL吗 … 今天能发吗), with no order in sight."""
    turn = state.open
    if not state.consulted or state.carded or state.cases or state.risks or state.handled:
        return False
    asked = set(turn.ids("enquiry"))
    return (
        bool(asked)
        and not turn.ids("complaint", "risk")
        and asked <= {"dispatch_delay", "delivery_delay"}
        and not any(map(has_ordered, turn.texts))
    )


def _settle(state: ConversationState) -> ConversationState:
    """Take over what the open turn brought, now that it is complete."""
    turn = state.open
    if not turn.texts:
        return replace(state, open=OpenTurn())
    taken = bool(state.offers) and (turn.accepts or turn.took)
    refused = bool(state.offers) and turn.refuses and not turn.accepts
    extorts = "malicious_review" in state.risks
    thanked = turn.has("thanks_praise") and not (extorts or turn.ids(*CASE_KINDS)) and _is_over(state)
    heard_of = [intent.id for intent in turn.intents if intent.kind in CASE_KINDS and intent.score >= ASSERT]
    complaints = () if asks_before_buying(state) else heard_of
    cases = () if thanked else tuple(dict.fromkeys((*complaints, *state.cases)))
    risks = () if thanked else tuple(dict.fromkeys((*turn.ids("risk"), *state.risks)))
    return replace(
        state,
        open=OpenTurn(),
        cases=cases,
        risks=risks,
        seen=state.seen | {intent.id for intent in turn.intents if intent.score >= ASSERT},
        known=state.known | set(turn.answered),
        awaiting=state.missing,
        offers=() if taken or refused else state.offers,
        consulted=state.consulted or bool(turn.ids("question")) or any(map(wishes_to_buy, turn.texts)),
        refusals=state.refusals + refused,
        settled=(state.settled or (taken and not set(state.offers) <= ADVICE))
        and not refused
        and not turn.ids("complaint"),
        slots=(*state.slots, *turn.slots),
    )


def _awaited(before: tuple[str, ...], asked: tuple[str, ...]) -> tuple[str, ...]:
    """What is awaited after an agent asked. Who asks for something else has heard enough of what happened.

    Who asks for a picture once more, and not for how it was worn or washed, can do without knowing that.
    """
    asks_else = bool(set(asked) - set(before))
    done_without = (set(BOOLEAN_FACTS) | {"尺码"}) - SHOWN if not SHOWN.isdisjoint(asked) else set()
    left = (
        fact
        for fact in before
        if not asked or fact not in OPEN_FACTS | done_without and not (asks_else and fact in CODES)
    )
    return tuple(dict.fromkeys((*left, *asked)))


def _is_over(state: ConversationState) -> bool:
    """Whether thanks end the matter: an answer was given, and nothing is awaited."""
    return state.settled or (state.resolution and not (state.missing or state.held or state.offers))


def _weighed(state: ConversationState, text: str, ids: frozenset[str]) -> Reaction:
    return weigh(text, ids, state.offers, earlier=state.tabled, amounts=state.sums, resolved=state.resolution)
