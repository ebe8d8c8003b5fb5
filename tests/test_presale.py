"""Talk before a purchase: it is answered, opens no case, and its first script fits what the customer does."""

from __future__ import annotations

import argparse

import pytest

from app.assist import Assistant, SuggestRequest
from app.commands.sources import open_source
from app.reply.presale import browses, has_bought
from app.reply.state import ConversationState
from app.types import Turn
from tests.conftest import ROOT

ASKS = ("customer", "这件羽绒服165 118斤穿什么码")
SAYS = ("agent", "M就可以的，您平时喜欢宽松还是合身一点")


@pytest.fixture(scope="module")
def assistant(_read_once: None) -> Assistant:
    """With the project's own content."""
    source = open_source(argparse.Namespace(content=ROOT, packs="common,apparel", data=None))
    return Assistant(source.content, source.engine(), source.number, source.content.packs)


def talk(*turns: tuple[str, str]) -> tuple[Turn, ...]:
    return tuple(Turn(role, text) for role, text in turns)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["里面要套毛衣", "会不会掉毛", "那来一件M", "好的", "再少点嘛", "勾丝呢"])
def test_questions_before_buying_stay_an_answer(assistant: Assistant, text: str) -> None:
    state = assistant.read(talk(ASKS, SAYS, ("customer", text)))
    assert browses(state)
    assert assistant.suggest(SuggestRequest(text), talk(ASKS, SAYS)).stage.id == "answer"


@pytest.mark.parametrize(
    "text", ["我那件收到了，洗了一次就缩水", "我的订单怎么还没发", "[订单卡片]", "衣服破了个洞"]
)
def test_who_has_bought_does_not_browse(assistant: Assistant, text: str) -> None:
    assert not browses(assistant.read(talk(ASKS, SAYS, ("customer", text))))


def test_what_sounds_like_a_complaint_before_buying_opens_no_case(assistant: Assistant) -> None:
    state = assistant.read(talk(ASKS, SAYS, ("customer", "勾丝呢"), ("agent", "针织的碰到尖东西可能会")))
    assert state.cases == ()
    bought = assistant.read(talk(("customer", "收到的毛衣勾丝了"), ("agent", "拍张照我看看")))
    assert bought.cases


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("那来一件M", "common.answer.order_it"),
        ("拍好了", "common.answer.bought"),
        ("我再看看吧 超预算了", "common.answer.ponder"),
        ("谢谢啦", "common.answer.thanked"),
        ("再便宜点", "common.answer.bargain"),
        ("有没有实拍", "common.answer.real_photo"),
        ("店里几点关门", "common.answer.store_"),
    ],
)
def test_the_first_script_is_of_what_the_customer_does(assistant: Assistant, text: str, script: str) -> None:
    first = assistant.suggest(SuggestRequest(text), talk(ASKS, SAYS)).suggestions[0]
    assert first.script_id.startswith(script)


def test_what_the_customer_has_not_said_is_asked_and_not_repeated(assistant: Assistant) -> None:
    first = assistant.suggest(SuggestRequest("118斤穿什么码")).suggestions[0]
    assert first.script_id == "ask_size.answer.ask_height"
    both = assistant.suggest(SuggestRequest("165 118斤穿什么码")).suggestions[0]
    assert both.script_id == "ask_size.answer.recommend"


def test_only_the_beginning_of_a_long_message_is_read() -> None:
    late = "嗯" * 2000 + "我的订单"
    assert not has_bought(ConversationState(said=(late,)))
    assert has_bought(ConversationState(said=(late[-900:],)))
    assert has_bought(ConversationState(said=("我的订单",)))


def test_a_first_question_about_goods_is_no_complaint_and_a_first_call_no_wait(assistant: Assistant) -> None:
    bulk = assistant.suggest(SuggestRequest("公司年会发给员工 围巾 120条 能印logo吗"))
    assert bulk.stage.id == "answer"
    assert bulk.suggestions[0].script_id.startswith("common.answer.custom")
    assert assistant.suggest(SuggestRequest("有人吗")).suggestions[0].script_id.startswith("greeting.")
