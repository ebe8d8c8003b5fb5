"""Help with one customer message: what it means, where the conversation stands, what the agent can send."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import UTC, datetime
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from app.content.model import Content
from app.content.shop import Shop
from app.errors import InvalidRequest
from app.nlu.text import normalise
from app.reply.acts import recognise
from app.reply.answers import is_order_card
from app.reply.counsel import ASKS_SIZE, NONE, Counsel, carried_on, counsel
from app.reply.evidence import Kits
from app.reply.facts import DEFECT, Facts
from app.reply.goods import Goods
from app.reply.guard import DraftCheck, DraftGuard
from app.reply.guide import Guide, limits_named
from app.reply.items import attached_items, item_slots
from app.reply.known import Known, gather
from app.reply.matters import BROKEN, SIZE_FIT, before_all, for_stage, is_defect, let_down, matters
from app.reply.order import LookUp, Order
from app.reply.presale import going_on
from app.reply.promise_check import Authority, calendar_of
from app.reply.received import attached, receive, without_recalled
from app.reply.render import flags_for, shop_values, values_for
from app.reply.restate import restated
from app.reply.search import Found, ScriptSearch, marks
from app.reply.shelf import JUST_NOW, SentScripts
from app.reply.stage import may_apologise
from app.reply.stage_weights import choose
from app.reply.standing import Standing, stand
from app.reply.state import (
    CASE_KINDS,
    ConversationState,
    corrected,
    from_channel,
    hear,
    pause,
    speak,
    with_slots,
)
from app.reply.suggest import Situation, Suggester, pairs_heard
from app.reply.turn_facts import said_again, speaks_of_store, turn_facts
from app.steps import ended
from app.types import (
    Act,
    Ahead,
    Analysis,
    Assistance,
    IntentMatch,
    RiskAdvice,
    Span,
    StageDecision,
    Suggestion,
    Turn,
)
from app.values import frozen, replace
from app.vocabulary import DEFAULT_PACKS, ECHOED, RESTATED, YES, Stage

MAX_OPEN: Final = 20
MAX_JOINED: Final = 1200
"""How many characters of an open turn are understood together; the latest count."""
MAX_TURNS: Final = 100
FOLLOW_UPS: Final = 3
ORDER_NO: Final = "订单号"
_BEGINNING: Final = ConversationState()
STORE: Final = "门店"


class Analyser(Protocol):
    """What understands a message (app.nlu.engine.Engine)."""

    def analyse(self, text: str, now: datetime | None = None) -> Analysis:
        """text: one message, or a whole open turn joined; now: what 明天 and 三天前 are reckoned from."""


@frozen
class SuggestRequest:
    """A customer message and what the agent's side knows. Empty values mean: work it out.

    stage, intents: the agent's correction of what was recognised, intents with the primary first.
    liking: script -> a small bonus or malus from what agents did with it. ahead: scripts tried before others. goods:
    the shop's products.
    orders: looks the order up without waiting.
    """

    message: str
    shop: str | None = None
    tone: str | None = None
    slots: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, str | int] = field(default_factory=dict)
    limit: int = 5
    stage: Stage | None = None
    intents: tuple[str, ...] | None = None
    agent: str = ""
    attachments: tuple[Mapping[str, str], ...] = ()
    liking: Mapping[str, float] = field(default_factory=dict)
    ahead: tuple[Ahead, ...] = ()
    goods: Goods | None = None
    orders: LookUp | None = None


@frozen
class Advised(Assistance):
    """An answer with what the shop's own data add to it."""

    counsel: Counsel = NONE
    order: Order | None = None


