"""A plain question is answered in its own words, with only what the agent knows left blank."""

from __future__ import annotations

import argparse

import pytest

from app.assist import Assistant, SuggestRequest
from app.commands.sources import open_source
from app.nlu.text import normalise
from app.reply.restate import is_choice, restated
from app.types import Turn
from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("130会不会拖地", "130〔会不会〕拖地"),
        ("领口会不会洗两次就松", "领口〔会不会〕洗两次就松"),
        ("可以货到付款吗", "〔可不可以〕货到付款"),
        ("没大码的?", "〔有没有〕大码的"),
        ("XL还有货不", "XL〔有没有〕货"),
        ("袜口勒不勒", "袜口〔勒不勒〕"),
        ("米色透吗", "米色〔透不透〕"),
        ("裆部是棉的吗", "裆部〔是不是〕棉的"),
        ("冲锋衣防水吗 下大雨那种", "冲锋衣〔防不防水〕"),
        ("内衣类也行吗", "内衣类也〔行不行〕"),
        ("里衬啥材质", "里衬〔什么材质〕"),
        ("你们默认什么快递", "我们默认〔什么快递〕"),
        ("尾款啥时候付", "尾款〔什么时候〕付"),
        ("这个羊毛大衣多重啊", "这个羊毛大衣〔多重〕"),
        ("我就买一个发带 邮费多少", "邮费〔多少〕"),
        ("38.5有吗", "38.5〔有没有〕"),
        ("带子多长 可以斜挎不", "带子〔多长〕，〔可不可以〕斜挎"),
        ("会唔會縮水", "〔会不会〕缩水"),
        ("能直接寄到我朋友那吗", "〔能不能〕直接寄到您朋友那"),
        ("面料A类吗", "面料〔是不是〕A类"),
        ("里面不会有价格单吧", "里面〔会不会〕有价格单"),
        ("背带是夹子的还是扣子的", "背带是〔夹子的还是扣子的〕"),
        ("刷卡收手续费吗", "刷卡〔收不收〕手续费"),
        ("熨的话呢", "熨的话，〔怎样〕"),
        ("要是给我发旧的呢", "要是给您发旧的，〔怎样〕"),
        ("不是不是 别家的", ""),
        ("你们这料子是不是有问题", ""),
        ("那个红棚子是不是", "那个红棚子〔是不是〕"),
        ("肉色也不透？", "肉色也〔透不透〕"),
        ("重么", "〔重不重〕"),
        ("12个 那就免了对吧", "〔对还是不对〕，就免了"),
        ("周日前到成都？", "周日前〔能不能〕到成都"),
        ("净腰是什么", "净腰是〔什么〕"),
        ("车停哪", "车停〔哪里〕"),
        ("运费谁出", "运费〔谁〕出"),
        ("退换方便吗", "退换〔方不方便〕"),
        ("来得及吗", "〔来得及还是来不及〕"),
        ("这条裙子穿M还是L", "这条裙子穿〔M还是L〕"),
        ("我皮肤黄 卡其还是黑色好看", "〔卡其还是黑色〕好看"),
        ("皮肤黄选哪个", "皮肤黄选〔哪个〕"),
        ("小肚子藏得住不", "小肚子〔藏得住还是藏不住〕"),
        ("168 62kg L?", "L〔可不可以〕"),
        ("黑色容易沾灰不", "黑色〔容不容易〕沾灰"),
        ("里子是什么绒 珊瑚绒还是摇粒绒", "里子是〔珊瑚绒还是摇粒绒〕"),
        ("豆绿色偏黄还是偏蓝", "豆绿色〔偏黄还是偏蓝〕"),
        ("酒红和墨绿哪个显白", "〔酒红还是墨绿〕显白"),
        ("有贺卡吗要加钱吗", "〔有没有〕贺卡，〔要不要〕加钱"),
        ("多少钱呀这双", "这双〔多少钱〕"),
        ("衬衫是棉的吗还是亚麻的", "衬衫是〔棉的还是亚麻的〕"),
    ],
)
def test_a_question_becomes_its_answer(text: str, answer: str) -> None:
    assert restated(normalise(text).text) == answer


@pytest.mark.parametrize(
    "text",
    [
        "", "在吗", "好的", "我想想", "怎么洗", "为什么要补差价", "有什么推荐的吗", "你们几个意思",
        "缩水严重吗", "我穿多大", "发货了吗", "到了没", "便宜点行吗", "可以退款吗", "好吧",
        "什么叫同罩杯", "我们单位能不能开票", "能不能" * 30, "订单20261123456789能查吗", "帮我看看配哪双鞋吗",
        "那就两件吧", "算了吧", "行吧", "黑色还是退了吧", "还是上次的码", "人呢", "谁知道呢", "哪有这样的", "单号呢", "好的呢", "怎么洗呢",
        "在不在呀", "没事没事", "一般般 没啥惊喜", "发我一下行吗", "发货前帮我看看有没有线头", "会不会掉色 怎么洗 要不要干洗", "肩宽会不会大 袖子长不长 裤脚拖不拖地",
    ],
)  # fmt: skip
def test_what_wants_more_than_a_word_is_left_alone(text: str) -> None:
    assert restated(normalise(text).text) == ""


