"""The stage weighed beside the rules: what it adds, and what it must leave to the rules."""

from __future__ import annotations

import argparse
from math import exp
from pathlib import Path

import numpy as np
import pytest

from app.assist import Assistant, SuggestRequest
from app.commands.sources import open_source
from app.reply.customer_acts import CUSTOMER_ACTS, HEARD, Chances, reply_signs, words_signs
from app.reply.spoken import ACTS, STAGES
from app.reply.stage import decide
from app.reply.stage_weights import Weigh, choose, signs, weighed
from app.reply.state import ConversationState
from app.reply.weights import MESSAGE, Letters, Weights, letters, load
from app.types import Turn
from app.values import replace
from tests.conftest import ROOT

TALK = (
    ("customer", "帽子上那根绳呢？图上有两根我这就一根"),
    ("agent", "啊？您拍个帽子给我瞅一眼"),
    ("customer", "[图片]"),
    ("agent", "真的漏了一根，怪我们，对不起。绳子单独补寄，或者我请您喝两杯奶茶，卫衣您就这么穿"),
)


@pytest.fixture(scope="module")
def assistant(_read_once: None) -> Assistant:
    """With the project's own content."""
    source = open_source(argparse.Namespace(content=ROOT, packs="common,apparel", data=None))
    return Assistant(source.content, source.engine(), source.number, source.content.packs)


def read(assistant: Assistant, *more: tuple[str, str]) -> ConversationState:
    turns = [Turn("agent" if role == "agent" else "customer", text) for role, text in (*TALK, *more)]
    return assistant.read(turns)


def always(*odds: float) -> Weigh:
    """Weighs the stages the same whatever is said."""
    return lambda *_: list(odds)


def acts_of(chances: Chances) -> dict[str, float]:
    """What a message does, without what it would call for by itself."""
    heard = dict(zip(HEARD, chances, strict=True))
    return {act: heard[act] for act in CUSTOMER_ACTS}


@pytest.mark.parametrize(
    ("words", "stage"),
    [("那奶茶我就不客气了", "follow_up"), ("一杯奶茶就想打发我", "resolve")],
)
def test_words_that_no_rule_foresaw(assistant: Assistant, words: str, stage: str) -> None:
    state = read(assistant, ("customer", words))
    assert choose(state, {}).id == stage


def test_where_the_rules_are_overruled_the_reason_says_so(assistant: Assistant) -> None:
    state = read(assistant, ("customer", "那奶茶我就不客气了"))
    ruled, chosen = decide(state, {}), choose(state, {})
    assert ruled.id != chosen.id
    assert chosen.reason == "听着答应了，说清下一步"
    assert chosen.done == ruled.done
    answer = assistant.answer(SuggestRequest("那奶茶我就不客气了"), state)
    assert answer.stage == choose(state, answer.facts)


def test_the_rules_alone_handle_danger_and_what_is_certain_is_no_mere_question(assistant: Assistant) -> None:
    eager = always(0, 1, 0, 0, 0, 9)
    first = assistant.read([Turn("customer", "毛衣洗完缩水了")])
    assert choose(first, {}, eager) == decide(first, {})
    for words in ("有人加我微信让我转账才能退款", "穿了身上起了一片疹子，医生说是过敏"):
        state = read(assistant, ("customer", words))
        assert choose(state, {}, eager) == decide(state, {}), words
    assert choose(read(assistant, ("customer", "绳子寄来要几天")), {}, eager).id == "answer"


def test_a_plain_refusal_is_never_taken_for_consent(assistant: Assistant) -> None:
    agreed = always(0, 0, 0, 5, 9, 0)
    assert choose(read(assistant, ("customer", "不行，不接受")), {}, agreed).id == "resolve"


@pytest.mark.parametrize(
    "words", ["你这衣服缩水了", "上次买的都掉色了", "拉链坏了", "质量太差了", "退款什么时候到"]
)
def test_after_talk_before_buying_a_certain_matter_is_no_mere_question(
    assistant: Assistant, words: str
) -> None:
    before = Turn("customer", "有165穿的吗，110斤"), Turn("agent", "M码合适")
    assert choose(assistant.read((*before, Turn("customer", words))), {}).id in (
        "confirm",
        "listen",
        "resolve",
    )


def test_nobody_apologises_twice(assistant: Assistant) -> None:
    sorry = always(0, 0, 9, 5, 0, 0)
    assert choose(read(assistant, ("customer", "绳子我不要了")), {}, sorry).id == "resolve"