class Assistant:
    """One release, ready to answer; built once, used from many threads."""

    def __init__(
        self, content: Content, engine: Analyser, release: int, packs: tuple[str, ...] = DEFAULT_PACKS
    ) -> None:
        self.content = content
        self.release = release
        self._search = ScriptSearch(content, packs)
        self._engine = engine
        self._sent = SentScripts(content)
        self._suggester = Suggester(content, packs)
        self._guide = Guide(content)
        self._guard = DraftGuard(content)
        self._kits = Kits(content)
        self._asks_size = self._sure(ASKS_SIZE, "接着问尺码") if ASKS_SIZE in content.intents else None
        self._shop_values = {name: shop_values(shop) for name, shop in content.shops.items()}
        self._zones = {name: ZoneInfo(shop.time_zone) for name, shop in content.shops.items()}

    def suggest(
        self, request: SuggestRequest, turns: Sequence[Turn] = (), now: datetime | None = None
    ) -> Advised:
        """Everything an agent needs to answer `request.message`, which follows `turns`.

        Raises InvalidRequest for a shop or intent that this release does not have; never for any text.
        """
        latest = Turn("customer", request.message, attachments=tuple(request.attachments))
        return self.answer(request, self.read((*turns, latest)), now)

    def answer(
        self, request: SuggestRequest, state: ConversationState, now: datetime | None = None
    ) -> Advised:
        """Like `suggest`, with the conversation up to and including the message already read."""
        shop = self._shop(request.shop)
        if request.intents is not None:
            state = corrected(state, self._chosen(request.intents))
        else:
            state = carried_on(state, self._asks_size)
        order = _order(request, state)
        scope = matters(state, self.content.intents)
        known = self._with_defect(_known(request, state, shop, order), scope)
        bought = order.slots if order is not None else ()
        known, found = counsel(request.goods, self._kits, state, known, scope, shop.id, bought)
        decision = choose(state, known.facts)
        if request.stage is not None:
            decision = StageDecision(request.stage, "按您选的阶段", decision.done)
        ended("stage")
        # nothing understood and nothing open: one script that asks what it is about; none for a recall or a sticker alone
        unclear = decision.id == "answer" and not state.scope
        limit = request.limit if not unclear else min(1, len(state.open.texts))
        moment = (now or datetime.now(UTC)).astimezone(self._zones[shop.id])
        situation = self._situation(
            request,
            state,
            known,
            decision.id,
            for_stage(scope, decision.id, let_down=BROKEN in self.content.intents and let_down(state)),
            shop,
            moment,
        )
        limits = limits_named(shop, state, found.product)
        return Advised(
            release=self.release,
            analysis=_of_open_turn(state),
            emotion_trend=state.trend,
            risks=self._guide.risks(state.open.intents),
            slots=known.slots,
            facts=known.facts,
            stage=decision,
            suggestions=self._suggester.suggest(situation, limit),
            guidance=self._guide.guidance(scope, known.facts, known.used, moment, calendar_of(shop), limits),
            counsel=found,
            order=order,
        )

    def counsel(
        self, state: ConversationState, shop: str | None, goods: Goods | None, facts: Mapping[str, str | int]
    ) -> Counsel:
        """What the shop's data say about a conversation between messages. An unknown shop is taken for the first."""
        of = self.content.shops.get(shop or "", self.content.shop)
        known = gather(state, of, of.tone, facts, {})
        return counsel(goods, self._kits, state, known, matters(state, self.content.intents), of.id)[1]

    def read(self, turns: Sequence[Turn]) -> ConversationState:
        """Where a conversation stands after these turns."""
        states = [state for _, state in self.follow(turns)]
        return states[-1] if states else _BEGINNING

    def follow(self, turns: Sequence[Turn]) -> Iterator[tuple[Turn, ConversationState]]:
        """Each turn that counts, with where the conversation stands after it."""
        state = _BEGINNING
        for turn in without_recalled(turns[-MAX_TURNS:]):
            state = self.add(state, turn)
            yield turn, state

    def add(self, state: ConversationState, turn: Turn) -> ConversationState:
        """Add one turn, which takes no earlier one back."""
        return self.hear(state, turn) if turn.role == "customer" else self.say(state, turn)

    def standing(
        self,
        state: ConversationState,
        shop: str | None,
        facts: Mapping[str, str | int] | None = None,
        slots: Mapping[str, str] | None = None,
    ) -> Standing:
        """Where a conversation stands between messages. facts, slots: what agents gave.

        A shop this release does not have is taken for the first.
        """
        known_shop = self.content.shops.get(shop or "", self.content.shop)
        return stand(state, gather(state, known_shop, known_shop.tone, facts or {}, slots or {}))

    def risk_advice(self, matches: Iterable[IntentMatch]) -> tuple[RiskAdvice, ...]:
        """What to do about the risks among these intents."""
        return self._guide.risks(matches)

    def hear(self, state: ConversationState, turn: Turn) -> ConversationState:
        """Add a customer's turn: what is attached counts like messages of its own before the text."""
        said = attached(turn.attachments)
        for words in said:
            state = from_channel(self.listen(state, words))
        if turn.attachments:
            state = with_slots(state, attached_items(turn.attachments))
        return state if said and not turn.text else self.listen(state, turn.text)

    def listen(self, state: ConversationState, message: str) -> ConversationState:
        """Add a customer's message; the messages of one open turn are understood together."""
        received, items = receive(message), item_slots(message)
        message = received.text
        now = datetime.now(self._zones[self.content.shop.id])
        analysis = self._engine.analyse(message, now)
        if items:
            analysis = replace(analysis, slots=(*analysis.slots, *items))
        if not received.says:
            return pause(state, analysis)
        # what is printed on a card is nobody's words
        earlier = tuple(text for text in state.open.texts[-MAX_OPEN:] if not is_order_card(text))
        alone = analysis
        if earlier:
            whole = "，".join((*earlier, message))[-max(MAX_JOINED, len(message)) :]
            analysis = _in_light_of(analysis, self._engine.analyse(whole, now), len(whole) - len(message))
        return hear(state, message, analysis, alone)

    def say(self, state: ConversationState, turn: Turn) -> ConversationState:
        """Add an agent's message."""
        script = self._sent.find(turn.text)
        script_id = turn.script_id or (script.id if script is not None else None)
        return speak(going_on(state), turn.text, turn.acts or self.acts_of(turn.text), script_id)

    def acts_of(self, text: str) -> tuple[Act, ...]:
        """What an agent's message does: as the script that it is says, else what its words do."""
        script = self._sent.find(text)
        if script is not None and script.acts:
            return script.acts
        return recognise(normalise(text).text)

    def check_draft(
        self, text: str, shop: str | None, role: Authority, facts: Mapping[str, str | int]
    ) -> DraftCheck:
        """What must not be said in an agent's own text, before it is sent. An unknown shop is taken for the first."""
        return self._guard.check(text, self.shop(shop), role=role, facts=facts)

    def shop(self, name: str | None) -> Shop:
        """The shop of this id; an unknown one is taken for the first."""
        return self.content.shops.get(name or "", self.content.shop)

    def find_scripts(
        self,
        query: str,
        *,
        intent: str | None = None,
        stage: Stage | None = None,
        tone: str | None = None,
        shop: str | None = None,
        limit: int = 20,
    ) -> tuple[Found, ...]:
        """Scripts for what an agent is typing, best first, filled with the shop's values. See `ScriptSearch`."""
        values = self._shop_values[self._shop(shop).id]
        hits = self._search.find(query, intent=intent, stage=stage, tone=tone, limit=limit)
        top = max((hit.score for hit in hits), default=0.0) or 1.0
        found: list[Found] = []
        for hit in hits:
            script = self._suggester.show(hit.script.id, hit.score / top, values)
            name = self._suggester.name(script.intent)
            found.append(Found(script, name, marks(hit, script.title, script.text)))
        return tuple(found)

    def scripts_named(self, ids: Iterable[str], shop: str | None = None) -> tuple[Found, ...]:
        """These scripts in this order, filled with the shop's values; without those there are no more."""
        values = self._shop_values[self._shop(shop).id]
        known = [name for name in ids if self._suggester.offers(name)]
        shown = [self._suggester.show(name, 1.0, values) for name in known]
        return tuple(Found(script, self._suggester.name(script.intent), ()) for script in shown)

    def follow_ups(
        self, intents: Iterable[str], shop: str, values: Mapping[str, str], agent: str, *, late: bool
    ) -> list[Suggestion]:
        """Up to three scripts in the shop's tone about something promised: late, an apology with a new time; else how it stands.

        values: variables to fill in besides the shop's own.
        """
        ours = self.shop(shop)
        filled = {**values_for(self._shop_values[ours.id], (), agent), **values}
        wanted = tuple(intents)
        fitting = [
            script
            for script in self.content.scripts.values()
            if script.intent in wanted
            and not script.when
            and (script.stage in ("apologise", "resolve") if late else script.stage == "follow_up")
        ]
        fitting.sort(
            key=lambda script: (
                script.tone != ours.tone,
                not late and not any(act.name == "checked_back" for act in script.acts),
                wanted.index(script.intent),
            )
        )
        return [self._suggester.show(script.id, 1.0, filled) for script in fitting[:FOLLOW_UPS]]

    def _shop(self, name: str | None) -> Shop:
        if name is None:
            return self.content.shop
        shop = self.content.shops.get(name)
        if shop is None:
            raise InvalidRequest(f"没有「{name}」这个店铺，可选：{'、'.join(self.content.shops)}")
        return shop

    def _chosen(self, ids: Iterable[str]) -> tuple[IntentMatch, ...]:
        """The intents an agent chose, as certain."""
        found: list[IntentMatch] = []
        for name in dict.fromkeys(ids):
            if name not in self.content.intents:
                raise InvalidRequest(f"没有「{name}」这个意图")
            found.append(self._sure(name, "您选的"))
        return tuple(found)

    def _sure(self, name: str, reason: str) -> IntentMatch:
        intent = self.content.intents[name]
        return IntentMatch(name, intent.name, intent.kind, intent.group, 1.0, (), reason)

    def _with_defect(self, known: Known, scope: Iterable[str]) -> Known:
        """Whether the conversation is about something that is wrong with the goods, unless an agent has said."""
        intents = self.content.intents
        wrong = (is_defect(name, intents) for name in scope if name != SIZE_FIT)
        if DEFECT in known.facts or not any(wrong):
            return known
        return replace(known, facts={**known.facts, DEFECT: YES})

    def _situation(
        self,
        request: SuggestRequest,
        state: ConversationState,
        known: Known,
        stage: Stage,
        scope: tuple[str, ...],
        shop: Shop,
        moment: datetime,
    ) -> Situation:
        facts = {**known.facts, **turn_facts(state, stage)}
        if speaks_of_store(state) and "场所" not in request.facts:
            facts["场所"] = STORE
        return Situation(
            intents=scope,
            first=before_all(state, scope, self.content.intents),
            complains=request.stage is not None
            or stage in ("listen", "apologise")
            or bool(state.cases or not state.open.intents or state.open.ids(*CASE_KINDS, "risk")),
            stage=stage,
            tone=request.tone or shop.tone,
            facts=facts,
            state=state,
            may_apologise=may_apologise(state, known.facts)
            or (let_down(state) and not state.apologised_for_delay),
            used=known.used,
            values=_of_turn(values_for(self._shop_values[shop.id], known.slots, request.agent), state, facts),
            flags=flags_for(known.facts),
            writing=known.writing,
            today=moment.date(),
            liking=request.liking,
            ahead=request.ahead,
            heard=pairs_heard(state),
            in_store=facts.get("场所") == STORE,
        )


