"""Cantonese and other dialects are read as Mandarin of the same length; every other text stays as it is."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.masking import mask
from app.nlu import dialects
from app.nlu.dialects import CANTONESE, mandarin, may_be_dialect
from app.nlu.slots import find_slots
from app.nlu.text import Normalised, normal_words, normalise
from app.reply.known import gather
from app.reply.state import ConversationState
from tests.sample import content

GOLDEN = Path(__file__).parent / "golden"
TYPED = "唔該咗嘅喺冇嚟佢俾畀番返晒點解聽日係話着啱仲幾耐俺恁侬伐中要得差差差差8\u200b，。？ 我給退嗰啲"


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("我件衫點算", "我件衫咋办"),
        ("點解畀咗件爛嘅我", "为啥给了件烂的我"),
        ("單嘢聽日寄唔寄到", "单货明天寄不寄到"),
        ("件衫着唔落，啱啱先拆", "件衫穿不下,刚刚先拆"),
        ("唔該晒", "谢谢了"),
        ("唔該，幫我睇下", "麻烦,帮我看下"),
        ("唔好意思", "不好意思"),
        ("唔好再寄嚟", "不要再寄来"),
        ("質素唔好", "质量不好"),
        ("咁換一件啦", "那换一件吧"),
        ("咁貴，唔抵", "太贵,不值"),
        ("佢話冇收過", "他说没收过"),
        ("呢條裙甩色", "这条裙掉色"),
        ("退返三百蚊", "退回三百块"),
        ("仲未到", "还没到"),
        ("等咗三日，11月13日落嘅單", "等了三天,11月13日落的单"),
        ("邊個係負責人", "哪个是负责人"),
        ("得，就咁啦，唔使寄", "行,就这吧,不用寄"),
        ("俾人着過", "被人穿过"),
        ("關係户嘅聯系", "关系户的联系"),
        ("俺不中，恁看咋整", "我不行,你看咋办"),
        ("阿拉要退，侬讲好伐", "我们要退,你讲好吗"),
        ("啥子时候发嘛，莫得消息", "什么时候发嘛,没有消息"),
    ],
)
def test_reading(typed: str, read: str) -> None:
    assert normalise(typed).text == read


@pytest.mark.parametrize(
    "text",
    [
        "点样子好看",
        "几点退货",
        "关系到质量",
        "没系上扣子",
        "我要得到赔偿",
        "阿拉伯数字",
        "步伐",
        "价格条款",
        "看不中",
        "仲裁",
        "喇叭裤",
        "穿着晒太阳",
        "返现",
        "电话打不通",
        "成个什么样子",
        "呢子大衣",
        "这是什么呢",
        "个中滋味",
        "急得要命",
        "边角料",
        "唔",
        "点退款没反应",
        "几点算准时",
        "哪个点算下班",
        "这点算什么",
        "打听日期",
        "而家里人",
        "等阵子",
        "几蚊帐",
        "请勿要求",
        "伊拉克",
        "重点解决",
        "一点解释都没有",
        "左边个头大",
        "听晚上班的人说",
        "请退脱线的那件",
        "点退货就提示失败",
    ],
)
def test_mandarin_stays(text: str) -> None:
    assert normalise(text).text == text
    assert not normalise(text).cantonese


def test_chats_without_dialect_stay() -> None:
    lines = (GOLDEN / "several.jsonl").read_text("utf-8").splitlines()
    texts = [text for line in lines if not may_be_dialect(text := json.loads(line)["text"])]
    assert len(texts) > 300
    assert [mandarin(text) for text in texts] == texts


def test_readings_are_as_long_as_what_is_read() -> None:
    words = {**dialects._WORDS, **dialects._CHARACTERS, **dialects._ELSEWHERE}
    assert [word for word, read in words.items() if len(word) != len(read)] == []
    assert {word: mandarin(word) for word in dialects._ELSEWHERE} == dialects._ELSEWHERE


@given(st.text(alphabet=TYPED, max_size=60))
def test_positions_stay(text: str) -> None:
    message = normalise(text)
    assert len(message.text) == len(mandarin(message.text))
    for at in range(len(message.text)):
        span = message.span(at, at + 1)
        assert span.text == text[span.start : span.end] != ""
    if message.starts is None:
        assert len(message.text) == len(text)


@given(st.lists(st.text(alphabet=TYPED, max_size=8), max_size=6))
def test_many_words_are_spelt_as_one_by_one(words: list[str]) -> None:
    assert normal_words(words) == [normalise(word).text for word in words]


@given(
    st.text(alphabet=TYPED.replace("8", ""), max_size=20),
    st.text(alphabet=TYPED.replace("8", ""), max_size=20),
)
def test_personal_data_is_found_and_nothing_else_is_hidden(before: str, after: str) -> None:
    text = f"{before} 电话13812345678 {after}"
    [phone] = [slot for slot in find_slots(normalise(text)) if slot.name == "电话"]
    assert text[phone.start : phone.end] == "13812345678"
    masked = mask(text)
    assert "13812345678" not in masked
    assert masked.startswith(before)
    assert masked.endswith(after)


@pytest.mark.parametrize(
    ("text", "traditional", "cantonese"),
    [
        ("點解唔退", True, True),
        ("唔该睇下", False, True),
        ("為什麼不退貨", True, False),
        ("俺不要了", False, False),
        ("差差差差差，唔使喇", False, True),
    ],
)
def test_writing_is_known_by_what_was_typed(text: str, traditional: bool, cantonese: bool) -> None:
    message: Normalised = normalise(text)
    assert (message.traditional, message.cantonese) == (traditional, cantonese)


def test_the_quick_look_overlooks_nothing() -> None:
    read = [
        *dialects._ELSEWHERE,
        *dialects._CHARACTERS,
        *dialects._WORDS,
        "中不中",
        "格件",
        "阿拉",
        "呢件",
        "点搞",
        "三蚊",
    ]
    changed = [word for word in read if CANTONESE.search(word) or mandarin(word) != word]
    assert len(changed) > 120
    assert [word for word in changed if not may_be_dialect(word)] == []


def test_region_is_known_from_what_was_said_before() -> None:
    shop = content().shop
    for cantonese, region in ((True, "香港"), (False, "台湾")):
        state = ConversationState(traditional=True, cantonese=cantonese)
        assert gather(state, shop, shop.tone, {}, {}).facts["地区"] == region
