"""What a first message tells besides its matter, and the conditions on the customer's own words."""

from __future__ import annotations

import pytest

from app.content.condition import parse_condition
from app.content.load import Loaded
from app.nlu.emotion import EmotionReader
from app.nlu.text import normalise
from app.reply.facts import fit
from app.reply.first_words import begins_with, first_move, has_come, temper
from app.reply.state import ConversationState, OpenTurn
from app.types import IntentMatch
from app.vocabulary import Stage
from tests.conftest import Client
from tests.test_first_script import first

KINDS = {
    "thanks_praise": "dialogue",
    "aftersales_form": "enquiry",
    "return_refund": "enquiry",
    "exchange": "enquiry",
}


def heard(text: str, *intents: str, emotion: int = 0) -> ConversationState:
    matches = tuple(IntentMatch(name, name, KINDS.get(name, "complaint"), "", 0.95, ()) for name in intents)
    return ConversationState(open=OpenTurn(texts=(text,), intents=matches, emotion=emotion), said=(text,))


@pytest.mark.parametrize(
    ("stage", "text", "intents", "does"),
    [
        ("answer", "裙子好看,腰身正好,没有什么色差", ("thanks_praise",), "夸奖"),
        ("answer", "谢谢你,很好看", ("thanks_praise",), ""),
        ("answer", "好看是好看,怎么洗?", ("thanks_praise",), ""),
        ("confirm", "起球太厉害,早扔了", ("pilling",), "扔掉了"),
        ("confirm", "吊牌扔了,衣服有个洞", ("damage",), ""),
        ("confirm", "快递往门口一扔就走,衣服脏了", ("stain_used",), ""),
        ("confirm", "起球,扔掉算了", ("pilling",), ""),
        ("confirm", "袖口开线,懒得退了", ("damage",), "不折腾"),
        ("confirm", "大了点,将就着穿", ("size_fit",), "不折腾"),
        ("confirm", "不退了,赔我五十", ("damage", "compensation"), ""),
        ("confirm", "少发一件,自认倒霉", ("missing_item",), ""),
        ("listen", "走了十二天才到", ("delivery_delay",), "来迟了"),
        ("confirm", "今天能发出吗,周五要穿", ("dispatch_delay",), ""),
        ("confirm", "颜色深一点点,能接受", ("color_difference",), "不计较"),
        ("confirm", "色差这么大,不能接受", ("color_difference",), ""),
        ("confirm", "加群领红包", (), "没听懂"),
        ("confirm", "拉链坏了", (), "说了毛病"),
        ("confirm", "送得慢,人也凶,差评", ("delivery_delay", "negative_review"), "来迟了"),
        ("confirm", "少一粒备用扣,不影响,就说一声", ("missing_item",), "不计较"),
        ("confirm", "都十二天了还没到", ("delivery_delay",), ""),
    ],
)
def test_what_first_words_tell(stage: Stage, text: str, intents: tuple[str, ...], does: str) -> None:
    assert first_move(heard(text, *intents), stage) == does


@pytest.mark.parametrize(
    ("text", "scope", "leads"),
    [
        ("码数偏小,掉色还厉害", ("size_fit", "fading"), "fading"),
        ("走得慢不说,颜色也发错了", ("delivery_delay", "wrong_item"), "wrong_item"),
        ("颜色发错,补的那件还没到", ("delivery_delay", "wrong_item"), "delivery_delay"),
        ("质量一般,赠品也没给", ("poor_quality", "promotion_unfulfilled"), "promotion_unfulfilled"),
        ("鞋大了,想换小一号", ("size_fit", "exchange"), "exchange"),
        ("点成换货了,想退退不了", ("return_refund", "aftersales_form"), "aftersales_form"),
        ("不是修身的,大了两圈", ("not_as_described", "size_fit"), "size_fit"),
        ("太薄,又和图不一样", ("fabric", "not_as_described"), "fabric"),
        ("没下水就缩水了？小得穿不进", ("size_fit", "shrinkage"), "size_fit"),
        ("能不能检查下再发,线头一堆", ("liability_dispute", "workmanship"), "workmanship"),
        ("你们说是人为,线头是我弄的？", ("liability_dispute", "workmanship"), "liability_dispute"),
    ],
)
def test_a_reply_begins_with_what_is_plain(text: str, scope: tuple[str, ...], leads: str) -> None:
    assert begins_with(heard(text, *scope), scope)[0] == leads


