"""The promise ledger, the clocks and the desk, on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from app import clocks, desk, promises
from app.assist import Assistant, SuggestRequest
from app.content.load import load
from app.content.shop import Shop
from app.conversations import Conversations, Taken
from app.errors import InvalidRequest, NotFound
from app.promises import Change
from app.store.conversations import NewTurn
from app.store.database import Database
from app.store.people import Person
from app.store.promises import Promise
from app.web.conversation_answers import taken_json
from tests.sample import FILES, WordEngine

ZONE = ZoneInfo("Asia/Shanghai")
MAY = Person(1, "阿May", "agent")
BO = Person(2, "小博", "agent")
LEAD = Person(3, "张店长", "lead")
CLOCKS = """
- {id: first_answer, name: 首次回复, starts: first_message, time: 5 分钟, source: [practice],
   platforms: {微信: {time: 10 分钟, source: [practice], checked: 2026-11-22 https://example.com}}}
- {id: reply, name: 人工回复, starts: message, time: 3 分钟, source: [practice]}
- {id: sent_wrong, name: 错发处理, starts: intents, intents: [wrong_item], time: 48 小时, source: [practice]}
- {id: evidence, name: 被投诉举证, starts: event, event: 收到平台投诉, time: 5 个工作日, source: [practice]}
- {id: dispatch, name: 发货, starts: event, event: 付款, time: 24 小时, policy: dispatch, source: [practice]}
"""


@cache
def helper() -> Assistant:
    loaded = load({**FILES, "scripts_zh/clocks.yaml": CLOCKS})
    assert loaded.content is not None, [str(problem) for problem in loaded.errors]
    return Assistant(loaded.content, WordEngine(), 7)


class Talk:
    """A conversation that is told line by line."""

    def __init__(self, database: Database, name: str = "c1", shop: str = "") -> None:
        self.database, self.name, self.shop = database, name, shop
        self.conversations = Conversations(database)
        self.count = 0

    def _say(self, role: str, text: str, at: datetime | None, **more: object) -> Taken:
        self.count += 1
        new = NewTurn(role, text, f"m{self.count}", at, **more)  # type: ignore[arg-type]
        taken = self.conversations.take(helper(), self.name, new, label=f"顾客{self.name}", shop=self.shop)
        request = SuggestRequest(text)
        self.conversations.keep(helper(), taken, taken_json(helper(), request, taken))
        return taken

    def customer(self, text: str, at: datetime | None = None) -> Taken:
        return self._say("customer", text, at)

    def agent(self, text: str, at: datetime | None = None, person: Person = MAY, **more: object) -> Taken:
        return self._say("agent", text, at, agent=person.name, **more)

    def all(self, status: str | None = None, now: datetime | None = None) -> list[Promise]:
        return promises.listing(self.database, helper(), LEAD, status=status, now=now)  # type: ignore[arg-type]


def ago(**length: float) -> datetime:
    return datetime.now(UTC) - timedelta(**length)


def test_an_agents_turn_is_entered_once_and_undone_with_it(database: Database) -> None:
    talk = Talk(database)
    talk.customer("缩水了")
    new = NewTurn("agent", "48小时内给您退款，再补您 10 元红包", "same", ago(hours=1), agent=MAY.name)
    turn = talk.conversations.take(helper(), "c1", new).turn
    talk.conversations.take(helper(), "c1", new)
    refund, gift = sorted(talk.all(), key=lambda one: one.kind, reverse=True)
    assert (refund.kind, refund.by, refund.agent, refund.customer) == (
        "refund",
        "48小时内",
        "阿May",
        "顾客c1",
    )
    assert refund.due_at is not None
    assert turn.sent_at is not None
    assert refund.due_at == turn.sent_at + timedelta(hours=48)
    assert (gift.kind, gift.amount, gift.due_at) == ("compensate", 10.0, None)
    talk.conversations.undo(helper(), "c1", turn.id, MAY)
    assert talk.all() == []
    with pytest.raises(NotFound):
        promises.change(database, helper(), refund.id, Change("kept"), MAY)


def test_who_pastes_a_conversation_has_it_unless_somebody_else_does(database: Database) -> None:
    talk = Talk(database)

    def paste(text: str, holder: str) -> str:
        new = NewTurn("customer", text, text)
        talk.conversations.take(helper(), "c1", new, holder=holder)
        (item,) = desk.read(database, helper(), LEAD).items
        return item.line.agent

    assert paste("发错了", "") == ""
    assert paste("发错了两件", MAY.name) == MAY.name
    assert paste("怎么洗", BO.name) == MAY.name
    turn = talk.agent("今天给您发出", person=BO).turn
    assert paste("好的", MAY.name) == BO.name
    talk.agent("店长看过了", person=Person(0, "", "agent"))
    assert paste("谢谢", MAY.name) == BO.name
    talk.conversations.undo(helper(), "c1", turn.id, BO)
    assert paste("在吗", MAY.name) == BO.name


def test_a_conversation_says_until_when_its_customer_is_to_be_answered(database: Database) -> None:
    talk = Talk(database)

    def due() -> datetime | None:
        return talk.conversations.history("c1").reply_due_at

    taken = talk.customer("发错了")
    assert taken_json(helper(), SuggestRequest("发错了"), taken)["reply_due_at"] is not None
    assert due() == clocks.reply_due(helper().content, taken.clocks)
    assert due() is not None
    talk.conversations.describe("c1", label=None, closed=True, by=MAY.name)
    assert due() is None
    talk.conversations.describe("c1", label=None, closed=False, by=MAY.name)
    answered = talk.agent("给您换一件").turn
    assert due() is None
    talk.conversations.undo(helper(), "c1", answered.id, MAY)
    assert due() is not None


def test_a_recalled_turn_promises_nothing(database: Database) -> None:
    talk = Talk(database)
    talk.agent("今天给您发出")
    assert len(talk.all()) == 1
    talk.agent("", attachments=({"type": "recall", "name": "m1"},))
    assert talk.all() == []


def test_broken_is_a_matter_of_time_and_not_of_a_job(database: Database) -> None:
    talk = Talk(database)
    talk.agent("半小时内给您回电", ago(hours=1))
    talk.agent("48小时内给您退款")
    now = datetime.now(UTC)
    late, soon = talk.all("todo")
    assert promises.status_of(late, now, ZONE) == "broken"
    assert promises.day_of(late, now, ZONE) == "overdue"
    assert [one.id for one in talk.all("overdue")] == [one.id for one in talk.all("broken")] == [late.id]
    assert [one.id for one in talk.all("open")] == [soon.id]
    before = now - timedelta(minutes=45)
    assert promises.status_of(late, before, ZONE) in ("due", "open")
    assert talk.all("broken", before) == []
    assert len(talk.all("broken", now + timedelta(days=3))) == 2


def test_days_of_what_is_to_be_done(database: Database) -> None:
    talk = Talk(database)
    noon = datetime(2026, 11, 20, 12, 0, tzinfo=ZONE)
    talk.agent("今天18:00前回您。明天给您发出。下周一给您退款。收到退货后48小时内给您补发", noon)
    days = {one.kind: promises.day_of(one, noon, ZONE) for one in talk.all(now=noon)}
    assert days == {"reply": "today", "dispatch": "tomorrow", "refund": "later", "resend": "open"}
    assert [one.kind for one in talk.all("due", noon)] == ["reply"]


def test_a_condition_wakes_the_promise(database: Database) -> None:
    talk = Talk(database)
    talk.agent("收到退货后48小时内给您退款")
    [promise] = talk.all()
    assert (promise.condition, promise.due_at) == ("收到退货后", None)
    happened = ago(hours=2)
    woken = promises.change(database, helper(), promise.id, Change(happened_at=happened), MAY)
    assert woken.due_at == happened + timedelta(hours=48)
    talk.agent("补您 10 元")
    other = next(one for one in talk.all() if one.kind == "compensate")
    with pytest.raises(InvalidRequest):
        promises.change(database, helper(), other.id, Change(happened_at=happened), MAY)


def test_a_later_turn_proposes_that_it_is_kept(database: Database) -> None:
    talk = Talk(database)
    talk.agent("48小时内给您退款", ago(hours=3))
    talk.agent("今天 23:59 前回您", ago(hours=3))
    turn = talk.agent("已经给您退了，您看一下").turn
    refund, reply = sorted(talk.all(), key=lambda one: one.kind)
    assert refund.proposed
    assert reply.proposed
    assert refund.outcome is None
    talk.conversations.undo(helper(), "c1", turn.id, MAY)
    assert not any(one.proposed for one in talk.all())


def test_saying_it_again_replaces_the_earlier_one(database: Database) -> None:
    talk = Talk(database)
    talk.agent("48小时内给您退款")
    talk.agent("72小时内给您退款")
    [now_promised] = talk.all("todo")
    assert now_promised.by == "72小时内"
    assert len(talk.all()) == 2
    late = Talk(database, "c2")
    late.agent("半小时内给您退款", ago(hours=2))
    late.agent("明天给您退款")
    assert [one.by for one in late.all("overdue")] == ["半小时内"]


def test_people_decide_and_say_why(database: Database) -> None:
    talk = Talk(database)
    talk.agent("半小时内给您回电", ago(hours=1))
    [promise] = talk.all()
    with pytest.raises(InvalidRequest):
        promises.change(database, helper(), promise.id, Change("broken"), MAY)
    with pytest.raises(InvalidRequest):
        promises.change(database, helper(), promise.id, Change(due_at=ago(hours=1), reason="改"), MAY)
    later = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    moved = promises.change(database, helper(), promise.id, Change(due_at=later, reason="顾客在忙"), BO)
    assert (moved.due_at, moved.first_due_at, moved.decided_by) == (later, promise.due_at, "小博")
    kept = promises.change(database, helper(), promise.id, Change("kept"), LEAD)
    assert (kept.outcome, kept.reason) == ("kept", "顾客在忙")
    assert [one.id for one in talk.all("kept")] == [promise.id]
    assert promises.change(database, helper(), promise.id, Change("undecided"), LEAD).outcome is None


def test_who_sees_which_promises(database: Database) -> None:
    Talk(database, "c1").agent("明天给您退款")
    Talk(database, "c2").agent("明天给您退款", person=BO)

    def seen(person: Person, **more: object) -> set[str]:
        found = promises.listing(database, helper(), person, **more)  # type: ignore[arg-type]
        return {one.agent for one in found}

    assert seen(MAY) == {"阿May"}
    assert seen(MAY, agent="小博") == {"阿May"}
    assert seen(MAY, conversation_id="c2") == {"小博"}
    assert seen(LEAD) == {"阿May", "小博"}
    assert seen(LEAD, customer="顾客c2") == {"小博"}
    assert seen(LEAD, shop="main") == {"阿May", "小博"}
    assert seen(LEAD, shop="second") == set()


def test_what_to_send_about_a_promise(client) -> None:  # type: ignore[no-untyped-def]
    assistant = client.app.state.services.live.current
    base = dict.fromkeys(("customer", "shop", "what", "text", "decided_by", "reason"), "")
    base |= dict.fromkeys(("by", "condition", "term", "first_due_at", "outcome", "decided_at"), None)
    fields = {
        **base,
        "id": 1,
        "conversation_id": "c",
        "turn_id": 1,
        "agent": "阿May",
        "amount": 20.0,
        "sure": True,
    }
    fields |= {"made_at": ago(days=2), "proposed": False, "replaced": False, "kind": "refund", "what": "退款"}
    late = promises.scripts(assistant, Promise(**fields, due_at=ago(days=1)), MAY)
    assert {one.intent for one in late} == {"promise_broken"}
    assert {one.stage for one in late} <= {"apologise", "resolve"}
    soon = promises.scripts(assistant, Promise(**fields, due_at=datetime.now(UTC) + timedelta(hours=1)), MAY)
    assert len(soon) == 3
    assert {one.stage for one in soon} == {"follow_up"}


def test_the_reply_clock_runs_from_the_first_unanswered_message(database: Database) -> None:
    talk = Talk(database)
    said = ago(minutes=20)
    [clock] = talk.customer("在吗", said).clocks
    assert (clock.id, clock.since, clock.due_at) == ("first_answer", said, said + timedelta(minutes=5))
    now = datetime.now(UTC)
    assert clock.left(now) == 0
    assert clock.over(now) >= 14 * 60
    assert not clock.verified
    talk.customer("衣服缩水了")
    [clock] = clocks.read(database, helper().content, "c1")
    assert clock.since == said
    turn = talk.agent("您慢慢说，我在听，一件一件帮您办。").turn
    assert clocks.read(database, helper().content, "c1") == ()
    [clock] = talk.customer("洗了一次就小了").clocks
    assert clock.id == "reply"
    talk.conversations.undo(helper(), "c1", turn.id, MAY)
    [clock] = clocks.read(database, helper().content, "c1")
    assert (clock.id, clock.since) == ("first_answer", said)


def test_a_message_from_the_future_counts_from_when_it_came(database: Database) -> None:
    ahead = datetime.now(UTC) + timedelta(days=3)
    [clock] = Talk(database).customer("在吗", ahead).clocks
    assert clock.since <= datetime.now(UTC)


def test_outside_opening_hours_the_reply_clock_waits() -> None:
    shop = helper().content.shop.model_copy(update={"hours": "每天 9:00–22:00"})
    rule = helper().content.clocks["reply"]

    def due(hour: int, minute: int = 0) -> str:
        found = clocks.runs_out(rule, shop, datetime(2026, 11, 20, hour, minute, tzinfo=ZONE))
        return f"{found.at.astimezone(ZONE):%d %H:%M}"

    assert [due(3), due(12), due(21, 59), due(22), due(23, 30)] == [
        "20 09:03",
        "20 12:03",
        "20 22:02",
        "21 09:03",
        "21 09:03",
    ]


def test_a_shops_own_word_goes_before_the_platform_and_the_default() -> None:
    rule, content = helper().content.clocks["first_answer"], helper().content
    wechat = content.shops["second"]
    own = wechat.model_copy(
        update={"policy": wechat.policy.model_copy(update={"clocks": {"首次回复": "2 分钟内"}})}
    )
    assert [clocks.allowance(rule, shop).time for shop in (content.shop, wechat, own)] == [
        "5 分钟",
        "10 分钟",
        "2 分钟内",
    ]
    assert clocks.allowance(content.clocks["dispatch"], content.shop).time == "48 小时内"


def test_clocks_of_events_and_of_what_is_spoken_of(database: Database) -> None:
    talk = Talk(database)
    talk.customer("发错了")
    talk.agent("是我们仓库拿错了，实在抱歉，今天给您换发。")
    [wrong] = clocks.read(database, helper().content, "c1")
    assert wrong.id == "sent_wrong"
    assert wrong.due_at - wrong.since == timedelta(hours=48)
    happened = datetime(2026, 11, 20, 10, 0, tzinfo=ZONE)
    started = clocks.start(database, helper().content, "c1", "evidence", happened, MAY)
    evidence = next(clock for clock in started if clock.id == "evidence")
    assert f"{evidence.due_at.astimezone(ZONE):%m-%d %H:%M}" == "11-27 23:59"
    assert [clock.id for clock in clocks.stop(database, helper().content, "c1", "evidence", MAY)] == [
        "sent_wrong"
    ]
    with pytest.raises(NotFound):
        clocks.start(database, helper().content, "c1", "reply", happened, MAY)
    with pytest.raises(InvalidRequest):
        clocks.start(database, helper().content, "c1", "evidence", datetime.now(UTC) + timedelta(days=1), MAY)
    with pytest.raises(NotFound):
        clocks.read(database, helper().content, "nobody")


def order(database: Database, person: Person = LEAD, **more: object) -> list[str]:
    found = desk.read(database, helper(), person, **more)  # type: ignore[arg-type]
    return [item.line.conversation_id for item in found.items]


def test_the_desk_puts_the_most_urgent_first(database: Database) -> None:
    Talk(database, "quiet").agent("您慢慢说，我在听。")
    Talk(database, "calm").customer("怎么洗", ago(minutes=1))
    Talk(database, "late").customer("怎么洗", ago(minutes=7))
    Talk(database, "angry").customer("缩水了，气死了", ago(minutes=1))
    Talk(database, "threat").customer("再不处理打12315，气", ago(minutes=1))
    Talk(database, "ancient").customer("怎么洗", ago(days=30))
    assert order(database) == ["ancient", "late", "threat", "angry", "calm", "quiet"]
    Talk(database, "burning").customer("12315，气死了", ago(days=2))
    assert order(database)[:2] == ["burning", "ancient"]
    Conversations(database).describe("burning", label=None, closed=True, by="小鱼")
    assert order(database)[0] == "ancient"


def test_a_risk_dealt_with_presses_no_longer(database: Database) -> None:
    talk = Talk(database)
    talk.customer("再不处理打12315")
    [item] = desk.read(database, helper(), LEAD).items
    assert (item.line.risks, item.line.weight) == (("authority_complaint",), 3)
    talk.conversations.mark_risk(helper(), "c1", "authority_complaint", "dealt_with", MAY)
    [item] = desk.read(database, helper(), LEAD).items
    assert (item.line.risks, item.line.weight) == ((), 1)


def test_who_sees_which_conversations(database: Database) -> None:
    Talk(database, "fresh").customer("在吗")
    Talk(database, "mays").agent("您好")
    Talk(database, "bos", shop="second").agent("您好", person=BO)
    assert set(order(database)) == {"fresh", "mays", "bos"}
    assert set(order(database, MAY)) == {"fresh", "mays"}
    assert order(database, MAY, scope="mine") == ["mays"]
    assert order(database, LEAD, shop="second") == ["bos"]
    assert set(order(database, LEAD, shop="main")) == {"fresh", "mays"}


def test_the_desk_says_what_runs_out_and_hides_personal_data(database: Database) -> None:
    talk = Talk(database)
    talk.customer("我的电话13812345678，发错了")
    [item] = desk.read(database, helper(), LEAD).items
    assert "13812345678" not in item.words
    assert item.time_of == "首次回复"
    talk.agent("半小时内给您回电")
    found = desk.read(database, helper(), LEAD)
    assert found.items[0].time_of == "答应的回话"
    assert [one.kind for one in found.todo] == ["reply"]


def test_unknown_shops_are_the_first() -> None:
    assert isinstance(helper().shop("gone"), Shop)