def _of_turn(values: dict[str, str], state: ConversationState, facts: Facts) -> dict[str, str]:
    """The values with the one sum the agent has offered, where none was typed, and the customer's question as its answer.

    A size the customer gives with their measures is not the one to recommend.
    """
    if facts.get(JUST_NOW) == "报数" and "尺码建议" not in values:
        values.pop("尺码", None)
    if len(state.sums) == 1 and "金额" not in values:
        values["金额"] = str(next(iter(state.sums)))
    if answer := restated("，".join(state.open.texts)):
        values[RESTATED] = answer
    if ECHOED in facts:
        values[ECHOED] = said_again(state)
    return values


def _order(request: SuggestRequest, state: ConversationState) -> Order | None:
    """The order as far as it is known now: the number typed, else the one named last, else whatever the customer has."""
    if request.orders is None:
        return None
    named = (slot.value for slot in reversed((*state.slots, *state.open.slots)) if slot.name == ORDER_NO)
    return request.orders(request.slots.get(ORDER_NO) or next(named, ""))


def _known(request: SuggestRequest, state: ConversationState, shop: Shop, order: Order | None) -> Known:
    """What is known from all sides; an order's values give way to what the conversation says later."""
    facts = request.facts
    if order is not None:
        facts = {**order.facts, **facts}
        state = replace(state, slots=(*order.slots, *state.slots))
    return gather(state, shop, request.tone or shop.tone, facts, request.slots)


def _of_open_turn(state: ConversationState) -> Analysis:
    """The analysis of the latest message with the intents of its whole open turn."""
    analysis = state.open.analysis
    assert analysis is not None, "a message has been heard"
    if analysis.intents == state.open.intents:
        return analysis
    abstained = None if state.open.intents else analysis.abstained or "nothing_found"
    return replace(analysis, intents=state.open.intents, abstained=abstained)


def _in_light_of(latest: Analysis, whole: Analysis, offset: int) -> Analysis:
    """The latest message as part of its open turn. whole: all the turn's messages, the latest from `offset` on."""
    own = {intent.id for intent in latest.intents}
    added = tuple(
        replace(intent, evidence=_moved(intent.evidence, offset))
        for intent in whole.intents
        if intent.id not in own
    )
    intents = tuple(sorted((*latest.intents, *added), key=lambda intent: intent.kind == "dialogue"))
    return replace(latest, intents=intents, abstained=None if intents else latest.abstained)


def _moved(spans: Iterable[Span], offset: int) -> tuple[Span, ...]:
    return tuple(
        Span(span.start - offset, span.end - offset, span.text) for span in spans if span.start >= offset
    )