def test_one_of_two_words_or_any_word() -> None:
    assert is_choice("130〔会不会〕拖地")
    assert is_choice("〔可不可以〕货到付款")
    assert is_choice("版型是〔修身还是宽松的〕")
    assert not is_choice("里衬〔什么材质〕")
    assert not is_choice("带子〔多长〕，〔可不可以〕斜挎")


@pytest.fixture(scope="module")
def assistant(_read_once: None) -> Assistant:
    """With the project's own content."""
    source = open_source(argparse.Namespace(content=ROOT, packs="common,apparel", data=None))
    return Assistant(source.content, source.engine(), source.number, source.content.packs)


@pytest.mark.parametrize(
    ("text", "blank"),
    [
        ("领口会不会洗两次就松", "会不会"),
        ("翻领有S不", "有没有"),
        ("能先寄块布料样看看吗", "能不能"),
        ("跟多高", "多高"),
    ],
)
def test_it_is_the_first_script_with_one_blank(assistant: Assistant, text: str, blank: str) -> None:
    first = assistant.suggest(SuggestRequest(text)).suggestions[0]
    assert ".restated" in first.script_id
    assert first.missing == (blank,)
    found = first.blanks[0]
    assert first.bubbles[found.bubble][found.start : found.end] == f"〔{blank}〕"


def test_what_is_known_of_the_matter_comes_before_it(assistant: Assistant) -> None:
    assert (
        assistant.suggest(SuggestRequest("会不会起球")).suggestions[0].script_id
        == "ask_quality.answer.pilling"
    )
    assert assistant.suggest(SuggestRequest("几天能到")).suggestions[0].script_id == "ask_shipping.answer.eta"


def test_it_comes_again_and_in_the_customers_characters(assistant: Assistant) -> None:
    turns = [Turn("customer", "翻领有S不")]
    first = assistant.suggest(SuggestRequest("翻领有S不")).suggestions[0]
    turns.append(Turn("agent", first.text.replace("〔有没有〕", "有"), script_id=first.script_id))
    again = assistant.suggest(SuggestRequest("紫色有吗"), turns).suggestions[0]
    assert "紫色〔有没有〕" in again.text
    assert "〔可不可以〕寄臺灣" in assistant.suggest(SuggestRequest("請問可以寄台灣嗎")).suggestions[0].text


@pytest.mark.parametrize(
    "text",
    [
        "这个能治病吗", "能助眠吗", "穿了会长高吗", "能抗菌吗", "能加个v吗", "能治湿疹吗", "有疗效吗", "能防辐射吗", "有没有甲醛", "过敏体质能穿吗", "我对毛过敏 能穿吗", "会不会致癌",
        "是正品吗", "有没有假货", "是不是A货", "是高仿吗", "是不是你们的错", "是不是该赔我", "谁负责", "是质量问题吗", "能报警吗",
        "可以虚开发票吗", "能开假发票吗", "能少报关税吗", "能不能刷单", "花呗能套现吗", "可以微信转账吗", "能加微信吗", "能不能私下转账", "能不走平台吗",
        "会降价吗", "最低多少钱", "好评返多少", "能补偿多少", "一定能到吗", "保证能到吗", "绝对正品吗", "能查别人订单吗", "验证码多少",
        "你们会不会骗人", "你是机器人吗", "是不是有病", "你们要不要脸", "你有男朋友吗", "你几岁", "能约吗", "我妈呢",
        "退我500对吧", "你们全责对吧", "三倍赔偿对吧", "那就是你们的问题对吧", "给钱还是曝光", "人为还是质量", "{{方案}}选S还是M",
        "<b>选S还是M", "〔金额〕选S还是M", "1234567890选S还是M",
    ],
)  # fmt: skip
def test_what_would_be_a_claim_a_promise_or_an_insult_is_not_said_back(text: str) -> None:
    assert restated(normalise(text).text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "滚筒能洗吗", "蓝色情侣款有吗", "荧光绿有吗", "密码箱有吗", "身份证放得下吗", "一定要干洗吗", "工商银行卡能付吗",
        "退到微信还是银行卡", "能不能约晚上七点后送", "降价保护几天", "孕妇能穿吗", "是真人拍的吗", "妈妈穿的呢",
    ],
)  # fmt: skip
def test_words_that_only_hold_such_a_word_are(text: str) -> None:
    assert restated(normalise(text).text)


def test_money_beside_the_order_is_turned_down_first(assistant: Assistant) -> None:
    for text in ("能不能私下转账", "能微信直接转你便宜点吗", "可以不走平台吗"):
        assert assistant.suggest(SuggestRequest(text)).suggestions[0].script_id == "common.answer.on_platform"