def test_what_is_late_may_have_come() -> None:
    assert has_come(heard("收到了,就是慢"))
    assert not has_come(heard("到现在没收到"))


def test_temper_has_a_name() -> None:
    assert [temper(heard("质量差", emotion=level)) for level in range(4)] == ["平静", "不满", "愤怒", "激烈"]


def test_conditions_on_the_words() -> None:
    said, unsaid = parse_condition("提到", "薄|透光"), parse_condition("没提到", "硬|弹")
    facts = {"提到": "料子太薄了", "没提到": "料子太薄了"}
    assert fit({"提到": said, "没提到": unsaid}, facts).held == 1
    assert fit({"提到": said}, {"提到": "料子发硬"}).contradicted
    assert fit({"没提到": unsaid}, {"没提到": "没有弹性"}).contradicted
    assert not fit({"没提到": unsaid}, {}).contradicted
    assert parse_condition("提到", ["薄", "透光"]) == said
    with pytest.raises(ValueError, match="词"):
        parse_condition("提到", " | ")


def test_no_emotion_word_is_an_everyday_letter(shipped: Loaded) -> None:
    emotion_reader = EmotionReader(shipped.content.emotions)
    for calm in ("面料透气,穿着帅气", "天气冷了想买件厚的", "你太客气了"):
        assert "strong" not in emotion_reader.words_in(normalise(calm).text)


@pytest.mark.parametrize(
    ("said", "script"),
    [
        ("布料发硬,磨得慌", "fabric.confirm.stiff"),
        ("布料太差了", "fabric.confirm.thin_or_stiff"),
        ("宝贝收到了，穿着正好，颜色也正", "thanks_praise.answer.praised"),
        ("质量一般吧", "poor_quality.listen.calm"),
        ("裤子起球，懒得退了", "common.confirm.no_bother"),
        ("退款退到哪里了", "refund_progress.confirm.where_to"),
        ("鞋子大了 想换小一码", "size_fit.confirm.one_size"),
        ("地址写错了，改成公司的", "order_change.confirm.address"),
        ("起红疹了，痒死", "allergy.confirm.stop_wearing"),
        ("商场专柜买的，这里管售后吗", "ask_policy.answer.bought_elsewhere"),
        ("五星好评截图了，返现呢", "promotion_unfulfilled.confirm.cashback_card"),
        ("裤子不合适，客服说好了给换，等了一周没动静", "promise_broken"),
    ],
)
def test_leads_a_first_answer(client: Client, said: str, script: str) -> None:
    assert first(client, said)[1].startswith(script)


@pytest.mark.parametrize(
    ("said", "stage"),
    [
        ("裤子收到了，和图片上一样，料子摸着也舒服，下次还来", "answer"),
        ("气死", "listen"),
        ("？", "answer"),
        ("那就好", "answer"),
        ("布料又薄又差，以后不会来了，失望", "confirm"),
        ("什么时候发货", "confirm"),
        ("亲 单号查不到啊", "confirm"),
    ],
)
def test_praise_anger_and_marks_alone_open_nothing(client: Client, said: str, stage: str) -> None:
    assert first(client, said)[0]["stage"]["id"] == stage


@pytest.mark.parametrize(
    ("said", "script"),
    [
        ("吊牌剪了还能退吗", "return_refund.confirm.tag_off"),
        ("洗过了还能退吗", "return_refund.confirm.washed"),
        ("穿过一次能退不", "return_refund.confirm.tried_on"),
        ("鞋盒扔了还可以退吗", "return_refund.confirm.no_packing"),
        ("人呢", "no_response."),
        ("专柜买的小了能在你们这换吗", "ask_policy.answer.bought_elsewhere"),
        ("拍错颜色了，能帮我改成黑色吗", "order_change."),
    ],
)
def test_a_plain_question_after_buying_gets_its_own_answer(client: Client, said: str, script: str) -> None:
    assert first(client, said)[1].startswith(script)


def test_no_child_is_presumed(client: Client) -> None:
    assert first(client, "穿了一天身上起红疹子")[1] != "allergy.confirm.child"
    assert first(client, "宝宝穿了一天身上起红疹子")[1] == "allergy.confirm.child"


def test_what_is_understood_is_never_left_without_words(client: Client) -> None:
    answer, _ = first(client, "裤子收到了，大小合适，就是有个线头，没事我自己剪了")
    assert answer["suggestions"]
