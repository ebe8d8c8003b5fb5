"""What agents' own words do."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.nlu.text import normalise
from app.reply.acts import answers_somehow, recognise
from app.vocabulary import ACTS, ASKABLE, REMEDIES


def names(text: str) -> set[str]:
    return {f"{act.name}({act.about})" if act.about else act.name for act in recognise(text)}


@pytest.mark.parametrize(
    ("text", "acts"),
    [
        ("麻烦您拍张照片给我看看", "asked(照片) asked(有凭证)"),
        ("发几张图过来，我核实下", "asked(照片)"),
        ("您是怎么洗的呢，水温多少", "asked(洗过)"),
        ("是机洗还是手洗", "asked(洗过)"),
        ("麻烦提供下订单号", "asked(订单号)"),
        ("您平时穿什么码", "asked(尺码)"),
        ("告诉我身高体重", "asked(身高) asked(体重)"),
        ("什么时候收到的呀", "asked(签收天数)"),
        ("收到几天了呢", "asked(签收天数)"),
        ("吊牌还在吗", "asked(吊牌在)"),
        ("您希望怎么处理", "asked(期望方案)"),
        ("您是想退还是换", "asked(期望方案)"),
        ("当时是谁答应您的", "asked(承诺内容)"),
        ("具体是哪里有问题呢", "asked(问题描述)"),
        ("缩了多少呢", "asked(问题描述)"),
        ("您现在身体怎么样，去医院了吗", "asked(身体状况)"),
        ("什么原因要退呢", "asked(原因)"),
        ("新衣服就这样，换谁都心疼", "empathised"),
        ("让您费心了", "empathised"),
        ("实在抱歉", "apologised empathised"),
        ("对不起，是我们发错了", "apologised"),
        ("我去查一下，稍等", "held"),
        ("我帮您看看", "held"),
        ("已反馈给仓库，今天18:00前给您答复", "held"),
        ("给您退货退款，运费我们出", "offered(退货退款) offered(退运费)"),
        ("这边给您换一件新的", "offered(换货)"),
        ("给您补发一件", "offered(补发)"),
        ("补偿您20元可以吗", "offered(部分退款)"),
        ("给您一张30元的优惠券", "offered(代金券)"),
        ("您寄回来我们给您免费维修", "offered(维修)"),
        ("给您补一颗扣子", "offered(补件)"),
        ("可以给您退40元差价", "offered(补差价)"),
        ("我请店长来跟您谈", "offered(升级主管)"),
        ("这个没办法给您退", "refused"),
        ("已经超过7天了，不支持退换", "refused"),
        ("您点申请售后，选择质量问题", "instructed"),
        ("请寄到以下地址", "instructed"),
        ("明天一定给您发出", "promised"),
        ("退款收到了吗", "checked_back"),
        ("换的那件合适吗，还满意吗", "checked_back"),
        ("祝您生活愉快", "closed"),
        ("改好啦亲", "promised"),
        ("腰带今天补给您哈", "offered(补件)"),
        ("有照骗吗发我", "asked(照片)"),
        ("按规定不退的亲", "refused"),
        ("我去调记录，明早给结果", "held"),
        ("今晚八点前给您准信", "held"),
        ("您要是等不了可以取消", "offered(取消)"),
    ],
)
def test_recognises(text: str, acts: str) -> None:
    assert set(acts.split()) <= names(text)


def test_recognises_what_agents_say_in_many_habits() -> None:
    missed: list[str] = []
    lines = (Path(__file__).parent / "golden" / "acts.txt").read_text(encoding="utf-8").splitlines()
    for line in lines:
        text, _, acts = line.partition(" | ")
        if acts and not set(acts.split()) <= names(normalise(text).text):
            missed.append(f"{line}: {' '.join(sorted(names(normalise(text).text)))}")
    assert not missed, "\n".join(missed)


@pytest.mark.parametrize(
    ("text", "absent"),
    [
        ("照片收到了，我看一下", "asked(照片)"),
        ("您希望退货还是换货", "offered(退货退款)"),
        ("没办法给您退货", "offered(退货退款)"),
        ("建议手洗，水温不要超过30度", "asked(洗过)"),
        ("让您费心了", "apologised"),
        ("方便看一下是哪里吗", "held"),
        ("您先穿几次看看", "asked(穿过)"),
        ("我联系网点核实一下", "offered(催物流)"),
        ("在的亲", "held"),
        ("审核好了页面就有地址", "asked(地址)"),
        ("有的亲，这款到3XL呢", "asked(问题描述)"),
    ],
)
def test_does_not_read_more_than_is_said(text: str, absent: str) -> None:
    assert absent not in names(text)


def test_each_act_once_and_in_order() -> None:
    acts = recognise("麻烦拍张照片。再拍张照片。我去问问，稍等。")
    assert [act.name for act in acts] == ["asked", "asked", "held"]


@given(st.text(alphabet="退换货给您亲，。？吗照片洗我们元20 〔〕的不能了", max_size=300))
def test_says_only_what_the_vocabulary_has(text: str) -> None:
    for act in recognise(text):
        assert act.name in ACTS
        assert act.name != "asked" or act.about in ASKABLE
        assert act.name != "offered" or act.about in REMEDIES


@pytest.mark.parametrize("part", ["给您", "什么时候", "退", "收到", "一", "，", "选择", "\ud800", "寄回"])
def test_long_repetition_comes_to_an_end(part: str) -> None:
    recognise(part * 4000)


@pytest.mark.parametrize(
    "text", ["给您寄一支专用胶您自己粘一下可以吗", "单号已经出来了", "您再提交一次我马上通过", "预计明天送到"]
)
def test_answers_in_words_of_its_own(text: str) -> None:
    assert answers_somehow(text)


@pytest.mark.parametrize(
    "text", ["在的亲", "理解您的心情", "照片发我看看", "退货是什么原因呢", "看到了，确实断了"]
)
def test_says_nothing_that_settles(text: str) -> None:
    assert not answers_somehow(text)
