"""What a customer who neither asks nor orders tells, and what is answered to it."""

from __future__ import annotations

import argparse

import pytest

from app.assist import Assistant, SuggestRequest
from app.commands.sources import open_source
from app.reply.remarks import remark
from app.types import Turn
from app.vocabulary import TURN_FACTS
from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("reply", "text", "does"),
    [
        ("您多高多重呢", "168", "报数"),
        ("平时穿什么码的裤子呢", "腰二尺六", "报数"),
        ("那选法兰绒", "165 125斤", "报数"),
        ("量小腿最粗处、膝下、脚踝", "41 37 24", "报数"),
        ("可以免费改短", "花朝节22号穿", "说日子"),
        ("最快十天", "国庆要穿的 今天12号", "说日子"),
        ("您在哪个城市", "长沙", "说地方"),
        ("发我看看", "[图片]", "发图"),
        ("点到货提醒就行", "点了", "办好了"),
        ("有香味是不能退的", "那我试之前先洗个澡😂", "玩笑"),
        ("这款偏修身", "肚子有点大", "说情况"),
        ("咖色更显肤色", "我皮肤黄", "说情况"),
        ("豆沙粉和黑的都有", "她不喜欢黑的 显病气", "有顾虑"),
        ("邮费6块", "发带才8块", "有顾虑"),
        ("黑白灰可以混", "5黑5灰", "给资料"),
        ("地址留一下", "滨江长河路351号", "给资料"),
        ("是主播阿May穿的还是小雨穿的呀", "短头发那个", "答了"),
        ("什么颜色的衬衫？行业呢", "白的 银行", "答了"),
        ("您量一下胸围腰围", "家里没软尺 明儿去裁缝铺量", "晚点给"),
        ("报手机尾号", "2265", "给资料"),
        ("您的预算是多少", "100以内", "答了"),
        ("等您", "来了[图片] 印胸前", "发图"),
        ("您会付吗", "我儿子说三下就好 弄好了", "办好了"),
        ("底下有漏沙孔", "机智", "应声"),
        ("有显瘦的", "这么神奇", "应声"),
    ],
)
def test_what_a_remark_does(reply: str, text: str, does: str) -> None:
    assert remark(text, reply) == does
    assert does in TURN_FACTS["刚才"]


def test_only_the_beginning_is_read() -> None:
    assert remark("嗯" * 200 + "我皮肤黄", "") == "应声"


def test_many_figures_are_no_body() -> None:
    assert remark("一尺" * 60, "您多高多重呢") == "答了"


@pytest.fixture(scope="module")
def assistant(_read_once: None) -> Assistant:
    """With the project's own content."""
    source = open_source(argparse.Namespace(content=ROOT, packs="common,apparel", data=None))
    return Assistant(source.content, source.engine(), source.number, source.content.packs)


@pytest.mark.parametrize(
    ("reply", "text", "script"),
    [
        ("您问好跟我说", "145", "common.answer.figures"),
        ("寄到哪里呢", "云南怒江", "common.answer.place"),
        ("这款有点长", "周六结婚要穿 拜托", "common.answer.by_day"),
        ("翻领V口", "我脖子短", "common.answer.case_"),
        ("裤长改短免费", "那就改短两公分", "common.answer.told_back"),
        ("米色有货", "那来一件米色的", "common.answer.order_it"),
        ("只剩两件", "好我马上拍", "common.answer.order_it"),
        ("可以的", "已付", "common.answer.bought"),
        ("好的，贺卡写什么字呢", "写 老婆大人辛苦了", "common.answer.told"),
        ("大衣99一件", "隔壁两件88折还送围巾", "common.answer.bargain"),
        ("可以的", "备注怎么写呢", "common.answer.how"),
        ("我问下主管，十分钟内回您", "嗯", "common.answer.owed"),
        ("一般都够", "补货能提前跟我说不", "common.answer.restated"),
        ("包装都好的", "别放价格单在里面啊", "common.answer.obliged"),
        ("M有一件", "那留一件藏青 我下班来拿", "common.answer.hold_one"),
        ("米色没货了", "要 帮我登记一下", "common.answer.remind"),
        ("点一下领券", "哦看到了 我跟老公商量一下", "common.answer.ponder"),
    ],
)
def test_the_first_script_answers_to_it(assistant: Assistant, reply: str, text: str, script: str) -> None:
    turns = [Turn("customer", "这件羽绒服165 118斤穿什么码"), Turn("agent", reply)]
    first = assistant.suggest(SuggestRequest(text), turns).suggestions[0]
    assert first.script_id.startswith(script)


def test_a_size_told_with_measures_is_not_the_one_recommended(assistant: Assistant) -> None:
    turns = [Turn("customer", "这件大衣有货吗"), Turn("agent", "有的，您穿多大")]
    first = assistant.suggest(SuggestRequest("38 有时候36也行"), turns).suggestions[0]
    assert first.missing == ("尺码",)