@pytest.mark.parametrize(
    "more",
    [
        (),
        (("customer", "那奶茶我就不客气了"),),
        (("customer", "一杯奶茶\n就想打发我"), ("customer", "你们你们好大方")),
    ],
)
def test_what_is_weighed_is_what_was_learnt(assistant: Assistant, more: tuple[tuple[str, str], ...]) -> None:
    state = read(assistant, *more) if more else assistant.read([Turn("customer", "𠮷在吗 在吗")])
    ruled, acts, stages = decide(state, {}), load(ACTS), load(STAGES)
    assert state.latest is not None
    text, reply, intents = state.latest
    odds = acts.weigh(words_signs(text, intents) | reply_signs(reply))
    assert state.latest_acts == pytest.approx([1 / (1 + exp(-one)) for one in odds], rel=1e-3)
    named = signs(state, {}, ruled, state.latest_acts)
    assert weighed(state, {}, ruled, state.latest_acts) == pytest.approx(stages.weigh(named), abs=1e-4)


def test_what_is_stored_is_what_is_read(tmp_path: Path) -> None:
    table = np.arange(12, dtype=np.float32).reshape(2, 6)
    Weights({"甲": 0, "乙": 1}, table, np.ones(6, np.float32)).save(tmp_path / "stage.npz")
    stored = load(tmp_path / "stage.npz")
    assert stored.weigh({"乙": 2.0, "丙": 5.0}) == [13, 15, 17, 19, 21, 23]
    assert stored.weigh({}) == [1] * 6


def test_a_damaged_file_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "stage.npz"
    Weights({"甲": 0}, np.zeros((2, 6), np.float32), np.ones(6, np.float32)).save(file)
    with pytest.raises(ValueError, match=r"stage\.npz"):
        load(file)
    Weights({"甲": 0}, np.zeros((1, 6), np.float32), np.ones(6, np.float32)).save(file)
    whole = file.read_bytes()
    for damaged in (b"", whole[:100], whole[:-30], whole[:60] + bytes(20) + whole[80:], b"weights"):
        file.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"stage\.npz"):
            load(file)


def test_no_sign_holds_the_break_between_two() -> None:
    assert not [name for name in letters(MESSAGE, "一\n二") if "\n" in name]


def test_models_that_know_no_letters() -> None:
    plain = Weights({"甲": 0}, np.ones((1, 6), np.float32), np.ones(6, np.float32))
    assert Letters(plain, plain).say(MESSAGE, "一二").tolist() == [0.0] * 12


@pytest.mark.parametrize(
    ("words", "act"),
    [
        ("49拿下", "accept"),
        ("两杯奶茶就两杯奶茶吧", "accept"),
        ("我要奶茶干嘛，不要", "refuse"),
        ("说好今天寄的，绳子呢", "overdue"),
        ("绳子收到了，已经穿上", "done"),
        ("谢谢你啊", "thanks"),
    ],
)
def test_what_a_message_does(assistant: Assistant, words: str, act: str) -> None:
    chances = acts_of(read(assistant, ("customer", words)).latest_acts)
    assert max(chances, key=chances.__getitem__) == act, chances


def test_what_was_done_before_is_kept(assistant: Assistant) -> None:
    state = read(assistant, ("customer", "那补绳子吧"), ("agent", "好，明天寄出"), ("customer", "谢谢"))
    before = acts_of(state.earlier_acts)
    assert before["trouble"] > 0.5
    assert before["accept"] > 0.5
    assert before["thanks"] < 0.5
    assert acts_of(state.last_acts)["accept"] > 0.5


def test_a_danger_dealt_with_leaves_room_for_what_is_said_now(assistant: Assistant) -> None:
    danger = ("customer", "穿了身上起了一片疹子"), ("agent", "抱歉，您先别穿，衣服全退，药费我们出")
    assert choose(read(assistant, *danger, ("customer", "好的，退吧")), {}).id == "follow_up"


def test_what_only_may_be_a_danger_is_weighed(assistant: Assistant) -> None:
    calm = always(0, 1, 0, 0, 0, 9)
    plain = assistant.read([Turn("customer", "穿了身上起了一片疹子，医生说是过敏")])
    assert choose(plain, {}, calm).id == "confirm"
    faint = tuple(replace(match, score=0.5) for match in plain.open.intents)
    unsure = replace(plain, open=replace(plain.open, intents=faint))
    assert choose(unsure, {}, calm).id == "answer"


@pytest.mark.parametrize(
    ("words", "stage"),
    [
        ("补的袜子收到了，谢谢", "follow_up"),
        ("寄回去了，单号SF1234567890", "resolve"),
        ("毛衣洗完缩水了", "confirm"),
    ],
)
def test_a_talk_may_begin_half_way(assistant: Assistant, words: str, stage: str) -> None:
    assert choose(assistant.read([Turn("customer", words)]), {}).id == stage
